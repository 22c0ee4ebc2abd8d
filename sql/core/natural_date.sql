/*
natural_date
    The as-of date that the newest knowledge belongs to by itself.

grain  : one row
key    : extracted_on
inputs : staging.delivery, staging.task, staging.event, core.opportunity, core.organisation
params : $held_statuses
rules  :
  natural_on not null
  natural_on at most extracted_on
columns:
  natural_on    DATE  of a live source the day of the extraction by its own clock; of files the day after the newest
                      stamp, close of a closed deal or completed activity, never after the extraction
  extracted_on  DATE  day of the extraction in the organisation's time zone, by the later of the two clocks
*/
with delivery as (

    select
        delivery.is_live,
        timezone(organisation.time_zone, timezone('UTC', delivery.clock_at))::date as live_on,
        timezone(organisation.time_zone, timezone('UTC', delivery.extracted_at))::date as extracted_on,
        timezone(organisation.time_zone, timezone('UTC', delivery.newest_stamp_at))::date as stamped_on
    from staging.delivery as delivery
    cross join core.organisation as organisation

),

sign_of_life as (

    select stamped_on as lived_on
    from delivery
    union all
    select max(closed_on) as lived_on
    from core.opportunity
    where is_closed and closed_on < (select extracted_on from delivery)
    union all
    -- nothing can be marked as done before it happened: a day after the record's own stamp is a slip
    select max(due_on) as lived_on
    from staging.task
    where
        coalesce(is_closed, list_contains($held_statuses::varchar[], lower(status)), false)
        and due_on < (select extracted_on from delivery)
        and due_on <= coalesce(modified_at::date, due_on)
    union all
    -- an event without a status may still be ahead
    select max(starts_on) as lived_on
    from staging.event
    where
        list_contains($held_statuses::varchar[], lower(trim(status)))
        and starts_on < (select extracted_on from delivery)
        and starts_on <= coalesce(modified_at::date, starts_on)

),

newest as (

    select max(lived_on) as lived_on
    from sign_of_life

)

select
    case
        when delivery.is_live then delivery.live_on
        else least(coalesce((newest.lived_on + interval 1 day)::date, delivery.extracted_on), delivery.extracted_on)
    end as natural_on,
    -- the source's clock may be past midnight when ours is not
    case
        when delivery.is_live then greatest(delivery.extracted_on, delivery.live_on) else delivery.extracted_on
    end as extracted_on
from delivery
cross join newest
