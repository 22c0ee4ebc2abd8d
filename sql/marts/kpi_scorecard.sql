/*
kpi_scorecard
    The headline KPIs of each group in focus side by side: of the last twelve months, or as of the date.

grain  : one row per as_of_date and group that is designated, proposed or near it
key    : as_of_date, group_id
inputs : marts.key_account_candidate, marts.kpi_group_target, marts.kpi_period, marts.kpi_snapshot
params : $as_of_date, $growing_from, $shrinking_from
readers: published
rules  :
  group_id references core.account_group
  decision in keep, add, review, exit, none
  change_class in new, growing, stable, shrinking, lapsed, none, unknown
  csat, win_rate_count, win_rate_low, win_rate_high between 0 and 1
  nps between -100 and 100
  responses_cnt, closed_cnt, sales_cycle_days, meetings_cnt, days_since_meeting, engaged_contacts_cnt from 0
  win_rate_low at most win_rate_high
  target_status in met, on_track, behind, no_target, unknown
  status in measured, insufficient_data
  status not null
columns:
  as_of_date            DATE           snapshot date
  group_id              VARCHAR        group
  group_name            VARCHAR        name at the date of the run
  is_key_account        BOOLEAN        on the designated list; null where nothing says who is
  decision              VARCHAR        keep, add, review, exit or none
  change_class          VARCHAR        new, growing, stable, shrinking, lapsed, none (no bookings in both years) or
                                       unknown
  bookings_amt          DECIMAL(18,2)  bookings of the last twelve months
  prior_bookings_amt    DECIMAL(18,2)  of the twelve months before; null where the history does not reach back
  growth_yoy            DOUBLE         the former over the latter, minus 1
  gross_margin_share    DOUBLE         revenue less costs over revenue
  profit_amt            DECIMAL(18,2)  revenue less costs
  nps                   DOUBLE         net promoter score, -100..100
  csat                  DOUBLE         share of satisfied contacts, 0..1
  responses_cnt         BIGINT         answers behind the two; null where no survey is delivered
  win_rate_count        DOUBLE         won over won and lost deals, 0..1
  win_rate_low          DOUBLE         lower end of its 95 % interval
  win_rate_high         DOUBLE         upper end
  closed_cnt            BIGINT         won and lost deals
  sales_cycle_days      DOUBLE         days from creation to close, in the middle of the closed deals
  avg_deal_amt          DECIMAL(18,2)  amount of the won deals, on average
  open_pipeline_amt     DECIMAL(18,2)  open deals
  meetings_cnt          BIGINT         meetings held
  days_since_meeting    BIGINT         days since the newest meeting
  engaged_contacts_cnt  BIGINT         contacts met or called within the contact window
  target_amt            DECIMAL(18,2)  target of the running fiscal year; null where there is none
  target_share          DOUBLE         bookings of the fiscal year so far over the target
  target_status         VARCHAR        met, on_track (at least the share of the year that has passed), behind,
                                       no_target, or unknown where bookings are not known
  status                VARCHAR        measured, or insufficient_data where the bookings themselves are not known
  not_measured          VARCHAR        the KPIs of this row that are not known, each with its status; null where all are
*/
with headline as (

    select
        entity_id as group_id,
        max(value) filter (where kpi = 'bookings_amt') as bookings_amt,
        max(denominator) filter (where kpi = 'growth_yoy') as prior_bookings_amt,
        max(value) filter (where kpi = 'growth_yoy') as growth_yoy,
        max(value) filter (where kpi = 'gross_margin_share') as gross_margin_share,
        max(value) filter (where kpi = 'profit_amt') as profit_amt,
        max(value) filter (where kpi = 'nps') as nps,
        max(value) filter (where kpi = 'csat') as csat,
        max(n) filter (where kpi = 'nps') as responses_cnt,
        max(value) filter (where kpi = 'win_rate_count') as win_rate_count,
        max(ci_low) filter (where kpi = 'win_rate_count') as win_rate_low,
        max(ci_high) filter (where kpi = 'win_rate_count') as win_rate_high,
        max(n) filter (where kpi = 'win_rate_count') as closed_cnt,
        max(value) filter (where kpi = 'sales_cycle_days') as sales_cycle_days,
        max(value) filter (where kpi = 'avg_deal_amt') as avg_deal_amt,
        max(value) filter (where kpi = 'open_pipeline_amt') as open_pipeline_amt,
        max(value) filter (where kpi = 'meetings_cnt') as meetings_cnt,
        max(value) filter (where kpi = 'days_since_meeting') as days_since_meeting,
        max(value) filter (where kpi = 'engaged_contacts_cnt') as engaged_contacts_cnt,
        string_agg(kpi || ': ' || status, '; ' order by kpi) filter (where status <> 'measured') as not_measured
    from marts.kpi_snapshot
    where
        as_of_date = $as_of_date::date
        and entity_type = 'group'
        and period_type in ('ttm', 'as_of')
        and kpi in (
            'bookings_amt', 'growth_yoy', 'gross_margin_share', 'profit_amt', 'nps', 'csat', 'win_rate_count',
            'sales_cycle_days', 'avg_deal_amt', 'open_pipeline_amt', 'meetings_cnt', 'days_since_meeting',
            'engaged_contacts_cnt'
        )
    group by entity_id

),

