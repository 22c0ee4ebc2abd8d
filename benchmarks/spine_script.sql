/*
The published tables as one plain DuckDB script, written by hand: what the product is held against. Tables of KPIs are
in kpi_script.sql, which is run before `write`.

What belongs here: the same rows from the same CSV export by the shortest way that is fast - no versions, no landing, no
contracts, no metadata. What does not: a second opinion on any rule; a difference from sql/ is a mistake here.
Read by spine_script.py: `-- phase:` begins a phase, `{export}`, `{feeds}` and `{target}` are paths, `as_of_date` is a
variable. The settings of the demo company (criteria, scope, thresholds) are written out as constants.
*/

-- phase: read
create temp table raw_account as
select
    Id, IsDeleted, MasterRecordId, Name, Type, ParentId, BillingCountry, Industry, CurrencyIsoCode, Key_Account__c,
    Internal_Test__c, Potential__c
from read_csv(
    '{export}/Account.csv', header = true, delim = ',', quote = '"', escape = '"',
    nullstr = ['', '000000000000000', '000000000000000AAA'],
    types = {
        'Id': 'VARCHAR', 'IsDeleted': 'BOOLEAN', 'MasterRecordId': 'VARCHAR', 'Name': 'VARCHAR', 'Type': 'VARCHAR',
        'ParentId': 'VARCHAR', 'BillingCountry': 'VARCHAR', 'Industry': 'VARCHAR', 'CurrencyIsoCode': 'VARCHAR',
        'Key_Account__c': 'VARCHAR', 'Internal_Test__c': 'BOOLEAN', 'Potential__c': 'DECIMAL(18,4)'
    }
);

-- CloseDate and Amount are text: some cannot be read
create temp table raw_opportunity as
select
    Id, IsDeleted, AccountId, Name, StageName, Amount, Probability, CloseDate, Type, IsClosed, IsWon, CurrencyIsoCode,
    CreatedDate, SystemModstamp, Loss_Reason__c
from read_csv(
    '{export}/Opportunity.csv', header = true, delim = ',', quote = '"', escape = '"',
    nullstr = ['', '000000000000000', '000000000000000AAA'],
    types = {
        'Id': 'VARCHAR', 'IsDeleted': 'BOOLEAN', 'AccountId': 'VARCHAR', 'Name': 'VARCHAR', 'StageName': 'VARCHAR',
        'Amount': 'VARCHAR', 'Probability': 'DOUBLE', 'CloseDate': 'VARCHAR', 'Type': 'VARCHAR', 'IsClosed': 'BOOLEAN',
        'IsWon': 'BOOLEAN', 'CurrencyIsoCode': 'VARCHAR', 'CreatedDate': 'TIMESTAMP', 'SystemModstamp': 'TIMESTAMP',
        'Loss_Reason__c': 'VARCHAR'
    }
);

create temp table raw_task as
select
    Id, WhoId, WhatId, AccountId, ActivityDate, IsDeleted, IsClosed, TaskSubtype, Type, IsRecurrence, CompletedDateTime
from read_csv(
    '{export}/Task.csv', header = true, delim = ',', quote = '"', escape = '"',
    nullstr = ['', '000000000000000', '000000000000000AAA'],
    types = {
        'Id': 'VARCHAR', 'WhoId': 'VARCHAR', 'WhatId': 'VARCHAR', 'AccountId': 'VARCHAR', 'ActivityDate': 'DATE',
        'IsDeleted': 'BOOLEAN', 'IsClosed': 'BOOLEAN', 'TaskSubtype': 'VARCHAR', 'Type': 'VARCHAR',
        'IsRecurrence': 'BOOLEAN', 'CompletedDateTime': 'TIMESTAMP'
    }
);

create temp table raw_event as
select
    Id, WhoId, WhatId, AccountId, ActivityDate, ActivityDateTime, EventSubtype, Type, Location, Status, IsDeleted,
    IsChild, IsRecurrence
from read_csv(
    '{export}/Event.csv', header = true, delim = ',', quote = '"', escape = '"',
    nullstr = ['', '000000000000000', '000000000000000AAA'],
    types = {
        'Id': 'VARCHAR', 'WhoId': 'VARCHAR', 'WhatId': 'VARCHAR', 'AccountId': 'VARCHAR', 'ActivityDate': 'DATE',
        'ActivityDateTime': 'TIMESTAMP', 'EventSubtype': 'VARCHAR', 'Type': 'VARCHAR', 'Location': 'VARCHAR',
        'Status': 'VARCHAR', 'IsDeleted': 'BOOLEAN', 'IsChild': 'BOOLEAN', 'IsRecurrence': 'BOOLEAN'
    }
);

create temp table raw_contact as
select Id, IsDeleted, AccountId
from read_csv(
    '{export}/Contact.csv', header = true, delim = ',', quote = '"', escape = '"',
    nullstr = ['', '000000000000000', '000000000000000AAA'],
    types = {'Id': 'VARCHAR', 'IsDeleted': 'BOOLEAN', 'AccountId': 'VARCHAR'}
);

create temp table raw_line_item as
select Id, IsDeleted, OpportunityId, Product2Id
from read_csv(
    '{export}/OpportunityLineItem.csv', header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    types = {'Id': 'VARCHAR', 'IsDeleted': 'BOOLEAN', 'OpportunityId': 'VARCHAR', 'Product2Id': 'VARCHAR'}
);

create temp table raw_product as
select Id, IsDeleted, Family
from read_csv(
    '{export}/Product2.csv', header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    types = {'Id': 'VARCHAR', 'IsDeleted': 'BOOLEAN', 'Family': 'VARCHAR'}
);

create temp table currency_type as
select IsoCode as currency_code, ConversionRate as units, IsCorporate as is_corporate
from read_csv(
    '{export}/CurrencyType.csv', header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    types = {'IsoCode': 'VARCHAR', 'ConversionRate': 'DOUBLE', 'IsCorporate': 'BOOLEAN'}
);

