"""What changed in the list and why: split between the data and the criteria, with numbers to check in the head.

Twenty customers, so that two places are on the list, the first of them in the upper band; the third is a near miss.
Revenue counts 0 below 100, 0.5 from 100 and 1 from 200; fit with us counts 0 or 1. Everybody else has 10.
"""

import json
import random
from datetime import date
from typing import Any

import pytest

from kam_pipeline.publishing.kept import keep
from kam_pipeline.publishing.retention import retire
from kam_pipeline.tables import tables
from tests.factories import AS_OF, fill, make_configuration, make_evaluation, rebuild

JUNE, JULY = date(2026, 6, 1), AS_OF
SELECTION = (
    "designation", "candidate_pool", "criterion", "criterion_band", "criterion_value", "candidate_gate",
    "candidate_criterion", "candidate_rank", "candidate_stability", "candidate_decision", "candidate_note",
    "candidate_reason", "key_account_candidate",
)  # fmt: skip
CHANGES = ("snapshot", "criteria", "candidate_step", "candidate_cause", "candidate_change_danish", "candidate_change")
PUBLISHED = ("snapshot", "criteria", "key_account_candidate", "candidate_criterion")
STEPS = [{"score": 0}, {"at_least": 100, "score": 0.5}, {"at_least": 200, "score": 1}]
REVENUE = {"name": "revenue", "label": "revenue", "label_da": "omsætning", "metric": "revenue_amt"}
FIT = {"name": "fit", "label": "fit", "label_da": "match", "metric": "strategic_fit", "transform": "boolean"}


def criteria(revenue: float = 1, fit: float = 0, **given: Any) -> dict[str, Any]:
    items = [{**REVENUE, "transform": "bands", "bands": STEPS, "weight": revenue}, {**FIT, "weight": fit}]
    return {"items": items, "stability": {"draws": 0}, **given}


class Company:
    """Twenty customers, each date with figures of its own; what is published is what readers have."""

    def __init__(self, warehouse):
        self.warehouse = warehouse
        fill(warehouse, "core.organisation", [{"reporting_currency": "EUR", "time_zone": "UTC"}])
        fill(warehouse, "marts.group_field", [])

    def evaluate(self, day, wanted, designation=(), gone=(), decisions=(), **revenue):
        others = [f"other {place:02}" for place in range(20)]
        names = [*revenue, *(name for name in others if name not in revenue)][:20]
        groups = [{"group_id": name, "group_name": f"The {name}"} for name in names if name not in gone]
        figures = [
            {
                **group,
                "revenue_amt": (amount := revenue.get(group["group_id"], 10)),
                "revenue_mean_3y_amt": amount,
                "strategic_fit": 1 if group["group_id"] == "bolt" else 0,
                "unknown_won_cnt": 0,
                "is_key_account": group["group_id"] in designation,
            }
            for group in groups
        ]
        listed = [{"group_id": name, "designated_by": "crm", "designated_accounts_cnt": 1} for name in designation]
        decided = [
            {"decision_id": name, "group_id": name, "account_id": name, "status": status, "since_on": since,
             "reason": "we agreed", "approved_by": "Anne"}
            for name, status, since in decisions
        ]  # fmt: skip
        fill(self.warehouse, "core.account_group", groups)
        fill(self.warehouse, "marts.group_metric", figures, as_of=day)
        fill(self.warehouse, "core.decision", decided)
        fill(self.warehouse, "marts.designated_group", listed, as_of=day)
        fill(self.warehouse, "marts.designation_source", [{"source": "crm"}], as_of=day)
        configuration = make_configuration(criteria=wanted)
        names = [f"marts.{name}" for name in (*SELECTION, *CHANGES)]
        rebuild(self.warehouse, *names, configuration=configuration, as_of=day)
        return self.changes(day)

    def publish(self, day):
        contracts = [tables()[f"marts.{name}"].contract for name in PUBLISHED]
        keep(self.warehouse, contracts, make_evaluation(day))

    def changes(self, day=JULY):
        rows = self.warehouse.rows(
            "select group_id, attribute, cause, from_value, to_value from marts.candidate_change "
            "where as_of_date = $day order by all",
            {"day": day},
        )
        return [row for row in rows if row[1] == "decision"], [row for row in rows if row[1] == "band"]

    def reason(self, group, cause, attribute="decision", column="reason"):
        return self.warehouse.value(
            f"select {column} from marts.candidate_change where group_id = $group and cause = $cause "
            "and attribute = $attribute and as_of_date = $day",
            {"group": group, "cause": cause, "attribute": attribute, "day": JULY},
        )


