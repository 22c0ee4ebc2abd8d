/*
key_account_candidate
    Who should be a key account: every group that can be proposed, in order, with the reason.

grain  : one row per as_of_date and group with revenue in 36 months, designated, or with enough potential
key    : as_of_date, group_id
inputs : marts.candidate_rank, core.account_group, core.organisation
params : $as_of_date
readers: published
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
*/
select
    $as_of_date::date as as_of_date,
    decided.group_id,
    account_group.group_name,
    decided.rank,
    decided.score,
    decided.revenue_rank,
    decided.revenue_amt,
    decided.revenue_share,
    decided.cumulative_share,
    decided.band,
    decided.revenue_band,
    decided.is_in_list,
    case
        when decided.is_key_account and decided.is_in_list then 'keep'
        when decided.is_key_account and (decided.band <> 'outside' or decided.unknown_won_cnt > 0) then 'review'
        when decided.is_key_account then 'exit'
        when decided.is_in_list then 'add'
        else 'none'
    end as decision,
    decided.is_key_account,
    null::bigint as rank_low,
    null::bigint as rank_high,
    null::double as band_stability,
    concat(
        case
            when decided.is_key_account and decided.is_in_list then 'Keep: '
            when decided.is_key_account and decided.band <> 'outside' then 'Review, just outside the list: '
            when decided.is_key_account and decided.unknown_won_cnt > 0 then 'Review, its revenue is not fully known: '
            when decided.is_key_account then 'Exit, far from the list: '
            when decided.is_in_list then 'Add: '
            when decided.band = 'outside' then 'Not proposed: '
            else 'Near miss: '
        end,
        format('rank {} of {} with score {:.2f}, ', decided.rank, count(*) over (), decided.score),
        case
            when decided.revenue_amt > 0
                then format(
                    '{:,.0f} {} in 12 months ({:.1f} % of revenue', decided.revenue_amt::double,
                    organisation.reporting_currency, 100 * decided.revenue_share
                )
                || coalesce(
                    format(', {:+.0f} % on the year before)', 100 * decided.revenue_growth),
                    ', nothing to compare with)'
                )
            when decided.revenue_amt is null then 'revenue not known'
            else 'no revenue in 12 months'
        end,
        case
            when decided.unknown_won_cnt > 0
                then format('; {} won deals have no known amount', decided.unknown_won_cnt)
            else ''
        end,
        case
            when decided.strongest_contribution > 0
                then format('; most of it from {} ({:.2f}).', decided.strongest, decided.strongest_contribution)
            else '.'
        end
    ) as reason
from marts.candidate_rank as decided
inner join core.account_group as account_group on decided.group_id = account_group.group_id
cross join core.organisation as organisation
where decided.as_of_date = $as_of_date::date
