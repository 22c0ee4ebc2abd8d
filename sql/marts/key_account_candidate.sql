/*
key_account_candidate
    Who should be a key account: every group that can be proposed, in order, with the reason.

grain  : one row per as_of_date and group with revenue in 36 months, designated, or with enough potential
key    : as_of_date, group_id
inputs : marts.candidate_rank, marts.candidate_decision, core.account_group
params : $as_of_date
readers: published
rules  :
  group_id references core.account_group
  rank, score, band, decision, is_in_list, reason, reason_da not null
  rank, revenue_rank, rank_low, rank_high from 1
  score, revenue_share, cumulative_share, band_stability between 0 and 1
  band, revenue_band in top_5_pct, top_10_pct, near_miss, outside
  decision in keep, add, review, exit, none
  rank_low at most rank_high
columns:
  as_of_date        DATE           snapshot date
  group_id          VARCHAR        group
  group_name        VARCHAR        name at the date of the run
  rank              BIGINT         place by score; ties by revenue of 12 months, then group id
  score             DOUBLE         0..1, weighted sum of the criteria
  revenue_rank      BIGINT         place by revenue of 12 months; null without revenue
  revenue_amt       DECIMAL(18,2)  bookings of the last 12 months, reporting currency; null where only deals without a
                                   known amount were won
  revenue_share     DOUBLE         share of all positive group revenue, 0..1; null without revenue
  cumulative_share  DOUBLE         share of revenue of this and all better ranked groups, 0..1
  band              VARCHAR        top_5_pct, top_10_pct, near_miss (to 15 %) or outside, by rank; the cap plays no part
  revenue_band      VARCHAR        the same by revenue rank
  is_in_list        BOOLEAN        among the first min(10 % of groups with revenue, cap): the proposed list
  decision          VARCHAR        keep, review or exit for designated groups; add or none for the others; a designated
                                   group whose revenue is not fully known is never exit
  is_key_account    BOOLEAN        designated in the CRM; null where no field says so
  rank_low          BIGINT         best plausible rank; null until measured
  rank_high         BIGINT         worst plausible rank; null until measured
  band_stability    DOUBLE         share of draws in the same band, 0..1; null until measured
  reason            VARCHAR        one sentence
  reason_da         VARCHAR        the same sentence in Danish
*/
select
    $as_of_date::date as as_of_date,
    ranked.group_id,
    account_group.group_name,
    ranked.rank,
    ranked.score,
    ranked.revenue_rank,
    ranked.revenue_amt,
    ranked.revenue_share,
    ranked.cumulative_share,
    ranked.band,
    ranked.revenue_band,
    ranked.is_in_list,
    decided.decision,
    ranked.is_key_account,
    null::bigint as rank_low,
    null::bigint as rank_high,
    null::double as band_stability,
    decided.reason,
    decided.reason_da
from marts.candidate_rank as ranked
inner join marts.candidate_decision as decided
    on ranked.group_id = decided.group_id and decided.as_of_date = $as_of_date::date
inner join core.account_group as account_group on ranked.group_id = account_group.group_id
where ranked.as_of_date = $as_of_date::date
