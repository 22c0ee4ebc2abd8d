"""Gates of the contracts: every table that readers get, and the tables that these rest on, against their headers.

For each table one SELECT counts the rows that break its key and each of its rules. A view is left out: it shows rows of
a table that is counted itself. What belongs here: which gates follow from a header, and their counts. What does not:
the rules (in the headers), their syntax (contract_rules.py).
"""

from collections.abc import Iterator, Sequence

from kam_pipeline.contract_rules import Rule, RuleKind
from kam_pipeline.contracts import TableContract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.quality.gate import Figure, Gate, gate
from kam_pipeline.warehouse import Warehouse, literal, quoted

# A table cannot be counted while it is being made.
_NOT_COUNTED = "marts.data_quality"
TOLERANCE = 1e-9
"""How far a floating-point figure may lie outside its range: sums of rounded shares do."""

_CATCHES: dict[RuleKind, str] = {
    "in": "Catches a word that readers and tools do not know",
    "between": "Catches a figure that cannot be",
    "from": "Catches a figure that cannot be",
    "references": "Catches a row that leads to a record or customer that is not there",
    "at_most": "Catches bounds in the wrong order",
    "not_null": "Catches a row that lacks what it is read for",
}


def is_gated(contract: TableContract) -> bool:
    """Return whether a table is held against its header: stored, and published or with rules of its own."""
    is_wanted = contract.is_published or bool(contract.rules)
    return is_wanted and not contract.is_view and contract.full_name != _NOT_COUNTED


def unique_gate(contract: TableContract) -> Gate:
    """Return the gate of a key that must be unique."""
    text = f"Catches rows that count twice: {', '.join(contract.key)} must be unique."
    return gate("key_unique", text, contract.full_name, contract.full_name, "error")


def complete_gate(contract: TableContract) -> Gate:
    """Return the gate of a key that must never be null."""
    text = f"Catches rows that nothing can lead to: {', '.join(contract.key)} must never be null."
    return gate("key_complete", text, contract.full_name, contract.full_name, "error")


def rule_gate(contract: TableContract, rule: Rule) -> Gate:
    """Return the gate of a rule."""
    text = f"{_CATCHES[rule.kind]}: {rule.text}."
    return gate(rule.name, text, contract.full_name, contract.full_name, "warning" if rule.is_warning else "error")


def contract_gates(contract: TableContract) -> list[Gate]:
    """Return the gates that follow from a header, in the order in which they are counted."""
    complete = [complete_gate(contract)] if _own_key(contract) else []
    return [unique_gate(contract), *complete, *(rule_gate(contract, rule) for rule in contract.rules)]


def contract_figures(
    warehouse: Warehouse, evaluation: Evaluation, contracts: Sequence[TableContract]
) -> Iterator[Figure]:
    """Count the rows that break the header of each table, with one SELECT per table.

    Parameters
    ----------
    warehouse : Warehouse
        With the tables built for the evaluation.
    evaluation : Evaluation
        The run; tables that it leaves as they are are not counted.
    contracts : Sequence[TableContract]
        Tables that `is_gated`.

    Yields
    ------
    Figure
        Rows, of which none may be.
    """
    day = {"day": evaluation.as_of_date}
    dated = {contract.full_name for contract in contracts if contract.is_dated}
    for contract in contracts:
        if contract.layer == "marts" and not evaluation.rebuilds(contract):
            continue
        [counts] = warehouse.rows(count_query(contract, dated), day if contract.is_dated else None)
        rows, twice, *broken = counts
        if twice:  # two keys may share a digest, though hardly ever: what is suspected is counted exactly
            twice = warehouse.value(_twice_query(contract), day if contract.is_dated else None)
        for item, count in zip(contract_gates(contract), (twice, *broken), strict=True):
            yield Figure(item, count, highest=0, seen=f"{count} of {rows} rows.")


def count_query(contract: TableContract, dated: set[str]) -> str:
    """Return the SELECT of one row: all rows, rows with a key that is there before, rows that break each gate.

    Parameters
    ----------
    contract : TableContract
        The table.
    dated : set[str]
        Tables, as `layer.name`, of which a rule refers to the rows of the same date only.

    Returns
    -------
    str
        Bound to `$day` where the table is dated.
    """
    key = ", ".join(quoted(name) for name in contract.key)
    lacking = _lacking(contract)
    # digests of whole numbers are counted in a fraction of the time of texts
    digest = f"hash({key})"
    counts = [
        "count(*)",
        f"count(*) filter (where not ({lacking})) - count(distinct {digest}) filter (where not ({lacking}))",
        *([f"count(*) filter (where {lacking})"] if _own_key(contract) else []),
        *(_rule_count(contract, rule, dated) for rule in contract.rules),
    ]
    return f"select {', '.join(counts)} from {_rows_of(contract)}"


def _own_key(contract: TableContract) -> list[str]:
    """Return the key without the date that the rows are found by, which can never be null."""
    return [name for name in contract.key if not (contract.is_dated and name == "as_of_date")]


def _lacking(contract: TableContract) -> str:
    """Return the condition that a key is not complete."""
    return " or ".join(f"{quoted(name)} is null" for name in _own_key(contract)) or "false"


def _rows_of(contract: TableContract) -> str:
    table = f"{contract.layer}.{quoted(contract.name)}"
    return f"(from {table} where as_of_date = $day)" if contract.is_dated else table


def _twice_query(contract: TableContract) -> str:
    key = ", ".join(quoted(name) for name in contract.key)
    grouped = f"select count(*) as n from {_rows_of(contract)} where not ({_lacking(contract)}) group by {key}"
    return f"select coalesce(sum(n - 1), 0)::bigint from ({grouped})"


def _rule_count(contract: TableContract, rule: Rule, dated: set[str]) -> str:
    if rule.kind == "references":
        return _unmatched(contract, rule, dated)
    broken = " or ".join(_broken(contract, rule, column) for column in rule.columns)
    return f"count(*) filter (where {broken})"


def _broken(contract: TableContract, rule: Rule, column: str) -> str:
    """Return the condition that a row breaks a rule; it is null, which does not count, where the value is null."""
    name = quoted(column)
    kinds = {item.name: item.type for item in contract.columns}
    slack = f" + {TOLERANCE}" if kinds[column] == "DOUBLE" else ""
    if rule.kind == "not_null":
        return f"{name} is null"
    if rule.kind == "in":
        return f"{name} not in ({', '.join(literal(value) for value in rule.values)})"
    if rule.kind == "at_most":
        return f"{name} > {quoted(rule.target)}{slack}"
    if rule.high is None:
        return f"{name}{slack} < {rule.low}"
    return f"({name}{slack} < {rule.low} or {name} > {rule.high}{slack})"


def _unmatched(contract: TableContract, rule: Rule, dated: set[str]) -> str:
    """Return the count of rows whose value is not in the other table; of a dated one, on the same date."""
    layer, name = rule.table.split(".")
    when = " where as_of_date = $day" if rule.table in dated else ""
    pairs = [
        f"(select count(*) from (select {quoted(column)} as value from {_rows_of(contract)}) as one "
        f"anti join (select {quoted(rule.target)} as value from {layer}.{quoted(name)}{when}) as other using (value) "
        "where one.value is not null)"
        for column in rule.columns
    ]
    return " + ".join(pairs)
