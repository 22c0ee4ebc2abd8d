/*
The KPI tables as one plain DuckDB script, written by hand: the second part of spine_script.sql, run before its `write`.

What belongs here: kpi_group_month, kpi_snapshot, kpi_scorecard, loss_reason and target of the demo company, from the
tables of spine_script.sql and the feeds, by the shortest way that is fast. What does not: what KPIs are called and
declared as. The demo company's calendar (fiscal year from January), scale (0 to 10) and limits are constants; that it
has deals and meetings in every period, and two years of them before the date, is taken for granted.
*/

-- phase: read feeds
create temp table satisfaction as
select root.group_id, contact_id, surveyed_on, score
from read_csv(
    '{feeds}/satisfaction.csv', header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    types = {'account_id': 'VARCHAR', 'surveyed_on': 'DATE', 'contact_id': 'VARCHAR', 'score': 'DOUBLE'}
) as feed
inner join root on feed.account_id = root.account_id
where coalesce(score between 0 and 10, true);

create temp table account_cost as
select
    root.account_id, root.group_id, month,
    case
        when currency.is_corporate then cost_amt::decimal(18, 2)
        else round(cost_amt / coalesce(rate.units, currency.units), 2)::decimal(18, 2)
    end as cost_amt
from read_csv(
    '{feeds}/costs.csv', header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    types = {'account_id': 'VARCHAR', 'month': 'DATE', 'cost_amt': 'DECIMAL(18,4)', 'currency_code': 'VARCHAR'}
) as feed
inner join root on feed.account_id = root.account_id
left join currency_type as currency on feed.currency_code = currency.currency_code
left join day_rate as rate on feed.currency_code = rate.currency_code and last_day(feed.month) = rate.day;

create temp table group_target as
select
    root.group_id, account_group.group_name, year as fiscal_year, make_date(year, 1, 1) as period_start,
    make_date(year + 1, 1, 1) as period_end,
    sum(case
        when currency.is_corporate then target_amt::decimal(18, 2)
        else round(target_amt / currency.units, 2)::decimal(18, 2)
    end)::decimal(18, 2) as target_amt
from read_csv(
    '{feeds}/targets.csv', header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    types = {'account_id': 'VARCHAR', 'year': 'INTEGER', 'target_amt': 'DECIMAL(18,4)', 'currency_code': 'VARCHAR'}
) as feed
inner join root on feed.account_id = root.account_id
inner join account_group on root.group_id = account_group.group_id
left join currency_type as currency on feed.currency_code = currency.currency_code
group by root.group_id, account_group.group_name, year;

-- phase: kpi facts
create temp table kpi_group_month as
with closed as (
    select
        group_id,
        date_trunc('month', closed_on)::date as month,
        sum(amount_amt) filter (where is_won) as bookings_amt,
        count_if(is_won) as won_cnt,
        count_if(is_won and amount_amt is null) as unknown_won_cnt,
        count_if(not is_won) as lost_cnt,
        sum(amount_amt) filter (where not is_won) as lost_amt,
        sum(amount_amt) filter (where is_won and amount_amt > 0) as won_value_amt,
        count_if(is_won and amount_amt > 0) as won_value_cnt,
        sum(amount_amt) filter (where not is_won and amount_amt > 0) as lost_value_amt,
        count_if(not is_won and amount_amt > 0) as lost_value_cnt,
        sum(closed_on - created_on) filter (where closed_on >= created_on) as cycle_days,
        count_if(closed_on >= created_on) as cycle_cnt
    from deal
    where
        is_closed and closed_on < getvariable('as_of_date')
        and closed_on >= date_trunc('month', getvariable('as_of_date') - interval 1 day) - interval 47 month
    group by all
),
created as (
    select group_id, date_trunc('month', created_on)::date as month, count(*) as created_cnt
    from deal
    where
        created_on < getvariable('as_of_date')
        and created_on >= date_trunc('month', getvariable('as_of_date') - interval 1 day) - interval 47 month
    group by all
),
touched as (
    select
        group_id,
        date_trunc('month', happened_on)::date as month,
        count_if(kind = 'meeting') as meetings_cnt,
        count_if(kind = 'call') as calls_cnt,
        count_if(kind = 'email') as emails_cnt
    from activity
    where
        is_completed and kind <> 'task' and happened_on < getvariable('as_of_date')
        and happened_on >= date_trunc('month', getvariable('as_of_date') - interval 1 day) - interval 47 month
    group by all
),
booked as (
    select account_id, date_trunc('month', closed_on)::date as month, sum(amount_amt) as bookings_amt
    from deal
    where is_won
    group by all
),
costed as (
    select
        group_id, month, sum(cost.cost_amt) as cost_amt, sum(booked.bookings_amt) as costed_bookings_amt
    from (select account_id, group_id, month, sum(cost_amt) as cost_amt from account_cost group by all) as cost
    left join booked using (account_id, month)
    where
        month < getvariable('as_of_date')
        and month >= date_trunc('month', getvariable('as_of_date') - interval 1 day) - interval 47 month
    group by all
),
asked as (
    select
        group_id, date_trunc('month', surveyed_on)::date as month, count(*) as asked_cnt, count(score) as answers_cnt,
        sum(score) as score_sum, count_if(score >= 9) as promoters_cnt, count_if(score <= 6) as detractors_cnt
    from satisfaction
    where
        surveyed_on < getvariable('as_of_date')
        and surveyed_on >= date_trunc('month', getvariable('as_of_date') - interval 1 day) - interval 47 month
    group by all
)
select
    group_id,
    month,
    bookings_amt::decimal(18, 2) as bookings_amt,
    coalesce(won_cnt, 0)::bigint as won_cnt,
    coalesce(unknown_won_cnt, 0)::bigint as unknown_won_cnt,
    coalesce(lost_cnt, 0)::bigint as lost_cnt,
    lost_amt::decimal(18, 2) as lost_amt,
    won_value_amt::decimal(18, 2) as won_value_amt,
    coalesce(won_value_cnt, 0)::bigint as won_value_cnt,
    lost_value_amt::decimal(18, 2) as lost_value_amt,
    coalesce(lost_value_cnt, 0)::bigint as lost_value_cnt,
    coalesce(cycle_days, 0)::bigint as cycle_days,
    coalesce(cycle_cnt, 0)::bigint as cycle_cnt,
    coalesce(created_cnt, 0) as created_cnt,
    coalesce(meetings_cnt, 0)::bigint as meetings_cnt,
    coalesce(calls_cnt, 0)::bigint as calls_cnt,
    coalesce(emails_cnt, 0)::bigint as emails_cnt,
    null::decimal(18, 2) as invoiced_amt,
    cost_amt::decimal(18, 2) as cost_amt,
    costed_bookings_amt::decimal(18, 2) as costed_bookings_amt,
    null::decimal(18, 2) as costed_invoiced_amt,
    coalesce(asked_cnt, 0) as asked_cnt,
    coalesce(answers_cnt, 0) as answers_cnt,
    score_sum,
    coalesce(promoters_cnt, 0)::bigint as promoters_cnt,
    coalesce(detractors_cnt, 0)::bigint as detractors_cnt
