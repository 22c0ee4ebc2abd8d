/*
sponsor_named
    Whether a sponsor of ours is named for the key account; one who has left does not count. Numerator: 1 where an
    account of the group names one, otherwise 0. Denominator: 1.

inputs : core.account, marts.designated_group, staging.user
params : $as_of_date
*/
with sponsored as (

    select
        account.group_id,
        count(*) filter (where coalesce(sponsor.is_active, true)) as active_cnt,
        count(*) as named_cnt
    from core.account as account
    left join staging.user as sponsor on account.executive_sponsor_id = sponsor.user_id
    where account.executive_sponsor_id is not null
    group by account.group_id

)

select
    designated.group_id as observed_id,
    (coalesce(sponsored.active_cnt, 0) > 0)::integer::double as numerator,
    1::double as denominator,
    (coalesce(sponsored.active_cnt, 0) > 0)::integer::double as value,
    case
        when sponsored.active_cnt > 0 then 'A sponsor is named.'
        when sponsored.named_cnt > 0 then 'The sponsor has left.'
        else 'No sponsor is named.'
    end as detail,
    case
        when sponsored.active_cnt > 0 then 'Der er en sponsor.'
        when sponsored.named_cnt > 0 then 'Sponsoren er fratrådt.'
        else 'Der er ingen sponsor.'
    end as detail_da
from marts.designated_group as designated
left join sponsored on designated.group_id = sponsored.group_id
where designated.as_of_date = $as_of_date::date
