/*
programme_capacity
    Whether the people can carry the programme: how many key accounts, and how many for each manager. Managers are
    counted, not named. The manager of a group is the owner of the account at the top, otherwise of the account with the
    smallest id that has an owner.

grain  : one row per as_of_date and list
key    : as_of_date, list
inputs : marts.key_account_candidate, core.account
params : $as_of_date, $max_accounts_per_manager, $min_programme, $max_programme, $too_many
readers: published
rules  :
  list in designated, proposed
  size_band in none, small, fits, large, too_many
  groups_cnt, managers_cnt, unmanaged_cnt, overloaded_cnt from 0
columns:
  as_of_date            DATE     snapshot date
  list                  VARCHAR  designated: as it is; proposed: as it would be
  groups_cnt            BIGINT   key accounts of the list
  managers_cnt          BIGINT   their managers
  unmanaged_cnt         BIGINT   key accounts whose account has no owner
  accounts_per_manager  DOUBLE   key accounts with a manager, per manager; null without one
  busiest_cnt           BIGINT   key accounts of the manager who has most of them
  overloaded_cnt        BIGINT   managers with more than the limit
  size_band             VARCHAR  none, small, fits, large or too_many, by the sizes in kam.yaml
  is_within_capacity    BOOLEAN  all have a manager, none beyond the limit, and not too many; null for an empty list
  reason                VARCHAR  one sentence
  reason_da             VARCHAR  the same in Danish
*/
with manager as (

    select
        group_id,
        coalesce(
            max(owner_id) filter (where account_id = group_id),
            arg_min(owner_id, account_id) filter (where owner_id is not null)
        ) as owner_id
    from core.account
    group by group_id

),

member as (

    select
        'designated' as list,
        group_id
    from marts.key_account_candidate
    where as_of_date = $as_of_date::date and is_key_account
    union all
    select
        'proposed' as list,
        group_id
    from marts.key_account_candidate
    where as_of_date = $as_of_date::date and is_in_list

),

loaded as (

    select
        member.list,
        manager.owner_id,
        count(*) as accounts_cnt
    from member
    left join manager on member.group_id = manager.group_id
    group by member.list, manager.owner_id

),

counted as (

    select
        name.list,
        coalesce(sum(loaded.accounts_cnt), 0)::bigint as groups_cnt,
        count(loaded.owner_id) as managers_cnt,
        coalesce(sum(loaded.accounts_cnt) filter (where loaded.owner_id is null), 0)::bigint as unmanaged_cnt,
        sum(loaded.accounts_cnt) filter (where loaded.owner_id is not null) / nullif(count(loaded.owner_id), 0)
            as accounts_per_manager,
        max(loaded.accounts_cnt) filter (where loaded.owner_id is not null) as busiest_cnt,
        count(*) filter (
            where loaded.owner_id is not null and loaded.accounts_cnt > $max_accounts_per_manager::bigint
        ) as overloaded_cnt
    from (values ('designated'), ('proposed')) as name (list)
    left join loaded on name.list = loaded.list
    group by name.list

),

judged as (

    select
        *,
        case
            when groups_cnt = 0 then 'none'
            when groups_cnt < $min_programme::bigint then 'small'
            when groups_cnt <= $max_programme::bigint then 'fits'
            when groups_cnt <= $too_many::bigint then 'large'
            else 'too_many'
        end as size_band,
        format('{:.1f}', accounts_per_manager) as each_text
    from counted

)

select
    $as_of_date::date as as_of_date,
    list,
    groups_cnt,
    managers_cnt,
    unmanaged_cnt,
    accounts_per_manager::double as accounts_per_manager,
    busiest_cnt,
    overloaded_cnt,
    size_band,
    case
        when groups_cnt > 0 then overloaded_cnt = 0 and unmanaged_cnt = 0 and size_band <> 'too_many'
    end as is_within_capacity,
    concat(
        format('Key accounts: {}', groups_cnt),
        case size_band
            when 'small' then format(' (a programme works from {})', $min_programme::bigint)
            when 'large' then format(' (more than {} is crowded)', $max_programme::bigint)
            when 'too_many' then format(' (above {} no programme works)', $too_many::bigint)
            else ''
        end,
        format('; managers: {}', managers_cnt),
        coalesce(
            format(', {} each, {} at most (limit {})', each_text, busiest_cnt, $max_accounts_per_manager::bigint), ''
        ),
        case when unmanaged_cnt > 0 then format('; without a manager: {}', unmanaged_cnt) else '' end,
        '.'
    ) as reason,
    concat(
        format('Nøglekunder: {}', groups_cnt),
        case size_band
            when 'small' then format(' (et program fungerer først fra {})', $min_programme::bigint)
            when 'large' then format(' (over {} bliver det trangt)', $max_programme::bigint)
            when 'too_many' then format(' (over {} fungerer intet program)', $too_many::bigint)
            else ''
        end,
        format('; ansvarlige: {}', managers_cnt),
        coalesce(
            format(
                ', {} hver, højst {} (grænse {})',
                replace(each_text, '.', ','), busiest_cnt, $max_accounts_per_manager::bigint
            ),
            ''
        ),
        case when unmanaged_cnt > 0 then format('; uden ansvarlig: {}', unmanaged_cnt) else '' end,
        '.'
    ) as reason_da
from judged
