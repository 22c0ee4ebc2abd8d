"""Everything that was drawn, in one value that the files are made from.

What belongs here: the parts together, and nothing computed. What does not: text.
"""

from dataclasses import dataclass

from kam_pipeline.demo.model.company import Company
from kam_pipeline.demo.model.contacts import Contacts, draw_contacts
from kam_pipeline.demo.model.customers import Customers, draw_customers
from kam_pipeline.demo.model.deals import Deals, draw_deals
from kam_pipeline.demo.model.rates import Rates, draw_rates
from kam_pipeline.demo.model.staff import Staff, draw_staff


@dataclass(frozen=True)
class World:
    """The whole company: its frame, its staff, the rates, and what it sold to whom."""

    company: Company
    staff: Staff
    rates: Rates
    customers: Customers
    contacts: Contacts
    deals: Deals


def draw_world(company: Company) -> World:
    """Return the whole company.

    Parameters
    ----------
    company : Company
        The frame.

    Returns
    -------
    World
        All its parts.
    """
    staff, rates = draw_staff(company), draw_rates(company)
    customers = draw_customers(company, staff)
    contacts, deals = draw_contacts(company, customers), draw_deals(company, customers, rates)
    return World(company, staff, rates, customers, contacts, deals)
