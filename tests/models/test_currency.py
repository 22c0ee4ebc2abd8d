"""Money in one currency: which rate counts, and what happens where there is none."""

from decimal import Decimal
from itertools import pairwise

import pytest

from tests.factories import (
    account,
    build,
    by_key,
    corporate_currency,
    currency,
    dated_rate,
    make_configuration,
    opportunity,
    organization,
)


@pytest.fixture
def company(warehouse):
    """Corporate currency EUR, with one customer A."""
    corporate_currency(warehouse, "EUR")
    account(warehouse, "A")
    return warehouse


def converted(warehouse, configuration=None):
    build(warehouse, "core.opportunity", configuration=configuration)
    return by_key(warehouse, "select opportunity_id, amount_amt, rate_kind from core.opportunity")


def test_the_reporting_currency_needs_no_rate(company):
    opportunity(company, "o", "A", CurrencyIsoCode="EUR", Amount="12.34")
    assert converted(company) == {"o": (Decimal("12.34"), "same")}


def test_the_rate_of_the_close_date_counts_from_its_first_day_to_the_day_before_the_next(company):
    currency(company, "DKK", 7.0)
    dated_rate(company, "DKK", 8.0, "2026-05-01", "2026-06-01")
    dated_rate(company, "DKK", 10.0, "2026-06-01", "2026-07-01")
    for name, day in [
        ("first day", "2026-05-01"), ("month end", "2026-05-31"), ("next start", "2026-06-01"),
        ("before all", "2026-04-30"), ("after all", "2026-07-01"),
    ]:  # fmt: skip
        opportunity(company, name, "A", CurrencyIsoCode="DKK", Amount=560, CloseDate=day)
    assert converted(company) == {
        "first day": (Decimal("70.00"), "dated"),
        "month end": (Decimal("70.00"), "dated"),
        "next start": (Decimal("56.00"), "dated"),
        "before all": (Decimal("80.00"), "static"),
        "after all": (Decimal("80.00"), "static"),
    }


@pytest.mark.parametrize("day", ["2024-01-31", "2024-02-29", "2025-02-28", "2025-04-30", "2025-12-31"])
def test_the_last_day_of_a_month_has_a_rate(company, day):
    starts = [f"{year}-{month:02}-01" for year in (2024, 2025) for month in range(1, 13)] + ["2026-01-01"]
    for start, until in pairwise(starts):
        dated_rate(company, "DKK", float(start[5:7]), start, until)
    opportunity(company, "o", "A", CurrencyIsoCode="DKK", Amount=27720, CloseDate=day)
    assert converted(company) == {"o": (Decimal(27720) / int(day[5:7]), "dated")}


def test_a_period_without_an_end_lasts_until_the_next_and_the_last_for_ever(company):
    dated_rate(company, "DKK", 8.0, "2026-05-01")
    dated_rate(company, "DKK", 10.0, "2026-06-01")
    opportunity(company, "may", "A", CurrencyIsoCode="DKK", Amount=80, CloseDate="2026-05-31")
    opportunity(company, "later", "A", CurrencyIsoCode="DKK", Amount=80, CloseDate="2031-01-01")
    assert converted(company) == {"may": (Decimal(10), "dated"), "later": (Decimal(8), "dated")}


def test_without_dated_rates_the_static_one_counts(company):
    currency(company, "DKK", 8.0)
    opportunity(company, "o", "A", CurrencyIsoCode="DKK", Amount=80)
    assert converted(company) == {"o": (Decimal(10), "static")}


def test_a_configured_rate_wins_over_the_static_one_and_not_over_a_dated_one(company):
    currency(company, "DKK", 8.0)
    dated_rate(company, "DKK", 10.0, "2026-06-01", "2026-07-01")
    opportunity(company, "may", "A", CurrencyIsoCode="DKK", Amount=80, CloseDate="2026-05-31")
    opportunity(company, "june", "A", CurrencyIsoCode="DKK", Amount=80, CloseDate="2026-06-30")
    configuration = make_configuration(currency={"rates": {"DKK": 5.0}})
    assert converted(company, configuration) == {"may": (Decimal(16), "static"), "june": (Decimal(8), "dated")}


def test_a_configured_rate_serves_a_currency_that_the_crm_does_not_know(company):
    opportunity(company, "o", "A", CurrencyIsoCode="XAU", Amount=80)
    assert converted(company, make_configuration(currency={"rates": {"XAU": 5.0}})) == {"o": (Decimal(16), "static")}


def test_a_missing_rate_leaves_no_amount_and_is_never_one_to_one(company):
    opportunity(company, "o", "A", CurrencyIsoCode="GBP", Amount=80)
    currency(company, "SEK", 0.0)  # a rate of zero is none
    currency(company, "NOK", None)
    opportunity(company, "zero", "A", CurrencyIsoCode="SEK", Amount=80)
    opportunity(company, "null", "A", CurrencyIsoCode="NOK", Amount=80)
    build(company, "core.opportunity")
    rows = by_key(
        company,
        "select opportunity_id, amount_amt, rate_kind, amount_status, amount_original, currency_code "
        "from core.opportunity",
    )
    assert rows == {
        "o": (None, None, "no_rate", Decimal(80), "GBP"),
        "zero": (None, None, "no_rate", Decimal(80), "SEK"),
        "null": (None, None, "no_rate", Decimal(80), "NOK"),
    }


def test_no_amount_is_no_amount_and_not_zero(company):
    opportunity(company, "o", "A", Amount=None)
    build(company, "core.opportunity")
    assert company.rows("select amount_amt, amount_status from core.opportunity") == [(None, "no_amount")]


