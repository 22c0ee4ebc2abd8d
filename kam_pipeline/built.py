"""Bookkeeping: what every table was last built with, written in the transaction that puts its rows in place.

What belongs here: the table of it, writing and reading. What does not: what follows from it (staleness.py).
Readers never get it: it says how the warehouse stands and nothing of the customers.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from kam_pipeline.lineage import Recipe
from kam_pipeline.warehouse import CATALOG, Warehouse

BUILT = "bookkeeping.built"


@dataclass(frozen=True)
class Built:
    """What a table, or one date of it, holds.

    Attributes
    ----------
    table : str
        `layer.name`; also `landing.extraction` and the targets of publishing.
    as_of_date : date or None
        The date, None for an undated table.
    recipe : Recipe
        Code and sections it was made with.
    data_cut_at : datetime or None
        Newest knowledge in a table of marts, UTC without zone; staging and core hold the newest there is.
    run_id : str or None
        The run, where it is known.
    """

    table: str
    as_of_date: date | None
    recipe: Recipe
    data_cut_at: datetime | None
    run_id: str | None


def record_built(warehouse: Warehouse, built: Built) -> None:
    """Write down what a table holds now, in place of what was said of it."""
    execute = warehouse.connection.execute
    execute(f"create schema if not exists {CATALOG}.bookkeeping")
    execute(
        f"create table if not exists {CATALOG}.{BUILT} (table_name varchar, as_of_date date, code varchar, "
        "sections varchar, data_cut_at timestamp, run_id varchar)"
    )
    execute(
        f"delete from {CATALOG}.{BUILT} where table_name = ? and as_of_date is not distinct from ?",
        [built.table, built.as_of_date],
    )
    sections = json.dumps(dict(built.recipe.sections), sort_keys=True)
    execute(
        f"insert into {CATALOG}.{BUILT} values (?, ?, ?, ?, ?, ?)",
        [built.table, built.as_of_date, built.recipe.code, sections, built.data_cut_at, built.run_id],
    )


def read_built(warehouse: Warehouse, as_of_date: date | None) -> dict[str, Built]:
    """Return what undated tables hold, and what dated ones hold of a date, by `layer.name`."""
    if not warehouse.has_table(BUILT):
        return {}
    rows = warehouse.rows(
        f"select table_name, as_of_date, code, sections, data_cut_at, run_id from {CATALOG}.{BUILT} "
        "where as_of_date is null or as_of_date = $day",
        {"day": as_of_date},
    )
    return {row[0]: Built(row[0], row[1], Recipe(row[2], json.loads(row[3])), row[4], row[5]) for row in rows}


def forget_built(warehouse: Warehouse, table: str, kept: date) -> None:
    """Take back what was written down of every date of a table but one: their rows have been let go of."""
    if warehouse.has_table(BUILT):
        warehouse.connection.execute(
            f"delete from {CATALOG}.{BUILT} where table_name = ? and as_of_date <> ?", [table, kept]
        )
