"""Gates of revenue: the same money at every step from raw to the list of candidates.

What belongs here: sums on either side of a step, as decimals. What does not: counting records (records.py).
"""

from collections.abc import Iterator

from kam_pipeline.evaluation import Evaluation
from kam_pipeline.quality.gate import Figure, Gate, gate
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
SUMMED = gate(
    "revenue_reconciled",
    f"Catches deals counted twice or lost between core and marts; {_DEFECT}",
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

GATES = (STAGED, PLACED, SUMMED, RANKED)

# In the currency of each deal, because a rate is not known for every one of them; what is set aside is no loss.
_STAGED = """
with sent as (
    select coalesce(CurrencyIsoCode, '') as currency_code, sum(Amount) as amount
    from raw.opportunity group by all
),
kept as (
    select coalesce(currency_code, '') as currency_code, sum(amount_original) as amount
    from (
        select currency_code, amount_original from staging.opportunity
        union all
        select currency_code, amount_original from staging.opportunity_set_aside
    ) group by all
)
select coalesce(max(abs(coalesce(sent.amount, 0) - coalesce(kept.amount, 0))), 0)
from sent full join kept using (currency_code)
"""
_PLACED = """
with staged as (select is_won, sum(amount_original) as amount from staging.opportunity group by is_won),
placed as (select is_won, sum(amount_original) as amount from core.opportunity group by is_won)
select coalesce(max(abs(coalesce(staged.amount, 0) - coalesce(placed.amount, 0))), 0)
from staged full join placed using (is_won)
"""
_SUMMED = """
select
    coalesce((
        select sum(revenue_amt) from marts.entity_revenue where as_of_date = $day and basis = 'group'
    ), 0) - coalesce((
        select sum(amount_amt) from core.opportunity
        where is_won and closed_on < $day and closed_on >= $day::date - interval 12 month
    ), 0)
"""
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


def revenue_figures(warehouse: Warehouse, evaluation: Evaluation) -> Iterator[Figure]:
    """Return by how much the sums on either side of each step differ."""
    yield _difference(STAGED, warehouse.value(_STAGED))
    yield _difference(PLACED, warehouse.value(_PLACED))
    day = {"day": evaluation.as_of_date}
    yield _difference(SUMMED, warehouse.value(_SUMMED, day))
    yield _difference(RANKED, warehouse.value(_RANKED, day))


def _difference(item: Gate, difference: float) -> Figure:
    return Figure(item, float(difference), lowest=0, highest=0)
