"""Gates of values that cannot be right, or that figures leave out: counted here, treated in core and marts.

What belongs here: one count per kind of value, with what becomes of it. What does not: the treatment itself (sql/),
records that are set aside as a whole (sql/staging), feeds (quality_feeds.py).
"""

from collections.abc import Iterator

from kam_pipeline.evaluation import Evaluation, held_statuses
from kam_pipeline.quality.gate import Figure, gate
from kam_pipeline.settings import Settings
from kam_pipeline.settings.criteria import Criteria
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
# Figures that are a field of the CRM as written.
_WRITTEN = {"strategic_fit": "StrategicFit", "market_influence": "MarketInfluence"}
# What says that a meeting has not taken place, or not yet; in lower case.
_NOT_HELD = (
    "scheduled", "planned", "not started", "open", "in progress", "deferred", "postponed", "cancelled", "canceled",
    "no show", "waiting on someone else", "planlagt", "aflyst", "udsat", "ikke startet", "åben", "avlyst", "utsatt",
    "planerad", "inställd", "geplant", "abgesagt", "verschoben", "offen",
)  # fmt: skip
# In the order of the counts.
_COUNTED = (
    gate(
        "closed_before_creation",
        "Catches deals closed before they were created; they count as won or lost, and are left out of the sales "
        "cycle.",
        "Opportunity",
        "core.opportunity",
    ),
    gate(
        "negative_amounts",
        "Catches negative amounts; they count in bookings as credit notes, and are left out of deal size and win rate "
        "by value.",
        "Opportunity",
        "core.opportunity",
    ),
    gate(
        "probability_out_of_range",
        "Catches probabilities that are not from 0 to 100 %; the deals are left out of the weighted pipeline.",
        "Opportunity",
        "core.opportunity",
    ),
    gate(
        "future_activities",
        "Catches activities said to be done on the snapshot date or later; they count from their day on.",
        "Task and Event",
        "core.activity",
    ),
    gate(
        "meeting_statuses_known",
        "Catches meetings with a status that says neither held nor not; they do not count, set mapping.Event.held in "
        "kam.yaml.",
        "Event",
        "core.activity",
    ),
)
NUMBERS = gate(
    "criterion_numbers_readable",
    "Catches texts that are no number in a field of which a criterion or gate asks for one; they count as unknown, "
    "correct them, set source.decimal_separator, or give each a score with map.",
    "Account",
    "marts.group_field",
)
GATES = (*_COUNTED, NUMBERS)


def value_figures(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[Figure]:
    """Count each kind of value."""
    said = [*held_statuses(settings), *_NOT_HELD]
    if settings.mapping.of("Event").held:
        # whoever says which statuses mean held has said of all others that they do not
        said += [status for (status,) in warehouse.rows("select distinct lower(trim(status)) from staging.event")]
    [counts] = warehouse.rows(_COUNTS, {"day": evaluation.as_of_date, "said": said})
    for item, count in zip(_COUNTED, counts, strict=True):
        yield Figure(item, count, highest=0)
    unread = warehouse.rows(
        "select group_id, field, field_value from marts.group_field where as_of_date = $day and field_number is null "
        "and list_contains($fields, lower(field)) order by field, field_value, group_id",
        {"day": evaluation.as_of_date, "fields": sorted(_number_fields(settings.criteria))},
    )
    examples = dict.fromkeys(f"{field} {value}" for _, field, value in unread)
    seen = f"Among them: {', '.join(list(examples)[:3])}." if examples else ""
    yield Figure(NUMBERS, len(unread), highest=0, seen=seen)


def _number_fields(criteria: Criteria) -> set[str]:
    """Return the fields, in lower case, of which criteria and gates ask for a number."""
    named = {item.field for item in criteria.items if item.field and not item.map}
    named |= {gate.field for gate in criteria.gates if gate.field and not (gate.one_of or gate.none_of)}
    used = {column for item in (*criteria.items, *criteria.gates) for column in item.columns}
    named |= {field for metric, field in _WRITTEN.items() if metric in used}
    return {field.lower() for field in named}
