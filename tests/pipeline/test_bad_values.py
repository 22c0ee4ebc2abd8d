"""Values that cannot be right, put into the source: what becomes of each, and where it is counted."""

from datetime import date

import pytest

JULY = date(2026, 7, 1)


@pytest.fixture
def company(company):
    """Every account designated, so that each has KPIs of its own."""
    company.settings += "mapping: {Account: {fields: {IsKeyAccount: Name}}}\n"
    return company


def check(company, name):
    """Figure and outcome of a check of the published data_quality."""
    [(value, passed, severity)] = company.read(
        f"select value, passed, severity from data_quality where \"check\" = '{name}'"
    )
    assert severity == "warning"
    return value, passed


def kpi(company, key, entity="a30", period="ttm"):
    [(value, status)] = company.read(
        f"select value, status from kpi_snapshot where kpi = '{key}' and entity_id = '{entity}' "
        f"and period_type = '{period}'"
    )
    return value, status


def test_a_company_with_good_values_passes_every_check_of_values(company):
    company.run(as_of=JULY)
    for name in ("closed_before_creation", "negative_amounts", "probability_out_of_range", "future_activities"):
        assert check(company, name) == (0, True)


def test_a_close_before_creation_leaves_the_deal_won_and_out_of_the_sales_cycle(company):
    # deals are made on the 1st and closed on the 10th: nine days
    company.deal("d30-23")["CreatedDate"] = "2026-06-28 08:00:00"
    company.run(as_of=JULY)
    assert check(company, "closed_before_creation") == (1, False)
    assert kpi(company, "sales_cycle_days") == (9, "measured")
    assert kpi(company, "sales_cycle_mean_days") == (9, "measured")
    assert kpi(company, "bookings_amt") == (12 * 9000, "measured")


def test_a_won_deal_without_an_amount_counts_as_won_and_adds_nothing(company):
    company.deal("d30-23")["Amount"] = ""
    company.run(as_of=JULY)
    assert check(company, "amounts_no_amount") == (1, False)
    assert kpi(company, "bookings_amt") == (11 * 9000, "measured")
    assert kpi(company, "avg_deal_amt") == (9000, "measured")
    assert company.read(
        "select numerator from kpi_snapshot where kpi = 'win_rate_count' and entity_id = 'a30' and period_type = 'ttm'"
    ) == [(12,)]
    assert company.read("select part from rejected_row where record_id = 'd30-23'") == [("amount",)]


def test_a_negative_amount_is_a_credit_note_in_bookings_and_no_deal_size(company):
    company.deal("d30-23")["Amount"] = "-4000"
    company.run(as_of=JULY)
    assert check(company, "negative_amounts") == (1, False)
    assert kpi(company, "bookings_amt") == (11 * 9000 - 4000, "measured")
    assert kpi(company, "avg_deal_amt") == (9000, "measured")


def test_a_probability_of_1000_gives_no_tenfold_pipeline(company):
    company.settings += "kpis: {min_valued_share: 0.5}\n"
    for deal_id, probability in (("d30-22", "1000"), ("d30-23", "50")):
        company.deal(deal_id).update(IsClosed="0", IsWon="0", StageName="Proposal", Probability=probability,
                                     CloseDate="2026-09-01")  # fmt: skip
    company.run(as_of=JULY)
    assert check(company, "probability_out_of_range") == (1, False)
    assert kpi(company, "open_pipeline_amt", period="as_of") == (18_000, "measured")
    assert kpi(company, "weighted_pipeline_amt", period="as_of") == (4_500, "measured")


@pytest.mark.slow
def test_an_activity_said_to_be_done_in_the_future_has_not_happened_yet(company):
    company.events = [
        {"Id": "e1", "AccountId": "a30", "ActivityDate": "2026-06-20", "Status": "Completed"},
        {"Id": "e2", "AccountId": "a30", "ActivityDate": "2026-07-20", "Status": "Completed"},
    ]
    company.run(as_of=JULY)
    assert check(company, "future_activities") == (1, False)
    assert kpi(company, "meetings_cnt") == (1, "measured")
    assert kpi(company, "days_since_meeting", period="as_of") == (11, "measured")
    # known from its day on
    company.run(as_of=date(2026, 7, 21), knowledge="restate")
    assert company.read(
        "select value from kpi_snapshot where kpi = 'days_since_meeting' and entity_id = 'a30' "
        "and as_of_date = '2026-07-21'"
    ) == [(1,)]
    assert company.read(
        "select value from data_quality where \"check\" = 'future_activities' and as_of_date = '2026-07-21'"
    ) == [(0,)]


@pytest.mark.slow
def test_meetings_of_an_unknown_status_are_counted_as_such_until_the_mapping_names_them(company):
    company.events = [{"Id": "e1", "AccountId": "a30", "ActivityDate": "2026-06-20", "Status": "Klaret"},
                      {"Id": "e2", "AccountId": "a30", "ActivityDate": "2026-06-20", "Status": "Aflyst"}]  # fmt: skip
    company.run(as_of=JULY)
    assert check(company, "meeting_statuses_known") == (1, False)
    company.settings = company.settings.replace("{Account:", "{Event: {held: [Klaret]}, Account:")
    company.run(as_of=JULY, knowledge="restate")
    assert check(company, "meeting_statuses_known") == (0, True)
    assert kpi(company, "meetings_cnt") == (1, "measured")


@pytest.mark.slow
def test_kpis_of_a_stored_date_are_rerun_with_what_was_known_then(company):
    query = "select * from kpi_snapshot where as_of_date = '2026-06-01' order by all"
    company.run(as_of=date(2026, 6, 1))
    before = company.read(query)
    assert before
    company.deal("d30-20")["Amount"] = "1"
    company.run()
    company.run(as_of=date(2026, 6, 1), knowledge="then")
    assert company.read(query) == before


@pytest.mark.slow
def test_months_hold_what_is_known_today(company):
    company.run(as_of=date(2026, 6, 1))
    company.deal("d30-20")["Amount"] = "1"
    company.run()
    query = "select bookings_amt from kpi_group_month where group_id = 'a30' and month = '2026-03-01'"
    assert company.read(query) == [(1,)]
    company.run(as_of=date(2026, 6, 1), knowledge="then")
    assert company.read(query) == [(1,)]
