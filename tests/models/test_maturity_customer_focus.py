"""Maturity, customer focus: on the company of twelve accounts, every figure and level worked out by hand."""

import pytest

from kam_pipeline.maturity.contracts import MATURITY_EVIDENCE
from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings.operation import Engine
from kam_pipeline.warehouse import Warehouse
from tests.factories import account, build, event, one_of, opportunity
from tests.twelve_accounts import (
    REVENUE,
    delivered,
    evidence,
    indicator,
    meeting,
    observed,
    score,
    twelve_accounts,
    usual_activities,
)

TABLES = ("marts.maturity_score", "marts.maturity_evidence")


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    with Warehouse.open(tmp_path_factory.mktemp("company") / "warehouse.duckdb", Engine()) as warehouse:
        make_raw_tables(warehouse)
        twelve_accounts(warehouse)
        usual_activities(warehouse)
        build(warehouse, *TABLES)
        yield warehouse


def test_two_of_the_three_largest_customers_are_designated(company):
    # the top 20 % of 12 are ceil(2.4) = 3: A01, A02, A03; A03 is not designated: 2/3.
    # between 50 % (level 2) and 80 % (level 3): 2 + (66.7 - 50) / 30 = 2.56
    # Wilson of 2/3 is 0.21 to 0.94: levels 1.03 and 3 + 0.14 / 0.15 = 3.9
    row = indicator(company, "explicit_designation")
    assert (row.status, row.numerator, row.denominator, row.coverage) == ("measured", 2, 3, 1)
    assert row.value == pytest.approx(2 / 3)
    assert row.level == pytest.approx(2 + 5 / 9)
    assert row.reason == (
        "2 of 3 customers in the top 20 % by revenue: 67 %. Level 2.6 of 5. Fewer than 10 customers could be judged: "
        "read the interval 1.0 to 3.9, not the level."
    )
    assert row.reason_da == (
        "2 af 3 kunder blandt de 20 % største: 67 %. Niveau 2,6 af 5. Færre end 10 kunder kunne bedømmes: "
        "læs intervallet 1,0 til 3,9, ikke niveauet."
    )
    assert evidence(company, "explicit_designation") == {
        "A01": (True, 1, "Place 1 by revenue: designated."),
        "A02": (True, 1, "Place 2 by revenue: designated."),
        "A03": (False, 0, "Place 3 by revenue: not designated."),
    }


def test_half_of_the_customers_on_either_list_are_on_both(company):
    # proposed: ceil(10 % of 12) = 2, A01 and A02. Designated: A01, A02, A05, A06. On either: 4, on both: 2.
    # between 40 % (2) and 60 % (3): 2.5
    row = indicator(company, "list_agreement")
    assert (row.numerator, row.denominator, row.value, row.level) == (2, 4, 0.5, 2.5)
    assert evidence(company, "list_agreement")["A05"] == (False, 0, "Designated, not proposed.")
    # Wilson of 2/4 is 0.15 to 0.85: levels 1 and 4.25
    assert (row.ci_low, row.ci_high) == (pytest.approx(0.150, abs=5e-4), pytest.approx(0.850, abs=5e-4))
    assert (row.level_low, row.level_high) == (1, pytest.approx(4.25, abs=5e-3))


def test_four_key_accounts_of_twelve_customers_are_a_lot(company):
    # a tenth of 12 is 2, fewer than 15: a small company. Levels 5 to 2: up to 2, 3, 4 and 6 of 12
    row = indicator(company, "focus_size")
    assert (row.value, row.denominator, row.level, row.level_low, row.level_high) == (4, 12, 3, 3, 3)
    assert (row.ci_low, row.ci_high) == (None, None)
    assert row.reason == "4 key accounts among 12 customers with revenue. Level 3.0 of 5."
    assert row.anchors == "15-35 | 10-50 | 1-75 | 1-100; small companies: 10 | 20 | 30 | 50 %"
    assert row.anchors_da == "15-35 | 10-50 | 1-75 | 1-100; små virksomheder: 10 | 20 | 30 | 50 %"
    assert row.anchor_source.startswith("McDonald & Woodburn: 15-35 work")
    assert row.anchor_source_da.startswith("McDonald & Woodburn: 15-35 fungerer")
    assert evidence(company, "focus_size")["A01"] == (None, 1, "Designated.")


def test_key_accounts_get_meetings_as_they_bring_revenue(company):
    # 6 of 10 meetings, 600 of 1000 revenue: 0.6 / 0.6 = 1.0, level 3
    row = indicator(company, "effort_follows_value")
    assert (row.anchors, row.anchors_da) == ("0.5 | 0.8 | 1 | 1.2", "0,5 | 0,8 | 1 | 1,2")
    assert (row.anchor_source, row.anchor_source_da) == ("judgement", "skøn")
    assert (row.numerator, row.denominator) == (pytest.approx(0.6), pytest.approx(0.6))
    assert (row.value, row.level) == (pytest.approx(1.0), pytest.approx(3.0))
    # A01: 2 of 10 meetings for 300 of 1000: 0.67, against; A06: 1 of 10 for 50 of 1000: 2, for
    assert evidence(company, "effort_follows_value")["A01"] == (
        False,
        pytest.approx(2 / 3),
        "20.0 % of all meetings (2), 30.0 % of all revenue.",
    )
    assert evidence(company, "effort_follows_value")["A06"][:2] == (True, pytest.approx(2.0))