history as (

    select has_base
    from marts.kpi_period
    where as_of_date = $as_of_date::date and period_type = 'ttm'

)

select
    $as_of_date::date as as_of_date,
    candidate.group_id,
    candidate.group_name,
    candidate.is_key_account,
    candidate.decision,
    case
        when headline.bookings_amt is null or not history.has_base then 'unknown'
        when coalesce(headline.prior_bookings_amt, 0) <= 0 and headline.bookings_amt <= 0 then 'none'
        when coalesce(headline.prior_bookings_amt, 0) <= 0 then 'new'
        when headline.bookings_amt <= 0 then 'lapsed'
        when round(headline.growth_yoy, 12) >= $growing_from::double then 'growing'
        when round(headline.growth_yoy, 12) <= $shrinking_from::double then 'shrinking'
        else 'stable'
    end as change_class,
    headline.bookings_amt::decimal(18, 2) as bookings_amt,
    case when history.has_base then coalesce(headline.prior_bookings_amt, 0) end::decimal(18, 2) as prior_bookings_amt,
    headline.growth_yoy,
    headline.gross_margin_share,
    headline.profit_amt::decimal(18, 2) as profit_amt,
    headline.nps,
    headline.csat,
    headline.responses_cnt,
    headline.win_rate_count,
    headline.win_rate_low,
    headline.win_rate_high,
    headline.closed_cnt,
    headline.sales_cycle_days,
    headline.avg_deal_amt::decimal(18, 2) as avg_deal_amt,
    headline.open_pipeline_amt::decimal(18, 2) as open_pipeline_amt,
    headline.meetings_cnt::bigint as meetings_cnt,
    headline.days_since_meeting::bigint as days_since_meeting,
    headline.engaged_contacts_cnt::bigint as engaged_contacts_cnt,
    aim.target_amt,
    aim.target_share,
    case
        when aim.target_amt is null then 'no_target'
        when aim.bookings_amt is null then 'unknown'
        when aim.bookings_amt >= aim.target_amt then 'met'
        when aim.target_share >= aim.passed_share then 'on_track'
        else 'behind'
    end as target_status,
    case when headline.bookings_amt is null then 'insufficient_data' else 'measured' end as status,
    headline.not_measured
from headline
cross join history
inner join marts.key_account_candidate as candidate
    on candidate.as_of_date = $as_of_date::date and headline.group_id = candidate.group_id
left join marts.kpi_group_target as aim
    on aim.as_of_date = $as_of_date::date and headline.group_id = aim.group_id
