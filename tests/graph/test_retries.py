"""Another attempt is made where waiting can help, and nowhere else; a second writer is turned away at once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.runs import open_instance, run_pipeline
from connectors.base import Source
from kam_pipeline.definitions import build_defs, open_source
from kam_pipeline.demo import write_export
from kam_pipeline.errors import ConnectorError, KamError, SourceFormatError, WarehouseBusyError
from kam_pipeline.settings import Configuration, load_configuration

NIGHT = {"kam/night": "2026-07-02T05:00+00:00"}
NO_WAITS = (0.0, 0.0, 0.0)

HOLDER = """
import sys
from pathlib import Path
from kam_pipeline.settings.operation import Engine
from kam_pipeline.warehouse import Warehouse
with Warehouse.open(Path(sys.argv[1]), Engine()):
    print("open", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    write_export(tmp_path, accounts=40)
    (tmp_path / "kam.yaml").write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    return load_configuration(tmp_path / "kam.yaml")


@pytest.fixture
def other_writer(configuration: Configuration) -> Iterator[subprocess.Popen[str]]:
    """A process that writes to the warehouse until it is sent a line."""
    command = [sys.executable, "-c", HOLDER, str(configuration.warehouse_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield holder
        holder.kill()


class Unreachable:
    """A CRM that cannot be reached the first times."""

    def __init__(self, failures: int, error: KamError) -> None:
        self.attempts = 0
        self._failures = failures
        self._error = error

    def __call__(self, configuration: Configuration) -> Source:
        self.attempts += 1
        if self.attempts <= self._failures:
            raise self._error
        return open_source(configuration)


def ingest(configuration: Configuration, crm: Unreachable, tags: dict[str, str]) -> dg.ExecuteInProcessResult:
    """Read the source and stop there."""
    definitions = build_defs(configuration=lambda: configuration, source=crm, retry_waits=NO_WAITS)
    with dg.DagsterInstance.ephemeral() as instance:
        return definitions.resolve_job_def("ingest").execute_in_process(
            instance=instance,
            tags=tags,
            raise_on_error=False,
            asset_selection=[dg.AssetKey(["landing", "extraction"])],
        )


def test_a_night_reads_the_source_at_the_third_attempt(configuration):
    crm = Unreachable(2, ConnectorError("the CRM does not answer"))
    assert ingest(configuration, crm, NIGHT).success
    assert crm.attempts == 3
    assert len(list(configuration.landing_folder.iterdir())) == 1


def test_a_night_gives_up_after_its_last_attempt(configuration):
    crm = Unreachable(9, ConnectorError("the CRM does not answer"))
    assert not ingest(configuration, crm, NIGHT).success
    assert crm.attempts == 1 + len(NO_WAITS)


def test_what_waiting_does_not_mend_is_tried_once(configuration):
    crm = Unreachable(9, SourceFormatError("Account.csv: column Id is missing"))
    assert not ingest(configuration, crm, NIGHT).success
    assert crm.attempts == 1


def test_a_run_that_somebody_watches_fails_at_once(configuration):
    crm = Unreachable(1, ConnectorError("the CRM does not answer"))
    assert not ingest(configuration, crm, {}).success
    assert crm.attempts == 1


def test_a_second_run_is_told_who_writes_and_leaves_no_traces(configuration, other_writer):
    definitions = build_defs(configuration=lambda: configuration)
    named = rf"another process is writing here \(PID {other_writer.pid}, since 20"
    with pytest.raises(WarehouseBusyError, match=named):
        run_pipeline(definitions, configuration, None, "newest")
    assert not configuration.landing_folder.exists()
    with open_instance(configuration) as instance:
        assert instance.get_runs() == []


def test_a_night_waits_until_the_run_that_somebody_has_started_is_over(configuration, other_writer):
    class Waits(tuple[float, ...]):
        """The night's waits, during the first of which the other run ends."""

        __slots__ = ()

        def __getitem__(self, number):
            other_writer.communicate("end\n")
            return super().__getitem__(number)

    definitions = build_defs(configuration=lambda: configuration, retry_waits=Waits(NO_WAITS))
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_job_def("ingest").execute_in_process(
            instance=instance, tags=NIGHT, asset_selection=[dg.AssetKey(["landing", "extraction"])]
        )
    assert result.success
    assert result.retry_attempts_for_node("landing__extraction") == 1
