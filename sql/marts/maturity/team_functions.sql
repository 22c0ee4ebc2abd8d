/*
team_functions
    How many functions of ours are on the account team; members who have left do not count. Value: different
    departments of the team; 0 without a team where other customers have one; null where no member has a department.

inputs : marts.designated_group, core.account, staging.account_alias, staging.account_team_member, staging.user
params : $as_of_date
*/
with member as (

    select
        account.group_id,
        nullif(lower(trim(colleague.department)), '') as department
    from staging.account_team_member as team
    inner join staging.account_alias as alias on team.account_id = alias.written_id
    inner join core.account as account on alias.account_id = account.account_id
    left join staging.user as colleague on team.user_id = colleague.user_id
    where coalesce(colleague.is_active, true)

),

judged as (

    select
        designated.group_id,
        count(member.group_id) as members_cnt,
        count(distinct member.department) as departments_cnt,
        (select count(*) from member) > 0 as has_teams
    from marts.designated_group as designated
    left join member on designated.group_id = member.group_id
    where designated.as_of_date = $as_of_date::date
    group by designated.group_id

)

select
    group_id as observed_id,
    null::double as numerator,
    null::double as denominator,
    case when has_teams and (members_cnt = 0 or departments_cnt > 0) then departments_cnt end::double as value,
    format('Members of the account team: {}, departments: {}.', members_cnt, departments_cnt) as detail,
    format('Medlemmer af kundeteamet: {}, afdelinger: {}.', members_cnt, departments_cnt) as detail_da
from judged
