"""The feeds beside the export: satisfaction, costs, targets and corrections to groups.

What belongs here: what other systems and analysts know about the accounts. What does not: anything the CRM holds.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from kam_pipeline.demo.columns import Columns, Ints, amounts, blank, constant, dates, integers, pick
from kam_pipeline.demo.dirt import UNKNOWN_FEED_ACCOUNT
from kam_pipeline.demo.ids import lookup_ids, make_id, make_ids
from kam_pipeline.demo.model.company import by_chance
from kam_pipeline.demo.model.rates import CURRENCIES, months
from kam_pipeline.demo.model.world import World

_SURVEYED_SHARE, _ANSWER_SHARE, _SURVEY_YEARS = 0.5, 0.75, 3
_COSTED_SHARE = 0.85
_TARGET_SHARE = 0.25
_MONTHS_SPACE = 100_000


def satisfaction_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of satisfaction.csv; who did not answer has no score, and the last row one that cannot be."""
    company, customers = world.company, world.customers
    rng = company.rng("satisfaction")
    is_surveyed = by_chance(rng, _SURVEYED_SHARE, customers.count) & customers.is_living
    level = rng.normal(7.6, 1.2, customers.count)
    asked = np.repeat(np.flatnonzero(is_surveyed).astype(np.int64), _SURVEY_YEARS)
    year = np.tile(np.arange(_SURVEY_YEARS, dtype=np.int64), int(is_surveyed.sum()))
    has_answered = by_chance(rng, _ANSWER_SHARE, len(asked))
    account, year = (np.append(values, last) for values, last in ((asked, customers.small[0]), (year, 0)))
    count = len(account)
    day = company.last_day - 365 * year - rng.integers(0, 365, count)
    score = np.clip(np.rint(level[account] + rng.normal(0.0, 1.3, count)), 0, 10).astype(np.int64)
    score[-1] = 11
    yield {
        "account_id": make_ids("Account", account),
        "surveyed_on": dates(day),
        "contact_id": lookup_ids("Contact", world.contacts.draw(account, rng.random(count))),
        "score": blank(integers(score), np.append(~has_answered, False)),
    }


def cost_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of costs.csv: what was sold cost to make, per month; the last row is of no known account."""
    customers, deals = world.customers, world.deals
    rng = world.company.rng("costs")
    is_costed = by_chance(rng, _COSTED_SHARE, customers.count) & (customers.weight > 0)
    part = np.clip(rng.normal(0.72, 0.1, customers.count), 0.45, 1.05)
    counted = np.flatnonzero(deals.is_won[: deals.regular] & is_costed[deals.account[: deals.regular]])
    key = deals.account[counted] * _MONTHS_SPACE + months(deals.close[counted])
    found, place = np.unique(key, return_inverse=True)
    account, month = np.divmod(found, _MONTHS_SPACE)
    day = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    currency = customers.currency[account]
    sold = np.bincount(place, weights=deals.kroner[counted], minlength=len(found))
    cost = sold * part[account] * rng.uniform(0.92, 1.08, len(found)) * world.rates.of(currency, day)
    columns = {
        "account_id": make_ids("Account", account),
        "month": dates(day),
        "cost_amt": amounts(np.rint(cost * 100).astype(np.int64)),
        "currency_code": pick(CURRENCIES, currency),
    }
    stray = (make_id("Account", UNKNOWN_FEED_ACCOUNT), columns["month"][-1].as_py(), "1200.00", CURRENCIES[0])
    yield {
        name: pa.concat_arrays([column, constant(value, 1)])
        for (name, column), value in zip(columns.items(), stray, strict=True)
    }


def target_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of targets.csv: this year and the year before, for flagged and some other accounts."""
    company, customers = world.company, world.customers
    rng = company.rng("targets")
    has_target = by_chance(rng, _TARGET_SHARE, customers.count) | customers.is_key
    account = np.repeat(np.flatnonzero(has_target & (customers.weight > 0)).astype(np.int64), 2)
    count = len(account)
    year = company.ends_on.year - 1 + np.arange(count, dtype=np.int64) % 2
    yearly = world.deals.won_kroner(customers.count, company.last_day - 729)[account] / 2
    wanted = np.maximum(yearly, 20_000.0) * rng.uniform(0.95, 1.2, count)
    rate = world.rates.of(customers.currency[account], np.full(count, company.last_day, dtype=np.int64))
    yield {
        "account_id": make_ids("Account", account),
        "year": integers(year),
        "target_amt": amounts(np.rint(wanted * rate).astype(np.int64) * 100),
        "currency_code": pick(CURRENCIES, customers.currency[account]),
    }


def group_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of groups.csv: a subsidiary that stands alone, and a customer that belongs to a group."""
    customers = world.customers
    split, top = _a_subsidiary_and_its_top(world)
    joins = int(customers.small[-1])
    since = np.full(2, world.company.last_day - 500, dtype=np.int64)
    yield {
        "account_id": make_ids("Account", np.array([split, joins], dtype=np.int64)),
        "group_id": make_ids("Account", np.array([split, top], dtype=np.int64)),
        "reason": pa.array(["Holding that buys on its own", "Same owner, not linked in the CRM"]),
        "since": dates(since),
    }


def _a_subsidiary_and_its_top(world: World) -> tuple[int, int]:
    """Return the smallest direct subsidiary without accounts below it in any group, and the top of its group."""
    customers = world.customers
    is_top: Ints = (customers.parent < 0).astype(np.int64)
    children = np.flatnonzero((customers.parent >= 0) & (is_top[customers.parent] == 1))
    leaves = children[~np.isin(children, customers.parent)]
    split = int(leaves[np.argmin(customers.weight[leaves])])
    return split, int(customers.parent[split])
