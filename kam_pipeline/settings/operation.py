"""Sections about running: quality, schedule, publish, report, engine.

What belongs here: what RevOps may change. What does not: anything that changes a number (business.py).
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

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


class Schedule(Section):
    """Section `schedule`: the organisation's day."""

    timezone: str | None = Field(
        default=None, description="IANA time zone, e.g. Europe/Copenhagen; default the organisation's own, else UTC."
    )

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, timezone: str | None) -> str | None:
        if timezone is not None:
            try:
                ZoneInfo(timezone)
            except (KeyError, ValueError):
                raise ValueError(f"{timezone!r} is no time zone; write e.g. Europe/Copenhagen or UTC") from None
        return timezone


class Publish(Section):
    """Section `publish`: where readers find the result."""

    folder: str = Field(default="published", min_length=1, description="Folder of key_accounts.duckdb.")
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
