/*
decision_conflict
    Decisions that cannot count beside others. Of designations of one account that overlap, the one that begins last
    counts, from where the first began; of equal ones the one that ends last, then the first id. A group that is
    included and excluded at once is neither, on the days on which both hold (marts.designation); here are the rows that
    overlap by their written days, one without an end for ever, whatever the settings.

grain  : one row per decision that does not count, or not always
key    : record_id
inputs : staging.decision, staging.feed_row, core.feed_customer
params : none
columns:
  record_id    VARCHAR  row of feeds.decisions
  problem      VARCHAR  duplicate or contradictory
  counting_id  VARCHAR  of a duplicate the row that counts; otherwise null
  reason       VARCHAR  one sentence
*/
with decision as (

    select
        given.record_id,
        given.status,
        given.since_on,
        coalesce(given.until_on, '9999-12-31'::date) as ends_on,
        customer.account_id,
        customer.group_id
    from staging.decision as given
    inner join staging.feed_row as staged
        on
            given.record_id = staged.record_id
            and staged.object = 'feeds.decisions'
            and staged.disposition = 'staged'
    inner join core.feed_customer as customer on staged.written_id = customer.written_id and not customer.is_ambiguous

),

reached as (

    select
        *,
        max(ends_on) over (
            partition by account_id order by since_on, record_id rows between unbounded preceding and 1 preceding
        ) as earlier_ends_on
    from decision
    where status = 'key_account'

),

-- designations that overlap, one after the other
chain as (

    select
        *,
        count(*) filter (where earlier_ends_on is null or since_on >= earlier_ends_on) over (
            partition by account_id order by since_on, record_id rows unbounded preceding
        ) as chain
    from reached

),

counting as (

    select
        *,
        first_value(record_id) over (
            partition by account_id, chain order by since_on desc, ends_on desc, record_id
        ) as counting_id
    from chain

),

opposed as (

    select
        decision.record_id,
        arg_min(other.account_id, (other.since_on, other.record_id)) as account_id,
        min(other.since_on) as since_on,
        min(decision.status) as status
    from decision
    inner join decision as other
        on
            decision.group_id = other.group_id
            and decision.since_on < other.ends_on
            and other.since_on < decision.ends_on
    where
        (decision.status = 'include' and other.status = 'exclude')
        or (decision.status = 'exclude' and other.status = 'include')
    group by decision.record_id

)

select
    counting.record_id,
    'duplicate' as problem,
    counting.counting_id,
    'Account ' || counting.account_id || ' is designated again from ' || kept.since_on
    || '; that row counts, also for the days before.' as reason
from counting
inner join decision as kept on counting.counting_id = kept.record_id
where counting.record_id <> counting.counting_id
union all
select
    record_id,
    'contradictory' as problem,
    null as counting_id,
    'Its customer is included and excluded at once; on days on which both hold neither counts. End the other row '
    || '(account ' || account_id || ', since ' || since_on || ') or this one before the other begins.' as reason
from opposed
