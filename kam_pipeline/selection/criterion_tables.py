"""The criteria as small tables that SQL joins with.

What belongs here: their contracts and frames. What does not: their figures (measuring.py), checking them (settings/).
"""

from datetime import date

import duckdb
import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.settings.criteria import Criteria

CRITERION = parse_contract(
    "marts",
    """
criterion
    The criteria of the score as set in kam.yaml, with their gates as amounts.

grain  : one row per as_of_date and criterion
key    : as_of_date, criterion
inputs : marts.group_metric, settings.criteria
readers: published
rules  :
  transform in log, percentile, bands, boolean, map
  direction in higher, lower
  when_missing in median, zero, ineligible
  weight from 0
columns:
  as_of_date        DATE           snapshot date
  criterion         VARCHAR        name in kam.yaml
  ordinal           BIGINT         place in kam.yaml, from 1
  label             VARCHAR        what people call it
  label_da          VARCHAR        the same in Danish
  measure           VARCHAR        figure of group_metric, field of the CRM or SQL expression
  transform         VARCHAR        log, percentile, bands, boolean or map
  direction         VARCHAR        higher or lower figures are better
  weight            DOUBLE         relative weight, from 0
  min_known_share   DOUBLE         left out where a smaller share of the groups has a figure
  min_known_cnt     BIGINT         left out where fewer groups have a figure
  when_missing      VARCHAR        median, zero or ineligible: what a group without a figure gets
  counts_above_amt  DECIMAL(18,2)  it counts only from this 3-year mean revenue on; null for all groups
  is_modelled       BOOLEAN        rests on an estimate from other customers
""",
    __name__,
)

CRITERION_BAND = parse_contract(
    "marts",
    """
criterion_band
    The steps of criteria with the transform bands.

grain  : one row per as_of_date, criterion and step
key    : as_of_date, criterion, from_value
inputs : settings.criteria
columns:
  as_of_date   DATE     snapshot date
  criterion    VARCHAR  name in kam.yaml
  from_value   DOUBLE   the step counts from this figure on; -infinity for the lowest
  below_value  DOUBLE   and below this one; infinity for the highest
  score        DOUBLE   0..1
""",
    __name__,
)


def criterion_frame(connection: duckdb.DuckDBPyConnection, criteria: Criteria, as_of_date: date) -> pd.DataFrame:
    """Return the criteria as rows of `CRITERION`, percentile gates turned into amounts.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Sees `marts.group_metric` of the date.
    criteria : Criteria
        The settings.
    as_of_date : date
        The date.

    Returns
    -------
    pd.DataFrame
        One row per criterion.
    """

    def gate_amount(percentile: float | None) -> float | None:
        if percentile is None:
            return None
        ((amount,),) = connection.execute(
            "select quantile_cont(revenue_mean_3y_amt::double, $percentile::double) from marts.group_metric "
            "where as_of_date = $day and revenue_mean_3y_amt > 0",
            {"percentile": percentile, "day": as_of_date},
        ).fetchall()
        return None if amount is None else round(float(amount), 2)

    rows = [
        {
            "as_of_date": as_of_date,
            "criterion": item.name,
            "ordinal": place,
            "label": item.labels[0],
            "label_da": item.labels[1],
            "measure": item.metric or item.field or item.expression,
            "transform": item.transform,
            "direction": item.better,
            "weight": item.weight,
            "min_known_share": item.min_known_share,
            "min_known_cnt": item.min_known_cnt,
            "when_missing": item.when_missing,
            "counts_above_amt": gate_amount(item.counts_above_revenue_percentile),
            "is_modelled": item.is_modelled,
        }
        for place, item in enumerate(criteria.items, start=1)
    ]
    return pd.DataFrame(rows).astype({"counts_above_amt": "float64"})


def criterion_band_frame(criteria: Criteria, as_of_date: date) -> pd.DataFrame:
    """Return the steps of the criteria that have them, each from its own figure to the next, as `CRITERION_BAND`."""
    rows = []
    for item in criteria.items:
        steps = sorted((float("-inf") if band.at_least is None else band.at_least, band.score) for band in item.bands)
        ends = [*(start for start, _ in steps), float("inf")][1:]
        rows += [
            {
                "as_of_date": as_of_date,
                "criterion": item.name,
                "from_value": start,
                "below_value": end,
                "score": score,
            }
            for (start, score), end in zip(steps, ends, strict=True)
        ]
    return pd.DataFrame(rows, columns=[column.name for column in CRITERION_BAND.columns])
