"""A real company's CRM, end to end through `kam run`, held against the published figures of its data set."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from assets.runs import run_pipeline
from kam_pipeline.definitions import build_defs
from kam_pipeline.settings import load_configuration

VARIANTS = ("maven_crm", "maven_crm_mdyyyy", "maven_crm_ddmmyy")


def published(folder: Path, shared_data: Path, variant: str, extra: str = "") -> SimpleNamespace:
    """Run a variant in a folder of its own and open what it published."""
    text = Path(__file__).with_name(f"{variant}.yaml").read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "kam.yaml"
    config.write_text(text.replace("../../../shared/data", shared_data.as_posix()) + extra, encoding="utf-8")
    configuration = load_configuration(config)
    day = run_pipeline(build_defs(configuration=lambda: configuration), configuration, None, "newest")
    with duckdb.connect(str(configuration.published_path), read_only=True) as connection:
        connection.execute("set schema = 'kam'")
        rows = {
            "concentration": connection.sql(
                "select basis, metric, value, accounts_cnt from revenue_concentration"
            ).fetchall(),
            "verdicts": dict(connection.sql("select basis, verdict from kam_relevance").fetchall()),
            "candidates": connection.sql(
                "select group_id, revenue_amt from key_account_candidate order by revenue_rank"
            ).fetchall(),
            "rejected": connection.sql("select reason, count(*) from rejected_row group by reason").fetchall(),
        }
    with duckdb.connect(str(configuration.warehouse_path), read_only=True) as connection:
        rows["deals"] = connection.sql(
            "select count(*) filter (where is_won), count(*) filter (where is_closed and not is_won), "
            "sum(amount_amt) filter (where is_won) from core.opportunity"
        ).fetchall()[0]
        rows["leaves"] = connection.sql(
            "select entity_id, revenue_amt from marts.entity_revenue where basis = 'account' "
            "order by revenue_amt desc limit 5"
        ).fetchall()
    shutil.rmtree(folder)
    return SimpleNamespace(day=day, **rows)


@pytest.fixture(scope="module", params=VARIANTS)
def maven(request, tmp_path_factory, shared_data) -> SimpleNamespace:
    return published(tmp_path_factory.mktemp(request.param), shared_data, request.param)


def measure(maven: SimpleNamespace, basis: str, metric: str) -> float:
    return next(value for of, name, value, _ in maven.concentration if (of, name) == (basis, metric))


def test_the_date_is_the_day_after_the_last_close(maven):
    assert maven.day.isoformat() == "2018-01-01"


def test_won_and_lost_deals_are_counted_as_published(maven):
    won, lost, won_value = maven.deals
    assert (won, lost, won_value) == (4238, 2473, 10_005_534)


def test_concentration_by_account_has_the_catalogues_figures(maven):
    assert next(n for basis, _, _, n in maven.concentration if basis == "account") == 85
    assert measure(maven, "account", "gini") == pytest.approx(0.202111, abs=5e-7)
    assert measure(maven, "account", "gini_corrected") == pytest.approx(0.204517, abs=5e-7)
    assert measure(maven, "account", "hhi") == pytest.approx(0.013581, abs=5e-7)
    assert measure(maven, "account", "top_5_pct_share") == pytest.approx(0.120942, abs=5e-7)
    assert measure(maven, "account", "top_10_pct_share") == pytest.approx(0.190771, abs=5e-7)


def test_concentration_by_ultimate_parent_has_the_catalogues_figures(maven):
    assert next(n for basis, _, _, n in maven.concentration if basis == "group") == 70
    assert measure(maven, "group", "gini") == pytest.approx(0.288505, abs=5e-7)
    assert measure(maven, "group", "top_10_pct_share") == pytest.approx(0.258727, abs=5e-7)


def test_the_largest_leaf_accounts_are_the_published_ones(maven):
    assert maven.leaves == [
        ("Kan-code", 341_455),
        ("Konex", 269_245),
        ("Condax", 206_410),
        ("Cheers", 198_020),
        ("Hottechi", 194_957),
    ]


def test_rolling_up_to_parents_changes_who_is_first(maven):
    assert maven.candidates[:2] == [("Acme Corporation", 519_349), ("Sonron", 479_028)]


def test_ten_months_are_not_enough_for_a_verdict(maven):
    assert maven.verdicts == {"group": "insufficient_data", "account": "insufficient_data"}


def test_open_deals_without_an_account_are_listed_not_lost(maven):
    assert maven.rejected == [("It has no account.", 1425)]


def test_with_ten_months_allowed_a_flat_company_is_told_so(tmp_path, shared_data):
    maven = published(tmp_path / "run", shared_data, "maven_crm", "\nrelevance:\n  min_months: 10\n")
    assert maven.verdicts == {"group": "borderline", "account": "not_relevant"}
