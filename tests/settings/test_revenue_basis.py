"""The key `revenue_basis` of kam.yaml: what it may say, and what it needs beside it."""

import pytest

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings import load_configuration
from kam_pipeline.settings.load import load_what_can_be_used


def written(folder, text):
    for name in ("export", "feeds"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "feeds" / "invoiced.csv").touch()
    path = folder / "kam.yaml"
    path.write_text("source: {kind: files, path: export}\n" + text, encoding="utf-8")
    return path


def problems_of(folder, text):
    with pytest.raises(ConfigurationError) as raised:
        load_configuration(written(folder, text))
    return raised.value.problems


def test_revenue_is_bookings_unless_somebody_says_otherwise(tmp_path):
    assert load_configuration(written(tmp_path, "")).settings.revenue_basis == "bookings"
    assert load_configuration(written(tmp_path, "revenue_basis: orders\n")).settings.revenue_basis == "orders"
    invoiced = "feeds: {actuals: {file: feeds/invoiced.csv}}\nrevenue_basis: invoiced\n"
    assert load_configuration(written(tmp_path, invoiced)).settings.revenue_basis == "invoiced"


def test_a_word_that_is_no_basis_is_an_error_that_names_them(tmp_path):
    [problem] = problems_of(tmp_path, "revenue_basis: sales\n")
    assert problem == "kam.yaml: revenue_basis: Input should be 'bookings', 'invoiced' or 'orders'; found 'sales'"


def test_invoiced_without_its_feed_is_an_error_with_the_way_out_among_all_the_others(tmp_path):
    problems = problems_of(tmp_path, "relevance: {min_groups: 1}\nrevenue_basis: invoiced\ncriteria: {cap: 0}\n")
    assert len(problems) == 3
    assert (
        "kam.yaml: revenue_basis: is invoiced, and nothing says what was invoiced; set feeds.actuals.file, or write "
        "bookings or orders" in problems
    )


def test_a_feed_that_is_wrong_itself_is_the_only_thing_said_of_it(tmp_path):
    wrong = "feeds: {actuals: {file: feeds/invoiced.csv, lowest: 1}}\n"
    [problem] = problems_of(tmp_path, wrong + "revenue_basis: invoiced\n")
    assert problem.startswith("kam.yaml: feeds.actuals")


def test_whoever_must_be_told_of_a_wrong_feed_is_found_though_the_basis_needs_it(tmp_path):
    text = (
        "feeds: {actuals: {file: feeds/invoiced.csv, fields: {nonsense: x}}}\nrevenue_basis: invoiced\n"
        "report: {languages: [da]}\n"
    )
    configuration = load_what_can_be_used(written(tmp_path, text))
    assert configuration.settings.report.languages == ("da",)
    assert configuration.settings.revenue_basis == "bookings"


def test_only_an_edit_of_the_basis_changes_its_version(tmp_path):
    versions = [
        load_configuration(written(tmp_path, text)).section_version("revenue_basis")
        for text in ("", "criteria: {cap: 3}\n", "revenue_basis: orders\n")
    ]
    assert versions[0] == versions[1] != versions[2]


def test_statuses_that_count_are_those_of_orders_alone(tmp_path):
    [problem] = problems_of(tmp_path, "mapping: {Case: {activated: [Sent]}}\n")
    assert problem.endswith("Case.activated: only Order is activated; remove it here")
