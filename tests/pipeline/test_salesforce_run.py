"""A small company read from an emulated Salesforce by whole runs: good nights, bad nights, and what readers see.

What belongs here: nights through Dagster, from the organisation to the published file. What does not: single faults
(tests/connectors/salesforce/disturbed), the demo company (tests/commands/test_demo.py).
"""

import hashlib
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from assets.jobs import INGEST
from assets.project import FULL_REFRESH_TAG
from assets.runs import execute_job, open_instance, run_pipeline
from connectors.base import Source
from connectors.feeds import SourceWithFeeds
from connectors.files import FeedFiles
from connectors.salesforce import SalesforceOrg
from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.ids import make_id
from connectors.salesforce_emulator.org import Org
from connectors.salesforce_emulator.server import Emulator
from connectors.salesforce_emulator.server_settings import ServerSettings
from connectors.salesforce_emulator.sessions import Sessions
from kam_pipeline.definitions import build_defs
from kam_pipeline.errors import ConnectorError, SignInError
from kam_pipeline.settings import Configuration, load_configuration
from tests.connectors.salesforce.conftest import IMPATIENT

pytestmark = pytest.mark.slow

ACCOUNTS, MONTHS = 12, 24
KAM_YAML = """
source:
  kind: salesforce
  login: {url}
  sign_in: {{method: refresh_token, client_id: "${{SF_KEY}}", client_secret: "${{SF_SECRET}}",
             refresh_token: "${{SF_REFRESH}}"}}
  bulk_from: 100
currency: {{reporting: EUR}}
"""


def account(number: int) -> str:
    return make_id("001", 1000 + number)


def deal(number: int, month: int) -> str:
    return make_id("006", 100 * number + month)


def company() -> Org:
    """Twelve accounts; number n has won a deal of n thousand in each of the last 24 months."""
    org = Org(clock=Clock(datetime(2026, 7, 1, 3, tzinfo=UTC), ticking=False))
    accounts, deals = [], []
    for number in range(1, ACCOUNTS + 1):
        accounts.append({"Id": account(number), "Name": f"Account {number}", **stamps("2024-01-01")})
        for month in range(MONTHS):
            first = date(2024 + (6 + month) // 12, (6 + month) % 12 + 1, 1)
            deals.append({
                "Id": deal(number, month), "AccountId": account(number), "Name": "deal", "Amount": f"{number}000.0",
                "StageName": "Closed Won", "IsWon": "true", "IsClosed": "true", "CurrencyIsoCode": "EUR",
                "CloseDate": str(first + timedelta(days=9)), **stamps(str(first)),
            })  # fmt: skip
    org.load("Account", accounts)
    org.load("Opportunity", deals)
    org.load("CurrencyType", [{"Id": make_id("01L", 1), "IsoCode": "EUR", "ConversionRate": "1.0", "IsActive": "true",
                               "IsCorporate": "true", "DecimalPlaces": "2"}])  # fmt: skip
    return org


def stamps(day: str) -> dict[str, str]:
    moment = f"{day}T08:00:00.000Z"
    return {"CreatedDate": moment, "LastModifiedDate": moment, "SystemModstamp": moment, "IsDeleted": "false"}


class Nights:
    """Runs over one folder, one after the other, each a day after the one before."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.folder, self.emulator, self.org = folder, emulator, emulator.org
        (folder / "kam.yaml").write_text(KAM_YAML.format(url=emulator.url), encoding="utf-8")

    def run(self, *, full_refresh: bool = False, publishes: bool = True) -> SimpleNamespace:
        """Run one night, or what it reads alone; of one that fails, the error."""
        self.emulator.requests.clear()
        configuration = load_configuration(self.folder / "kam.yaml")
        definitions = build_defs(configuration=lambda: configuration, source=impatient_source)
        error = None
        try:
            if publishes:
                run_pipeline(definitions, configuration, None, "newest", full_refresh=full_refresh)
            else:
                with open_instance(configuration) as instance:
                    execute_job(definitions, instance, INGEST, tags={FULL_REFRESH_TAG: str(full_refresh).lower()})
        except ConnectorError as caught:
            error = caught
        self.org.clock.advance(days=1)
        return SimpleNamespace(
            error=error,
            published=hashlib.sha256(self.published.read_bytes()).hexdigest(),
            checkpoint=self.inside("select max(known_at), count(*) from raw.checkpoint"),
            landed=sorted(path.name for path in (self.folder / "state" / "landing").iterdir()),
            left=[path for path in (self.folder / "state" / "extraction").rglob("*") if path.is_file()],
            read=dict(
                self.inside(
                    "select object, read_cnt from raw.load where is_present "
                    "and run_id = (select run_id from raw.load order by known_at desc limit 1)"
                )
            ),
            calls=len(self.emulator.requests),
        )

    @property
    def published(self) -> Path:
        return self.folder / "published" / "key_accounts.duckdb"

    def inside(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "state" / "warehouse.duckdb"), read_only=True) as connection:
            return connection.sql(query).fetchall()

    def revenue(self, number: int) -> Any:
        with duckdb.connect(str(self.published), read_only=True) as connection:
            [(amount,)] = connection.execute(
                "select revenue_amt from kam.key_account_candidate where group_id = $group "
                "and as_of_date = (select max(as_of_date) from kam.snapshot)",
                {"group": account(number)},
            ).fetchall()
        return amount


def impatient_source(configuration: Configuration) -> Source:
    """The source as a run opens it, but for its patience."""
    settings = configuration.settings
    org = SalesforceOrg(
        settings.source, settings.mapping, configuration.folder, configuration.extraction_folder, IMPATIENT
    )
    return SourceWithFeeds(org, FeedFiles(settings.feeds, configuration.folder))


@contextmanager
def environment(emulator: Emulator) -> Iterator[None]:
    known = emulator.credentials
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SF_KEY", known.consumer_key)
        patch.setenv("SF_SECRET", known.consumer_secret)
        patch.setenv("SF_REFRESH", known.refresh_token)
        yield


class Told(logging.Handler):
    """Everything that any logger says, down to its details."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Nights, told once: whole; failed twice; what has changed; all anew, at the second attempt."""
    told, tokens, opened = Told(), [], Sessions.open

    def note(self: Sessions, now: datetime) -> str:
        tokens.append(opened(self, now))
        return tokens[-1]

    root = logging.getLogger()
    level = root.level
    root.addHandler(told)
    root.setLevel(logging.DEBUG)
    org = company()
    settings = ServerSettings(bulk_page_rows=100)
    with Emulator(org, settings=settings) as emulator, environment(emulator), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sessions, "open", note)
        nights = Nights(tmp_path_factory.mktemp("company"), emulator)
        seen = SimpleNamespace(nights=nights, told=told, tokens=tokens, emulator=emulator, revenue={})
        seen.first = nights.run()
        seen.revenue["first"] = nights.revenue(3), nights.revenue(4)
        org.update("Opportunity", deal(3, 23), {"Amount": "9000.0"})
        org.clock.advance(minutes=5)
        emulator.faults.add("status", path="/query", text="FROM Opportunity", status=503, body="html", times=None)
        seen.busy = nights.run()
        emulator.faults.clear()
        # what is saved between two nights that fail must not be lost with them
        org.update("Opportunity", deal(4, 23), {"Amount": "5000.0"})
        org.delete("Opportunity", deal(3, 22))
        org.clock.advance(minutes=5)
        with pytest.MonkeyPatch.context() as rotated:
            rotated.setenv("SF_REFRESH", emulator.credentials.refresh_token + "-of-yesterday")
            seen.locked_out = nights.run()
        seen.after = nights.run()
        seen.revenue["after"] = nights.revenue(3), nights.revenue(4)
        emulator.faults.add("reset", path="/results", when="body", times=None)
        seen.refresh_failed = nights.run(full_refresh=True)
        emulator.faults.clear()
        seen.refreshed = nights.run(full_refresh=True, publishes=False)
        yield seen
    root.removeHandler(told)
    root.setLevel(level)
    org.close()


