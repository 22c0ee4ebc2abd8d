"""The basis of revenue from kam.yaml to what readers see."""

import pytest

from tests.pipeline.conftest import _write_csv

HEADER = ["Id", "AccountId", "StatusCode", "EffectiveDate", "TotalAmount", "CurrencyIsoCode", "CreatedDate"]
REVENUE = "select group_id, revenue_amt::int from key_account_candidate order by group_id"


@pytest.mark.slow
def test_orders_are_read_ranked_and_named_and_a_rerun_on_another_basis_knows_what_was_known_then(company):
    company.accounts, company.deals = company.accounts[:2], [deal for deal in company.deals if deal["Id"] < "d03"]
    company.settings += "revenue_basis: orders\nquality: {max_rejected_share: 0.5}\n"
    company.write()
    created = "2026-06-01 08:00:00"
    orders = [
        dict(zip(HEADER, ("r1", "a01", "Activated", "2026-06-01", "9000", "EUR", created), strict=True)),
        dict(zip(HEADER, ("r2", "a02", "Draft", "2026-06-01", "9000", "EUR", created), strict=True)),
        dict(zip(HEADER, ("r3", "ghost", "Activated", "2026-06-01", "1000", "EUR", created), strict=True)),
    ]
    _write_csv(company.folder / "export" / "Order.csv", HEADER, orders)
    day = company.run()
    assert company.read("select revenue_basis from snapshot") == [("orders",)]
    assert company.read(REVENUE) == [("a01", 9000)]
    assert company.read("select value from relevance_test where basis = 'group' and test = 'revenue_attributed'") == [
        (0.1,)
    ]
    assert company.read("select record_id, reason from rejected_row") == [
        ("r3", "Its account ghost is not in the source.")
    ]
    # the order of a02 is activated later, and the date is asked for again: with bookings, then with orders
    _write_csv(
        company.folder / "export" / "Order.csv", HEADER, [{**item, "StatusCode": "Activated"} for item in orders]
    )
    company.run(publishes=False)
    settings = company.settings
    company.settings = settings.replace("orders", "bookings")
    company.run(as_of=day, knowledge="then")
    assert company.read("select revenue_basis from snapshot") == [("bookings",)]
    assert company.read(REVENUE) == [("a01", 120), ("a02", 480)]
    company.settings = settings
    company.run(as_of=day, knowledge="then")
    assert company.read(REVENUE) == [("a01", 9000)]