def test_an_amount_that_no_column_can_hold_is_out_of_range(company):
    currency(company, "DKK", 0.000001)
    opportunity(company, "o", "A", CurrencyIsoCode="DKK", Amount="99999999999999")
    build(company, "core.opportunity")
    assert company.rows("select amount_amt, amount_status from core.opportunity") == [(None, "out_of_range")]


def test_no_currency_code_means_the_corporate_currency(company):
    opportunity(company, "o", "A", CurrencyIsoCode=None, Amount=80)
    assert converted(company) == {"o": (Decimal(80), "same")}


def test_without_any_currency_all_amounts_are_taken_to_be_in_one(warehouse):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", CurrencyIsoCode=None, Amount=80)
    assert converted(warehouse) == {"o": (Decimal(80), "same")}
    assert warehouse.rows("select reporting_currency, currency_source from core.organisation") == [("XXX", "unknown")]


@pytest.mark.parametrize(
    ("reporting", "corporate", "default", "expected"),
    [
        ("USD", "EUR", "DKK", ("USD", "EUR", "kam.yaml")),
        (None, "EUR", "DKK", ("EUR", "EUR", "corporate currency")),
        (None, None, "DKK", ("DKK", "DKK", "organisation default")),
    ],
)
def test_where_the_reporting_currency_comes_from(warehouse, reporting, corporate, default, expected):
    organization(warehouse, DefaultCurrencyIsoCode=default)
    if corporate:
        corporate_currency(warehouse, corporate)
    build(warehouse, "core.organisation", configuration=make_configuration(currency={"reporting": reporting}))
    query = "select reporting_currency, corporate_currency, currency_source from core.organisation"
    assert warehouse.rows(query) == [expected]


class TestReportingInAnotherThanTheCorporateCurrency:
    """Corporate EUR, reporting USD: rates are relative to EUR and must be crossed."""

    USD = make_configuration(currency={"reporting": "USD"})

    def test_static_rates_are_crossed(self, company):
        currency(company, "USD", 1.25)
        currency(company, "DKK", 7.5)
        opportunity(company, "usd", "A", CurrencyIsoCode="USD", Amount=100)
        opportunity(company, "eur", "A", CurrencyIsoCode="EUR", Amount=100)
        opportunity(company, "dkk", "A", CurrencyIsoCode="DKK", Amount=600)
        opportunity(company, "none", "A", CurrencyIsoCode=None, Amount=100)  # none: corporate, so EUR
        assert converted(company, self.USD) == {
            "usd": (Decimal(100), "same"),
            "eur": (Decimal(125), "static"),
            "dkk": (Decimal(100), "static"),
            "none": (Decimal(125), "static"),
        }

    def test_dated_rates_are_crossed_day_by_day(self, company):
        currency(company, "USD", 1.0)
        currency(company, "DKK", 1.0)
        dated_rate(company, "USD", 1.25, "2026-05-01", "2026-06-01")
        dated_rate(company, "USD", 1.50, "2026-06-01", "2026-07-01")
        dated_rate(company, "DKK", 7.5, "2026-05-01", "2026-07-01")
        for month, day in (("may", "2026-05-31"), ("june", "2026-06-01")):
            opportunity(company, f"dkk {month}", "A", CurrencyIsoCode="DKK", Amount=600, CloseDate=day)
            opportunity(company, f"eur {month}", "A", CurrencyIsoCode="EUR", Amount=100, CloseDate=day)
        assert converted(company, self.USD) == {
            "dkk may": (Decimal(100), "dated"),
            "eur may": (Decimal(125), "dated"),
            "dkk june": (Decimal(120), "dated"),
            "eur june": (Decimal(150), "dated"),
        }

    def test_without_dated_rates_of_the_reporting_currency_static_ones_count(self, company):
        currency(company, "USD", 1.25)
        currency(company, "DKK", 7.5)
        dated_rate(company, "DKK", 9.0, "2026-01-01")
        opportunity(company, "o", "A", CurrencyIsoCode="DKK", Amount=600)
        assert converted(company, self.USD) == {"o": (Decimal(100), "static")}

    def test_the_potential_of_an_account_without_a_currency_is_in_the_corporate_one_too(self, warehouse):
        corporate_currency(warehouse, "EUR")
        currency(warehouse, "USD", 1.25)
        account(warehouse, "A", PotentialAmount=100, CurrencyIsoCode=None)
        account(warehouse, "B", PotentialAmount=100, CurrencyIsoCode="EUR")
        build(warehouse, "core.account", configuration=self.USD)
        potential = by_key(warehouse, "select account_id, potential_amt from core.account")
        assert potential == {"A": Decimal(125), "B": Decimal(125)}


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("1.0000", "0.33"), ("2.0000", "0.67"), ("-2.0000", "-0.67"), ("0.0100", "0.00")],
)
def test_converted_amounts_are_rounded_to_cents(company, amount, expected):
    currency(company, "DKK", 3.0)
    opportunity(company, "o", "A", CurrencyIsoCode="DKK", Amount=amount)
    assert converted(company)["o"][0] == Decimal(expected)


def test_amounts_in_the_reporting_currency_are_rounded_half_up(company):
    opportunity(company, "up", "A", CurrencyIsoCode="EUR", Amount="0.1250")
    opportunity(company, "down", "A", CurrencyIsoCode="EUR", Amount="0.1249")
    opportunity(company, "exact", "A", CurrencyIsoCode="EUR", Amount="9999999999999.99")
    assert {key: value[0] for key, value in converted(company).items()} == {
        "up": Decimal("0.13"),
        "down": Decimal("0.12"),
        "exact": Decimal("9999999999999.99"),  # no detour through floating point
    }
