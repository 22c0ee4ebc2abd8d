"""The sensor over real runs: what is told of them, to whom, and what of their errors and checks never leaves."""

import json
import logging
from datetime import UTC, datetime

import dagster as dg
import duckdb
import pytest

from assets.alerts import failure_alerts
from assets.project import COMMAND, STARTED_BY_TAG
from assets.publish import PUBLICATION
from assets.runs import prepare_home
from kam_pipeline.alerting.message import NOT_REPEATED
from kam_pipeline.definitions import build_defs
from kam_pipeline.errors import AlertError, ConfigurationError, PublicationError
from kam_pipeline.settings import load_configuration
from tests.alerting.listeners import HOOK_TOKEN, free_port
from tests.factories import make_configuration

HOSTILE = ("Acme Ltd", "jane.doe@acme.test", "tok3n-4711", "/srv/secret/crm.csv")
HOSTILE_TEXT = "row of Acme Ltd (jane.doe@acme.test) via https://x/tok3n-4711 in /srv/secret/crm.csv"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class Pipeline:
    """A job of two steps, publication last, whose steps do what a test says, with the sensor beside it."""

    def __init__(self, instance, configuration) -> None:
        self.instance = instance
        self.configuration = configuration
        self.sensor = failure_alerts(lambda: self.read(), configuration)

    def read(self):
        return self.configuration

    def night(self, error=None, checks=(), **tags: str) -> dg.DagsterRun:
        """Run once and return the run."""
        table = dg.AssetKey(["marts", "data_quality"])
        specs = [dg.AssetCheckSpec(check.check_name, asset=table, blocking=True) for check in checks]

        @dg.asset(key=table, check_specs=specs)
        def quality():
            return dg.MaterializeResult(check_results=list(checks))

        @dg.asset(key=PUBLICATION, deps=[table])
        def publication() -> None:
            if error is not None:
                raise error

        job = dg.Definitions(assets=[quality, publication]).resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=self.instance, run_config=QUIET, raise_on_error=False, tags=tags)
        run = self.instance.get_run_by_id(result.run_id)
        assert run is not None
        return run

    def look_at(self, run: dg.DagsterRun):
        """Let the sensor look at a failed run; return its reason for telling nobody, or None."""
        [record] = self.instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records
        context = dg.build_run_status_sensor_context(
            sensor_name="failure_alerts",
            dagster_instance=self.instance,
            dagster_run=self.instance.get_run_by_id(run.run_id),
            dagster_event=record.event_log_entry.dagster_event,
        )
        skipped = self.sensor(context.for_run_failure())
        return skipped.skip_message if skipped is not None else None


def configured(folder):
    folder.mkdir(exist_ok=True)
    return make_configuration(folder, alerts={"webhook": {"url": "${KAM_TEST_HOOK}"}})


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def pipeline(tmp_path, instance, hook):
    return Pipeline(instance, configured(tmp_path / "acme"))


def told(hook):
    return json.loads(hook.bodies[-1])


