"""The list as a whole: what it covers, what is doubtful about it, exceptions, and whether the people can carry it."""

from datetime import date

import pytest

from tests.factories import account, build, by_key, fill, insert, make_configuration, rebuild, won

TABLES = (
    "marts.candidate_rank", "marts.candidate_decision", "marts.candidate_note", "marts.candidate_reason",
    "marts.key_account_candidate", "marts.candidate_list_figure", "marts.candidate_list",
)  # fmt: skip


def listed(warehouse, groups, *, designation=(), gates=(), modelled=(), **criteria):
    """Build the list for groups as (group_id, score, revenue); gates as (group_id, reason)."""
    if not warehouse.has_table("marts.candidate_list"):
        build(warehouse, "marts.candidate_list", "marts.programme_capacity")
    metrics = [
        {"group_id": name, "group_name": f"The {name}", "revenue_amt": revenue, "unknown_won_cnt": 0}
        for name, _, revenue in groups
    ]
    fill(warehouse, "marts.group_metric", metrics)
    scored = [
        {"group_id": name, "criterion": criterion, "contribution": part, "weight": 0.5, "status": "measured"}
        for name, score, _ in groups
        for criterion, part in (
            ("revenue", 0.0 if name in modelled else score),
            ("estimate", score if name in modelled else 0.0),
        )
    ]
    fill(warehouse, "marts.candidate_criterion", scored)
    fill(
        warehouse,
        "marts.criterion",
        [
            {"criterion": "revenue", "ordinal": 1, "label": "revenue", "label_da": "omsætning", "is_modelled": False},
            {"criterion": "estimate", "ordinal": 2, "label": "estimate", "label_da": "skøn", "is_modelled": True},
        ],
    )
    fill(warehouse, "marts.designation", designation)
    barred = [{"group_id": name, "gate": "g", "reason": reason, "reason_da": reason} for name, reason in gates]
    fill(warehouse, "marts.candidate_gate", barred)
    fill(warehouse, "marts.candidate_stability", [])
    rebuild(warehouse, *TABLES, configuration=make_configuration(criteria=criteria))
    names = [column.name for column in _list_columns()]
    (row,) = warehouse.rows(f"select {', '.join(names)} from marts.candidate_list")
    return dict(zip(names, row, strict=True))


def _list_columns():
    from kam_pipeline.tables import tables

    return tables()["marts.candidate_list"].contract.columns


def falling(n):
    """Groups g01, g02, ... whose score falls with their revenue: 100 n, 100 (n - 1), ..."""
    return [(f"g{place:02}", 1 - place / (n + 1), 100 * (n + 1 - place)) for place in range(1, n + 1)]


def override(name, kind, status="applied"):
    return {
        "group_id": name, "override": kind, "override_status": status, "override_by": "Ann", "override_reason": "a bid",
        "override_since_on": date(2026, 1, 1), "override_until_on": date(2027, 1, 1),
    }  # fmt: skip


def members(warehouse):
    return [
        row[0]
        for row in warehouse.rows("select group_id from marts.key_account_candidate where is_in_list order by rank")
    ]


def test_the_best_list_covers_all_that_a_list_of_its_length_can(reused_warehouse):
    # 20 groups with 2000, 1900, ..., 100: 21,000 in all; a list of two covers 3,900
    found = listed(reused_warehouse, falling(20))
    assert (found["customers_cnt"], found["list_cnt"], found["is_capped"]) == (20, 2, False)
    assert found["covered_share"] == pytest.approx(3900 / 21000)
    assert found["coverage"] == 1
    assert (found["status"], found["warning"], found["tied_cnt"]) == ("measured", None, 0)


def test_a_list_of_small_customers_is_warned_of_in_both_languages(reused_warehouse):
    turned = [(name, 1 - score, revenue) for name, score, revenue in falling(20)]
    found = listed(reused_warehouse, turned)
    # the two smallest, 300 of 21,000, where 3,900 could be
    assert found["coverage"] == pytest.approx(300 / 3900)
    assert found["warning"] == (
        "The list covers 1.4 % of revenue where the best possible one of 2 would cover 18.6 %: 8 % of it, below 80 %. "
        "The criteria pick small customers."
    )
    assert found["warning_da"] == (
        "Listen dækker 1,4 % af omsætningen, hvor den bedst mulige liste med 2 kunder ville dække 18,6 %: 8 % af det, "
        "under 80 %. Kriterierne vælger små kunder."
    )


