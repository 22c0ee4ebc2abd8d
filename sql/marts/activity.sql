/*
activity
    Meetings, calls and e-mails of the groups in focus, as of the newest run.

grain  : one row per living task or event of a group in focus
key    : activity_id
inputs : core.activity, marts.group_in_focus
params : none
stored : view
readers: published
columns:
  activity_id   VARCHAR  CRM task or event id
  group_id      VARCHAR  group of the account
  account_id    VARCHAR  CRM account id
  kind          VARCHAR  meeting, call, email or task
  mode          VARCHAR  in_person, video, phone or unknown
  happened_on   DATE     day it took place or is planned for
  is_completed  BOOLEAN  marked as done; a meeting without a status counts once its day has come
  contact_id    VARCHAR  contact or lead
*/
select
    activity.activity_id,
    activity.group_id,
    activity.account_id,
    activity.kind,
    activity.mode,
    activity.happened_on,
    activity.is_completed,
    activity.contact_id
from core.activity as activity
inner join marts.group_in_focus as focus on activity.group_id = focus.group_id
