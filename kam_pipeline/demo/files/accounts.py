"""Account.csv: one row per account, with the company's own columns.

What belongs here: the text of accounts. What does not: which accounts there are (model/customers.py), what makes some
of them dirty (dirt.py).
"""

from collections.abc import Iterator

import numpy as np

from kam_pipeline.demo.columns import (
    DAY_SECONDS,
    Column,
    Columns,
    Floats,
    Ints,
    amounts,
    blank,
    constant,
    edited,
    flags,
    integers,
    joined,
    pick,
    sprinkle,
    stamps,
)
from kam_pipeline.demo.dirt import account_edits
from kam_pipeline.demo.ids import lookup_ids, make_ids
from kam_pipeline.demo.model.company import by_chance, days_between, office_seconds
from kam_pipeline.demo.model.customers import PARTNER, TYPES
from kam_pipeline.demo.model.rates import CURRENCIES
from kam_pipeline.demo.model.world import World
from kam_pipeline.demo.words import (
    COUNTRIES,
    INDUSTRIES,
    LEGAL_FORMS,
    STRANGE_NAMES,
    STRANGE_TEXTS,
    company_names,
)

_POTENTIAL_SHARE, _ERP_SHARE = 0.6, 0.9
_FIRST_ERP_NUMBER = 100_000
_FIT_SHARE, _INFLUENCE_SHARE, _SEGMENT_SHARE = 0.75, 0.5, 0.9
_POINTS = ("1", "2", "3", "4", "5")
_SEGMENTS = ("Standard", "Standard", "Growth", "Growth", "Strategic")


def account_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of Account.csv; accounts are few enough for one piece."""
    customers, rng = world.customers, world.company.rng("account rows")
    count = customers.count
    rows = np.arange(count, dtype=np.int64)
    created, modified, stamped = _draw_stamps(world, rng)
    potential = _local_cents(world, _potential_kroner(world, rng))
    turnover = _local_cents(world, 1e6 * (1.0 + customers.weight) * rng.lognormal(2.0, 0.8, count))
    columns = {
        "Id": make_ids("Account", rows),
        "IsDeleted": constant("0", count),
        "MasterRecordId": constant("", count),
        "Name": _names(world),
        "Type": pick(TYPES, customers.kind),
        "RecordTypeId": make_ids("RecordType", (customers.kind == PARTNER).astype(np.int64)),
        "ParentId": lookup_ids("Account", customers.parent),
        "BillingCountry": pick(COUNTRIES, customers.country),
        "Industry": blank(pick(INDUSTRIES, customers.industry), by_chance(rng, 0.1, count)),
        "AnnualRevenue": blank(amounts(turnover), by_chance(rng, 0.3, count)),
        "NumberOfEmployees": integers(
            5 + (20 * (1.0 + customers.weight) * rng.lognormal(0, 1, count)).astype(np.int64)
        ),
        "Description": sprinkle(constant("", count), rng, STRANGE_TEXTS, 0.05),
        "CurrencyIsoCode": pick(CURRENCIES, customers.currency),
        "OwnerId": make_ids("User", customers.owner),
        "CreatedDate": stamps(created),
        "LastModifiedDate": stamps(modified),
        "SystemModstamp": stamps(stamped),
        "Key_Account__c": pick(("", "Key"), customers.is_key.astype(np.int8)),
        "Internal_Test__c": constant("0", count),
        "Potential__c": blank(amounts(potential), ~by_chance(rng, _POTENTIAL_SHARE, count)),
        "Executive_Sponsor__c": lookup_ids("User", customers.sponsor),
        "ERP_Number__c": blank(_erp_numbers(rows), ~by_chance(rng, _ERP_SHARE, count)),
        "Has_Portal__c": flags(by_chance(rng, 0.2, count)),
        **_judgements(world),
    }
    names = {int(row): {"Name": name} for row, name in zip(customers.small[::-1], STRANGE_NAMES, strict=False)}
    yield edited(edited(columns, names), account_edits(customers.places, int(customers.small[0])))


def _names(world: World) -> Column:
    """Return names of the group, the country for subsidiaries, and the legal form of the country."""
    customers, rng = world.customers, world.company.rng("account names")
    group_names = company_names(rng, int(customers.group.max()) + 1)
    places = pick([f" {country}" for country in COUNTRIES], customers.country)
    return joined(
        pick(group_names.to_pylist(), customers.group),
        blank(places, customers.parent < 0),
        pick(LEGAL_FORMS, customers.country),
    )


def _judgements(world: World) -> Columns:
    """Return what colleagues think of the accounts: more of the large ones than of the small, and not of all."""
    customers, rng = world.customers, world.company.rng("account judgements")
    count = customers.count

    def points(noise: float) -> Ints:
        seen = np.log(customers.weight + 0.01) + rng.normal(0.0, noise, count)
        place = np.argsort(np.argsort(seen, kind="stable"), kind="stable")
        fifths: Ints = place * len(_POINTS) // count
        return fifths

    return {
        "Strategic_Fit__c": blank(pick(_POINTS, points(1.0)), ~by_chance(rng, _FIT_SHARE, count)),
        "Market_Influence__c": blank(pick(_POINTS, points(2.0)), ~by_chance(rng, _INFLUENCE_SHARE, count)),
        "Segment__c": blank(pick(_SEGMENTS, points(0.5)), ~by_chance(rng, _SEGMENT_SHARE, count)),
    }


def _erp_numbers(rows: Ints) -> Column:
    return joined(constant("C-", len(rows)), integers(_FIRST_ERP_NUMBER + 7 * rows))


def _draw_stamps(world: World, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Return when accounts were created (before their first deal), modified and stamped."""
    company, customers = world.company, world.customers
    first = np.full(customers.count, company.first_day + 400, dtype=np.int64)
    np.minimum.at(first, world.deals.account, world.deals.created // DAY_SECONDS)
    is_new = customers.opens > 0
    age = np.where(is_new, rng.integers(1, 60, customers.count), rng.integers(1, 2500, customers.count))
    starts = np.where(is_new, np.minimum(first, company.first_day + customers.opens.astype(np.int64)), first)
    created = office_seconds(rng, starts - age)
    changed = office_seconds(rng, days_between(rng, company.last_day - 700, company.last_day, customers.count))
    modified = company.until_end(np.maximum(created, changed))
    return created, modified, company.until_end(modified + rng.integers(0, 7200, customers.count))


def _potential_kroner(world: World, rng: np.random.Generator) -> Floats:
    """Return what each account could buy in a year: more than it does, by a factor that is not known well."""
    company, customers = world.company, world.customers
    bought = world.deals.won_kroner(customers.count, company.last_day - 364)
    least = 40_000.0 * (0.2 + customers.weight)
    potential: Floats = np.maximum(bought, least) * rng.lognormal(0.5, 0.5, customers.count)
    return np.round(potential, -3)


def _local_cents(world: World, kroner: Floats) -> Ints:
    """Return amounts in hundredths of each account's currency."""
    customers = world.customers
    rate = world.rates.of(customers.currency, np.full(customers.count, world.company.last_day, dtype=np.int64))
    return np.rint(kroner * rate).astype(np.int64) * 100
