"""A published file for tests of the report: tables in their contracts' shape, rows as a test wants them.

What belongs here: making the file, and a company with known numbers. What does not: expectations.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from kam_pipeline.publishing.duckdb_file import STORAGE_VERSION
from kam_pipeline.report.published import COLUMNS
from kam_pipeline.tables import published_contracts
from tests.factories import AS_OF, KNOWN_AT, utc

Row = dict[str, Any]


def shape_of(table: str) -> str:
    """The columns of a published table with their types, by its contract."""
    [contract] = [contract for contract in published_contracts() if contract.name == table]
    return ", ".join(f'"{column.name}" {column.type}' for column in contract.columns)


class PublishedFile:
    """A published file in the making; a test adds the rows it is about.

    Parameters
    ----------
    path : Path
        Where to write it.
    tables : Iterable[str]
        Which tables it has.
    """

    def __init__(self, path: Path, tables: Iterable[str] = COLUMNS) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"attach '{path}' as file (storage_version '{STORAGE_VERSION}')")
            connection.execute("create schema file.kam")
            for table in tables:
                connection.execute(f"create table file.kam.{table} ({shape_of(table)})")

    def add(self, table: str, *rows: Mapping[str, Any], as_of: date = AS_OF) -> "PublishedFile":
        """Add rows; what a row does not name is null, the date is that of the tests."""
        with duckdb.connect(str(self.path)) as connection:
            described = connection.execute(f"describe kam.{table}").fetchall()
            names = [row[0] for row in described]
            for row in rows:
                unknown = set(row) - set(names)
                assert not unknown, f"{table} has no {unknown}"
                given = {"as_of_date": as_of, **row} if names[0] == "as_of_date" else dict(row)
                columns = ", ".join(f'"{name}"' for name in given)
                marks = ", ".join("?" for _ in given)
                connection.execute(f"insert into kam.{table} ({columns}) values ({marks})", list(given.values()))
        return self

    def change(self, query: str, *values: object) -> "PublishedFile":
        """Change rows that are there."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("set schema = 'kam'")
            connection.execute(query, list(values))
        return self


def snapshot(**given: Any) -> Row:
    """The snapshot row of a date."""
    return {
        "run_id": "run-1", "created_at": KNOWN_AT, "criteria_version": "c0ffee", "config_version": "5e771265",
        "reporting_currency": "EUR", "revenue_basis": "bookings", "data_cut_at": utc(2026, 7, 1, 2, 0),
        "is_restated": False, "source": "files: export", **given,
    }  # fmt: skip


def verdict(basis: str = "group", word: str = "relevant", **given: Any) -> Row:
    """A verdict with its reason in both languages."""
    return {
        "basis": basis, "verdict": word,
        "reason": "The top 10 % of customers bring between 45 % and 55 % of revenue: "
        "a few customers carry the company.",
        "reason_da": "De største 10 % af kunderne står for mellem 45 % og 55 % af omsætningen: "
        "få kunder bærer virksomheden.",
        **given,
    }  # fmt: skip


def candidate(rank: int, name: str, decision: str = "none", **given: Any) -> Row:
    """A ranked group; its revenue falls with its rank, and its id is g01, g02, ..."""
    return {
        "group_id": f"g{rank:02}", "group_name": name, "rank": rank, "score": max(1 - rank / 100, 0),
        "revenue_rank": rank, "revenue_amt": 1000 * (100 - rank), "revenue_share": (100 - rank) / 1000,
        "cumulative_share": 0.5, "band": "top_10_pct" if decision in ("keep", "add") else "near_miss",
        "revenue_band": "near_miss", "is_in_list": decision in ("keep", "add"), "decision": decision,
        "is_key_account": decision in ("keep", "review", "exit"),
        "reason": f"Reason in English for rank {rank}.", "reason_da": f"Begrundelse på dansk for nr. {rank}.",
        **given,
    }  # fmt: skip


def change(group: str, name: str, before: str | None, now: str | None, cause: str = "data", **given: Any) -> Row:
    """A decision that is another than a month before, and why."""
    return {
        "group_id": group, "group_name": name, "attribute": "decision", "cause": cause, "from_value": before,
        "to_value": now, "previous_as_of_date": date(2026, 6, 1), "reason": f"Why {name} moved, by {cause}.",
        "reason_da": f"Hvorfor {name} flyttede sig, {cause}.", **given,
    }  # fmt: skip


def definition(place: int, kpi: str, unit: str, english: str, danish: str) -> Row:
    """What a KPI is."""
    return {
        "kpi": kpi, "position": place, "name_en": english, "name_da": danish,
        "formula": f"How {english.lower()} is made", "formula_da": f"Sådan dannes {danish.lower()}", "unit": unit,
        "direction": "up", "basis": "bookings",
    }  # fmt: skip


def kpi(name: str, entity: str, value: float | None, unit: str = "money", **given: Any) -> Row:
    """A KPI of a portfolio (key, other, all) or of a group, over the twelve months."""
    row = {
        "entity_type": "portfolio" if entity in ("key", "other", "all") else "group", "entity_id": entity,
        "period_type": "ttm", "period_start": date(2025, 7, 1), "kpi": name, "period_end": AS_OF, "is_complete": True,
        "value": value, "unit": unit, "basis": "bookings",
        "status": "measured" if value is not None else "not_configured",
    }  # fmt: skip
    if value is None:
        row |= {"reason": f"No {name} here.", "reason_da": f"Ingen {name} her."}
    return row | given


def practice(name: str, level: float | None, english: str, danish: str, **given: Any) -> Row:
    """The level of a practice, or why it has none."""
    row = {
        "practice": name, "name_en": english, "name_da": danish, "level": level, "target": 3.0, "declared_cnt": 2,
        "measured_cnt": 2 if level is not None else 0,
        "status": "measured" if level is not None else "not_configured",
    }  # fmt: skip
    if level is None:
        row |= {"reason": f"Nothing measures {english}.", "reason_da": f"Intet måler {danish}."}
    return row | given


def minimal(path: Path, tables: Iterable[str] = COLUMNS) -> PublishedFile:
    """A published file with a snapshot, a verdict and nothing else."""
    return PublishedFile(path, tables).add("snapshot", snapshot()).add("kam_relevance", verdict(), verdict("account"))