from closed
full join created using (group_id, month)
full join touched using (group_id, month)
full join costed using (group_id, month)
full join asked using (group_id, month);

create temp table entity_member as
select 'group' as entity_type, group_id as entity_id, group_id from focus
union all
select 'portfolio', unnest(['all', case when is_key_account then 'key' else 'other' end]), group_id from account_group
union all
select 'segment', 'industry:' || coalesce(nullif(trim(industry), ''), '(unknown)'), group_id from account_group;

create temp table period as
with running (period_type, period_start, length) as (
    select
        unnest(['month', 'quarter', 'fiscal_year']),
        unnest([date_trunc('month', day), date_trunc('quarter', day), date_trunc('year', day)]),
        unnest([interval 1 month, interval 3 month, interval 12 month])
    from (select getvariable('as_of_date') - interval 1 day as day)
),
shown as (
    select period_type, period_start::date as period_start, (period_start + length)::date as period_end from running
    union all
    select period_type, (period_start - length)::date, period_start::date
    from running
    where period_start + length > getvariable('as_of_date')
    union all
    select 'ttm', (getvariable('as_of_date') - interval 12 month)::date, getvariable('as_of_date')
)
select
    *,
    period_end <= getvariable('as_of_date') as is_complete,
    least(period_end, getvariable('as_of_date')) as until_on,
    case when period_type = 'ttm' then date_trunc('month', until_on) - interval 12 month else period_start end
        as months_start,
    date_trunc('month', until_on)::date as months_until,
    first_on - (period_start - interval 12 month)::date <= 0.1 * (until_on - period_start) as has_base,
    first_on - (period_start - interval 36 month)::date <= 0.1 * (until_on - period_start) as has_base_3y
from shown
cross join (
    -- history begins after the last gap of more than three years
    select max(closed_on) as first_on
    from (
        select closed_on, lag(closed_on) over (order by closed_on) as closed_before
        from (select distinct closed_on from deal where is_won and closed_on < getvariable('as_of_date'))
    )
    where closed_before is null or closed_before < closed_on - interval 36 month
) as history;

-- every day with the periods that it counts for: a plain equality join for the facts
create temp table period_day as
select unnest(range(period_start, until_on, interval 1 day))::date as day, period_type, period_start, 'period' as part
from period
union all
select unnest(range(period_start - interval 12 month, until_on - interval 12 month, interval 1 day))::date,
    period_type, period_start, 'base'
from period
union all
select unnest(range(period_start - interval 36 month, until_on - interval 36 month, interval 1 day))::date,
    period_type, period_start, 'start'
from period
where period_type = 'ttm';

create temp table group_period as
with deals as (
    select
        group_id, period_type, period_start,
        sum(amount_amt) filter (where part = 'period' and is_won) as bookings_amt,
        count_if(part = 'period' and is_won) as won_cnt,
        count_if(part = 'period' and is_won and amount_amt is null) as unknown_won_cnt,
        count_if(part = 'period' and not is_won) as lost_cnt,
        sum(amount_amt) filter (where part = 'period' and is_won and amount_amt > 0) as won_value_amt,
        count_if(part = 'period' and is_won and amount_amt > 0) as won_value_cnt,
        sum(amount_amt) filter (where part = 'period' and not is_won and amount_amt > 0) as lost_value_amt,
        count_if(part = 'period' and not is_won and amount_amt > 0) as lost_value_cnt,
        sum(amount_amt) filter (where part = 'base' and is_won) as base_amt,
        count_if(part = 'base' and is_won and amount_amt is null) as base_unknown_cnt,
        sum(amount_amt) filter (where part = 'start' and is_won) as start_3y_amt,
        base_amt > 0 and (won_cnt = 0 or bookings_amt is not null) as is_cohort
    from deal
    inner join period_day on closed_on = day
    where is_closed
    group by group_id, period_type, period_start
),
meetings as (
    select group_id, period_type, period_start, count(*) as meetings_cnt
    from activity
    inner join period_day on happened_on = day
    where kind = 'meeting' and is_completed and part = 'period'
    group by group_id, period_type, period_start
)
select
    *,
    coalesce(won_value_amt, 0) + coalesce(lost_value_amt, 0) as closed_value_amt,
    case when is_cohort then base_amt end as cohort_base_amt,
    case when is_cohort then coalesce(bookings_amt, 0) end as cohort_amt,
    case when is_cohort then least(greatest(coalesce(bookings_amt, 0), 0), base_amt) end as cohort_kept_amt