@pytest.fixture
def company(reused_warehouse):
    """Nothing is published yet, and no list is there."""
    for schema in ("published", "marts"):
        for name in PUBLISHED:
            reused_warehouse.connection.execute(f"drop table if exists {schema}.{name}")
    return Company(reused_warehouse)


def published_in_june(company, wanted=None, **given):
    given = given or {"acme": 300, "bolt": 110, "cato": 105}
    company.evaluate(JUNE, wanted or criteria(), **given)
    company.publish(JUNE)


def test_the_first_date_has_nothing_to_compare_with(company):
    assert company.evaluate(JUNE, criteria(), acme=300, bolt=110, cato=105) == ([], [])


def test_nothing_changed_nothing_changes(company):
    published_in_june(company)
    assert company.evaluate(JULY, criteria(), acme=300, bolt=110, cato=105) == ([], [])


def test_where_only_data_moved_the_cause_is_the_data_and_names_the_figure(company):
    published_in_june(company)
    decisions, bands = company.evaluate(JULY, criteria(), acme=300, bolt=110, cato=250)
    assert decisions == [("bolt", "decision", "data", "add", "none"), ("cato", "decision", "data", "none", "add")]
    assert bands == [
        ("bolt", "band", "data", "top_10_pct", "near_miss"),
        ("cato", "band", "data", "near_miss", "top_10_pct"),
    ]
    assert company.reason("cato", "data") == (
        "Rank 2 instead of 3: “revenue” contributes 1.00 instead of 0.50 (figure 250, before 105)."
    )
    assert company.reason("cato", "data", column="reason_da") == (
        "Nr. 2 i stedet for 3: »omsætning« bidrager med 1,00 i stedet for 0,50 (tal 250, før 105)."
    )
    # its own score is what it was: it would be untrue to name one of its figures
    assert company.reason("bolt", "data") == (
        "Rank 3 instead of 2 with score 0.50 (before 0.50): other customers moved more."
    )
    previous = company.warehouse.rows("select distinct previous_as_of_date from marts.candidate_change")
    assert previous == [(JUNE,)]


def test_where_only_the_criteria_moved_the_cause_is_the_criteria_and_names_the_weight(company):
    published_in_june(company, acme=300, cato=210, bolt=110)
    # bolt alone fits: 0.5 * 0.25 + 1 * 0.75 = 0.875, the others have 0.25
    decisions, bands = company.evaluate(JULY, criteria(revenue=1, fit=3), acme=300, cato=210, bolt=110)
    assert decisions == [
        ("bolt", "decision", "criteria", "none", "add"),
        ("cato", "decision", "criteria", "add", "none"),
    ]
    assert [row[0] for row in bands] == ["acme", "bolt", "cato"]
    assert company.reason("bolt", "criteria") == (
        "The criteria changed: rank 1 instead of 3: “fit” weighs 75 % instead of 0 % and contributes 0.75 instead of "
        "0.00."
    )
    assert company.reason("cato", "criteria", column="reason_da") == (
        "Kriterierne er ændret: nr. 3 i stedet for 2: »omsætning« vejer 25 % i stedet for 100 % og bidrager med 0,25 i "
        "stedet for 1,00."
    )


def test_where_both_moved_each_step_has_its_rows(company):
    published_in_june(company, acme=300, cato=210, bolt=110)
    # the data alone put dora in cato's place; the criteria then put bolt in dora's
    decisions, _ = company.evaluate(JULY, criteria(revenue=1, fit=3), acme=300, cato=50, bolt=110, dora=220)
    assert decisions == [
        ("bolt", "decision", "criteria", "none", "add"),
        ("cato", "decision", "data", "add", "none"),
        ("dora", "decision", "criteria", "add", "none"),
        ("dora", "decision", "data", None, "add"),
    ]
    assert company.reason("dora", "data") == "It is new in the ranking, now at rank 2."


def test_what_criteria_undo_has_two_rows_and_ends_where_it_began(company):
    published_in_june(company, acme=300, cato=210, bolt=110)
    decisions, _ = company.evaluate(JULY, criteria(revenue=1, fit=3), acme=300, cato=210, bolt=50, dora=220)
    assert ("cato", "decision", "data", "add", "none") in decisions
    assert ("bolt", "decision", "criteria", "none", "add") in decisions


