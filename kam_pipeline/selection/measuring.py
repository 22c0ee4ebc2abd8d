"""What criteria and gates look at, as one query each: figures of groups, fields of their accounts, SQL expressions.

What belongs here: putting the queries together from checked settings. What does not: which expressions are taken
(expressions.py), turning a figure into a score (sql/marts/candidate_criterion.sql). Values of the CRM never become part
of a query; what does is written in kam.yaml and quoted.
"""

from dataclasses import replace

from kam_pipeline.contracts import parse_contract
from kam_pipeline.metric_catalogue import GROUP_METRICS
from kam_pipeline.selection.numbers import written
from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.settings.criterion import Criterion, Gate, Measured
from kam_pipeline.sql_models import SqlModel
from kam_pipeline.warehouse import literal, quoted

CRITERION_VALUE = parse_contract(
    "marts",
    """
criterion_value
    The figure of every group for every criterion, before it becomes a score.

grain  : one row per as_of_date, group that can be proposed and criterion with a known figure
key    : as_of_date, group_id, criterion
inputs : marts.group_metric, marts.group_field, marts.candidate_pool, settings.criteria
columns:
  as_of_date  DATE     snapshot date
  group_id    VARCHAR  group
  criterion   VARCHAR  name in kam.yaml
  raw_value   DOUBLE   the figure; of a picklist the score of its value
""",
    __name__,
)

CANDIDATE_GATE = parse_contract(
    "marts",
    """
candidate_gate
    Why groups cannot be proposed: every gate of kam.yaml that a group does not pass.

grain  : one row per as_of_date, group that could be proposed and gate not passed
key    : as_of_date, group_id, gate
inputs : marts.group_metric, marts.group_field, marts.candidate_pool, marts.criterion_value, settings.criteria
readers: published
rules  :
  reason, reason_da not null
columns:
  as_of_date  DATE     snapshot date
  group_id    VARCHAR  group
  gate        VARCHAR  name in kam.yaml; of a criterion that must be known, its name
  raw_value   DOUBLE   the figure; null where unknown, or where the gate asks for values of a picklist
  reason      VARCHAR  which limit, as part of a sentence
  reason_da   VARCHAR  the same in Danish
""",
    __name__,
)


def criterion_value_model(criteria: Criteria) -> SqlModel:
    """Return the query of `CRITERION_VALUE`."""
    parts = [
        f"select value.group_id, {literal(item.name)} as criterion, value.raw_value\n"
        f"from (\n{_values(item)}\n) as value\n"
        "inner join marts.candidate_pool as pool\n"
        "    on value.group_id = pool.group_id and pool.as_of_date = $as_of_date::date\n"
        "where value.raw_value is not null"
        for item in criteria.items
    ]
    union = "\nunion all\n".join(parts)
    query = f"select $as_of_date::date as as_of_date, group_id, criterion, raw_value\nfrom (\n{union}\n)"
    return SqlModel(replace(CRITERION_VALUE, params=("as_of_date",)), query)


def candidate_gate_model(criteria: Criteria) -> SqlModel:
    """Return the query of `CANDIDATE_GATE`."""
    parts = [_gate_query(gate) for gate in criteria.gates]
    parts += [_must_be_known(item) for item in criteria.items if item.when_missing == "ineligible"]
    if not parts:
        none = "null::varchar as group_id, null::varchar as gate, null::double as raw_value, null::varchar as reason"
        parts = [f"select {none}, null::varchar as reason_da where false"]
    union = "\nunion all\n".join(parts)
    query = f"select $as_of_date::date as as_of_date, group_id, gate, raw_value, reason, reason_da\nfrom (\n{union}\n)"
    return SqlModel(replace(CANDIDATE_GATE, params=("as_of_date",)), query)


def _values(measured: Measured) -> str:
    """Return a query of group_id and raw_value: finite, or null where it cannot be computed."""
    if measured.field is not None:
        return _field_values(measured, measured.field)
    value = figure_sql(measured)
    columns = ", ".join(f"{quoted(metric.name)}::double as {quoted(metric.name)}" for metric in GROUP_METRICS)
    return (
        f"select group_id, case when isfinite(figure) then figure end as raw_value\n"
        f"from (\nselect group_id, {value} as figure\n"
        f"from (select group_id, {columns} from marts.group_metric where as_of_date = $as_of_date::date)\n)"
    )


def figure_sql(measured: Measured) -> str:
    """Return the SQL of a metric or expression over columns that are all DOUBLE."""
    if measured.expression is None:
        return quoted(str(measured.metric))
    # an analyst's division by zero or logarithm of nothing is an unknown figure, not the end of the night
    return f"try(({measured.expression}\n)::double)"


