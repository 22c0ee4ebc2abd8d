"""What a landing holds, and what it needs of a source.

What belongs here: the values. What does not: files (landing.py), versions (raw.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from kam_pipeline.crm_schema import CrmObject


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
    @property
    def advice(self) -> Mapping[str, str]: ...  # noqa: D102


class Patch(Protocol):
    """New values of some columns (see connectors.base.ColumnPatch)."""

    @property
    def fields(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def batches(self) -> Iterator[pa.RecordBatch]: ...  # noqa: D102


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
    @property
    def gone(self) -> Iterator[pa.RecordBatch] | None: ...  # noqa: D102
    @property
    def patch(self) -> Patch | None: ...  # noqa: D102
    @property
    def checkpoint(self) -> Mapping[str, Any] | None: ...  # noqa: D102


@dataclass(frozen=True)
class LandedObject:
    """One object of a landing: its files, how many rows were read, and which fields the source had.

    Attributes
    ----------
    object_name : str
        The object.
    file : str
        Parquet file of its records, empty where it has none.
    read_cnt : int
        Records in the file.
    announced_cnt : int or None
        How many the source said it has.
    origins, notes, presence, advice
        What was found of it (see connectors.base.ObjectAvailability).
    is_complete : bool
        Whether a record that is not in the file has been deleted.
    failure : str
        Why it could not be read, in which case it holds nothing and its last known records count.
    gone_file, gone_cnt
        Parquet file of the ids that the source says are no longer there, and how many.
    patch_file, patch_fields, patch_cnt
        Parquet file of new values of some columns, these columns, and of how many records.
    checkpoint : dict or None
        What the next extraction is told; JSON values.
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
    advice: dict[str, str] = field(default_factory=dict)
    gone_file: str = ""
    gone_cnt: int = 0
    patch_file: str = ""
    patch_fields: tuple[str, ...] = ()
    patch_cnt: int = 0
    checkpoint: dict[str, Any] | None = None


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
    is_live : bool
        Whether the source holds what is true now.
    clock_at : datetime or None
        When the extraction began by the source's own clock, UTC without zone; None where it has none.
    """

    folder: Path
    run_id: str
    extracted_at: datetime
    source: str
    objects: tuple[LandedObject, ...]
    is_live: bool = False
    clock_at: datetime | None = None
