"""What is observed: the SQL files of `sql/marts/maturity`, one per indicator, gathered; and months with a snapshot.

What belongs here: the form of what is observed, and what SQL cannot see. What does not: summing it up.
"""

from datetime import date

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.warehouse import Warehouse

MONTHS = 12

MATURITY_OBSERVATION = parse_contract(
    "marts",
    """
maturity_observation
    What every indicator of maturity is made of: one figure per key account (or other unit), with what was seen.

grain  : one row per as_of_date, indicator and unit observed
key    : as_of_date, indicator, observed_id
columns:
  as_of_date   DATE     snapshot date
  indicator    VARCHAR  indicator
  observed_id  VARCHAR  group id of the key account, or what else one row of the indicator is
  numerator    DOUBLE   what is counted or summed; null where it cannot be judged, and for medians
  denominator  DOUBLE   out of how much; of a count the same whole on every row; null likewise
  value        DOUBLE   the figure of this unit alone; null where it cannot be judged, or has nothing to divide by
  detail       VARCHAR  what was seen, in words
  detail_da    VARCHAR  the same in Danish
""",
    __name__,
)
MATURITY_FOLDER = "maturity"
"""Folder below sql/marts with the parts of `MATURITY_OBSERVATION`, one file per indicator."""

MEASURED_MONTH = parse_contract(
    "marts",
    """
measured_month
    In which of the last twelve months this pipeline measured and published, with the knowledge of the time.

grain  : one row per as_of_date and calendar month, the last being that of the day before as_of_date
key    : as_of_date, month_on
inputs : published.snapshot
columns:
  as_of_date     DATE     snapshot date
  month_on       DATE     first day of the month
  snapshots_cnt  BIGINT   published dates of the month and this one, restated ones left out; a date belongs to the month
                          of the day before it
  is_known       BOOLEAN  the month is that of the first such date or later: before it nobody knows
""",
    __name__,
)


def measured_month_frame(warehouse: Warehouse, evaluation: Evaluation) -> pd.DataFrame:
    """Return the last twelve months as rows of `MEASURED_MONTH`.

    Parameters
    ----------
    warehouse : Warehouse
        With what has been published so far, if anything.
    evaluation : Evaluation
        The run; its own date counts unless it is restated.

    Returns
    -------
    pd.DataFrame
        Twelve rows.
    """
    days: list[date] = []
    if warehouse.has_table("published.snapshot"):
        stored = warehouse.rows(
            "select as_of_date from warehouse.published.snapshot where not is_restated and as_of_date < $day",
            {"day": evaluation.as_of_date},
        )
        days = [row[0] for row in stored]
    if not evaluation.is_restated:
        days.append(evaluation.as_of_date)
    # as_of_date is an exclusive end: 1 July belongs to June
    counted = [(pd.Timestamp(day) - pd.Timedelta(days=1)).to_period("M") for day in days]
    last = (pd.Timestamp(evaluation.as_of_date) - pd.Timedelta(days=1)).to_period("M")
    months = [last - back for back in reversed(range(MONTHS))]
    first = min(counted, default=None)
    return pd.DataFrame(
        {
            "as_of_date": evaluation.as_of_date,
            "month_on": [month.start_time.date() for month in months],
            "snapshots_cnt": [counted.count(month) for month in months],
            "is_known": [first is not None and month >= first for month in months],
        }
    )
