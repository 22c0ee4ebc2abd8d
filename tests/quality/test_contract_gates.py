"""The rules of the headers: how they are written, and that each is counted when it is broken.

The rules guard against defects of the pipeline, so that the tables themselves are changed here: no source can do it.
"""

import contextlib

import pytest

from kam_pipeline.contract_rules import Rule, parse_rules
from kam_pipeline.contracts import parse_contract
from kam_pipeline.errors import ContractError
from kam_pipeline.quality.contract_gates import (
    TOLERANCE,
    contract_figures,
    contract_gates,
    count_query,
    is_gated,
)
from kam_pipeline.quality.table import measure_quality
from kam_pipeline.tables import tables
from kam_pipeline.warehouse import quoted
from tests.factories import AS_OF, build, insert, make_configuration, make_evaluation, rebuild, won
from tests.models.test_headers import SECTIONS, _put_earlier_criteria, _put_records

GATED = {name: table.contract for name, table in tables().items() if is_gated(table.contract)}
BROKEN = [
    (name, gate.name, place) for name, contract in GATED.items() for place, gate in enumerate(contract_gates(contract))
]
COLUMNS = ("verdict", "share", "rank", "group_id", "low", "high")
ORDERED = {"DATE": ("'2026-01-02'", "'2026-01-01'"), "BOOLEAN": ("true", "false")}


# --- how they are written --------------------------------------------------------------------------------------------


def test_every_form_of_a_rule_is_read():
    lines = [
        "verdict in relevant, not_relevant",
        "share between 0 and 1.5",
        "rank from -1",
        "group_id references core.account_group",
        "low at most high",
        "verdict, rank not null (warning)",
        "high references core.account.account_id",
    ]
    assert parse_rules(lines, COLUMNS, "here") == (
        Rule(lines[0], "in", ("verdict",), values=("relevant", "not_relevant")),
        Rule(lines[1], "between", ("share",), low=0, high=1.5),
        Rule(lines[2], "from", ("rank",), low=-1),
        Rule(lines[3], "references", ("group_id",), table="core.account_group", target="group_id"),
        Rule(lines[4], "at_most", ("low",), target="high"),
        Rule("verdict, rank not null", "not_null", ("verdict", "rank"), is_warning=True),
        Rule(lines[6], "references", ("high",), table="core.account", target="account_id"),
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("verdict is nice", "cannot read the rule 'verdict is nice'"),
        ("share between 0 and many", "cannot read the rule"),
        ("ghost from 0", "speaks of ghost, which is no column"),
        ("low at most ghost", "speaks of ghost, which is no column"),
    ],
)
def test_a_rule_that_cannot_be_read_is_an_error_of_the_header(line, told):
    with pytest.raises(ContractError, match=f"here.*{told}"):
        parse_rules([line], COLUMNS, "here")


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(ContractError, match="two rules are called rank_in_range"):
        parse_rules(["rank from 1", "rank between 1 and 5"], COLUMNS, "here")


def test_a_header_holds_its_rules_line_by_line():
    contract = parse_contract(
        "core",
        "t\n    A table.\n\ngrain  : one row\nkey    : rank\nrules  :\n  rank, low\n    from 1\n  low not null\n"
        "columns:\n  rank  BIGINT  a rank\n  low  BIGINT  another\n",
        "here",
    )
    assert [(rule.name, rule.columns) for rule in contract.rules] == [
        ("rank_in_range", ("rank", "low")),
        ("low_present", ("low",)),
    ]


def test_what_a_rule_refers_to_is_there():
    missing = []
    for name, table in tables().items():
        for rule in table.contract.rules:
            if rule.kind == "references":
                other = tables()[rule.table].contract
                if rule.target not in {column.name for column in other.columns}:
                    missing.append(f"{name}: {rule.text}")
    assert missing == []


def test_every_published_table_that_is_stored_is_gated_and_has_rules_of_its_own():
    published = {name for name, table in tables().items() if table.contract.is_published and not table.contract.is_view}
    assert published - set(GATED) == {"marts.data_quality"}
    assert [name for name in published if name in GATED and not GATED[name].rules] == []


# --- that they are counted -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def company(reused_warehouse, tmp_path_factory):
    """The company of the headers' tests: a row in every table."""
    _put_records(reused_warehouse)
    _put_earlier_criteria(reused_warehouse, tmp_path_factory.mktemp("earlier"))
    build(reused_warehouse, configuration=make_configuration(**SECTIONS))
    # nothing is estimated for so few customers, and a rule without a row cannot be broken
    insert_estimate = "insert into warehouse.marts.potential_estimate values ($day, 'a00', 10)"
    reused_warehouse.connection.execute(insert_estimate, {"day": AS_OF})
    return reused_warehouse