create temp table dated_rate as
select IsoCode as currency_code, StartDate as valid_from, NextStartDate as valid_until, ConversionRate as units
from read_csv(
    '{export}/DatedConversionRate.csv', header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
    types = {'IsoCode': 'VARCHAR', 'StartDate': 'DATE', 'NextStartDate': 'DATE', 'ConversionRate': 'DOUBLE'}
);

create temp table group_override as
select account_id, group_id
from read_csv(
    '{feeds}/groups.csv', header = true, delim = ',', quote = '"', escape = '"', nullstr = '', all_varchar = true
);

-- of the other objects the published tables say how many records and ids there are, and no more
create temp table object_count (object varchar, read_cnt bigint, duplicate_cnt bigint);
insert into object_count
select 'AccountTeamMember', count(*), count(*) - count(distinct Id)
from read_csv('{export}/AccountTeamMember.csv', header = true, all_varchar = true)
union all
select 'Case', count(*), count(*) - count(distinct Id)
from read_csv('{export}/Case.csv', header = true, all_varchar = true)
union all
select 'Contact', count(*), count(*) - count(distinct Id) from raw_contact
union all
select 'CurrencyType', count(*), 0 from currency_type
union all
select 'DatedConversionRate', count(*), 0 from dated_rate
union all
select 'OpportunityContactRole', count(*), count(*) - count(distinct Id)
from read_csv('{export}/OpportunityContactRole.csv', header = true, all_varchar = true)
union all
select 'OpportunityLineItem', count(*), count(*) - count(distinct Id) from raw_line_item
union all
select 'Organization', count(*), count(*) - count(distinct Id)
from read_csv('{export}/Organization.csv', header = true, all_varchar = true)
union all
select 'Product2', count(*), count(*) - count(distinct Id) from raw_product
union all
select 'User', count(*), count(*) - count(distinct Id)
from read_csv('{export}/User.csv', header = true, all_varchar = true)
union all
select 'Account', count(*), count(*) - count(distinct Id) from raw_account
union all
select 'Opportunity', count(*), count(Id) - count(distinct Id) from raw_opportunity
union all
select 'Task', count(*), count(*) - count(distinct Id) from raw_task
union all
select 'Event', count(*), count(*) - count(distinct Id) from raw_event;

-- phase: accounts
create temp table merge as
select Id as loser_id, MasterRecordId as winner_id
from raw_account
where MasterRecordId is not null and IsDeleted;

create temp table customer as
select *
from raw_account
where not IsDeleted and not coalesce(Internal_Test__c, false) and coalesce(Type, '') <> 'Partner';

create temp table link as
select
    account.Id as account_id,
    case
        when target.Id = account.Id then null
        when target.Id is not null then target.Id
        when override.group_id is not null then null
        when parent.Id <> account.Id then parent.Id
    end as parent_id,
    case when target.Id is null then override.group_id end as named_group_id,
    case
        when override.group_id is not null or account.ParentId is null or parent.Id is not null then ''
        when excluded.Id is null or excluded.IsDeleted then 'unknown_parent'
        else ''
    end as problem,
    account.ParentId = account.Id as is_own_parent
from customer as account
left join merge on account.ParentId = merge.loser_id
left join group_override as override on account.Id = override.account_id
left join customer as target on override.group_id = target.Id
left join customer as parent on coalesce(merge.winner_id, account.ParentId) = parent.Id
left join raw_account as excluded on coalesce(merge.winner_id, account.ParentId) = excluded.Id;

-- whatever no top leads to lies on or below a circle
create temp table circle as
with recursive reached as (
    select account_id from link where parent_id is null
    union all
    select link.account_id from reached inner join link on reached.account_id = link.parent_id
),
unreached as (
    select link.account_id, link.parent_id from link anti join reached on link.account_id = reached.account_id
),
climb as (
    select account_id, parent_id as ancestor_id from unreached
    union
    select climb.account_id, unreached.parent_id
    from climb inner join unreached on climb.ancestor_id = unreached.account_id
),
on_circle as (select account_id from climb where account_id = ancestor_id)
select climb.account_id, min(climb.ancestor_id) as opened_at
from climb
inner join on_circle on climb.account_id = on_circle.account_id
inner join on_circle as other on climb.ancestor_id = other.account_id
group by climb.account_id;

update link set parent_id = null where account_id in (select opened_at from circle);

create temp table root as
with recursive walk as (
    select account_id, coalesce(named_group_id, account_id) as group_id, parent_id, 0 as depth
    from link
    where parent_id is null
    union all
    select link.account_id, walk.group_id, link.parent_id, walk.depth + 1
    from walk inner join link on walk.account_id = link.parent_id
)
select * from walk;

create temp table account as
select
    account.Id as account_id,
    root.group_id,
    root.parent_id,
    root.depth,
    coalesce(account.Name, account.Id) as account_name,
    account.Type as account_type,
    account.Industry as industry,
    account.BillingCountry as country,
    coalesce(lower(trim(account.Key_Account__c)) not in ('', '0', 'false', 'no', 'n', 'none', 'nej'), false)
        as is_key_account,
    case
        when currency.is_corporate then try_cast(round(account.Potential__c / 1.0::double, 2) as decimal(18, 2))
        else try_cast(round(account.Potential__c / currency.units, 2) as decimal(18, 2))
    end as potential_amt,
    null::varchar as record_url
from customer as account
inner join root on account.Id = root.account_id
left join currency_type as currency on account.CurrencyIsoCode = currency.currency_code;

create temp table account_group as
select
    group_id,
    coalesce(max(account_name) filter (where account_id = group_id), group_id) as group_name,
    count(*) as accounts_cnt,
    count(distinct country) as countries_cnt,
    max(industry) filter (where account_id = group_id) as industry,
    bool_or(is_key_account) as is_key_account,
    sum(potential_amt)::decimal(18, 2) as potential_amt,
    null::varchar as record_url
from account
group by group_id;

