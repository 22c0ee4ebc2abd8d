"""The date that what is known belongs to: of a live source its own today, of files the day after their newest stamp."""

from datetime import date

import pytest

from kam_pipeline.evaluation import default_as_of_date
from tests.factories import KNOWN_AT, account, build, corporate_currency, loaded, opportunity, organization, utc


@pytest.fixture
def company(warehouse):
    """A deal won on 15 June, recorded on 1 January; read on 1 July at 02:00 UTC."""
    corporate_currency(warehouse)
    account(warehouse, "A")
    opportunity(warehouse, "won", "A")
    return warehouse


def natural_date(company):
    build(company, "core.natural_date")
    return default_as_of_date(company)


def test_files_belong_to_the_day_after_their_newest_sign_of_life(company):
    loaded(company)
    assert natural_date(company) == date(2026, 6, 16)


def test_a_live_source_belongs_to_its_own_today(company):
    loaded(company, is_live=True, clock_at=KNOWN_AT)
    assert natural_date(company) == date(2026, 7, 1)


def test_today_is_that_of_the_organisations_time_zone_by_its_own_clock(company):
    organization(company, TimeZoneSidKey="America/New_York")
    # two in the morning by UTC is ten in the evening before in New York
    loaded(company, is_live=True, clock_at=utc(2026, 7, 1, 2))
    assert natural_date(company) == date(2026, 6, 30)


def test_the_sources_clock_counts_where_ours_is_wrong(company):
    loaded(company, known_at=utc(2027, 1, 1), is_live=True, clock_at=utc(2026, 7, 1, 12))
    assert natural_date(company) == date(2026, 7, 1)
    assert company.value("select extracted_on from core.natural_date") == date(2027, 1, 1)


def test_a_source_past_midnight_is_not_ahead_of_its_own_extraction(company):
    loaded(company, known_at=utc(2026, 6, 30, 23), is_live=True, clock_at=utc(2026, 7, 1))
    assert natural_date(company) == date(2026, 7, 1)
    assert company.value("select extracted_on from core.natural_date") == date(2026, 7, 1)


def test_files_that_follow_a_live_source_are_files_again(company):
    loaded(company, is_live=True, clock_at=KNOWN_AT)
    loaded(company, known_at=utc(2026, 7, 2), run_id="run-2", is_live=False)
    assert natural_date(company) == date(2026, 6, 16)
