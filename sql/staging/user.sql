/*
user
    Our own users.

grain  : one row per living user
key    : user_id
inputs : raw.user, staging.reference_set_aside
params : none
stored : view
columns:
  user_id     VARCHAR  user id
  user_name   VARCHAR  name
  title       VARCHAR  job title
  department  VARCHAR  department
  is_active   BOOLEAN  may still log in
  manager_id  VARCHAR  user id of the manager
*/
select
    record.Id as user_id,
    record.Name as user_name,
    record.Title as title,
    record.Department as department,
    record.IsActive as is_active,
    record.ManagerId as manager_id
from raw."user" as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'User'
where set_aside.record_id is null
