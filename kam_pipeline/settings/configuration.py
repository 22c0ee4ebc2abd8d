"""The whole of kam.yaml, and the places on disk that follow from it.

What belongs here: the list of sections, content versions, paths. What does not: reading YAML (load.py).
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from kam_pipeline.settings.alerts import Alerts
from kam_pipeline.settings.business import Currency, FiscalYear, Groups, Relevance, RevenueBasis, ScopeExclusions
from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.settings.feeds import Feeds
from kam_pipeline.settings.kpis import Kpis
from kam_pipeline.settings.maturity import Maturity
from kam_pipeline.settings.operation import Engine, Publish, Quality, Report, Schedule
from kam_pipeline.settings.salesforce import SalesforceSource
from kam_pipeline.settings.section import Section
from kam_pipeline.settings.source import FilesSource, Mapping, ObjectMapping

PUBLISHED_NAME = "key_accounts.duckdb"
PUBLISHED_SCHEMA = "kam"
REPORT_NAME = "index.html"


# What can change a result, by the sections of kam.yaml; `reading` is what all of them say of reading the source,
# `potential` the part of criteria that a new weight leaves as it is.
SECTIONS = (
    "reading", "source", "mapping", "scope", "groups", "feeds", "currency", "fiscal_year", "revenue_basis", "relevance",
    "potential", "criteria", "kpis", "maturity", "quality", "schedule", "publish", "report",
)  # fmt: skip

# What says where the source is and how hard it is asked, and nothing of what its values mean.
_ELSEWHERE_IN_SOURCE = {
    "path", "record_url", "login", "sign_in", "api_version", "bulk_from", "overlap_minutes", "lag_seconds",
    "reconcile_days", "formula_hours", "max_api_share", "timeout_seconds",
}  # fmt: skip
_OF_COLUMNS = {"file", "sobject", "fields", "custom", "all_custom"}
_OF_MEANING = {"lowest", "highest", "satisfied_from", "designates"}


class Settings(Section):
    """Every section of kam.yaml; only `source` must be there."""

    source: FilesSource | SalesforceSource = Field(
        discriminator="kind", description="Where the CRM records come from: kind files, or kind salesforce."
    )
    mapping: Mapping = Field(default=Mapping(), description="CRM fields to ours, per object.")
    scope: ScopeExclusions = Field(default=ScopeExclusions(), description="What is no customer and no deal.")
    groups: Groups = Field(default=Groups(), description="Corrections to the ultimate-parent groups.")
    feeds: Feeds = Field(default=Feeds(), description="Optional files with what other systems know of the customers.")
    currency: Currency = Field(default=Currency(), description="Reporting currency and rates.")
    fiscal_year: FiscalYear = Field(default=FiscalYear(), description="When the organisation's year begins.")
    revenue_basis: RevenueBasis = Field(
        default="bookings",
        description="What revenue means: bookings (won deals), invoiced (the feed actuals) or orders (activated ones).",
    )
    relevance: Relevance = Field(default=Relevance(), description="When key account management is right for us.")
    criteria: Criteria = Field(default=Criteria.model_validate({}), description="Who is proposed as a key account.")
    kpis: Kpis = Field(default=Kpis(), description="Windows and limits of the KPIs.")
    maturity: Maturity = Field(default=Maturity(), description="How mature the programme is and ought to be.")
    quality: Quality = Field(default=Quality(), description="When a run must not be published.")
    schedule: Schedule = Field(default=Schedule(), description="The organisation's day.")
    alerts: Alerts = Field(default=Alerts(), description="Who is told when a night fails or is not published.")
    publish: Publish = Field(default=Publish(), description="Where readers find the result.")
    report: Report = Field(default=Report(), description="The page that a sales leader opens.")
    engine: Engine = Field(default=Engine(), description="Where the pipeline works and what it may use.")

    @field_validator("revenue_basis")
    @classmethod
    def _basis_has_its_feed(cls, basis: RevenueBasis, info: ValidationInfo) -> RevenueBasis:
        # `feeds` is not among the values where it is wrong itself
        feeds = info.data.get("feeds")
        if basis == "invoiced" and isinstance(feeds, Feeds) and feeds.actuals is None:
            raise ValueError(
                "is invoiced, and nothing says what was invoiced; set feeds.actuals.file, or write bookings or orders"
            )
        return basis


def content_version(value: object) -> str:
    """Return a short version of a value: the first 12 hex digits of the SHA-256 of its canonical JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


