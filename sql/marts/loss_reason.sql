/*
loss_reason
    Why deals of the last twelve months were lost, for every entity that lost any.

grain  : one row per as_of_date, entity and reason
key    : as_of_date, entity_type, entity_id, loss_reason
inputs : core.opportunity, marts.kpi_entity, staging.known_field
params : $as_of_date, $max_missing_reasons
readers: published
rules  :
  entity_type in group, portfolio, segment
  lost_cnt from 1
  lost_share between 0 and 1
  status in measured, insufficient_data, not_configured
  status not null
columns:
  as_of_date   DATE           snapshot date
  entity_type  VARCHAR        group, portfolio or segment
  entity_id    VARCHAR        which
  loss_reason  VARCHAR        reason as written; (missing) where none is given
  lost_cnt     BIGINT         lost deals
  lost_amt     DECIMAL(18,2)  their amounts; null where none is known
  lost_share   DOUBLE         share of the entity's lost deals, 0..1; null where too many have no reason
  status       VARCHAR        measured, insufficient_data (too many without a reason) or not_configured
  reason       VARCHAR        why shares are not given; null where they are
  reason_da    VARCHAR        the same in Danish
*/
with counted as (

    select
        entity.entity_type,
        entity.entity_id,
        coalesce(opportunity.loss_reason, '(missing)') as loss_reason,
        count(*) as lost_cnt,
        sum(opportunity.amount_amt) as lost_amt
    from core.opportunity as opportunity
    inner join marts.kpi_entity as entity
        on opportunity.group_id = entity.group_id and entity.as_of_date = $as_of_date::date
    where
        opportunity.is_closed
        and not opportunity.is_won
        and opportunity.closed_on < $as_of_date::date
        and opportunity.closed_on >= $as_of_date::date - interval 12 month
    group by entity.entity_type, entity.entity_id, coalesce(opportunity.loss_reason, '(missing)')

),

mapped as (

    select coalesce(bool_or(is_present), false) as has_loss_reason
    from staging.known_field
    where object = 'Opportunity' and field = 'LossReason'

),

judged as (

    select
        counted.*,
        sum(counted.lost_cnt) over entity as total_cnt,
        coalesce(sum(counted.lost_cnt) filter (where counted.loss_reason = '(missing)') over entity, 0) as missing_cnt,
        mapped.has_loss_reason
    from counted
    cross join mapped
    window entity as (partition by counted.entity_type, counted.entity_id)

)

select
    $as_of_date::date as as_of_date,
    entity_type,
    entity_id,
    loss_reason,
    lost_cnt,
    lost_amt::decimal(18, 2) as lost_amt,
    case
        when has_loss_reason and missing_cnt <= $max_missing_reasons::double * total_cnt then lost_cnt / total_cnt
    end::double as lost_share,
    case
        when not has_loss_reason then 'not_configured'
        when missing_cnt > $max_missing_reasons::double * total_cnt then 'insufficient_data'
        else 'measured'
    end as status,
    case
        when not has_loss_reason then 'No field holds loss reasons; map Opportunity.LossReason.'
        when missing_cnt > $max_missing_reasons::double * total_cnt
            then format('{} of {} lost deals have no reason.', missing_cnt::bigint, total_cnt::bigint)
    end as reason,
    case
        when not has_loss_reason then 'Intet felt indeholder tabsårsager; tilknyt Opportunity.LossReason.'
        when missing_cnt > $max_missing_reasons::double * total_cnt
            then format('{} af {} tabte salg har ingen årsag.', missing_cnt::bigint, total_cnt::bigint)
    end as reason_da
from judged
