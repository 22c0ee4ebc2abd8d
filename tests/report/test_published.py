"""Reading the published file: what is not there is named together with the way out."""

import duckdb
import pytest

from kam_pipeline.errors import KamError, PublicationError, ReportError
from kam_pipeline.report.published import COLUMNS, open_published
from kam_pipeline.tables import published_contracts
from tests.report.published_file import PublishedFile, minimal, snapshot


def test_before_the_first_run_the_message_says_what_to_run(tmp_path):
    with pytest.raises(ReportError, match=r"nothing has been published yet; start with `kam run`"):
        open_published(tmp_path / "key_accounts.duckdb").__enter__()


def test_a_file_of_an_older_version_is_named_with_all_that_it_lacks(tmp_path):
    older = [table for table in COLUMNS if not table.startswith(("kpi_", "maturity_"))]
    file = minimal(tmp_path / "key_accounts.duckdb", older)
    file.change("alter table kam_relevance drop reason_da")
    with pytest.raises(ReportError) as caught, open_published(file.path):
        pass
    message = str(caught.value)
    assert "kam_relevance (reason_da)" in message
    for table in ("kpi_definition", "kpi_snapshot", "kpi_scorecard", "maturity_indicator", "maturity_score"):
        assert table in message
    assert "`kam run` publishes it anew" in message


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "key_accounts.duckdb"
    path.write_text("not a database", encoding="utf-8")
    with pytest.raises(ReportError, match="cannot be opened"), open_published(path):
        pass


def test_a_file_without_a_snapshot_is_nothing_published(tmp_path):
    file = PublishedFile(tmp_path / "key_accounts.duckdb")
    with pytest.raises(ReportError, match="holds no snapshot"), open_published(file.path):
        pass


def test_the_newest_date_is_the_one_that_is_read(published):
    published.add("snapshot", snapshot(as_of_date="2026-05-01"))
    with open_published(published.path) as opened:
        assert str(opened.as_of_date) == "2026-07-01"


def test_the_file_is_left_as_it_is(published):
    before = published.path.read_bytes()
    with open_published(published.path) as opened, pytest.raises(duckdb.Error, match="read-only"):
        opened.rows("delete from snapshot")
    assert published.path.read_bytes() == before


def test_a_report_error_is_a_failed_publication_with_exit_code_1():
    assert issubclass(ReportError, PublicationError)
    assert issubclass(ReportError, KamError)
    assert ReportError.exit_code == 1


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_every_column_that_is_read_is_in_the_contract_of_its_table(table):
    contracts = {contract.name: {column.name for column in contract.columns} for contract in published_contracts()}
    assert set(COLUMNS[table].split()) - contracts[table] == set()
