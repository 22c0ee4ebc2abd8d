/*
kpi_entity_feed
    What the KPIs of money earned and of satisfaction are made from: every entity with its feeds added up.

grain  : one row per as_of_date, entity and period, also those without any feed row
key    : as_of_date, entity_type, entity_id, period_type, period_start
inputs : marts.kpi_entity, marts.kpi_group_feed, marts.kpi_period, marts.kpi_subject
params : $as_of_date
columns:
  as_of_date          DATE           snapshot date
  entity_type         VARCHAR        group, portfolio or segment
  entity_id           VARCHAR        which
  period_type         VARCHAR        month, quarter, fiscal_year or ttm
  period_start        DATE           first day
  has_month           BOOLEAN        a whole month of the period has passed
  invoiced_amt        DECIMAL(18,2)  invoiced; null where nothing is delivered
  revenue_amt         DECIMAL(18,2)  revenue, 0 where there is none
  costed_revenue_amt  DECIMAL(18,2)  of that, of the accounts and months whose costs are known
  cost_amt            DECIMAL(18,2)  costs; null where none are known
  cost_coverage       DOUBLE         share of revenue whose costs are known, 0..1
  asked_cnt           BIGINT         persons asked
  answers_cnt         BIGINT         answers
  answering_cnt       BIGINT         groups in which anybody has answered
  nps_total           DOUBLE         net promoter scores of these groups, added up; null where the scale is not 0 to 10
  satisfied_total     DOUBLE         their shares of satisfied contacts, added up; null where satisfied is not set
*/
with added as (

    select
        entity.entity_type,
        entity.entity_id,
        fact.period_type,
        fact.period_start,
        sum(fact.invoiced_amt) as invoiced_amt,
        coalesce(sum(fact.revenue_amt), 0) as revenue_amt,
        coalesce(sum(fact.costed_revenue_amt), 0) as costed_revenue_amt,
        sum(fact.cost_amt) as cost_amt,
        sum(fact.asked_cnt) as asked_cnt,
        sum(fact.answers_cnt) as answers_cnt,
        sum(fact.answering_cnt) as answering_cnt,
        sum(fact.nps::decimal(18, 12)) as nps_total,
        sum(fact.satisfied_share::decimal(18, 15)) as satisfied_total
    from marts.kpi_group_feed as fact
    inner join marts.kpi_entity as entity
        on fact.group_id = entity.group_id and entity.as_of_date = $as_of_date::date
    where fact.as_of_date = $as_of_date::date
    group by entity.entity_type, entity.entity_id, fact.period_type, fact.period_start

)

select
    $as_of_date::date as as_of_date,
    subject.entity_type,
    subject.entity_id,
    period.period_type,
    period.period_start,
    period.months_until > period.months_start as has_month,
    added.invoiced_amt::decimal(18, 2) as invoiced_amt,
    coalesce(added.revenue_amt, 0)::decimal(18, 2) as revenue_amt,
    coalesce(added.costed_revenue_amt, 0)::decimal(18, 2) as costed_revenue_amt,
    added.cost_amt::decimal(18, 2) as cost_amt,
    case
        when added.cost_amt is null then 0
        when added.revenue_amt = added.costed_revenue_amt then 1
        when added.revenue_amt > 0 then least(greatest(added.costed_revenue_amt / added.revenue_amt, 0), 1)
        else 0
    end::double as cost_coverage,
    coalesce(added.asked_cnt, 0)::bigint as asked_cnt,
    coalesce(added.answers_cnt, 0)::bigint as answers_cnt,
    coalesce(added.answering_cnt, 0)::bigint as answering_cnt,
    added.nps_total::double as nps_total,
    added.satisfied_total::double as satisfied_total
from marts.kpi_subject as subject
inner join marts.kpi_period as period on subject.as_of_date = period.as_of_date and period.period_type <> 'as_of'
left join added
    on
        subject.entity_type = added.entity_type
        and subject.entity_id = added.entity_id
        and period.period_type = added.period_type
        and period.period_start = added.period_start
where subject.as_of_date = $as_of_date::date
