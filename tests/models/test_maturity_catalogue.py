"""The maturity catalogue and its SQL files: complete in both languages, and one form for all."""

import re

import duckdb
import pytest

from kam_pipeline.crm_schema import crm_object
from kam_pipeline.maturity.observing import MATURITY_FOLDER, MATURITY_OBSERVATION
from kam_pipeline.maturity_catalogue import INDICATORS, PRACTICES
from kam_pipeline.maturity_catalogue.declaration import Bands, Lack, Measure, Text
from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings import Settings
from kam_pipeline.settings.operation import Engine
from kam_pipeline.settings.source import FilesSource
from kam_pipeline.sql_models import part_models
from kam_pipeline.tables import tables
from kam_pipeline.warehouse import Warehouse
from tests.factories import build, insert
from tests.twelve_accounts import twelve_accounts, usual_activities

MODELS = part_models(MATURITY_OBSERVATION, MATURITY_FOLDER)
PARTS = sorted(MODELS)
PART_COLUMNS = [(column.name, column.type) for column in MATURITY_OBSERVATION.columns[2:]]
MEASURED = sorted(key for key, item in INDICATORS.items() if isinstance(item.how, Measure))
DANISH_LETTERS = re.compile(
    r"[æøåé]|\b(?:og|er|ikke|med|det|den|der|af|på|til|en|et|for|som|i|hos|pr|over)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A company in which every part finds rows."""
    with Warehouse.open(tmp_path_factory.mktemp("company") / "warehouse.duckdb", Engine()) as warehouse:
        make_raw_tables(warehouse)
        twelve_accounts(warehouse)
        usual_activities(warehouse)
        insert(warehouse, "User", [{"Id": "u1", "Department": "Sales"}])
        build(warehouse)
        yield warehouse


def texts_of(declared):
    """Every text of an entry that readers may see."""
    how = declared.how
    texts = {"name": declared.name, "caveat": declared.caveat, "remedy": declared.remedy, "source": declared.source}
    if isinstance(how, Lack):
        return texts | {"reason": how.reason}
    return texts | {"unseen": how.unseen, "counted": how.counted}


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_the_nine_practices_are_the_public_ones_in_order():
    assert [practice.key for practice in PRACTICES] == [
        "customer_focus", "strategic_anchoring", "management_backing", "cross_functional_teams",
        "structures_and_tools", "competence", "data_driven_insight", "personal_relation", "measurement_and_learning",
    ]  # fmt: skip


def test_every_measured_indicator_has_one_sql_file_and_every_file_one_entry():
    assert PARTS == MEASURED


def test_an_indicator_belongs_to_one_practice():
    keys = [indicator.key for practice in PRACTICES for indicator in practice.indicators]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    "practice", ["customer_focus", "data_driven_insight", "personal_relation", "measurement_and_learning"]
)
def test_the_four_practices_that_a_crm_shows_have_at_least_two_measured_indicators(practice):
    declared = next(item for item in PRACTICES if item.key == practice)
    measured = [item for item in declared.indicators if isinstance(item.how, Measure) and not item.how.stands_in_for]
    assert len(measured) >= 2


@pytest.mark.parametrize("key", sorted(INDICATORS))
def test_every_english_text_has_a_danish_one_of_its_own(key):
    for what, text in texts_of(INDICATORS[key]).items():
        assert isinstance(text, Text)
        assert bool(text.en) == bool(text.da), what
        if text.en:
            assert text.en != text.da, what
            assert len(text.da) < 60 or DANISH_LETTERS.search(text.da), (what, text.da)
            assert not re.search(r"[æøå]", text.en, re.IGNORECASE), (what, text.en)
    for what in ("caveat", "remedy"):
        for text in texts_of(INDICATORS[key])[what]:
            assert text.endswith("."), (what, text)
            assert len(text) > 20, (what, text)


@pytest.mark.parametrize("practice", PRACTICES, ids=lambda practice: practice.key)
def test_every_practice_has_a_name_in_both_languages(practice):
    assert practice.name.en
    assert practice.name.da


