"""Nights: the schedule begins one, the sensor goes on with it, the daemon carries both out."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from assets.daemon import daemon_lock, is_daemon_running
from assets.failures import failure_of_run
from assets.nights import evaluate_tonight, next_night
from kam_pipeline import definitions
from kam_pipeline.definitions import build_defs
from kam_pipeline.demo import write_export
from kam_pipeline.errors import ConfigurationError, DaemonRunningError
from kam_pipeline.settings import load_configuration

NIGHT = "2026-07-02T04:30+02:00"


def write_company(folder: Path, schedule: str = "{}") -> None:
    write_export(folder, accounts=40)
    (folder / "kam.yaml").write_text(f"source: {{kind: files, path: export}}\nschedule: {schedule}\n", encoding="utf-8")


# --- the schedule ----------------------------------------------------------------------------------------------------


def test_the_schedule_begins_with_reading_the_source_at_the_configured_time():
    schedule = build_defs(cron="30 4 * * *", timezone="Europe/Copenhagen").resolve_schedule_def("nightly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 4 * * *", "Europe/Copenhagen")
    assert schedule.job_name == "ingest"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


def test_a_night_is_named_by_its_time_so_that_it_is_begun_once(tmp_path):
    schedule = build_defs(cron="30 4 * * *", timezone="Europe/Copenhagen").resolve_schedule_def("nightly")
    due = datetime(2026, 7, 2, 2, 30, tzinfo=UTC)
    with (
        dg.DagsterInstance.local_temp(str(tmp_path)) as instance,
        dg.build_schedule_context(instance=instance, scheduled_execution_time=due) as context,
    ):
        [request] = schedule.evaluate_tick(context).run_requests
    assert request.run_key == "2026-07-02T02:30+00:00"
    assert request.tags["kam/night"] == request.run_key


def test_without_a_time_there_is_no_schedule():
    assert list(build_defs(cron=None).schedules or []) == []


def test_with_a_kam_yaml_that_has_become_wrong_the_night_begins_so_that_somebody_is_told(tmp_path, monkeypatch):
    path = tmp_path / "kam.yaml"
    path.write_text(
        "source: {kind: files, path: export}\nschedule: {cron: '30 4 * * *', timezone: Europe/Copenhagen}\n"
        "criteria: {cap: many}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("KAM_CONFIG", str(path))
    schedule = definitions.defs().resolve_schedule_def("nightly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 4 * * *", "Europe/Copenhagen")
    with dg.DagsterInstance.ephemeral() as instance:
        night = definitions.defs().resolve_job_def("ingest")
        ended = night.execute_in_process(instance=instance, raise_on_error=False)
        assert failure_of_run(instance, instance.get_run_by_id(ended.run_id)).error == "ConfigurationError"


def test_with_a_kam_yaml_that_is_no_yaml_there_are_no_definitions(tmp_path, monkeypatch):
    (tmp_path / "kam.yaml").write_text("source: [", encoding="utf-8")
    monkeypatch.setenv("KAM_CONFIG", str(tmp_path / "kam.yaml"))
    with pytest.raises(ConfigurationError, match="not valid YAML"):
        definitions.defs()


@pytest.mark.parametrize(
    ("timezone", "now", "begins"),
    [
        ("UTC", datetime(2026, 7, 1, 3, tzinfo=UTC), "2026-07-01 05:00 UTC"),
        ("UTC", datetime(2026, 7, 1, 6, tzinfo=UTC), "2026-07-02 05:00 UTC"),
        # 04:30 UTC is 06:30 in Copenhagen: five o'clock has passed there
        ("Europe/Copenhagen", datetime(2026, 7, 1, 4, 30, tzinfo=UTC), "2026-07-02 05:00 Europe/Copenhagen"),
    ],
)
def test_the_next_night_is_told_in_the_organisations_time(timezone, now, begins):
    assert next_night("0 5 * * *", timezone, now) == begins


# --- going on with a night -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    folder = tmp_path_factory.mktemp("company")
    write_company(folder)
    configuration = load_configuration(folder / "kam.yaml")
    return build_defs(configuration=lambda: configuration)


def go_on(instance: dg.DagsterInstance, definitions: dg.Definitions) -> dg.RunRequest | None:
    with dg.build_sensor_context(instance=instance, definitions=definitions) as context:
        found = evaluate_tonight.evaluate_tick(context).run_requests
    return found[0] if found else None


def test_a_night_goes_on_once_with_the_date_that_its_records_belong_to(company):
    ingest = company.resolve_job_def("ingest")
    with dg.DagsterInstance.ephemeral() as instance:
        assert go_on(instance, company) is None
        ingest.execute_in_process(instance=instance, tags={"kam/night": NIGHT})
        request = go_on(instance, company)
        assert request is not None
        # the demo company lives until the end of June
        assert request.partition_key == "2026-07-01"
        assert request.run_key == NIGHT
        assert request.tags["kam/knowledge"] == "newest"
        company.resolve_job_def("evaluate").execute_in_process(
            instance=instance,
            partition_key=request.partition_key,
            tags=dict(request.tags),
            asset_selection=[dg.AssetKey(["marts", "designation_source"])],
        )
        assert go_on(instance, company) is None
        # somebody reads the source by hand afterwards: `kam run` goes on by itself
        ingest.execute_in_process(instance=instance, asset_selection=[dg.AssetKey(["landing", "extraction"])])
        assert go_on(instance, company) is None


# --- the daemon ------------------------------------------------------------------------------------------------------


def test_a_second_daemon_of_a_folder_is_refused_and_told_of_the_first(tmp_path):
    write_company(tmp_path)
    configuration = load_configuration(tmp_path / "kam.yaml")
    assert not is_daemon_running(configuration)
    with daemon_lock(configuration):
        assert is_daemon_running(configuration)
        with (
            pytest.raises(DaemonRunningError, match=rf"a daemon runs here already \(PID {os.getpid()}"),
            daemon_lock(configuration),
        ):
            pass
    assert not is_daemon_running(configuration)


PATIENCE_SECONDS = 240


class Daemon:
    """`kam daemon` of a folder, started as documented."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with (folder / "daemon.log").open("ab") as log:
            self.program = subprocess.Popen(
                [sys.executable, "-m", "kam_pipeline.cli", "daemon"],
                cwd=folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End it as an operating system does, by a signal to the daemon alone; what it started ends too."""
        self.program.terminate()
        self.program.wait(timeout=20)
        deadline = time.monotonic() + 60  # a run that is going on comes to its end
        while self.has_processes() and time.monotonic() < deadline:
            time.sleep(0.5)

    def has_processes(self) -> bool:
        try:
            os.killpg(self.program.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.program.pid, signal.SIGKILL)
        self.program.wait()


@contextlib.contextmanager
def history(folder: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(folder / "state" / "dagster")) as instance:
        yield instance


def nights_done(folder: Path) -> set[str]:
    """The nights of which both runs have come to a good end."""
    with history(folder) as instance:
        done = instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]))
    nights = {job: {run.tags["kam/night"] for run in done if run.job_name == job} for job in ("ingest", "evaluate")}
    return nights["ingest"] & nights["evaluate"]


def wait_for_nights(daemon: Daemon, number: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while daemon.program.poll() is None and time.monotonic() < deadline:
        if len(nights_done(daemon.folder)) >= number:
            return
        time.sleep(2)
    raise AssertionError((daemon.folder / "daemon.log").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_a_tick_of_the_schedule_runs_the_night_and_a_restarted_daemon_goes_on(tmp_path):
    write_company(tmp_path, '{cron: "* * * * *"}')
    (tmp_path / "state" / "dagster").mkdir(parents=True)
    daemon = Daemon(tmp_path)
    try:
        wait_for_nights(daemon, 1)
        with duckdb.connect(str(tmp_path / "published" / "key_accounts.duckdb"), read_only=True) as connection:
            assert connection.sql("select count(*) from kam.key_account_candidate").fetchall()[0][0] > 0
        assert "a daemon runs here already" in second_daemon(tmp_path)
        daemon.stop()
        assert not daemon.has_processes()
        before = nights_done(tmp_path)
        daemon = Daemon(tmp_path)
        wait_for_nights(daemon, len(before) + 1)
        daemon.stop()
        assert not daemon.has_processes()
    finally:
        daemon.kill()
    assert before < nights_done(tmp_path)
    with history(tmp_path) as instance:
        [schedule] = [state for state in instance.all_instigator_state() if state.name == "nightly"]
        ticks = instance.get_ticks(schedule.instigator_origin_id, schedule.selector_id)
        assert {tick.status.value for tick in ticks} == {"SUCCESS"}
        assert sum(len(tick.run_ids) for tick in ticks) == len(ticks) >= 2
        runs = [(run.tags["kam/night"], run.job_name) for run in instance.get_runs()]
    assert len(runs) == len(set(runs))  # no night has been begun twice


def second_daemon(folder: Path) -> str:
    """Start another daemon; return what it says before it gives up."""
    ended = subprocess.run(
        [sys.executable, "-m", "kam_pipeline.cli", "daemon"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    return ended.stderr
