"""Dagster's history: runs that ended long ago go, with their files; what is read of those that failed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from assets.history import HISTORY_DAYS, forget_old_runs, recent_runs
from assets.lost_runs import end_lost_runs
from assets.runs import prepare_home
from kam_pipeline.processes import Process
from kam_pipeline.settings import load_configuration


def test_a_run_that_ended_long_ago_is_forgotten_with_its_file_and_a_newer_one_stays(tmp_path: Path):
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")

    @dg.op
    def work() -> None:
        pass

    @dg.job
    def night():
        work()

    now = datetime.now(UTC)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        run_id = night.execute_in_process(instance=instance).run_id
        file = tmp_path / "history" / "runs" / f"{run_id}.db"
        assert forget_old_runs(instance, now + timedelta(days=HISTORY_DAYS - 1)) == []
        assert file.exists()
        assert forget_old_runs(instance, now + timedelta(days=HISTORY_DAYS + 1)) == [run_id]
        assert instance.get_runs() == []
        assert not file.exists()


def test_of_a_run_whose_process_died_the_history_says_that(tmp_path: Path):
    path = tmp_path / "kam.yaml"
    path.write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    configuration = load_configuration(path, reads_source=False)

    @dg.job
    def night():
        pass

    with dg.DagsterInstance.from_config(str(prepare_home(configuration))) as instance:
        # no process has this birth
        run_id = instance.create_run_for_job(night, status=dg.DagsterRunStatus.STARTED).run_id
        instance.add_run_tags(run_id, {"kam/process": f"{run_id} {replace(Process.current(), birth='never')}"})
        assert end_lost_runs(instance) == [run_id]
    [run] = recent_runs(configuration)
    assert run.status == "failed"
    assert "ended before the run did" in run.error
