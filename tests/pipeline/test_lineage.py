"""What an edit of kam.yaml reaches: the declared graph misses nothing, and what is stale follows from it."""

import inspect
import re
from pathlib import Path

import pytest

from kam_pipeline import evaluation
from kam_pipeline import lineage as lineage_module
from kam_pipeline.lineage import SECTIONS_OF_PARAMETER
from kam_pipeline.settings.configuration import SECTIONS
from kam_pipeline.tables import lineage, tables
from tests.factories import build, contact, currency, feed_row, make_configuration, make_evaluation, opportunity
from tests.twelve_accounts import busy_company, user

# An edit of each section that makes at least one row of the company below come out otherwise.
EDITS = {
    "reading": {"mapping": {"Account": {"fields": {"Industry": "Branche"}}}},
    "source": {"source": {"record_url": "https://crm.example/{id}"}},
    "mapping": {"mapping": {"Opportunity": {"stages": {"won": ["Signed"], "lost": ["Closed Lost"]}}}},
    "scope": {"scope": {"exclude_accounts": {"ids": ["A02"]}}},
    "groups": {"groups": {"file": "groups.csv"}},
    "feeds": {"feeds": {"satisfaction": {"file": "s.csv", "satisfied_from": 9}}},
    "currency": {"currency": {"rates": {"DKK": 8}}},
    "fiscal_year": {"fiscal_year": {"start_month": 4}},
    "revenue_basis": {"revenue_basis": "orders"},
    "relevance": {"relevance": {"min_groups": 12, "dependence_share": 0.25, "bootstrap_draws": 200}},
    "potential": {"criteria": {"potential": {"is_on": False}}},
    "criteria": {"criteria": {"cap": 1, "admit_without_revenue_from_potential_percentile": 0.1}},
    "kpis": {"kpis": {"segments": ["country"], "contact_days": 30, "cross_sell_months": 1}},
    "maturity": {"maturity": {"target": 2, "seniority": {"senior": ["tovholder"]}}},
    "quality": {"quality": {"max_rejected_share": 0.5}},
    "schedule": {"schedule": {"timezone": "Europe/Copenhagen"}},
    "publish": {"publish": {"facts": "all"}},
}
BASE = {"feeds": {"satisfaction": {"file": "s.csv", "satisfied_from": 8}}}


def rows(warehouse):
    """Every table with its rows as text, in a stable order."""
    return {
        name: warehouse.rows(f'select t::varchar from {table.contract.layer}."{table.contract.name}" as t order by all')
        for name, table in tables().items()
    }


def configured(folder, *edits):
    sections = {name: values for edit in (BASE, *edits) for name, values in edit.items()}
    source = sections.pop("source", {})
    made = make_configuration(folder, **sections)
    settings = made.settings
    changed = settings.model_copy(update={"source": settings.source.model_copy(update=source)})
    return type(made)(changed, folder)


@pytest.fixture(scope="module")
def company(reused_warehouse, tmp_path_factory):
    """The twelve accounts with foreign money, a contact whose title is unclear, a deal lost and scores."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "groups.csv").write_text("account_id,group_id,reason,since\nA03,A01,bought,\n", encoding="utf-8")
    busy_company(reused_warehouse)
    currency(reused_warehouse, "DKK", 7.5)
    opportunity(reused_warehouse, "kroner", "A04", CurrencyIsoCode="DKK", Amount=750)
    opportunity(reused_warehouse, "by stage", "A04", IsWon=None, IsClosed=None, StageName="Signed")
    contact(reused_warehouse, "c99", Title="Tovholder")
    user(reused_warehouse, "u77")
    feed_row(reused_warehouse, "satisfaction", "s1", "A01", score=8)
    build(reused_warehouse, configuration=configured(folder))
    return reused_warehouse, folder, rows(reused_warehouse)


def test_every_section_that_makes_a_table_has_an_edit_here():
    assert set(EDITS) == set(SECTIONS) - {"report"}


@pytest.mark.parametrize(
    "section",
    # every edit makes every table again: two of them each time, the others in the slow run
    [pytest.param(name, marks=() if name in ("mapping", "criteria") else pytest.mark.slow) for name in EDITS],
)
def test_an_edit_changes_no_table_that_is_not_below_its_section(company, section):
    warehouse, folder, before = company
    build(warehouse, configuration=configured(folder, EDITS[section]))
    after = rows(warehouse)
    changed = {name for name, found in after.items() if found != before[name]}
    assert changed - {"marts.snapshot", "marts.data_quality"} or section in ("reading", "quality")
    assert changed <= set(lineage().tables_below(section))


def test_a_new_weight_leaves_what_similar_customers_buy_as_it_is():
    before = make_configuration()
    after = make_configuration(criteria={"cap": 7})
    assert lineage().recipe("marts.group_potential", before) == lineage().recipe("marts.group_potential", after)
    assert lineage().recipe("marts.candidate_rank", before) != lineage().recipe("marts.candidate_rank", after)


def test_the_way_from_parameter_to_section_is_complete():
    given = evaluation.model_parameters(make_configuration(), make_evaluation())
    assert set(SECTIONS_OF_PARAMETER) == set(given)
    assert {section for sections in SECTIONS_OF_PARAMETER.values() for section in sections} <= set(SECTIONS)
    text = inspect.getsource(evaluation.model_parameters)
    for name in re.findall(r'"(\w+)": settings\.(?!source|schedule|publish)(\w+)', text):
        assert name[1] in SECTIONS_OF_PARAMETER[name[0]], name


def test_only_declared_sections_are_named_in_contracts():
    named = {section for table in tables().values() for section in table.contract.sections}
    assert named <= set(SECTIONS)


def test_what_only_shows_results_is_no_code_of_a_table():
    # a name that is not there leaves out nothing: what it stood for would make every table stale
    package = Path(lineage_module.__file__).parent
    assert [name for name in lineage_module.NO_TABLES if not (package / name).exists()] == []
    showing = {
        path.name for pattern in ("cli*.py", "presentation*.py", "progress.py") for path in package.glob(pattern)
    }
    assert showing <= lineage_module.NO_TABLES


def test_an_edit_of_the_criteria_reaches_the_candidates_and_what_hangs_on_them_and_nothing_above():
    below = set(lineage().tables_below("criteria"))
    assert {"marts.candidate_pool", "marts.key_account_candidate", "marts.candidate_change"} <= below
    above = {name for name in tables() if name.startswith(("staging.", "core."))} | {
        "marts.entity_revenue", "marts.revenue_concentration", "marts.kam_relevance", "marts.group_metric",
        "marts.group_field", "marts.potential_model", "marts.potential_estimate", "marts.kpi_group_month",
    }  # fmt: skip
    assert below & above == set()
