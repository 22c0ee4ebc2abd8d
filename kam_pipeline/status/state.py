"""The whole state of a pipeline at one glance: last good night, last run, checks, watermarks, sizes.

What belongs here: putting together what the other modules read. What does not: reading tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kam_pipeline.errors import WarehouseBusyError, WarehouseError
from kam_pipeline.settings import Configuration
from kam_pipeline.staleness import StaleTable, stale_tables
from kam_pipeline.status.publication import Status, published_runs, read_status
from kam_pipeline.status.runs import LastRun, RunRecord, judge_last_run
from kam_pipeline.status.warehouse_reading import Watermark, failed_checks, reading, watermarks
from kam_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Sizes:
    """Bytes on disk."""

    warehouse_bytes: int
    landing_bytes: int
    published_bytes: int
    report_bytes: int
    history_bytes: int


@dataclass(frozen=True)
class PipelineState:
    """State of one pipeline.

    Attributes
    ----------
    result : Status
        What readers have: the last good night.
    last_run : LastRun
        The last run and how it ended.
    watermarks : tuple[Watermark, ...]
        How far the records of each object go; empty while a run holds the warehouse.
    stale : tuple[StaleTable, ...] or None
        What would come out otherwise now for the newest published date, and why; None while it cannot be told.
    sizes : Sizes
        What lies on disk.
    notes : tuple[str, ...]
        What could not be read, and why.
    """

    result: Status
    last_run: LastRun
    watermarks: tuple[Watermark, ...]
    stale: tuple[StaleTable, ...] | None
    sizes: Sizes
    notes: tuple[str, ...]


def read_state(configuration: Configuration, recent_runs: Callable[[], Sequence[RunRecord]]) -> PipelineState:
    """Read the state of a pipeline; nothing is made or changed.

    Parameters
    ----------
    configuration : Configuration
        The settings.
    recent_runs : Callable[[], Sequence[RunRecord]]
        Reads the history of runs, newest first.

    Returns
    -------
    PipelineState
        The state; what cannot be read is left out and named in `notes`.
    """
    notes: list[str] = []
    try:
        runs = recent_runs()
    except WarehouseError as error:
        runs = []
        notes.append(str(error))
    failed: tuple[str, ...] = ()
    marks: tuple[Watermark, ...] = ()
    stale: tuple[StaleTable, ...] | None = None
    is_busy = False
    if configuration.warehouse_path.exists():
        try:
            with reading(configuration.warehouse_path) as connection:
                marks = watermarks(connection)
                failed = failed_checks(connection, runs[0].run_id) if runs else ()
                stale = tuple(stale_tables(Warehouse(connection), configuration))
        except WarehouseBusyError as error:
            is_busy = True
            notes.append(str(error))
        except WarehouseError as error:
            notes.append(str(error))
    published = published_runs(configuration.published_path)
    return PipelineState(
        result=read_status(configuration),
        last_run=judge_last_run(runs, published, failed, is_busy=is_busy),
        watermarks=marks,
        stale=stale,
        sizes=_sizes(configuration),
        notes=tuple(notes),
    )


def _sizes(configuration: Configuration) -> Sizes:
    wal = configuration.warehouse_path.with_name(configuration.warehouse_path.name + ".wal")
    return Sizes(
        warehouse_bytes=_bytes(configuration.warehouse_path) + _bytes(wal),
        landing_bytes=_bytes(configuration.landing_folder),
        published_bytes=_bytes(configuration.published_path.parent),
        report_bytes=_bytes(configuration.report_path.parent),
        history_bytes=_bytes(configuration.dagster_home),
    )


def _bytes(path: Path) -> int:
    """Return the size of a file or of all files below a folder, 0 where there is none."""
    files = [path] if path.is_file() else path.rglob("*")
    total = 0
    for file in files:
        try:
            total += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:  # a run that goes on took it away just now
            continue
    return total
