"""What `kam whatif` says of a file is what a run with that file publishes."""

import pytest
import yaml

from kam_pipeline.selection.whatif import what_if
from kam_pipeline.settings import load_configuration
from kam_pipeline.settings.criteria_file import read_alternatives

OTHER = {
    "cap": 4,
    "items": [
        {"name": "newest", "expression": "0.9 * revenue_amt + 0.1 * prior_amt", "transform": "log", "weight": 0.5},
        {"name": "growth", "metric": "revenue_growth", "transform": "percentile", "weight": 0.5},
    ],
    "gates": [{"name": "small_enough", "metric": "revenue_amt", "at_most": 80000}],
    "stability": {"draws": 40},
}


@pytest.mark.slow
def test_what_it_says_is_what_a_run_publishes(company):
    for deal in company.deals:
        # the odd ones sell twice as much in the last twelve months
        if int(deal["AccountId"][1:]) % 2 and deal["CloseDate"] >= "2025-07-01":
            deal["Amount"] = str(2 * int(deal["Amount"]))
    company.accounts[19]["Name"] = "Twenty"
    day = company.run()
    before = company.read("select group_id from key_account_candidate where is_in_list order by rank")
    (company.folder / "other.yaml").write_text(yaml.safe_dump(OTHER), encoding="utf-8")
    config = company.folder / "kam.yaml"
    configuration = load_configuration(config)
    named = read_alternatives([company.folder / "other.yaml"], [], config, configuration.settings.mapping)
    found = what_if(company.published, named, configuration.settings.relevance.min_groups)
    [other] = found.alternatives

    company.settings += yaml.safe_dump({"criteria": OTHER})
    company.run(day, "then")
    listed = company.read("select group_id, rank from key_account_candidate where is_in_list order by rank")
    assert [(side.group_id, side.ranks[1]) for side in found.sides if side.ranks[1]] == sorted(
        listed, key=lambda row: [side.group_id for side in found.sides].index(row[0])
    )
    assert {group.group_id for group in other.entering} == {row[0] for row in listed} - {row[0] for row in before}
    assert other.entering
    assert other.leaving
    said = {group.group_id: (group.rank_now, group.decision_now, group.reason, group.reason_da)
            for group in (*other.entering, *other.leaving, *other.decisions)}  # fmt: skip
    published = company.read("select group_id, rank, decision, reason, reason_da from key_account_candidate")
    assert {row[0]: row[1:] for row in published if row[0] in said} == said
    columns = "list_cnt, cap, add_cnt, barred_cnt, covered_share, coverage, mean_stability, warning, warning_da"
    assert company.read(f"select {columns} from candidate_list where as_of_date = '{day}'") == [
        tuple(getattr(other.figures, name) for name in columns.split(", "))
    ]
    assert other.figures.mean_stability is not None
    assert company.read("select criteria_version from snapshot") == [(other.criteria_version,)]
    again = what_if(company.published, named, configuration.settings.relevance.min_groups)
    assert again.alternatives[0].changes_nothing
