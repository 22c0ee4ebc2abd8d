/*
designation_source
    Who says which customers are key accounts: the feed decisions as soon as it designates one, for whatever time,
    otherwise a field of the CRM. Never our own last list: a proposal that feeds on itself keeps whomever it has.

grain  : one row per as_of_date
key    : as_of_date
inputs : core.decision, staging.delivery
params : $as_of_date, $decisions_designate
rules  :
  source in decisions, crm, none
  source not null
columns:
  as_of_date  DATE     snapshot date
  source      VARCHAR  decisions, crm, or none where nobody says
  has_crm     BOOLEAN  a field of the CRM designates, whether it is listened to or not
*/
with decided as (

    select count(*) > 0 as has_rows
    from core.decision
    where status = 'key_account'

)

select
    $as_of_date::date as as_of_date,
    case
        when $decisions_designate::boolean and decided.has_rows then 'decisions'
        when delivery.has_designation then 'crm'
        else 'none'
    end as source,
    delivery.has_designation as has_crm
from staging.delivery as delivery
cross join decided
