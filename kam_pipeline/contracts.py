"""Table contracts: what one row of a table is, its key, its inputs and its columns with type and meaning.

A contract is written as text at the top of a SQL file, or in the module that makes the table, and read by
`parse_contract`. It is checked against the real table, and feeds Dagster, the data dictionary and the comments in
the published database. What does not belong here: running SQL (warehouse.py), finding files (sql_models.py).

The text::

    revenue_concentration
        How concentrated won revenue is, metric by metric.

    grain  : one row per as_of_date, basis, window_months, metric
    key    : as_of_date, basis, window_months, metric
    inputs : marts.entity_revenue
    params : $as_of_date
    stored : table
    readers: published
    rules  :
      value from 0
    columns:
      as_of_date  DATE  snapshot date, exclusive end of the window

A table made in Python also names the sections of kam.yaml that it reads, as inputs `settings.<section>`; those of a SQL
model follow from its parameters (lineage.py).
The forms of a rule are in contract_rules.py.
"""

import re
from dataclasses import dataclass
from typing import Literal

from kam_pipeline.contract_rules import Rule, parse_rules
from kam_pipeline.errors import ContractError

Layer = Literal["raw", "staging", "core", "marts", "published"]

_SETTINGS = "settings."
_LABELS = ("grain", "key", "inputs", "params", "stored", "readers", "rules", "columns")
_COLUMN = re.compile(r"^(?P<name>[a-z_][a-z0-9_]*)\s+(?P<type>[A-Z]+(?:\(\d+,\d+\))?(?:\[\])?)\s+(?P<text>\S.*)$")


@dataclass(frozen=True)
class Column:
    """A column: its name, DuckDB type, and meaning with unit and range."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class TableContract:
    """What a table promises.

    Attributes
    ----------
    layer : Layer
        Schema of the table, and the Dagster group of its asset.
    name : str
        Table name.
    title : str
        One sentence on what the table is for.
    grain : str
        What one row is.
    key : tuple[str, ...]
        Columns that identify a row: unique together and never null.
    inputs : tuple[str, ...]
        Tables read, as `layer.table`.
    sections : tuple[str, ...]
        Sections of kam.yaml read, besides those behind its parameters.
    params : tuple[str, ...]
        Names of the bound parameters of its query.
    is_view : bool
        Whether its query is kept instead of its rows: for a table that is read once, or hardly more.
    is_published : bool
        Whether readers get the table.
    is_cumulative : bool
        An undated table that every run adds to, also the run of an earlier date.
    is_newest_only : bool
        A dated table of which only the newest published date is kept: as large as the customer base.
    columns : tuple[Column, ...]
        The columns in order.
    rules : tuple[Rule, ...]
        What the values may be; that the key is unique and never null goes without saying.
    """

    layer: Layer
    name: str
    title: str
    grain: str
    key: tuple[str, ...]
    inputs: tuple[str, ...]
    sections: tuple[str, ...]
    params: tuple[str, ...]
    is_view: bool
    is_published: bool
    is_cumulative: bool
    is_newest_only: bool
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()

    @property
    def full_name(self) -> str:
        """The table as `layer.name`."""
        return f"{self.layer}.{self.name}"

    @property
    def is_dated(self) -> bool:
        """Whether rows belong to a snapshot, so that a run replaces only its own date."""
        return self.columns[0].name == "as_of_date"

    @property
    def description(self) -> str:
        """Title and grain in two sentences."""
        return f"{self.title} {self.grain[0].upper()}{self.grain[1:]}."


def parse_contract(layer: Layer, text: str, where: str, part_of: TableContract | None = None) -> TableContract:
    """Read a contract from its text.

    Parameters
    ----------
    layer : Layer
        Layer of the table.
    text : str
        The text, without comment marks.
    where : str
        File or module, for messages.
    part_of : TableContract, optional
        The table that this one is gathered into: grain, key and columns are then that table's, and not in the text.

    Returns
    -------
    TableContract
        The contract.

    Raises
    ------
    ContractError
        When a label is missing, or a line of a column or rule cannot be read.
    """
    lines = [line for line in text.strip().splitlines() if line.strip()]
    name = lines[0].strip()
    labels = _labelled(lines[1:], where)
    title = " ".join(line.strip() for line in labels[""])
    needed = () if part_of else ("grain", "key", "columns")
    missing = [label for label in needed if not labels.get(label)]
    if missing or not title:
        raise ContractError(
            f"{where}: the header lacks {', '.join(missing or ['a title'])}; see kam_pipeline/contracts.py"
        )
    columns = part_of.columns if part_of else tuple(_column(line, where) for line in _joined(labels["columns"]))
    key = part_of.key if part_of else _names(labels["key"])
    unknown = set(key) - {column.name for column in columns}
    if unknown:
        raise ContractError(f"{where}: key {', '.join(sorted(unknown))} is not among the columns")
    params = tuple(param.lstrip("$") for param in _names(labels.get("params", [])))
    is_view = "view" in _names(labels.get("stored", []))
    if is_view and params:
        raise ContractError(f"{where}: is stored as a view and has parameters; store it as a table")
    inputs = _names(labels.get("inputs", []))
    return TableContract(
        layer=layer,
        name=name,
        title=title,
        grain=part_of.grain if part_of else " ".join(line.strip() for line in labels["grain"]),
        key=key,
        inputs=tuple(name for name in inputs if not name.startswith(_SETTINGS)),
        sections=tuple(name.removeprefix(_SETTINGS) for name in inputs if name.startswith(_SETTINGS)),
        params=params,
        is_view=is_view,
        is_published="published" in _names(labels.get("readers", [])),
        is_cumulative="cumulative" in _names(labels.get("readers", [])),
        is_newest_only="newest" in _names(labels.get("readers", [])),
        columns=columns,
        rules=parse_rules(_joined(labels.get("rules", [])), [column.name for column in columns], where),
    )


def _labelled(lines: list[str], where: str) -> dict[str, list[str]]:
    """Return the lines under each label; those before the first label under ''."""
    found: dict[str, list[str]] = {"": []}
    current = ""
    for line in lines:
        match = re.match(r"^(?P<label>[a-z]+)\s*:\s*(?P<rest>.*)$", line.strip())
        if match and line[:1] != " " and match["label"] in _LABELS:
            current = match["label"]
            if current in found:
                raise ContractError(f"{where}: the header says {current} twice")
            found[current] = [match["rest"]] if match["rest"] else []
        else:
            found[current].append(line)
    return found


def _names(lines: list[str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in " ".join(lines).split(",") if name.strip() and name.strip() != "none")


def _joined(lines: list[str]) -> list[str]:
    """Join the continuation lines of columns and rules, which are indented deeper than the first."""
    joined: list[str] = []
    indent = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    for line in lines:
        if len(line) - len(line.lstrip()) == indent:
            joined.append(line.strip())
        else:
            joined[-1] += " " + line.strip()
    return joined


def _column(line: str, where: str) -> Column:
    match = _COLUMN.match(line)
    if match is None:
        raise ContractError(f"{where}: cannot read the column line {line!r}; write: name TYPE meaning")
    return Column(match["name"], match["type"], match["text"])