def test_fewer_than_twenty_customers_make_no_list_that_can_be_defended(reused_warehouse):
    found = listed(reused_warehouse, falling(19))
    assert found["status"] == "insufficient_data"
    assert found["warning"] == "Only 19 customers have revenue; from 20 on a list can be defended."
    assert found["warning_da"].startswith("Kun 19 kunder har omsætning")


def test_without_any_revenue_nobody_is_proposed(reused_warehouse):
    found = listed(reused_warehouse, [(name, score, 0) for name, score, _ in falling(5)])
    assert (found["list_cnt"], found["covered_share"], found["coverage"]) == (0, None, None)
    assert found["status"] == "insufficient_data"
    assert "Nobody can be proposed" in found["warning"]
    assert members(reused_warehouse) == []


def test_one_customer_with_everything_is_the_list(reused_warehouse):
    found = listed(reused_warehouse, [("all", 1.0, 500), *((f"g{place}", 0.0, 0) for place in range(30))])
    assert (found["customers_cnt"], found["list_cnt"], found["coverage"]) == (1, 1, 1)
    assert members(reused_warehouse) == ["all"]
    assert found["status"] == "insufficient_data"


def test_equal_customers_at_the_end_of_the_list_are_told_of(reused_warehouse):
    found = listed(reused_warehouse, [(f"g{place:02}", 0.5, 100) for place in range(30)])
    assert found["tied_cnt"] == 30
    assert "30 customers are level at the end of the list; the id decides." in found["warning"]
    reasons = by_key(reused_warehouse, "select group_id, reason, reason_da from marts.key_account_candidate")
    assert "; level with 29 others, the id decides" in reasons["g00"][0]
    assert "; på linje med 29 andre, kundens id afgør" in reasons["g00"][1]


def test_equal_customers_that_are_all_on_one_side_are_not(reused_warehouse):
    groups = falling(20)
    groups[18:] = [("x", 0.01, 100), ("y", 0.01, 100)]
    assert listed(reused_warehouse, groups)["tied_cnt"] == 0


def test_who_does_not_pass_a_gate_leaves_the_place_to_the_next(reused_warehouse):
    found = listed(reused_warehouse, falling(20), gates=[("g01", "margin must be at least 0.2")])
    assert members(reused_warehouse) == ["g02", "g03"]
    assert found["barred_cnt"] == 1
    rows = by_key(reused_warehouse, "select group_id, rank, band, is_eligible, reason from marts.key_account_candidate")
    rank, band, is_eligible, reason = rows["g01"]
    assert (rank, band, is_eligible) == (20, "outside", False)
    assert reason.startswith("Not proposed: margin must be at least 0.2; rank 20 of 20 with score 0.95")


def test_contradicting_gates_of_the_data_leave_an_empty_list_and_a_warning(reused_warehouse):
    found = listed(reused_warehouse, falling(20), gates=[(name, "no") for name, *_ in falling(20)])
    assert (found["list_cnt"], found["status"]) == (0, "insufficient_data")
    assert found["warning"] == "Nobody can be proposed: no criterion has figures, or nobody passes the gates."


def test_an_include_takes_a_place_and_an_exclude_gives_one(reused_warehouse):
    given = [override("g15", "include"), override("g01", "exclude")]
    found = listed(reused_warehouse, falling(20), designation=given)
    assert members(reused_warehouse) == ["g02", "g15"]
    assert (found["included_cnt"], found["excluded_cnt"], found["list_cnt"]) == (1, 1, 2)
    reasons = by_key(reused_warehouse, "select group_id, reason, reason_da from marts.key_account_candidate")
    assert reasons["g15"][0].startswith("Add: by decision of Ann until 2027-01-01 (a bid); rank 14 of 20")
    assert reasons["g15"][1].startswith("Tilføj: efter beslutning af Ann indtil 01-01-2027 (a bid); nr. 14 af 20")
    assert reasons["g01"][0].startswith("Not proposed: by decision of Ann")


@pytest.mark.parametrize("status", ["expired", "not_yet", "over_the_bound"])
def test_an_override_that_does_not_hold_changes_nothing(reused_warehouse, status):
    given = [override("g15", "include", status), override("g01", "exclude", status)]
    listed(reused_warehouse, falling(20), designation=given)
    assert members(reused_warehouse) == ["g01", "g02"]