-- phase: opportunities
-- an id cut to 15 characters still names one account
update raw_opportunity set AccountId = raw_account.Id
from raw_account
where strlen(raw_opportunity.AccountId) = 15 and left(raw_account.Id, 15) = raw_opportunity.AccountId;

create temp table twice as
select Id, max(SystemModstamp) as newest, count(*) as version_cnt
from raw_opportunity
where Id is not null
group by Id
having count(*) > 1;

delete from raw_opportunity using twice
where raw_opportunity.Id = twice.Id and raw_opportunity.SystemModstamp < twice.newest;

-- one rate per currency and day: a plain equality join for the deals
create temp table day_rate as
select
    currency_code,
    unnest(generate_series(valid_from, least(valid_until, date '2040-01-01') - 1, interval 1 day))::date as day,
    units
from dated_rate
where currency_code <> (select currency_code from currency_type where is_corporate);

create temp table judged as
select
    opportunity.*,
    root.account_id as known_account_id,
    root.group_id,
    try_cast(opportunity.CloseDate as date) as closed_on,
    try_cast(opportunity.Amount as decimal(18, 4)) as amount_original,
    case
        when opportunity.Id is null then 'The row has no id.'
        when opportunity.IsDeleted then 'out'
        when opportunity.Type = 'Internal' then 'out'
        when root.account_id is null and owner.Id is not null and not owner.IsDeleted then 'out'
        when opportunity.CloseDate is not null and try_cast(opportunity.CloseDate as date) is null
            then 'CloseDate cannot be read as a date: ' || opportunity.CloseDate
        when opportunity.Amount is not null and try_cast(opportunity.Amount as decimal(18, 4)) is null
            then 'Amount cannot be read as a number: ' || opportunity.Amount
        when opportunity.AccountId is null then 'It has no account.'
        when root.account_id is null and owner.IsDeleted then 'Its account ' || AccountId || ' has been deleted.'
        when root.account_id is null then 'Its account ' || AccountId || ' is not in the source.'
        when opportunity.IsClosed and opportunity.CloseDate is null then 'It is closed and has no CloseDate.'
    end as verdict
from raw_opportunity as opportunity
left join merge on opportunity.AccountId = merge.loser_id
left join root on coalesce(merge.winner_id, opportunity.AccountId) = root.account_id
left join raw_account as owner
    -- only for the few that lead to no customer
    on case when root.account_id is null then coalesce(merge.winner_id, opportunity.AccountId) end = owner.Id;

create temp table deal as
select
    judged.Id as opportunity_id,
    judged.group_id,
    judged.known_account_id as account_id,
    judged.Name as opportunity_name,
    judged.StageName as stage_name,
    judged.IsClosed as is_closed,
    judged.IsWon as is_won,
    case
        when currency.is_corporate then try_cast(judged.amount_original as decimal(18, 2))
        else try_cast(
            round(judged.amount_original / coalesce(rate.units, currency.units), 2) as decimal(18, 2)
        )
    end as amount_amt,
    judged.amount_original,
    judged.CurrencyIsoCode as currency_code,
    case
        when currency.is_corporate then 'same'
        when rate.units is not null then 'dated'
        when currency.units is not null then 'static'
    end as rate_kind,
    judged.closed_on,
    judged.CreatedDate as created_at,
    timezone('Europe/Copenhagen', timezone('UTC', judged.CreatedDate))::date as created_on,
    judged.Probability as probability_pct,
    nullif(trim(judged.Loss_Reason__c), '') as loss_reason
from judged
left join currency_type as currency on judged.CurrencyIsoCode = currency.currency_code
left join day_rate as rate on judged.CurrencyIsoCode = rate.currency_code and judged.closed_on = rate.day
where judged.verdict is null;

-- phase: activities
-- whose activity it is: its own account, else that of its deal, of what it is about, of its contact
create temp table activity as
with touch as (
    select
        Id, AccountId, WhatId, WhoId, ActivityDate as given_on, CompletedDateTime as given_at,
        case
            when TaskSubtype = 'Call' or Type ilike '%call%' then 'call'
            when TaskSubtype in ('Email', 'ListEmail') or Type ilike '%email%' then 'email'
            when Type ilike '%meeting%' then 'meeting'
            else 'task'
        end as kind,
        case when TaskSubtype = 'Call' or Type ilike '%call%' then 'phone' else 'unknown' end as mode,
        IsClosed as is_completed
    from raw_task
    where not IsDeleted and not IsRecurrence
    union all
    select
        Id, AccountId, WhatId, WhoId, ActivityDate, ActivityDateTime,
        case
            when is_call then 'call'
            when type_text like '%email%' or type_text like '%e-mail%' then 'email'
            else 'meeting'
        end,
        case
            when
                words like '%video%' or words like '%teams%' or words like '%zoom%' or words like '%webex%'
                or words like '%online%' or words like '%http:%' or words like '%https:%'
                then 'video'
            when is_call then 'phone'
            when
                type_text like '%visit%' or type_text like '%on-site%' or type_text like '%onsite%'
                or type_text like '%in person%' or type_text like '%besøg%' or type_text like '%besök%'
                or type_text like '%besuch%' or trim(Location) <> ''
                then 'in_person'
            else 'unknown'
        end,
        coalesce(lower(Status) in ('completed', 'held', 'done'), true)
    from (
        select
            *, lower(coalesce(Type, EventSubtype)) as type_text,
            type_text like '%call%' or type_text like '%phone%' or type_text like '%telefon%'
            or type_text like '%opkald%' or type_text like '%anruf%' as is_call,
            lower(concat_ws(' ', coalesce(Type, EventSubtype), Location)) as words
        from raw_event
    )
    where not IsDeleted and not IsRecurrence and not IsChild
)
select
    touch.Id as activity_id,
    root.group_id,
    root.account_id,
    touch.kind,
    touch.mode,
    coalesce(touch.given_on, timezone('Europe/Copenhagen', timezone('UTC', touch.given_at))::date) as happened_on,
    touch.is_completed,
    touch.WhoId as contact_id
