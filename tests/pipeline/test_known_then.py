"""Promise 1 to 3: as-of, known-then, same in same out."""

from datetime import date

import duckdb
import pytest

from kam_pipeline.tables import published_contracts

JUNE = date(2026, 6, 1)
RUN_COLUMNS = {"run_id", "created_at", "data_cut_at"}


def revenue(company, day: date, group: str = "a30"):
    return company.read(
        f"select revenue_amt from key_account_candidate where as_of_date = '{day}' and group_id = '{group}'"
    )[0][0]


def test_the_default_date_is_the_day_after_the_newest_stamp_or_close(company):
    # newest close: 10 June 2026; nothing is stamped later
    assert company.run() == date(2026, 6, 11)


@pytest.mark.slow
def test_the_default_date_is_never_after_the_extraction(company):
    company.deal("d30-23")["SystemModstamp"] = "2031-01-01 00:00:00"
    assert company.run() == company.clock.date()


@pytest.mark.slow
def test_a_deal_closed_on_the_date_itself_counts_only_the_day_after(company):
    company.run(as_of=date(2026, 6, 10))
    company.run(as_of=date(2026, 6, 11))
    # twelve months before 10 June hold the closes of June 2025 to May 2026, both times twelve
    assert revenue(company, date(2026, 6, 10)) == revenue(company, date(2026, 6, 11)) == 12 * 9000
    company.deal("d30-23")["Amount"] = "19000"
    company.run(as_of=date(2026, 6, 10), knowledge="restate")
    company.run(as_of=date(2026, 6, 11), knowledge="restate")
    assert revenue(company, date(2026, 6, 10)) == 108_000
    assert revenue(company, date(2026, 6, 11)) == 118_000


def test_a_rerun_of_a_stored_date_uses_what_was_known_then(company):
    query = (
        "select * exclude (run_id, created_at) from key_account_candidate natural join snapshot "
        f"where as_of_date = '{JUNE}' order by all"
    )
    company.run(as_of=JUNE)
    before = company.read(query)
    company.deal("d30-22")["Amount"] = "1000000"
    company.deals = [deal for deal in company.deals if deal["AccountId"] != "a29"]
    company.run()
    company.run(as_of=JUNE, knowledge="then")
    assert company.read(query) == before
    assert revenue(company, JUNE) == 12 * 9000


@pytest.mark.slow
def test_a_rerun_known_then_replaces_only_its_own_date_and_leaves_core_alone(company):
    company.run(as_of=JUNE)
    company.deal("d30-22")["Amount"] = "1000000"
    newest = company.run()
    stored = company.read(f"select * from key_account_candidate where as_of_date = '{newest}' order by all")
    accounts = company.read("select * from account order by all")
    company.run(as_of=JUNE, knowledge="then")
    assert company.read(f"select * from key_account_candidate where as_of_date = '{newest}' order by all") == stored
    assert company.read("select * from account order by all") == accounts
    assert revenue(company, newest) == 11 * 9000 + 1_000_000


@pytest.mark.slow
def test_a_rerun_tells_the_same_changes_with_the_same_causes(company):
    company.run(as_of=JUNE)
    # a01 becomes the largest; the list, three places of thirty, is cut to two
    company.deal("d01-23")["Amount"] = "10000000"
    company.settings += "criteria: {cap: 2}\n"
    newest = company.run()
    query = f"select * from candidate_change where as_of_date = '{newest}' order by all"
    before = company.read(query)
    moved = company.read(
        "select group_id, cause, from_value, to_value from candidate_change "
        f"where as_of_date = '{newest}' and attribute = 'decision' order by all"
    )
    assert moved == [
        ("a01", "data", "none", "add"),
        ("a28", "data", "add", "none"),
        ("a29", "criteria", "add", "none"),
    ]
    company.deal("d02-23")["Amount"] = "20000000"
    company.run(as_of=newest, knowledge="then")
    assert company.read(query) == before


def test_restating_uses_todays_knowledge_and_says_so(company):
    company.run(as_of=JUNE)
    company.deal("d30-22")["Amount"] = "1000000"
    company.run(as_of=JUNE, knowledge="restate")
    assert revenue(company, JUNE) == 11 * 9000 + 1_000_000
    assert company.read(f"select is_restated from snapshot where as_of_date = '{JUNE}'") == [(True,)]


@pytest.mark.slow
def test_a_past_date_never_stored_is_restated_and_the_natural_date_is_not(company):
    newest = company.run()
    company.run(as_of=JUNE)
    assert company.read("select as_of_date, is_restated from snapshot order by 1") == [(JUNE, True), (newest, False)]


@pytest.mark.slow
def test_an_earlier_date_leaves_the_undated_tables_to_the_newest(company):
    company.run()
    company.accounts.append({**company.accounts[0], "Id": "a99", "Name": "Newcomer"})
    company.run(as_of=JUNE)
    assert company.read("select count(*) from account where account_id = 'a99'") == [(0,)]
    company.run()
    assert company.read("select count(*) from account where account_id = 'a99'") == [(1,)]


def test_the_same_input_gives_the_same_rows(company, tmp_path):
    other = type(company)(tmp_path / "other")
    company.run()
    other.run()
    for contract in published_contracts():
        columns = ", ".join(f'"{column.name}"' for column in contract.columns if column.name not in RUN_COLUMNS)
        query = f"select {columns} from {contract.name} order by all"
        assert company.read(query) == other.read(query), contract.name


@pytest.mark.slow
def test_the_order_of_rows_in_the_files_does_not_matter(company, tmp_path):
    other = type(company)(tmp_path / "other")
    other.deals.reverse()
    other.accounts.reverse()
    company.run()
    other.run()
    query = "select * exclude (as_of_date) from key_account_candidate order by all"
    assert company.read(query) == other.read(query)


@pytest.mark.slow
def test_every_snapshot_leads_to_the_text_of_its_criteria(company):
    company.run(as_of=JUNE)
    company.settings += "criteria: {cap: 2}\n"
    company.run()
    rows = company.read(
        "select as_of_date, text like '%\"cap\": 2%' from snapshot join criteria using (criteria_version)"
    )
    assert sorted(rows) == [(JUNE, False), (date(2026, 6, 11), True)]


@pytest.mark.slow
def test_a_stored_date_can_be_rerun_by_a_version_that_has_new_tables_and_columns(company):
    company.run(as_of=JUNE)
    before = company.read(f"select * from maturity_indicator where as_of_date = '{JUNE}' order by all")
    company.deal("d30-22")["Amount"] = "1000000"
    company.run()
    with duckdb.connect(str(company.folder / "state" / "warehouse.duckdb")) as connection:
        # as an earlier version left it
        for table in ("measured_month", "maturity_observation", "maturity_indicator", "maturity_score"):
            connection.execute(f"drop table marts.{table}")
        connection.execute("alter table marts.key_account_candidate drop column reason")
    company.run(as_of=JUNE, knowledge="then")
    assert company.read(f"select * from maturity_indicator where as_of_date = '{JUNE}' order by all") == before
    assert company.read(f"select count(reason) from key_account_candidate where as_of_date = '{JUNE}'") == [(30,)]
