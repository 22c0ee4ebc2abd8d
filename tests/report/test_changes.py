"""What changed since the previous snapshot: who, which decisions, and which KPIs moved enough to be told."""

from datetime import date

import pytest

from kam_pipeline.report.changes import is_notable
from kam_pipeline.report.figures import Both, Figure
from tests.report.published_file import candidate, change, kpi, snapshot, verdict

BEFORE = date(2026, 6, 1)


def figure(value, unit="money", kpi="bookings_amt", low=None, high=None):
    return Figure(kpi, unit, value, None, None, None, low, high, "measured", Both(), "ttm")


@pytest.mark.parametrize(
    ("before", "now", "unit", "expected"),
    [
        (100, 110, "money", True),
        (100, 109, "money", False),
        (100, 90, "money", True),
        (0, 1, "count", True),
        (0, 0, "count", False),
        (0.50, 0.53, "share", True),
        (0.50, 0.52, "share", False),
        (40, 45, "score", True),
        (40, 44, "score", False),
    ],
)
def test_without_intervals_a_stated_step_decides(before, now, unit, expected):
    assert is_notable(figure(before, unit), figure(now, unit)) is expected


def test_with_intervals_they_must_lie_apart():
    before = figure(0.40, "share", low=0.35, high=0.45)
    assert is_notable(before, figure(0.50, "share", low=0.44, high=0.56)) is False
    assert is_notable(before, figure(0.52, "share", low=0.46, high=0.58)) is True
    assert is_notable(before, figure(0.28, "share", low=0.22, high=0.34)) is True


def test_growth_is_a_share_whatever_its_unit_and_coverage_is_not():
    assert is_notable(figure(0.10, "ratio", "growth_yoy"), figure(0.14, "ratio", "growth_yoy")) is True
    assert is_notable(figure(2.0, "ratio", "pipeline_coverage"), figure(2.1, "ratio", "pipeline_coverage")) is False


def earlier(file, **given):
    file.add("snapshot", snapshot(as_of_date=BEFORE, **given))
    return file.add("kam_relevance", verdict(as_of_date=BEFORE, word="borderline"))


def test_the_first_snapshot_says_that_there_is_nothing_to_compare_with(published, page_of):
    page = page_of(published)
    assert "This is the first published snapshot; there is nothing to compare with yet." in page.text("en")
    assert "Dette er den første publicering" in page.text("da")


def test_the_nearest_earlier_snapshot_is_the_one_compared_with(published, page_of):
    published.add("snapshot", snapshot(as_of_date="2026-05-01"), snapshot(as_of_date="2026-08-01"))
    published.add("kam_relevance", verdict(as_of_date="2026-08-01"))
    text = page_of(published).text()
    assert "Compared with 1 July 2026. The answer to the first question is the same: “Yes”." in text


def test_the_verdict_says_from_what_to_what(published, page_of):
    page = page_of(earlier(published))
    assert "The answer to the first question was “Borderline” and is now “Yes”." in page.text("en")
    assert "Svaret på det første spørgsmål var »På grænsen« og er nu »Ja«." in page.text("da")


def test_who_entered_and_left_the_list_is_named_with_the_reason_behind_it(published, page_of):
    earlier(published)
    published.add("key_account_candidate", candidate(1, "Enters", "add"), candidate(2, "Leaves", "review"))
    published.add("candidate_change", change("g01", "Enters", None, "add"), change("g02", "Leaves", "keep", "review"))
    page = page_of(published)
    text = page.text("en")
    assert "One customer entered the list Enters One customer left the list Leaves" in text
    assert "2 changes come from the data Enters not ranked → add Why Enters moved, by data." in text
    assert "Leaves keep → review Why Leaves moved, by data." in text
    assert "2 ændringer skyldes data Enters ikke med → tilføj Hvorfor Enters flyttede sig, data." in page.text("da")


def test_what_the_criteria_did_stands_apart_from_what_the_data_did(published, page_of):
    earlier(published)
    published.add("key_account_candidate", candidate(1, "Back", "add"), candidate(2, "Gone", "none"))
    # the data took it off, the criteria put it back: it neither entered nor left
    published.add("candidate_change", change("g01", "Back", "add", "none"))
    published.add("candidate_change", change("g01", "Back", "none", "add", "criteria"))
    published.add("candidate_change", change("g02", "Gone", "add", "none", "criteria"))
    text = page_of(published).text("en")
    assert "entered the list" not in text
    assert "One customer left the list Gone" in text
    data, criteria = text.partition("Why: one change comes from the data")[2].split(
        "Why: 2 changes come from the criteria"
    )
    assert "Back add → none" not in data
    assert "Back add → no change" in data
    assert "Gone add → no change" in criteria


