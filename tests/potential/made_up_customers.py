"""Customers for the tests of potential: what the CRM knows of them, and what they buy for.

What belongs here: worlds. What does not: expectations.
"""

import numpy as np
import pandas as pd

INDUSTRIES = ("farming", "retail", "shipping", "steel")
COUNTRIES = ("de", "dk", "se")


def customers(n=300, seed=1, *, turnover=1.0, industry=1.0, employees=0.0, noise=0.4, buying=0.8):
    """Customers whose revenue follows these inputs with these strengths; the others say nothing."""
    rng = np.random.default_rng(seed)
    branch = rng.integers(0, len(INDUSTRIES), n)
    own = rng.lognormal(16, 1.0, n)
    people = np.round(rng.lognormal(5, 1.0, n))
    logs = 10 + turnover * (np.log(own) - 16) + industry * (branch - 1.5) + employees * (np.log(people) - 5)
    revenue = np.round(np.exp(logs + rng.normal(0, noise, n)), 2)
    return pd.DataFrame(
        {
            "group_id": pd.array([f"g{place:07}" for place in range(n)], dtype="str"),
            "industry": pd.array(np.array(INDUSTRIES)[branch], dtype="str"),
            "country": pd.array(rng.choice(COUNTRIES, n), dtype="str"),
            "account_type": pd.array(["customer"] * n, dtype="str"),
            "accounts_cnt": rng.integers(1, 4, n),
            "countries_cnt": np.ones(n),
            "employees_cnt": people,
            "draw": rng.integers(0, 1_000_000_007, n),
            "annual_revenue_amt": own,
            "revenue_mean_3y_amt": np.where(rng.random(n) < buying, revenue, np.nan),
        }
    )


def without_attributes(rows):
    """The same customers in a CRM where nobody fills anything in."""
    unknown = {name: pd.array([None] * len(rows), dtype="str") for name in ("industry", "country", "account_type")}
    numbers = dict.fromkeys(("annual_revenue_amt", "employees_cnt", "countries_cnt"), np.nan)
    return rows.assign(**unknown, **numbers, accounts_cnt=1)


def two_branches(n=120):
    """Half of them steel, all buying for 10,000, half of them retail, all buying for 100; nothing else is known."""
    rows = without_attributes(customers(n, buying=1.0))
    is_steel = np.arange(n) % 2 == 0
    return rows.assign(
        industry=pd.array(np.where(is_steel, "steel", "retail"), dtype="str"),
        revenue_mean_3y_amt=np.where(is_steel, 10_000.0, 100.0),
    )
