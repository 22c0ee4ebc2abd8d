"""KPIs of money: bookings, growth, retention. As of 1 July 2026."""

from datetime import date

import pytest

from tests.factories import account, insert, loaded, make_configuration, one_of, organization, won


def deals(warehouse, *given):
    """Won deals given as (account, amount, close date); accounts are made as they come."""
    for name in sorted({name for name, *_ in given}):
        account(warehouse, name, IsKeyAccount="yes" if name.startswith("K") else "no")
    insert(warehouse, "Opportunity", [won(f"o{place}", *deal) for place, deal in enumerate(given)])


def test_growth_of_a_portfolio_is_the_ratio_of_sums_and_not_the_mean_of_ratios(warehouse, measured):
    deals(
        warehouse,
        ("K1", 100, "2024-07-15"), ("K1", 200, "2025-07-15"),  # doubled
        ("K2", 900, "2024-07-15"), ("K2", 900, "2025-07-15"),  # unchanged
    )  # fmt: skip
    growth = measured()("growth_yoy", "key")
    # 1100 / 1000 - 1, where the mean of the two would be 0.5
    assert growth.value == pytest.approx(0.1)
    assert (growth.numerator, growth.denominator, growth.n) == (1100, 1000, 2)


def test_growth_needs_a_history_that_covers_the_whole_year_before(warehouse, measured):
    deals(warehouse, ("A", 100, "2024-09-01"), ("A", 100, "2026-06-01"))
    growth = measured()("growth_yoy")
    assert (growth.value, growth.status) == (None, "insufficient_data")
    assert growth.reason == "The history does not cover the same period a year before."


def test_a_slip_of_the_pen_a_century_ago_is_no_history(warehouse, measured):
    deals(warehouse, ("A", 5, "1925-06-01"), ("A", 100, "2024-12-01"), ("A", 100, "2026-06-01"))
    assert measured()("growth_yoy").reason == "The history does not cover the same period a year before."


def test_growth_from_nothing_is_not_known(warehouse, measured):
    deals(warehouse, ("A", 100, "2024-07-01"), ("K", 50, "2026-06-01"))
    growth = measured()("growth_yoy", "K")
    assert (growth.value, growth.status, growth.reason) == (
        None, "insufficient_data", "There were no bookings above zero to compare with.",
    )  # fmt: skip


def test_growth_from_a_year_of_credit_notes_is_not_known(warehouse, measured):
    deals(warehouse, ("K", -100, "2024-07-01"), ("K", 50, "2026-06-01"), ("B", 1, "2026-06-01"))
    assert measured()("growth_yoy", "K").value is None


def test_a_part_of_a_period_is_compared_with_the_same_part_of_the_year_before(warehouse, measured):
    deals(
        warehouse,
        ("A", 10, "2024-01-15"),
        ("A", 100, "2025-06-05"),
        ("A", 999, "2025-06-25"),  # later in last year's month than this year's has come
        ("A", 150, "2026-06-05"),
    )
    of = measured(as_of=date(2026, 6, 11))
    month = of("growth_yoy", period="month", start="2026-06-01")
    assert (month.value, month.is_complete, month.period_end) == (0.5, False, date(2026, 7, 1))
    assert of("bookings_amt", period="month", start="2026-06-01").value == 150


def test_retention_has_the_published_figures_and_leaves_new_customers_out(warehouse, measured):
    # start 100,000, expansion 12,000, contraction 5,000, churn 8,000: NRR 99 %, GRR 87 %
    deals(
        warehouse,
        ("A", 50_000, "2024-07-15"), ("A", 62_000, "2025-07-15"),
        ("B", 42_000, "2024-07-15"), ("B", 37_000, "2025-07-15"),
        ("C", 8_000, "2024-07-15"),
        ("New", 12_345, "2025-07-15"),
    )  # fmt: skip
    of = measured()
    assert (of("nrr").value, of("nrr").numerator, of("nrr").denominator, of("nrr").n) == (0.99, 99_000, 100_000, 3)
    assert of("grr").value == 0.87
    assert of("growth_yoy").value == pytest.approx(0.11345)


def test_credit_notes_do_not_push_gross_retention_below_zero(warehouse, measured):
    deals(warehouse, ("A", 100, "2024-07-15"), ("A", -500, "2025-07-15"))
    of = measured()
    assert of("grr").value == 0
    assert of("nrr").value == -5


def test_customers_whose_amounts_are_not_known_have_neither_stayed_nor_left(warehouse, measured):
    deals(warehouse, ("K1", 100, "2024-07-15"), ("K1", None, "2025-07-15"),
          ("K2", 100, "2024-07-15"), ("K2", 80, "2025-07-15"))  # fmt: skip
    of = measured()
    for kpi in ("nrr", "grr"):
        assert (of(kpi, "K1").value, of(kpi, "K1").status) == (None, "insufficient_data")
        assert of(kpi, "K1").reason == "None of the won deals has a known amount (1)."
        every = of(kpi, "key")
        assert (every.value, every.denominator) == (0.8, 100)
        assert every.reason == "Left out: won deals without a known amount (1)."


@pytest.mark.slow
def test_a_month_that_the_history_covers_in_part_is_no_base(warehouse, measured):
    deals(warehouse, *[("A", 100, f"2024-03-{day}") for day in range(25, 32)], ("A", 100, "2025-03-10"))
    of = measured(as_of=date(2025, 4, 1))
    assert of("growth_yoy", period="month").value is None
    assert of("growth_yoy", period="month").status == "insufficient_data"


