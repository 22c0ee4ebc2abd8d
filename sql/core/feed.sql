/*
feed
    What came of each feed: is it there, how many of its rows are used, and why not the others.

grain  : one row per feed, configured or not
key    : feed
inputs : raw.load, core.feed_row
params : $configured_feeds
columns:
  feed              VARCHAR  satisfaction, costs, actuals, targets or decisions
  is_configured     BOOLEAN  it is in kam.yaml and has been delivered at least once
  row_cnt           BIGINT   rows of its newest file: used, unmatched, rejected and out of scope
  used_cnt          BIGINT   rows that count
  unmatched_cnt     BIGINT   rows of which no customer can be told
  rejected_cnt      BIGINT   rows that cannot be used for another reason
  out_of_scope_cnt  BIGINT   rows of accounts that are out of scope
  first_on          DATE     day, month or fiscal year that the first used row begins with
  last_on           DATE     day, month or fiscal year that the last used row begins with
*/
with feed as (

    select unnest(['satisfaction', 'costs', 'actuals', 'targets', 'decisions']) as feed

),

delivered as (

    select distinct object
    from raw.load
    where is_present

)

select
    feed.feed,
    coalesce(list_contains($configured_feeds::varchar[], 'feeds.' || feed.feed), false)
    and max(delivered.object) is not null as is_configured,
    count(found.status) filter (where found.status <> 'deleted') as row_cnt,
    count(*) filter (where found.status = 'used') as used_cnt,
    count(*) filter (where found.status = 'unmatched') as unmatched_cnt,
    count(*) filter (where found.status = 'rejected') as rejected_cnt,
    count(*) filter (where found.status = 'out_of_scope') as out_of_scope_cnt,
    min(found.dated_on) filter (where found.status = 'used') as first_on,
    max(found.dated_on) filter (where found.status = 'used') as last_on
from feed
left join delivered on 'feeds.' || feed.feed = delivered.object
left join core.feed_row as found on 'feeds.' || feed.feed = found.object
group by feed.feed
