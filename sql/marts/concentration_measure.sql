/*
concentration_measure
    Every measure of concentration side by side, for each window that the company's history covers.

grain  : one row per as_of_date, basis and window in which anybody has revenue
key    : as_of_date, basis, window_months
inputs : marts.entity_revenue, marts.concentration_window
params : $as_of_date
rules  :
  basis in group, account
  window_months between 12 and 36
columns:
  as_of_date          DATE           snapshot date, exclusive end of the window
  basis               VARCHAR        group or account
  window_months       INTEGER        length of the window
  accounts_cnt        BIGINT         entities with revenue above zero in the window: n
  excluded_cnt        BIGINT         entities whose revenue in the window is negative, no part of n
  excluded_amt        DECIMAL(18,2)  how much below zero these are together, as an amount from 0
  zero_cnt            BIGINT         entities with revenue in the 36 months and none in the window, of known amount or
                                     not; no part of n
  revenue_amt         DECIMAL(18,2)  revenue of the n entities
  gini                DOUBLE         Gini coefficient, uncorrected
  gini_corrected      DOUBLE         times n / (n - 1); null for one entity
  hhi                 DOUBLE         sum of squared shares
  effective_accounts  DOUBLE         1 / hhi
  largest_share       DOUBLE         share of the largest
  cr_3                DOUBLE         share of the 3 largest
  cr_5                DOUBLE         share of the 5 largest
  cr_10               DOUBLE         share of the 10 largest
  top_1_pct_share     DOUBLE         share of the ceil(0.01 * n) largest
  top_5_pct_share     DOUBLE         share of the ceil(0.05 * n) largest
  top_10_pct_share    DOUBLE         share of the ceil(0.10 * n) largest
  top_20_pct_share    DOUBLE         share of the ceil(0.20 * n) largest
  theil               DOUBLE         Theil index T
  palma               DOUBLE         top 10 % over bottom 40 %; null for fewer than three entities
  with_zero_1         DOUBLE         share of the ceil(0.01 * m) largest, where m is n with those of zero
  with_zero_5         DOUBLE         share of the ceil(0.05 * m) largest
  with_zero_10        DOUBLE         share of the ceil(0.10 * m) largest
  with_zero_20        DOUBLE         share of the ceil(0.20 * m) largest
*/
with amount as (

    select
        revenue.basis,
        revenue.entity_id,
        frame.window_months,
        case frame.window_months
            when 12 then revenue.revenue_amt
            when 24 then revenue.revenue_amt + revenue.prior_amt
            else revenue.revenue_amt + revenue.prior_amt + revenue.before_amt
        end::decimal(18, 2) as amount,
        coalesce(case frame.window_months
            when 12 then revenue.unknown_12m_cnt
            when 24 then revenue.unknown_12m_cnt + revenue.unknown_prior_cnt
            else revenue.unknown_cnt
        end, 0) as unknown_cnt
    from marts.entity_revenue as revenue
    inner join marts.concentration_window as frame on revenue.as_of_date = frame.as_of_date and frame.is_covered
    where revenue.as_of_date = $as_of_date::date

),

left_out as (

    select
        basis,
        window_months,
        count(*) filter (where amount < 0) as excluded_cnt,
        coalesce(-sum(amount) filter (where amount < 0), 0) as excluded_amt,
        count(*) filter (where amount = 0 and unknown_cnt = 0) as zero_cnt
    from amount
    group by basis, window_months

),

ranked as (

    select
        basis,
        window_months,
        amount,
        row_number() over (partition by basis, window_months order by amount desc, entity_id) as place,
        count(*) over (partition by basis, window_months) as n,
        sum(amount) over (partition by basis, window_months) as total
    from amount
    where amount > 0

)

-- decimal literals, because ceil(0.10 * 70) in floating point is 8; decimal sums, because floating-point ones depend on
-- the order in which threads meet the rows
select
    $as_of_date::date as as_of_date,
    ranked.basis,
    ranked.window_months,
    n as accounts_cnt,
    max(excluded_cnt) as excluded_cnt,
    max(excluded_amt)::decimal(18, 2) as excluded_amt,
    max(zero_cnt) as zero_cnt,
    max(total)::decimal(18, 2) as revenue_amt,
    sum((n + 1 - 2 * place) * amount)::double / (n * max(total)) as gini,
    case when n > 1 then sum((n + 1 - 2 * place) * amount)::double / ((n - 1) * max(total)) end as gini_corrected,
    sum(((amount / total) * (amount / total))::decimal(38, 20))::double as hhi,
    1 / sum(((amount / total) * (amount / total))::decimal(38, 20))::double as effective_accounts,
    max(amount) / max(total) as largest_share,
    sum(amount) filter (where place <= 3) / max(total) as cr_3,
    sum(amount) filter (where place <= 5) / max(total) as cr_5,
    sum(amount) filter (where place <= 10) / max(total) as cr_10,
    sum(amount) filter (where place <= ceil(0.01 * n)) / max(total) as top_1_pct_share,
    sum(amount) filter (where place <= ceil(0.05 * n)) / max(total) as top_5_pct_share,
    sum(amount) filter (where place <= ceil(0.10 * n)) / max(total) as top_10_pct_share,
    sum(amount) filter (where place <= ceil(0.20 * n)) / max(total) as top_20_pct_share,
    sum(((amount * n / total) * ln(amount * n / total))::decimal(38, 15))::double / n as theil,
    sum(amount) filter (where place <= ceil(0.10 * n))
    / nullif(sum(amount) filter (where place > n - floor(0.40 * n)), 0) as palma,
    sum(amount) filter (where place <= ceil(0.01 * (n + zero_cnt))) / max(total) as with_zero_1,
    sum(amount) filter (where place <= ceil(0.05 * (n + zero_cnt))) / max(total) as with_zero_5,
    sum(amount) filter (where place <= ceil(0.10 * (n + zero_cnt))) / max(total) as with_zero_10,
    sum(amount) filter (where place <= ceil(0.20 * (n + zero_cnt))) / max(total) as with_zero_20
from ranked
inner join left_out on ranked.basis = left_out.basis and ranked.window_months = left_out.window_months
group by ranked.basis, ranked.window_months, n
