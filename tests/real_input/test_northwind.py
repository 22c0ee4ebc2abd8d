"""The wholesaler that every database course knows: its orders as won deals, against the catalogue's figures.

All its orders lie in 22 months, so that the window of 24 months holds every one of them.
"""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from tests.factories import build, by_key, insert, won

AS_OF = date(1998, 5, 7)  # the day after the last order


def rows_of(lines, table):
    """The values of each INSERT into a table."""
    opening = f"INSERT INTO {table} VALUES ("
    values = [line.strip().removeprefix(opening).removesuffix(");") for line in lines if line.startswith(opening)]
    return csv.reader(values, quotechar="'", skipinitialspace=True)


@pytest.fixture(scope="module")
def northwind(reused_warehouse, shared_data):
    """The warehouse with the concentration of Northwind's customers."""
    lines = (shared_data / "northwind" / "northwind.sql").read_text(encoding="utf-8").splitlines()
    net = defaultdict(float)
    for order, _, price, quantity, discount in rows_of(lines, "order_details"):
        net[order] += float(price) * float(quantity) * (1 - float(discount))
    orders = [(row[0], row[1], row[3]) for row in rows_of(lines, "orders")]
    insert(reused_warehouse, "Account", [{"Id": row[0], "Name": row[1]} for row in rows_of(lines, "customers")])
    deals = [won(order, customer, round(Decimal(net[order]), 2), day) for order, customer, day in orders]
    insert(reused_warehouse, "Opportunity", [{**deal, "CreatedDate": deal["CloseDate"]} for deal in deals])
    build(reused_warehouse, "marts.revenue_concentration", as_of=AS_OF)
    return reused_warehouse


def figures(northwind, column, months=24):
    return by_key(
        northwind,
        f"select metric, {column} from marts.revenue_concentration "
        f"where basis = 'group' and window_months = {months} and as_of_date = '{AS_OF}'",
    )


@pytest.mark.parametrize(
    ("metric", "published"),
    [
        ("gini", 0.575454), ("gini_corrected", 0.581993), ("hhi", 0.033691),
        ("top_5_pct_share", 0.332275), ("top_10_pct_share", 0.428807), ("top_20_pct_share", 0.600570),
    ],
)  # fmt: skip
def test_concentration_has_the_catalogues_figures(northwind, metric, published):
    assert figures(northwind, "value")[metric] == pytest.approx(published, abs=1e-6)
    low, high = figures(northwind, "ci_low, ci_high")[metric]
    assert (low is None and high is None) if metric == "hhi" else low < published < high


def test_net_sales_and_customers_are_counted_as_published(northwind):
    assert figures(northwind, "value")["revenue_amt"] == pytest.approx(1_265_793.04, abs=0.5)
    # two of the 91 never ordered
    assert figures(northwind, "accounts_cnt, excluded_cnt, zero_cnt")["gini"] == (89, 0, 0)


def test_the_largest_customers_are_the_published_ones(northwind):
    largest = northwind.rows(
        "select name.account_name, revenue_amt + prior_amt from marts.entity_revenue "
        "inner join staging.account as name on entity_id = account_id where basis = 'account' order by 2 desc limit 3"
    )
    assert largest == [
        ("QUICK-Stop", pytest.approx(Decimal("110277.31"), abs=Decimal("0.05"))),
        ("Ernst Handel", pytest.approx(Decimal("104874.98"), abs=Decimal("0.05"))),
        ("Save-a-lot Markets", pytest.approx(Decimal("104361.95"), abs=Decimal("0.05"))),
    ]


def test_the_last_year_alone_leaves_out_who_did_not_order_and_counts_them(northwind):
    accounts, zero = figures(northwind, "accounts_cnt, zero_cnt", months=12)["gini"]
    assert accounts + zero == 89
    assert zero > 0


def test_three_years_are_not_covered(northwind):
    assert figures(northwind, "value, status", months=36)["gini"] == (None, "insufficient_data")
