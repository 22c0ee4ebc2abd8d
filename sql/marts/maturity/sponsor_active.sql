/*
sponsor_active
    Whether the sponsor of the key account has met the customer in 180 days, as owner of the meeting; a sponsor who has
    left is none. Numerator: 1 where a sponsor has, otherwise 0; null without a sponsor, and where fewer than half of
    the sponsors have recorded any activity in twelve months. Denominator: 1; null likewise.

inputs : core.account, marts.designated_group, core.activity, staging.user
params : $as_of_date
*/
with sponsor as (

    select distinct
        account.group_id,
        account.executive_sponsor_id as user_id
    from core.account as account
    inner join marts.designated_group as designated on account.group_id = designated.group_id
    left join staging.user as colleague on account.executive_sponsor_id = colleague.user_id
    where
        designated.as_of_date = $as_of_date::date
        and account.executive_sponsor_id is not null
        and coalesce(colleague.is_active, true)

),

recorded as (

    select
        activity.owner_id,
        activity.group_id,
        max(activity.happened_on) filter (
            where activity.kind = 'meeting' and activity.happened_on >= $as_of_date::date - 180
        ) as met_on
    from core.activity as activity
    where
        activity.is_completed
        and activity.happened_on < $as_of_date::date
        and activity.happened_on >= $as_of_date::date - interval 12 month
        and activity.owner_id in (select user_id from sponsor)
    group by activity.owner_id, activity.group_id

),

recording as (

    select 2 * (select count(distinct owner_id) from recorded) >= count(distinct user_id) as is_usual
    from sponsor

),

judged as (

    select
        designated.group_id,
        count(sponsor.user_id) > 0 as has_sponsor,
        max(recorded.met_on) as met_on
    from marts.designated_group as designated
    left join sponsor on designated.group_id = sponsor.group_id
    left join recorded on sponsor.user_id = recorded.owner_id and sponsor.group_id = recorded.group_id
    where designated.as_of_date = $as_of_date::date
    group by designated.group_id

)

select
    judged.group_id as observed_id,
    case when judged.has_sponsor and recording.is_usual then (judged.met_on is not null)::integer end::double
        as numerator,
    case when judged.has_sponsor and recording.is_usual then 1 end::double as denominator,
    case when judged.has_sponsor and recording.is_usual then (judged.met_on is not null)::integer end::double as value,
    case
        when not judged.has_sponsor then 'No sponsor is named.'
        when not recording.is_usual then 'Sponsors seldom record anything.'
        else coalesce('Met by the sponsor on ' || strftime(judged.met_on, '%Y-%m-%d'), 'Not met by the sponsor') || '.'
    end as detail,
    case
        when not judged.has_sponsor then 'Der er ingen sponsor.'
        when not recording.is_usual then 'Sponsorer registrerer sjældent noget.'
        else coalesce('Mødt af sponsoren ' || strftime(judged.met_on, '%d-%m-%Y'), 'Ikke mødt af sponsoren') || '.'
    end as detail_da
from judged
cross join recording
