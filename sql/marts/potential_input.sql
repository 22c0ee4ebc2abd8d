/*
potential_input
    What the CRM knows of a customer apart from what it bought, with what it bought: what potential is learnt from.

grain  : one row per as_of_date and group
key    : as_of_date, group_id
inputs : core.account, marts.entity_revenue
params : $as_of_date
readers: newest
rules  :
  group_id references core.account_group
  accounts_cnt, countries_cnt, employees_cnt from 1
  draw from 0
columns:
  as_of_date           DATE           snapshot date
  group_id             VARCHAR        group
  industry             VARCHAR        industry of the account nearest the top that has one, in lower case
  country              VARCHAR        billing country, likewise
  account_type         VARCHAR        account type, likewise
  accounts_cnt         BIGINT         accounts in the group
  countries_cnt        BIGINT         different billing countries, null where none is known
  annual_revenue_amt   DECIMAL(18,2)  largest turnover of an account of the group (that of the top often holds the
                                      others'), null where none above 0 is known
  employees_cnt        BIGINT         largest number of employees, likewise
  revenue_mean_3y_amt  DECIMAL(18,2)  a third of the revenue of 36 months, null where not above 0
  draw                 BIGINT         a number from the group id alone: who is in a sample, and in which fold
*/
with written as (

    select
        group_id,
        depth,
        account_id,
        nullif(lower(trim(industry)), '') as industry,
        nullif(lower(trim(country)), '') as country,
        nullif(lower(trim(account_type)), '') as account_type,
        case when annual_revenue_amt > 0 then annual_revenue_amt end as annual_revenue_amt,
        case when employees_cnt > 0 then employees_cnt end as employees_cnt
    from core.account

),

described as (

    select
        group_id,
        arg_min(industry, (depth, account_id)) as industry,
        arg_min(country, (depth, account_id)) as country,
        arg_min(account_type, (depth, account_id)) as account_type,
        count(*) as accounts_cnt,
        nullif(count(distinct country), 0) as countries_cnt,
        max(annual_revenue_amt) as annual_revenue_amt,
        max(employees_cnt) as employees_cnt
    from written
    group by group_id

)

select
    $as_of_date::date as as_of_date,
    described.group_id,
    described.industry,
    described.country,
    described.account_type,
    described.accounts_cnt,
    described.countries_cnt,
    described.annual_revenue_amt,
    described.employees_cnt,
    case when revenue.mean_3y_amt > 0 then revenue.mean_3y_amt end as revenue_mean_3y_amt,
    (md5_number_lower(described.group_id) % 1000000007)::bigint as draw
from described
left join marts.entity_revenue as revenue
    on
        described.group_id = revenue.entity_id
        and revenue.basis = 'group'
        and revenue.as_of_date = $as_of_date::date
