/*
task
    Living tasks: calls, e-mails and to-dos.

grain  : one row per living task
key    : task_id
inputs : raw.task, staging.activity_set_aside
params : none
stored : view
columns:
  task_id       VARCHAR    CRM task id
  account_id    VARCHAR    account as the CRM gives it
  what_id       VARCHAR    record the task is about
  who_id        VARCHAR    contact or lead
  owner_id      VARCHAR    user id of the owner
  task_subtype  VARCHAR    Call, Email, Task and others
  task_type     VARCHAR    type as entered
  is_closed     BOOLEAN    completed, null where the CRM has no such flag
  status        VARCHAR    status as entered
  due_on        DATE       activity date
  completed_at  TIMESTAMP  when it was completed, UTC
  modified_at   TIMESTAMP  newest stamp of the record, UTC; null where the source has none
  created_at    TIMESTAMP  when the record was made, UTC
*/
select
    task.Id as task_id,
    task.AccountId as account_id,
    task.WhatId as what_id,
    task.WhoId as who_id,
    task.OwnerId as owner_id,
    task.TaskSubtype as task_subtype,
    task.Type as task_type,
    task.IsClosed as is_closed,
    task.Status as status,
    task.ActivityDate as due_on,
    task.CompletedDateTime as completed_at,
    greatest(task.SystemModstamp, task.LastModifiedDate) as modified_at,
    task.CreatedDate as created_at
from raw.task as task
left join staging.activity_set_aside as set_aside
    on task.Id = set_aside.record_id and set_aside.object = 'Task'
where set_aside.record_id is null