@dataclass(frozen=True)
class Configuration:
    """Checked settings with the folder that their relative paths start from.

    Attributes
    ----------
    settings : Settings
        The sections.
    folder : Path
        Folder of kam.yaml.
    """

    settings: Settings
    folder: Path

    @property
    def state_folder(self) -> Path:
        """Folder of everything the pipeline keeps for itself."""
        return self.folder / self.settings.engine.state_folder

    @property
    def warehouse_path(self) -> Path:
        """The working database; nobody but the pipeline opens it."""
        return self.state_folder / "warehouse.duckdb"

    @property
    def landing_folder(self) -> Path:
        """One folder per run with the records as received."""
        return self.state_folder / "landing"

    @property
    def extraction_folder(self) -> Path:
        """What an interrupted extraction goes on from."""
        return self.state_folder / "extraction"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own history."""
        return self.state_folder / "dagster"

    @property
    def published_path(self) -> Path:
        """The database that readers open."""
        return self.folder / self.settings.publish.folder / PUBLISHED_NAME

    @property
    def parquet_folder(self) -> Path:
        """The Parquet files and their manifest."""
        return self.published_path.with_name("parquet")

    @property
    def report_path(self) -> Path:
        """The page that a sales leader opens."""
        return self.folder / self.settings.report.folder / REPORT_NAME

    @property
    def as_of_timezone(self) -> str:
        """Time zone in which as-of dates begin, for whoever must know before anything has been read."""
        return self.settings.schedule.timezone or "UTC"

    @property
    def groups_path(self) -> Path | None:
        """The groups file, None where none is configured."""
        return self.folder / self.settings.groups.file if self.settings.groups.file else None

    @property
    def criteria_text(self) -> str:
        """The criteria as checked, with defaults filled in, as JSON text with sorted keys."""
        return json.dumps(self.settings.criteria.model_dump(), indent=2, sort_keys=True, ensure_ascii=False)

    @property
    def criteria_version(self) -> str:
        """Content version of the criteria."""
        return content_version(self.settings.criteria.model_dump())

    @property
    def anchor_version(self) -> str:
        """Content version of what turns observations into levels: weights, anchors, bands, title patterns."""
        return content_version(self.settings.maturity.rules)

    def section_version(self, name: str) -> str:
        """Return the content version of what a section of `SECTIONS` says that can change a result."""
        return content_version(self._section_values(name))

    def _section_values(self, name: str) -> object:
        settings = self.settings
        match name:
            case "reading":
                notation = settings.source.model_dump(exclude=_ELSEWHERE_IN_SOURCE)
                columns = {key: item.model_dump(include=_OF_COLUMNS) for key, item in self._mapped.items()}
                elsewhere = {"file", *_OF_MEANING}
                feeds = {feed.declared.name: feed.model_dump(exclude=elsewhere) for feed in settings.feeds.configured}
                return [notation, columns, feeds]
            case "source":
                return settings.source.record_address
            case "mapping":
                return {
                    key: item.model_dump(include={"stages", "activated", "held"}) for key, item in self._mapped.items()
                }
            case "groups":
                return [settings.groups.file, self._groups_text]
            case "feeds":
                return {feed.declared.name: feed.model_dump(include=_OF_MEANING) for feed in settings.feeds.configured}
            case "potential":
                return settings.criteria.potential.model_dump()
            case "schedule":
                return settings.schedule.timezone
            case "publish":
                return settings.publish.facts
            case _:
                return settings.model_dump(include={name})

    @property
    def _mapped(self) -> dict[str, ObjectMapping]:
        return self.settings.mapping.objects

    @property
    def _groups_text(self) -> str:
        return self.groups_path.read_text(encoding="utf-8", errors="replace") if self.groups_path else ""

    @property
    def config_version(self) -> str:
        """Content version of everything that can change a number, the groups file included: not where files are."""
        places: dict[str, Any] = dict.fromkeys(("engine", "report", "alerts"), True)
        places |= {
            "publish": {"folder", "keep_days", "parquet", "postgresql"},
            "schedule": {"cron"},
            "source": _ELSEWHERE_IN_SOURCE - {"record_url"},
        }
        places["feeds"] = {name: {"file"} for name in Feeds.model_fields}
        values = self.settings.model_dump(exclude=places)
        return content_version([values, self._groups_text])
