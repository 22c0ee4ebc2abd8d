"""A small export that a test edits, and the pipeline over it without Dagster: seconds become milliseconds."""

import csv
import hashlib
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kam_pipeline.definitions import open_source
from kam_pipeline.evaluation import decide_evaluation, default_as_of_date, knowledge_of
from kam_pipeline.feed_schema import SOURCE_OBJECTS
from kam_pipeline.landing import write_landing
from kam_pipeline.publishing import keep, write_publication
from kam_pipeline.quality import QualityCheck, blocking_checks
from kam_pipeline.quality import table as quality_table
from kam_pipeline.quality.expectations import judge
from kam_pipeline.quality.gate import Figure
from kam_pipeline.raw import load_landing
from kam_pipeline.settings import load_configuration
from kam_pipeline.tables import Build, newest_only_contracts, published_contracts, tables
from kam_pipeline.warehouse import Warehouse

ACCOUNT_HEADER = [
    "Id", "Name", "ParentId", "CurrencyIsoCode", "CreatedDate", "SystemModstamp", "IsDeleted", "MasterRecordId",
]  # fmt: skip
DEAL_HEADER = [
    "Id", "AccountId", "Name", "Amount", "CurrencyIsoCode", "CloseDate", "StageName", "IsClosed", "IsWon",
    "CreatedDate", "SystemModstamp", "IsDeleted", "Probability",
]  # fmt: skip
EVENT_HEADER = ["Id", "AccountId", "WhoId", "ActivityDate", "Status"]
FEED_HEADERS = {
    "satisfaction": ["account_id", "surveyed_on", "score"],
    "costs": ["account_id", "month", "cost_amt", "currency_code"],
    "targets": ["account_id", "year", "target_amt"],
    "decisions": ["account_id", "status", "since", "until", "reason", "approved_by"],
}
# The date and the blocking checks of each first night that is kept, by its folder.
_COMPUTED: dict[Path, tuple[date, list[str]]] = {}

Judge = Callable[[Sequence[Figure]], list[QualityCheck]]


def within_bounds(figures: Sequence[Figure]) -> list[QualityCheck]:
    """Judge as Great Expectations does, a second of every night faster; tests/quality holds one against the other."""

    def holds(figure: Figure) -> bool | None:
        if not figure.is_judged:
            return None
        value = float(figure.value or 0)
        return (figure.lowest is None or value >= figure.lowest) and (figure.highest is None or value <= figure.highest)

    return [figure.judged(holds(figure)) for figure in figures]


