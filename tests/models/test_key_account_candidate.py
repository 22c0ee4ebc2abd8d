"""Who is proposed: the list, its bands, decisions, order and reasons."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from tests.factories import account, build, by_key, corporate_currency, fill, insert, make_configuration, rebuild, won


def ranked(warehouse, groups, cap=35):
    """Build the list for groups given as (group_id, score, revenue, designated)."""
    if not warehouse.has_table("marts.key_account_candidate"):
        build(warehouse, "marts.key_account_candidate")
    fill(warehouse, "core.account_group", [{"group_id": name, "group_name": f"The {name}"} for name, *_ in groups])
    fill(
        warehouse,
        "marts.group_metric",
        [
            {"group_id": name, "group_name": f"The {name}", "revenue_amt": revenue, "is_key_account": designated}
            for name, _, revenue, designated in groups
        ],
    )
    designations = [{"group_id": name, "is_key_account": designated} for name, *_, designated in groups]
    fill(warehouse, "marts.designation", designations)
    fill(
        warehouse,
        "marts.candidate_criterion",
        [
            {"group_id": name, "criterion": "revenue", "contribution": score, "weight": 1, "status": "measured"}
            for name, score, *_ in groups
        ],
    )
    rebuild(
        warehouse,
        "marts.candidate_rank",
        "marts.candidate_decision",
        "marts.candidate_note",
        "marts.candidate_reason",
        "marts.key_account_candidate",
        configuration=make_configuration(criteria={"cap": cap}),
    )


def population(n, designated=()):
    """Groups g001, g002, ... with falling score and revenue."""
    return [
        (f"g{place:03}", 1 - place / (n + 1), 1000 - place, f"g{place:03}" in designated) for place in range(1, n + 1)
    ]


def proposed(warehouse):
    return [
        name
        for (name,) in warehouse.rows("select group_id from marts.key_account_candidate where is_in_list order by rank")
    ]


def counted(warehouse, column):
    return by_key(warehouse, f"select {column}, count(*) from marts.key_account_candidate group by all")


@pytest.mark.parametrize(
    ("n", "cap", "size"), [(1, 35, 1), (10, 35, 1), (11, 35, 2), (70, 35, 7), (71, 35, 8), (100, 4, 4), (30, 35, 3)]
)
def test_the_list_is_a_tenth_of_the_groups_with_revenue_or_the_cap(reused_warehouse, n, cap, size):
    ranked(reused_warehouse, population(n), cap)
    assert proposed(reused_warehouse) == [f"g{place:03}" for place in range(1, size + 1)]


def test_groups_without_revenue_can_be_listed_and_do_not_make_the_list_longer(reused_warehouse):
    ranked(reused_warehouse, [*population(10), ("new", 0.99, 0, False), ("lost", 0.0, -5, False)])
    assert proposed(reused_warehouse) == ["new"]
    rows = by_key(
        reused_warehouse, "select group_id, revenue_rank, revenue_share, revenue_band from marts.key_account_candidate"
    )
    assert rows["new"] == rows["lost"] == (None, None, "outside")


def test_bands_go_by_rank_and_ignore_the_cap(reused_warehouse):
    ranked(reused_warehouse, population(100), cap=3)
    expected = {"top_5_pct": 5, "top_10_pct": 5, "near_miss": 5, "outside": 85}
    assert counted(reused_warehouse, "band") == expected
    assert counted(reused_warehouse, "revenue_band") == expected
    assert len(proposed(reused_warehouse)) == 3


def test_the_ends_of_bands_are_exact_ceilings(reused_warehouse):
    ranked(reused_warehouse, population(20))  # 15 % of 20 is 3 exactly
    assert counted(reused_warehouse, "band") == {"top_5_pct": 1, "top_10_pct": 1, "near_miss": 1, "outside": 17}
    ranked(reused_warehouse, population(21))
    assert counted(reused_warehouse, "band") == {"top_5_pct": 2, "top_10_pct": 1, "near_miss": 1, "outside": 17}


def test_ties_go_to_more_revenue_and_then_to_the_smaller_id(reused_warehouse):
    ranked(reused_warehouse, [("d", 0.5, 1, False), ("c", 0.5, 9, False), ("b", 0.5, 1, False), ("a", 0.1, 99, False)])
    rows = reused_warehouse.rows("select group_id from marts.key_account_candidate order by rank")
    assert rows == [("c",), ("b",), ("d",), ("a",)]


def test_scores_that_differ_only_in_the_last_bits_are_ties(reused_warehouse):
    ranked(reused_warehouse, [("small", 0.1 + 0.2, 1, False), ("large", 0.3, 9, False)])
    rows = reused_warehouse.rows("select group_id from marts.key_account_candidate order by rank")
    assert rows == [("large",), ("small",)]


def test_decisions(reused_warehouse):
    ranked(reused_warehouse, population(20, designated=("g001", "g003", "g004")))
    decisions = by_key(reused_warehouse, "select group_id, decision from marts.key_account_candidate")
    assert {key: decisions[key] for key in ("g001", "g002", "g003", "g004", "g005")} == {
        "g001": "keep",
        "g002": "add",
        "g003": "review",  # near miss
        "g004": "exit",
        "g005": "none",
    }


def test_a_designated_group_that_only_the_cap_keeps_out_is_reviewed_and_not_thrown_out(reused_warehouse):
    ranked(reused_warehouse, population(100, designated=("g002",)), cap=1)
    decisions = by_key(reused_warehouse, "select group_id, decision from marts.key_account_candidate")
    assert decisions["g002"] == "review"


def test_a_near_miss_that_is_not_designated_is_none(reused_warehouse):
    ranked(reused_warehouse, population(20))
    rows = reused_warehouse.rows("select decision from marts.key_account_candidate where band = 'near_miss'")
    assert rows == [("none",)]


def test_shares_add_up_in_the_order_of_the_list(reused_warehouse):
    ranked(
        reused_warehouse, [("a", 0.9, 20, False), ("b", 0.8, 50, False), ("c", 0.7, 30, False), ("z", 0.1, -4, False)]
    )
    rows = reused_warehouse.rows(
        "select group_id, revenue_rank, revenue_share, cumulative_share from marts.key_account_candidate order by rank"
    )
    assert rows == [("a", 3, 0.2, 0.2), ("b", 1, 0.5, 0.7), ("c", 2, 0.3, 1.0), ("z", None, None, 1.0)]


@search(max_examples=20)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(-100, 10**9), st.booleans()).map(list), min_size=1, max_size=40),
    st.integers(1, 6),
)
def test_whatever_the_figures_the_list_is_whole_and_in_order(reused_warehouse, figures, cap):
    ranked(reused_warehouse, [(f"g{place:02}", *values) for place, values in enumerate(figures)], cap)
    rows = reused_warehouse.rows(
        "select rank, score, cumulative_share, is_in_list, decision, is_key_account "
        "from marts.key_account_candidate order by rank"
    )
    with_revenue = sum(revenue > 0 for _, revenue, _ in figures)
    assert [row[0] for row in rows] == list(range(1, len(figures) + 1))
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
    assert sum(row[3] for row in rows) == min(-(-with_revenue // 10), cap)
    if with_revenue:
        assert math.isclose(rows[-1][2], 1)
        assert [row[2] for row in rows] == sorted(row[2] for row in rows)
    for *_, listed, decision, designated in rows:
        assert decision in (("keep", "review", "exit") if designated else ("add", "none"))
        assert listed == (decision in ("keep", "add"))


def test_the_reason_is_one_sentence_that_names_rank_and_revenue(reused_warehouse):
    ranked(reused_warehouse, population(20, designated=("g001", "g003", "g004")))
    reasons = by_key(reused_warehouse, "select rank, reason from marts.key_account_candidate")
    openings = {
        1: "Keep: ", 2: "Add: ", 3: "Review, just outside the list: ", 4: "Exit, far from the list: ",
        5: "Not proposed: ",
    }  # fmt: skip
    for rank, opening in openings.items():
        assert reasons[rank].startswith(f"{opening}rank {rank} of 20 with score ")
    for reason in reasons.values():
        assert reason.endswith(".")
        assert not re.search(r"\.\s", reason)
        assert "in 12 months" in reason
        assert reason.count("(") == reason.count(")")


def test_the_reason_says_what_most_of_the_score_comes_from(warehouse):
    corporate_currency(warehouse, "EUR")
    account(warehouse, "A", Name="Acme")
    account(warehouse, "B", Name="Zeta")
    insert(warehouse, "Opportunity", [won("1", "A", 300), won("2", "A", 200, "2024-07-15"), won("3", "B", 100)])
    build(warehouse, "marts.key_account_candidate")
    assert by_key(warehouse, "select group_name, reason from marts.key_account_candidate where rank = 1") == {
        "Acme": "Add: rank 1 of 2 with score 0.88, 300 EUR in 12 months (75.0 % of revenue, +50 % on the year before); "
        "most of it from revenue (0.75)."
    }


def test_the_danish_reason_says_the_same_with_the_same_figures_in_danish_style(warehouse):
    corporate_currency(warehouse, "DKK")
    account(warehouse, "A", Name="Acme", IsKeyAccount="yes")
    account(warehouse, "B", Name="Zeta")
    deals = [won("1", "A", 3000000), won("2", "A", 2000000, "2024-07-15"), won("3", "B", 1000000)]
    insert(warehouse, "Opportunity", deals)
    build(warehouse, "marts.key_account_candidate")
    assert by_key(warehouse, "select group_name, reason_da from marts.key_account_candidate where rank = 1") == {
        "Acme": "Behold: nr. 1 af 2 med score 0,88, 3.000.000 DKK på 12 måneder (75,0 % af omsætningen, "
        "+50 % i forhold til året før); det meste kommer fra omsætning (0,75)."
    }


def test_a_single_deal_without_an_amount_takes_no_plural(warehouse):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A", 2000), won("2", "A", None)])
    build(warehouse, "marts.key_account_candidate")
    ((reason, reason_da),) = warehouse.rows("select reason, reason_da from marts.key_account_candidate")
    assert "; without a known amount: 1; " in reason
    assert "; uden kendt beløb: 1; " in reason_da


@pytest.mark.parametrize(
    ("before", "english", "danish"),
    [(100, "+1,900 %", "+1.900 %"), (2000, "0 %", "0 %"), (2500, "-20 %", "-20 %")],
)
def test_growth_carries_its_sign_and_its_thousands(warehouse, before, english, danish):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A", 2000), won("2", "A", before, "2024-07-15")])
    build(warehouse, "marts.key_account_candidate")
    ((reason, reason_da),) = warehouse.rows("select reason, reason_da from marts.key_account_candidate")
    assert f", {english} on the year before)" in reason
    assert f", {danish} i forhold til året før)" in reason_da


def test_every_decision_has_its_own_opening_in_danish(reused_warehouse):
    ranked(reused_warehouse, population(20, designated=("g001", "g003", "g004")))
    reasons = by_key(reused_warehouse, "select rank, reason_da from marts.key_account_candidate")
    openings = {
        1: "Behold: ", 2: "Tilføj: ", 3: "Vurdér igen, lige uden for listen: ", 4: "Tag af listen, langt fra den: ",
        5: "Ikke foreslået: ",
    }  # fmt: skip
    for rank, opening in openings.items():
        assert reasons[rank].startswith(f"{opening}nr. {rank} af 20 med score 0,")


def test_no_group_is_lost_between_its_rank_and_its_decision(reused_warehouse):
    ranked(reused_warehouse, [*population(30, designated=("g002", "g009", "g030")), ("none", 0.0, None, True)])
    counts = [
        reused_warehouse.value(f"select count(*) from marts.{table}")
        for table in ("candidate_rank", "candidate_decision", "key_account_candidate")
    ]
    assert counts == [31, 31, 31]


def test_contributions_add_up_to_the_score(warehouse):
    for place in range(1, 13):
        account(warehouse, f"a{place:02}", PotentialAmount=place if place % 3 else None)
        insert(
            warehouse,
            "Opportunity",
            [won(f"n{place}", f"a{place:02}", place**3), won(f"p{place}", f"a{place:02}", 100, "2025-05-01")],
        )
    build(warehouse, "marts.key_account_candidate")
    rows = warehouse.rows(
        "select candidate.score, sum(criterion.contribution), count(*) from marts.key_account_candidate as candidate "
        "inner join marts.candidate_criterion as criterion using (as_of_date, group_id) group by all"
    )
    assert len(rows) == 12
    for score, total, criteria in rows:
        assert criteria == 3
        assert math.isclose(score, total, rel_tol=1e-12)


def test_groups_in_focus_are_designated_listed_or_near_the_list(reused_warehouse):
    ranked(reused_warehouse, population(20, designated=("g009",)))
    rebuild(reused_warehouse, "marts.group_in_focus")
    found = reused_warehouse.rows("select group_id from marts.group_in_focus order by 1")
    assert found == [("g001",), ("g002",), ("g003",), ("g009",)]
    rebuild(reused_warehouse, "marts.group_in_focus", configuration=make_configuration(publish={"facts": "all"}))
    assert reused_warehouse.value("select count(*) from marts.group_in_focus") == 20
