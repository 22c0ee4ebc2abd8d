"""What every source looks like to the pipeline: objects in, typed Arrow record batches out.

What belongs here: the interface and its values. What does not: anything about one system (own folder), storage
(kam_pipeline.landing), rules about customers or deals (sql/staging).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from kam_pipeline.crm_schema import CrmObject, FieldType

UNPARSED = "_unparsed"
"""Extra column of every batch: a JSON object {field: text as received} of values that could not be read as their
declared type, null when all could. The typed column is null there; staging decides what follows."""

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

FieldPresence = Literal["present", "absent", "not_mapped"]


def arrow_schema(crm_object: CrmObject) -> pa.Schema:
    """Return the schema that every batch of an object has: its declared fields, then `_unparsed`."""
    fields = [pa.field(field.name, ARROW_TYPES[field.type]) for field in crm_object.fields]
    return pa.schema([*fields, pa.field(UNPARSED, pa.string())])


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
        Per declared field, whether the source has it.
    notes : tuple[str, ...]
        What a reader should know, such as an encoding that was assumed.
    """

    crm_object: CrmObject
    origins: tuple[str, ...]
    presence: dict[str, FieldPresence]
    notes: tuple[str, ...] = ()

    @property
    def is_present(self) -> bool:
        """Whether the source has the object at all."""
        return bool(self.origins)


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
    """

    availability: ObjectAvailability
    batches: Iterator[pa.RecordBatch]
    is_complete: bool
    announced_cnt: int | None = None
    is_optional: bool = False


class Source(ABC):
    """A system that records are read from."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Short text for `snapshot.source`: the kind and the last part of where it is, never a secret."""

    @abstractmethod
    def inspect(self, objects: Sequence[CrmObject]) -> list[ObjectAvailability]:
        """Return what is there of each object, in the order asked, without extracting records.

        Raises
        ------
        ConnectorError
            When the source cannot be read, or a required object or column is missing.
        """

    @abstractmethod
    def extract(self, objects: Sequence[CrmObject]) -> Iterator[ObjectExtract]:
        """Yield every object of the source that is present, in the order asked.

        Raises
        ------
        ConnectorError
            When the source cannot be read, or a required object or column is missing.
        """
