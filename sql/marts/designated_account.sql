/*
designated_account
    The accounts on the designated list on the date: what the file decisions or the field of the CRM says, and never
    what we proposed ourselves. A decision holds where it began by the last day seen, the day before as_of_date, and
    ended after it.

grain  : one row per as_of_date and account that is designated
key    : as_of_date, account_id
inputs : core.account, core.decision, marts.designation_source
params : $as_of_date
rules  :
  group_id not null
  designated_by in decisions, crm
columns:
  as_of_date     DATE     snapshot date
  account_id     VARCHAR  CRM account id
  group_id       VARCHAR  group of the account
  designated_by  VARCHAR  decisions or crm
  since_on       DATE     first day; null where the CRM says it, which tells no day
  until_on       DATE     first day on which it will no longer be; null where no end is decided
  reason         VARCHAR  why, as the file says
  approved_by    VARCHAR  who approved it, as the file says
*/
select
    $as_of_date::date as as_of_date,
    decision.account_id,
    decision.group_id,
    source.source as designated_by,
    decision.holds_from_on as since_on,
    decision.until_on,
    decision.reason,
    decision.approved_by
from core.decision as decision
inner join marts.designation_source as source on source.source = 'decisions'
where
    source.as_of_date = $as_of_date::date
    and decision.status = 'key_account'
    and decision.holds_from_on < $as_of_date::date
    and (decision.until_on is null or decision.until_on >= $as_of_date::date)
union all
select
    $as_of_date::date as as_of_date,
    account.account_id,
    account.group_id,
    source.source as designated_by,
    null as since_on,
    null as until_on,
    null as reason,
    null as approved_by
from core.account as account
inner join marts.designation_source as source on source.source = 'crm'
where source.as_of_date = $as_of_date::date and account.is_key_account