from deals
full join meetings using (group_id, period_type, period_start);

create temp table group_feed as
with account_month as (
    select
        account_id, any_value(group_id) as group_id, month, sum(amount_amt) as bookings_amt, sum(cost_amt) as cost_amt
    from (
        select account_id, group_id, date_trunc('month', closed_on)::date as month, amount_amt, null as cost_amt
        from deal
        where is_won and amount_amt is not null
        union all
        select account_id, group_id, month, null, cost_amt from account_cost
    )
    group by account_id, month
),
money as (
    select
        group_id, period_type, period_start, sum(bookings_amt) as revenue_amt,
        sum(coalesce(bookings_amt, 0)) filter (where cost_amt is not null) as costed_revenue_amt,
        sum(cost_amt) as cost_amt
    from account_month
    inner join (
        select unnest(range(months_start, months_until, interval 1 month))::date as month, period_type, period_start
        from period
    ) using (month)
    group by all
),
answers as (
    select
        group_id, period_type, period_start, score, score is not null and row_number() over (
            partition by group_id, period_type, period_start, contact_id, score is not null order by surveyed_on desc
        ) = 1 as is_newest
    from satisfaction
    inner join period
        on surveyed_on >= period_start and surveyed_on < until_on and period_type in ('fiscal_year', 'ttm')
),
survey as (
    select
        group_id, period_type, period_start, count(*) as asked_cnt, count(score) as answers_cnt,
        max(is_newest::integer) as answering_cnt,
        100.0 * (count_if(is_newest and score >= 9) - count_if(is_newest and score <= 6))
        / nullif(count_if(is_newest), 0) as nps,
        count_if(is_newest and score >= 8) / nullif(count_if(is_newest), 0) as satisfied_share
    from answers
    group by all
)
select *, costed_revenue_amt - cost_amt as margin_amt
from money
full join survey using (group_id, period_type, period_start);

-- phase: kpi intervals
-- made in Python: the table kpi_interval (kpi, entity_type, entity_id, period_type, period_start, ci_low, ci_high)

-- phase: kpi tables
create temp table kpi_entity as
select entity_type, entity_id, count(*) as groups_cnt from entity_member group by all;

-- what periods are made from, added up over the groups of each entity
create temp table flow as
with added as (
    select
        entity_type, entity_id, period_type, period_start,
        sum(bookings_amt) as bookings_amt, sum(won_cnt) as won_cnt, sum(unknown_won_cnt) as unknown_won_cnt,
        sum(lost_cnt) as lost_cnt, sum(won_value_amt) as won_value_amt, sum(won_value_cnt) as won_value_cnt,
        sum(lost_value_amt) as lost_value_amt, sum(lost_value_cnt) as lost_value_cnt, sum(base_amt) as base_amt,
        sum(base_unknown_cnt) as base_unknown_cnt, sum(start_3y_amt) as start_3y_amt,
        count(cohort_base_amt) as cohort_cnt, sum(cohort_base_amt) as cohort_base_amt, sum(cohort_amt) as cohort_amt,
        sum(cohort_kept_amt) as cohort_kept_amt, sum(meetings_cnt) as meetings_cnt
    from group_period
    inner join entity_member using (group_id)
    group by all
),
cycle as (
    select
        entity_type, entity_id, period_type, period_start,
        sum(cycle_days) as cycle_days, count(cycle_days) as cycle_cnt,
        median(cycle_days) as cycle_median, count(won_cycle_days) as won_cycle_cnt,
        median(won_cycle_days) as won_cycle_median, round(median(won_amt), 2) as won_median_amt
    from (
        select
            group_id, period_type, period_start,
            case when closed_on >= created_on then closed_on - created_on end as cycle_days,
            case when is_won and closed_on >= created_on then closed_on - created_on end as won_cycle_days,
            case when is_won and amount_amt > 0 then amount_amt end as won_amt
        from deal
        inner join period_day on closed_on = day and part = 'period'
        where is_closed
    )
    inner join entity_member using (group_id)
    group by all
),
fed as (
    select
        entity_type, entity_id, period_type, period_start,
        sum(revenue_amt) as revenue_amt, sum(costed_revenue_amt) as costed_revenue_amt, sum(cost_amt) as cost_amt,
        sum(asked_cnt) as asked_cnt, sum(answers_cnt) as answers_cnt, sum(answering_cnt) as answering_cnt,
        sum(nps) as nps, sum(satisfied_share) as satisfied_share
    from group_feed
    inner join entity_member using (group_id)
    group by all
)
select
    entity_type, entity_id, period_type, period_start, period_end, is_complete, has_base, has_base_3y,
    months_until > months_start as has_month,
    case when coalesce(won_cnt, 0) = 0 then 0 else bookings_amt end as bookings_amt,
    coalesce(won_cnt, 0) as won_cnt, coalesce(unknown_won_cnt, 0) as unknown_won_cnt,
    coalesce(lost_cnt, 0) as lost_cnt, coalesce(won_cnt, 0) + coalesce(lost_cnt, 0) as closed_cnt,
    won_value_amt, coalesce(won_value_cnt, 0) as won_value_cnt, coalesce(lost_value_cnt, 0) as lost_value_cnt,
    coalesce(won_value_amt, 0) + coalesce(lost_value_amt, 0) as closed_value_amt,
    case when has_base then base_amt end as base_amt,
    coalesce(unknown_won_cnt, 0) + coalesce(base_unknown_cnt, 0) as growth_unknown_cnt,
    case when has_base_3y and period_type = 'ttm' then start_3y_amt end as start_3y_amt,
    coalesce(cohort_cnt, 0) as cohort_cnt, case when has_base then cohort_base_amt end as cohort_base_amt,
    case when has_base then cohort_amt end as cohort_amt,
    case when has_base then cohort_kept_amt end as cohort_kept_amt,
    coalesce(meetings_cnt, 0) as meetings_cnt, cycle_days, coalesce(cycle_cnt, 0) as cycle_cnt,
    cycle_median, coalesce(won_cycle_cnt, 0) as won_cycle_cnt,
    won_cycle_median, won_median_amt,
    coalesce(costed_revenue_amt, 0) as costed_revenue_amt, cost_amt,
    case
        when cost_amt is null then 0
        when revenue_amt = costed_revenue_amt then 1
        when revenue_amt > 0 then least(greatest(costed_revenue_amt / revenue_amt, 0), 1)
        else 0
    end::double as coverage,
    coalesce(asked_cnt, 0) as asked_cnt, coalesce(answers_cnt, 0) as answers_cnt,
    nullif(answering_cnt, 0) as answering_cnt, nps, satisfied_share