def test_a_longer_list_is_named_as_such_and_not_blamed_on_a_figure(company):
    published_in_june(company, criteria(cap=1), acme=300, bolt=210, cato=110)
    decisions, bands = company.evaluate(JULY, criteria(cap=2), acme=300, bolt=210, cato=110)
    assert (decisions, bands) == ([("bolt", "decision", "criteria", "none", "add")], [])
    assert company.reason("bolt", "criteria") == (
        "The criteria changed: rank 2 as before, but the list has 2 places instead of 1."
    )


def test_a_gate_that_a_group_does_not_pass_is_the_reason(company):
    published_in_june(company)
    gate = {
        "name": "size",
        "metric": "revenue_amt",
        "at_least": 200,
        "reason": "smaller than we serve",
        "reason_da": "for lille",
    }
    company.evaluate(JULY, criteria(gates=[gate]), acme=300, bolt=110, cato=105)
    reason = company.reason("bolt", "criteria")
    assert reason.startswith("The criteria changed: it can no longer be chosen: ")
    assert "smaller than we serve" in reason


def test_a_designation_is_named_as_such(company):
    published_in_june(company)
    decisions, bands = company.evaluate(JULY, criteria(), designation=("acme", "cato"), acme=300, bolt=110, cato=105)
    assert (decisions, bands) == (
        [("acme", "decision", "data", "add", "keep"), ("cato", "decision", "data", "none", "review")],
        [],
    )
    assert company.reason("cato", "data") == "It is now designated as a key account."
    assert company.reason("cato", "data", column="reason_da") == "Den er nu udpeget som nøglekunde."


def test_a_decision_of_people_is_named_as_such(company):
    published_in_june(company)
    kept_off = [("bolt", "exclude", date(2026, 6, 15))]
    decisions, _ = company.evaluate(JULY, criteria(), decisions=kept_off, acme=300, bolt=110, cato=105)
    assert ("bolt", "decision", "data", "add", "none") in decisions
    reason = company.reason("bolt", "data")
    assert reason.startswith("It is kept off the list by decision of Anne")
    assert "we agreed" in reason


def test_decisions_that_the_criteria_let_in_are_the_doing_of_the_criteria(company):
    included = [("other 01", "include", date(2026, 1, 1)), ("other 02", "include", date(2026, 1, 2))]
    one, both = ({"overrides": {"max_share": share}} for share in (0.5, 1))
    company.evaluate(JUNE, criteria(**one), decisions=included, acme=300, bolt=210)
    company.publish(JUNE)
    decisions, _ = company.evaluate(JULY, criteria(**both), decisions=included, acme=300, bolt=210)
    assert decisions == [
        ("acme", "decision", "criteria", "add", "none"),
        ("other 02", "decision", "criteria", "none", "add"),
    ]


def test_a_group_that_left_the_ranking_has_no_value_any_more(company):
    published_in_june(company)
    decisions, _ = company.evaluate(JULY, criteria(), gone=("bolt",), acme=300, bolt=0, cato=105)
    assert decisions == [("bolt", "decision", "data", "add", None), ("cato", "decision", "data", "none", "add")]
    assert company.reason("bolt", "data").startswith("It is no longer ranked")
    name = company.warehouse.value("select group_name from marts.candidate_change where group_id = 'bolt'")
    assert name == "The bolt"


def test_a_group_new_in_the_ranking_comes_from_nowhere_and_small_ones_are_no_news(company):
    published_in_june(company)
    decisions, _ = company.evaluate(JULY, criteria(), acme=300, bolt=110, cato=105, nova=400, tiny=10)
    assert ("nova", "decision", "data", None, "add") in decisions
    assert not any(row[0] == "tiny" for row in decisions)


def test_a_group_that_retention_let_go_of_was_outside_and_not_new(company):
    published_in_june(company)
    before = company.evaluate(JULY, criteria(), acme=300, bolt=110, cato=105, **{"other 05": 250})
    assert ("other 05", "decision", "data", "none", "add") in before[0]
    company.publish(JULY)
    retire(company.warehouse, JULY, 10)
    kept = company.warehouse.value(
        "select count(*) from published.key_account_candidate where as_of_date = $day", {"day": JUNE}
    )
    assert kept == 3
    after = company.evaluate(JULY, criteria(), acme=300, bolt=110, cato=105, **{"other 05": 250})
    assert after == before
    assert company.reason("other 05", "data") == "It was far down the ranking before, now at rank 2."


