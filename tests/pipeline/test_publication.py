"""Promise 5: readers see the last complete publication or the new one, and a blocked run publishes nothing."""

import hashlib
import subprocess
from datetime import date
from pathlib import Path

import duckdb
import pytest

from kam_pipeline.errors import PublicationError, WarehouseBusyError
from kam_pipeline.publishing import duckdb_file
from kam_pipeline.settings import load_configuration
from kam_pipeline.tables import published_contracts
from kam_pipeline.warehouse import Warehouse

REPOSITORY = Path(__file__).resolve().parents[2]
OLDEST_READER = REPOSITORY / ".venv-oldest-reader" / "bin" / "python"


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_readers_get_every_published_table_and_nothing_else(company):
    company.run()
    found = company.read("select table_name from duckdb_tables() where schema_name = 'kam' order by 1")
    assert [name for (name,) in found] == [contract.name for contract in published_contracts()]


def test_the_meaning_of_tables_and_columns_travels_with_the_file(company):
    company.run()
    comments = company.read("select comment from duckdb_columns() where schema_name = 'kam'")
    assert all(comment for (comment,) in comments)


def test_a_reader_with_the_old_file_open_keeps_it_and_a_new_reader_gets_the_new_one(company):
    company.run()
    with duckdb.connect(str(company.published), read_only=True) as early:
        before = early.sql("select max(as_of_date) from kam.snapshot").fetchall()
        company.deal("d30-23")["CloseDate"] = "2026-06-20"
        company.run()
        assert early.sql("select max(as_of_date) from kam.snapshot").fetchall() == before
    assert str(company.read("select max(as_of_date) from snapshot")[0][0]) == "2026-06-21"


@pytest.mark.slow
def test_the_folder_of_the_publication_holds_the_publication_only(company):
    company.run()
    company.run()
    assert [path.name for path in company.published.parent.iterdir()] == ["key_accounts.duckdb"]


def test_too_many_rejected_records_block_publishing_and_leave_the_last_one_untouched(company):
    company.run()
    before = fingerprint(company.published)
    for deal in company.deals[: len(company.deals) // 3]:
        deal["Amount"] = "1O0"
    company.run()
    assert any(line.startswith("rejected_share of Opportunity") for line in company.blocked_by)
    assert fingerprint(company.published) == before


@pytest.mark.slow
def test_the_share_of_rejected_records_that_blocks_can_be_configured(company):
    for deal in company.deals[: len(company.deals) // 3]:
        deal["Amount"] = "1O0"
    company.settings += "quality: {max_rejected_share: 0.5}\n"
    company.run()
    assert company.blocked_by == []
    assert company.read("select count(*) from rejected_row where part = 'record'") == [(len(company.deals) // 3,)]


def test_a_partial_delivery_is_not_published(company):
    company.run()
    before = fingerprint(company.published)
    company.deals = company.deals[: len(company.deals) // 2]
    company.run()
    assert any(line.startswith("vanished_share of Opportunity") for line in company.blocked_by)
    assert fingerprint(company.published) == before


@pytest.mark.slow
def test_a_blocked_night_does_not_reach_readers_with_the_next_good_one(company):
    first = company.run()
    good = company.read(f"select * from key_account_candidate where as_of_date = '{first}' order by all")
    keep = [dict(deal) for deal in company.deals]
    for deal in company.deals[: len(company.deals) // 3]:
        deal["Amount"] = "1O0"
    company.run(as_of=first, knowledge="restate")
    company.deals = keep
    company.deal("d30-23")["CloseDate"] = "2026-06-20"
    company.run()
    assert company.read(f"select * from key_account_candidate where as_of_date = '{first}' order by all") == good


@pytest.mark.slow
def test_of_past_snapshots_the_last_days_and_the_last_of_each_month_stay_unless_all_are_wanted(company):
    earlier = [date(2026, 4, 10), date(2026, 5, 1)]
    for day in earlier:
        company.run(as_of=day)
    newest = company.run()
    assert company.read("select as_of_date from snapshot order by 1") == [(date(2026, 5, 1),), (newest,)]
    company.settings += "publish: {keep_days: null}\n"
    company.run(as_of=earlier[0])
    company.run()
    assert company.read("select as_of_date from snapshot order by 1") == [(day,) for day in (*earlier, newest)]


def test_a_failure_while_writing_leaves_the_last_publication_and_no_litter(company, monkeypatch):
    company.run()
    before = fingerprint(company.published)

    def full(unfinished: Path, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(duckdb_file, "swap_in", full)
    with pytest.raises(PublicationError, match=r"No space left on device.*Readers keep the last publication"):
        company.run()
    assert fingerprint(company.published) == before
    assert [path.name for path in company.published.parent.iterdir()] == ["key_accounts.duckdb"]


def test_a_second_writer_is_told_who_is_in_the_way(company):
    company.run()
    configuration = load_configuration(company.folder / "kam.yaml")
    holder = subprocess.Popen(
        ["python3", "-c", "import fcntl, sys, time\n"
         f"f = open({str(configuration.warehouse_path)!r}, 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX)\n"
         "print('held', flush=True); time.sleep(30)"],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with (
            pytest.raises(WarehouseBusyError, match=rf"another process is writing here \(PID {holder.pid}, since 20"),
            Warehouse.open(configuration.warehouse_path, configuration.settings.engine),
        ):
            pass
    finally:
        holder.kill()
        holder.communicate()


def test_the_oldest_promised_duckdb_client_opens_the_publication(company):
    if not OLDEST_READER.exists():
        pytest.skip("the oldest reader is not installed; `make test` does that")
    company.run()
    program = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); "
        "print(duckdb.__version__, c.execute('select count(*) from kam.key_account_candidate').fetchone()[0])"
    )
    answer = subprocess.run(
        [OLDEST_READER, "-c", program, company.published], capture_output=True, text=True, check=True
    ).stdout
    assert answer.split() == ["1.4.0", "30"]


def test_what_the_source_lacks_is_not_configured_and_never_zero(company):
    company.run()
    assert company.read("select distinct is_key_account from account_group") == [(None,)]
    assert company.read(
        "select status, consequence from field_availability where object = 'Account' and field = 'PotentialAmount'"
    ) == [("not_mapped", "not_configured: the criterion potential")]
    assert company.read(
        "select distinct raw_value, weight, contribution, status from candidate_criterion where criterion = 'potential'"
    ) == [(None, 0.0, None, "not_configured")]
    assert company.read("select count(*) from field_availability where object = 'Task' and status = 'absent'") != [(0,)]
