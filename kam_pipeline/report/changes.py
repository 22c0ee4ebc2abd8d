"""What changed since the snapshot published before this one, but for the list.

What belongs here: comparing two dates of the published file, and which KPI moved enough to be told. What does not: the
figures of one date (the reading modules), what changed in the list and why (selection_reading.py).
"""

from datetime import date

from kam_pipeline.report.contents import Changes, Move
from kam_pipeline.report.figures import Figure
from kam_pipeline.report.kpi_reading import portfolio_figures
from kam_pipeline.report.published import PublishedFile, Row

NOTABLE_RATIO = 0.10
NOTABLE_SHARE = 0.03
NOTABLE_POINTS = 5
PORTFOLIO = "key"


def read_changes(published: PublishedFile) -> Changes | None:
    """Return what changed since the previous published snapshot, None for the first."""
    (earlier,) = published.rows("select max(as_of_date) as day from snapshot where as_of_date < $day")
    before: date | None = earlier["day"]
    if before is None:
        return None
    (then,), (now,) = (_provenance(published, day) for day in (before, published.as_of_date))
    is_same_currency = then["reporting_currency"] == now["reporting_currency"]
    old, new = portfolio_figures(published, before), portfolio_figures(published, published.as_of_date)
    pairs = [
        (old[kpi][PORTFOLIO], new[kpi][PORTFOLIO])
        for kpi in new
        if PORTFOLIO in new[kpi] and PORTFOLIO in old.get(kpi, {})
    ]
    pairs = [
        pair
        for pair in pairs
        if all(figure.is_measured for figure in pair) and (is_same_currency or pair[1].unit != "money")
    ]
    return Changes(
        previous_as_of_date=before,
        is_same_criteria=then["criteria_version"] == now["criteria_version"],
        is_same_settings=then["config_version"] == now["config_version"],
        is_same_currency=is_same_currency,
        verdict_before=then["verdict"],
        moves=_moves(pairs),
        compared_cnt=len(pairs),
    )


def is_notable(before: Figure, now: Figure) -> bool:
    """Return whether a KPI moved enough to be told: intervals apart where it has them, and by the stated step."""
    if before.value is None or now.value is None:
        return False
    intervals = [(figure.ci_low, figure.ci_high) for figure in (before, now)]
    (low_before, high_before), (low_now, high_now) = intervals
    if low_before is not None and high_before is not None and low_now is not None and high_now is not None:
        return low_now > high_before or high_now < low_before
    step = abs(float(now.value) - float(before.value))
    if now.is_share:
        return step >= NOTABLE_SHARE
    if now.unit == "score":
        return step >= NOTABLE_POINTS
    return step >= NOTABLE_RATIO * abs(float(before.value)) and step > 0


def _moves(pairs: list[tuple[Figure, Figure]]) -> tuple[Move, ...]:
    return tuple(Move(now.kpi, before, now) for before, now in pairs if is_notable(before, now))


def _provenance(published: PublishedFile, day: date) -> list[Row]:
    return published.rows(
        "select criteria_version, config_version, reporting_currency, "
        "(select verdict from kam_relevance where as_of_date = $day and basis = 'group') as verdict "
        "from snapshot where as_of_date = $day",
        day=day,
    )
