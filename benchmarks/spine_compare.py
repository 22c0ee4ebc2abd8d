"""Hold the publication against the file of the hand-written script: the same rows with the same values.

What belongs here: what counts as the same. Sums of money, ranks, decisions and texts are equal; floating-point figures
agree to 1e-9. What does not: where a difference comes from.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from kam_pipeline.contracts import TableContract
from kam_pipeline.settings.configuration import PUBLISHED_SCHEMA
from kam_pipeline.tables import published_contracts
from kam_pipeline.warehouse import literal, quoted

TOLERANCE = 1e-9
# The script simplifies what these say: run and criteria versions.
ONLY_COUNTED = frozenset({"criteria", "snapshot"})
# The product's own declarations of fields and KPIs, its checks, its words for what it set aside, and its judgement of
# maturity: many small questions over the same tables, that nobody would ask in a script of figures.
NOT_MADE = frozenset(
    {
        "data_quality",
        "field_availability",
        "kpi_definition",
        "maturity_evidence",
        "maturity_indicator",
        "maturity_score",
        "rejected_row",
    }
)


@dataclass(frozen=True)
class Comparison:
    """One table held against the script's."""

    table: str
    product_cnt: int
    script_cnt: int
    different_cnt: int | None

    @property
    def is_same(self) -> bool:
        """Whether rows, and where they are compared values, agree."""
        return self.product_cnt == self.script_cnt and not self.different_cnt


def compare(publication: Path, script: Path) -> list[Comparison]:
    """Compare every published table but those that the script does not make.

    Parameters
    ----------
    publication : Path
        What the product wrote.
    script : Path
        What the script wrote.

    Returns
    -------
    list[Comparison]
        By table name; `different_cnt` is None where rows are only counted.

    Raises
    ------
    duckdb.CatalogException
        When a published table is neither in the script's file nor in `NOT_MADE`: add it to one of them.
    """
    with duckdb.connect() as connection:
        for name, path in (("product", publication), ("script", script)):
            connection.execute(f"attach {literal(str(path))} as {name} (read_only)")
        contracts = [contract for contract in published_contracts() if contract.name not in NOT_MADE]
        return [_compare_table(connection, contract) for contract in contracts]


def _compare_table(connection: duckdb.DuckDBPyConnection, contract: TableContract) -> Comparison:
    sides = [f"{name}.{PUBLISHED_SCHEMA}.{quoted(contract.name)}" for name in ("product", "script")]
    product_cnt, script_cnt = (connection.execute(f"select count(*) from {side}").fetchall()[0][0] for side in sides)
    different = None
    if contract.name not in ONLY_COUNTED:
        keys = " and ".join(f"p.{quoted(name)} = s.{quoted(name)}" for name in contract.key)
        differs = " or ".join(_differs(column.name, column.type) for column in contract.columns)
        query = f"select count(*) from {sides[0]} as p full join {sides[1]} as s on {keys} where {differs}"
        different = connection.execute(query).fetchall()[0][0]
    return Comparison(contract.name, product_cnt, script_cnt, different)


def _differs(name: str, kind: str) -> str:
    one, other = f"p.{quoted(name)}", f"s.{quoted(name)}"
    if kind != "DOUBLE":
        return f"{one} is distinct from {other}"
    far = f"abs({one} - {other}) > {TOLERANCE} * greatest(1, abs({one}))"
    return f"(({one} is null) <> ({other} is null) or coalesce({far}, false))"