def test_a_key_account_shares_its_owner_with_two_others(company):
    # u1 has three, u2 one: 3, 3, 3, 1; the median 3 lies half way from 5 (level 4) to 1 (level 5)
    row = indicator(company, "load_per_owner")
    assert observed(company, "load_per_owner") == {"A01": 3, "A02": 3, "A05": 3, "A06": 1}
    assert (row.value, row.level) == (3, 4.5)
    assert row.reason.startswith("Median 3 (key accounts: 4). Level 4.5 of 5.")


def test_the_practice_is_the_weighted_mean_of_what_is_measured(company):
    # (2.56 + 2.5 + 3 + 3 + 4.5) / 5 = 3.11; measured weight 5 of 5.5
    row = score(company, "customer_focus")
    assert row.level == pytest.approx((2 + 5 / 9 + 2.5 + 3 + 3 + 4.5) / 5)
    assert (row.status, row.measured_cnt, row.declared_cnt, row.target) == ("measured", 5, 6, 4)
    assert row.gap == pytest.approx(4 - row.level)
    assert row.reason == (
        "5 of 6 indicators measured, 91 % of the weight. Weakest: Named list and proposed list agree (2.5). Fewer than "
        f"10 key accounts could be judged: read the interval {row.ci_low:.1f} to {row.ci_high:.1f}, not the level."
    )
    assert row.reason_da.startswith(
        "5 af 6 indikatorer målt, 91 % af vægten. Svagest: Udpeget og foreslået liste stemmer overens (2,5). Færre end "
    )
    ends = company.rows(
        "select avg(level_low), avg(level_high) from marts.maturity_indicator "
        "where practice = 'customer_focus' and status = 'measured'"
    )[0]
    assert (row.ci_low, row.ci_high) == (pytest.approx(ends[0]), pytest.approx(ends[1]))


def test_whether_the_list_is_kept_alive_is_declared_and_not_measured(company):
    row = indicator(company, "list_kept_alive")
    assert (row.status, row.level, row.value, row.coverage) == ("not_configured", None, None, None)
    assert row.anchors == "730 | 548 | 365 | 185 d"
    assert "field history" in row.reason
    assert "AccountHistory" in row.remedy
    assert "AccountHistory" in row.remedy_da


# --- bad and missing input -------------------------------------------------------------------------------------------


def test_with_nobody_designated_nothing_is_level_one(warehouse):
    twelve_accounts(warehouse, key_accounts=())
    usual_activities(warehouse)
    build(warehouse, *TABLES)
    rows = warehouse.rows(
        "select indicator, level, status, reason, remedy from marts.maturity_indicator "
        "where practice = 'customer_focus'"
    )
    assert {row[1:3] for row in rows} == {(None, "not_configured")}
    reasons = {row[3] for row in rows if row[0] != "list_kept_alive"}
    assert reasons == {"No customer is designated as a key account on the date."}
    assert all("IsKeyAccount" in row[4] for row in rows if row[0] != "list_kept_alive")
    row = score(warehouse, "customer_focus")
    assert (row.level, row.gap, row.status) == (None, None, "not_configured")
    assert warehouse.value("select count(*) from marts.maturity_evidence") == 0


def test_without_a_field_for_key_accounts_the_remedy_is_to_map_it(warehouse):
    twelve_accounts(warehouse, key_accounts=(), absent=["Account.IsKeyAccount"])
    build(warehouse, "marts.maturity_score")
    row = indicator(warehouse, "explicit_designation")
    assert (row.status, row.reason) == (
        "not_configured",
        "Neither a field nor the feed decisions says which customers are key accounts.",
    )
    assert row.reason_da == "Hverken et felt eller en fil med beslutninger viser, hvilke kunder der er nøglekunder."
    assert row.remedy.startswith("Map Account.IsKeyAccount in kam.yaml")


@pytest.mark.slow
def test_without_revenue_lists_cannot_be_compared(warehouse):
    account(warehouse, "A", IsKeyAccount="yes", OwnerId="u1")
    delivered(warehouse)
    build(warehouse, *TABLES)
    for name in ("explicit_designation", "list_agreement", "focus_size"):
        row = indicator(warehouse, name)
        assert (row.status, row.level, row.coverage) == ("insufficient_data", None, 0)
        assert row.reason.endswith("there is nothing to hold the list against.")
        assert row.remedy is not None
    assert evidence(warehouse, "list_agreement")["A"] == (None, None, "Nobody can be proposed.")