def test_a_failed_step_is_told_by_its_class_and_nothing_of_its_text(pipeline, hook, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    run = pipeline.night(error=PublicationError(HOSTILE_TEXT))
    capfd.readouterr()
    caplog.clear()
    assert pipeline.look_at(run) is None
    alert = told(hook)
    assert alert["kind"] == "failed"
    assert alert["failed"] == {
        "what": "publishing, step published/key_accounts",
        "step": "published/key_accounts",
        "error": "PublicationError",
    }
    assert alert["first_step"] == PublicationError.first_step
    assert alert["run_id"] == run.run_id
    assert alert["pipeline"].startswith("acme on ")
    assert alert["readers_see"] is None
    said = hook.bodies[-1].decode() + caplog.text + "".join(capfd.readouterr())
    assert [word for word in (*HOSTILE, HOOK_TOKEN) if word in said] == []


def test_an_error_of_nobodys_tree_is_told_by_its_class(pipeline, hook):
    pipeline.look_at(pipeline.night(error=ZeroDivisionError(HOSTILE_TEXT)))
    assert told(hook)["failed"]["error"] == "ZeroDivisionError"
    assert HOSTILE[0] not in hook.bodies[-1].decode()


def test_an_error_class_made_from_data_is_not_repeated(pipeline, hook):
    pipeline.look_at(pipeline.night(error=type("Acme Ltd jane.doe@acme.test", (Exception,), {})("")))
    assert told(hook)["failed"]["error"] == NOT_REPEATED


def check(name: str, *, passed: bool, severity=dg.AssetCheckSeverity.ERROR, **metadata):
    return dg.AssetCheckResult(
        asset_key=["marts", "data_quality"], check_name=name, passed=passed, severity=severity, metadata=metadata,
        description=HOSTILE_TEXT,
    )  # fmt: skip


def test_a_blocked_publication_names_the_failed_checks_with_figure_and_limit(pipeline, hook):
    checks = [
        check("rejected_share", passed=False, value=0.5, threshold=0.2, failed=HOSTILE_TEXT),
        check("publishable", passed=False, value=HOSTILE_TEXT, threshold=HOSTILE_TEXT),
        check("rows_of_yesterday", passed=False, severity=dg.AssetCheckSeverity.WARN, value=3),
        check("keys", passed=True, value=0, threshold=0),
    ]
    assert pipeline.look_at(pipeline.night(checks=checks)) is None
    alert = told(hook)
    assert alert["kind"] == "blocked"
    assert alert["checks"] == [
        {"table": "marts/data_quality", "name": "rejected_share", "value": 0.5, "threshold": 0.2}
    ]
    assert [word for word in HOSTILE if word in hook.bodies[-1].decode()] == []


def test_a_warning_blocks_nothing_and_tells_nobody(pipeline, hook):
    checks = [check("rows_of_yesterday", passed=False, severity=dg.AssetCheckSeverity.WARN)]
    assert pipeline.night(checks=checks).status == dg.DagsterRunStatus.SUCCESS


def test_since_when_counts_the_failed_runs_after_the_last_good_one(pipeline, hook):
    pipeline.night(error=PublicationError("the first night of all"))
    pipeline.night()
    runs = [pipeline.night(error=PublicationError("x")) for _ in range(3)]
    ends = [pipeline.instance.get_run_record_by_id(run.run_id).end_time for run in runs]
    first = datetime.fromtimestamp(ends[0], UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    for count, run in enumerate(runs, start=1):
        # a daemon that was away looks at old runs too: each as it was then
        pipeline.look_at(run)
        assert told(hook)["since"]["failed_runs_cnt"] == count
        assert told(hook)["since"]["first_failed_at"] == first
        assert told(hook)["since"]["last_good_at"] <= first


def test_before_any_good_run_none_is_claimed(pipeline, hook):
    pipeline.look_at(pipeline.night(error=PublicationError("x")))
    assert told(hook)["since"]["last_good_at"] is None


def test_readers_see_the_last_publication_meanwhile(pipeline, hook):
    path = pipeline.configuration.published_path
    path.parent.mkdir(parents=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema kam")
        connection.execute("create table kam.snapshot (as_of_date date, created_at timestamp)")
        connection.execute("insert into kam.snapshot values (date '2026-07-01', timestamp '2026-07-01 03:04:05')")
    pipeline.look_at(pipeline.night(error=PublicationError("x")))
    assert told(hook)["readers_see"] == {"as_of_date": "2026-07-01", "created_at": "2026-07-01T03:04:05Z"}


# --- who is told -----------------------------------------------------------------------------------------------------


def test_a_command_that_told_its_user_is_not_told_again(pipeline, hook):
    run = pipeline.night(error=PublicationError("x"), **{STARTED_BY_TAG: COMMAND})
    assert pipeline.look_at(run) == "the command that started the run has told its user"
    assert hook.bodies == []


def test_another_attempt_at_a_commands_run_is_told(pipeline, hook):
    first = pipeline.night(error=PublicationError("x"), **{STARTED_BY_TAG: COMMAND})
    job = dg.Definitions(assets=[dg.AssetSpec("x")], jobs=[dg.define_asset_job("j")]).resolve_job_def("j")
    again = pipeline.instance.create_run_for_job(
        job, status=dg.DagsterRunStatus.STARTED, tags=first.tags, parent_run_id=first.run_id, root_run_id=first.run_id
    )
    pipeline.instance.report_run_failed(again)
    assert pipeline.look_at(again) is None
    assert told(hook)["run_id"] == again.run_id


@pytest.mark.parametrize("tags", [{STARTED_BY_TAG: COMMAND}, {}])
def test_a_run_whose_process_died_is_told_whoever_started_it(pipeline, hook, tags):
    job = dg.Definitions(assets=[dg.AssetSpec("x")], jobs=[dg.define_asset_job("j")]).resolve_job_def("j")
    run = pipeline.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags=tags)
    pipeline.instance.report_run_failed(run, HOSTILE_TEXT)
    assert pipeline.look_at(run) is None
    assert "the process of the run ended without a word" in told(hook)["failed"]["what"]
    assert told(hook)["failed"]["error"] is None
    assert "Acme" not in hook.bodies[-1].decode()


def test_without_section_alerts_nobody_is_told(tmp_path, instance, hook):
    quiet = Pipeline(instance, make_configuration(tmp_path))
    assert "kam.yaml has no section alerts" in quiet.look_at(quiet.night(error=PublicationError("x")))
    assert hook.bodies == []


def test_a_kam_yaml_that_has_become_wrong_is_told_to_whom_it_named_before(pipeline, hook, monkeypatch):
    def wrong():
        raise ConfigurationError([f"kam.yaml: criteria: {HOSTILE_TEXT}"])

    monkeypatch.setattr(pipeline, "read", wrong)
    definitions = build_defs(configuration=wrong)
    result = definitions.resolve_job_def("ingest").execute_in_process(
        instance=pipeline.instance, run_config=QUIET, raise_on_error=False
    )
    assert pipeline.look_at(pipeline.instance.get_run_by_id(result.run_id)) is None
    alert = told(hook)
    assert alert["failed"] == {
        "what": "the run, before its first step", "step": None, "error": "ConfigurationError",
    }  # fmt: skip
    assert alert["first_step"] == ConfigurationError.first_step
    assert "Acme" not in hook.bodies[-1].decode()


def test_an_edited_kam_yaml_counts_for_the_next_alert(pipeline, hook):
    pipeline.configuration = make_configuration(pipeline.configuration.folder)
    assert pipeline.look_at(pipeline.night(error=PublicationError("x"))) is not None
    assert hook.bodies == []


def test_a_run_that_dagster_tries_again_says_so(pipeline, hook):
    run = pipeline.night(error=PublicationError("x"))
    pipeline.instance.add_run_tags(run.run_id, {"dagster/will_retry": "true"})
    pipeline.look_at(run)
    assert told(hook)["is_retried"] is True


def test_an_alert_that_nobody_took_fails_the_sensor_and_changes_nothing_of_the_run(
    pipeline, monkeypatch, caplog, capfd
):
    monkeypatch.setenv("KAM_TEST_HOOK", f"http://127.0.0.1:{free_port()}/{HOOK_TOKEN}")
    run = pipeline.night(error=PublicationError(HOSTILE_TEXT))
    capfd.readouterr()
    with pytest.raises(AlertError, match=rf"run {run.run_id}: alerts.webhook: could not be reached") as raised:
        pipeline.look_at(run)
    said = str(raised.value) + caplog.text + "".join(capfd.readouterr())
    assert HOOK_TOKEN not in said
    assert pipeline.instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE
    assert pipeline.instance.get_run_by_id(run.run_id).tags == run.tags


def test_a_tick_tells_of_each_failure_once_and_goes_on_when_nobody_listens(pipeline, hook, monkeypatch):
    def tick(cursor):
        context = dg.build_sensor_context(instance=pipeline.instance, cursor=cursor)
        return pipeline.sensor.evaluate_tick(context)

    pipeline.night(error=PublicationError("before the daemon ran for the first time"))
    cursor = tick(None).cursor
    pipeline.night(error=PublicationError("x"))
    monkeypatch.setenv("KAM_TEST_HOOK", "no address")
    unheard = tick(cursor)
    assert "holds is no address" in unheard.dagster_run_reactions[0].error.to_string()
    monkeypatch.setenv("KAM_TEST_HOOK", hook.url)
    run = pipeline.night(error=PublicationError("x"))
    tick(tick(unheard.cursor).cursor)
    assert [json.loads(body)["run_id"] for body in hook.bodies] == [run.run_id]


# --- the real pipeline -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_real_delivery_with_too_many_bad_records_blocks_and_is_told(tmp_path, hook):
    export = tmp_path / "acme" / "export"
    export.mkdir(parents=True)
    (export / "Account.csv").write_text('"Id","Name"\n"a1","Acme Ltd"\n', encoding="utf-8")
    (export / "Opportunity.csv").write_text(
        '"Id","AccountId","Amount","CloseDate","StageName"\n"d1","a1","10","2026-05-01","Closed Won"\n'
        '"d2","a1","ten","2026-05-02","Closed Won"\n',
        encoding="utf-8",
    )
    config = tmp_path / "acme" / "kam.yaml"
    config.write_text(
        'source: {kind: files, path: export}\nalerts: {webhook: {url: "${KAM_TEST_HOOK}"}}\n', encoding="utf-8"
    )
    configuration = load_configuration(config)
    chain = build_defs(configuration=lambda: configuration).resolve_job_def("ingest_and_evaluate")
    with dg.DagsterInstance.from_config(str(prepare_home(configuration))) as instance:
        result = chain.execute_in_process(
            instance=instance, run_config=QUIET, partition_key="2026-06-01", raise_on_error=False
        )
        night = Pipeline(instance, configuration)
        assert night.look_at(instance.get_run_by_id(result.run_id)) is None
    alert = told(hook)
    assert alert["kind"] == "blocked"
    assert alert["checks"] == [{"table": "raw/opportunity", "name": "rejected_share", "value": 0.5, "threshold": 0.2}]
    assert "Acme" not in hook.bodies[-1].decode()
