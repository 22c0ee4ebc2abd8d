"""A night whose gates fail, through Dagster: nothing published, the reason in the warehouse and in the event log."""

import hashlib

import dagster as dg
import pytest

from assets.gates import PUBLISHABLE
from assets.runs import run_pipeline
from kam_pipeline.definitions import build_defs
from kam_pipeline.errors import PublicationBlockedError
from kam_pipeline.settings import load_configuration
from kam_pipeline.tables import gates
from tests.pipeline.conftest import SmallCompany

pytestmark = pytest.mark.slow


def night(company):
    company.write()
    configuration = load_configuration(company.folder / "kam.yaml")
    return run_pipeline(build_defs(configuration=lambda: configuration), configuration, None, "newest")


def fingerprint(company):
    return hashlib.sha256(company.published.read_bytes()).hexdigest()


def evaluations(company):
    """The checks of the newest run by (asset, check), and the run."""
    home = company.folder / "state" / "dagster"
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run = instance.get_runs(limit=1)[0]
        records = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION).records
        found = [record.event_log_entry.dagster_event.event_specific_data for record in records]
    return {(item.asset_key.to_user_string(), item.check_name): item for item in found}, run


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """A good night, a night with a third of the deals unreadable, and a good one again."""
    company = SmallCompany(tmp_path_factory.mktemp("nights"))
    seen = {}
    night(company)
    seen["good"] = (fingerprint(company), *evaluations(company))
    whole = [dict(deal) for deal in company.deals]
    for deal in company.deals[:240]:
        deal["Amount"] = "1O0"
    with pytest.raises(PublicationBlockedError) as blocked:
        night(company)
    seen["error"] = str(blocked.value)
    seen["blocked"] = (fingerprint(company), *evaluations(company))
    seen["inside"] = company.inside(
        "select \"check\", object, value from marts.data_quality where severity = 'error' and not passed"
    )
    company.deals = whole
    company.deal("d30-23")["CloseDate"] = "2026-06-20"
    seen["day"] = night(company)
    seen["company"] = company
    return seen


def test_the_last_publication_is_untouched_and_the_error_names_the_check(nights):
    assert nights["blocked"][0] == nights["good"][0]
    assert nights["error"].startswith("nothing was published for 2026-06-11; readers keep the last publication.\n")
    assert "rejected_share of Opportunity: 0.3333 against 0.2." in nights["error"]


def test_the_reason_is_in_the_warehouses_own_table(nights):
    assert nights["inside"] == [("rejected_share", "Opportunity", pytest.approx(1 / 3))]


def test_the_event_log_has_the_failed_gate_with_its_figure(nights):
    _, found, run = nights["blocked"]
    assert run.status == dg.DagsterRunStatus.FAILURE
    failed = found["raw/opportunity", "rejected_share"]
    assert (failed.passed, failed.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert failed.metadata["value"].value == pytest.approx(1 / 3)
    assert failed.metadata["threshold"].value == 0.2
    assert found["marts/data_quality", PUBLISHABLE].passed is False
    assert found["marts/data_quality", PUBLISHABLE].metadata["value"].value == 1


def test_every_gate_is_a_check_of_its_asset_with_its_figures(nights):
    _, found, run = nights["good"]
    assert run.status == dg.DagsterRunStatus.SUCCESS
    expected = {(gate.table.replace(".", "/"), gate.name) for gate in gates()}
    assert set(found) == expected | {("marts/data_quality", PUBLISHABLE)}
    unique = found["marts/kam_relevance", "key_unique"]
    assert (unique.passed, unique.metadata["value"].value, unique.metadata["threshold"].value) == (True, 0, 0)
    unknown = found["marts/kam_relevance", "rows_kept"]
    assert unknown.passed
    assert "value" not in unknown.metadata
    warned = found["core/natural_date", "data_age_days"]
    assert (warned.passed, warned.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert found["raw/contact", "unique_ids"].description == "There was nothing to check on this date."


def test_the_next_good_night_publishes(nights):
    company = nights["company"]
    assert company.read("select max(as_of_date) from snapshot") == [(nights["day"],)]


def test_reading_the_source_runs_no_check_and_computing_a_date_runs_them_all():
    definitions = build_defs()
    runs_checks = {
        name: "gates" in definitions.resolve_job_def(name).graph.node_names()
        for name in ("ingest", "evaluate", "ingest_and_evaluate")
    }
    assert runs_checks == {"ingest": False, "evaluate": True, "ingest_and_evaluate": True}
