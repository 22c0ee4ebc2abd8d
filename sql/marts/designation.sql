/*
designation
    Who is a key account at the date, by whom and why, and the decisions that override the score.

grain  : one row per as_of_date and group
key    : as_of_date, group_id
inputs : core.account_group
params : $as_of_date
columns:
  as_of_date         DATE     snapshot date
  group_id           VARCHAR  group
  is_key_account     BOOLEAN  designated; null where nobody says so
  override           VARCHAR  include or exclude; null where no decision is there
  override_reason    VARCHAR  why
  override_by        VARCHAR  who approved it
  override_since_on  DATE     first day
  override_until_on  DATE     first day on which it no longer holds
  override_status    VARCHAR  applied, expired, not_yet or over_the_bound
*/
select
    $as_of_date::date as as_of_date,
    group_id,
    is_key_account,
    null::varchar as override,
    null::varchar as override_reason,
    null::varchar as override_by,
    null::date as override_since_on,
    null::date as override_until_on,
    null::varchar as override_status
from core.account_group
