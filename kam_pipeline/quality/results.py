"""Gates of results: what is known of the organisation, whether revenue is there and attributed, what the list covers.

What belongs here: single figures of core and marts. What does not: adding revenue up along its way (revenue.py).
"""

from collections.abc import Iterator

from kam_pipeline.evaluation import Evaluation
from kam_pipeline.quality.gate import Figure, gate
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse

ZONE = gate(
    "time_zone_known",
    "Catches a time zone of the organisation that does not exist; UTC is used, set schedule.timezone in kam.yaml.",
    "Organization",
    "core.organisation",
)
GROUPS = gate(
    "groups_file_matched",
    "Catches rows of the groups file whose account is not a customer in the CRM; they have no effect.",
    "group_override",
    "staging.group_override",
)
CURRENCY = gate(
    "reporting_currency_known",
    "Catches money in nobody knows which currency; set currency.reporting in kam.yaml where it is unknown.",
    "Organization",
    "core.organisation",
)
ATTRIBUTED = gate(
    "revenue_attributed",
    "Catches revenue that belongs to no customer or has no known amount; above the limit there is no verdict.",
    "Opportunity",
    "marts.relevance_figure",
)
WON = gate(
    "won_deals_found",
    "Catches stage names that nobody mapped: without IsWon, set mapping.Opportunity.stages in kam.yaml.",
    "Opportunity",
    "core.opportunity",
    "error",
)
EARNED = gate(
    "revenue_found",
    "Catches a basis of revenue that the source has nothing of; set revenue_basis in kam.yaml, or deliver orders or "
    "the feed actuals.",
    "revenue",
    "core.revenue",
    "error",
)
COVERAGE = gate(
    "list_coverage",
    "Catches criteria that pick small customers: below the limit the list covers too little of the revenue.",
    "key_account_candidate",
    "marts.key_account_candidate",
)

GATES = (ZONE, GROUPS, CURRENCY, ATTRIBUTED, WON, EARNED, COVERAGE)


def result_figures(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[Figure]:
    """Return the figures of the results."""
    currency, source, has_zone = warehouse.rows(
        "select reporting_currency, currency_source, has_known_time_zone from core.organisation"
    )[0]
    yield Figure(ZONE, int(has_zone), lowest=1)
    unmatched = warehouse.value(
        "select count(*) from staging.group_override as given "
        "left join staging.account_alias as alias on given.account_id = alias.written_id where alias.account_id is null"
    )
    yield Figure(GROUPS, unmatched, highest=0)
    yield Figure(CURRENCY, int(source != "unknown"), lowest=1, seen=f"It is {currency} ({source}).")
    unattributed = warehouse.value(
        "select unattributed_share from marts.relevance_figure where as_of_date = $day and basis = 'group'",
        {"day": evaluation.as_of_date},
    )
    yield Figure(ATTRIBUTED, unattributed, highest=settings.relevance.max_unattributed_share)
    # what holds is said alike on a date's first run and its second, whatever readers have by then
    had_revenue = _had_revenue(warehouse)
    won = warehouse.value("select count(*) from core.opportunity where is_won")
    is_basis = settings.revenue_basis == "bookings"
    yield Figure(WON, won, lowest=1, severity=None if is_basis and (won or had_revenue) else "warning")
    if not is_basis:
        earned = warehouse.value("select coalesce(sum(known_cnt), 0) from core.revenue")
        yield Figure(EARNED, earned, lowest=1, severity=None if earned or had_revenue else "warning")
    yield _coverage_figure(warehouse, settings, evaluation)


def _had_revenue(warehouse: Warehouse) -> bool:
    """Return whether readers have revenue now: a night without any of it would take it from them."""
    if not warehouse.has_table("published.key_account_candidate"):
        return False
    return bool(warehouse.value("select count(*) from warehouse.published.key_account_candidate where revenue_amt > 0"))


def _coverage_figure(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Figure:
    covered, best, size = warehouse.rows(
        "select sum(revenue_amt) filter (where is_in_list)::double, "
        "sum(revenue_amt) filter (where revenue_rank <= (select count(*) from marts.key_account_candidate "
        "where as_of_date = $day and is_in_list))::double, count(*) filter (where is_in_list) "
        "from marts.key_account_candidate where as_of_date = $day",
        {"day": evaluation.as_of_date},
    )[0]
    return Figure(
        COVERAGE,
        covered / best if covered is not None and best else None,
        lowest=settings.criteria.min_coverage,
        seen=f"The proposed list of {size} covers {covered or 0:,.0f} of revenue, the best possible list of that size "
        f"{best or 0:,.0f}.",
    )
