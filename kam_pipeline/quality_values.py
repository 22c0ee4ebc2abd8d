"""Checks of values that cannot be right, or that figures leave out: counted here, treated in core and marts.

What belongs here: one count per kind of value, with what becomes of it. What does not: the treatment itself (sql/),
records that are set aside as a whole (sql/staging), feeds (quality_feeds.py).
"""

from collections.abc import Iterator

from kam_pipeline.evaluation import Evaluation
from kam_pipeline.quality_checks import QualityCheck
from kam_pipeline.warehouse import Warehouse

_COUNTS = """
select
    (select count(*) from core.opportunity where is_closed and closed_on < created_on),
    (select count(*) from core.opportunity where amount_amt < 0),
    (select count(*) from core.opportunity where not probability_pct between 0 and 100),
    (select count(*) from core.activity where is_completed and happened_on >= $day)
"""
_TREATMENTS = (
    (
        "closed_before_creation",
        "Opportunity",
        "deals closed before they were created; they count as won or lost, and are left out of the sales cycle",
    ),
    (
        "negative_amounts",
        "Opportunity",
        "negative amounts; they count in bookings as credit notes, and are left out of deal size and win rate by value",
    ),
    (
        "probability_out_of_range",
        "Opportunity",
        "probabilities that are not from 0 to 100 %; the deals are left out of the weighted pipeline",
    ),
    (
        "future_activities",
        "Task and Event",
        "activities said to be done on the snapshot date or later; they count from their day on",
    ),
)


def value_checks(warehouse: Warehouse, evaluation: Evaluation) -> Iterator[QualityCheck]:
    """Count each kind of value and say what becomes of it."""
    [counts] = warehouse.rows(_COUNTS, {"day": evaluation.as_of_date})
    for (check, name, text), count in zip(_TREATMENTS, counts, strict=True):
        yield QualityCheck(check, name, "warning", count == 0, count, 0, f"Catches {text}.")
