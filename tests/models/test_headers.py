"""The header of every table holds for a small company with a bit of everything."""

import re

import duckdb
import pytest

from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings.operation import Engine
from kam_pipeline.tables import published_contracts, tables
from kam_pipeline.warehouse import Warehouse, quoted
from tests.factories import (
    ALL_FEEDS,
    AS_OF,
    account,
    build,
    contact,
    corporate_currency,
    currency,
    dated_rate,
    event,
    feed_row,
    feeds_loaded,
    insert,
    make_configuration,
    merged_account,
    opportunity,
    order,
    organization,
    task,
    utc,
    won,
)

ALL = sorted(tables())
MODELS = sorted(name for name, table in tables().items() if table.model)
# Rows appear in these only after a defect of the pipeline or in another setting than the one here.
# Fewer than 50 customers, and nothing is estimated.
MAY_BE_EMPTY = {"staging.group_override", "marts.potential_estimate"}
CRITERIA = {"preset": "rfm", "gates": [{"name": "size", "metric": "revenue_amt", "at_least": 25}]}
SECTIONS = {"currency": {"rates": {"NOK": 11.0}}, "feeds": ALL_FEEDS, "criteria": CRITERIA}


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    with Warehouse.open(folder / "warehouse.duckdb", Engine()) as warehouse:
        make_raw_tables(warehouse)
        _put_records(warehouse)
        _put_earlier_criteria(warehouse, folder)
        build(warehouse, configuration=make_configuration(folder, **SECTIONS))
        yield warehouse


def _put_records(warehouse):
    organization(warehouse, TimeZoneSidKey="Europe/Copenhagen", FiscalYearStartMonth=4)
    corporate_currency(warehouse, "EUR")
    currency(warehouse, "DKK", 7.5)
    dated_rate(warehouse, "DKK", 7.4, "2026-05-01", "2026-06-01")
    dated_rate(warehouse, "DKK", 7.6, "2026-06-01", "2026-07-01")
    insert(warehouse, "Account", [{"Id": f"a{place:02}", "Name": f"Customer {place}"} for place in range(30)])
    insert(warehouse, "Opportunity", [won(f"o{place:02}", f"a{place:02}", 10 * (place + 1)) for place in range(30)])
    # two years to compare, for enough customers to say how firm a rank is
    earlier = [won(f"p{place:02}", f"a{place:02}", 8 * (place + 1), "2025-03-15") for place in range(30)]
    insert(warehouse, "Opportunity", earlier)
    account(warehouse, "child", ParentId="a00", IsKeyAccount="yes", PotentialAmount=500, Industry="Energy")
    account(warehouse, "unread", _unparsed='{"PotentialAmount":"12 mio"}')
    account(warehouse, "circle 1", ParentId="circle 2")
    account(warehouse, "circle 2", ParentId="circle 1")
    account(warehouse, "internal", IsInternal=True)
    merged_account(warehouse, "merged", "a01")
    opportunity(warehouse, "dkk", "child", CurrencyIsoCode="DKK", CreatedDate=utc(2026, 2, 1))
    opportunity(warehouse, "no rate", "child", CurrencyIsoCode="GBP")
    opportunity(warehouse, "open", "child", IsWon=False, IsClosed=False, CloseDate="2026-09-01")
    opportunity(warehouse, "lost", "child", IsWon=False, LossReason="Price")
    opportunity(warehouse, "rejected", "ghost")
    order(warehouse, "order", "child")
    order(warehouse, "order without account", None)
    contact(warehouse, "contact", AccountId="child")
    contact(warehouse, "deleted contact", IsDeleted=True)
    task(warehouse, "task", WhoId="contact")
    event(warehouse, "event", AccountId="a29")
    event(warehouse, "copy", AccountId="a29", IsChild=True)
    for feed in ALL_FEEDS:
        feed_row(warehouse, feed, f"{feed} 1", "a03")
        feed_row(warehouse, feed, f"{feed} 2", "ghost")
    # the fiscal year begins in April: on 1 July 2026 that of 2027 is running
    feed_row(warehouse, "targets", "running", "a03", year=2027)
    feed_row(warehouse, "decisions", "in", "a04", status="include", reason="bid", approved_by="Ann")
    feed_row(warehouse, "decisions", "out", "a04", status="exclude", reason="sold", approved_by="Ann")
    feeds_loaded(warehouse)
    for name in ("OpportunityLineItem", "Product2", "OpportunityContactRole", "AccountTeamMember", "User", "Case"):
        insert(warehouse, name, [{"Id": f"{name} 1"}, {"Id": f"{name} 2"}])