@pytest.mark.parametrize("key", sorted(INDICATORS))
def test_declared_anchors_are_such_as_kam_yaml_would_accept(key):
    declared = INDICATORS[key]
    assert declared.weight > 0
    assert declared.source.en
    if isinstance(declared.scale, Bands):
        change = {
            "bands": [list(band) for band in declared.scale.bands],
            "small_shares": list(declared.scale.small_shares),
        }
    else:
        change = {"anchors": list(declared.scale.anchors)}
    source = FilesSource(kind="files", path=".")
    settings = Settings(source=source, maturity={"indicators": {key: change}})
    assert settings.maturity.scale_of(declared) == declared.scale
    assert settings.maturity.rules == Settings(source=source).maturity.rules


def test_a_stand_in_stands_in_for_an_indicator_of_its_own_practice():
    for practice in PRACTICES:
        keys = {item.key for item in practice.indicators}
        for item in practice.indicators:
            if isinstance(item.how, Measure) and item.how.stands_in_for:
                assert item.how.stands_in_for in keys - {item.key}


def test_what_an_indicator_needs_is_something_a_source_can_have():
    for item in INDICATORS.values():
        for need in getattr(item.how, "needs", ()):
            for name in need.split("|"):
                object_name, _, field = name.partition(".")
                if object_name == "feeds":
                    assert field in ("satisfaction", "costs", "actuals", "targets")
                    continue
                declared = crm_object(object_name)
                assert declared is not None, name
                assert not field or declared.field(field) is not None, name


# --- the SQL files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PARTS)
def test_a_part_says_what_it_is_and_is_no_table_of_its_own(name):
    assert MODELS[name].contract.title.endswith((".", "?"))
    assert f"marts.{name}" not in tables()


@pytest.mark.parametrize("name", PARTS)
def test_a_part_returns_the_types_of_its_header(company, name):
    model = MODELS[name]
    values = {"as_of_date": "date '2026-07-01'", "min_cost_coverage": "0.8"}
    values |= {"support_titles": "'a'", "senior_titles": "'b'", "other_titles": "'c'"}
    query = re.sub(r"\$([a-z_]+)", lambda match: values[match[1]], model.query)
    found = [(row[0], row[1]) for row in company.rows(f"describe {query}")]
    assert found == PART_COLUMNS


@pytest.mark.parametrize("name", PARTS)
def test_inputs_and_params_are_those_that_the_query_names(name):
    model = MODELS[name]
    query = re.sub(r"--[^\n]*", "", model.query)
    assert sorted(model.contract.params) == sorted(set(re.findall(r"\$([a-z_][a-z0-9_]*)", query)))
    with duckdb.connect() as connection:
        read = connection.get_table_names(re.sub(r"\$[a-z_][a-z0-9_]*", "null", query), qualified=True)
    full_names = {re.split(r"\s+AS\s+", text, flags=re.IGNORECASE)[0].replace('"', "") for text in read}
    assert sorted(model.contract.inputs) == sorted(text for text in full_names if "." in text)
    assert set(model.contract.inputs) <= set(tables())


def test_the_gathered_table_waits_for_everything_that_its_parts_read():
    needed = {name for model in MODELS.values() for name in model.contract.inputs}
    assert set(tables()["marts.maturity_observation"].contract.inputs) == needed


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_a_row_for_each_key_account_or_other_unit_with_words_for_it(company, name):
    rows = company.rows(
        "select observed_id, detail, detail_da from marts.maturity_observation where indicator = $name", {"name": name}
    )
    assert len(rows) == len({row[0] for row in rows}) > 0
    if INDICATORS[name].how.observes == "key_account":
        assert sorted(row[0] for row in rows) == ["A01", "A02", "A05", "A06"]
    for _, english, danish in rows:
        assert english.endswith(".")
        assert danish.endswith(".")
        assert english != danish