def _field_values(measured: Measured, field: str) -> str:
    value = _mapped(measured) if isinstance(measured, Criterion) and measured.map else "field_number"
    rolled = {
        "max": "max(figure)",
        "min": "min(figure)",
        "sum": "sum(try_cast(figure * accounts_cnt as decimal(38, 6)))::double",
        "mean": "sum(try_cast(figure * accounts_cnt as decimal(38, 6)))::double "
        "/ sum(accounts_cnt) filter (where figure is not null)",
        "top": "max(figure) filter (where is_top)",
    }[measured.rollup]
    return (
        f"select group_id, {rolled} as raw_value\n"
        f"from (\nselect group_id, accounts_cnt, is_top, {value} as figure\n"
        f"from marts.group_field where as_of_date = $as_of_date::date and lower(field) = {literal(field.lower())}\n)\n"
        "group by group_id"
    )


def _mapped(item: Criterion) -> str:
    cases = " ".join(f"when {literal(value.strip().lower())} then {score!r}" for value, score in item.map.items())
    return f"(case lower(field_value) {cases} end)::double"


def _texts(values: list[str]) -> str:
    return ", ".join(literal(value.strip().lower()) for value in values)


def _gate_query(gate: Gate) -> str:
    english, danish = gate_texts(gate)
    figures = _values(gate) if not (gate.one_of or gate.none_of) else _membership(gate)
    limits = []
    if gate.at_least is not None:
        limits.append(f"value.raw_value >= {gate.at_least!r}::double")
    if gate.at_most is not None:
        limits.append(f"value.raw_value <= {gate.at_most!r}::double")
    passed = " and ".join(limits) or "value.raw_value = 1"
    shown = "value.raw_value" if limits else "null::double"
    if_missing = "true" if gate.when_missing == "pass" else "false"
    return (
        f"select pool.group_id, {literal(gate.name)} as gate, {shown} as raw_value, {literal(english)} as reason, "
        f"{literal(danish)} as reason_da\nfrom marts.candidate_pool as pool\n"
        f"left join (\n{figures}\n) as value on pool.group_id = value.group_id\n"
        f"where pool.as_of_date = $as_of_date::date and not coalesce({passed}, {if_missing})"
    )


def _membership(gate: Gate) -> str:
    """Return a query of group_id and 1 or 0: whether the values of the field are as the gate asks."""
    asked = []
    if gate.one_of:
        asked.append(f"bool_or(lower(field_value) in ({_texts(gate.one_of)}))")
    if gate.none_of:
        asked.append(f"not bool_or(lower(field_value) in ({_texts(gate.none_of)}))")
    only_top = " and is_top" if gate.rollup == "top" else ""
    return (
        f"select group_id, ({' and '.join(asked)})::integer::double as raw_value\nfrom marts.group_field\n"
        f"where as_of_date = $as_of_date::date and lower(field) = {literal(str(gate.field).lower())}{only_top}\n"
        "group by group_id"
    )


def _must_be_known(item: Criterion) -> str:
    english, danish = (f"{item.labels[0]} is not known", f"{item.labels[1]} er ikke kendt")
    return (
        f"select pool.group_id, {literal(item.name)} as gate, null::double as raw_value, {literal(english)} as reason, "
        f"{literal(danish)} as reason_da\nfrom marts.candidate_pool as pool\n"
        "left join marts.criterion_value as value\n"
        f"    on pool.group_id = value.group_id and value.criterion = {literal(item.name)} "
        "and value.as_of_date = $as_of_date::date\n"
        "where pool.as_of_date = $as_of_date::date and value.raw_value is null"
    )


def gate_texts(gate: Gate) -> tuple[str, str]:
    """Return what a gate asks for, in English and in Danish, as part of a sentence."""
    english, danish = gate.figure_names or (str(gate.field or gate.expression),) * 2
    asked, asked_da = [], []
    if gate.at_least is not None:
        asked.append(f"at least {written(gate.at_least)}")
        asked_da.append(f"skal være mindst {written(gate.at_least, danish=True)}")
    if gate.at_most is not None:
        asked.append(f"at most {written(gate.at_most)}")
        asked_da.append(f"må højst være {written(gate.at_most, danish=True)}")
    if gate.one_of:
        asked.append(f"one of {', '.join(gate.one_of)}")
        asked_da.append(f"skal være en af {', '.join(gate.one_of)}")
    if gate.none_of:
        asked.append(f"none of {', '.join(gate.none_of)}")
        asked_da.append(f"må ikke være {', '.join(gate.none_of)}")
    said = f"{english} must be {' and '.join(asked)}", f"{danish} {' og '.join(asked_da)}"
    own = gate.reason, gate.reason_da or gate.reason
    return own[0] or said[0], own[1] or said[1]
