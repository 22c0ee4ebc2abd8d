"""What other criteria would make of the published list."""

from decimal import Decimal

import duckdb
import pytest

from kam_pipeline.errors import WhatIfError
from kam_pipeline.selection.whatif import what_if
from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.settings.criteria_file import NamedCriteria
from tests.selection.published_company import CRITERIA, TABLES, publish_list, published_company, with_sizes

BROAD = {**CRITERIA, "stability": {"draws": 50}}


def held_against(file, *criteria):
    named = [NamedCriteria(f"file {place}", Criteria.model_validate(one)) for place, one in enumerate(criteria, 1)]
    return what_if(file.path, named, 20)


def names(groups):
    return [(group.group_name, group.rank_before, group.rank_now) for group in groups]


def test_a_weight_that_is_raised_lets_one_in_and_another_out(tmp_path):
    found = held_against(published_company(tmp_path), with_sizes(3))
    [other] = found.alternatives
    assert names(other.entering) == [("Acme", 3, 1)]
    assert names(other.leaving) == [("Bolt", 1, 3)]
    assert other.moved == ()  # Cato is second on both
    assert (other.kept_cnt, other.kept_share, other.jaccard) == (1, 1 / 2, 1 / 3)
    assert [(g.group_name, g.decision_before, g.decision_now) for g in other.decisions] == [
        ("Acme", "none", "add"),
        ("Bolt", "keep", "review"),  # designated, and third of 20 is near
    ]
    assert other.entering[0].revenue_amt == Decimal(400)
    assert other.entering[0].reason.startswith("Add: rank 1 of 20 with score 0.75, 400 EUR in 12 months (40.0 %")
    assert other.leaving[0].reason_da.startswith("Vurdér igen, lige uden for listen: nr. 3 af 20")


def test_what_is_covered_is_said_of_both_lists(tmp_path):
    found = held_against(published_company(tmp_path), with_sizes(3))
    now = found.alternatives[0].figures
    # Bolt and Cato have 500 of 1000, Acme and Cato 700, and no two have more
    assert (found.before.covered_share, found.before.best_share, found.before.coverage) == (0.5, 0.7, 5 / 7)
    assert (now.covered_share, now.coverage) == (0.7, 1.0)
    assert "71 % of it, below 80 %" in found.before.warning
    assert now.warning is None
    assert (found.before.mean_stability, now.mean_stability) == (None, None)


def test_two_groups_that_swap_their_places_on_the_list_have_moved(tmp_path):
    [other] = held_against(published_company(tmp_path, groups=30), with_sizes(3)).alternatives
    assert (other.entering, other.leaving) == ((), ())
    assert names(other.moved) == [("Acme", 3, 1), ("Bolt", 1, 3)]  # as far, then by the new rank
    assert (other.kept_share, other.jaccard) == (1.0, 1.0)


@pytest.mark.parametrize("criteria", [CRITERIA, BROAD, with_sizes(2)])
def test_nothing_changed_changes_nothing(tmp_path, criteria):
    found = held_against(published_company(tmp_path, criteria=criteria), criteria)
    assert found.alternatives[0].changes_nothing
    assert found.alternatives[0].figures == found.before
    assert (found.alternatives[0].kept_share, found.alternatives[0].jaccard) == (1.0, 1.0)


def test_weights_that_are_all_doubled_change_nothing(tmp_path):
    doubled = {**CRITERIA, "items": [{**item, "weight": 2} for item in CRITERIA["items"]]}
    assert held_against(published_company(tmp_path), doubled).alternatives[0].changes_nothing


def test_several_criteria_stand_side_by_side(tmp_path):
    found = held_against(published_company(tmp_path), CRITERIA, with_sizes(3), {**CRITERIA, "cap": 1})
    assert [len(other.entering) for other in found.alternatives] == [0, 1, 0]
    assert {side.group_name: side.ranks for side in found.sides} == {
        "Bolt": (1, 1, None, 1),
        "Cato": (2, 2, 2, None),
        "Acme": (None, None, 1, None),
    }
    assert [(pair.one, pair.other, pair.shared_cnt, pair.jaccard) for pair in found.pairs] == [
        (0, 1, 1, 1 / 3),
        (0, 2, 1, 1 / 2),
        (1, 2, 0, 0.0),
    ]