from kpi_entity
cross join period
left join added using (entity_type, entity_id, period_type, period_start)
left join cycle using (entity_type, entity_id, period_type, period_start)
left join fed using (entity_type, entity_id, period_type, period_start);

-- how things stand on the date
create temp table standing as
with open_deal as (
    select
        group_id, amount_amt, closed_on,
        case when not is_closed and probability_pct between 0 and 100 then probability_pct end as probability_pct
    from deal
    where
        coalesce(created_on < getvariable('as_of_date'), true)
        and (not is_closed or closed_on >= getvariable('as_of_date'))
),
open_group as (
    select
        group_id, count(*) as open_cnt, count(amount_amt) as open_known_cnt, sum(amount_amt) as open_amt,
        count_if(amount_amt is not null and probability_pct is not null) as likely_cnt,
        sum(round(amount_amt::double * probability_pct / 100, 2)::decimal(18, 2)) as weighted_amt
    from open_deal
    group by group_id
),
family as (
    select
        deal.group_id, count(distinct product.Family) as families_cnt,
        count(distinct deal.opportunity_id) as family_deals_cnt
    from deal
    inner join raw_line_item as item on deal.opportunity_id = item.OpportunityId and not item.IsDeleted
    inner join raw_product as product on item.Product2Id = product.Id and not product.IsDeleted
    where
        deal.is_won and trim(product.Family) <> '' and deal.closed_on < getvariable('as_of_date')
        and deal.closed_on >= getvariable('as_of_date') - interval 24 month
    group by deal.group_id
),
year as (
    select period_start, period_end
    from period
    where period_type = 'fiscal_year' and period_end >= getvariable('as_of_date')
    order by period_start desc
    limit 1
),
aim as (
    select
        target.group_id, target.period_start, target.period_end, coalesce(unknown_won_cnt, 0) as aim_unknown_cnt,
        target_amt - case when coalesce(won_cnt, 0) = 0 then 0 else bookings_amt end as missing_amt
    from group_target as target
    inner join year using (period_start)
    left join group_period
        on target.group_id = group_period.group_id and period_type = 'fiscal_year'
        and group_period.period_start = target.period_start
    where target_amt > 0
),
aim_pipeline as (
    select group_id, sum(amount_amt) as aim_open_amt, count(amount_amt) as aim_open_cnt
    from open_deal
    inner join aim using (group_id)
    where closed_on >= period_start and closed_on < period_end
    group by group_id
),
met as (
    select group_id, getvariable('as_of_date') - max(happened_on) as meeting_days
    from activity
    where kind = 'meeting' and is_completed and happened_on < getvariable('as_of_date')
    group by group_id
),
touch as (
    select group_id, contact_id, count(*) as touches_cnt
    from activity
    where
        kind in ('meeting', 'call') and is_completed and happened_on < getvariable('as_of_date')
        and happened_on >= getvariable('as_of_date') - interval 180 day
    group by group_id, contact_id
),
touched as (
    select
        entity_type, entity_id, count(distinct contact_id) as engaged_contacts_cnt, sum(touches_cnt) as touches_cnt,
        coalesce(sum(touches_cnt) filter (where contact_id is null), 0) as unnamed_cnt
    from touch
    inner join entity_member using (group_id)
    group by all
)
select
    entity_type, entity_id, any_value(groups_cnt) as groups_cnt,
    coalesce(sum(open_cnt), 0) as open_cnt, coalesce(sum(open_known_cnt), 0) as open_known_cnt,
    case when count(open_cnt) = 0 then 0 else sum(open_amt) end as open_amt,
    coalesce(sum(likely_cnt), 0) as likely_cnt,
    case when count(open_cnt) = 0 then 0 else sum(weighted_amt) end as weighted_amt,
    sum(families_cnt) as families_cnt, count(families_cnt) as buying_cnt,
    coalesce(sum(family_deals_cnt), 0) as family_deals_cnt, count(aim_unknown_cnt) as aims_cnt,
    case when count(missing_amt) = count(aim_unknown_cnt) then sum(missing_amt) end as missing_amt,
    coalesce(sum(aim_unknown_cnt), 0) as aim_unknown_cnt, coalesce(sum(aim_open_amt), 0) as aim_open_amt,
    coalesce(sum(aim_open_cnt), 0) as aim_open_cnt, count(meeting_days) as met_cnt,
    median(meeting_days) as meeting_days, coalesce(any_value(engaged_contacts_cnt), 0) as engaged_contacts_cnt,
    coalesce(any_value(touches_cnt), 0) as touches_cnt, coalesce(any_value(unnamed_cnt), 0) as unnamed_cnt
