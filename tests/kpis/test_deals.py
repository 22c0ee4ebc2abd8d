"""KPIs of deals: win rates, cycle, size, pipeline. As of 1 July 2026; the last twelve months begin on 1 July 2025."""

from datetime import date

import pytest

from tests.factories import account, fill, insert, loaded, make_configuration, one_of, opportunity, rebuild, utc, won


def lost(record_id, account_id, amount=100, closed_on="2026-06-15", **fields):
    return {**won(record_id, account_id, amount, closed_on), "StageName": "Closed Lost", "IsWon": False, **fields}


def open_deal(record_id, account_id, amount=100, closes_on="2026-09-01", **fields):
    return {**lost(record_id, account_id, amount, closes_on), "StageName": "Proposal", "IsClosed": False, **fields}


def test_the_win_rate_counts_deals_closed_in_the_period(warehouse, measured):
    account(warehouse, "A")
    insert(
        warehouse,
        "Opportunity",
        [
            won("1", "A", closed_on="2025-07-01"),  # first day of the window
            won("2", "A", closed_on="2026-06-30"),  # last day
            won("3", "A", closed_on="2026-07-01"),  # the date itself: not yet
            won("4", "A", closed_on="2025-06-30"),  # the day before
            lost("5", "A"),
            open_deal("6", "A"),
        ],
    )
    rate = measured()("win_rate_count")
    assert (rate.value, rate.numerator, rate.denominator, rate.n) == (2 / 3, 2, 3, 3)
    assert (rate.status, rate.unit, rate.basis) == ("measured", "share", "deals")


def test_a_win_rate_without_a_closed_deal_is_not_known_and_not_zero(warehouse, measured):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [open_deal("1", "A")])
    rate = measured()("win_rate_count")
    assert (rate.value, rate.ci_low, rate.ci_high, rate.status) == (None, None, None, "insufficient_data")
    assert rate.reason == "No deal was closed in the period."


# Newcombe (1998), table I, and the two ends
@pytest.mark.parametrize(
    ("wins", "closed", "low", "high"),
    one_of(
        (81, 263, 0.255289, 0.366210),
        (15, 148, 0.062386, 0.160487),
        (0, 20, 0.0, 0.161125),
        (1, 29, 0.006113, 0.171755),
        (37, 43, 0.727364, 0.934443),
        (10, 10, 0.7224672, 1.0),
    ),
)
def test_the_interval_of_a_win_rate_is_wilsons(warehouse, measured, wins, closed, low, high):
    account(warehouse, "A")
    measured()
    fill(
        warehouse,
        "marts.kpi_measure",
        [
            {
                "kpi": "win_rate_count", "entity_type": "portfolio", "entity_id": "all", "period_type": "ttm",
                "period_start": date(2025, 7, 1), "value": wins / closed, "numerator": wins, "denominator": closed,
            }
        ],
    )  # fmt: skip
    rebuild(warehouse, "marts.kpi_snapshot")
    [(found_low, found_high)] = warehouse.rows(
        "select ci_low, ci_high from marts.kpi_snapshot where kpi = 'win_rate_count' and entity_id = 'all' "
        "and period_type = 'ttm'"
    )
    assert (found_low, found_high) == (pytest.approx(low, abs=5e-7), pytest.approx(high, abs=5e-7))


def test_the_win_rate_by_value_weighs_deals_by_their_amounts(warehouse, measured):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A", 300), lost("2", "A", 700), won("3", "A", -50)])
    rate = measured(configuration=make_configuration(kpis={"min_valued_share": 0.5}))("win_rate_value")
    # the credit note is no deal that was won against somebody
    assert (rate.value, rate.numerator, rate.denominator) == (0.3, 300, 1000)
    assert rate.reason == "Left out: deals without an amount above zero (1)."


