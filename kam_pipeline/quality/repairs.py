"""Gates of what had to be repaired: links between accounts, amounts without a rate.

What belongs here: counts of core. What does not: the repair itself (sql/core).
"""

from collections.abc import Iterator

from kam_pipeline.evaluation import Evaluation
from kam_pipeline.quality.gate import Figure, Gate, gate
from kam_pipeline.warehouse import Warehouse

CYCLES = gate(
    "hierarchy_cycles",
    "Catches accounts that are their own ancestor; their circle is opened at the smallest id.",
    "Account",
    "core.hierarchy_cycle",
)
_CUT: tuple[tuple[str, Gate], ...] = tuple(
    (link, gate(name, f"Catches {text}; they stand alone.", "Account", "core.account_root"))
    for link, name, text in (
        ("self", "self_parents", "accounts that name themselves as parent"),
        ("unknown_parent", "unknown_parents", "accounts whose parent is not there"),
        ("excluded_parent", "excluded_parents", "accounts under a parent out of scope"),
    )
)
_AMOUNTS: tuple[tuple[str, Gate], ...] = tuple(
    (status, gate(f"amounts_{status}", f"Catches {text}.", "Opportunity", "core.opportunity"))
    for status, text in (
        ("no_rate", "deals in a currency without a rate: their amounts are left out, never taken one to one"),
        ("no_amount", "won deals without an amount"),
        ("out_of_range", "amounts too large to be money"),
    )
)
LATER = gate(
    "closed_after_date",
    "Closed deals on or after the snapshot date; they count from their day on.",
    "Opportunity",
    "core.opportunity",
)

GATES = (CYCLES, *(item for _, item in _CUT), *(item for _, item in _AMOUNTS), LATER)


def repair_figures(warehouse: Warehouse, evaluation: Evaluation) -> Iterator[Figure]:
    """Count what had to be repaired."""
    yield Figure(CYCLES, warehouse.value("select count(*) from core.hierarchy_cycle"), highest=0)
    links = dict(warehouse.rows("select link, count(*) from core.account_root group by link"))
    for link, item in _CUT:
        yield Figure(item, links.get(link, 0), highest=0)
    statuses = dict(
        warehouse.rows(
            "select amount_status, count(*) from core.opportunity where is_won or amount_status <> 'no_amount' "
            "group by amount_status"
        )
    )
    for status, item in _AMOUNTS:
        yield Figure(item, statuses.get(status, 0), highest=0)
    later = warehouse.value(
        "select count(*) from core.opportunity where is_closed and closed_on >= $day", {"day": evaluation.as_of_date}
    )
    yield Figure(LATER, later)