from entity_member
inner join kpi_entity using (entity_type, entity_id)
left join touched using (entity_type, entity_id)
left join open_group using (group_id)
left join family using (group_id)
left join aim using (group_id)
left join aim_pipeline using (group_id)
left join met using (group_id)
group by entity_type, entity_id;

create temp macro figure(kpi, unit, basis, value, numerator, denominator, n, reason, reason_cnt) as {
    'kpi': kpi, 'unit': unit, 'basis': basis, 'value': value::double, 'numerator': numerator::double,
    'denominator': denominator::double, 'n': n::bigint, 'reason': reason::varchar, 'reason_cnt': reason_cnt::bigint
};

create temp table kpi_value as
with overall as (
    select period_type, period_start, 10 * won_cnt / closed_cnt as extra_won from flow where entity_id = 'all'
),
nothing as (
    select
        *,
        case when closed_cnt = 0 then 'nothing_closed' end as no_close,
        case
            when won_cnt = 0 then 'nothing_won'
            when won_value_cnt = 0 then 'won_without_amount'
            when won_value_cnt < won_cnt then 'some_without_amount'
        end as no_won,
        case
            when closed_cnt = 0 then 'nothing_closed' when cycle_cnt = 0 then 'no_cycle'
            when cycle_cnt < closed_cnt then 'some_without_cycle'
        end as no_cycle,
        case
            when won_cnt = 0 then 'nothing_won' when won_cycle_cnt = 0 then 'no_cycle'
            when won_cycle_cnt < won_cnt then 'some_without_cycle'
        end as no_won_cycle,
        case when asked_cnt = 0 then 'nobody_asked' when answers_cnt = 0 then 'no_answer' end as no_answer,
        case
            when not has_base then 'short_history' when cohort_cnt = 0 and base_amt > 0 then 'no_known_amount'
            when cohort_cnt = 0 then 'no_base' when growth_unknown_cnt > 0 then 'unknown_won_amounts'
        end as no_cohort,
        won_value_cnt >= 0.8::double * won_cnt and lost_value_cnt >= 0.8::double * lost_cnt as is_valued,
        case when has_month and coverage >= 0.8 then costed_revenue_amt - cost_amt end as profit_amt,
        case
            when not has_month then 'no_month' when cost_amt is null then 'no_costs'
            when coverage < 0.8 then 'few_costs' when coverage < 1 then 'some_costs'
        end as no_costs
    from flow
    inner join overall using (period_type, period_start)
    cross join (
        select count(*) > count(score) as has_unanswered
        from satisfaction
        where surveyed_on < getvariable('as_of_date')
    )
),
flows as (
    select
        entity_type, entity_id, period_type, period_start, period_end, is_complete,
        unnest([
            figure('bookings_amt', 'money', 'bookings', bookings_amt, null, null, won_cnt - unknown_won_cnt,
                case
                    when unknown_won_cnt > 0 and unknown_won_cnt = won_cnt then 'no_known_amount'
                    when unknown_won_cnt > 0 then 'unknown_won_amounts'
                end, unknown_won_cnt),
            figure('revenue_amt', 'money', 'invoiced', null, null, null, null, 'no_actuals', null),
            figure('growth_yoy', 'ratio', 'bookings', case when base_amt > 0 then bookings_amt / base_amt - 1 end,
                bookings_amt, base_amt, cohort_cnt,
                case
                    when not has_base then 'short_history'
                    when base_amt is null or base_amt <= 0 then 'no_base'
                    when bookings_amt is null then 'no_known_amount'
                    when growth_unknown_cnt > 0 then 'unknown_won_amounts'
                end, growth_unknown_cnt),
            figure('gross_margin_share', 'ratio', 'bookings',
                case when costed_revenue_amt > 0 then profit_amt / costed_revenue_amt end,
                costed_revenue_amt - cost_amt, case when cost_amt is not null then costed_revenue_amt end, null,
                case
                    when coalesce(no_costs, 'some_costs') = 'some_costs' and costed_revenue_amt <= 0 then 'no_revenue'
                    else no_costs
                end, floor(100 * coverage)),
            figure('profit_amt', 'money', 'bookings', profit_amt, null, null, null, no_costs, floor(100 * coverage)),
            figure('win_rate_count', 'share', 'deals', won_cnt / nullif(closed_cnt, 0), won_cnt, closed_cnt, closed_cnt,
                no_close, null),
            figure('win_rate_value', 'share', 'deals',
                case when is_valued then coalesce(won_value_amt, 0) / nullif(closed_value_amt, 0) end,
                coalesce(won_value_amt, 0), closed_value_amt, won_value_cnt + lost_value_cnt,
                coalesce(no_close, case
                    when not is_valued then 'closed_without_amount'
                    when won_value_cnt + lost_value_cnt < closed_cnt then 'some_without_amount'
                end), closed_cnt - won_value_cnt - lost_value_cnt),
            figure('win_rate_shrunk', 'share', 'deals',
                case when closed_cnt > 0 then (won_cnt + extra_won) / (closed_cnt + 10) end,
                case when closed_cnt > 0 then won_cnt + extra_won end,
                case when closed_cnt > 0 then closed_cnt + 10 end, closed_cnt, no_close, null),
            figure('sales_cycle_days', 'days', 'deals', cycle_median, null, null, cycle_cnt, no_cycle,
                closed_cnt - cycle_cnt),
            figure('sales_cycle_mean_days', 'days', 'deals', cycle_days / nullif(cycle_cnt, 0), cycle_days, cycle_cnt,
                cycle_cnt, no_cycle, closed_cnt - cycle_cnt),
            figure('won_cycle_days', 'days', 'deals', won_cycle_median, null, null, won_cycle_cnt, no_won_cycle,
                won_cnt - won_cycle_cnt),
            figure('avg_deal_amt', 'money', 'deals', won_value_amt / nullif(won_value_cnt, 0), won_value_amt,
                won_value_cnt, won_value_cnt, no_won, won_cnt - won_value_cnt),
            figure('median_deal_amt', 'money', 'deals', won_median_amt, null, null, won_value_cnt, no_won,
                won_cnt - won_value_cnt),
            figure('meetings_cnt', 'count', 'activities', meetings_cnt, null, null, meetings_cnt, null, null)
        ] || case when period_type in ('fiscal_year', 'ttm') then [
            figure('nrr', 'ratio', 'bookings', cohort_amt / cohort_base_amt, cohort_amt, cohort_base_amt, cohort_cnt,
                no_cohort, growth_unknown_cnt),
            figure('grr', 'share', 'bookings', cohort_kept_amt / cohort_base_amt, cohort_kept_amt, cohort_base_amt,
                cohort_cnt, no_cohort, growth_unknown_cnt),
            figure('nps', 'score', 'survey', nps / answering_cnt, nps, answering_cnt, answers_cnt, no_answer,
                asked_cnt),
            figure('csat', 'share', 'survey', satisfied_share / answering_cnt, satisfied_share, answering_cnt,
                answers_cnt, no_answer, asked_cnt),
            figure('satisfaction_response_share', 'share', 'survey',
                case when has_unanswered then answers_cnt / nullif(asked_cnt, 0) end, answers_cnt,
                case when has_unanswered then asked_cnt end, asked_cnt,
                case when not has_unanswered then 'only_answers' when asked_cnt = 0 then 'nobody_asked' end, null)
        ] else [] end || case when period_type = 'ttm' then [
            figure('cagr_3y', 'ratio', 'bookings',
                case
                    when start_3y_amt > 0 and bookings_amt >= 0 then power(bookings_amt / start_3y_amt, 1 / 3.0) - 1
                end, bookings_amt, start_3y_amt, won_cnt,
                case
                    when not has_base_3y then 'short_history_3y'
                    when start_3y_amt is null or start_3y_amt <= 0 then 'no_base'
                    when bookings_amt is null then 'no_known_amount'
                    when bookings_amt < 0 then 'negative_bookings'
                    when unknown_won_cnt > 0 then 'unknown_won_amounts'
                end, unknown_won_cnt)
        ] else [] end) as kpi
    from nothing
),
stands as (
    select
        entity_type, entity_id, 'as_of' as period_type, getvariable('as_of_date') as period_start,
        getvariable('as_of_date') as period_end, true as is_complete,
        unnest([
            figure('open_pipeline_amt', 'money', 'pipeline', open_amt, null, null, open_known_cnt,
                case when open_known_cnt < open_cnt then 'open_without_amount' end, open_cnt - open_known_cnt),
            figure('weighted_pipeline_amt', 'money', 'pipeline',
                case when likely_cnt >= 0.8 * open_cnt then weighted_amt end, null, null, likely_cnt,
                case
                    when likely_cnt < 0.8 * open_cnt then 'no_probability'
                    when likely_cnt < open_cnt then 'some_without_probability'
                end, open_cnt - likely_cnt),
            figure('pipeline_coverage', 'ratio', 'pipeline',
                case when missing_amt > 0 then aim_open_amt / missing_amt end, aim_open_amt, missing_amt, aim_open_cnt,
                case
                    when aims_cnt = 0 then 'no_target' when missing_amt is null then 'no_known_amount'
                    when missing_amt <= 0 then 'target_met' when aim_unknown_cnt > 0 then 'unknown_won_amounts'
                end, aim_unknown_cnt),
            figure('cross_sell_cnt', 'count', 'products', families_cnt / nullif(buying_cnt, 0), families_cnt,
                buying_cnt, family_deals_cnt, case when buying_cnt = 0 then 'no_product_family' end, null),
            figure('engaged_contacts_cnt', 'count', 'activities',
                case when touches_cnt = 0 or touches_cnt > unnamed_cnt then engaged_contacts_cnt end, null, null,
                touches_cnt,
                case
                    when touches_cnt > 0 and touches_cnt = unnamed_cnt then 'touches_without_contact'
                    when unnamed_cnt > 0 then 'some_touches_without_contact'
                end, unnamed_cnt),
            figure('days_since_meeting', 'days', 'activities', meeting_days, null, null, met_cnt,
                case when met_cnt = 0 then 'no_meeting' when met_cnt < groups_cnt then 'groups_without_meeting' end,
                groups_cnt - met_cnt)
        ]) as kpi
    from standing
)
select * exclude (kpi), unnest(kpi) from flows
union all
select * exclude (kpi), unnest(kpi) from stands;