def _put_earlier_criteria(warehouse, folder):
    """Say that before an edit of today only one place was on the list, so that there is a change to tell."""
    earlier = make_configuration(folder, criteria={**CRITERIA, "cap": 1})
    warehouse.connection.execute("create table published.criteria (criteria_version text, text text, valid_from date)")
    row = [earlier.criteria_version, earlier.criteria_text, AS_OF]
    warehouse.connection.execute("insert into published.criteria values (?, ?, ?)", row)


def table_name(full_name):
    layer, name = full_name.split(".")
    return f"{layer}.{quoted(name)}"


@pytest.mark.parametrize("name", ALL)
def test_the_table_has_the_columns_and_types_of_its_header(company, name):
    layer, table = name.split(".")
    found = company.rows(
        "select column_name, data_type from duckdb_columns() where database_name = 'warehouse' "
        "and schema_name = $layer and table_name = $table order by column_index",
        {"layer": layer, "table": table},
    )
    assert found == [(column.name, column.type) for column in tables()[name].contract.columns]


@pytest.mark.parametrize("name", ALL)
def test_the_key_is_unique_and_never_null(company, name):
    key = ", ".join(quoted(column) for column in tables()[name].contract.key)
    anything_null = " or ".join(f"{quoted(column)} is null" for column in tables()[name].contract.key)
    assert company.rows(f"select {key} from {table_name(name)} where {anything_null}") == []
    assert company.rows(f"select {key}, count(*) from {table_name(name)} group by {key} having count(*) > 1") == []


@pytest.mark.parametrize("name", ALL)
def test_the_small_company_puts_rows_into_the_table(company, name):
    assert name in MAY_BE_EMPTY or company.value(f"select count(*) from {table_name(name)}") > 0


@pytest.mark.parametrize("name", MODELS)
def test_inputs_are_the_tables_that_the_query_reads(name):
    model = tables()[name].model
    with duckdb.connect() as connection:
        # numbers are bound to a number, because a quantile may not be null
        without_params = re.sub(r"\$\w+::double", "0.5::double", model.query)
        without_params = re.sub(r"\$[a-z_][a-z0-9_]*", "null", without_params)
        read = connection.get_table_names(without_params, qualified=True)
    # "raw.case AS record", and bare names for common table expressions
    full_names = {re.split(r"\s+AS\s+", text, flags=re.IGNORECASE)[0].replace('"', "") for text in read}
    assert sorted(model.contract.inputs) == sorted(text for text in full_names if "." in text)


@pytest.mark.parametrize("name", MODELS)
def test_params_are_those_that_the_query_names(name):
    model = tables()[name].model
    query = re.sub(r"--[^\n]*", "", model.query)
    assert sorted(model.contract.params) == sorted(set(re.findall(r"\$([a-z_][a-z0-9_]*)", query)))


@pytest.mark.parametrize("name", MODELS)
def test_whatever_is_read_comes_from_the_same_layer_or_one_below(name):
    order = ("raw", "staging", "core", "marts")
    contract = tables()[name].contract
    above = [text for text in contract.inputs if order.index(text.split(".")[0]) > order.index(contract.layer)]
    assert above == []


@pytest.mark.parametrize("name", ALL)
def test_everything_is_described(name):
    contract = tables()[name].contract
    assert contract.title.endswith((".", "?")), contract.title
    assert contract.grain.startswith(("one row", "one ")), contract.grain
    assert all(len(column.description.strip()) >= 3 for column in contract.columns)


@pytest.mark.parametrize("name", [contract.full_name for contract in published_contracts()])
def test_published_column_names_follow_the_suffixes(name):
    types = {
        "_amt": "DECIMAL(18,2)", "_share": "DOUBLE", "_cnt": "BIGINT", "_on": "DATE", "_at": "TIMESTAMP",
    }  # fmt: skip
    wrong = [
        f"{column.name} {column.type}"
        for column in tables()[name].contract.columns
        for suffix, kind in types.items()
        if column.name.endswith(suffix) and column.type != kind
    ]
    wrong += [
        f"{column.name} {column.type}"
        for column in tables()[name].contract.columns
        if column.name.startswith(("is_", "has_")) != (column.type == "BOOLEAN") and column.name != "passed"
    ]
    assert wrong == []


def test_a_company_without_any_record_can_be_built(warehouse):
    build(warehouse)
    assert warehouse.rows("select basis, verdict from marts.kam_relevance order by 1") == [
        ("account", "insufficient_data"),
        ("group", "insufficient_data"),
    ]


def test_building_the_same_twice_gives_equal_rows(company):
    before = {name: company.rows(f"select * from {table_name(name)} order by all") for name in ALL}
    build(company, configuration=make_configuration(**SECTIONS))
    changed = [name for name in ALL if company.rows(f"select * from {table_name(name)} order by all") != before[name]]
    assert changed == []