def test_lost_deals_without_amounts_do_not_make_every_deal_look_won(warehouse, measured):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A", 300), lost("2", "A", 0), lost("3", "A", None)])
    of = measured()
    assert of("win_rate_value").value is None
    assert of("win_rate_value").status == "insufficient_data"
    assert of("win_rate_count").value == 1 / 3


def test_the_steadied_win_rate_of_a_small_customer_lies_near_that_of_all(warehouse, measured):
    account(warehouse, "A", IsKeyAccount="yes")
    account(warehouse, "B")
    insert(warehouse, "Opportunity", [won("1", "A"), *[lost(f"l{place}", "B") for place in range(3)]])
    of = measured()
    # overall 1 of 4; A: (1 + 10 x 0.25) / (1 + 10)
    assert of("win_rate_shrunk", "A").value == pytest.approx(3.5 / 11)
    assert of("win_rate_shrunk").value == pytest.approx(0.25)


def test_the_sales_cycle_leaves_out_deals_closed_before_they_were_created(warehouse, measured):
    account(warehouse, "A")
    insert(
        warehouse,
        "Opportunity",
        [
            won("1", "A", closed_on="2026-06-11") | {"CreatedDate": utc(2026, 6, 1, 12)},  # 10 days
            lost("2", "A", closed_on="2026-06-21") | {"CreatedDate": utc(2026, 6, 1, 12)},  # 20
            lost("3", "A", closed_on="2026-06-01") | {"CreatedDate": utc(2026, 5, 2, 12)},  # 30
            won("4", "A", closed_on="2026-06-01") | {"CreatedDate": utc(2026, 6, 20, 12)},  # backwards
        ],
    )
    of = measured()
    assert of("sales_cycle_days").value == 20
    mean = of("sales_cycle_mean_days")
    assert (mean.value, mean.numerator, mean.denominator) == (20, 60, 3)
    assert of("won_cycle_days").value == 10
    assert (
        of("sales_cycle_days").reason
        == "Left out: deals closed before they were created, or without a creation date (1)."
    )
    # it stays a won deal
    assert of("win_rate_count").value == 0.5


def test_deal_size_leaves_out_credit_notes_and_unknown_amounts_and_bookings_count_credit_notes(warehouse, measured):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A", 100), won("2", "A", 500), won("3", "A", -50), won("4", "A", None)])
    of = measured()
    assert (of("avg_deal_amt").value, of("avg_deal_amt").n) == (300, 2)
    assert of("median_deal_amt").value == 300
    assert (of("bookings_amt").value, of("bookings_amt").n) == (550, 3)
    assert of("bookings_amt").reason == "Left out: won deals without a known amount (1)."
    assert of("bookings_amt").reason_da == "Ikke talt med: vundne ordrer uden kendt beløb (1)."


def test_bookings_of_which_no_amount_is_known_are_not_zero(warehouse, measured):
    account(warehouse, "A", IsKeyAccount="yes")
    account(warehouse, "B")
    insert(warehouse, "Opportunity", [won("1", "A", None), won("2", "B", 10)])
    of = measured()
    assert (of("bookings_amt", "A").value, of("bookings_amt", "A").status) == (None, "insufficient_data")
    assert of("bookings_amt", "A").reason == "None of the won deals has a known amount (1)."


def test_the_open_pipeline_is_what_was_open_on_the_date(warehouse, measured):
    account(warehouse, "A")
    insert(
        warehouse,
        "Opportunity",
        [
            open_deal("open", "A", 100),
            open_deal("overdue", "A", 10, closes_on="2026-01-01"),
            open_deal("later", "A", 1000, CreatedDate=utc(2026, 7, 1, 12)),  # not made yet
            won("closed later", "A", 7, "2026-07-15"),  # open until its day
            won("closed", "A", 5000, "2026-06-30"),
            open_deal("no amount", "A", None),
        ],
    )
    pipeline = measured()("open_pipeline_amt", period="as_of")
    assert (pipeline.value, pipeline.n) == (117, 3)
    assert pipeline.reason == "Left out: open deals without a known amount (1)."
    assert (pipeline.period_start, pipeline.period_end) == (date(2026, 7, 1), date(2026, 7, 1))