create temp table kpi_reason (code varchar, text_en varchar, text_da varchar);
insert into kpi_reason
values
    ('nothing_closed', 'No deal was closed in the period.', 'Ingen salg blev afsluttet i perioden.'),
    ('nothing_won', 'No deal was won in the period.', 'Ingen ordrer blev vundet i perioden.'),
    ('won_without_amount', 'Deals were won, but none has a known amount above zero.',
     'Der er vundet ordrer, men ingen har et kendt beløb over nul.'),
    ('unknown_won_amounts', 'Left out: won deals without a known amount ({}).',
     'Ikke talt med: vundne ordrer uden kendt beløb ({}).'),
    ('some_without_amount', 'Left out: deals without an amount above zero ({}).',
     'Ikke talt med: salg uden et beløb over nul ({}).'),
    ('closed_without_amount', 'Too many won or lost deals have no amount above zero ({}).',
     'For mange vundne eller tabte salg mangler et beløb over nul ({}).'),
    ('short_history', 'The history does not cover the same period a year before.',
     'Historikken dækker ikke den tilsvarende periode året før.'),
    ('short_history_3y', 'The history does not reach back four years.', 'Historikken rækker ikke fire år tilbage.'),
    ('no_base', 'There were no bookings above zero to compare with.',
     'Der er ingen ordreindgang over nul at sammenligne med.'),
    ('negative_bookings', 'Bookings are negative: credit notes exceed orders.',
     'Ordreindgangen er negativ: kreditnotaerne overstiger ordrerne.'),
    ('no_cycle', 'None of the closed deals was closed after a known creation ({}).',
     'Ingen af de afsluttede salg er lukket efter en kendt oprettelse ({}).'),
    ('some_without_cycle', 'Left out: deals closed before they were created, or without a creation date ({}).',
     'Ikke talt med: salg lukket, før de blev oprettet, eller uden oprettelsesdato ({}).'),
    ('no_known_amount', 'None of the won deals has a known amount ({}).',
     'Ingen af de vundne ordrer har et kendt beløb ({}).'),
    ('open_without_amount', 'Left out: open deals without a known amount ({}).',
     'Ikke talt med: åbne salg uden kendt beløb ({}).'),
    ('no_probability', 'Too many open deals lack an amount or a probability from 0 to 100 % ({}).',
     'For mange åbne salg mangler et beløb eller en sandsynlighed mellem 0 og 100 % ({}).'),
    ('some_without_probability', 'Left out: open deals without an amount or a probability from 0 to 100 % ({}).',
     'Ikke talt med: åbne salg uden beløb eller sandsynlighed mellem 0 og 100 % ({}).'),
    ('touches_without_contact', 'No meeting or call names a contact (there were {}).',
     'Intet møde eller opkald har en kontaktperson på (der var {}).'),
    ('some_touches_without_contact', 'There may be more: meetings and calls without a contact ({}).',
     'Der kan være flere: møder og opkald uden kontaktperson ({}).'),
    ('no_meeting', 'No meeting held is on record.', 'Der er ikke registreret et afholdt møde.'),
    ('groups_without_meeting', 'Left out: customers without a meeting on record ({}).',
     'Ikke talt med: kunder uden et registreret møde ({}).'),
    ('no_product_family', 'No won deal has products with a product family.',
     'Ingen vundne ordrer har produkter med en produktfamilie.'),
    ('no_month', 'No whole month has passed in the period.', 'Der er endnu ikke gået en hel måned af perioden.'),
    ('no_costs', 'No costs are known for the whole months of the period.',
     'Der er ingen kendte omkostninger for periodens hele måneder.'),
    ('few_costs', 'Costs are known for only {} % of revenue, too little for a figure.',
     'Omkostningerne kendes kun for {} % af omsætningen, for lidt til et tal.'),
    ('some_costs', 'Costs are known for {} % of revenue; the figure is for that part.',
     'Omkostningerne kendes for {} % af omsætningen; tallet gælder den del.'),
    ('no_revenue', 'There is no revenue above zero.', 'Der er ingen omsætning over nul.'),
    ('nobody_asked', 'Nobody was asked in the period.', 'Ingen er blevet spurgt i perioden.'),
    ('only_answers', 'The survey delivers answers only, so nobody knows how many were asked.',
     'Undersøgelsen leverer kun svar, så antallet af adspurgte er ukendt.'),
    ('no_answer', 'Nobody has answered (asked: {}).', 'Ingen har svaret (adspurgte: {}).'),
    ('no_target', 'There is no target for the running fiscal year.',
     'Der er ikke sat et mål for det løbende regnskabsår.'),
    ('target_met', 'The target has been reached already.', 'Målet er allerede nået.'),
    ('no_actuals', 'The source has no feeds.actuals.', 'Kilden har ikke feeds.actuals.');

