"""docs/criteria.md is true: figures, keys, functions, every example, and the company that is worked out by hand."""

import re
from pathlib import Path

import duckdb
import pytest
import yaml

from kam_pipeline.expressions import FUNCTIONS
from kam_pipeline.metric_catalogue import GROUP_METRICS
from kam_pipeline.selection.chain import INPUTS, Selection, other_selection
from kam_pipeline.settings.criteria import Capacity, Criteria, Stability
from kam_pipeline.settings.criterion import Band, Criterion, Gate
from kam_pipeline.settings.feeds import Feeds
from kam_pipeline.settings.overrides import Overrides
from kam_pipeline.settings.potential import Potential
from kam_pipeline.sql_models import sql_models
from tests.factories import AS_OF

PAGE = (Path(__file__).parents[2] / "docs" / "criteria.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]
EUR = "select 'EUR' as reporting_currency"


def table_under(heading):
    """The rows of the first table after a heading, without its first two lines."""
    lines = PAGE[PAGE.index(heading) :].split("\n|", 1)[1].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[2:]]


def test_every_figure_is_listed_as_it_is_declared():
    declared = [
        [f"`{metric.name}`", "money" if metric.unit == "currency" else metric.unit, metric.better, metric.description]
        for metric in GROUP_METRICS
    ]
    assert table_under("### `metric`") == declared


@pytest.mark.parametrize("section", [Criteria, Criterion, Gate, Band, Stability, Capacity, Overrides, Potential])
def test_every_key_is_explained(section):
    unexplained = [key for key in section.model_fields if not re.search(rf"[`{{ .]{key}[`:]", PAGE)]
    assert unexplained == []


def test_the_functions_that_an_expression_may_use_are_all_named():
    listed = re.search(r"and the functions `([a-z0-9\s]+)`", PAGE)
    named = {name for name in FUNCTIONS if name.isalnum()}
    assert set(listed[1].split()) == named - {"ceiling", "pow"}  # other spellings of ceil and power


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_can_be_used(example):
    if isinstance(example, list):
        Criteria.model_validate({"items": example})
    elif "feeds" in example:
        Feeds.model_validate(example["feeds"])
    else:
        Criteria.model_validate(example.get("criteria", example))


# --- the company of the page -----------------------------------------------------------------------------------------


def amount(text):
    return int(text.replace(",", ""))


def company():
    """The customers of the page: name, 3-year mean, revenue of 12 months, tier, designated, and what is to come out."""
    for name, mean, year, tier, size, fit, score, rank, designated, decision in table_under("## An example"):
        expected = (float(size), float(fit), float(score), decision)
        figures = (amount(mean), amount(year), None if tier == "not known" else tier, designated == "yes")
        if name == "sixteen others":
            yield from ((f"other{place:02}", *figures, None, expected) for place in range(16))
        else:
            yield name, *figures, int(rank), expected


def table(connection, name, *rows):
    """Make an input with the columns of its contract; what a row does not name is null."""
    columns = sql_models()[f"marts.{name}"].contract.columns
    kinds = ", ".join(f"{column.name} {column.type}" for column in columns)
    connection.execute(f"create table {name} ({kinds})")
    for row in rows:
        given = {"as_of_date": AS_OF, **row}
        connection.execute(f"insert into {name} ({', '.join(given)}) values ({', '.join('?' * len(given))})",
                           list(given.values()))  # fmt: skip


def found(criteria, *queries):
    """Rank the company, and return the rows of queries over the tables of the selection."""
    customers = list(company())
    with duckdb.connect() as connection:
        table(
            connection, "group_metric",
            *({"group_id": name.lower(), "group_name": name, "revenue_mean_3y_amt": mean, "revenue_amt": year,
               "is_key_account": designated} for name, mean, year, _, designated, *_ in customers),
        )  # fmt: skip
        table(
            connection, "group_field",
            *({"group_id": name.lower(), "field": "Tier__c", "field_value": tier, "accounts_cnt": 1, "is_top": True}
              for name, _, _, tier, *_ in customers if tier),
        )  # fmt: skip
        table(connection, "designation")
        inputs = {name: EUR if name.startswith("core") else f"select * from memory.main.{name[6:]}" for name in INPUTS}
        with other_selection(connection, Selection(criteria, AS_OF, 20), inputs):
            return [connection.execute(query).fetchall() for query in queries]


CRITERIA = EXAMPLES[0]["criteria"]
RANKING = (
    "select ranked.group_name, ranked.rank, round(size.score, 3), round(tier.score, 3), round(ranked.score, 3), "
    "ranked.decision from marts.key_account_candidate as ranked "
    "inner join marts.candidate_criterion as size on ranked.group_id = size.group_id and size.criterion = 'size' "
    "inner join marts.candidate_criterion as tier on ranked.group_id = tier.group_id and tier.criterion = 'tier' "
    "order by ranked.rank"
)
COVER = (
    "select list_cnt, round(covered_share, 3), round(best_share, 3), round(coverage, 2), warning "
    "from marts.candidate_list"
)


def test_the_company_comes_out_as_worked_out_by_hand():
    ranking, [(listed, covered, best, coverage, warning)] = found(Criteria.model_validate(CRITERIA), RANKING, COVER)
    for (name, *_, rank, expected), (found_name, found_rank, *came_out) in zip(company(), ranking, strict=True):
        assert (found_name, tuple(came_out)) == (name, expected)
        assert rank is None or rank == found_rank
    assert (listed, covered, best, coverage, warning) == (2, 0.89, 0.89, 1, None)


def test_equal_weights_do_what_the_page_says():
    size, tier = CRITERIA["items"]
    equal = Criteria.model_validate({"items": [size, {**tier, "weight": 3}]})
    ranking, [(_, covered, best, coverage, warning)] = found(equal, RANKING, COVER)
    decided = {name: (rank, score, decision) for name, rank, _, _, score, decision in ranking}
    assert decided["Dyno"] == (1, 0.667, "keep")
    assert decided["Acme"] == (4, 0.5, "exit")
    assert (covered, best, coverage) == (0.124, 0.89, 0.14)
    assert "below 80 %" in warning
