/*
decision_fields_filled
    Which of the fields that decisions need are filled in on the accounts of the key account: industry, country,
    potential, id in another system. Fields that the source does not have are not asked for. Numerator: fields filled
    in on at least one account; null where the source has fewer than two of them. Denominator: fields that the source
    has; null likewise.

inputs : marts.designated_group, core.account, staging.known_field
params : $as_of_date
*/
with known as (

    select
        coalesce(bool_or(field = 'Industry'), false)::integer as has_industry,
        coalesce(bool_or(field = 'BillingCountry'), false)::integer as has_country,
        coalesce(bool_or(field = 'PotentialAmount'), false)::integer as has_potential,
        coalesce(bool_or(field = 'ExternalId'), false)::integer as has_external_id
    from staging.known_field
    where object = 'Account' and is_present

),

filled as (

    select
        designated.group_id,
        (count(nullif(trim(account.industry), '')) > 0)::integer as with_industry,
        (count(nullif(trim(account.country), '')) > 0)::integer as with_country,
        (count(account.potential_amt) > 0)::integer as with_potential,
        (count(nullif(trim(account.external_id), '')) > 0)::integer as with_external_id
    from marts.designated_group as designated
    inner join core.account as account on designated.group_id = account.group_id
    where designated.as_of_date = $as_of_date::date
    group by designated.group_id

),

judged as (

    select
        filled.group_id,
        known.has_industry * filled.with_industry
        + known.has_country * filled.with_country
        + known.has_potential * filled.with_potential
        + known.has_external_id * filled.with_external_id as filled_cnt,
        known.has_industry + known.has_country + known.has_potential + known.has_external_id as fields_cnt
    from filled
    cross join known

)

select
    group_id as observed_id,
    case when fields_cnt >= 2 then filled_cnt end::double as numerator,
    case when fields_cnt >= 2 then fields_cnt end::double as denominator,
    case when fields_cnt >= 2 then filled_cnt / fields_cnt end::double as value,
    format('Filled in: {} of {} fields.', filled_cnt, fields_cnt) as detail,
    format('Udfyldt: {} af {} felter.', filled_cnt, fields_cnt) as detail_da
from judged
