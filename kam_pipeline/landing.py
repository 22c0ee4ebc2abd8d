"""Landing: the records of one extraction as Parquet files, written once and never changed.

What belongs here: files and their manifest, complete or not there at all, and how many are kept. What does not:
versions (raw.py), reading a CRM (connectors/).
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.errors import ConnectorError, WarehouseError

_UNFINISHED = ".partial"
_MANIFEST = "manifest.json"


class Availability(Protocol):
    """What landing needs to know of an object's origin (see connectors.base.ObjectAvailability)."""

    @property
    def crm_object(self) -> CrmObject: ...  # noqa: D102
    @property
    def origins(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def notes(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def presence(self) -> Mapping[str, str]: ...  # noqa: D102


class Extract(Protocol):
    """The records of one object, to be read once (see connectors.base.ObjectExtract)."""

    @property
    def availability(self) -> Availability: ...  # noqa: D102
    @property
    def batches(self) -> Iterator[pa.RecordBatch]: ...  # noqa: D102
    @property
    def is_complete(self) -> bool: ...  # noqa: D102
    @property
    def announced_cnt(self) -> int | None: ...  # noqa: D102
    @property
    def is_optional(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True)
class LandedObject:
    """One object of a landing: its file, how many records were read, and which fields the source had.

    `is_complete` says that a record that is not in it has been deleted; `failure` why it could not be read, in which
    case it holds nothing and its last known records count.
    """

    object_name: str
    file: str
    read_cnt: int
    announced_cnt: int | None
    origins: tuple[str, ...]
    notes: tuple[str, ...]
    presence: dict[str, str]
    is_complete: bool
    failure: str = ""


@dataclass(frozen=True)
class Landing:
    """One extraction on disk.

    Attributes
    ----------
    folder : Path
        Where the files are.
    run_id : str
        The run that extracted them.
    extracted_at : datetime
        When the extraction began, UTC without zone.
    source : str
        Name of the source.
    objects : tuple[LandedObject, ...]
        What was landed.
    """

    folder: Path
    run_id: str
    extracted_at: datetime
    source: str
    objects: tuple[LandedObject, ...]


def write_landing(
    folder: Path,
    *,
    run_id: str,
    extracted_at: datetime,
    source: str,
    extracts: Iterable[Extract],
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
    stamp = extracted_at.astimezone(UTC).replace(tzinfo=None)
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
        landing = Landing(final, run_id, stamp, source, tuple(landed))
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
    objects = tuple(
        LandedObject(**{**whole, **item, "origins": tuple(item["origins"]), "notes": tuple(item["notes"])})
        for item in values.pop("objects")
    )
    extracted_at = datetime.fromisoformat(values.pop("extracted_at"))
    return Landing(folder=folder, extracted_at=extracted_at, objects=objects, **values)


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


def _land_object(folder: Path, extract: Extract) -> LandedObject:
    """Write one object; where it is optional and cannot be read, say so and leave nothing of it."""
    name = extract.availability.crm_object.name
    file = folder / f"{name}.parquet"
    try:
        return _write_object(file, extract)
    except ConnectorError as error:
        if not extract.is_optional:
            raise
        file.unlink(missing_ok=True)
        return LandedObject(name, "", 0, None, (), (), {}, is_complete=False, failure=str(error))


def _write_object(file: Path, extract: Extract) -> LandedObject:
    """Write one object's batches as one Parquet file and count them."""
    crm_object = extract.availability.crm_object
    read_cnt = 0
    writer: pq.ParquetWriter | None = None
    try:
        for batch in extract.batches:
            writer = writer or _writer(file, batch.schema, crm_object)
            writer.write_batch(batch)
            read_cnt += batch.num_rows
    finally:
        if writer is not None:
            writer.close()
    if extract.announced_cnt is not None and read_cnt != extract.announced_cnt:
        raise WarehouseError(
            f"{crm_object.name}: the source announced {extract.announced_cnt} records and sent {read_cnt}; "
            "nothing was loaded, run again"
        )
    return LandedObject(
        object_name=crm_object.name,
        file=file.name if writer is not None else "",
        read_cnt=read_cnt,
        announced_cnt=extract.announced_cnt,
        origins=extract.availability.origins,
        notes=extract.availability.notes,
        presence=dict(extract.availability.presence),
        is_complete=extract.is_complete,
    )


def _writer(file: Path, schema: pa.Schema, crm_object: CrmObject) -> pq.ParquetWriter:
    """Open a Parquet file; ids, stamps and amounts hardly repeat, so that a dictionary of them saves nothing."""
    repeating = [field.name for field in crm_object.fields if field.type in ("text", "date", "month")]
    return pq.ParquetWriter(file, schema, compression="zstd", compression_level=1, use_dictionary=repeating)


def _write_manifest(path: Path, landing: Landing) -> None:
    values = asdict(landing)
    del values["folder"]
    values["extracted_at"] = landing.extracted_at.isoformat()
    with path.open("w", encoding="utf-8") as file:
        json.dump(values, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())


def _remove_unfinished(folder: Path) -> None:
    for path in folder.glob(f"*{_UNFINISHED}"):
        shutil.rmtree(path, ignore_errors=True)