@pytest.mark.slow
def test_yearly_growth_of_unknown_bookings_says_why_it_is_not_known(warehouse, measured):
    deals(warehouse, ("K", 100, "2022-07-01"), ("K", None, "2026-06-01"), ("B", 1, "2024-01-01"))
    growth = measured()("cagr_3y", "K")
    assert (growth.value, growth.reason) == (None, "None of the won deals has a known amount (1).")


def test_yearly_growth_over_three_years(warehouse, measured):
    deals(warehouse, ("A", 1000, "2022-07-15"), ("A", 1331, "2025-07-15"))
    assert measured()("cagr_3y").value == pytest.approx(0.10)


@pytest.mark.slow
def test_yearly_growth_over_three_years_needs_four_years_of_history(warehouse, measured):
    deals(warehouse, ("A", 1000, "2022-08-15"), ("A", 1331, "2025-07-15"))
    assert measured()("cagr_3y").reason == "The history does not reach back four years."


def test_key_and_other_customers_add_up_to_all(warehouse, measured):
    deals(warehouse, ("K1", 70, "2026-06-01"), ("A", 20, "2026-06-01"), ("B", 10, "2026-05-01"))
    of = measured()
    assert [of("bookings_amt", portfolio).value for portfolio in ("key", "other", "all")] == [70, 30, 100]


def test_without_a_designating_field_the_key_portfolio_is_not_configured(warehouse, measured):
    loaded(warehouse, objects=("Account", "Opportunity"), absent=("IsKeyAccount",))
    deals(warehouse, ("A", 20, "2026-06-01"))
    of = measured()
    for portfolio in ("key", "other"):
        bookings = of("bookings_amt", portfolio)
        assert (bookings.value, bookings.n, bookings.status) == (None, None, "not_configured")
        assert bookings.reason == (
            "Nothing says which customers are key accounts; map Account.IsKeyAccount, or list them in feeds.decisions."
        )
    assert of("bookings_amt").value == 20


def test_a_key_portfolio_that_nobody_is_in_has_no_bookings_of_zero(warehouse, measured):
    deals(warehouse, ("A", 20, "2026-06-01"))
    of = measured()
    assert (of("bookings_amt", "key").value, of("bookings_amt", "key").status) == (None, "insufficient_data")
    assert of("bookings_amt", "key").reason == "No customer is designated as a key account."
    assert of("bookings_amt", "other").value == 20


def test_subsidiaries_count_with_their_group_and_segments_go_by_the_top(warehouse, measured):
    account(warehouse, "TOP", Industry="Energy")
    account(warehouse, "child", ParentId="TOP", Industry="Marine")
    account(warehouse, "solo")
    insert(warehouse, "Opportunity", [won("1", "TOP", 5), won("2", "child", 7), won("3", "solo", 1)])
    of = measured()
    assert of("bookings_amt", "TOP").value == 12
    assert of("bookings_amt", "industry:Energy").value == 12
    assert of("bookings_amt", "industry:(unknown)").value == 1


@pytest.mark.parametrize(
    ("as_of", "start_month", "expected"),
    one_of(
        # the date is the end of month, quarter and year at once: one row each
        ("2026-07-01", 7, {("month", "2026-06-01", True), ("quarter", "2026-04-01", True),
                           ("fiscal_year", "2025-07-01", True)}),
        # in the middle: the running period and the last complete one
        ("2026-06-11", 4, {("month", "2026-06-01", False), ("month", "2026-05-01", True),
                           ("quarter", "2026-04-01", False), ("quarter", "2026-01-01", True),
                           ("fiscal_year", "2026-04-01", False), ("fiscal_year", "2025-04-01", True)}),
        # the first day of a year: everything before it is complete
        ("2026-01-01", 1, {("month", "2025-12-01", True), ("quarter", "2025-10-01", True),
                           ("fiscal_year", "2025-01-01", True)}),
        # the second day: one day of the new periods has passed
        ("2026-01-02", 1, {("month", "2026-01-01", False), ("month", "2025-12-01", True),
                           ("quarter", "2026-01-01", False), ("quarter", "2025-10-01", True),
                           ("fiscal_year", "2026-01-01", False), ("fiscal_year", "2025-01-01", True)}),
    ),
)  # fmt: skip
def test_periods_follow_the_fiscal_year(warehouse, measured, as_of, start_month, expected):
    organization(warehouse, FiscalYearStartMonth=start_month)
    account(warehouse, "A")
    measured(as_of=date.fromisoformat(as_of))
    rows = warehouse.rows("select period_type, period_start::varchar, is_complete from marts.kpi_period")
    assert {row for row in rows if row[0] not in ("ttm", "as_of")} == expected


@pytest.mark.slow
def test_the_fiscal_year_of_the_configuration_wins_over_that_of_the_crm(warehouse, measured):
    organization(warehouse, FiscalYearStartMonth=1)
    account(warehouse, "A")
    measured(configuration=make_configuration(fiscal_year={"start_month": 4}))
    rows = warehouse.rows("select period_start::varchar from marts.kpi_period where period_type = 'fiscal_year'")
    assert sorted(rows) == [("2025-04-01",), ("2026-04-01",)]


@pytest.mark.slow
def test_a_leap_day_has_its_twelve_months(warehouse, measured):
    deals(warehouse, ("A", 1, "2023-02-27"), ("A", 2, "2023-02-28"), ("A", 4, "2024-02-28"), ("A", 8, "2024-02-29"))
    # twelve months before 29 February begin on the 28th
    assert measured(as_of=date(2024, 2, 29))("bookings_amt").value == 6
