/*
feed_row
    Rows of the feeds in one form, and why some of them cannot be used. A row whose account is unknown is rejected here;
    one whose external id means several groups, or whose currency has no rate, in core.feed_row.

grain  : one row per living raw row of a feed
key    : object, record_id
inputs : raw.feed_satisfaction, raw.feed_costs, raw.feed_actuals, raw.feed_targets, raw.feed_decisions,
         staging.decision, staging.feed_account
params : $configured_feeds, $satisfaction_lowest, $satisfaction_highest
columns:
  object           VARCHAR        feed, as feeds.costs
  record_id        VARCHAR        id of the row; made from its content where it has none of its own
  written_id       VARCHAR        account id as it stands in the feed, without blanks around it
  dated_on         DATE           day of the survey, first day of the month or of a decision; null for a target
  fiscal_year      INTEGER        year in which the fiscal year of a target ends
  contact_id       VARCHAR        contact that was asked, as written
  score            DOUBLE         score on the scale of kam.yaml; null: asked and not answered
  amount_original  DECIMAL(18,4)  cost, invoiced revenue or target; a credit is negative and stays so
  currency_code    VARCHAR        ISO code as written; null means the reporting currency
  disposition      VARCHAR        staged, rejected, out_of_scope or deleted
  problem          VARCHAR        unreadable, incomplete, out_of_range, no_account, unknown_account, deleted_account,
                                  excluded_account, not_configured or gone; null for a staged row
  reason           VARCHAR        one sentence; null for a staged row
*/
with record as (

    select
        'feeds.satisfaction' as object, Id, account_id, surveyed_on as dated_on, null::bigint as fiscal_year,
        contact_id, score, null::decimal(18, 4) as amount_original, null as currency_code, _is_gone, _unparsed,
        case when surveyed_on is null then 'surveyed_on' end as empty_field,
        case
            when score not between $satisfaction_lowest::double and $satisfaction_highest::double
                then
                    format(
                        'Its score {:.6g} lies outside {:.6g} to {:.6g}',
                        score, $satisfaction_lowest::double, $satisfaction_highest::double
                    )
        end as off_scale
    from raw.feed_satisfaction
    union all
    select
        'feeds.costs' as object, Id, account_id, "month", null, null,
        null, cost_amt, currency_code, _is_gone, _unparsed,
        case when "month" is null then 'month' when cost_amt is null then 'cost_amt' end,
        null
    from raw.feed_costs
    union all
    select
        'feeds.actuals' as object, Id, account_id, "month", null, null,
        null, revenue_amt, currency_code, _is_gone, _unparsed,
        case when "month" is null then 'month' when revenue_amt is null then 'revenue_amt' end,
        null
    from raw.feed_actuals
    union all
    select
        'feeds.targets' as object, Id, account_id, null, "year", null,
        null, target_amt, currency_code, _is_gone, _unparsed,
        case when "year" is null then 'year' when target_amt is null then 'target_amt' end,
        case
            when "year" not between 1900 and 2200 then 'Its year is none: ' || "year"
            when target_amt < 0 then 'Its target is below zero: ' || target_amt
        end
    from raw.feed_targets
    union all
    select
        'feeds.decisions' as object, given.Id, given.account_id, given.since, null,
        null, null, null, null, given._is_gone, given._unparsed,
        decision.empty_field,
        decision.mistake
    from raw.feed_decisions as given
    inner join staging.decision as decision on given.Id = decision.record_id

),

meant as (

    select
        written_id,
        min(standing) as standing
    from staging.feed_account
    group by written_id

),

judged as (

    select
        record.*,
        nullif(trim(record.account_id), '') as written_id,
        case
            when record._is_gone then 'gone'
            when not list_contains($configured_feeds::varchar[], record.object) then 'not_configured'
            when meant.standing = 'out_of_scope' then 'excluded_account'
            when record._unparsed is not null then 'unreadable'
            when record.empty_field is not null then 'incomplete'
            when record.off_scale is not null then 'out_of_range'
            when trim(coalesce(record.account_id, '')) = '' then 'no_account'
            when meant.standing = 'deleted' then 'deleted_account'
            when meant.standing is null then 'unknown_account'
        end as problem
    from record
    left join meant on trim(record.account_id) = meant.written_id

)

select
    object,
    Id as record_id,
    written_id,
    dated_on,
    case when fiscal_year between 1900 and 2200 then fiscal_year end::integer as fiscal_year,
    nullif(trim(contact_id), '') as contact_id,
    score,
    amount_original,
    nullif(upper(trim(currency_code)), '') as currency_code,
    case
        when problem is null then 'staged'
        when problem = 'gone' then 'deleted'
        when problem in ('not_configured', 'excluded_account') then 'out_of_scope'
        else 'rejected'
    end as disposition,
    problem,
    case problem
        when 'gone' then 'No longer in the file.'
        when 'not_configured' then 'The feed is not in kam.yaml.'
        when 'excluded_account' then 'Its account ' || written_id || ' is out of scope.'
        when 'unreadable'
            then
                'It cannot be read: ' || _unparsed || '; see date_formats and decimal_separator of ' || object
                || ' in kam.yaml.'
        when 'incomplete' then empty_field || ' is empty in a row of ' || coalesce(written_id, 'no account') || '.'
        when 'out_of_range' then off_scale || ' (account ' || coalesce(written_id, 'unknown') || ').'
        when 'no_account' then 'It has no account_id.'
        when 'deleted_account' then 'Its account ' || written_id || ' has been deleted.'
        when 'unknown_account' then 'Its account ' || written_id || ' is not in the source.'
    end as reason
from judged
