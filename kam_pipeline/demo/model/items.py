"""Line items: which products a deal is made of, and amounts that add up to the cent.

What belongs here: products by number and line items as arrays. What does not: product names and rows (files/).
"""

from dataclasses import dataclass

import numpy as np

from kam_pipeline.demo.columns import Ints
from kam_pipeline.demo.model.company import Company, choose
from kam_pipeline.demo.words import FAMILIES, PRODUCT_FORMS

_ITEM_COUNT_SHARES = (0.15, 0.35, 0.35, 0.15)
_MEAN_QUANTITY = 20.0


@dataclass(frozen=True)
class Items:
    """Line items in the order of their deals.

    Attributes
    ----------
    deal, product, quantity, unit_cents : Ints
        Deal number, product number, pieces, price per piece in hundredths of the deal's currency.
    """

    deal: Ints
    product: Ints
    quantity: Ints
    unit_cents: Ints

    @property
    def count(self) -> int:
        """Number of line items."""
        return len(self.deal)


def draw_items(company: Company, account: Ints, cents: Ints, regular: int) -> tuple[Ints, Items]:
    """Return line items, and amounts changed so that they are the sum of the items where there are any.

    Parameters
    ----------
    company : Company
        The frame.
    account : Ints
        Account of each deal.
    cents : Ints
        Wanted amount of each deal, in hundredths.
    regular : int
        How many deals, the first ones, get items.

    Returns
    -------
    tuple[Ints, Items]
        Amount of each deal in hundredths, and the line items.
    """
    rng = company.rng("items")
    per_deal = choose(rng, _ITEM_COUNT_SHARES, regular)
    deal = np.repeat(np.arange(regular, dtype=np.int64), per_deal)
    part = rng.random(len(deal)) + 0.2
    wanted = cents[deal] * part / np.bincount(deal, weights=part, minlength=regular)[deal]
    quantity = 1 + rng.exponential(_MEAN_QUANTITY, len(deal)).astype(np.int64)
    unit_cents = np.maximum(np.rint(wanted / quantity).astype(np.int64), 1)
    total = np.bincount(deal, weights=quantity * unit_cents, minlength=len(cents)).astype(np.int64)
    has_items = total > 0
    items = Items(deal, _draw_products(company, account[deal]), quantity, unit_cents)
    return np.where(has_items, total, cents), items


def _draw_products(company: Company, account: Ints) -> Ints:
    """Return products from as many families as the account is used to buying."""
    rng = company.rng("products")
    favourite = rng.integers(0, len(FAMILIES), company.accounts)
    breadth = rng.integers(1, len(FAMILIES) + 1, company.accounts)
    chance = rng.random(len(account))
    step = (chance * chance * breadth[account]).astype(np.int64)
    family = (favourite[account] + step) % len(FAMILIES)
    return family * len(PRODUCT_FORMS) + rng.integers(0, len(PRODUCT_FORMS), len(account))
