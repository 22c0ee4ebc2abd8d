/*
group_metric
    The figures that criteria are made of, for every group. What is unknown is null, never 0.

grain  : one row per as_of_date and group
key    : as_of_date, group_id
inputs : core.account_group, marts.entity_revenue, marts.group_activity, marts.group_deal, marts.group_feed,
         marts.group_potential, marts.designation_source, marts.designated_group, marts.revenue_window
params : $as_of_date
readers: published, newest
rules  :
  group_id references core.account_group
  group_name not null
  unknown_won_cnt, unknown_12m_cnt, won_cnt, days_since_won, untapped_amt, engaged_contacts_cnt, meetings_cnt,
    days_since_meeting, product_families_cnt from 0
  countries_cnt, accounts_cnt from 1
  relationship_strength between 0 and 1
columns:
  as_of_date             DATE           snapshot date
  group_id               VARCHAR        group
  group_name             VARCHAR        name at the date of the run
  is_key_account         BOOLEAN        on the designated list; null where nothing says who is
  revenue_amt            DECIMAL(18,2)  revenue of the last 12 months, 0 where none; null where only deals without a
                                        known amount were won
  prior_amt              DECIMAL(18,2)  revenue of the 12 months before those; 0 and null likewise
  before_amt             DECIMAL(18,2)  revenue of the 12 months before those again; 0 and null likewise
  revenue_mean_2y_amt    DECIMAL(18,2)  half of the revenue of 24 months; 0 and null likewise
  revenue_mean_3y_amt    DECIMAL(18,2)  a third of the revenue of 36 months; 0 and null likewise
  revenue_growth         DOUBLE         last 12 months over the 12 before, minus 1; null where those are not above 0,
                                        or begin over a tenth of their days before the company's history of revenue, or
                                        the last 12 are unknown
  won_cnt                BIGINT         deals won in 36 months, those without a known amount too
  days_since_won         BIGINT         days since the newest won deal of all; null where none was ever won
  profit_amt             DECIMAL(18,2)  revenue less costs of the last 12 whole months, of the accounts and months whose
                                        costs are known; null where these hold too little of the revenue
  gross_margin_share     DOUBLE         profit_amt over the revenue it is made from; null likewise
  potential_amt          DECIMAL(18,2)  mapped potential of all accounts, null where unknown
  share_of_wallet        DOUBLE         revenue_amt over potential_amt, above 1 where more is bought than was thought
                                        possible; null without a potential above 0
  untapped_amt           DECIMAL(18,2)  potential_amt less revenue_amt, not below 0; null where either is unknown
  similar_revenue_amt    DECIMAL(18,2)  what similar customers buy a year, null where not measured; its error is in
                                        potential_model
  open_pipeline_amt      DECIMAL(18,2)  open deals with a known amount, 0 where none is open; null where open ones have
                                        no known amount, or nobody has an open deal
  strategic_fit          DOUBLE         mapped strategic fit, the highest of its accounts; null where none is a number
  market_influence       DOUBLE         mapped market influence, the highest of its accounts; null likewise
  engaged_contacts_cnt   BIGINT         different contacts met or called within the contact window; null where none of
                                        these touches names a contact, or nobody was met or called
  meetings_cnt           BIGINT         meetings of the last 12 months; null where there were none with anybody
  days_since_meeting     BIGINT         days since the newest meeting; null where there never was one
  relationship_strength  DOUBLE         0..1: mean of engaged contacts of 5, meetings of 12 and how lately of 180 days,
                                        a judgement; null where contacts or meetings are unknown
  product_families_cnt   BIGINT         different product families won within the cross-selling window, 0 where nothing
                                        was won; null where they are unknown
  countries_cnt          BIGINT         different billing countries of its accounts; null where none is known
  accounts_cnt           BIGINT         accounts in the group
  satisfaction_mean      DOUBLE         answers of 12 months on their own scale: the mean of the accounts' means
  unknown_won_cnt        BIGINT         deals won, orders or invoiced rows of 36 months whose amount or rate is unknown
  unknown_12m_cnt        BIGINT         of these, in the last 12 months
*/
with bought as (

    select
        deal.*,
        coalesce(revenue.revenue_amt, 0) as known_12m_amt,
        coalesce(revenue.prior_amt, 0) as known_prior_amt,
        coalesce(revenue.before_amt, 0) as known_before_amt,
        coalesce(revenue.mean_3y_amt, 0) as known_mean_3y_amt,
        coalesce(revenue.unknown_cnt, 0) as unknown_won_cnt,
        coalesce(revenue.unknown_12m_cnt, 0) as unknown_12m_cnt,
        coalesce(revenue.unknown_prior_cnt, 0) as unknown_prior_cnt
    from marts.group_deal as deal
    left join marts.entity_revenue as revenue
        on
            deal.group_id = revenue.entity_id
            and revenue.basis = 'group'
            and revenue.as_of_date = $as_of_date::date
    where deal.as_of_date = $as_of_date::date

),

