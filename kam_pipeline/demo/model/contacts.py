"""Contacts: how many each account has, and which one a record refers to.

What belongs here: contacts by number. What does not: names, titles and the file (files/people.py).
"""

from dataclasses import dataclass

import numpy as np

from kam_pipeline.demo.columns import Floats, Ints
from kam_pipeline.demo.model.company import Company, choose
from kam_pipeline.demo.model.customers import Customers

CONTACTS_PER_ACCOUNT = 3


@dataclass(frozen=True)
class Contacts:
    """Contacts in the order of their accounts.

    Attributes
    ----------
    account : Ints
        Account of each contact.
    first : Ints
        First contact of each account.
    size : Ints
        Number of contacts of each account.
    """

    account: Ints
    first: Ints
    size: Ints

    def draw(self, account: Ints, chance: Floats) -> Ints:
        """Return a contact of each account, early ones more often, from numbers between 0 and 1; -1 without any."""
        found = self.first[account] + (chance * chance * self.size[account]).astype(np.int64)
        return np.where(self.size[account] > 0, found, -1)


def draw_contacts(company: Company, customers: Customers) -> Contacts:
    """Return the contacts of all accounts; deleted and merged accounts have none.

    Parameters
    ----------
    company : Company
        The frame.
    customers : Customers
        The accounts.

    Returns
    -------
    Contacts
        Three times as many contacts as accounts.
    """
    size = customers.is_living.astype(np.int64)
    more = CONTACTS_PER_ACCOUNT * company.accounts - int(size.sum())
    share = np.sqrt(customers.weight) * customers.is_living
    size = size + np.bincount(choose(company.rng("contacts"), share, more), minlength=company.accounts)
    account = np.repeat(np.arange(company.accounts, dtype=np.int64), size)
    return Contacts(account, np.cumsum(size) - size, size)
