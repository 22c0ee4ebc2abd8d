"""Checks of values that cannot be right, or that figures leave out: counted here, treated in core and marts.

What belongs here: one count per kind of value, with what becomes of it. What does not: the treatment itself (sql/),
records that are set aside as a whole (sql/staging), feeds (quality_feeds.py).
"""

from collections.abc import Iterator

from kam_pipeline.evaluation import Evaluation, held_statuses
from kam_pipeline.quality_checks import QualityCheck
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse

_COUNTS = """
select
    (select count(*) from core.opportunity where is_closed and closed_on < created_on),
    (select count(*) from core.opportunity where amount_amt < 0),
    (select count(*) from core.opportunity where not probability_pct between 0 and 100),
    (select count(*) from core.activity where is_completed and happened_on >= $day),
    (
        select count(*) from staging.event
        where trim(status) <> '' and not list_contains($said, lower(trim(status)))
    )
"""
# What says that a meeting has not taken place, or not yet; in lower case.
_NOT_HELD = (
    "scheduled", "planned", "not started", "open", "in progress", "deferred", "postponed", "cancelled", "canceled",
    "no show", "waiting on someone else", "planlagt", "aflyst", "udsat", "ikke startet", "åben", "avlyst", "utsatt",
    "planerad", "inställd", "geplant", "abgesagt", "verschoben", "offen",
)  # fmt: skip
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
    (
        "meeting_statuses_known",
        "Event",
        "meetings with a status that says neither held nor not; they do not count, set mapping.Event.held in kam.yaml",
    ),
)


def value_checks(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[QualityCheck]:
    """Count each kind of value and say what becomes of it."""
    said = [*held_statuses(settings), *_NOT_HELD]
    if settings.mapping.of("Event").held:
        # whoever says which statuses mean held has said of all others that they do not
        said += [status for (status,) in warehouse.rows("select distinct lower(trim(status)) from staging.event")]
    [counts] = warehouse.rows(_COUNTS, {"day": evaluation.as_of_date, "said": said})
    for (check, name, text), count in zip(_TREATMENTS, counts, strict=True):
        yield QualityCheck(check, name, "warning", count == 0, count, 0, f"Catches {text}.")