history as (

    select
        coalesce(
            history_on - (until_on - interval 24 month)::date
            <= 0.1 * ((until_on - interval 12 month)::date - (until_on - interval 24 month)::date), false
        ) as has_base
    from marts.revenue_window
    where as_of_date = $as_of_date::date

),

judged as (

    select
        *,
        case when unknown_12m_cnt = 0 or known_12m_amt <> 0 then known_12m_amt end as revenue_amt,
        case when unknown_prior_cnt = 0 or known_prior_amt <> 0 then known_prior_amt end as prior_amt,
        case
            when unknown_won_cnt = unknown_12m_cnt + unknown_prior_cnt or known_before_amt <> 0 then known_before_amt
        end as before_amt,
        case
            when unknown_12m_cnt + unknown_prior_cnt = 0 or known_12m_amt + known_prior_amt <> 0
                then round((known_12m_amt + known_prior_amt) / 2, 2)
        end as revenue_mean_2y_amt,
        case when unknown_won_cnt = 0 or known_mean_3y_amt <> 0 then known_mean_3y_amt end as revenue_mean_3y_amt
    from bought

)

select
    $as_of_date::date as as_of_date,
    account_group.group_id,
    account_group.group_name,
    case when source.source <> 'none' then designated.group_id is not null end as is_key_account,
    judged.revenue_amt::decimal(18, 2) as revenue_amt,
    judged.prior_amt::decimal(18, 2) as prior_amt,
    judged.before_amt::decimal(18, 2) as before_amt,
    judged.revenue_mean_2y_amt::decimal(18, 2) as revenue_mean_2y_amt,
    judged.revenue_mean_3y_amt::decimal(18, 2) as revenue_mean_3y_amt,
    case when history.has_base and judged.prior_amt > 0 then judged.revenue_amt / judged.prior_amt - 1 end::double
        as revenue_growth,
    judged.won_cnt,
    judged.days_since_won,
    feed.profit_amt,
    feed.gross_margin_share,
    account_group.potential_amt,
    case when account_group.potential_amt > 0 then judged.revenue_amt / account_group.potential_amt end::double
        as share_of_wallet,
    case
        when judged.revenue_amt > account_group.potential_amt then 0
        else account_group.potential_amt - judged.revenue_amt
    end::decimal(18, 2) as untapped_amt,
    potential.similar_revenue_amt,
    judged.open_pipeline_amt,
    account_group.strategic_fit,
    account_group.market_influence,
    activity.engaged_contacts_cnt,
    activity.meetings_cnt,
    activity.days_since_meeting,
    activity.relationship_strength,
    judged.product_families_cnt,
    nullif(account_group.countries_cnt, 0) as countries_cnt,
    account_group.accounts_cnt,
    feed.satisfaction_mean,
    judged.unknown_won_cnt,
    judged.unknown_12m_cnt
from core.account_group as account_group
inner join marts.designation_source as source on source.as_of_date = $as_of_date::date
cross join history
inner join judged on account_group.group_id = judged.group_id
inner join marts.group_activity as activity
    on account_group.group_id = activity.group_id and activity.as_of_date = $as_of_date::date
left join marts.group_feed as feed on account_group.group_id = feed.group_id and feed.as_of_date = $as_of_date::date
left join marts.group_potential as potential
    on account_group.group_id = potential.group_id and potential.as_of_date = $as_of_date::date
left join marts.designated_group as designated
    on account_group.group_id = designated.group_id and designated.as_of_date = $as_of_date::date