def test_a_rerun_of_a_published_date_compares_with_the_date_before_and_not_with_itself(company):
    published_in_june(company)
    first = company.evaluate(JULY, criteria(), acme=300, bolt=110, cato=250)
    company.publish(JULY)
    assert company.evaluate(JULY, criteria(), acme=300, bolt=110, cato=250) == first != ([], [])


def test_an_edit_on_the_first_day_compares_with_the_criteria_of_before_on_the_same_data(company):
    company.evaluate(JULY, criteria(), acme=300, cato=210, bolt=110)
    company.publish(JULY)
    edited = criteria(revenue=1, fit=3)
    decisions, _ = company.evaluate(JULY, edited, acme=300, cato=210, bolt=110)
    assert decisions == [
        ("bolt", "decision", "criteria", "none", "add"),
        ("cato", "decision", "criteria", "add", "none"),
    ]
    assert company.warehouse.rows("select distinct previous_as_of_date from marts.candidate_change") == [(JULY,)]
    company.publish(JULY)
    assert company.evaluate(JULY, edited, acme=300, cato=210, bolt=110)[0] == decisions
    company.publish(JULY)
    # taken back: the version that became known last is the one before
    decisions, _ = company.evaluate(JULY, criteria(), acme=300, cato=210, bolt=110)
    assert decisions == [
        ("bolt", "decision", "criteria", "add", "none"),
        ("cato", "decision", "criteria", "none", "add"),
    ]


def test_criteria_that_cannot_be_read_any_more_leave_the_cause_open(company):
    published_in_june(company)
    company.warehouse.connection.execute(
        "update published.criteria set text = $text", {"text": json.dumps({"cap": "x"})}
    )
    decisions, _ = company.evaluate(JULY, criteria(cap=2), acme=300, bolt=110, cato=250)
    assert {row[2] for row in decisions} == {"not_split"}
    assert company.reason("cato", "not_split").startswith("The criteria of then cannot be read any more")


def test_what_an_earlier_version_kept_without_newer_columns_is_compared_all_the_same(company):
    published_in_june(company)
    for name in ("override", "is_eligible"):
        company.warehouse.connection.execute(f"alter table published.key_account_candidate drop column {name}")
    company.warehouse.connection.execute("alter table published.criteria drop column version_no")
    decisions, _ = company.evaluate(JULY, criteria(), acme=300, bolt=110, cato=250)
    assert [row[0] for row in decisions] == ["bolt", "cato"]


def test_the_steps_lead_from_the_list_of_then_to_the_list_of_now(company):
    def standing(schema, day):
        query = f"select group_id, decision, band from {schema}.key_account_candidate where as_of_date = $day"
        return {(name, what): value for name, *both in company.warehouse.rows(query, {"day": day})
                for what, value in zip(("decision", "band"), both, strict=True)}  # fmt: skip

    draw = random.Random(7)
    then, now = ({f"g{place:02}": draw.choice((10, 50, 110, 150, 210, 300)) for place in range(18)} for _ in "ab")
    published_in_june(company, designation=("g01", "g02", "g03"), bolt=150, **then)
    company.evaluate(JULY, criteria(fit=2), designation=("g02", "g03", "g04"), gone=("g05",), bolt=90, **now)
    found = standing("published", JUNE)
    for cause in ("data", "criteria"):
        steps = [row for rows in company.changes() for row in rows if row[2] == cause]
        assert steps
        for group, what, _, before, after in steps:
            assert found.get((group, what)) == before
            found[group, what] = after
    nothing = {"none", "outside", None}
    assert {key: value for key, value in found.items() if value not in nothing} == {
        key: value for key, value in standing("marts", JULY).items() if value not in nothing
    }


def test_names_of_the_crm_are_text_and_nothing_else(company):
    first, second = "a'; drop table x; --{braces} {0}", '=1+1 "quoted" \u0152\u202e'
    published_in_june(company, acme=300, **{first: 110, second: 105})
    decisions, _ = company.evaluate(JULY, criteria(fit=2), acme=300, **{first: 110, second: 250})
    assert {row[0] for row in decisions} == {first, second}
    assert company.reason(second, "data").startswith("Rank 2 instead of 3: “revenue”")