def test_where_only_the_place_changed_the_list_is_said_to_hold_the_same_customers(published, page_of):
    earlier(published)
    published.add("key_account_candidate", candidate(1, "Higher", "keep"))
    published.add("candidate_change", change("g01", "Higher", "top_10_pct", "top_5_pct", attribute="band"))
    text = page_of(published).text("en")
    assert "The list holds the same customers, but not all stand as they did." in text
    assert "Higher top 10 % → top 5 %" in text


def test_a_decision_stands_for_the_band_that_changed_with_it(published, page_of):
    earlier(published)
    published.add("key_account_candidate", candidate(1, "Both", "add"))
    published.add("candidate_change", change("g01", "Both", "near_miss", "top_10_pct", attribute="band"))
    published.add("candidate_change", change("g01", "Both", "none", "add"))
    text = page_of(published).text("en")
    assert "Why: one change comes from the data" in text
    assert "near miss → top 10 %" not in text


def test_an_unchanged_list_says_so(published, page_of):
    assert "The list holds the same customers." in page_of(earlier(published)).text()


def test_an_edit_on_the_first_day_is_told_though_there_is_no_earlier_snapshot(published, page_of):
    published.add("key_account_candidate", candidate(1, "Enters", "add"))
    published.add(
        "candidate_change", change("g01", "Enters", "none", "add", "criteria", previous_as_of_date="2026-07-01")
    )
    text = page_of(published).text("en")
    assert "This is the first published snapshot" in text
    assert "The criteria have been edited since it was first computed" in text
    assert "One customer entered the list Enters" in text


def test_a_group_that_is_gone_from_the_ranking_has_left_the_list(published, page_of):
    earlier(published)
    published.add("candidate_change", change("gone", "Merged away", "keep", None))
    text = page_of(published).text()
    assert "One customer left the list Merged away" in text
    assert "Merged away keep → not ranked" in text


def test_a_cause_that_nobody_can_tell_is_named_as_such(published, page_of):
    earlier(published)
    published.add("candidate_change", change("g01", "Odd", "add", "none", "not_split"))
    assert "nobody can say whether the data or the criteria made it" in page_of(published).text()


def test_other_criteria_settings_or_currency_are_a_warning(published, page_of):
    earlier(published, criteria_version="other", config_version="other", reporting_currency="DKK")
    published.add("kpi_snapshot", kpi("bookings_amt", "key", 100), kpi("bookings_amt", "key", 900, as_of_date=BEFORE))
    text = page_of(published).text()
    assert "The criteria are not the same as then" in text
    assert "amounts are not compared" in text
    assert "No KPI of the key accounts is measured on both dates." in text


def test_notable_moves_are_told_and_the_others_counted(published, page_of):
    earlier(published)
    published.add("kpi_snapshot", kpi("bookings_amt", "key", 120), kpi("bookings_amt", "key", 100, as_of_date=BEFORE))
    assert "bookings_amt: 100 EUR → 120 EUR" in page_of(published).text()
    published.change("update kpi_snapshot set value = 101 where as_of_date = date '2026-07-01'")
    assert "The one KPI of the key accounts that can be compared did not move notably." in page_of(published).text()


def test_of_many_moves_the_first_are_told_and_the_rest_counted(published, page_of):
    earlier(published)
    for place in range(10):
        published.add("kpi_snapshot", kpi(f"kpi_{place}", "key", 2, "count"))
        published.add("kpi_snapshot", kpi(f"kpi_{place}", "key", 1, "count", as_of_date=BEFORE))
    text = page_of(published).text()
    assert "kpi_7: 1 → 2 and 2 more" in text
    assert "kpi_8: 1 → 2" not in text


def test_a_kpi_measured_on_one_date_only_is_not_compared(published, page_of):
    earlier(published)
    published.add("kpi_snapshot", kpi("nps", "key", None, "score"), kpi("nps", "key", 40, "score", as_of_date=BEFORE))
    assert "No KPI of the key accounts is measured on both dates." in page_of(published).text()
