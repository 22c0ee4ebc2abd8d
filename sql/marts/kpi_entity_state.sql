/*
kpi_entity_state
    How things stand on the date itself: open deals, contacts and meetings of every entity.

grain  : one row per as_of_date and entity
key    : as_of_date, entity_type, entity_id
inputs : core.activity, marts.kpi_entity, marts.kpi_subject, marts.open_deal
params : $as_of_date, $contact_days
columns:
  as_of_date            DATE           snapshot date
  entity_type           VARCHAR        group, portfolio or segment
  entity_id             VARCHAR        which
  groups_cnt            BIGINT         groups in the entity
  open_cnt              BIGINT         open deals
  open_unknown_cnt      BIGINT         of those, without a known amount
  open_amt              DECIMAL(18,2)  open deals with a known amount; null where there are open deals and none has one
  likely_cnt            BIGINT         open deals with a known amount and a probability from 0 to 100
  weighted_amt          DECIMAL(18,2)  their amounts times their probability as entered
  odd_probability_cnt   BIGINT         open deals whose probability is not from 0 to 100
  engaged_contacts_cnt  BIGINT         different contacts met or called within the contact window
  touches_cnt           BIGINT         meetings and calls of the contact window
  all_touches_cnt       BIGINT         meetings and calls with anybody: without any, nobody knows
  unnamed_touches_cnt   BIGINT         of those, without a contact
  met_groups_cnt        BIGINT         groups with a meeting before the date
  last_meeting_on       DATE           newest meeting of any group
  median_meeting_days   DOUBLE         days since the newest meeting, in the middle of the groups that had one
*/
with open_by_group as (

    select
        group_id,
        count(*) as open_cnt,
        count(*) filter (where amount_amt is null) as open_unknown_cnt,
        sum(amount_amt) as open_amt,
        count(*) filter (where amount_amt is not null and probability_pct between 0 and 100) as likely_cnt,
        -- as floating point, which no amount or probability overflows; each deal is rounded, the sum is of decimals
        sum(
            case
                when probability_pct between 0 and 100
                    then round(amount_amt::double * probability_pct / 100, 2)::decimal(18, 2)
            end
        ) as weighted_amt,
        count(*) filter (where not probability_pct between 0 and 100) as odd_probability_cnt
    from marts.open_deal
    where as_of_date = $as_of_date::date
    group by group_id

),

touch as (

    select
        group_id,
        contact_id,
        count(*) as touches_cnt
    from core.activity
    where
        kind in ('meeting', 'call')
        and is_completed
        and group_id is not null
        and happened_on < $as_of_date::date
        and happened_on >= $as_of_date::date - to_days($contact_days::integer)
    group by group_id, contact_id

),

meeting as (

    select
        group_id,
        max(happened_on) as last_meeting_on
    from core.activity
    where kind = 'meeting' and is_completed and group_id is not null and happened_on < $as_of_date::date
    group by group_id

),

deals as (

    select
        entity.entity_type,
        entity.entity_id,
        sum(open_by_group.open_cnt) as open_cnt,
        sum(open_by_group.open_unknown_cnt) as open_unknown_cnt,
        sum(open_by_group.open_amt) as open_amt,
        sum(open_by_group.likely_cnt) as likely_cnt,
        sum(open_by_group.weighted_amt) as weighted_amt,
        sum(open_by_group.odd_probability_cnt) as odd_probability_cnt
    from open_by_group
    inner join marts.kpi_entity as entity
        on open_by_group.group_id = entity.group_id and entity.as_of_date = $as_of_date::date
    group by entity.entity_type, entity.entity_id

),

touches as (

    select
        entity.entity_type,
        entity.entity_id,
        count(distinct touch.contact_id) as engaged_contacts_cnt,
        sum(touch.touches_cnt) as touches_cnt,
        sum(touch.touches_cnt) filter (where touch.contact_id is null) as unnamed_touches_cnt
    from touch
    inner join marts.kpi_entity as entity on touch.group_id = entity.group_id and entity.as_of_date = $as_of_date::date
    group by entity.entity_type, entity.entity_id

),

meetings as (

    select
        entity.entity_type,
        entity.entity_id,
        count(*) as met_groups_cnt,
        max(meeting.last_meeting_on) as last_meeting_on,
        median($as_of_date::date - meeting.last_meeting_on) as median_meeting_days
    from meeting
    inner join marts.kpi_entity as entity
        on meeting.group_id = entity.group_id and entity.as_of_date = $as_of_date::date
    group by entity.entity_type, entity.entity_id

)

select
    $as_of_date::date as as_of_date,
    entity.entity_type,
    entity.entity_id,
    entity.groups_cnt,
    coalesce(deals.open_cnt, 0)::bigint as open_cnt,
    coalesce(deals.open_unknown_cnt, 0)::bigint as open_unknown_cnt,
    case when deals.open_cnt > 0 then deals.open_amt else 0 end::decimal(18, 2) as open_amt,
    coalesce(deals.likely_cnt, 0)::bigint as likely_cnt,
    deals.weighted_amt::decimal(18, 2) as weighted_amt,
    coalesce(deals.odd_probability_cnt, 0)::bigint as odd_probability_cnt,
    coalesce(touches.engaged_contacts_cnt, 0) as engaged_contacts_cnt,
    coalesce(touches.touches_cnt, 0)::bigint as touches_cnt,
    coalesce(everybody.touches_cnt, 0)::bigint as all_touches_cnt,
    coalesce(touches.unnamed_touches_cnt, 0)::bigint as unnamed_touches_cnt,
    coalesce(meetings.met_groups_cnt, 0) as met_groups_cnt,
    meetings.last_meeting_on,
    meetings.median_meeting_days::double as median_meeting_days
from marts.kpi_subject as entity
left join deals on entity.entity_type = deals.entity_type and entity.entity_id = deals.entity_id
left join touches on entity.entity_type = touches.entity_type and entity.entity_id = touches.entity_id
left join touches as everybody on everybody.entity_type = 'portfolio' and everybody.entity_id = 'all'
left join meetings on entity.entity_type = meetings.entity_type and entity.entity_id = meetings.entity_id
where entity.as_of_date = $as_of_date::date