from touch
-- the other ways only for those without an account of their own
left join deal on case when touch.AccountId is null then touch.WhatId end = deal.opportunity_id
left join root as about on case when touch.AccountId is null then touch.WhatId end = about.account_id
left join merge as about_merge on case when touch.AccountId is null then touch.WhatId end = about_merge.loser_id
left join raw_contact as contact
    on case when touch.AccountId is null then touch.WhoId end = contact.Id and not contact.IsDeleted
left join merge
    on coalesce(touch.AccountId, deal.account_id, about.account_id, about_merge.winner_id, contact.AccountId)
    = merge.loser_id
inner join root
    on coalesce(
        merge.winner_id, touch.AccountId, deal.account_id, about.account_id, about_merge.winner_id, contact.AccountId
    ) = root.account_id;

drop table raw_task;
drop table raw_event;

-- phase: figures
create temp table won as
select
    account_id,
    group_id,
    coalesce(sum(amount_amt) filter (where closed_on >= getvariable('as_of_date') - interval 12 month), 0)
        as revenue_amt,
    coalesce(
        sum(amount_amt) filter (
            where closed_on < getvariable('as_of_date') - interval 12 month
            and closed_on >= getvariable('as_of_date') - interval 24 month
        ), 0
    ) as prior_amt,
    coalesce(sum(amount_amt) filter (where closed_on < getvariable('as_of_date') - interval 24 month), 0) as before_amt
from deal
where
    is_won
    and amount_amt is not null
    and closed_on < getvariable('as_of_date')
    and closed_on >= getvariable('as_of_date') - interval 36 month
group by account_id, group_id;

create temp table entity as
select
    basis, entity_id, revenue_amt::decimal(18, 2) as revenue_amt, prior_amt::decimal(18, 2) as prior_amt,
    round((revenue_amt + prior_amt + before_amt) / 3, 2)::decimal(18, 2) as mean_3y_amt
from (
    select 'account' as basis, account_id as entity_id, revenue_amt, prior_amt, before_amt from won
    union all
    select 'group', group_id, sum(revenue_amt), sum(prior_amt), sum(before_amt) from won group by group_id
);

create temp table ranked as
select
    basis,
    revenue_amt,
    row_number() over (partition by basis order by revenue_amt desc, entity_id) as place,
    count(*) over (partition by basis) as n,
    sum(revenue_amt) over (partition by basis) as total
from entity
where revenue_amt > 0;

-- phase: intervals
-- made in Python: the table interval (basis, metric, ci_low, ci_high)

-- phase: tables
create temp table revenue_concentration as
with wide as (
    select
        basis,
        n as accounts_cnt,
        max(total)::double as revenue_amt,
        sum((n + 1 - 2 * place) * revenue_amt)::double / (n * max(total)) as gini,
        case when n > 1 then sum((n + 1 - 2 * place) * revenue_amt)::double / ((n - 1) * max(total)) end
            as gini_corrected,
        sum((revenue_amt / total) * (revenue_amt / total)) as hhi,
        1 / sum((revenue_amt / total) * (revenue_amt / total)) as effective_accounts,
        max(revenue_amt) / max(total) as largest_share,
        sum(revenue_amt) filter (where place <= 3) / max(total) as cr_3,
        sum(revenue_amt) filter (where place <= 5) / max(total) as cr_5,
        sum(revenue_amt) filter (where place <= 10) / max(total) as cr_10,
        sum(revenue_amt) filter (where place <= ceil(0.01 * n)) / max(total) as top_1_pct_share,
        sum(revenue_amt) filter (where place <= ceil(0.05 * n)) / max(total) as top_5_pct_share,
        sum(revenue_amt) filter (where place <= ceil(0.10 * n)) / max(total) as top_10_pct_share,
        sum(revenue_amt) filter (where place <= ceil(0.20 * n)) / max(total) as top_20_pct_share,
        sum((revenue_amt * n / total) * ln(revenue_amt * n / total)) / n as theil,
        sum(revenue_amt) filter (where place <= ceil(0.10 * n))
        / nullif(sum(revenue_amt) filter (where place > n - floor(0.40 * n)), 0) as palma
    from ranked
    group by basis, n
),
negative as (select basis, count(*) as excluded_cnt from entity where revenue_amt < 0 group by basis)
select
    getvariable('as_of_date') as as_of_date, long.basis, 12 as window_months, long.metric, long.value::double as value,
    interval.ci_low, interval.ci_high, long.accounts_cnt, coalesce(negative.excluded_cnt, 0) as excluded_cnt
from (
    unpivot wide on
    revenue_amt, gini, gini_corrected, hhi, effective_accounts, largest_share, cr_3, cr_5, cr_10, top_1_pct_share,
    top_5_pct_share, top_10_pct_share, top_20_pct_share, theil, palma
    into name metric value value
) as long
left join interval on long.basis = interval.basis and long.metric = interval.metric
left join negative on long.basis = negative.basis;

create temp table lorenz_curve as
with upward as (
    select
        basis, n + 1 - place as place_up, n, total,
        sum(revenue_amt) over (partition by basis order by place desc rows unbounded preceding) as running
    from ranked
),
wanted as (
    select size.basis, step.point::integer as point, round(step.point * size.n / 100.0)::bigint as place
    from (select distinct basis, n from ranked) as size
    cross join (select unnest(range(0, 101)) as point) as step
)
select
    getvariable('as_of_date') as as_of_date, wanted.basis, 12 as window_months, wanted.point,
    coalesce(upward.place_up / upward.n, 0)::double as account_share,
    coalesce(upward.running / upward.total, 0)::double as revenue_share
from wanted
left join upward on wanted.basis = upward.basis and wanted.place = upward.place_up;