create temp table kpi_snapshot as
with judged as (
    select
        *,
        case
            when kpi = 'revenue_amt' then 'not_configured' when value is null then 'insufficient_data' else 'measured'
        end as status,
        kpi in ('win_rate_count', 'satisfaction_response_share') and value is not null as has_wilson,
        -- Wilson's interval, with 1.96 and its square of the 97.5th percentile of the normal
        (numerator + 3.841458820694124 / 2) / (denominator + 3.841458820694124) as middle,
        1.959963984540054 * sqrt(numerator * (denominator - numerator) / denominator + 3.841458820694124 / 4)
        / (denominator + 3.841458820694124) as half
    from kpi_value
)
select
    getvariable('as_of_date') as as_of_date, entity_type, entity_id, period_type, period_start, kpi, period_end,
    is_complete, value, numerator, denominator, n,
    case when has_wilson then greatest(middle - half, 0) when value is not null then ci_low end as ci_low,
    case when has_wilson then least(middle + half, 1) when value is not null then ci_high end as ci_high,
    unit, basis, status,
    replace(text_en, '{}', coalesce(reason_cnt, 0)::varchar) as reason,
    replace(text_da, '{}', coalesce(reason_cnt, 0)::varchar) as reason_da
from judged
left join kpi_interval using (kpi, entity_type, entity_id, period_type, period_start)
left join kpi_reason on judged.reason = kpi_reason.code;

