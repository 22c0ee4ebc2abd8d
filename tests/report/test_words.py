"""The two languages: nothing said in only one of them, and numbers as each of them writes them."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kam_pipeline.report
from kam_pipeline.kpis.catalogue import KPIS
from kam_pipeline.maturity_catalogue import INDICATORS
from kam_pipeline.relevance_words import STATEMENTS
from kam_pipeline.report.figures import Both
from kam_pipeline.report.words import CODES, DASH, MINUS, Words, texts
from tests.factories import utc

PACKAGE = Path(kam_pipeline.report.__file__).parent
SOURCES = {path: path.read_text(encoding="utf-8") for path in [*PACKAGE.rglob("*.j2"), *PACKAGE.glob("*.py")]}
EN, DA = Words("en", "EUR"), Words("da", "EUR")


def soft(text: str) -> str:
    """With ordinary spaces, as people type it."""
    return text.replace("\u00a0", " ").replace("\u2060", "")


def forms(key: str, code: str) -> dict[str, str]:
    found = texts()[key][code]
    return {"": found} if isinstance(found, str) else dict(found)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


# --- both languages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(texts()))
def test_every_text_is_there_in_both_languages_with_the_same_places_and_forms(key):
    assert set(texts()[key]) == set(CODES)
    english, danish = forms(key, "en"), forms(key, "da")
    assert set(english) == set(danish)
    assert set(english) in ({""}, {"one", "other"})
    assert all(text.strip() for text in [*english.values(), *danish.values()])
    spoken = [set.union(*map(places, found.values())) for found in (english, danish)]
    assert spoken[0] == spoken[1]


def used_keys() -> tuple[set[str], set[str]]:
    """Keys that templates and modules name in full, and the openings of those they put together."""
    named, put_together = set(), set()
    for text in SOURCES.values():
        named |= set(re.findall(r"""\b(?:t|text)\(['"]([\w.]+)['"](?!\s*~)""", text))
        put_together |= set(re.findall(r"""\bt\(['"]([\w.]+\.)['"]\s*~""", text))
        put_together |= {f"{kind}." for kind in re.findall(r"""\bterm\(['"](\w+)['"]""", text)}
        named |= set(re.findall(r"""\(['"]\w+['"], ['"](\w+\.\w+)['"]\)""", text))  # the contents list
    return named, put_together


def test_every_text_that_a_template_names_exists():
    named, put_together = used_keys()
    assert named - set(texts()) == set()
    assert [opening for opening in put_together if not any(key.startswith(opening) for key in texts())] == []


def test_no_text_is_left_that_nothing_names():
    named, put_together = used_keys()
    written = "".join(SOURCES.values())
    unused = [
        key
        for key in texts()
        if key not in named and not key.startswith(tuple(put_together)) and f'"{key}"' not in written
    ]
    assert unused == []


def test_templates_hold_no_sentence_of_their_own():
    for path, text in SOURCES.items():
        if path.suffix == ".j2":
            bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", text, flags=re.DOTALL)
            assert re.findall(r"[A-Za-z]{3,}", bare) == [], path.name


def test_a_count_of_one_has_its_own_form():
    assert EN.text("changed.entered", count=1) == "One customer entered the list"
    assert EN.text("changed.entered", count=1200) == "1,200 customers entered the list"
    assert DA.text("changed.entered", count=1200) == "1.200 kunder er kommet på listen"


def test_a_word_that_is_new_is_shown_as_the_table_has_it():
    assert EN.term("decision", "promote") == "promote"
    assert EN.term("decision", None) == "not known"


def test_a_text_that_only_the_other_language_has_comes_with_its_language():
    assert DA.pick(Both("Only English", None)) == ("Only English", "en")
    assert DA.pick(Both("English", "Dansk")) == ("Dansk", None)
    assert DA.pick(Both(None, None)) == ("", None)


# --- numbers and dates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "english", "danish"),
    [
        (1234567, 0, "1,234,567", "1.234.567"),
        (1234.5, 1, "1,234.5", "1.234,5"),
        (Decimal("1234567.89"), 0, "1,234,568", "1.234.568"),
        (-12.34, 1, f"{MINUS}12.3", f"{MINUS}12,3"),
        (-0.04, 1, "0.0", "0,0"),
        (2.5, 0, "2", "2"),
    ],
)
def test_numbers_are_written_as_each_language_writes_them(value, digits, english, danish):
    assert (EN.number(value, digits), DA.number(value, digits)) == (english, danish)