def test_a_company_without_open_deals_has_an_empty_pipeline(warehouse, measured):
    opportunity(warehouse, "1", account(warehouse, "A")["Id"])
    pipeline = measured()("open_pipeline_amt", period="as_of")
    assert (pipeline.value, pipeline.status) == (0, "measured")


def test_a_probability_of_1000_is_not_used_and_counted(warehouse, measured):
    account(warehouse, "A")
    insert(
        warehouse,
        "Opportunity",
        [open_deal("1", "A", 200, Probability=50), open_deal("2", "A", 300, Probability=1000),
         open_deal("3", "A", 400, Probability=None)],
    )  # fmt: skip
    configuration = make_configuration(kpis={"min_valued_share": 0.3})
    weighted = measured(configuration=configuration)("weighted_pipeline_amt", period="as_of")
    assert (weighted.value, weighted.n) == (100, 1)
    assert weighted.reason == "Left out: open deals without an amount or a probability from 0 to 100 % (2)."


@pytest.mark.parametrize(
    ("amount", "probability", "weighted"),
    one_of((150_000_000, 90, 135_000_000), (9_000_000_000_000, 90, 8_100_000_000_000), (12_000_000, 1000, None),
     (12_000_000, 1e15, None), (100, -5, None)),
)  # fmt: skip
def test_neither_large_deals_nor_odd_probabilities_stop_the_night(warehouse, measured, amount, probability, weighted):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [open_deal("1", "A", amount, Probability=probability)])
    assert measured()("weighted_pipeline_amt", period="as_of").value == weighted


@pytest.mark.slow
def test_with_few_probabilities_known_there_is_no_weighted_pipeline(warehouse, measured):
    account(warehouse, "A")
    insert(
        warehouse,
        "Opportunity",
        [open_deal("1", "A", 200, Probability=50), won("closed since", "A", 900, "2026-07-15")],
    )
    weighted = measured()("weighted_pipeline_amt", period="as_of")
    assert (weighted.value, weighted.status) == (None, "insufficient_data")
    assert weighted.reason == "Too many open deals lack an amount or a probability from 0 to 100 % (1)."


def test_without_a_created_date_there_is_no_sales_cycle(warehouse, measured):
    loaded(warehouse, objects=("Account", "Opportunity"), absent=("CreatedDate",))
    opportunity(warehouse, "1", account(warehouse, "A")["Id"])
    cycle = measured()("sales_cycle_days")
    assert (cycle.value, cycle.status) == (None, "not_configured")
    assert cycle.reason == "The source has no Opportunity.CreatedDate."
    assert cycle.reason_da == "Kilden har ikke Opportunity.CreatedDate."


@pytest.mark.slow
def test_deals_without_a_creation_date_are_left_out_of_the_cycle_and_said_to_be(warehouse, measured):
    account(warehouse, "A", IsKeyAccount="yes")
    insert(
        warehouse,
        "Opportunity",
        [won("1", "A") | {"CreatedDate": None}, lost("2", "A") | {"CreatedDate": None},
         lost("3", "A", closed_on="2026-06-01") | {"CreatedDate": utc(2026, 6, 20, 12)}],
    )  # fmt: skip
    of = measured()
    for kpi, count in (("sales_cycle_days", 3), ("sales_cycle_mean_days", 3), ("won_cycle_days", 1)):
        assert of(kpi, "A").value is None
        assert of(kpi, "A").reason == f"None of the closed deals was closed after a known creation ({count})."


def test_before_any_deal_was_closed_bookings_are_not_zero(warehouse, measured):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A")])
    of = measured(as_of=date(2019, 1, 1))
    assert (of("bookings_amt").value, of("bookings_amt").status) == (None, "insufficient_data")
    assert of("bookings_amt").reason == "No deal of any customer had been closed by then."
