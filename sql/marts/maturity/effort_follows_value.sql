/*
effort_follows_value
    Share of all meetings that each key account gets, and its share of all won revenue, both of twelve months.
    Numerator: completed meetings with it, over those with all customers; null where there are none. Denominator: its
    revenue over that of all customers, 0 where it has none; null where it is unknown, or nothing to compare with.
    Value: numerator over denominator; null where that is 0: such a customer counts in the sums, and is alone neither
    for nor against.

inputs : core.activity, marts.group_metric
params : $as_of_date
*/
with meeting as (

    select
        group_id,
        count(*) as meetings_cnt
    from core.activity
    where
        kind = 'meeting'
        and is_completed
        and group_id is not null
        and happened_on < $as_of_date::date
        and happened_on >= $as_of_date::date - interval 12 month
    group by group_id

),

total as (

    select
        (select sum(meetings_cnt) from meeting) as meetings_cnt,
        sum(revenue_amt) filter (where revenue_amt > 0) as revenue_amt
    from marts.group_metric
    where as_of_date = $as_of_date::date

),

part as (

    select
        metric.group_id,
        coalesce(meeting.meetings_cnt, 0) as meetings_cnt,
        case when metric.revenue_amt is not null then coalesce(meeting.meetings_cnt, 0) / total.meetings_cnt end
            as meeting_share,
        -- greatest would take an unknown revenue for 0
        case
            when total.meetings_cnt > 0 and metric.revenue_amt is not null
                then greatest(metric.revenue_amt, 0) / total.revenue_amt
        end as revenue_share
    from marts.group_metric as metric
    cross join total
    left join meeting on metric.group_id = meeting.group_id
    where metric.as_of_date = $as_of_date::date and metric.is_key_account

)

select
    group_id as observed_id,
    meeting_share::double as numerator,
    revenue_share::double as denominator,
    (meeting_share / nullif(revenue_share, 0))::double as value,
    case
        when revenue_share is null then 'Revenue or meetings are not known.'
        else
            format(
                '{:.1f} % of all meetings ({}), {:.1f} % of all revenue.',
                100 * meeting_share, meetings_cnt, 100 * revenue_share
            )
    end as detail,
    case
        when revenue_share is null then 'Omsætning eller møder er ikke kendt.'
        else
            replace(
                format(
                    '{:.1f} % af alle møder ({}), {:.1f} % af al omsætning',
                    100 * meeting_share, meetings_cnt, 100 * revenue_share
                ),
                '.', ','
            )
            || '.'
    end as detail_da
from part