def test_shares_are_written_in_per_cent_with_a_space():
    assert soft(EN.percent(0.123)) == "12.3 %"
    assert soft(DA.percent(0.123)) == "12,3 %"
    assert soft(EN.percent(0.123, signed=True)) == "+12.3 %"
    assert soft(EN.percent(0.0)) == "0.0 %"


def test_a_share_too_small_to_write_is_not_written_as_nothing():
    assert soft(EN.percent(0.0004)) == "<0.1 %"
    assert soft(DA.percent(0.0004)) == "<0,1 %"


def test_money_carries_the_code_of_its_currency_where_that_is_known():
    assert soft(DA.money(Decimal("1234567.40"))) == "1.234.567 EUR"
    assert Words("en", "XXX").money(1000) == "1,000"


def test_dates_are_written_out():
    assert soft(EN.date(date(2026, 7, 1))) == "1 July 2026"
    assert soft(DA.date(date(2026, 7, 1))) == "1. juli 2026"
    assert soft(EN.moment(utc(2026, 7, 1, 2, 5))) == "1 July 2026 02:05 UTC"
    assert soft(DA.moment(utc(2026, 7, 1, 2, 5))) == "1. juli 2026 02.05 UTC"


@pytest.mark.parametrize(
    ("value", "unit", "kpi", "english"),
    [
        (1234.4, "money", "bookings_amt", "1,234 EUR"),
        (0.5, "share", "win_rate_count", "50.0 %"),
        (0.123, "ratio", "growth_yoy", "+12.3 %"),
        (-0.1, "ratio", "gross_margin_share", f"{MINUS}10.0 %"),
        (1.05, "ratio", "nrr", "105.0 %"),
        (2.345, "ratio", "pipeline_coverage", "2.34"),
        (412, "count", "meetings_cnt", "412"),
        (4.5, "count", "engaged_contacts_cnt", "4.5"),
        (47, "days", "sales_cycle_days", "47 days"),
        (41, "score", "nps", "41"),
        (3.14, None, "", "3.1"),
    ],
)
def test_a_figure_is_written_by_its_unit(value, unit, kpi, english):
    assert soft(EN.value(value, unit, kpi)) == english


def test_an_interval_says_per_cent_once_and_no_dash_stands_before_a_minus():
    assert soft(EN.interval(0.402, 0.499, "share")) == "40.2–49.9 %"  # noqa: RUF001
    assert soft(EN.interval(-0.02, 0.05, "ratio", "growth_yoy")) == f"{MINUS}2.0 to +5.0 %"
    assert soft(DA.interval(-0.02, 0.05, "ratio", "growth_yoy")) == f"{MINUS}2,0 til +5,0 %"
    assert soft(EN.interval(10, 20, "count")) == f"10{DASH}20"
    assert soft(EN.interval(10.5, 20, "days")) == f"10.5{DASH}20"
    assert soft(DA.interval(1000, 2000, "money")) == f"1.000{DASH}2.000 EUR"
    assert Words("en", "XXX").interval(1000, 2000, "money") == f"1,000{DASH}2,000"


@given(st.floats(-1e15, 1e15), st.integers(0, 3))
def test_whatever_the_number_both_languages_write_the_same_figures(value, digits):
    swapped = EN.number(value, digits).translate(str.maketrans(",.", ".,"))
    assert swapped == DA.number(value, digits)


@pytest.mark.parametrize("phrase", ["udfas", "underkant", "på datoen", "kan ikke siges", "oplysningspligtig", "feedet"])
def test_danish_is_as_sales_leaders_speak_it(phrase):
    # loan translations that once stood in the report
    told = [text["da"] for text in texts().values()]
    told += [text.da for item in INDICATORS.values() for text in (item.name, item.caveat, item.remedy, item.source)]
    told += [text for kpi in KPIS for text in (kpi.name_da, kpi.formula_da, kpi.caveat_da)]
    told += [wording.danish for wording in STATEMENTS.values()]
    assert [text for text in told if phrase in str(text).lower()] == []
