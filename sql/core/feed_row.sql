/*
feed_row
    Rows of the feeds with customer and money, and what became of each. Costs and invoiced revenue are converted at the
    rate of the last day of their month, dated or else static; targets at the static rate: their year may lie ahead. No
    currency code means the reporting currency. Of several targets of one account for one year the largest counts, so
    that reaching it is never flattered; of equal ones the first id. Later rows are here, and in no table of a snapshot.

grain  : one row per living raw row of a feed
key    : object, record_id
inputs : staging.feed_row, core.feed_customer, core.decision_conflict, core.currency_rate, core.organisation
params : none
rules  :
  object in feeds.satisfaction, feeds.costs, feeds.actuals, feeds.targets, feeds.decisions
  status in used, unmatched, rejected, out_of_scope, deleted
  status not null
  account_id references core.account
  rate_kind in same, dated, static
columns:
  object           VARCHAR        feed, as feeds.costs
  record_id        VARCHAR        id of the row; made from its content where it has none of its own
  group_id         VARCHAR        group of the account; null where the row was rejected before or is ambiguous
  account_id       VARCHAR        CRM account id, merges followed; of several in a group the topmost, then smallest id
  dated_on         DATE           day of the survey, first day of the month, fiscal year or decision
  fiscal_year      INTEGER        year in which the fiscal year of a target ends
  contact_id       VARCHAR        contact that was asked, as written
  score            DOUBLE         score on the scale of kam.yaml; null: asked and not answered
  amount_amt       DECIMAL(18,2)  amount in reporting currency, null without an amount or a rate
  amount_original  DECIMAL(18,4)  amount as written
  currency_code    VARCHAR        its currency
  rate_kind        VARCHAR        same, dated or static; null where there is no rate
  status           VARCHAR        used, unmatched (no customer can be told), rejected, out_of_scope or deleted
  problem          VARCHAR        problem of staging.feed_row, or ambiguous_account, no_rate, out_of_range, duplicate,
                                  contradictory (used but on days on which another decision says the opposite)
  reason           VARCHAR        one sentence; null where there is no problem
*/
with staged as (

    select
        given.* exclude (dated_on, currency_code),
        customer.account_id,
        customer.group_id,
        customer.is_ambiguous,
        case
            when given.amount_original is not null
                then coalesce(given.currency_code, organisation.reporting_currency)
        end as currency_code,
        last_day(given.dated_on) as rated_on,
        coalesce(
            given.dated_on,
            make_date(given.fiscal_year - (organisation.fiscal_year_start_month > 1)::integer, 1, 1)
            + to_months((organisation.fiscal_year_start_month - 1)::integer)
        )::date as dated_on
    from staging.feed_row as given
    cross join core.organisation as organisation
    left join core.feed_customer as customer
        on given.written_id = customer.written_id and given.disposition = 'staged'

),

rate as (

    select
        wanted.currency_code,
        wanted.rated_on,
        coalesce(
            max(rate.units_per_reporting) filter (where rate.rate_kind in ('same', 'dated')),
            max(rate.units_per_reporting)
        ) as units_per_reporting,
        -- the words sort as they are preferred: dated, same, static
        min(rate.rate_kind) as rate_kind
    from (select distinct currency_code, rated_on from staged) as wanted
    inner join core.currency_rate as rate
        on
            wanted.currency_code = rate.currency_code
            and (rate.rate_kind <> 'dated' or wanted.rated_on >= rate.valid_from)
            and (rate.rate_kind <> 'dated' or wanted.rated_on < rate.valid_until)
    group by wanted.currency_code, wanted.rated_on

),

converted as (

    select
        staged.*,
        rate.rate_kind,
        case
            when abs(amount_original / units_per_reporting) >= 10000000000000 then null
            when rate.rate_kind = 'same' then amount_original::decimal(18, 2)
            else round(amount_original / units_per_reporting, 2)::decimal(18, 2)
        end as amount_amt
    from staged
    left join rate
        on staged.currency_code = rate.currency_code and staged.rated_on is not distinct from rate.rated_on

),

-- smaller targets of the same account and year
passed_over as (

    select object, record_id
    from converted
    where object = 'feeds.targets' and disposition = 'staged' and not is_ambiguous and amount_amt is not null
    qualify row_number() over (partition by account_id, fiscal_year order by amount_amt desc, record_id) > 1

),

judged as (

    select
        converted.*,
        conflict.reason as conflict_reason,
        case
            when converted.disposition <> 'staged' then converted.problem
            when converted.is_ambiguous then 'ambiguous_account'
            when conflict.problem is not null then conflict.problem
            when converted.amount_original is null then null
            when converted.rate_kind is null then 'no_rate'
            when converted.amount_amt is null then 'out_of_range'
            when passed_over.record_id is not null then 'duplicate'
        end as found_problem
    from converted
    left join core.decision_conflict as conflict
        on converted.object = 'feeds.decisions' and converted.record_id = conflict.record_id
    left join passed_over on converted.object = passed_over.object and converted.record_id = passed_over.record_id

)

select
    object,
    record_id,
    group_id,
    account_id,
    dated_on,
    fiscal_year,
    contact_id,
    score,
    amount_amt,
    amount_original,
    currency_code,
    rate_kind,
    case
        -- by date, in marts.designation: a decision that is over must not undo one that holds
        when found_problem is null or found_problem = 'contradictory' then 'used'
        when found_problem in ('no_account', 'unknown_account', 'deleted_account', 'ambiguous_account') then 'unmatched'
        when disposition = 'staged' then 'rejected'
        else disposition
    end as status,
    found_problem as problem,
    case
        when disposition <> 'staged' then reason
        when conflict_reason is not null and found_problem in ('duplicate', 'contradictory') then conflict_reason
        when found_problem = 'ambiguous_account'
            then 'Its account ' || written_id || ' is an external id of accounts of several groups.'
        when found_problem = 'no_rate'
            then 'There is no exchange rate for ' || currency_code || ' (account ' || written_id || ').'
        when found_problem = 'out_of_range' then 'Its converted amount is too large to be money.'
        when found_problem = 'duplicate'
            then 'Another target of account ' || written_id || ' for ' || fiscal_year || ' is larger or equal.'
    end as reason
from judged
