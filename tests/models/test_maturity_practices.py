"""Maturity, the other practices: on the company of twelve accounts, every figure and level worked out by hand."""

import pytest

from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings.operation import Engine
from kam_pipeline.warehouse import Warehouse
from tests.factories import build, make_configuration, task, utc
from tests.twelve_accounts import (
    ALL_OBJECTS,
    FIELDS,
    busy_company,
    evidence,
    indicator,
    lost_deal,
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
        busy_company(warehouse)
        build(warehouse, *TABLES)
        yield warehouse


# --- data-driven insight ---------------------------------------------------------------------------------------------


def test_half_of_the_fields_for_decisions_are_filled_in(company):
    # A01 4 of 4, A02 3, A05 1, A06 none (blanks are nothing): 8 of 16 = 50 %, level 2
    row = indicator(company, "decision_fields_filled")
    assert observed(company, "decision_fields_filled") == {"A01": 1, "A02": 0.75, "A05": 0.25, "A06": 0}
    assert (row.numerator, row.denominator, row.value, row.level) == (8, 16, 0.5, 2)
    assert row.reason.startswith("8 of 16 fields on key accounts: 50 %. Level 2.0 of 5.")
    # resampled accounts: between the worst and the best, around the figure
    assert 0 <= row.ci_low < 0.5 < row.ci_high <= 1
    assert evidence(company, "decision_fields_filled")["A02"] == (False, 0.75, "Filled in: 3 of 4 fields.")


def test_nine_of_twelve_activities_were_recorded_in_time(company):
    # m4 three days late, k3 and k4 seven; m5, planned nine days ahead, is in time: 9 of 12 = 75 %, 60 % is 3, 80 % is 4
    row = indicator(company, "recorded_in_time")
    assert (row.numerator, row.denominator, row.level) == (9, 12, pytest.approx(3.75))
    assert evidence(company, "recorded_in_time")["A02"] == (False, 0.25, "Recorded in time: 1 of 4 activities.")
    assert evidence(company, "recorded_in_time")["A05"][:2] == (True, 1)


def test_half_of_the_deals_name_a_person_of_the_customer(company):
    # A01: both deals. A02: the lost one of two. A05: none of two. A06: the won one of two. 4 of 8, 40 % is 2, 60 % is 3
    row = indicator(company, "buying_roles_known")
    assert (row.numerator, row.denominator, row.level) == (4, 8, pytest.approx(2.5))


def test_the_practice_counts_the_declared_weights_too(company):
    # (2 + 3.75 + 2.5) / 3 = 2.75, with 3 of 4.5 of the weight
    row = score(company, "data_driven_insight")
    assert row.level == pytest.approx(2.75)
    assert row.reason.startswith("3 of 5 indicators measured, 67 % of the weight.")


@pytest.mark.slow
def test_fields_that_the_source_does_not_have_are_not_asked_for(warehouse):
    twelve_accounts(warehouse, fields=FIELDS, absent=["Account.PotentialAmount", "Account.ExternalId"])
    build(warehouse, *TABLES)
    row = indicator(warehouse, "decision_fields_filled")  # 2 + 2 + 1 + 0 of 8
    assert (row.numerator, row.denominator) == (5, 8)


@pytest.mark.slow
def test_one_field_is_too_little_to_judge(warehouse):
    absent = [f"Account.{name}" for name in ("PotentialAmount", "ExternalId", "BillingCountry")]
    twelve_accounts(warehouse, fields=FIELDS, absent=absent)
    build(warehouse, *TABLES)
    row = indicator(warehouse, "decision_fields_filled")
    assert (row.status, row.level) == ("insufficient_data", None)


@pytest.mark.slow
def test_activities_without_a_created_stamp_are_not_judged(warehouse):
    twelve_accounts(warehouse)
    meeting(warehouse, "m1", "A01", 10, CreatedDate=None)
    meeting(warehouse, "m2", "A01", 10)
    meeting(warehouse, "m3", "A02", 10)
    build(warehouse, *TABLES)
    row = indicator(warehouse, "recorded_in_time")
    assert (row.numerator, row.denominator, row.coverage) == (2, 2, 0.5)


@pytest.mark.slow
def test_without_created_stamps_delivered_timeliness_is_not_configured(warehouse):
    twelve_accounts(warehouse, absent=["Event.CreatedDate", "Task.CreatedDate"])
    usual_activities(warehouse)
    build(warehouse, *TABLES)
    row = indicator(warehouse, "recorded_in_time")
    assert (row.status, row.reason) == (
        "not_configured",
        "The source does not have Event.CreatedDate or Task.CreatedDate.",
    )
    assert evidence(warehouse, "recorded_in_time") == {}


@pytest.mark.slow
def test_a_meeting_late_in_the_evening_counts_on_the_day_of_the_organisation(warehouse):
    # half past ten on the second evening after, in UTC, is the third day in Copenhagen
    twelve_accounts(warehouse)
    meeting(warehouse, "m1", "A01", 10, CreatedDate=utc(2026, 6, 23, 22, 30))
    build(warehouse, *TABLES, configuration=make_configuration(schedule={"timezone": "Europe/Copenhagen"}))
    assert observed(warehouse, "recorded_in_time")["A01"] == 0
    build(warehouse, *TABLES)
    assert observed(warehouse, "recorded_in_time")["A01"] == 1


@pytest.mark.slow
def test_to_dos_are_not_judged_for_timeliness(warehouse):
    twelve_accounts(warehouse)
    task(warehouse, "to-do", AccountId="A01", TaskSubtype="Task", CreatedDate=utc(2026, 6, 29))
    build(warehouse, *TABLES)
    assert observed(warehouse, "recorded_in_time")["A01"] is None


# --- management backing ----------------------------------------------------------------------------------------------


def test_two_of_four_key_accounts_have_a_sponsor_who_is_still_there(company):
    # A01 and A02; the sponsor of A05 has left: 50 %, 40 % is 2, 70 % is 3
    row = indicator(company, "sponsor_named")
    assert (row.numerator, row.denominator) == (2, 4)
    assert row.level == pytest.approx(2 + 1 / 3)
    assert evidence(company, "sponsor_named")["A05"] == (False, 0, "The sponsor has left.")


def test_one_of_two_sponsored_key_accounts_was_met_by_its_sponsor(company):
    # boss met A01, the chairman called somebody else: both record something. 50 % is level 3
    row = indicator(company, "sponsor_active")
    assert observed(company, "sponsor_active") == {"A01": 1, "A02": 0, "A05": None, "A06": None}
    assert (row.value, row.level, row.coverage) == (0.5, 3, 0.5)


def test_management_backing_weighs_action_double(company):
    # (1 * 2.33 + 2 * 3) / 3 = 2.78, with 3 of 4 of the weight
    row = score(company, "management_backing")
    assert row.level == pytest.approx((2 + 1 / 3 + 2 * 3) / 3)
    assert row.reason.startswith("2 of 3 indicators measured, 75 % of the weight.")


@pytest.mark.slow
def test_where_sponsors_record_nothing_nobody_knows_whom_they_met(warehouse):
    busy_company(warehouse)
    warehouse.connection.execute("update raw.event set OwnerId = 'u1' where OwnerId = 'boss'")
    warehouse.connection.execute("update raw.task set OwnerId = 'u1' where OwnerId = 'chair'")
    build(warehouse, *TABLES)
    row = indicator(warehouse, "sponsor_active")
    assert (row.status, row.level) == ("insufficient_data", None)
    assert "managers seldom write in the CRM" in row.reason
    assert score(warehouse, "management_backing").status == "insufficient_data"


def test_without_a_mapped_sponsor_management_backing_is_not_configured(warehouse):
    twelve_accounts(warehouse, absent=["Account.ExecutiveSponsorId"])
    build(warehouse, *TABLES)
    row = indicator(warehouse, "sponsor_named")
    assert (row.status, row.reason) == ("not_configured", "The source does not have Account.ExecutiveSponsorId.")
    assert "mapping: Account: fields: ExecutiveSponsorId" in row.remedy
    assert score(warehouse, "management_backing").status == "not_configured"


# --- cross-functional teams ------------------------------------------------------------------------------------------


def test_the_median_team_has_one_function(company):
    # A01 Sales and Service, A02 Sales twice, A05 no team, A06 only somebody without a department: 2, 1, 0
    row = indicator(company, "team_functions")
    assert observed(company, "team_functions") == {"A01": 2, "A02": 1, "A05": 0, "A06": None}
    assert (row.value, row.level, row.coverage) == (1, 1, 0.75)


def test_functions_in_touch_are_those_of_the_last_90_days(company):
    # A01 Board (m1) and Sales, A02 Service (m3) and Sales, A05 Sales (m5) and a temp, A06 nobody: 2, 2, 1, 0
    # the median 1.5 lies half way from 1 (level 2) to 2 (level 3)
    row = indicator(company, "functions_in_touch")
    assert observed(company, "functions_in_touch") == {"A01": 2, "A02": 2, "A05": 1, "A06": 0}
    assert (row.value, row.level) == (1.5, 2.5)
    assert evidence(company, "functions_in_touch")["A05"][2] == "Contacts in 90 days: 2, departments: 1."


def test_cross_functional_teams_are_measured_with_two_of_four(company):
    # (1 * 1 + 1.5 * 2.5) / 2.5 = 1.9, with 2.5 of 4 of the weight
    row = score(company, "cross_functional_teams")
    assert row.level == pytest.approx(1.9)
    assert row.reason.startswith("2 of 4 indicators measured, 62 % of the weight.")


@pytest.mark.slow
def test_without_any_team_in_the_crm_nobody_is_judged(warehouse):
    twelve_accounts(warehouse)
    build(warehouse, *TABLES)
    row = indicator(warehouse, "team_functions")
    assert (row.status, row.level) == ("insufficient_data", None)


# --- the others ------------------------------------------------------------------------------------------------------


def test_three_of_four_checks_of_open_deals_pass(company):
    # A01: ahead and with an amount. A06: with an amount, its date has passed. 75 %: 65 % is 2, 80 % is 3
    row = indicator(company, "pipeline_hygiene")
    assert (row.numerator, row.denominator, row.coverage) == (3, 4, 0.5)
    assert row.level == pytest.approx(2 + 2 / 3)
    assert evidence(company, "pipeline_hygiene")["A06"] == (
        False,
        0.5,
        "Open deals: 1; close date ahead: 0; with an amount: 1.",
    )


def test_one_measured_indicator_makes_no_practice(company):
    row = score(company, "structures_and_tools")
    assert (row.status, row.level, row.ci_low, row.gap) == ("insufficient_data", None, None, None)
    assert row.reason == (
        "1 of 5 indicators measured, 12 % of the weight. At least two and half of the weight are needed."
    )
    assert row.reason_da == (
        "1 af 5 indikatorer målt, 12 % af vægten. Det kræver mindst to indikatorer og halvdelen af vægten."
    )


def test_one_of_two_lost_deals_has_a_reason(company):
    # 50 % is level 2; two of four key accounts lost a deal
    row = indicator(company, "loss_reasons")
    assert (row.numerator, row.denominator, row.level, row.coverage) == (1, 2, 2, 0.5)


@pytest.mark.slow
def test_deals_lost_by_others_long_ago_or_ahead_are_not_counted(warehouse):
    twelve_accounts(warehouse)
    lost_deal(warehouse, "counted", "A01", " ")
    lost_deal(warehouse, "other", "A03", "Price")
    lost_deal(warehouse, "long ago", "A01", "Price", days=366)
    lost_deal(warehouse, "ahead", "A01", "Price", days=0)
    build(warehouse, *TABLES)
    row = indicator(warehouse, "loss_reasons")
    # one of four key accounts lost anything: enough here, where having lost nothing is no gap
    assert (row.numerator, row.denominator, row.status, row.coverage) == (0, 1, "measured", 0.25)


@pytest.mark.slow
def test_where_no_field_has_loss_reasons_they_are_not_configured(warehouse):
    twelve_accounts(warehouse, absent=["Opportunity.LossReason"])
    lost_deal(warehouse, "lost", "A01")
    build(warehouse, *TABLES)
    row = indicator(warehouse, "loss_reasons")
    assert (row.status, row.level) == ("not_configured", None)
    assert row.remedy.startswith("Map Opportunity.LossReason")


def test_all_nine_practices_are_there_with_what_would_make_them_measurable(company):
    rows = company.rows(
        "select practice, status, measured_cnt, declared_cnt from marts.maturity_score order by practice"
    )
    assert {row[0]: row[1:] for row in rows} == {
        "customer_focus": ("measured", 5, 6),
        "strategic_anchoring": ("not_configured", 0, 4),
        "management_backing": ("measured", 2, 3),
        "cross_functional_teams": ("measured", 2, 4),
        "structures_and_tools": ("insufficient_data", 1, 5),
        "competence": ("not_configured", 0, 3),
        "data_driven_insight": ("measured", 3, 5),
        "personal_relation": ("measured", 5, 5),
        "measurement_and_learning": ("insufficient_data", 1, 5),
        "programme": ("insufficient_data", 5, 9),
    }
    lacking = company.rows(
        "select indicator from marts.maturity_indicator where status <> 'measured' and (level is not null "
        "or value is not null or reason is null or reason_da is null or remedy is null or remedy_da is null)"
    )
    assert lacking == []


def test_figures_follow_from_the_evidence(company):
    rows = company.rows(
        "select judged.indicator, any_value(judged.value), any_value(judged.numerator is null), avg(seen.value), "
        "median(seen.value), any_value(judged.coverage), count(seen.value) / count(*) "
        "from marts.maturity_indicator as judged inner join marts.maturity_evidence as seen using (indicator) "
        "where judged.status = 'measured' and judged.unit <> 'ratio' and judged.indicator not in "
        "('decision_fields_filled', 'recorded_in_time', 'buying_roles_known', 'loss_reasons', 'pipeline_hygiene', "
        "'focus_size') group by judged.indicator"
    )
    assert len(rows) == 13
    for name, value, is_median, mean, median, coverage, seen in rows:
        assert value == pytest.approx(median if is_median else mean), name
        assert coverage == seen, name


def test_every_sentence_is_there_in_danish_as_well(company):
    pairs = [
        ("maturity_indicator", "name_en", "name_da"),
        ("maturity_indicator", "reason", "reason_da"),
        ("maturity_indicator", "remedy", "remedy_da"),
        ("maturity_indicator", "caveat", "caveat_da"),
        ("maturity_score", "name_en", "name_da"),
        ("maturity_score", "reason", "reason_da"),
        ("maturity_evidence", "detail", "detail_da"),
    ]
    for table, english, danish in pairs:
        same = company.rows(
            f"select {english}, {danish} from marts.{table} where {danish} = {english} "
            f"or ({danish} is null) <> ({english} is null)"
        )
        assert same == [], (table, english)


def test_the_programme_says_how_much_of_it_is_measured(company):
    row = score(company, "programme")
    assert (row.name_en, row.name_da, row.level) == ("The programme", "Programmet", None)
    assert row.reason == "5 of 9 practices measured. At least 6 are needed."
    assert row.reason_da == "5 af 9 praksisser målt. Det kræver mindst 6 praksisser."


def test_nothing_but_accounts_gives_all_indicators_and_no_level_but_what_accounts_say(warehouse):
    twelve_accounts(warehouse, objects=["Account"])
    warehouse.connection.execute("delete from raw.opportunity")
    build(warehouse, *TABLES)
    measured = warehouse.rows("select indicator from marts.maturity_indicator where status = 'measured' order by 1")
    assert [name for (name,) in measured] == ["decision_fields_filled", "load_per_owner", "sponsor_named"]
    levels = warehouse.rows("select practice from marts.maturity_score where level is not null")
    assert levels == []
    assert warehouse.value("select count(*) from marts.maturity_score") == 10


def test_a_company_without_any_record_has_all_practices_and_no_level(warehouse):
    build(warehouse, *TABLES)
    assert warehouse.rows("select count(*), count(level) from marts.maturity_score") == [(10, 0)]
    assert warehouse.rows("select count(*), count(level) from marts.maturity_indicator where status = 'measured'") == [
        (0, 0)
    ]


def test_targets_are_those_of_kam_yaml(warehouse):
    busy_company(warehouse)
    maturity = {"target": 3, "targets": {"personal_relation": 4.5}}
    build(warehouse, *TABLES, configuration=make_configuration(maturity=maturity))
    assert score(warehouse, "programme").target == 3
    row = score(warehouse, "personal_relation")
    assert (row.target, row.gap) == (4.5, pytest.approx(4.5 - row.level))
    assert score(warehouse, "data_driven_insight").gap == pytest.approx(0.25)


@pytest.mark.slow
def test_weights_and_anchors_of_kam_yaml_change_levels_and_version(warehouse):
    busy_company(warehouse)
    build(warehouse, *TABLES)
    before = indicator(warehouse, "met_in_90_days").anchor_version
    changes = {
        "met_in_90_days": {"anchors": [0.2, 0.4, 0.75, 0.9]},
        "decision_fields_filled": {"weight": 0},
        "buying_roles_known": {"weight": 3},
    }
    build(warehouse, *TABLES, configuration=make_configuration(maturity={"indicators": changes}))
    row = indicator(warehouse, "met_in_90_days")
    assert (row.value, row.level, row.anchors) == (0.75, 3, "20 | 40 | 75 | 90 %")
    assert row.anchor_version != before
    # (3.75 + 3 * 2.5) / 4 = 2.8125; weight 4 of 5.5
    assert score(warehouse, "data_driven_insight").level == pytest.approx(2.8125)
    assert score(warehouse, "data_driven_insight").measured_cnt == 2


def test_sources_lack_objects_one_by_one(warehouse):
    twelve_accounts(warehouse, objects=[name for name in ALL_OBJECTS if name != "OpportunityContactRole"])
    build(warehouse, *TABLES)
    row = indicator(warehouse, "buying_roles_known")
    assert (row.status, row.reason) == ("not_configured", "The source does not have OpportunityContactRole.")