create temp table kpi_scorecard as
with headline as (
    select
        entity_id as group_id,
        max(value) filter (where kpi = 'bookings_amt') as bookings_amt,
        coalesce(max(denominator) filter (where kpi = 'growth_yoy'), 0) as prior_bookings_amt,
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
    from kpi_snapshot
    where
        entity_type = 'group'
        and period_type in ('ttm', 'as_of')
        and kpi in (
            'bookings_amt', 'growth_yoy', 'gross_margin_share', 'profit_amt', 'nps', 'csat', 'win_rate_count',
            'sales_cycle_days', 'avg_deal_amt', 'open_pipeline_amt', 'meetings_cnt', 'days_since_meeting',
            'engaged_contacts_cnt'
        )
    group by entity_id
),
aim as (
    select
        target.group_id, target_amt, case when coalesce(won_cnt, 0) = 0 then 0 else bookings_amt end as reached_amt,
        reached_amt / target_amt as target_share,
        (until_on - period.period_start) / (period.period_end - period.period_start) as passed_share
    from group_target as target
    inner join period
        on target.period_start = period.period_start and period_type = 'fiscal_year'
        and target.period_end >= getvariable('as_of_date')
    left join group_period
        on target.group_id = group_period.group_id and group_period.period_type = 'fiscal_year'
        and target.period_start = group_period.period_start
    where target_amt > 0
)
select
    getvariable('as_of_date') as as_of_date, group_id, group_name, is_key_account, decision,
    case
        when bookings_amt is null then 'unknown'
        when prior_bookings_amt <= 0 and bookings_amt <= 0 then 'none'
        when prior_bookings_amt <= 0 then 'new'
        when bookings_amt <= 0 then 'lapsed'
        when growth_yoy >= 0.10 then 'growing'
        when growth_yoy <= -0.10 then 'shrinking'
        else 'stable'
    end as change_class,
    bookings_amt::decimal(18, 2) as bookings_amt, prior_bookings_amt::decimal(18, 2) as prior_bookings_amt, growth_yoy,
    gross_margin_share, profit_amt::decimal(18, 2) as profit_amt, nps, csat, responses_cnt, win_rate_count,
    win_rate_low, win_rate_high, closed_cnt, sales_cycle_days, avg_deal_amt::decimal(18, 2) as avg_deal_amt,
    open_pipeline_amt::decimal(18, 2) as open_pipeline_amt, meetings_cnt::bigint as meetings_cnt,
    days_since_meeting::bigint as days_since_meeting, engaged_contacts_cnt::bigint as engaged_contacts_cnt, target_amt,
    target_share,
    case
        when target_amt is null then 'no_target'
        when reached_amt is null then 'unknown'
        when reached_amt >= target_amt then 'met'
        when target_share >= passed_share then 'on_track'
        else 'behind'
    end as target_status,
    case when bookings_amt is null then 'insufficient_data' else 'measured' end as status, not_measured
from headline
inner join (select group_id, group_name, is_key_account, decision from key_account_candidate) using (group_id)
left join aim using (group_id);

create temp table loss_reason as
with counted as (
    select
        entity_type, entity_id, coalesce(loss_reason, '(missing)') as loss_reason, count(*) as lost_cnt,
        sum(amount_amt) as lost_amt
    from deal
    inner join entity_member using (group_id)
    where
        is_closed and not is_won and closed_on < getvariable('as_of_date')
        and closed_on >= getvariable('as_of_date') - interval 12 month
    group by all
),
judged as (
    select
        *,
        (sum(lost_cnt) over entity)::bigint as total_cnt,
        coalesce(sum(lost_cnt) filter (where loss_reason = '(missing)') over entity, 0)::bigint as missing_cnt,
        missing_cnt <= 0.3::double * total_cnt as is_known
    from counted
    window entity as (partition by entity_type, entity_id)
)
select
    getvariable('as_of_date') as as_of_date, entity_type, entity_id, loss_reason, lost_cnt,
    lost_amt::decimal(18, 2) as lost_amt, case when is_known then lost_cnt / total_cnt end as lost_share,
    case when is_known then 'measured' else 'insufficient_data' end as status,
    case when not is_known then format('{} of {} lost deals have no reason.', missing_cnt, total_cnt) end as reason,
    case when not is_known then format('{} af {} tabte salg har ingen årsag.', missing_cnt, total_cnt) end as reason_da
from judged;
