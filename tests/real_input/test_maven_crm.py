"""A real company's CRM, end to end through `kam run`, held against the published figures of its data set."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from assets.runs import run_pipeline
from kam_pipeline.definitions import build_defs
from kam_pipeline.settings import load_configuration

FIGURES = ("value", "numerator", "denominator", "n", "ci_low", "ci_high", "status", "reason")
VARIANTS = (
    "maven_crm",
    pytest.param("maven_crm_mdyyyy", marks=pytest.mark.slow),
    pytest.param("maven_crm_ddmmyy", marks=pytest.mark.slow),
)


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
                "select basis, metric, value, accounts_cnt from revenue_concentration where window_months = 12"
            ).fetchall(),
            "verdicts": dict(connection.sql("select basis, verdict from kam_relevance").fetchall()),
            "candidates": connection.sql(
                "select group_id, revenue_amt from key_account_candidate order by revenue_rank"
            ).fetchall(),
            "kpis": connection.sql(
                "select kpi, value, numerator, denominator, n, ci_low, ci_high, status, reason from kpi_snapshot "
                "where entity_type = 'portfolio' and entity_id = 'all' and period_type in ('ttm', 'as_of')"
            ).fetchall(),
            "last_year": connection.sql(
                "select kpi, value, numerator, denominator, n, ci_low, ci_high, status, reason from kpi_snapshot "
                "where entity_type = 'portfolio' and entity_id = 'all' and period_type = 'fiscal_year' and is_complete"
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
        rows["activities"] = connection.sql(
            "select kind, is_completed, count(*), min(happened_on), max(happened_on) from core.activity group by all"
        ).fetchall()
    shutil.rmtree(folder)
    for name in ("kpis", "last_year"):
        rows[name] = {kpi: SimpleNamespace(**dict(zip(FIGURES, figures, strict=True))) for kpi, *figures in rows[name]}
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


@pytest.mark.slow
def test_with_ten_months_allowed_a_flat_company_is_told_so(tmp_path, shared_data):
    maven = published(tmp_path / "run", shared_data, "maven_crm", "\nrelevance:\n  min_months: 10\n")
    assert maven.verdicts == {"group": "borderline", "account": "not_relevant"}


def test_the_win_rate_and_its_interval_are_the_catalogues(maven):
    rate = maven.kpis["win_rate_count"]
    assert (rate.numerator, rate.denominator) == (4238, 6711)
    assert rate.value == pytest.approx(0.631501, abs=5e-7)
    assert (rate.ci_low, rate.ci_high) == (pytest.approx(0.619887, abs=5e-7), pytest.approx(0.642964, abs=5e-7))


def test_the_sales_cycle_has_the_catalogues_mean_and_median(maven):
    assert maven.kpis["sales_cycle_mean_days"].value == pytest.approx(47.99, abs=5e-3)
    assert maven.kpis["sales_cycle_days"].value == 45


def test_lost_deals_of_value_zero_give_no_win_rate_by_value(maven):
    # a hundred per cent otherwise: every lost deal is written down with an amount of 0
    assert (maven.kpis["win_rate_value"].value, maven.kpis["win_rate_value"].status) == (None, "insufficient_data")


@pytest.mark.parametrize("kpi", ["growth_yoy", "nrr", "grr", "cagr_3y"])
def test_ten_months_have_no_year_before_to_grow_from(maven, kpi):
    assert (maven.kpis[kpi].value, maven.kpis[kpi].status) == (None, "insufficient_data")


def test_what_the_source_has_nothing_about_is_not_configured(maven):
    for kpi in ("meetings_cnt", "days_since_meeting", "engaged_contacts_cnt", "nps", "profit_amt", "cross_sell_cnt"):
        assert (maven.kpis[kpi].value, maven.kpis[kpi].status) == (None, "not_configured")


@pytest.fixture(scope="module")
def with_activities(tmp_path_factory, shared_data) -> SimpleNamespace:
    return published(tmp_path_factory.mktemp("activities"), shared_data, "maven_crm_activities")


@pytest.mark.slow
def test_interactions_are_told_apart_by_kind_and_state(with_activities):
    counts = {(kind, completed): count for kind, completed, count, *_ in with_activities.activities}
    by_kind = {kind: sum(count for (of, _), count in counts.items() if of == kind) for kind in ("meeting", "email")}
    assert by_kind == {"meeting": 381, "email": 245}
    assert sum(count for (_, completed), count in counts.items() if completed) == 300
    assert sum(count for (_, completed), count in counts.items() if not completed) == 326


@pytest.mark.slow
def test_scheduled_meetings_of_the_past_are_no_meetings_held(with_activities):
    held = sum(count for kind, completed, count, *_ in with_activities.activities if kind == "meeting" and completed)
    assert with_activities.last_year["meetings_cnt"].value == held == 191


@pytest.mark.slow
def test_the_moved_dates_change_no_figure_of_deals(with_activities):
    rate = with_activities.last_year["win_rate_count"]
    assert (rate.numerator, rate.denominator) == (4238, 6711)
    assert with_activities.last_year["growth_yoy"].status == "insufficient_data"


@pytest.mark.slow
def test_deals_that_the_moved_dates_close_before_they_were_made_are_left_out_of_the_cycle(with_activities):
    cycle = with_activities.last_year["sales_cycle_days"]
    assert (cycle.n, cycle.reason) == (
        6711 - 1150,
        "Left out: deals closed before they were created, or without a creation date (1150).",
    )
