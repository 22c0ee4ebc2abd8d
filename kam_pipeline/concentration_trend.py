"""How concentration moved: each estimated measure against what earlier snapshots published of it.

What belongs here: which snapshots are compared with, and the comparison. What does not: the measures
(sql/marts/revenue_concentration.sql), changes of the list (candidate tables), wording of a report. Law: the earlier
figure is the published one, as it was known then; it is never computed anew.
"""

from collections.abc import Iterable
from datetime import date

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.relevance_words import Wording
from kam_pipeline.warehouse import Warehouse

CONCENTRATION_TREND = parse_contract(
    "marts",
    """
concentration_trend
    How concentration moved since the snapshot before and since the one about a year before: 12 months, estimates only.

grain  : one row per as_of_date, basis, metric and comparison
key    : as_of_date, basis, metric, comparison
inputs : marts.revenue_concentration, published.revenue_concentration
readers: published
rules  :
  basis in group, account
  comparison in previous, year_before
  metric in gini, gini_corrected, theil, top_1_pct_share, top_5_pct_share, top_10_pct_share, top_20_pct_share
  status in measured, insufficient_data
  status not null
columns:
  as_of_date           DATE     snapshot date
  basis                VARCHAR  group or account
  metric               VARCHAR  gini, gini_corrected, theil or a top share
  comparison           VARCHAR  previous: the kept snapshot before; year_before: the kept one nearest to a year before,
                                9 to 15 months back, the later of two equally near
  compared_as_of_date  DATE     the earlier snapshot; null where none is kept
  value                DOUBLE   the metric at as_of_date
  earlier_value        DOUBLE   the metric as published then
  change               DOUBLE   value less earlier_value
  is_apart             BOOLEAN  the two 95 % intervals do not overlap; null where one of them is not there
  status               VARCHAR  measured, or insufficient_data where there is no change to give
  reason               VARCHAR  why there is none
  reason_da            VARCHAR  the same in Danish
""",
    __name__,
)

METRICS = (
    "gini", "gini_corrected", "theil", "top_1_pct_share", "top_5_pct_share", "top_10_pct_share", "top_20_pct_share",
)  # fmt: skip
YEAR_BEFORE_MONTHS = (15, 9)

_NONE_BEFORE = {
    "previous": Wording("No earlier snapshot is kept.", "Der er ikke gemt nogen tidligere opgørelse."),
    "year_before": Wording(
        "No snapshot of 9 to 15 months before is kept.", "Der er ikke gemt nogen opgørelse fra 9 til 15 måneder før."
    ),
}
_NOTHING_NOW = Wording("There is no revenue in the 12 months.", "Der er ingen omsætning i de 12 måneder.")
_NOTHING_THEN = Wording(
    "The earlier snapshot has no figure for it.", "Den tidligere opgørelse har ikke noget tal for det."
)
_PUBLISHED = "published.revenue_concentration"


def compared_dates(kept: Iterable[date], as_of_date: date) -> dict[str, date | None]:
    """Return which snapshot each comparison is with.

    Parameters
    ----------
    kept : Iterable[date]
        Dates that are kept; those from `as_of_date` on do not count.
    as_of_date : date
        The date.

    Returns
    -------
    dict[str, date | None]
        `previous` and `year_before`; None where there is none.

    Examples
    --------
    >>> compared_dates([date(2025, 6, 1), date(2026, 6, 1)], date(2026, 7, 1))
    {'previous': datetime.date(2026, 6, 1), 'year_before': datetime.date(2025, 6, 1)}
    """
    earlier = sorted(day for day in kept if day < as_of_date)
    now = pd.Timestamp(as_of_date)
    first, last = ((now - pd.DateOffset(months=months)).date() for months in YEAR_BEFORE_MONTHS)
    year_before = (now - pd.DateOffset(months=12)).date()
    near = [day for day in earlier if first <= day <= last]
    return {
        "previous": earlier[-1] if earlier else None,
        "year_before": min(near, key=lambda day: (abs((day - year_before).days), -day.toordinal()), default=None),
    }


def concentration_trend_frame(warehouse: Warehouse, evaluation: Evaluation) -> pd.DataFrame:
    """Return the comparisons as rows of `CONCENTRATION_TREND`.

    Parameters
    ----------
    warehouse : Warehouse
        With the concentration of the date, and what has been published so far, if anything.
    evaluation : Evaluation
        The run.

    Returns
    -------
    pd.DataFrame
        One row per basis, metric and comparison, whether or not there is anything to compare.
    """
    kept: list[date] = []
    has_published = warehouse.has_table(_PUBLISHED)
    if has_published:
        kept = [row[0] for row in warehouse.rows(f"select distinct as_of_date from warehouse.{_PUBLISHED}")]
    compared = compared_dates(kept, evaluation.as_of_date)
    wanted = pd.DataFrame(
        [
            (evaluation.as_of_date, basis, metric, comparison, day)
            for basis in ("account", "group")
            for metric in METRICS
            for comparison, day in compared.items()
        ],
        columns=["as_of_date", "basis", "metric", "comparison", "compared_as_of_date"],
    )
    now = _figures(warehouse, "marts.revenue_concentration", [evaluation.as_of_date])
    then = now.iloc[:0]
    if has_published:
        then = _figures(warehouse, f"warehouse.{_PUBLISHED}", [day for day in compared.values() if day])
    now, then = (figures.set_index(["as_of_date", "basis", "metric"]) for figures in (now, then))
    joined = wanted.join(now, on=["as_of_date", "basis", "metric"])
    joined = joined.join(then.add_prefix("earlier_"), on=["compared_as_of_date", "basis", "metric"])
    return _compared(joined)[[column.name for column in CONCENTRATION_TREND.columns]]


def _figures(warehouse: Warehouse, table: str, days: list[date]) -> pd.DataFrame:
    rows = warehouse.rows(
        f"select as_of_date, basis, metric, value, ci_low, ci_high from {table} "
        "where window_months = 12 and list_contains($days::date[], as_of_date) "
        "and list_contains($metrics::varchar[], metric)",
        {"days": [str(day) for day in days], "metrics": list(METRICS)},
    )
    columns = ["as_of_date", "basis", "metric", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[3:], "float64"))


def _compared(joined: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with change, whether the intervals are apart, and the reason where there is no change."""
    change = joined["value"] - joined["earlier_value"]
    is_apart = (joined["ci_low"] > joined["earlier_ci_high"]) | (joined["ci_high"] < joined["earlier_ci_low"])
    has_both = joined[["ci_low", "ci_high", "earlier_ci_low", "earlier_ci_high"]].notna().all(axis=1)
    reasons = [
        _reason(comparison, has_earlier=has_earlier, has_now=has_now, is_known=is_known)
        for comparison, has_earlier, has_now, is_known in zip(
            joined["comparison"],
            joined["compared_as_of_date"].notna(),
            joined["value"].notna(),
            change.notna(),
            strict=True,
        )
    ]
    return joined.assign(
        change=change,
        is_apart=is_apart.astype("boolean").where(has_both, None),
        status=["measured" if reason is None else "insufficient_data" for reason in reasons],
        reason=pd.Series([reason.english if reason else None for reason in reasons], dtype="str"),
        reason_da=pd.Series([reason.danish if reason else None for reason in reasons], dtype="str"),
    )


def _reason(comparison: str, *, has_earlier: bool, has_now: bool, is_known: bool) -> Wording | None:
    if is_known:
        return None
    if not has_earlier:
        return _NONE_BEFORE[comparison]
    return _NOTHING_THEN if has_now else _NOTHING_NOW
