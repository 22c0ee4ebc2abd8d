/*
decision
    What has been decided about customers, row by row of the feed, and what is wrong with the row in itself.

grain  : one row per living raw row of feeds.decisions
key    : record_id
inputs : raw.feed_decisions
params : none
columns:
  record_id    VARCHAR  id of the row; made from its content where it has none of its own
  status       VARCHAR  key_account, include or exclude; letter case, blanks and hyphens play no part; null where it is
                        none of them
  since_on     DATE     first day on which it holds
  until_on     DATE     first day on which it no longer holds; null where it has no end
  reason       VARCHAR  why, as written
  approved_by  VARCHAR  who approved it, as written
  empty_field  VARCHAR  column that is empty and must not be; null where there is none
  mistake      VARCHAR  what is wrong with it, without the full stop; null where nothing is
*/
with given as (

    select
        Id as record_id,
        replace(replace(lower(trim(status)), ' ', '_'), '-', '_') as written_status,
        since as since_on,
        until as until_on,
        nullif(trim(reason), '') as reason,
        nullif(trim(approved_by), '') as approved_by
    from raw.feed_decisions

),

known as (

    select unnest(['key_account', 'include', 'exclude']) as status

),

-- the status that a misspelt one most likely means: at most three letters away
near as (

    select
        given.record_id,
        arg_min(known.status, (levenshtein(given.written_status, known.status), known.status)) as status
    from given
    cross join known
    where levenshtein(given.written_status, known.status) between 1 and 3
    group by given.record_id

)

select
    given.record_id,
    known.status,
    given.since_on,
    given.until_on,
    given.reason,
    given.approved_by,
    case
        when coalesce(given.written_status, '') = '' then 'status'
        when given.since_on is null then 'since'
        when known.status in ('include', 'exclude') and given.reason is null then 'reason'
        when known.status in ('include', 'exclude') and given.approved_by is null then 'approved_by'
    end as empty_field,
    case
        when given.written_status <> '' and known.status is null
            then
                'Its status ' || given.written_status || ' is none of key_account, include, exclude'
                || coalesce('; did you mean ' || near.status || '?', '')
        when given.until_on <= given.since_on
            then 'Its until ' || given.until_on || ' is not after its since ' || given.since_on
    end as mistake
from given
left join known on given.written_status = known.status
left join near on given.record_id = near.record_id
