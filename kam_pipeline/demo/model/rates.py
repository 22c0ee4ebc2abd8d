"""Exchange rates: units of each currency per Danish krone, month by month.

What belongs here: currencies and rates. What does not: amounts of deals (deals.py).
"""

from dataclasses import dataclass

import numpy as np

from kam_pipeline.demo.columns import Floats, Ints
from kam_pipeline.demo.model.company import Company

CURRENCIES = ("DKK", "EUR", "USD")
_START = np.array([1.0, 0.13405, 0.146])
_MONTHLY_STEP = np.array([0.0, 0.0004, 0.014])
_MONTHS_BEFORE = 12


@dataclass(frozen=True)
class Rates:
    """Monthly exchange rates.

    Attributes
    ----------
    first_month : int
        First month with a rate, in months since 1970.
    per_krone : Floats
        Units per krone, by month and currency, with six decimals.
    """

    first_month: int
    per_krone: Floats

    def of(self, currency: Ints, day: Ints) -> Floats:
        """Return the rate of each currency on each day; before and after the table its nearest month holds."""
        month = months(day) - self.first_month
        rates: Floats = self.per_krone[np.clip(month, 0, len(self.per_krone) - 1), currency]
        return rates


def months(days: Ints) -> Ints:
    """Return the month of each day, in months since 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def draw_rates(company: Company) -> Rates:
    """Return the rates of the company's years.

    Parameters
    ----------
    company : Company
        The frame.

    Returns
    -------
    Rates
        Rates from a year before the first day to the month of the last.
    """
    ends = months(np.array([company.first_day, company.last_day], dtype=np.int64))
    first = int(ends[0]) - _MONTHS_BEFORE
    count = int(ends[1]) - first + 1
    steps = company.rng("rates").standard_normal((count, len(CURRENCIES))) * _MONTHLY_STEP
    drift = np.cumsum(steps, axis=0)
    drift -= np.linspace(0.0, 1.0, count)[:, None] * drift[-1] * 0.7
    return Rates(first, np.round(_START * np.exp(drift), 6))