def test_a_group_that_can_no_longer_be_proposed_has_no_rank_and_no_sentence(tmp_path):
    file = published_company(tmp_path / "other", groups=19)
    # a prospect with all the fit there is, admitted for its potential alone
    prospect = {"group_id": "dyno", "group_name": "Dyno", "countries_cnt": 10, "strategic_fit": 10}
    file.add("group_metric", {**prospect, "potential_amt": 900})
    file.change("delete from key_account_candidate")
    file.change("delete from candidate_list")
    publish_list(file, Criteria.model_validate(CRITERIA))
    barred = {**CRITERIA, "admit_without_revenue_from_potential_percentile": None}
    [other] = held_against(file, barred).alternatives
    assert names(other.leaving) == [("Dyno", 1, None)]
    assert (other.leaving[0].decision_now, other.leaving[0].reason) == (None, None)
    assert names(other.entering) == [("Cato", 3, 2)]


def test_decisions_that_override_the_score_stay_as_published(tmp_path):
    file = published_company(tmp_path)
    file.change(
        "insert into designation by name select $1::date as as_of_date, 'acme' as group_id, 'exclude' as override, "
        "'in court' as override_reason, 'the board' as override_by, date '2026-01-01' as override_since_on, "
        "date '2026-12-01' as override_until_on, 'applied' as override_status",
        "2026-07-01",
    )
    found = held_against(file, with_sizes(3))
    assert found.overrides_cnt == 1
    assert [group.group_name for group in found.alternatives[0].entering] == []


def test_what_only_a_run_can_change_is_named(tmp_path):
    file = published_company(tmp_path)
    found = held_against(file, with_sizes(3), {**CRITERIA, "overrides": {"max_days": 30}})
    assert [other.needs_a_run for other in found.alternatives] == [(), ("overrides",)]
    assert found.alternatives[1].changes_nothing


def test_before_the_first_publication_it_says_what_to_run(tmp_path):
    with pytest.raises(WhatIfError, match="nothing has been published yet; start with `kam run`"):
        what_if(tmp_path / "none.duckdb", [], 20)


def test_a_file_of_an_earlier_version_is_named_with_everything_that_it_lacks(tmp_path):
    file = published_company(tmp_path)
    with duckdb.connect(str(file.path)) as connection:
        connection.execute("drop table kam.designation")
        connection.execute("alter table kam.group_metric drop column strategic_fit")
    with pytest.raises(WhatIfError, match="lacks group_metric \\(strategic_fit\\), designation; `kam run` publishes"):
        held_against(file, CRITERIA)


@pytest.mark.parametrize("table", ["group_metric", "candidate_list"])
def test_a_file_without_figures_of_the_newest_date_is_refused(tmp_path, table):
    file = published_company(tmp_path).change(f"delete from {table}")
    with pytest.raises(WhatIfError, match=r"published by another version and lacks the .* of 2026-07-01"):
        held_against(file, CRITERIA)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "key_accounts.duckdb").write_text("no database at all, but long enough to be looked at" * 100)
    with pytest.raises(WhatIfError, match=r"cannot be opened .*; `kam run` publishes it anew"):
        what_if(tmp_path / "key_accounts.duckdb", [], 20)


def test_all_that_is_read_of_the_published_file_is_named(tmp_path):
    # a table that is read and not checked for would end in an error of the database
    file = published_company(tmp_path)
    with duckdb.connect(str(file.path), read_only=True) as connection:
        stored = connection.execute("select table_name from duckdb_tables() where schema_name = 'kam'").fetchall()
    assert sorted(name for (name,) in stored) == sorted(TABLES)
    assert held_against(file, CRITERIA).as_of_date.isoformat() == "2026-07-01"