create temp table measured as
with lacking as (
    select amount_amt, amount_amt is null as lacks
    from deal
    where
        is_won and closed_on < getvariable('as_of_date')
        and closed_on >= getvariable('as_of_date') - interval 12 month
    union all
    select
        try_cast(
            judged.amount_original / case when currency.is_corporate then 1.0 else currency.units end as decimal(18, 2)
        ),
        true
    from judged
    left join currency_type as currency on judged.CurrencyIsoCode = currency.currency_code
    where
        (verdict like 'Amount%' or verdict like 'It%account%')
        and IsWon and closed_on < getvariable('as_of_date')
        and closed_on >= getvariable('as_of_date') - interval 12 month
),
attribution as (
    select
        sum(greatest(coalesce(lacking.amount_amt, mean.amount_amt), 0)) filter (where lacking.lacks)
        / nullif(sum(greatest(coalesce(lacking.amount_amt, mean.amount_amt), 0)), 0) as share
    from lacking
    cross join (select (sum(amount_amt) / count(amount_amt))::decimal(18, 2) as amount_amt from lacking) as mean
),
month as (
    select
        date_diff(
            'month',
            case
                when day(min(closed_on)) = 1 then min(closed_on)
                else (date_trunc('month', min(closed_on)) + interval 1 month)::date
            end,
            date_trunc('month', getvariable('as_of_date'))::date
        ) as cnt
    from deal
    where is_won and closed_on < getvariable('as_of_date')
)
select
    basis,
    max(accounts_cnt) as entities_cnt,
    greatest(any_value(month.cnt), 0) as months_cnt,
    coalesce(any_value(attribution.share), 0) as unattributed_share,
    max(value) filter (where metric = 'top_10_pct_share') as top_share,
    max(ci_low) filter (where metric = 'top_10_pct_share') as top_low,
    max(ci_high) filter (where metric = 'top_10_pct_share') as top_high,
    max(value) filter (where metric = 'largest_share') as largest_share
from revenue_concentration
cross join month
cross join attribution
group by basis;

create temp table relevance_test as
with tested as (
    select
        *,
        least(abs(top_share - 0.40), abs(top_share - 0.25)) as near
    from measured
)
select
    getvariable('as_of_date') as as_of_date, basis, test.name as test, test.passed, test.value::double as value,
    test.threshold::double as threshold, test.source, test.statement,
    test.statement_da
from (
    select
        basis,
        unnest([
            {'name': 'enough_customers', 'passed': entities_cnt >= 20, 'value': entities_cnt::double,
             'threshold': 20::double, 'source': 'judgement', 'statement': 'Enough customers to judge.',
             'statement_da': 'Der er kunder nok til at give et svar.'},
            {'name': 'enough_months', 'passed': months_cnt >= 12, 'value': months_cnt::double, 'threshold': 12::double,
             'source': 'judgement', 'statement': 'Enough whole months of revenue.',
             'statement_da': 'Der er hele måneder nok med omsætning.'},
            {'name': 'revenue_attributed', 'passed': unattributed_share <= 0.2::double, 'value': unattributed_share,
             'threshold': 0.2::double, 'source': 'judgement',
             'statement': 'Little revenue lacks account, amount or rate.',
             'statement_da': 'Kun lidt omsætning mangler kunde, beløb eller kurs.'},
            {'name': 'top_10_pct_low', 'passed': top_low >= 0.4::double, 'value': top_low, 'threshold': 0.4::double,
             'source': 'judgement: lognormal revenue with sigma 1',
             'statement': 'The top 10 % bring at least this share, at the lower end of the interval.',
             'statement_da': 'De største 10 % står for mindst denne andel, i den lave ende af intervallet.'},
            {'name': 'top_10_pct_high', 'passed': top_high < 0.25::double, 'value': top_high,
             'threshold': 0.25::double, 'source': 'judgement',
             'statement': 'The top 10 % bring less than this share, at the upper end of the interval.',
             'statement_da': 'De største 10 % står for mindre end denne andel, i den høje ende af intervallet.'},
            {'name': 'marked_customer', 'passed': largest_share >= 0.05::double, 'value': largest_share,
             'threshold': 0.05::double, 'source': 'judgement', 'statement': 'One customer has a marked share.',
             'statement_da': 'Én kunde har en markant andel.'},
            {'name': 'dependence', 'passed': largest_share >= 0.1::double, 'value': largest_share,
             'threshold': 0.1::double, 'source': 'ASC 280-10-50-42, IFRS 8.34',
             'statement': 'One customer is large enough to be disclosed.',
             'statement_da': 'Én kunde er stor nok til, at den skal oplyses.'},
            {'name': 'clear_of_thresholds', 'passed': not (entities_cnt < 100 and near <= 0.05::double),
             'value': near, 'threshold': 0.05::double, 'source': 'judgement',
             'statement': 'With fewer than 100 customers, the share is not near a threshold.',
             'statement_da': 'Med færre end 100 kunder ligger andelen ikke tæt på en grænse.'}
        ]) as test
    from tested
);

create temp table kam_relevance as
select
    getvariable('as_of_date') as as_of_date,
    basis,
    case
        when entities_cnt < 20 or months_cnt < 12 or unattributed_share > 0.2 or top_low is null
            then 'insufficient_data'
        when entities_cnt < 100 and least(abs(top_share - 0.40), abs(top_share - 0.25)) <= 0.05 then 'borderline'
        when top_low >= 0.4 then 'relevant'
        when top_high < 0.25 and largest_share < 0.05 then 'not_relevant'
        else 'borderline'
    end as verdict,
    format(
        'The top 10 % of customers bring between {:.0f} % and {:.0f} % of revenue', 100 * top_low, 100 * top_high
    ) || case when top_low >= 0.4 then ': a few customers carry the company.' else '.' end as reason,
    format(
        'De største 10 % af kunderne står for mellem {:.0f} % og {:.0f} % af omsætningen', 100 * top_low,
        100 * top_high
    ) || case when top_low >= 0.4 then ': få kunder bærer virksomheden.' else '.' end as reason_da
from measured;

