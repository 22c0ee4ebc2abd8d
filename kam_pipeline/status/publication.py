"""What readers have now, read from the published file.

What belongs here: reading the publication. What does not: the warehouse (warehouse_reading.py), how it is shown.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from kam_pipeline.settings import Configuration
from kam_pipeline.settings.configuration import PUBLISHED_SCHEMA


@dataclass(frozen=True)
class ProposedGroup:
    """One line of the list: its rank, name, decision and the sentence why."""

    rank: int
    group_name: str
    decision: str
    reason: str


@dataclass(frozen=True)
class Publication:
    """What readers have now.

    Attributes
    ----------
    path : Path
        The file.
    as_of_date : date
        Newest date in it, or the one asked for.
    run_id : str
        Run that computed it.
    created_at, data_cut_at : datetime
        When that date was computed and the newest knowledge used, UTC.
    verdict, verdict_reason : str
        Relevance of key account management, for groups.
    source : str
        Where the records come from.
    dates_cnt : int
        Dates in the file.
    groups_cnt : int
        Groups ranked.
    decisions : dict[str, int]
        Groups per decision.
    proposed : tuple[ProposedGroup, ...]
        The first of the list.
    checks_cnt : int
        Checks made.
    warnings : tuple[str, ...]
        Those that did not hold, a line each.
    rejected_cnt : int
        Rows of rejected_row.
    size_bytes : int
        Size of the file.
    """

    path: Path
    as_of_date: date
    run_id: str
    created_at: datetime
    data_cut_at: datetime
    verdict: str
    verdict_reason: str
    source: str
    dates_cnt: int
    groups_cnt: int
    decisions: dict[str, int]
    proposed: tuple[ProposedGroup, ...]
    checks_cnt: int
    warnings: tuple[str, ...]
    rejected_cnt: int
    size_bytes: int


@dataclass(frozen=True)
class Status:
    """State of one pipeline: its publication and report, None before the first, and its folders."""

    publication: Publication | None
    report_path: Path | None
    warehouse_path: Path
    warehouse_bytes: int
    landings_cnt: int


def read_status(configuration: Configuration, as_of_date: date | None = None, lines: int = 5) -> Status:
    """Read the state of a pipeline.

    Parameters
    ----------
    configuration : Configuration
        The settings.
    as_of_date : date, optional
        The date to describe; default the newest published.
    lines : int
        How many proposed groups to name.

    Returns
    -------
    Status
        The state; a pipeline that never ran has no publication.
    """
    warehouse = configuration.warehouse_path
    landing = configuration.landing_folder
    return Status(
        publication=_read_publication(configuration.published_path, as_of_date, lines),
        report_path=configuration.report_path if configuration.report_path.exists() else None,
        warehouse_path=warehouse,
        warehouse_bytes=warehouse.stat().st_size if warehouse.exists() else 0,
        landings_cnt=len(list(landing.glob("*/manifest.json"))) if landing.exists() else 0,
    )


def published_runs(path: Path) -> frozenset[str]:
    """Return the runs whose dates readers have."""
    if not path.exists():
        return frozenset()
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(f"select run_id from {PUBLISHED_SCHEMA}.snapshot").fetchall()
    return frozenset(run_id for (run_id,) in rows)


def _read_publication(path: Path, as_of_date: date | None, lines: int) -> Publication | None:
    if not path.exists():
        return None
    with duckdb.connect(str(path), read_only=True) as connection:

        def rows(query: str, **params: object) -> list[tuple[Any, ...]]:
            return connection.execute(query, params).fetchall()

        connection.execute(f"set schema = '{PUBLISHED_SCHEMA}'")
        day = as_of_date or rows("select max(as_of_date) from snapshot")[0][0]
        snapshot = rows(
            "select run_id, created_at, data_cut_at, source from snapshot where as_of_date = $day", day=day
        )[0]
        verdict = rows(
            "select verdict, reason from kam_relevance where as_of_date = $day and basis = 'group'", day=day
        )[0]
        decisions = rows(
            "select decision, count(*) from key_account_candidate where as_of_date = $day group by decision", day=day
        )
        proposed = rows(
            "select rank, group_name, decision, reason from key_account_candidate "
            "where as_of_date = $day and is_in_list order by rank limit $lines",
            day=day,
            lines=lines,
        )
        warnings = rows(
            """
            select "check" || ' of ' || object || coalesce(format(' is {:.4g}', value), '') || '. ' || detail
            from data_quality where as_of_date = $day and not passed order by all
            """,
            day=day,
        )
        checks_cnt = rows("select count(*) from data_quality where as_of_date = $day", day=day)[0][0]
        dates_cnt = rows("select count(*) from snapshot")[0][0]
        rejected_cnt = rows("select count(*) from rejected_row where as_of_date = $day", day=day)[0][0]
    return Publication(
        path=path,
        as_of_date=day,
        run_id=snapshot[0],
        created_at=snapshot[1],
        data_cut_at=snapshot[2],
        verdict=verdict[0],
        verdict_reason=verdict[1],
        source=snapshot[3],
        dates_cnt=dates_cnt,
        groups_cnt=sum(count for _, count in decisions),
        decisions=dict(decisions),
        proposed=tuple(ProposedGroup(*row) for row in proposed),
        checks_cnt=checks_cnt,
        warnings=tuple(row[0] for row in warnings),
        rejected_cnt=rejected_cnt,
        size_bytes=path.stat().st_size,
    )
