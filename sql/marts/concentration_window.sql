/*
concentration_window
    The windows in which concentration is measured, and whether the company's history covers them.

grain  : one row per as_of_date and window
key    : as_of_date, window_months
inputs : marts.revenue_window
params : $as_of_date
rules  :
  window_months between 12 and 36
  starts_on, is_covered not null
columns:
  as_of_date     DATE     snapshot date
  window_months  INTEGER  length of the window
  starts_on      DATE     first day of the window, which ends where all windows of revenue end
  first_on       DATE     first day of the company's history of revenue; null without any
  is_covered     BOOLEAN  the history, revenue without a gap of over three years, begins at most a tenth of the window's
                          days after its first; 12 months are measured whatever there is, and the tests of relevance
                          say when that is too little
*/
with frame as (

    select
        revenue.until_on,
        revenue.history_on,
        length.months::integer as window_months,
        (revenue.until_on - to_months(length.months::integer))::date as starts_on
    from marts.revenue_window as revenue
    cross join (select unnest([12, 24, 36]) as months) as length
    where revenue.as_of_date = $as_of_date::date

)

select
    $as_of_date::date as as_of_date,
    window_months,
    starts_on,
    history_on as first_on,
    window_months = 12
    or coalesce(history_on - starts_on <= 0.1 * (until_on - starts_on), false) as is_covered
from frame
