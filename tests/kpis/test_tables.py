"""The tables around kpi_snapshot: scorecard, loss reasons, months, and the settings that steer them."""

from datetime import date

import pytest

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings import load_configuration
from tests.factories import (
    account,
    build,
    by_key,
    event,
    fill,
    insert,
    loaded,
    make_configuration,
    one_of,
    rebuild,
    task,
    utc,
    won,
)

OBJECTS = ("Account", "Opportunity", "Event", "Task")


def lost(record_id, account_id, reason=None, amount=10, closed_on="2026-06-15"):
    return {**won(record_id, account_id, amount, closed_on), "IsWon": False, "StageName": "Lost", "LossReason": reason}


# --- scorecard -------------------------------------------------------------------------------------------------------


def test_customers_are_classed_by_how_their_bookings_changed(warehouse):
    deals = {
        "new": (0, 10), "growing": (100, 110), "stable": (100, 109), "still": (100, 91), "shrinking": (100, 90),
        "lapsed": (100, 0), "none": (0, 0),
    }  # fmt: skip
    for name, (before, now) in deals.items():
        account(warehouse, name, IsKeyAccount="yes")
        rows = [won(f"{name} before", name, before, "2024-07-15"), won(f"{name} now", name, now, "2025-07-15")]
        insert(warehouse, "Opportunity", [row for row in rows if row["Amount"]])
    loaded(warehouse, objects=OBJECTS)
    build(warehouse, "marts.kpi_scorecard")
    classes = by_key(warehouse, "select group_id, change_class from marts.kpi_scorecard")
    assert classes == {name: "stable" if name == "still" else name for name in deals}
    limits = make_configuration(kpis={"growing_from": 0.05, "shrinking_from": -0.5})
    rebuild(warehouse, "marts.kpi_scorecard", configuration=limits)
    classes = by_key(warehouse, "select group_id, change_class from marts.kpi_scorecard")
    assert (classes["stable"], classes["shrinking"]) == ("growing", "stable")


def test_without_a_year_before_the_change_of_a_customer_is_unknown(warehouse):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A")])
    loaded(warehouse, objects=OBJECTS)
    build(warehouse, "marts.kpi_scorecard")
    assert warehouse.rows(
        "select change_class, bookings_amt, prior_bookings_amt, growth_yoy from marts.kpi_scorecard"
    ) == [("unknown", 100, None, None)]


def test_the_scorecard_says_which_of_its_kpis_are_not_known(warehouse):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A"), won("0", "A", 100, "2024-07-01")])
    event(warehouse, "m", AccountId="A", WhoId="kai")
    loaded(warehouse, objects=OBJECTS)
    build(warehouse, "marts.kpi_scorecard")
    [(growth, days, contacts, text)] = warehouse.rows(
        "select growth_yoy, days_since_meeting, engaged_contacts_cnt, not_measured from marts.kpi_scorecard"
    )
    assert (growth, days, contacts) == (0, 16, 1)
    assert text == (
        "csat: not_configured; gross_margin_share: not_configured; nps: not_configured; profit_amt: not_configured"
    )


@pytest.mark.parametrize(
    ("target", "status", "share"),
    one_of((242, "behind", 120 / 242), (100, "met", 1.2), (120, "met", 1.0), (240, "on_track", 0.5)),
)
def test_a_target_is_held_against_the_part_of_the_year_that_has_passed(warehouse, target, status, share):
    # 2 July 2026 is day 183 of 365: half of the year has passed, 182 days of it
    account(warehouse, "A", IsKeyAccount="yes")
    insert(warehouse, "Opportunity", [won("1", "A", 120)])
    loaded(warehouse, objects=OBJECTS)
    as_of = date(2026, 7, 2)
    build(warehouse, "marts.kpi_scorecard", as_of=as_of)
    row = {"group_id": "A", "fiscal_year": 2026, "period_start": date(2026, 1, 1), "period_end": date(2027, 1, 1)}
    fill(warehouse, "core.target", [{**row, "target_amt": target}])
    rebuild(warehouse, "marts.kpi_group_target", "marts.kpi_scorecard", as_of=as_of)
    [found] = warehouse.rows("select target_status, target_share from marts.kpi_scorecard")
    assert found == (status, pytest.approx(share))


# --- loss reasons ----------------------------------------------------------------------------------------------------


def test_loss_reasons_are_shares_of_lost_deals_with_the_missing_ones_as_a_class_of_their_own(warehouse):
    account(warehouse, "A")
    insert(
        warehouse,
        "Opportunity",
        [lost("1", "A", "Price"), lost("2", "A", "Price", 30), lost("3", "A", " "), lost("4", "A", "Timing"),
         lost("old", "A", "Price", closed_on="2025-06-30")],
    )  # fmt: skip
    loaded(warehouse, objects=OBJECTS)
    build(warehouse, "marts.loss_reason")
    rows = warehouse.rows(
        "select loss_reason, lost_cnt, lost_amt, lost_share, status from marts.loss_reason where entity_id = 'all'"
    )
    assert sorted(rows) == [
        ("(missing)", 1, 10, 0.25, "measured"),
        ("Price", 2, 40, 0.5, "measured"),
        ("Timing", 1, 10, 0.25, "measured"),
    ]


