"""The designated list on a date, and overrides: who is on it, since when, by whose word, and within which bounds."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from kam_pipeline.quality.designations import designation_figures
from kam_pipeline.tables import tables
from tests.factories import (
    ALL_FEEDS,
    account,
    build,
    by_key,
    feed_row,
    fill,
    insert,
    loaded,
    make_configuration,
    make_evaluation,
    rebuild,
    won,
)

OBJECTS = ("Account", "feeds.decisions")
DECISIONS = ("staging.decision", "staging.feed_account", "staging.feed_row", "core.feed_customer",
             "core.decision_conflict", "core.feed_row", "core.decision")  # fmt: skip
LIST = ("marts.designation_source", "marts.designated_account", "marts.designated_group", "marts.designation")
READERS = ("marts.account", "marts.account_group")


def configured(designates=True, **criteria):
    feeds = {**ALL_FEEDS, "decisions": {"file": "decisions.csv", "designates": designates}}
    return make_configuration(feeds=feeds, criteria=criteria)


@pytest.fixture(scope="module")
def built(reused_warehouse):
    """Groups A to E, C with the accounts C and D; B is designated in the CRM. Only what decisions change is rebuilt."""
    for name in "ABCE":
        account(reused_warehouse, name, IsKeyAccount="yes" if name == "B" else "no")
    account(reused_warehouse, "D", ParentId="C", IsKeyAccount="no")
    insert(reused_warehouse, "Opportunity", [won(f"o{name}", name) for name in "ABCE"])
    loaded(reused_warehouse, objects=OBJECTS)
    build(reused_warehouse, "marts.designation", *READERS, configuration=configured())
    return reused_warehouse


@pytest.fixture
def company(built):
    built.connection.execute("delete from raw.feed_decisions")
    for name in LIST:
        built.connection.execute(f"delete from {name}")
    fill(built, "marts.group_metric", [{"group_id": name, "revenue_amt": 1} for name in "ABCE"])
    return built


def decide(warehouse, row, name, status="key_account", since="2026-01-01", until=None, **fields):
    given = {"reason": f"reason {row}", "approved_by": f"by {row}", **fields}
    feed_row(warehouse, "decisions", row, name, status=status, since=since, until=until, **given)


def see(warehouse, as_of="2026-07-01", configuration=None):
    """Compute the list for a date."""
    rebuild(
        warehouse,
        *DECISIONS,
        *LIST,
        configuration=configuration or configured(),
        as_of=date.fromisoformat(as_of),
    )


def listed(warehouse, as_of="2026-07-01", configuration=None):
    """The groups that are on the list of a date."""
    see(warehouse, as_of, configuration)
    query = "select group_id from marts.designated_group where as_of_date = $day order by 1"
    return "".join(name for (name,) in warehouse.rows(query, {"day": date.fromisoformat(as_of)}))


def overrides(warehouse, as_of="2026-07-01", columns="override_status", **criteria):
    see(warehouse, as_of, configured(**criteria))
    query = f"select group_id, {columns} from marts.designation where override is not null and as_of_date = '{as_of}'"
    return by_key(warehouse, query)


# --- whose word counts ---------------------------------------------------------------------------------------------


def test_without_a_designation_in_the_file_the_crm_designates(company):
    decide(company, "in", "A", "include")
    assert listed(company) == "B"
    row = company.rows("select designated_by, since_on, reason from marts.designation where group_id = 'B'")
    assert row == [("crm", None, None)]


def test_the_rows_of_the_file_are_the_list_instead_of_the_field_of_the_crm(company):
    decide(company, "row", "A")
    assert listed(company) == "A"
    assert by_key(company, "select group_id, is_key_account, designated_by, since_on::text, reason, approved_by "
                           "from marts.designation") == {
        "A": (True, "decisions", "2026-01-01", "reason row", "by row")
    }  # fmt: skip


def test_a_file_that_does_not_designate_leaves_the_list_to_the_crm(company):
    decide(company, "row", "A")
    assert listed(company, configuration=configured(designates=False)) == "B"


@pytest.mark.parametrize("designates", [True, False])
def test_a_file_of_which_no_designation_can_be_used_is_told(company, designates):
    decide(company, "row", "nobody")
    decide(company, "in", "A", "include")
    configuration = configured(designates)
    assert listed(company, configuration=configuration) == "B"
    figures = designation_figures(company, configuration.settings, make_evaluation())
    said = [figure.seen for figure in figures if figure.gate.name == "designations_agree"]
    told = (
        "No row of the file that says key_account can be used (1 not), so the field of the CRM, if there is one, says "
        "who is a key account; see rejected_row."
    )
    assert said == ([told] if designates else [])
    # an inclusion alone is no designation that was lost
    company.connection.execute("delete from raw.feed_decisions where Id = 'row'")
    see(company, configuration=configuration)
    figures = designation_figures(company, configuration.settings, make_evaluation())
    assert [figure for figure in figures if figure.gate.name == "designations_agree"] == []


def test_a_file_whose_designations_are_over_leaves_nobody_on_the_list(company):
    decide(company, "row", "A", until="2026-02-01")
    assert listed(company) == ""
    assert by_key(company, "select account_id, is_key_account from marts.account") == dict.fromkeys("ABCDE", False)


def test_where_nobody_says_who_is_a_key_account_nobody_knows(warehouse):
    account(warehouse, "A")
    loaded(warehouse, objects=OBJECTS, absent=["IsKeyAccount"])
    build(warehouse, "marts.group_metric", *READERS, configuration=configured())
    assert warehouse.rows("select source from marts.designation_source") == [("none",)]
    assert warehouse.rows("select is_key_account from marts.account_group") == [(None,)]
    assert warehouse.rows("select is_key_account from marts.account") == [(None,)]


# --- groups and leaves -----------------------------------------------------------------------------------------------


def test_several_designated_accounts_of_a_group_are_one_designation(company):
    decide(company, "child", "D", since="2025-01-01", until="2026-09-01")
    decide(company, "top", "C", since="2026-01-01", until="2027-01-01")
    assert listed(company) == "C"
    assert company.rows(
        "select designated_accounts_cnt, since_on::text, until_on::text, reason from marts.designation"
    ) == [(2, "2025-01-01", "2027-01-01", "reason child")]


def test_a_designation_without_an_end_keeps_the_group_on_the_list_without_one(company):
    decide(company, "child", "D", until="2026-09-01")
    decide(company, "top", "C")
    see(company)
    assert company.rows("select until_on from marts.designation") == [(None,)]


def test_the_leaf_shows_its_own_designation_and_the_group_that_of_any_account(company):
    decide(company, "child", "D")
    see(company)
    leaves = by_key(company, "select account_id, is_key_account from marts.account")
    assert leaves == {"A": False, "B": False, "C": False, "D": True, "E": False}
    groups = by_key(company, "select group_id, is_key_account from marts.account_group")
    assert groups == {"A": False, "B": False, "C": True, "E": False}


# --- days ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "on_the_list"),
    # the last day seen is the one before the date: 1 March itself is seen as of 2 March
    [("2026-03-01", ""), ("2026-03-02", "A"), ("2026-05-01", "A"), ("2026-05-02", "")],
)
def test_a_designation_holds_from_its_first_day_to_the_day_before_its_end(company, as_of, on_the_list):
    decide(company, "row", "A", since="2026-03-01", until="2026-05-01")
    assert listed(company, as_of) == on_the_list


def test_a_designation_that_is_renewed_in_advance_leaves_no_gap(company):
    decide(company, "now", "A", since="2025-01-01")
    decide(company, "renewed", "A", since="2026-09-01")
    assert listed(company) == "A"


@pytest.mark.parametrize(
    ("as_of", "status"),
    [("2026-03-01", "not_yet"), ("2026-03-02", "applied"), ("2026-05-01", "applied"), ("2026-05-02", "expired")],
)
def test_an_override_is_applied_from_its_first_day_to_the_day_before_its_end(company, as_of, status):
    decide(company, "in", "A", "include", since="2026-03-01", until="2026-05-01")
    assert overrides(company, as_of) == {"A": status}


def test_an_override_without_an_end_or_with_a_distant_one_ends_after_the_longest_time_allowed(company):
    decide(company, "open", "A", "include", since="2026-06-01")
    decide(company, "long", "B", "exclude", since="2026-06-01", until="2030-01-01")
    ends = overrides(company, columns="override_until_on::text, override_status", **bounds(1, 30))
    assert ends == {"A": ("2026-07-01", "applied"), "B": ("2026-07-01", "over_the_bound")}
    assert overrides(company, "2026-07-02", **bounds(1, 30)) == {"A": "expired", "B": "expired"}


def test_an_override_that_was_renewed_is_shown_as_the_one_that_holds(company):
    decide(company, "first", "A", "include", since="2025-01-01", until="2025-06-01")
    decide(company, "second", "A", "include", since="2026-01-01", until="2027-01-01")
    decide(company, "third", "A", "include", since="2026-12-01")
    shown = overrides(company, columns="override_status, override_reason, override_by, override_until_on::text")
    assert shown == {"A": ("applied", "reason second", "by second", "2027-01-01")}


@pytest.mark.parametrize(
    ("as_of", "status"),
    # excluded from 1 to 28 February inside an inclusion of a year
    [("2026-02-01", "applied"), ("2026-02-02", "contradictory"), ("2026-03-01", "contradictory"),
     ("2026-03-02", "applied")],
)  # fmt: skip
def test_a_group_is_neither_included_nor_excluded_only_while_it_is_both(company, as_of, status):
    decide(company, "in", "C", "include", since="2026-01-01")
    decide(company, "out", "D", "exclude", since="2026-02-01", until="2026-03-01")
    decide(company, "other", "E", "exclude", since="2026-02-01")
    found = overrides(company, as_of, columns="override, override_status")
    assert found["C"] == ("include", status)
    # what contradicts itself takes nobody's place
    if status == "contradictory":
        assert found["E"] == ("exclude", "applied")


def test_an_inclusion_that_ended_by_its_longest_time_does_not_undo_an_exclusion(company):
    decide(company, "long ago", "A", "include", since="2020-01-01")
    decide(company, "now", "A", "exclude", since="2026-06-01")
    assert overrides(company, columns="override, override_status") == {"A": ("exclude", "applied")}


# --- how many --------------------------------------------------------------------------------------------------------


def bounds(max_share, max_days=366):
    return {"overrides": {"max_share": max_share, "max_days": max_days}}


def test_one_override_is_always_applied_and_the_oldest_comes_first(company):
    decide(company, "later", "A", "include", since="2026-05-01")
    decide(company, "first", "E", "exclude", since="2026-02-01")
    assert overrides(company, **bounds(0)) == {"A": "over_the_bound", "E": "applied"}


def test_of_overrides_of_one_day_the_smaller_account_id_comes_first(company):
    decide(company, "1", "E", "include")
    decide(company, "2", "D", "include")
    assert overrides(company) == {"C": "applied", "E": "over_the_bound"}


def test_overrides_that_do_not_hold_take_nobody_elses_place(company):
    decide(company, "over", "A", "include", since="2025-01-01", until="2025-02-01")
    decide(company, "to come", "B", "include", since="2026-08-01")
    decide(company, "holds", "E", "include")
    assert overrides(company) == {"A": "expired", "B": "not_yet", "E": "applied"}


@pytest.mark.parametrize(
    ("groups", "cap", "share", "applied"),
    # the list holds a tenth of the groups with revenue, rounded up, or the cap
    [(100, 35, 0.2, 2), (91, 35, 0.2, 2), (90, 35, 0.2, 1), (100, 5, 0.2, 1), (100, 35, 0.3, 3), (100, 35, 1, 4)],
)
def test_the_bound_is_a_share_of_the_size_of_the_list_rounded_down(company, groups, cap, share, applied):
    for name in "ABCE":
        decide(company, name, name, "include")
    fill(company, "marts.group_metric", [{"group_id": f"g{place}", "revenue_amt": 1} for place in range(groups)])
    statuses = list(overrides(company, cap=cap, **bounds(share)).values())
    assert statuses.count("applied") == applied
    assert statuses.count("over_the_bound") == 4 - applied


# --- laws ------------------------------------------------------------------------------------------------------------


PERIOD = st.tuples(st.integers(1, 27), st.integers(1, 31)).filter(lambda days: days[0] < days[1])


@search(max_examples=5)
@given(periods=st.dictionaries(st.sampled_from("ABCDE"), PERIOD, min_size=1), day=st.integers(1, 31))
def test_a_group_is_on_the_list_where_an_account_of_it_is_designated_on_the_day_before(built, periods, day):
    built.connection.execute("delete from raw.feed_decisions")
    for name, (since, until) in periods.items():
        decide(built, name, name, since=date(2026, 1, since), until=date(2026, 1, until))
    holding = {"C" if name == "D" else name for name, (since, until) in periods.items() if since < day <= until}
    assert set(listed(built, f"2026-01-{day:02}")) == holding


def test_what_we_proposed_ourselves_plays_no_part(company):
    """Hysteresis reads the designated list: our own last output may be gone, or say anything."""
    decide(company, "row", "A")
    see(company)
    before = company.rows("select * from marts.designation order by all")
    fill(
        company,
        "marts.candidate_rank",
        [{"group_id": name, "is_in_list": name == "E", "is_key_account": name == "E"} for name in "ABCE"],
        date(2026, 6, 1),
    )
    see(company)
    assert company.rows("select * from marts.designation order by all") == before
    upstream, waiting = set(), ["marts.designation"]
    while waiting:
        for needed in tables()[waiting.pop()].contract.inputs:
            if needed in tables() and needed not in upstream:
                upstream.add(needed)
                waiting.append(needed)
    proposals = {"marts.candidate_rank", "marts.candidate_decision", "marts.key_account_candidate", "marts.snapshot"}
    assert upstream & proposals == set()
    assert not any(name.startswith("published.") for name in upstream)
