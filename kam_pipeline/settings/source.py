"""Sections `source` (of kind files) and `mapping`: where the records are and what their columns are called.

What belongs here: the shape of those two sections. What does not: a source of kind salesforce (salesforce.py), reading
the sections (load.py), opening files (connectors).
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from kam_pipeline.crm_schema import CRM_OBJECTS, crm_object
from kam_pipeline.settings.section import Section, closest

Delimiter = Literal["auto", "comma", "semicolon", "tab", "pipe", "caret", "backquote"]


class FileNotation(Section):
    """How a file is written; what the source and every feed say of theirs."""

    encoding: str = Field(
        default="auto",
        description="auto tries UTF-8 (with or without BOM) and falls back to cp1252 with a warning; or name one.",
    )
    delimiter: Delimiter = Field(default="auto", description="auto finds the one that yields known column names.")
    date_formats: list[str] = Field(
        default_factory=list,
        description="How dates are written, as in strptime, e.g. '%m/%d/%Y'; empty means 2024-12-31.",
    )
    decimal_separator: Literal[".", ","] = Field(
        default=".", description="Decimal separator of amounts; the other of the two is read as thousands separator."
    )

    @field_validator("date_formats", "datetime_formats", check_fields=False)
    @classmethod
    def _formats_have_a_directive(cls, formats: list[str]) -> list[str]:
        for text in formats:
            if "%" not in text:
                raise ValueError(f"{text!r} has no % directive; write dates as in strptime, e.g. '%d-%m-%Y'")
        return formats

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, encoding: str) -> str:
        if encoding != "auto":
            try:
                "".encode(encoding)
            except LookupError:
                raise ValueError(f"{encoding!r} is not an encoding; try utf-8, cp1252 or latin-1") from None
        return encoding


def _has_an_id(record_url: str) -> str:
    if "{id}" not in record_url:
        raise ValueError("has no {id}; write the address with {id} where the record's id goes")
    return record_url


RecordUrl = Annotated[str, AfterValidator(_has_an_id)]
"""Address of a record with {id} where its id goes."""


class FilesSource(FileNotation):
    """A folder or ZIP of CSV or Parquet files, in Salesforce Data Export form or any other with a mapping."""

    kind: Literal["files"] = Field(description="Records come from files.")
    path: str = Field(
        description="Folder or ZIP file, relative to kam.yaml; a folder may hold several ZIP parts.", min_length=1
    )
    ids: Literal["auto", "salesforce", "text"] = Field(
        default="auto",
        description="salesforce: 15-character ids become 18; text: ids as they are; auto: salesforce unless mapped.",
    )
    datetime_formats: list[str] = Field(
        default_factory=list, description="How date-times are written, in UTC; empty: as date_formats, or ISO 8601."
    )
    complete: bool = Field(
        default=True,
        description="Each delivery holds every record, so that one that is missing has been deleted.",
    )
    record_url: RecordUrl | None = Field(
        default=None, description="Address of a record with {id} in it, e.g. https://acme.lightning.force.com/{id}."
    )

    @property
    def record_address(self) -> str | None:
        """Address of a record with {id} in it, None where nobody has said."""
        return self.record_url


CUSTOM_ENDS = ("__c", "__pc", "__s")
"""Ends of the names of fields that are no standard ones, in small letters: the organisation's own, those of contacts on
person accounts, parts of locations."""


class Stages(Section):
    """Which stage names mean won and lost, for sources without IsWon and IsClosed."""

    won: list[str] = Field(min_length=1, description="Stage names of won deals.")
    lost: list[str] = Field(min_length=1, description="Stage names of lost deals.")


class ObjectMapping(Section):
    """Where one object is and what its columns are called."""

    file: str | None = Field(default=None, description="Files only: name in the source folder; default <Object>.csv.")
    sobject: str | None = Field(
        default=None,
        min_length=1,
        description="Salesforce only: API name of the object that serves as this one, e.g. Key_Account_Plan__c.",
    )
    custom: list[str] = Field(
        default_factory=list, description="Columns of your own to take along, by their API names, e.g. Tier__c."
    )
    all_custom: bool = Field(default=False, description="Take along every column whose name ends in __c, __pc or __s.")
    fields: dict[str, Annotated[str | list[str], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Our field name: their column; a list of columns is joined with '|' (for keys of two parts).",
    )
    stages: Stages | None = Field(default=None, description="Opportunity only: what won and lost are called.")
    activated: list[str] = Field(
        default_factory=list,
        description="Order only: statuses of orders that count, where StatusCode is absent; default Activated.",
    )
    held: list[str] = Field(
        default_factory=list,
        description="Event and Task only: statuses of what has taken place; default: completed, held, done, ...",
    )


class Mapping(Section):
    """Section `mapping`: per object, the file and the column names."""

    objects: dict[str, ObjectMapping] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _objects_are_the_keys(cls, data: object) -> object:
        return data if isinstance(data, dict) and set(data) == {"objects"} else {"objects": data or {}}

    @field_validator("objects")
    @classmethod
    def _names_are_declared(cls, objects: dict[str, ObjectMapping]) -> dict[str, ObjectMapping]:
        problems = []
        for name, mapping in objects.items():
            declared = crm_object(name)
            if declared is None:
                problems.append(f"{name}: no such object{closest(name, [known.name for known in CRM_OBJECTS])}")
                continue
            problems += [
                f"{name}.fields.{field}: no such field{closest(field, [known.name for known in declared.fields])}"
                for field in mapping.fields
                if declared.field(field) is None
            ]
            if mapping.stages and declared.name != "Opportunity":
                problems.append(f"{name}.stages: only Opportunity has stages; remove it here")
            if mapping.activated and declared.name != "Order":
                problems.append(f"{name}.activated: only Order is activated; remove it here")
            if mapping.held and declared.name not in ("Event", "Task"):
                problems.append(f"{name}.held: only Event and Task take place; remove it here")
        if problems:
            raise ValueError("; ".join(problems))
        return objects

    def of(self, object_name: str) -> ObjectMapping:
        """Return the mapping of an object, an empty one when nothing is mapped."""
        found = (mapping for name, mapping in self.objects.items() if name.lower() == object_name.lower())
        return next(found, ObjectMapping())

    def names(self, object_name: str) -> bool:
        """Return whether the section speaks of an object, in any letter case."""
        return object_name.lower() in {name.lower() for name in self.objects}
