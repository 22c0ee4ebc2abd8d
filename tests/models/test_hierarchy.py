"""Groups: every account in exactly one, whatever the parents say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    account,
    build,
    by_key,
    clear,
    fill,
    insert,
    loaded,
    make_configuration,
    merged_account,
    rebuild,
)

HIERARCHY = ("staging.group_override", "core.account_parent", "core.hierarchy_cycle", "core.account_root")


def groups(warehouse):
    return by_key(warehouse, "select account_id, group_id from core.account_root")


def placed(warehouse):
    return by_key(warehouse, "select account_id, group_id, depth, link from core.account_root")


def tree(warehouse, **parents):
    for name, parent in parents.items():
        account(warehouse, name, ParentId=parent)


def overridden(tmp_path, text):
    (tmp_path / "groups.csv").write_text("account_id,group_id,reason,since\n" + text, encoding="utf-8")
    return make_configuration(tmp_path, groups={"file": "groups.csv"})


def test_the_group_is_the_ultimate_parent_and_depth_counts_levels_below_it(warehouse):
    tree(warehouse, TOP=None, MID="TOP", LEAF="MID", ALONE=None)
    build(warehouse, "core.account_root")
    assert placed(warehouse) == {
        "TOP": ("TOP", 0, "top"),
        "MID": ("TOP", 1, "parent"),
        "LEAF": ("TOP", 2, "parent"),
        "ALONE": ("ALONE", 0, "top"),
    }


def test_a_merged_parent_is_followed_to_the_account_it_became(warehouse):
    tree(warehouse, TOP=None, LEAF="LOSER")
    merged_account(warehouse, "LOSER", "TOP")
    build(warehouse, "core.account_root")
    assert groups(warehouse) == {"TOP": "TOP", "LEAF": "TOP"}


def test_bad_parents_are_cut_and_say_why(warehouse):
    tree(warehouse, SELF="SELF", ORPHAN="GHOST", UNDER_BIN="BIN", UNDER_TEST="TEST")
    account(warehouse, "BIN", IsDeleted=True)
    account(warehouse, "TEST", IsInternal=True)
    tree(warehouse, GRANDCHILD="ORPHAN")
    build(warehouse, "core.account_root")
    assert placed(warehouse) == {
        "SELF": ("SELF", 0, "self"),
        "ORPHAN": ("ORPHAN", 0, "unknown_parent"),
        "GRANDCHILD": ("ORPHAN", 1, "parent"),
        "UNDER_BIN": ("UNDER_BIN", 0, "unknown_parent"),
        "UNDER_TEST": ("UNDER_TEST", 0, "excluded_parent"),
    }


def test_a_circle_of_two_is_opened_at_the_smallest_id(warehouse):
    tree(warehouse, B="A", A="B")
    build(warehouse, "core.account_root")
    assert placed(warehouse) == {"A": ("A", 0, "cycle"), "B": ("A", 1, "parent")}


def test_a_circle_of_three_keeps_the_tail_that_hangs_below_it(warehouse):
    tree(warehouse, C="A", A="B", B="C", D="C", E="D")
    build(warehouse, "core.account_root")
    assert set(groups(warehouse).values()) == {"A"}
    assert placed(warehouse) == {
        "A": ("A", 0, "cycle"),
        "C": ("A", 1, "parent"),
        "B": ("A", 2, "parent"),
        "D": ("A", 2, "parent"),
        "E": ("A", 3, "parent"),
    }
    # the tail is no part of the circle, even with an id smaller than those on it
    assert by_key(warehouse, "select account_id, top_account_id from core.hierarchy_cycle") == dict.fromkeys("ABC", "A")


def test_the_tail_of_a_circle_never_opens_it(warehouse):
    tree(warehouse, A="B", B="C", C="B")
    build(warehouse, "core.account_root")
    assert groups(warehouse) == dict.fromkeys("ABC", "B")


def test_an_override_moves_an_account_and_everything_below_it_to_another(warehouse, tmp_path):
    tree(warehouse, OLD=None, MOVED="OLD", LEAF="MOVED", NEW=None)
    build(warehouse, "core.account_root", configuration=overridden(tmp_path, "MOVED,NEW,bought,\n"))
    assert placed(warehouse) == {
        "OLD": ("OLD", 0, "top"),
        "NEW": ("NEW", 0, "top"),
        "MOVED": ("NEW", 1, "override"),
        "LEAF": ("NEW", 2, "parent"),
    }


def test_an_override_to_a_name_makes_a_group_that_descendants_follow(warehouse, tmp_path):
    tree(warehouse, ONE=None, BELOW="ONE", TWO=None, OTHER=None)
    build(
        warehouse,
        "core.account_group",
        configuration=overridden(tmp_path, "ONE,Nordic buyers,same board,\nTWO,Nordic buyers,same board,\n"),
    )
    assert groups(warehouse) == {**dict.fromkeys(["ONE", "BELOW", "TWO"], "Nordic buyers"), "OTHER": "OTHER"}
    assert by_key(warehouse, "select group_id, group_name, accounts_cnt from core.account_group") == {
        "Nordic buyers": ("Nordic buyers", 3),
        "OTHER": ("Account OTHER", 1),
    }


def test_an_override_to_itself_makes_an_account_stand_alone_with_what_is_below_it(warehouse, tmp_path):
    tree(warehouse, TOP=None, OUT="TOP", LEAF="OUT")
    build(warehouse, "core.account_root", configuration=overridden(tmp_path, "OUT,OUT,sold,\n"))
    assert groups(warehouse) == {"TOP": "TOP", "OUT": "OUT", "LEAF": "OUT"}


def test_an_override_that_closes_a_circle_is_opened_like_any_other(warehouse, tmp_path):
    tree(warehouse, A=None, B="A")
    build(warehouse, "core.account_root", configuration=overridden(tmp_path, "A,B,mistake,\n"))
    assert groups(warehouse) == {"A": "A", "B": "A"}


def test_an_override_holds_from_its_first_day_on(warehouse, tmp_path):
    tree(warehouse, A=None, B=None, C=None)
    text = "A,C,known on its first day,2026-07-01\nB,C,not yet,2026-07-02\n"
    build(warehouse, "core.account_root", configuration=overridden(tmp_path, text))
    assert groups(warehouse) == {"A": "C", "B": "B", "C": "C"}


def test_an_override_to_a_merged_account_means_the_account_that_it_became(warehouse, tmp_path):
    tree(warehouse, A=None, WINNER=None)
    merged_account(warehouse, "LOSER", "WINNER")
    build(warehouse, "core.account_root", configuration=overridden(tmp_path, "A,LOSER,bought,\n"))
    assert groups(warehouse)["A"] == "WINNER"


def test_the_group_is_named_after_the_account_at_its_top_and_counts_known_countries(warehouse):
    account(warehouse, "TOP", Name="Acme", Industry="Steel", BillingCountry="DK")
    account(warehouse, "B", ParentId="TOP", Name="Zeta", Industry="Wood", BillingCountry="SE", IsKeyAccount="Yes")
    account(warehouse, "C", ParentId="TOP", BillingCountry=None)
    build(warehouse, "core.account_group")
    assert warehouse.rows(
        "select group_id, group_name, industry, accounts_cnt, countries_cnt, is_key_account from core.account_group"
    ) == [("TOP", "Acme", "Steel", 3, 2, True)]


@pytest.mark.parametrize(
    ("flag", "expected"),
    [("Yes", True), ("KA tier 1", True), (" no ", False), ("FALSE", False), ("0", False), ("", False), (None, False)],
)
def test_what_counts_as_designated(warehouse, flag, expected):
    account(warehouse, "A", IsKeyAccount=flag)
    build(warehouse, "core.account")
    assert warehouse.rows("select is_key_account from core.account") == [(expected,)]


def test_where_no_field_designates_nobody_knows(warehouse):
    account(warehouse, "A")
    loaded(warehouse, absent=["IsKeyAccount"])
    build(warehouse, "core.account_group")
    assert warehouse.rows("select is_key_account from core.account") == [(None,)]
    assert warehouse.rows("select is_key_account from core.account_group") == [(None,)]


def test_a_delivery_without_accounts_does_not_make_designations_unknown(warehouse):
    account(warehouse, "A", IsKeyAccount="yes")
    loaded(warehouse)
    warehouse.connection.execute(
        "insert into raw.load (run_id, known_at, source, object, is_present) "
        "values ('run-2', timestamp '2026-07-02', 'files: export', 'Account', false)"
    )
    build(warehouse, "core.account")
    assert warehouse.rows("select is_key_account from core.account") == [(True,)]


# --- laws ----------------------------------------------------------------------------------------------------


@st.composite
def parents(draw):
    """For each account a parent: none, any account (itself included), or one that is not there."""
    names = [f"a{number}" for number in range(draw(st.integers(1, 9)))]
    return {name: draw(st.sampled_from([None, "ghost", *names])) for name in draw(st.permutations(names))}


def components(links):
    """Accounts joined by their parents in any direction, as a set of sets."""
    found = {name: {name} for name in links}
    for name, parent in links.items():
        if parent in found:
            union = found[name] | found[parent]
            for member in union:
                found[member] = union
    return {frozenset(members) for members in found.values()}


@given(links=parents())
def test_whatever_the_parents_say_each_account_is_in_the_one_group_it_is_connected_with(reused_warehouse, links):
    warehouse = reused_warehouse
    clear(warehouse)
    build(warehouse, "core.account_root")
    fill(warehouse, "staging.account", [{"account_id": name, "parent_id": parent} for name, parent in links.items()])
    rebuild(warehouse, *HIERARCHY)
    rows = warehouse.rows("select account_id, group_id from core.account_root")
    assert sorted(name for name, _ in rows) == sorted(links)
    members = {}
    for name, group in rows:
        members.setdefault(group, set()).add(name)
    assert {frozenset(group) for group in members.values()} == components(links)
    assert all(group in accounts for group, accounts in members.items())  # named after one of its own


@given(links=parents())
def test_depth_is_one_more_than_that_of_the_parent(reused_warehouse, links):
    warehouse = reused_warehouse
    clear(warehouse)
    insert(warehouse, "Account", [{"Id": name, "ParentId": parent} for name, parent in links.items()])
    build(warehouse, "core.account_root")
    assert not warehouse.rows(
        "select child.account_id from core.account_root as child "
        "left join core.account_root as parent on child.parent_id = parent.account_id "
        "where child.depth <> coalesce(parent.depth + 1, 0) or child.group_id <> parent.group_id"
    )
