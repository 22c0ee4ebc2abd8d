"""Sections about running: quality, schedule, publish, report, engine.

What belongs here: what RevOps may change. What does not: anything that changes a number (business.py).
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from kam_pipeline.settings.cron import cron_problem
from kam_pipeline.settings.secret import SecretReference
from kam_pipeline.settings.section import Section

Share = Annotated[float, Field(ge=0, le=1)]
Language = Literal["en", "da"]


class Quality(Section):
    """Section `quality`: when a run must not be published."""

    max_rejected_share: Share = Field(
        default=0.20, description="A larger share of rejected records of one object blocks publishing."
    )
    max_vanished_share: Share = Field(
        default=0.20, description="A larger share of records missing from a complete delivery blocks publishing."
    )
    max_row_drop_share: Share = Field(
        default=0.50,
        description="A published table that has lost a larger share of its rows since the last publication blocks "
        "publishing; after a change of kam.yaml it only warns.",
    )
    max_age_days: Annotated[int, Field(ge=0)] | None = Field(
        default=7,
        description="Warn when nothing in the data is newer than so many days before the extraction; null for never.",
    )


class Schedule(Section):
    """Section `schedule`: the organisation's day, and when its night begins."""

    cron: str | None = Field(
        default="0 5 * * *",
        description="When the night runs, as cron writes it: minute, hour, day, month, weekday, in `timezone`; "
        "null for never.",
    )
    timezone: str | None = Field(
        default=None, description="IANA time zone, e.g. Europe/Copenhagen; default the organisation's own, else UTC."
    )

    @field_validator("cron")
    @classmethod
    def _cron_is_readable(cls, cron: str | None) -> str | None:
        problem = cron_problem(cron) if cron is not None else None
        if problem:
            raise ValueError(problem)
        return cron

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, timezone: str | None) -> str | None:
        if timezone is not None:
            try:
                ZoneInfo(timezone)
            except (KeyError, ValueError):
                raise ValueError(f"{timezone!r} is no time zone; write e.g. Europe/Copenhagen or UTC") from None
        return timezone


class Postgresql(Section):
    """A PostgreSQL database that BI tools read: schema `kam`, and `kam_latest` with the newest date of each table."""

    url: SecretReference = Field(
        description="Variable that holds the address, as ${ENV_NAME}: postgresql://user:password@host:5432/database."
    )
    reader_role: str | None = Field(
        default="kam_reader",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="Role that may read the tables, made when it is not there; null to grant nothing.",
    )


class Publish(Section):
    """Section `publish`: where readers find the result."""

    folder: str = Field(default="published", min_length=1, description="Folder of key_accounts.duckdb.")
    keep_days: int | None = Field(
        default=35,
        ge=1,
        description="Days for which every snapshot is kept; of older ones the last of each month. null: all, for ever.",
    )
    parquet: bool = Field(
        default=False, description="Also Parquet files, in the folder parquet below, with a manifest."
    )
    postgresql: Postgresql | None = Field(default=None, description="Also a PostgreSQL database.")
    facts: Literal["list", "all"] = Field(
        default="list",
        description="Opportunities and activities of groups on the list, designated or near it; or of all groups.",
    )


class Report(Section):
    """Section `report`: the page that a sales leader opens, made from the publication."""

    folder: str = Field(default="report", min_length=1, description="Folder of index.html.")
    languages: tuple[Language, ...] = Field(
        default=("en", "da"), min_length=1, description="Languages of the page; the first is shown first."
    )

    @field_validator("languages")
    @classmethod
    def _named_once(cls, languages: tuple[Language, ...]) -> tuple[Language, ...]:
        if len(set(languages)) < len(languages):
            raise ValueError("a language is named twice; name each once")
        return languages


class Engine(Section):
    """Section `engine`: where the pipeline works and how much of the machine it may use."""

    state_folder: str = Field(default="state", min_length=1, description="Folder of the warehouse and landing files.")
    memory_limit: str = Field(
        default="1500MB", pattern=r"^\d+(\.\d+)?(MB|GB|MiB|GiB)$", description="Memory that DuckDB may use."
    )
    threads: int = Field(default=2, ge=1, le=256, description="Threads that DuckDB may use.")
    landings_kept: int = Field(
        default=7, ge=1, description="Extractions whose files are kept; the warehouse holds every version anyway."
    )
