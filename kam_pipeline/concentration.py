"""Intervals of the concentration measures as a table: one resampling per basis and window.

What belongs here: the contract and its rows. What does not: drawing (resampling.py), the measures themselves
(sql/marts/concentration_measure.sql), how they moved (concentration_trend.py). Law: every measure here is a share or an
index of a resampled population of the same size; plain sums and facts about named customers (largest_share, cr_k, hhi)
have no interval.
"""

from datetime import date

import numpy as np
import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.resampling import bootstrap_intervals
from kam_pipeline.warehouse import Warehouse

CONCENTRATION_INTERVAL = parse_contract(
    "marts",
    """
concentration_interval
    95 % intervals of the concentration measures that are estimates.

grain  : one row per as_of_date, basis, window and metric for which an interval can be given
key    : as_of_date, basis, window_months, metric
inputs : marts.entity_revenue, marts.concentration_window, settings.relevance
columns:
  as_of_date     DATE     snapshot date
  basis          VARCHAR  group or account
  window_months  INTEGER  length of the window: 12, 24 or 36
  metric         VARCHAR  gini, gini_corrected, theil or a top share
  ci_low         DOUBLE   lower end of the studentised bootstrap interval
  ci_high        DOUBLE   upper end
""",
    __name__,
)

# Revenue above zero in each window that the history covers.
_WINDOW_REVENUE = """
    select revenue.basis, frame.window_months,
        (case frame.window_months
            when 12 then revenue_amt when 24 then revenue_amt + prior_amt else revenue_amt + prior_amt + before_amt
        end)::double as amount
    from marts.entity_revenue as revenue
    inner join marts.concentration_window as frame on revenue.as_of_date = frame.as_of_date and frame.is_covered
    where revenue.as_of_date = $day and amount > 0
    order by basis, window_months, amount desc
"""
_COLUMNS = ("basis", "window_months", "metric", "ci_low", "ci_high")


def concentration_interval_frame(warehouse: Warehouse, as_of_date: date, draws: int) -> pd.DataFrame:
    """Return the intervals of a date as rows of `CONCENTRATION_INTERVAL`.

    Parameters
    ----------
    warehouse : Warehouse
        With revenue and windows of the date.
    as_of_date : date
        The date.
    draws : int
        Number of resamples.

    Returns
    -------
    pd.DataFrame
        One row per interval.
    """
    revenue = warehouse.connection.execute(_WINDOW_REVENUE, {"day": as_of_date}).df()
    return interval_frame(revenue, draws).assign(as_of_date=as_of_date)


def interval_frame(revenue: pd.DataFrame, draws: int) -> pd.DataFrame:
    """Return the intervals per basis and window as rows.

    Parameters
    ----------
    revenue : pd.DataFrame
        Columns basis, window_months and amount (above zero).
    draws : int
        Number of resamples.

    Returns
    -------
    pd.DataFrame
        Columns basis, window_months, metric, ci_low, ci_high.
    """
    rows = [
        (basis, months, metric, low, high)
        for (basis, months), part in revenue.groupby(["basis", "window_months"])
        for metric, (low, high) in bootstrap_intervals(part["amount"].to_numpy(dtype=np.float64), draws).items()
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))