create temp table dependence_risk as
with threshold (test, elevated, high, subject, subject_da, source, source_da) as (
    values
    ('largest_share', 0.1::double, 0.30::double, 'The largest customer brings', 'Den største kunde står for',
     'disclosure from 10 % (ASC 280-10-50-42, IFRS 8.34); 30 % is lending practice',
     'oplysningspligt fra 10 % (ASC 280-10-50-42, IFRS 8.34); 30 % er långiveres praksis'),
    ('cr_3', 0.50, 0.70, 'The three largest customers bring', 'De tre største kunder står for',
     'lending practice, judgement', 'långiveres praksis, skøn'),
    ('cr_5', 0.70, 0.85, 'The five largest customers bring', 'De fem største kunder står for',
     'lending practice, judgement', 'långiveres praksis, skøn'),
    ('hhi', 0.10, 0.25, 'The Herfindahl index is', 'Herfindahl-indekset er',
     'judgement; market thresholds are no norm for customers', 'skøn; grænser for markeder er ingen norm for kunder')
),
written as (
    select
        c.basis, c.value, threshold.*,
        case when test = 'hhi' then format('{:.3f}', value) else format('{:.1f} % of revenue', 100 * value) end
            as found,
        case
            when test = 'hhi' then format('elevated from {:g}, high from {:g}', elevated, high)
            else format('elevated from {:g} %, high from {:g} %', 100 * elevated, 100 * high)
        end as limits
    from revenue_concentration as c
    inner join threshold on c.metric = threshold.test
)
select
    getvariable('as_of_date') as as_of_date, basis, test, value, elevated as threshold,
    case when value >= high then 'high' when value >= elevated then 'elevated' else 'low' end as band,
    format('{} {}; {} ({}).', subject, found, limits, source) as reason,
    format(
        '{} {}; {}, {} ({}).', subject_da, replace(replace(found, '.', ','), 'of revenue', 'af omsætningen'),
        replace(replace(split_part(limits, ', ', 1), 'elevated from', 'forhøjet fra'), '.', ','),
        replace(replace(split_part(limits, ', ', 2), 'high from', 'høj fra'), '.', ','), source_da
    ) as reason_da
from written;

create temp table metric as
with pipeline as (
    select group_id, sum(amount_amt) as open_pipeline_amt
    from deal
    -- the first moment of the date in the organisation's time zone, as UTC
    where
        not is_closed
        and created_at < timezone('UTC', timezone('Europe/Copenhagen', getvariable('as_of_date')::timestamp))
    group by group_id
)
select
    g.group_id, g.group_name, g.is_key_account, g.potential_amt::double as potential_amt,
    case when coalesce(u.recent_cnt, 0) = 0 or e.revenue_amt <> 0 then coalesce(e.revenue_amt, 0) end::decimal(18, 2)
        as revenue_amt,
    case when u.cnt is null or e.mean_3y_amt <> 0 then coalesce(e.mean_3y_amt, 0) end::decimal(18, 2) as mean_3y_amt,
    coalesce(u.cnt, 0) as unknown_cnt,
    case when e.prior_amt > 0 then e.revenue_amt / e.prior_amt - 1 end::double as growth,
    pipeline.open_pipeline_amt
from account_group as g
left join entity as e on g.group_id = e.entity_id and e.basis = 'group'
left join pipeline on g.group_id = pipeline.group_id
left join (
    select
        group_id, count(*) as cnt,
        count(*) filter (where closed_on >= getvariable('as_of_date') - interval 12 month) as recent_cnt
    from deal
    where
        is_won and amount_amt is null and closed_on < getvariable('as_of_date')
        and closed_on >= getvariable('as_of_date') - interval 36 month
    group by group_id
) as u on g.group_id = u.group_id
where
    coalesce(e.mean_3y_amt > 0 or e.revenue_amt > 0, false)
    or u.cnt > 0
    or g.is_key_account
    or g.potential_amt >= (select quantile_cont(potential_amt, 0.9::double) from account_group where potential_amt > 0);

create temp table criterion_score as
with gate as (
    select quantile_cont(mean_3y_amt::double, 0.5::double) as amt from metric where mean_3y_amt > 0
),
pair as (
    select group_id, 'revenue' as criterion, 0.6::double as weight, mean_3y_amt::double as raw_value, false as is_below
    from metric
    union all
    select group_id, 'potential', 0.2, potential_amt, false from metric
    union all
    select group_id, 'growth', 0.2, growth, coalesce(mean_3y_amt < gate.amt, false) from metric cross join gate
),
scale as (
    select
        criterion,
        ln(quantile_cont(raw_value, 0.1) filter (where raw_value > 0)) as ln_low,
        ln(max(raw_value) filter (where raw_value > 0)) as ln_high,
        count(raw_value) as known_cnt
    from pair
    where not is_below
    group by criterion
),
logs as (
    select
        pair.*, scale.known_cnt,
        case
            when raw_value is null then null
            when raw_value <= 0 then 0.0
            when ln_high = ln_low then 1.0
            else greatest(0.0, least(1.0, (ln(raw_value) - ln_low) / (ln_high - ln_low)))
        end as own_score
    from pair
    inner join scale using (criterion)
    where criterion <> 'growth'
),
percentiles as (
    select
        pair.*, scale.known_cnt,
        case
            when raw_value is null then null
            when is_below then 0.0
            else (
                rank() over (partition by is_below order by raw_value nulls last) - 1
                + (count(raw_value) over (partition by is_below, raw_value) / 2.0)
            ) / scale.known_cnt
        end as own_score
    from pair
    inner join scale using (criterion)
    where criterion = 'growth'
),
scored as (select * from logs union all select * from percentiles),
middle as (
    select criterion, median(own_score) filter (where not is_below) as score from scored group by criterion
)
select
    scored.group_id, scored.criterion, scored.raw_value, scored.weight,
    case when scored.is_below then 0.0 else coalesce(scored.own_score, middle.score) end as score,
    case when scored.raw_value is null or scored.is_below then 'insufficient_data' else 'measured' end as status
from scored
inner join middle using (criterion);

