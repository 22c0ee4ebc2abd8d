"""Each KPI is declared once: an entry and a SQL file of the same name, and every text in both languages."""

import re

import pytest

from kam_pipeline.kpis.catalogue import KPIS
from kam_pipeline.kpis.frames import KPI_FOLDER, KPI_MEASURE, kpi_definition_frame
from kam_pipeline.kpis.reasons import REASONS
from kam_pipeline.settings.kpis import Kpis
from kam_pipeline.sql_models import part_models, sql_root
from kam_pipeline.tables import tables

KEYS = [kpi.kpi for kpi in KPIS]
PARTS = part_models(KPI_MEASURE, KPI_FOLDER)
PROMISED = {
    "bookings_amt", "revenue_amt", "growth_yoy", "cagr_3y", "nrr", "grr", "gross_margin_share", "profit_amt", "nps",
    "csat", "win_rate_count", "win_rate_value", "win_rate_shrunk", "sales_cycle_days", "avg_deal_amt",
    "open_pipeline_amt", "weighted_pipeline_amt", "pipeline_coverage", "cross_sell_cnt", "engaged_contacts_cnt",
    "days_since_meeting", "meetings_cnt",
}  # fmt: skip


def test_every_entry_has_its_sql_file_and_every_file_its_entry():
    assert sorted(PARTS) == sorted(KEYS)
    assert len(set(KEYS)) == len(KEYS)


def test_the_promised_kpis_are_there():
    assert PROMISED - set(KEYS) == set()


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.kpi)
def test_every_text_stands_in_both_languages(kpi):
    pairs = [(kpi.name_en, kpi.name_da), (kpi.formula, kpi.formula_da), (kpi.caveat, kpi.caveat_da)]
    for english, danish in pairs:
        assert bool(english) == bool(danish)
    assert kpi.formula != kpi.formula_da
    assert kpi.name_en[0].isupper()
    assert kpi.name_da[0].isupper()
    for caveat in (kpi.caveat, kpi.caveat_da):
        assert not caveat or (caveat[0].isupper() and caveat.endswith("."))


def test_every_reason_that_sql_gives_has_its_sentences_and_none_is_idle():
    given = set()
    for path in (sql_root() / "marts" / "kpis").glob("*.sql"):
        query = path.read_text(encoding="utf-8").partition("*/")[2]
        [column] = re.findall(r"\n    ((?:case|null)[^;]*?) as reason,", query.split("numerator,")[-1], re.DOTALL)
        given |= set(re.findall(r"then\s+'([a-z_0-9]+)'", column))
    subject = tables()["marts.kpi_subject"].model.query
    given |= set(re.findall(r"(?:then|else) '([a-z]+_[a-z]+)'", subject))
    assert given == set(REASONS)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_both_sentences_of_a_reason_take_the_same_number(code):
    english, danish = REASONS[code]
    assert english.count("{}") == danish.count("{}")
    assert english.endswith(".")
    assert danish.endswith(".")
    assert english != danish


def test_every_amount_rate_and_interval_says_what_it_is_made_from():
    frame = kpi_definition_frame(Kpis())
    assert frame["basis"].notna().all()
    assert set(frame.loc[frame["unit"] == "money", "basis"]) <= {"bookings", "invoiced", "revenue", "deals", "pipeline"}


def test_resampled_ratios_name_columns_that_are_there():
    for kpi in KPIS:
        if kpi.resampled:
            columns = {column.name for column in tables()[kpi.resampled.table].contract.columns}
            assert {kpi.resampled.numerator, kpi.resampled.denominator} <= columns


def test_formulas_name_the_settings_in_force():
    frame = kpi_definition_frame(Kpis(contact_days=90)).set_index("kpi")
    assert frame.loc["engaged_contacts_cnt", "formula"].endswith("within 90 days")
    assert frame.loc["win_rate_shrunk", "formula_da"] == "(Vundne + 10 x samlet hitrate) / (vundne + tabte + 10)"
    assert not frame["formula"].str.contains("[{}]").any()
