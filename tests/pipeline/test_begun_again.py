"""A night that broke off and is begun again says the same as one that did not (see tests/robustness for real kills)."""

import pytest

CHECKS = 'select "check", object, severity, passed, value, threshold, detail from data_quality order by all'


@pytest.mark.slow
def test_a_first_night_that_broke_off_after_loading_has_nothing_to_compare_with_when_it_is_begun_again(company):
    company.run(publishes=False)
    company.run()
    again = company.read(CHECKS)
    assert [row for row in again if row[0] == "vanished_share"] == []


def test_records_gone_since_a_first_night_that_was_not_published_are_still_missed(company):
    company.run(publishes=False)
    company.deals = company.deals[: len(company.deals) // 2]
    company.run()
    assert any(line.startswith("vanished_share of Opportunity") for line in company.blocked_by)


@pytest.mark.slow
def test_a_night_that_broke_off_just_before_readers_got_it_says_the_same_when_it_is_begun_again(company):
    day = company.run()
    first = company.read(CHECKS)
    # the published set of the warehouse is kept by now, the file is not there yet
    company.published.unlink()
    company.run(as_of=day, knowledge="then")
    assert company.read(CHECKS) == first


@pytest.mark.slow
def test_what_a_killed_run_spilled_to_disk_is_gone_after_the_next(company):
    company.run()
    left = company.folder / "state" / "tmp" / "duckdb_temp_storage_DEFAULT-0.tmp"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half a join")
    company.run()
    assert not left.exists()