create temp table candidate_criterion as
select
    getvariable('as_of_date') as as_of_date, group_id, criterion, raw_value, score::double as score, weight,
    (score * weight)::double as contribution, status
from criterion_score;

create temp table key_account_candidate as
with total as (select count(*) as n, sum(revenue_amt) as amt from metric where revenue_amt > 0),
score as (
    select group_id, sum(contribution::decimal(18, 15))::double as score
    from candidate_criterion
    group by group_id
),
strongest as (
    select group_id, criterion, contribution
    from candidate_criterion
    qualify row_number() over (partition by group_id order by contribution desc, criterion) = 1
),
placed as (
    select
        metric.*, score.score, strongest.criterion as strongest, strongest.contribution, total.n,
        total.amt as total_amt,
        row_number() over (order by score.score desc, metric.revenue_amt desc nulls last, metric.group_id) as rank,
        case
            when metric.revenue_amt > 0 then row_number() over (order by metric.revenue_amt desc, metric.group_id)
        end as revenue_rank,
        case when metric.revenue_amt > 0 then metric.revenue_amt / total.amt end as revenue_share
    from metric
    inner join score using (group_id)
    inner join strongest using (group_id)
    cross join total
),
banded as (
    select
        *,
        rank <= least(ceil(0.10 * n), 35) as is_in_list,
        case
            when rank <= ceil(0.05 * n) then 'top_5_pct'
            when rank <= ceil(0.10 * n) then 'top_10_pct'
            when rank <= ceil(0.15 * n) then 'near_miss'
            else 'outside'
        end as band,
        case
            when revenue_rank <= ceil(0.05 * n) then 'top_5_pct'
            when revenue_rank <= ceil(0.10 * n) then 'top_10_pct'
            when revenue_rank <= ceil(0.15 * n) then 'near_miss'
            else 'outside'
        end as revenue_band
    from placed
)
select
    getvariable('as_of_date') as as_of_date, group_id, group_name, rank, score, revenue_rank, revenue_amt,
    revenue_share,
    (sum(greatest(coalesce(revenue_amt, 0), 0)) over (order by rank rows unbounded preceding) / total_amt)::double
        as cumulative_share,
    band, revenue_band, is_in_list,
    case
        when is_key_account and is_in_list then 'keep'
        when is_key_account and (band <> 'outside' or unknown_cnt > 0) then 'review'
        when is_key_account then 'exit'
        when is_in_list then 'add'
        else 'none'
    end as decision,
    is_key_account, null::bigint as rank_low, null::bigint as rank_high, null::double as band_stability,
    concat(
        case
            when is_key_account and is_in_list then 'Keep: '
            when is_key_account and band <> 'outside' then 'Review, just outside the list: '
            when is_key_account and unknown_cnt > 0 then 'Review, its revenue is not fully known: '
            when is_key_account then 'Exit, far from the list: '
            when is_in_list then 'Add: '
            when band = 'outside' then 'Not proposed: '
            else 'Near miss: '
        end,
        format('rank {} of {} with score {}, ', rank, count(*) over (), score_text),
        case
            when revenue_amt > 0 then format('{} in 12 months ({} of revenue', revenue_text, share_text)
                || coalesce(format(', {} on the year before)', growth_text), ', nothing to compare with)')
            when revenue_amt is null then 'revenue not known'
            else 'no revenue in 12 months'
        end,
        case when unknown_cnt > 0 then format('; won deals without a known amount: {}', unknown_cnt) else '' end,
        case when contribution > 0 then format('; most of it from {} ({}).', strongest, contribution_text) else '.' end
    ) as reason,
    concat(
        case
            when is_key_account and is_in_list then 'Behold: '
            when is_key_account and band <> 'outside' then 'Vurdér igen, lige uden for listen: '
            when is_key_account and unknown_cnt > 0 then 'Vurdér igen, omsætningen er ikke fuldt kendt: '
            when is_key_account then 'Tag af listen, langt fra den: '
            when is_in_list then 'Tilføj: '
            when band = 'outside' then 'Ikke foreslået: '
            else 'Lige uden for listen: '
        end,
        format('nr. {} af {} med score {}, ', rank, count(*) over (), translate(score_text, ',.', '.,')),
        case
            when revenue_amt > 0 then format(
                '{} på 12 måneder ({} af omsætningen', translate(revenue_text, ',.', '.,'),
                translate(share_text, ',.', '.,')
            )
            || coalesce(
                format(', {} i forhold til året før)', translate(growth_text, ',.', '.,')),
                ', intet at sammenligne med)'
            )
            when revenue_amt is null then 'omsætningen er ikke kendt'
            else 'ingen omsætning i 12 måneder'
        end,
        case when unknown_cnt > 0 then format('; vundne ordrer uden kendt beløb: {}', unknown_cnt) else '' end,
        case
            when contribution > 0 then format(
                '; det meste kommer fra {} ({}).',
                case strongest when 'revenue' then 'omsætning' when 'growth' then 'vækst' else 'potentiale' end,
                translate(contribution_text, ',.', '.,')
            )
            else '.'
        end
    ) as reason_da
from (
    select
        *, format('{:.2f}', score) as score_text, format('{:,.0f} DKK', revenue_amt::double) as revenue_text,
        format('{:.1f} %', 100 * revenue_share) as share_text,
        case when growth >= 0 then '+' else '' end || format('{:,.0f} %', 100 * growth) as growth_text,
        format('{:.2f}', contribution) as contribution_text
    from banded
);

create temp table focus as
select group_id from account_group where is_key_account
union
select group_id from key_account_candidate where is_in_list or is_key_account or band <> 'outside';