def test_the_first_night_reads_and_publishes_everything(story):
    assert story.first.error is None
    assert story.first.read["Opportunity"] == ACCOUNTS * MONTHS
    assert story.revenue["first"] == (12 * 3000, 12 * 4000)
    assert any("/results" in seen for seen in [request.path for request in story.emulator.requests])


@pytest.mark.parametrize(
    ("night", "kind", "words"),
    [
        ("busy", ConnectorError, "does not answer GET queryAll of Opportunity, asked 4 times (503, "),
        ("locked_out", SignInError, "does not let us in by source.sign_in.method refresh_token (invalid_grant"),
        ("refresh_failed", ConnectorError, "of Opportunity, asked 4 times (the "),
    ],
)
def test_a_night_that_fails_says_one_thing_and_leaves_what_readers_have_byte_for_byte(story, night, kind, words):
    failed, before = getattr(story, night), story.after if night == "refresh_failed" else story.first
    assert type(failed.error) is kind
    assert words in str(failed.error)
    assert "\n" not in str(failed.error)
    assert failed.published == before.published
    assert failed.checkpoint == before.checkpoint
    assert failed.landed == before.landed


def test_the_night_after_reads_from_where_the_last_good_one_ended(story):
    assert story.after.error is None
    assert story.revenue["after"] == (12 * 3000 + 6000 - 3000, 12 * 4000 + 1000)
    assert (story.after.read["Opportunity"], story.after.read["Account"]) == (3, 0)
    assert story.after.left == []


def test_a_full_refresh_reads_everything_and_changes_nothing(story):
    assert story.refreshed.error is None
    assert story.refreshed.read["Opportunity"] == ACCOUNTS * MONTHS
    changed = story.nights.inside(
        "select inserted_cnt, updated_cnt, vanished_cnt from raw.load where object = 'Opportunity' "
        "order by known_at desc limit 1"
    )
    assert changed == [(0, 0, 0)]
    assert story.refreshed.left == []


def test_an_incremental_night_asks_a_bounded_number_of_times(story):
    objects = len({request.path for request in story.emulator.requests if request.path.endswith("/describe")})
    # per object a description, its deletes and a page or two; the rest once, and signing in
    assert story.after.calls <= 15 + 4 * objects


def test_no_secret_is_in_what_any_night_has_said_or_written(story):
    known = story.emulator.credentials
    secrets = [known.consumer_secret, known.refresh_token, *story.tokens]
    nights = (story.busy, story.locked_out, story.refresh_failed)
    said = "\n".join(
        [*story.told.lines, *(line for night in nights for line in traceback.format_exception(night.error))]
    )
    files = [path for path in story.nights.folder.rglob("*") if path.is_file()]
    assert any("dagster" in path.parts and path.suffix == ".db" for path in files)
    assert "urllib3" in said or "oauth2/token" in said
    assert len(story.tokens) >= 5
    assert "-of-yesterday" not in said
    for secret in secrets:
        assert secret not in said
        assert [path for path in files if secret.encode() in path.read_bytes()] == []
