"""Opportunity.csv, OpportunityLineItem.csv and Product2.csv.

What belongs here: the text of deals and of what they are made of. What does not: which deals there are
(model/deals.py), what makes some of them dirty (dirt.py).
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from kam_pipeline.demo.columns import (
    Columns,
    Ints,
    amounts,
    blank,
    chunks,
    constant,
    dates,
    edited,
    flags,
    integers,
    joined,
    pick,
    sprinkle,
    stamps,
)
from kam_pipeline.demo.dirt import deal_edits
from kam_pipeline.demo.ids import make_ids
from kam_pipeline.demo.model.company import choose, office_seconds
from kam_pipeline.demo.model.deals import LOST, STAGES, WON
from kam_pipeline.demo.model.rates import CURRENCIES
from kam_pipeline.demo.model.world import World
from kam_pipeline.demo.words import DEAL_WORDS, FAMILIES, PRODUCT_FORMS, STRANGE_SHARE, STRANGE_TEXTS

_PROBABILITIES = ("10", "25", "50", "75", "100", "0")
_FORECASTS = ("Pipeline", "Pipeline", "BestCase", "Forecast", "Closed", "Omitted")
_LOSS_REASONS = ("Price", "Competitor", "No decision", "Product fit", "Timing", "")
_LOSS_SHARES = (0.26, 0.22, 0.17, 0.10, 0.10, 0.15)
_TYPES = ("New Business", "Existing Business")
_LEAD_SOURCES = ("Web", "Referral", "Trade show", "Partner", "")
_DIRTY_BIRTH_OFFSET = 1340


def opportunity_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of Opportunity.csv; the dirty rows are the last piece."""
    deals, company = world.deals, world.company
    for piece, rows in enumerate(chunks(deals.regular)):
        yield _opportunity_columns(world, rows, piece)
    sources = pa.array([deal.source - deals.regular for deal in deals.dirty])
    written = _opportunity_columns(world, np.arange(deals.regular, deals.count, dtype=np.int64), -1)
    columns = {name: column.take(sources) for name, column in written.items()}
    born = company.first_day + _DIRTY_BIRTH_OFFSET
    edits = deal_edits(deals.dirty, world.customers.places, born, company.last_day)
    fifteen = [place for place, deal in enumerate(deals.dirty) if deal.kind == "fifteen_character_id"]
    short = {place: {"AccountId": columns["AccountId"][place].as_py()[:15]} for place in fifteen}
    yield edited(edited(columns, edits), short)


def _opportunity_columns(world: World, rows: Ints, piece: int) -> Columns:
    deals, company = world.deals, world.company
    rng = company.rng("opportunity rows", piece + 1)
    count, stage = len(rows), deals.stage[rows]
    loss = np.where(stage == LOST, choose(rng, _LOSS_SHARES, count), len(_LOSS_REASONS) - 1)
    is_new = rng.random(count) < 0.2
    names = joined(pick(DEAL_WORDS, rng.integers(0, len(DEAL_WORDS), count)), constant(" ", count), integers(rows + 1))
    modified = deals.modified[rows]
    return {
        "Id": make_ids("Opportunity", rows),
        "IsDeleted": constant("0", count),
        "AccountId": make_ids("Account", deals.account[rows]),
        "RecordTypeId": constant("", count),
        "Name": sprinkle(names, rng, STRANGE_TEXTS, STRANGE_SHARE),
        "StageName": pick(STAGES, stage),
        "Amount": amounts(deals.cents[rows]),
        "Probability": pick(_PROBABILITIES, stage),
        "CloseDate": dates(deals.close[rows]),
        "Type": pick(_TYPES, (~is_new).astype(np.int8)),
        "LeadSource": pick(_LEAD_SOURCES, rng.integers(0, len(_LEAD_SOURCES), count)),
        "IsClosed": flags(stage >= WON),
        "IsWon": flags(stage == WON),
        "ForecastCategory": pick(_FORECASTS, stage),
        "CurrencyIsoCode": pick(CURRENCIES, deals.currency[rows]),
        "OwnerId": make_ids("User", world.customers.owner[deals.account[rows]]),
        "CreatedDate": stamps(deals.created[rows]),
        "LastModifiedDate": stamps(modified),
        "SystemModstamp": stamps(company.until_end(modified + rng.integers(0, 3600, count))),
        "Loss_Reason__c": pick(_LOSS_REASONS, loss),
    }


def line_item_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of OpportunityLineItem.csv."""
    deals, items = world.deals, world.deals.items
    for rows in chunks(items.count):
        deal, quantity, unit_cents = items.deal[rows], items.quantity[rows], items.unit_cents[rows]
        created, modified = stamps(deals.created[deal]), stamps(deals.modified[deal])
        yield {
            "Id": make_ids("OpportunityLineItem", rows),
            "IsDeleted": constant("0", len(rows)),
            "OpportunityId": make_ids("Opportunity", deal),
            "Product2Id": make_ids("Product2", items.product[rows]),
            "Quantity": joined(integers(quantity), constant(".0", len(rows))),
            "UnitPrice": amounts(unit_cents),
            "TotalPrice": amounts(unit_cents * quantity),
            "CurrencyIsoCode": pick(CURRENCIES, deals.currency[deal]),
            "CreatedDate": created,
            "LastModifiedDate": modified,
            "SystemModstamp": modified,
        }


def product_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of Product2.csv: every form of every family; the last family has one without a name for it."""
    count = len(FAMILIES) * len(PRODUCT_FORMS)
    rows = np.arange(count, dtype=np.int64)
    family, form = np.divmod(rows, len(PRODUCT_FORMS))
    rng = world.company.rng("products file")
    created = stamps(office_seconds(rng, np.full(count, world.company.first_day - 400, dtype=np.int64)))
    families = pick(FAMILIES, family)
    yield {
        "Id": make_ids("Product2", rows),
        "IsDeleted": constant("0", count),
        "Name": joined(families, constant(" ", count), pick(PRODUCT_FORMS, form)),
        "ProductCode": joined(constant("NC-", count), integers(1000 + rows)),
        "Family": blank(families, rows == count - 1),
        "IsActive": flags(rng.random(count) < 0.95),
        "CreatedDate": created,
        "LastModifiedDate": created,
        "SystemModstamp": created,
    }
