"""Dagster's history stays bounded: runs that ended long ago go, with their files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from assets.history import HISTORY_DAYS, forget_old_runs


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