@pytest.mark.slow
def test_with_too_many_reasons_missing_no_share_is_given(warehouse):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [lost("1", "A", "Price"), lost("2", "A"), lost("3", "A", "Timing")])
    loaded(warehouse, objects=OBJECTS)
    build(warehouse, "marts.loss_reason")
    rows = warehouse.rows(
        "select distinct lost_share, status, reason, reason_da from marts.loss_reason where entity_id = 'all'"
    )
    assert rows == [
        (None, "insufficient_data", "1 of 3 lost deals have no reason.", "1 af 3 tabte salg har ingen årsag.")
    ]


def test_without_a_mapped_field_reasons_are_not_configured(warehouse):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [lost("1", "A")])
    loaded(warehouse, objects=OBJECTS, absent=("LossReason",))
    build(warehouse, "marts.loss_reason")
    rows = warehouse.rows(
        "select loss_reason, lost_cnt, lost_share, status from marts.loss_reason where entity_id = 'all'"
    )
    assert rows == [("(missing)", 1, None, "not_configured")]


# --- months ----------------------------------------------------------------------------------------------------------


def test_a_month_holds_what_can_be_added_up(warehouse):
    account(warehouse, "A")
    insert(
        warehouse,
        "Opportunity",
        [
            won("1", "A", 100, "2026-06-11") | {"CreatedDate": utc(2026, 6, 1, 12)},
            won("2", "A", None, "2026-06-30") | {"CreatedDate": utc(2026, 7, 1, 12)},  # backwards
            won("3", "A", -30, "2026-06-01") | {"CreatedDate": utc(2026, 5, 31, 12)},
            lost("4", "A", None, 50, "2026-06-30") | {"CreatedDate": utc(2026, 6, 10, 12)},
            won("5", "A", 7, "2026-07-01") | {"CreatedDate": utc(2026, 6, 10, 12)},  # on the date: not yet
        ],
    )
    event(warehouse, "m", AccountId="A")
    task(warehouse, "c", AccountId="A", TaskSubtype="Call")
    task(warehouse, "e", AccountId="A", TaskSubtype="Email")
    task(warehouse, "todo", AccountId="A")
    loaded(warehouse, objects=OBJECTS)
    build(warehouse, "marts.kpi_group_month")
    columns = (
        "bookings_amt, won_cnt, unknown_won_cnt, won_value_amt, won_value_cnt, lost_cnt, lost_amt, cycle_days, "
        "cycle_cnt, created_cnt, meetings_cnt, calls_cnt, emails_cnt, invoiced_amt, cost_amt, asked_cnt"
    )
    rows = by_key(warehouse, f"select month::varchar, {columns} from marts.kpi_group_month")
    # cycle: 10 days, 1 day and 20 days
    assert rows["2026-06-01"] == (70, 3, 1, 100, 1, 1, 50, 31, 3, 3, 1, 1, 1, None, None, 0)
    assert rows["2026-05-01"][9] == 1
    assert sorted(rows) == ["2026-05-01", "2026-06-01"]


@pytest.mark.slow
def test_months_go_back_four_years(warehouse):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A", 1, "2022-07-01"), won("2", "A", 1, "2022-06-30")])
    loaded(warehouse, objects=OBJECTS)
    build(warehouse, "marts.kpi_group_month")
    months = {
        month for (month,) in warehouse.rows("select month::varchar from marts.kpi_group_month where won_cnt > 0")
    }
    assert months == {"2022-07-01"}


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_segments_can_go_by_several_fields(warehouse):
    account(warehouse, "A", Industry="Energy", BillingCountry="Denmark")
    insert(warehouse, "Opportunity", [won("1", "A")])
    loaded(warehouse, objects=OBJECTS)
    configuration = make_configuration(kpis={"segments": ["country", "industry"]})
    build(warehouse, "marts.kpi_entity", configuration=configuration)
    found = warehouse.rows("select distinct entity_id from marts.kpi_entity where entity_type = 'segment' order by 1")
    assert found == [("country:Denmark",), ("industry:Energy",)]
    rebuild(warehouse, "marts.kpi_entity", configuration=make_configuration(kpis={"segments": []}))
    assert warehouse.rows("select * from marts.kpi_entity where entity_type = 'segment'") == []


def test_all_errors_of_the_section_are_reported_at_once(tmp_path):
    config = tmp_path / "kam.yaml"
    config.write_text(
        "source: {kind: files, path: .}\n"
        "kpis: {segments: [industri], growing_from: -1, shrinking_from: 0.2, contact_day: 3, min_cost_coverage: 80}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError) as raised:
        load_configuration(config)
    text = str(raised.value)
    for part in ("kpis.segments.0", "kpis.growing_from", "kpis.shrinking_from", "kpis.min_cost_coverage"):
        assert part in text
    assert "kpis.contact_day: unknown name; did you mean contact_days?" in text
