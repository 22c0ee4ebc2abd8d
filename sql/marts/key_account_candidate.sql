/*
key_account_candidate
    Who should be a key account: every group that can be proposed, in order, with the reason.

grain  : one row per as_of_date and group that can be proposed and has a score
key    : as_of_date, group_id
inputs : marts.candidate_rank, marts.candidate_decision, marts.candidate_reason, marts.candidate_stability,
         marts.group_metric
params : $as_of_date
readers: published
rules  :
  group_id references core.account_group
  rank, score, band, decision, is_in_list, reason, reason_da not null
  rank, revenue_rank, rank_low, rank_high from 1
  score, revenue_share, cumulative_share, band_stability between 0 and 1
  band, revenue_band in top_5_pct, top_10_pct, near_miss, outside
  decision in keep, add, review, exit, none
  override in include, exclude
  tied_cnt from 0
  rank_low at most rank_high
columns:
  as_of_date        DATE           snapshot date
  group_id          VARCHAR        group
  group_name        VARCHAR        name at the date of the run
  rank              BIGINT         place by score, those that can be chosen first; ties by revenue of 12 months, then
                                   group id
  score             DOUBLE         0..1, weighted sum of the criteria
  revenue_rank      BIGINT         place by revenue of 12 months; null without revenue
  revenue_amt       DECIMAL(18,2)  revenue of the last 12 months, reporting currency; null where only deals without a
                                   known amount were won
  revenue_share     DOUBLE         share of all positive group revenue, 0..1; null without revenue
  cumulative_share  DOUBLE         share of revenue of this and all better ranked groups, 0..1
  band              VARCHAR        top_5_pct, top_10_pct, near_miss (to 15 %) or outside, by rank; the cap plays no part
  revenue_band      VARCHAR        the same by revenue rank
  tied_cnt          BIGINT         other groups with the same score and revenue; between them the id decides
  is_eligible       BOOLEAN        can be chosen: passes all gates, is not excluded, and not for an estimate alone
  override          VARCHAR        include or exclude, by a decision that holds; null otherwise
  is_in_list        BOOLEAN        the proposed list: included groups, then the first that can be chosen, together
                                   min(10 % of groups with revenue, cap)
  decision          VARCHAR        keep, review or exit for designated groups; add or none for the others; a designated
                                   group whose revenue is not fully known is never exit, unless it cannot be chosen
  is_key_account    BOOLEAN        on the designated list; null where nothing says who is
  rank_low          BIGINT         best plausible rank: the 2.5th percentile of the draws; null beyond twice the band
  rank_high         BIGINT         worst plausible rank: the 97.5th percentile
  band_stability    DOUBLE         share of draws in the same band, 0..1
  reason            VARCHAR        one sentence
  reason_da         VARCHAR        the same sentence in Danish
*/
select
    $as_of_date::date as as_of_date,
    ranked.group_id,
    metric.group_name,
    ranked.rank,
    ranked.score,
    ranked.revenue_rank,
    ranked.revenue_amt,
    ranked.revenue_share,
    ranked.cumulative_share,
    ranked.band,
    ranked.revenue_band,
    ranked.tied_cnt,
    ranked.is_eligible,
    ranked.override,
    ranked.is_in_list,
    decided.decision,
    ranked.is_key_account,
    stability.rank_low,
    stability.rank_high,
    stability.band_stability,
    reasoned.reason,
    reasoned.reason_da
from marts.candidate_rank as ranked
inner join marts.candidate_decision as decided
    on ranked.group_id = decided.group_id and decided.as_of_date = $as_of_date::date
inner join marts.candidate_reason as reasoned
    on ranked.group_id = reasoned.group_id and reasoned.as_of_date = $as_of_date::date
inner join marts.group_metric as metric
    on ranked.group_id = metric.group_id and metric.as_of_date = $as_of_date::date
left join marts.candidate_stability as stability
    on ranked.group_id = stability.group_id and stability.as_of_date = $as_of_date::date
where ranked.as_of_date = $as_of_date::date
