/*
designated_group
    The designated list on the date: whoever is on it is a key account in every table of the date. A group is on it
    once, however many of its accounts are.

grain  : one row per as_of_date and group that is designated
key    : as_of_date, group_id
inputs : marts.designated_account
params : $as_of_date
rules  :
  designated_accounts_cnt from 1
columns:
  as_of_date               DATE     snapshot date
  group_id                 VARCHAR  group
  designated_by            VARCHAR  decisions or crm
  since_on                 DATE     first day of the first designation that holds; null where the CRM says it
  until_on                 DATE     first day on which no designation will hold any more; null where no end is decided
  reason                   VARCHAR  why, of the designation that began first; of equal ones that of the first account id
  approved_by              VARCHAR  who approved that one
  designated_accounts_cnt  BIGINT   designated accounts of the group
*/
select
    $as_of_date::date as as_of_date,
    group_id,
    min(designated_by) as designated_by,
    min(since_on) as since_on,
    case when count(*) = count(until_on) then max(until_on) end as until_on,
    first(reason order by since_on, account_id) as reason,
    first(approved_by order by since_on, account_id) as approved_by,
    count(*) as designated_accounts_cnt
from marts.designated_account
where as_of_date = $as_of_date::date
group by group_id
