"""The published set as Parquet files that never change, and a manifest that names the complete set.

What belongs here: which files are written, reused and removed, and the manifest. What does not: what is in the set
(kept.py).

A reader opens `manifest.json` and then the files it names, and has one publication, whole; files that a newer manifest
no longer names stay for another hour, for readers in flight. A dated table has one file per date and run, an undated
one a single file per run; files of dates that nobody computed again are named by the next manifest too.
"""

import contextlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from kam_pipeline.contracts import TableContract
from kam_pipeline.errors import PublicationError
from kam_pipeline.publishing.durable import swap_in, sync
from kam_pipeline.publishing.kept import KeptDate, kept_counts, kept_dates, kept_query
from kam_pipeline.settings.configuration import content_version
from kam_pipeline.warehouse import Warehouse, literal, quoted

MANIFEST = "manifest.json"
GRACE = timedelta(hours=1)
_UNFINISHED = ".unfinished"
_MANIFEST_UNFINISHED = f".{MANIFEST}{_UNFINISHED}"


@dataclass(frozen=True)
class _File:
    """A file of the new publication: where it lies below the folder, and which rows go into it."""

    path: str
    contract: TableContract
    run_id: str
    as_of_date: date | None

    @property
    def entry(self) -> dict[str, Any]:
        """What the manifest says of it beside its size."""
        dated = {"as_of_date": str(self.as_of_date)} if self.as_of_date else {}
        return {"path": self.path, **dated, "run_id": self.run_id}


def write_parquet(warehouse: Warehouse, contracts: list[TableContract], folder: Path, now: datetime) -> dict[str, int]:
    """Write what is new in the published set as Parquet files and swap the manifest in.

    Parameters
    ----------
    warehouse : Warehouse
        With the published set.
    contracts : list[TableContract]
        The tables that readers get.
    folder : Path
        The folder of the manifest; ours alone.
    now : datetime
        The time, UTC: files superseded more than an hour before it are removed.

    Returns
    -------
    dict[str, int]
        Rows per table in the publication.

    Raises
    ------
    PublicationError
        When a file cannot be written; readers keep the last publication.
    """
    dates = kept_dates(warehouse)
    if not dates:
        raise PublicationError("nothing has been published yet; start with `kam run`")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        manifest = _publish(warehouse, contracts, dates, folder, now)
    except (OSError, duckdb.IOException) as error:
        with contextlib.suppress(OSError):
            # on a full disk what this attempt wrote is in everybody's way
            _remove_leftovers(folder, contracts, _read_manifest(folder), now)
        text = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise PublicationError(
            f"{folder}: cannot be written ({text}); free space or rights, then `kam publish`. "
            "Readers keep the last publication."
        ) from error
    return {name: table["rows"] for name, table in manifest["tables"].items()}


def _publish(
    warehouse: Warehouse, contracts: list[TableContract], dates: list[KeptDate], folder: Path, now: datetime
) -> dict[str, Any]:
    last = _read_manifest(folder)
    superseded = _remove_leftovers(folder, contracts, last, now)
    there = {entry["path"]: entry for entry in _entries(last)}
    newest_run = max(dates, key=lambda kept: (kept.created_at, kept.as_of_date)).run_id
    tables = {}
    for contract in contracts:
        listed = [
            _reused(folder, there, file) or _write(warehouse, folder, file)
            for file in _files(warehouse, contract, dates, newest_run)
        ]
        sync(folder / contract.name)
        tables[contract.name] = _table(contract, listed)
    superseded |= {path: now.isoformat() for path in there}
    named = {entry["path"] for table in tables.values() for entry in table["files"]}
    manifest = {
        "created_at": now.isoformat(),
        "run_id": newest_run,
        "as_of_dates": [str(kept.as_of_date) for kept in dates],
        "tables": tables,
        "superseded": {path: since for path, since in sorted(superseded.items()) if path not in named},
    }
    unfinished = folder / _MANIFEST_UNFINISHED
    unfinished.write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
    swap_in(unfinished, folder / MANIFEST)
    return manifest


def _files(warehouse: Warehouse, contract: TableContract, dates: list[KeptDate], newest_run: str) -> list[_File]:
    """Return the files of a table; one whose columns or rows change gets new ones, so that no file ever changes."""
    form = content_version([[column.name, column.type] for column in contract.columns])
    if not contract.is_dated:
        return [_File(f"{contract.name}/{newest_run}.{form}.parquet", contract, newest_run, None)]
    counts = kept_counts(warehouse, contract)
    if contract.is_newest_only:
        dates = dates[-1:]
    return [
        _File(
            f"{contract.name}/{kept.as_of_date}.{kept.run_id}.{counts.get(kept.as_of_date, 0)}.{form}.parquet",
            contract,
            kept.run_id,
            kept.as_of_date,
        )
        for kept in dates
    ]


def _reused(folder: Path, there: dict[str, dict[str, Any]], file: _File) -> dict[str, Any] | None:
    """Return the last manifest's entry of a file that is there as it says, None when it must be written."""
    entry = there.get(file.path)
    path = folder / file.path
    return entry if entry and path.is_file() and path.stat().st_size == entry["bytes"] else None


def _write(warehouse: Warehouse, folder: Path, file: _File) -> dict[str, Any]:
    contract, path = file.contract, folder / file.path
    unfinished = path.with_name(f".{path.name}{_UNFINISHED}")
    path.parent.mkdir(exist_ok=True)
    day = f" where as_of_date = date '{file.as_of_date}'" if file.as_of_date else ""
    order = ", ".join(quoted(name) for name in contract.key)
    query = f"select * from ({kept_query(warehouse, contract)}){day} order by {order}"
    written = warehouse.rows(f"copy ({query}) to {literal(str(unfinished))} (format parquet, compression zstd)")
    sync(unfinished)
    unfinished.replace(path)
    return {**file.entry, "rows": int(written[0][0]), "bytes": path.stat().st_size}


def _table(contract: TableContract, files: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the manifest says of a table."""
    return {
        "description": contract.description,
        "rows": sum(entry["rows"] for entry in files),
        "columns": [
            {"name": column.name, "type": column.type, "description": column.description} for column in contract.columns
        ],
        "files": files,
    }


def _read_manifest(folder: Path) -> dict[str, Any]:
    """Return the last manifest; one that cannot be read is as good as none, and everything is written again."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _entries(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for table in manifest.get("tables", {}).values() for entry in table["files"]]


def _remove_leftovers(
    folder: Path, contracts: list[TableContract], last: dict[str, Any], now: datetime
) -> dict[str, str]:
    """Remove what no reader can want: what a killed run left, and what was superseded long enough ago.

    Returns
    -------
    dict[str, str]
        What was superseded a moment ago and stays, with the time.
    """
    staying = {
        path: since
        for path, since in last.get("superseded", {}).items()
        if now - datetime.fromisoformat(since) < GRACE and (folder / path).exists()
    }
    named = {entry["path"] for entry in _entries(last)} | staying.keys()
    folders = {Path(path).parent.name for path in last.get("superseded", {})} | {table.name for table in contracts}
    (folder / _MANIFEST_UNFINISHED).unlink(missing_ok=True)
    for name in sorted(folders | set(last.get("tables", {}))):
        for path in [*(folder / name).glob("*.parquet"), *(folder / name).glob(f".*{_UNFINISHED}")]:
            if f"{name}/{path.name}" not in named:
                path.unlink()
    return staying
