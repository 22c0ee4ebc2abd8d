/*
engaged_contacts_cnt
    Different contacts met or called within the contact window.

inputs : marts.kpi_entity_state
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    'as_of' as period_type,
    as_of_date as period_start,
    (
        case
            when all_touches_cnt > 0 and (touches_cnt = 0 or touches_cnt > unnamed_touches_cnt)
                then engaged_contacts_cnt
        end
    )::double as value,
    null::double as numerator,
    null::double as denominator,
    touches_cnt as n,
    case
        when all_touches_cnt = 0 then 'no_touch_of_anybody'
        when touches_cnt > 0 and touches_cnt = unnamed_touches_cnt then 'touches_without_contact'
        when unnamed_touches_cnt > 0 then 'some_touches_without_contact'
    end as reason,
    unnamed_touches_cnt as reason_cnt
from marts.kpi_entity_state
where as_of_date = $as_of_date::date