class SmallCompany:
    """A folder with kam.yaml and an export of accounts a1..an, each with one won deal a month for two years.

    With `first_nights`, a folder, a first night that another company had from the same files is copied; `judged_by`
    stands in for Great Expectations.
    """

    def __init__(
        self, folder: Path, accounts: int = 30, first_nights: Path | None = None, judged_by: Judge = judge
    ) -> None:
        self.folder = folder
        self.first_nights = first_nights
        self.judged_by = judged_by
        self.clock = datetime(2026, 7, 1, 3, tzinfo=UTC)
        self.accounts = [
            {"Id": f"a{i:02}", "Name": f"Account {i}", "CurrencyIsoCode": "EUR",
             "CreatedDate": "2024-01-01 08:00:00", "SystemModstamp": "2024-01-01 08:00:00", "IsDeleted": "0"}
            for i in range(1, accounts + 1)
        ]  # fmt: skip
        self.deals = [
            {"Id": f"d{i:02}-{month:02}", "AccountId": f"a{i:02}", "Name": "deal", "Amount": str(i * i * 10),
             "CurrencyIsoCode": "EUR", "CloseDate": str(_month_start(month) + timedelta(days=9)),
             "StageName": "Closed Won", "IsClosed": "1", "IsWon": "1",
             "CreatedDate": f"{_month_start(month)} 08:00:00", "SystemModstamp": f"{_month_start(month)} 08:00:00",
             "IsDeleted": "0"}
            for i in range(1, accounts + 1)
            for month in range(24)
        ]  # fmt: skip
        self.account_header = list(ACCOUNT_HEADER)
        self.events: list[dict[str, str]] = []
        self.settings = "source: {kind: files, path: export}\ncurrency: {reporting: EUR}\n"
        self.feeds: dict[str, list[dict[str, str]]] = {}

    @property
    def published(self) -> Path:
        return self.folder / "published" / "key_accounts.duckdb"

    def deal(self, deal_id: str) -> dict[str, str]:
        return next(deal for deal in self.deals if deal["Id"] == deal_id)

    def write(self) -> None:
        """Write kam.yaml and the export as they are now."""
        export = self.folder / "export"
        export.mkdir(parents=True, exist_ok=True)
        (self.folder / "kam.yaml").write_text(self.settings, encoding="utf-8")
        _write_csv(export / "Account.csv", self.account_header, self.accounts)
        _write_csv(export / "Opportunity.csv", DEAL_HEADER, self.deals)
        if self.events:
            _write_csv(export / "Event.csv", EVENT_HEADER, self.events)
        for name, rows in self.feeds.items():
            (self.folder / "feeds").mkdir(exist_ok=True)
            _write_csv(self.folder / "feeds" / f"{name}.csv", FEED_HEADERS[name], rows)

    def run(self, as_of: date | None = None, knowledge: str = "newest", publishes: bool = True) -> date:
        """Deliver and run one night, or copy it (see above); the clock goes on by a day."""
        self.write()
        if self.first_nights is None or (self.folder / "state").exists():
            return self._computed(as_of, knowledge, publishes)
        kept = self.first_nights / self._contents(as_of, knowledge, publishes)
        if kept in _COMPUTED:
            shutil.copytree(kept, self.folder, dirs_exist_ok=True)
            self.clock += timedelta(days=1)
            day, self.blocked_by = _COMPUTED[kept]
            return day
        day = self._computed(as_of, knowledge, publishes)
        shutil.copytree(self.folder, kept, dirs_exist_ok=True)
        _COMPUTED[kept] = (day, list(self.blocked_by))
        return day

    def _contents(self, *how: object) -> str:
        """A digest of all that a first night depends on: every file of the folder, the clock, how it is run."""
        found = hashlib.sha256(repr((how, self.clock)).encode())
        for path in sorted(path for path in self.folder.rglob("*") if path.is_file()):
            found.update(f"{path.relative_to(self.folder)} {path.stat().st_size} ".encode() + path.read_bytes())
        return found.hexdigest()

    def _computed(self, as_of: date | None, knowledge: str, publishes: bool) -> date:
        """Run a night on the files as they are."""
        configuration = load_configuration(self.folder / "kam.yaml")
        self.clock += timedelta(days=1)
        run_id = f"run-{self.clock:%m%d}"
        source = open_source(configuration)
        with (
            pytest.MonkeyPatch.context() as patch,
            Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse,
        ):
            patch.setattr(quality_table, "judge", self.judged_by)
            if knowledge != "then":
                landing = write_landing(
                    configuration.landing_folder, run_id=run_id, extracted_at=self.clock, source=source.name,
                    extracts=source.extract(SOURCE_OBJECTS),
                )  # fmt: skip
                load_landing(warehouse, landing)
                for name, table in tables().items():
                    if not name.startswith("marts."):
                        table.build(Build(warehouse, configuration))
            day = as_of or default_as_of_date(warehouse)
            evaluation = decide_evaluation(
                warehouse, configuration, day, knowledge, run_id, self.clock.replace(tzinfo=None)
            )
            with knowledge_of(warehouse, configuration, evaluation):
                for name, table in tables().items():
                    if name.startswith("marts.") and evaluation.rebuilds(table.contract):
                        table.build(Build(warehouse, configuration, evaluation))
                self.blocked_by = blocking_checks(warehouse, day)
                if publishes and not self.blocked_by:
                    keep_days = configuration.settings.publish.keep_days
                    keep(warehouse, published_contracts(), evaluation, keep_days, newest_only_contracts())
                    write_publication(warehouse, published_contracts(), configuration.published_path)
        return day

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """Query the published file as a reader does."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            connection.execute("set schema = 'kam'")
            return connection.sql(query).fetchall()

    def inside(self, query: str) -> list[tuple[Any, ...]]:
        """Query the warehouse, which readers never open."""
        with duckdb.connect(str(self.folder / "state" / "warehouse.duckdb"), read_only=True) as connection:
            return connection.sql(query).fetchall()


@pytest.fixture(scope="session")
def first_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the folders of first nights are kept."""
    return tmp_path_factory.mktemp("first_nights")


@pytest.fixture
def company(tmp_path: Path, first_nights: Path) -> SmallCompany:
    """A company of this test alone; `type(company)(folder)` makes another one, where nothing is taken over."""
    return SmallCompany(tmp_path, first_nights=first_nights, judged_by=within_bounds)


def _month_start(months_after: int) -> date:
    """The first day of a month counted from July 2024, so that the 24th is June 2026."""
    index = 2024 * 12 + 6 + months_after
    return date(index // 12, index % 12 + 1, 1)


def _write_csv(path: Path, header: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