@pytest.mark.slow
def test_a_key_account_with_no_known_revenue_is_left_out_of_the_effort(warehouse):
    # A06 won only a deal without an amount: 5 of 10 meetings for 550 of 950 revenue
    twelve_accounts(warehouse)
    warehouse.connection.execute("update raw.opportunity set Amount = null where Id = 'won A06'")
    usual_activities(warehouse)
    build(warehouse, *TABLES)
    row = indicator(warehouse, "effort_follows_value")
    assert (row.numerator, row.denominator) == (pytest.approx(0.5), pytest.approx(550 / 950))
    assert row.coverage == 0.75
    assert "Judged on 3 of 4 key accounts." in row.reason


@pytest.mark.slow
def test_a_key_account_without_revenue_still_takes_effort(warehouse):
    # A13 has no deal at all and one meeting of 11: 7/11 for 0.6
    twelve_accounts(warehouse)
    account(warehouse, "A13", IsKeyAccount="yes")
    usual_activities(warehouse)
    meeting(warehouse, "m A13", "A13", 10)
    build(warehouse, *TABLES)
    row = indicator(warehouse, "effort_follows_value")
    assert (row.numerator, row.denominator) == (pytest.approx(7 / 11), pytest.approx(0.6))
    # it counts in the sums; alone there is nothing to divide by, so it is neither for nor against
    assert row.coverage == 1
    detail = "9.1 % of all meetings (1), 0.0 % of all revenue."
    assert evidence(warehouse, "effort_follows_value")["A13"] == (None, None, detail)
    described = {column.name: column.description for column in MATURITY_EVIDENCE.columns}
    assert all("has nothing to divide by" in described[name] for name in ("is_for", "value"))


@pytest.mark.slow
def test_key_accounts_that_brought_nothing_cannot_be_held_against_anything(warehouse):
    # the only key account lost money: its share of revenue counts as 0
    twelve_accounts(warehouse, key_accounts=["A12"])
    warehouse.connection.execute("update raw.opportunity set Amount = -25 where Id = 'won A12'")
    usual_activities(warehouse)
    build(warehouse, "marts.maturity_score")
    row = indicator(warehouse, "effort_follows_value")
    assert (row.status, row.level) == ("insufficient_data", None)
    assert row.reason.startswith("The key accounts have nothing in the period")


def test_meetings_ahead_planned_or_of_no_customer_take_no_effort(warehouse):
    twelve_accounts(warehouse)
    usual_activities(warehouse)
    meeting(warehouse, "ahead", "A01", -3, Status="Completed")
    meeting(warehouse, "cancelled", "A01", 3, Status="Cancelled")
    meeting(warehouse, "long ago", "A01", 400)
    event(warehouse, "with nobody")
    build(warehouse, "marts.maturity_score")
    assert indicator(warehouse, "effort_follows_value").numerator == pytest.approx(0.6)


@pytest.mark.slow
def test_a_key_account_without_an_owner_is_not_judged(warehouse):
    twelve_accounts(warehouse, fields={"A01": {"OwnerId": None}})
    build(warehouse, *TABLES)
    row = indicator(warehouse, "load_per_owner")
    assert observed(warehouse, "load_per_owner") == {"A01": None, "A02": 2, "A05": 2, "A06": 1}
    assert (row.value, row.coverage) == (2, 0.75)
    assert evidence(warehouse, "load_per_owner")["A01"] == (None, None, "It has no owner.")


@pytest.mark.slow
def test_groups_are_counted_and_not_their_accounts(warehouse):
    # a designated subsidiary makes its group a key account, once
    twelve_accounts(warehouse, fields={"A02": {"ParentId": "A01"}})
    build(warehouse, "marts.maturity_score")
    assert indicator(warehouse, "focus_size").value == 3


@pytest.mark.parametrize(("key_accounts", "level"), one_of((3, 4), (1, 5), (2, 5), (4, 3), (6, 2), (7, 1), (12, 1)))
def test_the_more_of_a_small_company_are_key_accounts_the_less_focus(warehouse, key_accounts, level):
    twelve_accounts(warehouse, key_accounts=sorted(REVENUE)[:key_accounts])
    build(warehouse, "marts.maturity_score")
    assert indicator(warehouse, "focus_size").level == level


def test_a_single_key_account_leaves_the_level_open(warehouse):
    twelve_accounts(warehouse, key_accounts=["A01"])
    opportunity(warehouse, "more", "A01")
    usual_activities(warehouse)
    build(warehouse, *TABLES)
    load = indicator(warehouse, "load_per_owner")
    # one customer cannot be resampled: the interval is the whole scale
    assert (load.value, load.level, load.level_low, load.level_high) == (1, 5, 1, 5)
    assert (load.ci_low, load.ci_high) == (None, None)
    assert load.reason.endswith("read the interval 1.0 to 5.0, not the level.")
