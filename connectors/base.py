"""What every source looks like to the pipeline: objects in, typed Arrow record batches out.

What belongs here: the interface and its values. What does not: anything about one system (own folder), storage
(kam_pipeline.landing), rules about customers or deals (sql/staging).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

import pyarrow as pa

from kam_pipeline.crm_schema import CrmObject, FieldType

UNPARSED = "_unparsed"
"""Extra column of every batch: a JSON object {field: text as received} of values that could not be read as their
declared type, null when all could. The typed column is null there; staging decides what follows."""

CUSTOM = "_custom"
"""Extra column of an object of the CRM: a JSON object {API name: value} of the organisation's own fields that `mapping`
asks for, names in alphabetical order; null where it asks for none."""

ARROW_TYPES: dict[FieldType, pa.DataType] = {
    "id": pa.string(),
    "text": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "amount": pa.decimal128(18, 4),
    "number": pa.float64(),
    "integer": pa.int64(),
    "month": pa.date32(),
}

FieldPresence = Literal["present", "new", "retyped", "absent", "vanished", "not_mapped"]
"""present: the source has it; new: it has it since this extraction, which reads it for all records; retyped: its type
is another than before, or than we read; absent: it has no such field; vanished: it had it, and has deleted, renamed or
hidden it (the last known values stay); not_mapped: `mapping` does not say where it is."""

READABLE: tuple[FieldPresence, ...] = ("present", "new", "retyped")
"""The states in which values arrive."""

IDS = pa.schema([pa.field("Id", pa.string())])
"""What `ObjectExtract.gone` holds."""


def arrow_schema(crm_object: CrmObject) -> pa.Schema:
    """Return the schema that every batch of an object has: its declared fields, `_unparsed`, of the CRM's `_custom`."""
    fields = [pa.field(declared.name, ARROW_TYPES[declared.type]) for declared in crm_object.fields]
    custom = [pa.field(CUSTOM, pa.string())] if crm_object.has_custom else []
    return pa.schema([*fields, pa.field(UNPARSED, pa.string()), *custom])


class Checkpoints(Protocol):
    """What earlier extractions left in the warehouse, handed to a source; a source owns no database."""

    @property
    def reads_all(self) -> bool:
        """Whether every record is to be read anew; what fields there were is known all the same."""

    def of(self, object_name: str) -> Mapping[str, Any] | None:
        """Return what the source said of an object the last time its records were loaded, None before the first."""

    def known(self, object_name: str) -> Iterator[pa.RecordBatch]:
        """Yield `Id` and `SystemModstamp` (null where the object has none) of every record that is not gone."""


class NoCheckpoints:
    """Nothing is known yet."""

    reads_all = True

    def of(self, object_name: str) -> None:
        """Return None."""

    def known(self, object_name: str) -> Iterator[pa.RecordBatch]:  # noqa: ARG002 - of none
        """Yield nothing."""
        return iter(())


NOTHING_KNOWN = NoCheckpoints()


@dataclass(frozen=True)
class ObjectAvailability:
    """What a source offers of one object, found out without extracting it.

    Attributes
    ----------
    crm_object : CrmObject
        The declared object.
    origins : tuple[str, ...]
        Where its records are (files, an API); empty when the object is absent.
    presence : dict[str, FieldPresence]
        Per declared field, and per custom field by its API name, whether the source has it.
    notes : tuple[str, ...]
        What a reader should know, such as an encoding that was assumed, or why an object is not there.
    advice : Mapping[str, str]
        Per field that is not simply there, what to change: the permission to grant, the mapping to correct.
    """

    crm_object: CrmObject
    origins: tuple[str, ...]
    presence: dict[str, FieldPresence]
    notes: tuple[str, ...] = ()
    advice: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_present(self) -> bool:
        """Whether the source has the object at all."""
        return bool(self.origins)


@dataclass(frozen=True)
class ColumnPatch:
    """New values of some columns for records whose other columns are known, such as formulas and new fields.

    Attributes
    ----------
    fields : tuple[str, ...]
        Declared fields that the batches hold; `_custom` for the custom ones.
    batches : Iterator[pa.RecordBatch]
        `Id`, `SystemModstamp`, the fields and `_unparsed`, typed as in `arrow_schema`. A row counts only where the
        record is known with the same stamp: of a newer one the whole record is on its way.
    """

    fields: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class ObjectExtract:
    """The records of one object, to be read once.

    Attributes
    ----------
    availability : ObjectAvailability
        What was found of the object.
    batches : Iterator[pa.RecordBatch]
        Records with the schema of `arrow_schema`; reading them raises `ConnectorError` when the source fails.
    is_complete : bool
        Whether it holds every living record, so that a record not sent is gone.
    announced_cnt : int or None
        How many records the source said it has, None when it does not say.
    is_optional : bool
        Whether the extraction goes on without it when reading it fails; its last known records count then.
    gone : Iterator[pa.RecordBatch] or None
        Ids of records that the source says are no longer there, with the schema `IDS`; read after the batches. One that
        is among the batches too is there.
    patch : ColumnPatch or None
        New values of some columns; read after the batches.
    checkpoint : Mapping[str, Any] or None
        What the next extraction is told (see `Checkpoints`): JSON values, stored with the records in one transaction;
        None leaves nothing behind.
    """

    availability: ObjectAvailability
    batches: Iterator[pa.RecordBatch]
    is_complete: bool
    announced_cnt: int | None = None
    is_optional: bool = False
    gone: Iterator[pa.RecordBatch] | None = None
    patch: ColumnPatch | None = None
    checkpoint: Mapping[str, Any] | None = None


class Source(ABC):
    """A system that records are read from."""

    @property
    def is_live(self) -> bool:
        """Whether it holds what is true now, so that its as-of date is its own today; files hold what once was."""
        return False

    @property
    @abstractmethod
    def name(self) -> str:
        """Short text for `snapshot.source`: the kind and the last part of where it is, never a secret."""

    def clock(self) -> datetime | None:
        """Return what time it is by the source's own clock (UTC with zone), None where it has none."""
        return None

    def close(self) -> None:  # noqa: B027 - most hold nothing open
        """Let go of what the source holds open, such as connections."""

    @abstractmethod
    def inspect(
        self, objects: Sequence[CrmObject], checkpoints: Checkpoints = NOTHING_KNOWN
    ) -> list[ObjectAvailability]:
        """Return what is there of each object, in the order asked, without extracting records.

        `checkpoints` lets a source say what has changed since the last extraction.

        Raises
        ------
        ConnectorError
            When the source cannot be read, or a required object or column is missing.
        """

    @abstractmethod
    def extract(
        self, objects: Sequence[CrmObject], checkpoints: Checkpoints = NOTHING_KNOWN
    ) -> Iterator[ObjectExtract]:
        """Yield every object of the source that is present; `checkpoints` lets it read no more than is new.

        Each extract is to be read before the next is asked for.

        Raises
        ------
        ConnectorError
            When the source cannot be read, or a required object or column is missing.
        """