create temp table rejected_row as
select getvariable('as_of_date') as as_of_date, 'script' as run_id, object, record_id, part, reason
from (
    select 'Opportunity' as object, coalesce(Id, 'no-id') as record_id, 'record' as part, verdict as reason
    from judged
    where verdict <> 'out'
    union all
    select
        'Opportunity', opportunity_id, 'amount',
        case
            when rate_kind is null then 'There is no exchange rate for ' || currency_code || '.'
            when amount_original is null then 'It is won and has no amount.'
            else 'The converted amount is too large to be money.'
        end
    from deal
    where amount_amt is null and (amount_original is not null or is_won)
    union all
    select 'Account', account_id, 'parent', 'It names itself as its parent.' from link where is_own_parent
    union all
    select 'Account', account_id, 'parent', 'Its parent is not in the source or has been deleted.'
    from link
    where problem = 'unknown_parent'
    union all
    select
        'Account', account_id, 'parent',
        'Its parents lead back to itself; the circle is opened at ' || opened_at || '.'
    from circle
    union all
    select 'Opportunity', Id, 'version', format('The id is there {} times; the newest stamp counts.', version_cnt)
    from twice
);

create temp table data_quality as
with lost as (select object, count(*) as cnt from rejected_row where part = 'record' group by object),
done (name, object, value) as (
    select 'hierarchy_cycles', 'Account', count(*)::double from circle
    union all
    select 'self_parents', 'Account', count(*) from link where is_own_parent
    union all
    select 'unknown_parents', 'Account', count(*) from link where problem = 'unknown_parent'
    union all
    select 'excluded_parents', 'Account', 0
    union all
    select 'amounts_no_rate', 'Opportunity', count(*) from deal where amount_original is not null and rate_kind is null
    union all
    select 'amounts_no_amount', 'Opportunity', count(*) from deal where amount_original is null and is_won
    union all
    select 'amounts_out_of_range', 'Opportunity', count(*)
    from deal
    where amount_original is not null and rate_kind is not null and amount_amt is null
    union all
    select 'closed_after_date', 'Opportunity', count(*)
    from deal
    where is_closed and closed_on >= getvariable('as_of_date')
    union all
    select 'closed_before_creation', 'Opportunity', count(*) from deal where is_closed and closed_on < created_on
    union all
    select 'negative_amounts', 'Opportunity', count(*) from deal where amount_amt < 0
    union all
    select 'probability_out_of_range', 'Opportunity', count(*) from deal where not probability_pct between 0 and 100
    union all
    select 'future_activities', 'Task and Event', count(*)
    from activity
    where is_completed and happened_on >= getvariable('as_of_date')
    union all
    select 'reporting_currency_known', 'Organization', null
    union all
    select 'revenue_attributed', 'Opportunity', unattributed_share from measured where basis = 'group'
    union all
    select 'won_deals_found', 'Opportunity', count(*) from deal where is_won
    union all
    select
        'list_coverage', 'key_account_candidate',
        sum(revenue_amt) filter (where is_in_list)::double
        / sum(revenue_amt) filter (
            where revenue_rank <= (select count_if(is_in_list) from key_account_candidate)
        )::double
    from key_account_candidate
    union all
    select
        'revenue_reconciled', 'entity_revenue',
        (select sum(revenue_amt) from entity where basis = 'group') - (
            select sum(amount_amt)
            from deal
            where
                is_won and closed_on < getvariable('as_of_date')
                and closed_on >= getvariable('as_of_date') - interval 12 month
        )
)
select
    getvariable('as_of_date') as as_of_date, 'script' as run_id, checked.name as "check", checked.object,
    case when checked.name in ('records_accounted_for', 'rejected_share') then 'error' else 'warning' end as severity,
    checked.value = 0 as passed, checked.value, 0::double as threshold, 'Counted by the script.' as detail
from (
    select 'records_accounted_for' as name, object, 0::double as value from object_count
    union all
    select 'rejected_share', object, coalesce(lost.cnt, 0) / read_cnt from object_count left join lost using (object)
    union all
    select 'unique_ids', object, duplicate_cnt from object_count
    union all
    select name, object, value from done
) as checked;

create temp table snapshot as
select
    getvariable('as_of_date') as as_of_date, 'script' as run_id, now()::timestamp as created_at, '' as criteria_version,
    '' as config_version, 'DKK' as reporting_currency, 'bookings' as revenue_basis, now()::timestamp as data_cut_at,
    false as is_restated, 'script' as source;

-- phase: write
attach '{target}' as target (storage_version 'v1.4.0');
create schema target.kam;
create table target.kam.account as from account;
create table target.kam.account_group as from account_group;
create table target.kam.revenue_concentration as from revenue_concentration;
create table target.kam.lorenz_curve as from lorenz_curve;
create table target.kam.relevance_test as from relevance_test;
create table target.kam.kam_relevance as from kam_relevance;
create table target.kam.dependence_risk as from dependence_risk;
create table target.kam.candidate_criterion as from candidate_criterion;
create table target.kam.key_account_candidate as from key_account_candidate;
create table target.kam.kpi_group_month as from kpi_group_month;
create table target.kam.kpi_snapshot as from kpi_snapshot;
create table target.kam.kpi_scorecard as from kpi_scorecard;
create table target.kam.loss_reason as from loss_reason;
create table target.kam.target as from group_target;
create table target.kam.rejected_row as from rejected_row;
create table target.kam.data_quality as from data_quality;
create table target.kam.snapshot as from snapshot;
create table target.kam.criteria as
select '' as criteria_version, 'written out in the script' as text, getvariable('as_of_date') as valid_from;

create table target.kam.opportunity as
select
    deal.opportunity_id, deal.group_id, deal.account_id, deal.opportunity_name, deal.stage_name, deal.is_closed,
    deal.is_won, deal.amount_amt,
    case
        when deal.amount_original is null then 'no_amount'
        when deal.rate_kind is null then 'no_rate'
        when deal.amount_amt is null then 'out_of_range'
        else 'known'
    end as amount_status,
    deal.amount_original, deal.currency_code, deal.rate_kind, deal.closed_on, deal.created_on, deal.loss_reason,
    null::varchar as record_url
from deal
semi join focus on deal.group_id = focus.group_id;

create table target.kam.activity as from activity semi join focus on activity.group_id = focus.group_id;

checkpoint target;
detach target;
