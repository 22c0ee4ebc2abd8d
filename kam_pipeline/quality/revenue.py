"""Gates of revenue: the same money at every step from raw to the list of candidates.

What belongs here: sums on either side of a step, as decimals. What does not: counting records (records.py).
"""

from collections.abc import Iterator

from kam_pipeline.evaluation import Evaluation
from kam_pipeline.quality.gate import Figure, Gate, gate
from kam_pipeline.settings import Settings
from kam_pipeline.settings.business import RevenueBasis
from kam_pipeline.warehouse import Warehouse

_DEFECT = "a defect in the pipeline, report it."
STAGED = gate(
    "revenue_reconciled",
    f"Catches amounts lost, doubled or changed between raw and staging; {_DEFECT}",
    "staging.opportunity",
    "staging.opportunity",
    "error",
)
PLACED = gate(
    "revenue_reconciled",
    f"Catches amounts lost, doubled or changed between staging and core; {_DEFECT}",
    "core.opportunity",
    "core.opportunity",
    "error",
)
ORDERS_STAGED = gate(
    "revenue_reconciled",
    f"Catches amounts of orders lost, doubled or changed between raw and staging; {_DEFECT}",
    "staging.order",
    "staging.order",
    "error",
)
ORDERS_PLACED = gate(
    "revenue_reconciled",
    f"Catches amounts of orders lost, doubled or changed between staging and core; {_DEFECT}",
    "core.order",
    "core.order",
    "error",
)
SUMMED = gate(
    "revenue_reconciled",
    f"Catches deals, orders or invoiced rows counted twice or lost between core and marts; {_DEFECT}",
    "entity_revenue",
    "marts.entity_revenue",
    "error",
)
RANKED = gate(
    "revenue_reconciled",
    f"Catches customers with revenue who are missing in the list, or there with other revenue; {_DEFECT}",
    "key_account_candidate",
    "marts.key_account_candidate",
    "error",
)

GATES = (STAGED, PLACED, ORDERS_STAGED, ORDERS_PLACED, SUMMED, RANKED)

# In the currency of each record, because a rate is not known for every one of them; what is set aside is no loss.
_STAGED = """
with sent as (
    select coalesce(CurrencyIsoCode, '') as currency_code, sum({amount}) as amount
    from raw."{table}" group by all
),
kept as (
    select coalesce(currency_code, '') as currency_code, sum(amount_original) as amount
    from (
        select currency_code, amount_original from staging."{table}"
        union all
        select currency_code, amount_original from staging.{table}_set_aside
    ) group by all
)
select coalesce(max(abs(coalesce(sent.amount, 0) - coalesce(kept.amount, 0))), 0)
from sent full join kept using (currency_code)
"""
_PLACED = """
with staged as (select {counts}, sum(amount_original) as amount from staging."{table}" group by {counts}),
placed as (select {counts}, sum(amount_original) as amount from core."{table}" group by {counts})
select coalesce(max(abs(coalesce(staged.amount, 0) - coalesce(placed.amount, 0))), 0)
from staged full join placed using ({counts})
"""
# Each basis from its own facts, without the table of revenue between.
_SUMMED = """
select
    coalesce((
        select sum(revenue_amt) from marts.entity_revenue where as_of_date = $day and basis = 'group'
    ), 0) - coalesce(({facts}), 0)
"""
_FACTS: dict[RevenueBasis, str] = {
    "bookings": "select sum(amount_amt) from core.opportunity "
    "where is_won and closed_on < $day and closed_on >= $day::date - interval 12 month",
    "orders": 'select sum(amount_amt) from core."order" '
    "where is_activated and ordered_on < $day and ordered_on >= $day::date - interval 12 month",
    "invoiced": "select sum(amount_amt) from core.feed_row where object = 'feeds.actuals' and status = 'used' "
    "and dated_on < date_trunc('month', $day::date) "
    "and dated_on >= date_trunc('month', $day::date) - interval 12 month",
}
# Groups without revenue above 0 are in the list only when they are designated or have potential.
_RANKED = """
select
    coalesce((
        select sum(revenue_amt) from marts.key_account_candidate where as_of_date = $day and revenue_amt > 0
    ), 0) - coalesce((
        select sum(revenue_amt) from marts.entity_revenue
        where as_of_date = $day and basis = 'group' and revenue_amt > 0
    ), 0)
"""


def revenue_figures(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[Figure]:
    """Return by how much the sums on either side of each step differ."""
    yield _difference(STAGED, warehouse.value(_STAGED.format(table="opportunity", amount="Amount")))
    yield _difference(PLACED, warehouse.value(_PLACED.format(table="opportunity", counts="is_won")))
    yield _difference(ORDERS_STAGED, warehouse.value(_STAGED.format(table="order", amount="TotalAmount")))
    yield _difference(ORDERS_PLACED, warehouse.value(_PLACED.format(table="order", counts="is_activated")))
    day = {"day": evaluation.as_of_date}
    yield _difference(SUMMED, warehouse.value(_SUMMED.format(facts=_FACTS[settings.revenue_basis]), day))
    yield _difference(RANKED, warehouse.value(_RANKED, day))


def _difference(item: Gate, difference: float) -> Figure:
    return Figure(item, float(difference), lowest=0, highest=0)
