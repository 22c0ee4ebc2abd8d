/*
account_team_member
    Who of us works on which account, and as what.

grain  : one row per living member of an account team
key    : team_member_id
inputs : raw.account_team_member, staging.reference_set_aside
params : none
stored : view
columns:
  team_member_id  VARCHAR  CRM id
  account_id      VARCHAR  CRM account id as the CRM has it
  user_id         VARCHAR  user id
  team_role       VARCHAR  role as entered
*/
select
    record.Id as team_member_id,
    record.AccountId as account_id,
    record.UserId as user_id,
    record.TeamMemberRole as team_role
from raw.account_team_member as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'AccountTeamMember'
where set_aside.record_id is null
