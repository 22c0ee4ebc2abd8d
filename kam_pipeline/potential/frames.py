"""The tables of the estimate that SQL cannot make.

What belongs here: contracts, reading the inputs, rows. What does not: the model (fitting.py, judging.py), comparing the
estimate with what a customer buys (sql/marts/group_potential.sql).
"""

from datetime import date

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.potential.fitting import estimated_revenue
from kam_pipeline.potential.judging import STRONGEST, judged
from kam_pipeline.settings.potential import Potential
from kam_pipeline.warehouse import Warehouse

MAX_CUSTOMERS = 20_000
"""A model learns from at most so many customers, those with the smallest draw."""
_LEARNT = f"and revenue_mean_3y_amt > 0 order by draw, group_id limit {MAX_CUSTOMERS}"

POTENTIAL_MODEL = parse_contract(
    "marts",
    """
potential_model
    Can what similar customers buy be estimated, how far off is it, and what does it rest on?

grain  : one row per as_of_date
key    : as_of_date
inputs : marts.potential_input, settings.potential
readers: published
rules  :
  status in measured, insufficient_data, not_configured
  status, reason, reason_da, folds not null
  groups_cnt, learnt_cnt from 0
  cv_error, baseline_error from 1
  importance_1_share, importance_2_share, importance_3_share between 0 and 1
columns:
  as_of_date          DATE     snapshot date
  status              VARCHAR  measured; insufficient_data: nothing is estimated; not_configured: turned off
  reason              VARCHAR  why not, or how good it is and what counts most, in a few sentences
  reason_da           VARCHAR  the same in Danish
  groups_cnt          BIGINT   groups with revenue in 36 months; null where turned off
  learnt_cnt          BIGINT   of these the ones learnt from, at most 20,000; 0 where there are too few
  folds               BIGINT   parts of the customers; each is foretold from the others
  cv_error            DOUBLE   factor, 1 is exact: half of the customers bought between the estimate divided by it and
                               the estimate times it, each foretold without its own revenue; null where not tested
  baseline_error      DOUBLE   the same factor where every customer is foretold by the median of the others
  input_1             VARCHAR  strongest input, a column of the customer: by how much the error on customers not seen
                               grows when its values are shuffled; inputs that say the same share it
  importance_1_share  DOUBLE   its share of the growth of all inputs, 0..1
  input_2             VARCHAR  second strongest, null where there is none
  importance_2_share  DOUBLE   its share
  input_3             VARCHAR  third strongest, null where there is none
  importance_3_share  DOUBLE   its share
""",
    __name__,
)

POTENTIAL_ESTIMATE = parse_contract(
    "marts",
    """
potential_estimate
    What customers similar to a group buy a year, where the model is good enough.

grain  : one row per as_of_date and group of which something is known; none unless the model is measured
key    : as_of_date, group_id
inputs : marts.potential_input, marts.potential_model, settings.potential
rules  :
  similar_revenue_amt not null
  similar_revenue_amt from 0
columns:
  as_of_date           DATE           snapshot date
  group_id             VARCHAR        group
  similar_revenue_amt  DECIMAL(18,2)  half of the customers like this one that buy, buy more a year; the group's own
                                      revenue plays no part
""",
    __name__,
)


def potential_model_frame(warehouse: Warehouse, settings: Potential, as_of_date: date) -> pd.DataFrame:
    """Return the row of potential_model.

    Parameters
    ----------
    warehouse : Warehouse
        With marts.potential_input of the date.
    settings : Potential
        What is asked for.
    as_of_date : date
        The date.

    Returns
    -------
    pd.DataFrame
        One row.
    """
    counting = "select count(*) from marts.potential_input where as_of_date = $day and revenue_mean_3y_amt > 0"
    count = warehouse.value(counting, {"day": as_of_date})
    verdict = judged(_inputs(warehouse, as_of_date, _LEARNT), count, settings)
    is_off = verdict.status == "not_configured"
    row: dict[str, object] = {
        "as_of_date": as_of_date,
        "status": verdict.status,
        "reason": verdict.reason.english,
        "reason_da": verdict.reason.danish,
        "groups_cnt": None if is_off else verdict.groups_cnt,
        "learnt_cnt": None if is_off else verdict.learnt_cnt,
        "folds": settings.folds,
        "cv_error": verdict.cv_error,
        "baseline_error": verdict.baseline_error,
    }
    for place in range(STRONGEST):
        name, share = verdict.strongest[place] if place < len(verdict.strongest) else (None, None)
        row |= {f"input_{place + 1}": name, f"importance_{place + 1}_share": share}
    return pd.DataFrame([row], dtype=object)


def potential_estimate_frame(warehouse: Warehouse, settings: Potential, as_of_date: date) -> pd.DataFrame:
    """Return the rows of potential_estimate.

    Parameters
    ----------
    warehouse : Warehouse
        With marts.potential_input and marts.potential_model of the date.
    settings : Potential
        What is asked for.
    as_of_date : date
        The date.

    Returns
    -------
    pd.DataFrame
        One row per group of which something is known; no row where the model is not good enough.
    """
    query = "select status from marts.potential_model where as_of_date = $day"
    if warehouse.value(query, {"day": as_of_date}) != "measured":
        nothing = {"as_of_date": "object", "group_id": "object", "similar_revenue_amt": "float64"}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in nothing.items()})
    learnt, everybody = _inputs(warehouse, as_of_date, _LEARNT), _inputs(warehouse, as_of_date)
    estimates = estimated_revenue(learnt, everybody, settings.folds)
    return estimates.assign(as_of_date=as_of_date)


def _inputs(warehouse: Warehouse, as_of_date: date, which: str = "") -> pd.DataFrame:
    return warehouse.connection.execute(
        "select group_id, industry, country, account_type, accounts_cnt, countries_cnt, employees_cnt, draw, "
        "annual_revenue_amt::double as annual_revenue_amt, revenue_mean_3y_amt::double as revenue_mean_3y_amt "
        f"from marts.potential_input where as_of_date = $day {which}",
        {"day": as_of_date},
    ).df()