def test_an_include_does_not_hide_a_gate_that_is_not_passed(reused_warehouse):
    given, gates = [override("g15", "include")], [("g15", "margin must be at least 0.2")]
    listed(reused_warehouse, falling(20), designation=given, gates=gates)
    reasons = by_key(reused_warehouse, "select group_id, reason from marts.key_account_candidate")
    assert "(a bid); margin must be at least 0.2; rank 20 of 20" in reasons["g15"]


def test_a_decision_that_costs_coverage_is_not_put_down_to_the_criteria(reused_warehouse):
    found = listed(reused_warehouse, falling(20), designation=[override("g20", "include")])
    # 2000 + 100 instead of 2000 + 1900
    assert found["coverage"] == pytest.approx(2100 / 3900)
    assert found["warning"].endswith("below 80 %. Criteria or decisions pick small customers.")


def test_what_is_not_known_is_never_the_main_reason(warehouse):
    insert(warehouse, "Account", [{"Id": f"a{place}", "Name": f"Customer {place}"} for place in range(5)])
    amounts = [None, 100, 200, 300, 400]
    insert(warehouse, "Opportunity", [won(f"o{place}", f"a{place}", amount) for place, amount in enumerate(amounts)])
    build(warehouse, "marts.key_account_candidate")
    reasons = by_key(warehouse, "select group_id, reason from marts.key_account_candidate")
    assert "revenue not known" in reasons["a0"]
    assert "most of it" not in reasons["a0"]
    assert "most of it from revenue" in reasons["a4"]


def test_credits_and_hardly_any_growth_read_as_what_they_are(warehouse):
    insert(warehouse, "Account", [{"Id": name, "Name": name} for name in ("credited", "steady")])
    insert(
        warehouse,
        "Opportunity",
        [
            won("c", "credited", -500),
            won("c0", "credited", 900, "2024-07-15"),
            won("s", "steady", 997),
            won("s0", "steady", 1000, "2024-07-15"),
        ],
    )
    build(warehouse, "marts.key_account_candidate")
    reasons = by_key(warehouse, "select group_id, reason, reason_da from marts.key_account_candidate")
    assert "-500 XXX in 12 months, more credits than revenue" in reasons["credited"][0]
    assert "-500 XXX på 12 måneder, mere krediteret end solgt" in reasons["credited"][1]
    assert ", 0 % on the year before)" in reasons["steady"][0]


def test_an_estimate_alone_proposes_nobody(reused_warehouse):
    listed(reused_warehouse, falling(20), modelled=["g01"])
    assert members(reused_warehouse) == ["g02", "g03"]
    rows = by_key(reused_warehouse, "select group_id, reason, reason_da from marts.key_account_candidate")
    assert rows["g01"][0].startswith("Not proposed: nothing but an estimate speaks for it; ")
    assert rows["g01"][1].startswith("Ikke foreslået: kun et skøn taler for den; ")


# --- capacity ----------------------------------------------------------------------------------------------------


def capacity(warehouse, **limits):
    """24 customers of falling revenue: a list of 3, of which ann has two and nobody the third."""
    for place in range(24):
        owner = "ann" if place < 2 else None
        account(warehouse, f"a{place:02}", OwnerId=owner, IsKeyAccount="yes" if place < 4 else None)
    insert(warehouse, "Opportunity", [won(f"o{place:02}", f"a{place:02}", 1000 - place) for place in range(24)])
    criteria = {"capacity": limits} if limits else {}
    build(warehouse, "marts.programme_capacity", configuration=make_configuration(criteria=criteria))
    return by_key(
        warehouse,
        "select list, groups_cnt, managers_cnt, unmanaged_cnt, accounts_per_manager, busiest_cnt, overloaded_cnt, "
        "size_band, is_within_capacity, reason, reason_da from marts.programme_capacity",
    )


def test_capacity_counts_managers_and_names_none(warehouse):
    found = capacity(warehouse)
    assert found["proposed"] == (
        3, 1, 1, 2.0, 2, 0, "small", False,
        "Key accounts: 3 (a programme works from 15); managers: 1, 2.0 each, 2 at most (limit 10); "
        "without a manager: 1.",
        "Nøglekunder: 3 (et program fungerer først fra 15); ansvarlige: 1, 2,0 hver, højst 2 (grænse 10); "
        "uden ansvarlig: 1.",
    )  # fmt: skip
    assert "ann" not in str(found)


def test_a_manager_beyond_the_limit_is_counted(warehouse):
    found = capacity(warehouse, max_accounts_per_manager=1, min_programme=1, max_programme=2, too_many=2)
    assert found["proposed"][5:8] == (1, "too_many", False)