def counts(company, contract):
    dated = {name for name, item in GATED.items() if item.is_dated}
    [row] = company.rows(count_query(contract, dated), {"day": AS_OF} if contract.is_dated else None)
    return list(row[1:])


@contextlib.contextmanager
def broken(company, contract, change):
    """Inside, the table is changed; afterwards it is as before."""
    company.connection.execute("begin")
    try:
        company.connection.execute(change)
        yield
    finally:
        company.connection.execute("rollback")


def change_of(contract, place):
    """A statement that breaks the gate at a place in one row."""
    table = f"{contract.layer}.{quoted(contract.name)}"
    rules = {rule.name: rule for rule in contract.rules}
    gate = contract_gates(contract)[place].name
    if gate == "key_unique":
        return f"insert into {table} select * from {table} limit 1"
    if gate == "key_complete":
        return _update(table, {contract.key[-1]: "null"})
    rule = rules[gate]
    kind = {column.name: column.type for column in contract.columns}[rule.columns[0]]
    if rule.kind == "at_most":
        high, low = ORDERED.get(kind, ("2", "1"))
        return _update(table, {rule.columns[0]: high, rule.target: low})
    values = {"in": "'nonsense'", "references": "'nobody'", "not_null": "null"}
    return _update(table, {rule.columns[-1]: values.get(rule.kind, f"{(rule.low or 0) - 1}")})


def _update(table, values):
    assignments = ", ".join(f"{quoted(name)} = {value}" for name, value in values.items())
    return f"update {table} set {assignments} where rowid = (select min(rowid) from {table})"


@pytest.mark.parametrize("name", GATED)
def test_a_table_as_the_pipeline_makes_it_keeps_every_rule(company, name):
    assert counts(company, GATED[name]) == [0] * len(contract_gates(GATED[name]))


@pytest.mark.parametrize(("name", "gate", "place"), BROKEN, ids=lambda value: str(value))
def test_a_row_that_breaks_a_gate_is_counted(company, name, gate, place):
    contract = GATED[name]
    with broken(company, contract, change_of(contract, place)):
        assert counts(company, contract)[place] == 1


def test_a_figure_above_its_range_is_counted_and_one_off_by_rounding_is_not(company):
    contract = GATED["marts.key_account_candidate"]
    place = [gate.name for gate in contract_gates(contract)].index("score_in_range")
    table = "marts.key_account_candidate"
    with broken(company, contract, _update(table, {"score": "1.01"})):
        assert counts(company, contract)[place] == 1
    with broken(company, contract, _update(table, {"score": str(1 + TOLERANCE / 2)})):
        assert counts(company, contract)[place] == 0


def test_a_reference_into_a_dated_table_means_the_same_date(warehouse):
    _company_of_three(warehouse)
    warehouse.connection.execute("update marts.key_account_candidate set as_of_date = '2020-01-01'")
    figures = {
        figure.gate.name: figure.value
        for figure in contract_figures(warehouse, make_evaluation(), list(GATED.values()))
        if figure.gate.object == "marts.candidate_criterion"
    }
    # three groups with three criteria each
    assert figures["group_id_referenced"] == 9


def test_a_key_that_is_there_three_times_counts_two_rows_too_many(warehouse):
    _company_of_three(warehouse)
    a1 = "select * from core.account where account_id = 'a1'"
    warehouse.connection.execute(f"insert into core.account {a1} union all {a1}")
    figures = {
        (figure.gate.object, figure.gate.name): figure.value
        for figure in contract_figures(warehouse, make_evaluation(), list(GATED.values()))
    }
    assert figures["core.account", "key_unique"] == 2


def test_a_broken_rule_is_an_error_in_data_quality_and_one_marked_so_a_warning(warehouse):
    _company_of_three(warehouse)
    warehouse.connection.execute("update marts.key_account_candidate set band = 'huge' where group_id = 'a1'")
    warehouse.connection.execute("update core.account set account_name = null where account_id = 'a1'")
    contracts = [table.contract for table in tables().values()]
    checks = measure_quality(warehouse, make_configuration().settings, make_evaluation(), contracts)
    failed = {(check.object, check.check): check for check in checks if check.passed is False}
    assert failed["marts.key_account_candidate", "band_known"].severity == "error"
    assert failed["core.account", "account_name_present"].severity == "warning"
    assert failed["marts.key_account_candidate", "band_known"].detail.startswith("Catches a word that readers")


def _company_of_three(warehouse):
    insert(warehouse, "Account", [{"Id": f"a{place}", "Name": f"Customer {place}"} for place in (1, 2, 3)])
    insert(warehouse, "Opportunity", [won(f"o{place}", f"a{place}", 10 * place) for place in (1, 2, 3)])
    build(warehouse, *[name for name in tables() if name != "marts.data_quality"])
    rebuild(warehouse)
