"""Landing: the records of one extraction as Parquet files, written once and never changed.

What belongs here: files and their manifest, complete or not there at all, and how many are kept. What does not:
the values themselves (landed.py), versions (raw.py), reading a CRM (connectors/).
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.errors import ConnectorError, WarehouseError
from kam_pipeline.landed import Availability, Extract, LandedObject, Landing

_UNFINISHED = ".partial"
_MANIFEST = "manifest.json"

__all__ = [
    "Availability",
    "Extract",
    "LandedObject",
    "Landing",
    "complete_landings",
    "newest_landing",
    "prune_landings",
    "read_landing",
    "write_landing",
]


def write_landing(
    folder: Path,
    *,
    run_id: str,
    extracted_at: datetime,
    source: str,
    extracts: Iterable[Extract],
    clock_at: datetime | None = None,
    is_live: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Landing:
    """Write an extraction; it appears under its final name only when whole.

    Parameters
    ----------
    folder : Path
        Folder of all landings.
    run_id : str
        The run, part of the landing's name.
    extracted_at : datetime
        When the extraction began, with a zone.
    source : str
        Name of the source.
    extracts : Iterable[Extract]
        Objects with their record batches; each is read once.
    clock_at : datetime or None
        What time it was by the source's own clock, with a zone, when the extraction began; None where it has none.
    is_live : bool
        Whether the source holds what is true now.
    progress : Callable[[str], None]
        Told the name of each object as it begins.

    Returns
    -------
    Landing
        What was written.

    Raises
    ------
    WarehouseError
        When the files cannot be written, or an object sent another number of records than it announced.
    """
    stamp = _in_utc(extracted_at)
    # to the microsecond: names order landings, also those of a run killed and started again within a second
    final = folder / f"{stamp:%Y%m%dT%H%M%S.%fZ}-{run_id[:8]}"
    unfinished = final.with_name(final.name + _UNFINISHED)
    try:
        _remove_unfinished(folder)
        unfinished.mkdir(parents=True)
        landed = []
        for extract in extracts:
            progress(extract.availability.crm_object.name)
            landed.append(_land_object(unfinished, extract))
        clock = _in_utc(clock_at) if clock_at else None
        landing = Landing(final, run_id, stamp, source, tuple(landed), is_live, clock)
        _write_manifest(unfinished / _MANIFEST, landing)
        unfinished.rename(final)
    except OSError as error:
        raise WarehouseError(
            f"{folder}: cannot be written ({error.strerror or error}); free space or rights"
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return landing


def read_landing(folder: Path) -> Landing:
    """Read the manifest of a landing.

    Raises
    ------
    WarehouseError
        When the folder is no complete landing.
    """
    try:
        values = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WarehouseError(f"{folder}: is no complete landing ({error}); run the extraction again") from error
    # manifests were once complete, or not, as a whole
    whole = {"is_complete": values.pop("is_complete")} if "is_complete" in values else {}
    objects = tuple(_landed_object({**whole, **item}) for item in values.pop("objects"))
    extracted_at = datetime.fromisoformat(values.pop("extracted_at"))
    clock_at = values.pop("clock_at", None)
    return Landing(
        folder=folder,
        extracted_at=extracted_at,
        objects=objects,
        clock_at=datetime.fromisoformat(clock_at) if clock_at else None,
        **values,
    )


def newest_landing(folder: Path) -> Landing | None:
    """Return the newest complete landing, None when there is none."""
    complete = complete_landings(folder)
    return read_landing(complete[-1]) if complete else None


def complete_landings(folder: Path) -> list[Path]:
    """Return the folders of all complete landings, oldest first."""
    return sorted(path.parent for path in folder.glob(f"*/{_MANIFEST}") if path.parent.suffix != _UNFINISHED)


def prune_landings(loaded: Landing, kept: int) -> int:
    """Remove what lies before the newest landings; raw holds every version of every record.

    Parameters
    ----------
    loaded : Landing
        The landing that has been loaded last; it and everything after it stay.
    kept : int
        How many of the landings up to it stay, at least 1.

    Returns
    -------
    int
        Landings removed.

    Raises
    ------
    WarehouseError
        When the folder cannot be written.
    """
    up_to_loaded = [path for path in complete_landings(loaded.folder.parent) if path.name <= loaded.folder.name]
    surplus = up_to_loaded[: -max(kept, 1)]
    try:
        for path in surplus:
            # no landing from here on, whatever happens to its files: the next extraction clears away what is left
            shutil.rmtree(path.rename(path.with_name(path.name + _UNFINISHED)))
    except OSError as error:
        raise WarehouseError(
            f"{error.filename or loaded.folder.parent}: cannot be removed ({error.strerror}); see to its rights"
        ) from error
    return len(surplus)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _landed_object(values: dict[str, Any]) -> LandedObject:
    """Return an object of a manifest; JSON has lists only."""
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return LandedObject(**{**values, **lists})


def _land_object(folder: Path, extract: Extract) -> LandedObject:
    """Write one object; where it is optional and cannot be read, say so and leave nothing of it."""
    name = extract.availability.crm_object.name
    try:
        return _write_object(folder, extract)
    except ConnectorError as error:
        if not extract.is_optional:
            raise
        for kind in ("", ".gone", ".patch"):
            (folder / f"{name}{kind}.parquet").unlink(missing_ok=True)
        return LandedObject(name, "", 0, None, (), (), {}, is_complete=False, failure=str(error))


def _write_object(folder: Path, extract: Extract) -> LandedObject:
    """Write what one object sends: its records, the ids that are gone, the new values of some columns."""
    crm_object, availability = extract.availability.crm_object, extract.availability
    file, read_cnt = _write_batches(folder / f"{crm_object.name}.parquet", extract.batches, crm_object)
    if extract.announced_cnt is not None and read_cnt != extract.announced_cnt:
        raise WarehouseError(
            f"{crm_object.name}: the source announced {extract.announced_cnt} records and sent {read_cnt}; "
            "nothing was loaded, run again"
        )
    gone_file, gone_cnt = _write_batches(folder / f"{crm_object.name}.gone.parquet", extract.gone or iter(()))
    patch = extract.patch
    patches = patch.batches if patch else iter(())
    patch_file, patch_cnt = _write_batches(folder / f"{crm_object.name}.patch.parquet", patches, crm_object)
    return LandedObject(
        object_name=crm_object.name,
        file=file,
        read_cnt=read_cnt,
        announced_cnt=extract.announced_cnt,
        origins=availability.origins,
        notes=availability.notes,
        presence=dict(availability.presence),
        is_complete=extract.is_complete,
        advice=dict(availability.advice),
        gone_file=gone_file,
        gone_cnt=gone_cnt,
        patch_file=patch_file,
        patch_fields=tuple(patch.fields) if patch else (),
        patch_cnt=patch_cnt,
        # read last: a source may know only after its records how far it got
        checkpoint=None if extract.checkpoint is None else dict(extract.checkpoint),
    )


def _write_batches(
    file: Path, batches: Iterator[pa.RecordBatch], crm_object: CrmObject | None = None
) -> tuple[str, int]:
    """Write batches as one Parquet file; return its name, empty when there were none, and how many rows it has."""
    row_cnt = 0
    writer: pq.ParquetWriter | None = None
    try:
        for batch in batches:
            writer = writer or _writer(file, batch.schema, crm_object)
            writer.write_batch(batch)
            row_cnt += batch.num_rows
    finally:
        if writer is not None:
            writer.close()
    return (file.name if writer is not None else "", row_cnt)


def _writer(file: Path, schema: pa.Schema, crm_object: CrmObject | None) -> pq.ParquetWriter:
    """Open a Parquet file; ids, stamps and amounts hardly repeat, so that a dictionary of them saves nothing."""
    fields = crm_object.fields if crm_object else ()
    repeating = {field.name for field in fields if field.type in ("text", "date", "month")}
    dictionaries = [name for name in schema.names if name in repeating]
    return pq.ParquetWriter(file, schema, compression="zstd", compression_level=1, use_dictionary=dictionaries)


def _write_manifest(path: Path, landing: Landing) -> None:
    values = asdict(landing)
    del values["folder"]
    values["extracted_at"] = landing.extracted_at.isoformat()
    values["clock_at"] = landing.clock_at.isoformat() if landing.clock_at else None
    with path.open("w", encoding="utf-8") as file:
        json.dump(values, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())


def _remove_unfinished(folder: Path) -> None:
    for path in folder.glob(f"*{_UNFINISHED}"):
        shutil.rmtree(path, ignore_errors=True)
