"""The published file, opened for reading as any reader opens it.

What belongs here: which tables and columns the report reads, and the errors when they are not there. What does not:
what is made of them.
"""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from kam_pipeline.errors import ReportError
from kam_pipeline.settings.configuration import PUBLISHED_SCHEMA

Row = Mapping[str, Any]

COLUMNS: Mapping[str, str] = {
    "snapshot": "as_of_date run_id created_at criteria_version config_version reporting_currency revenue_basis "
    "data_cut_at is_restated source",
    "account_group": "group_id record_url",
    "kam_relevance": "as_of_date basis verdict reason reason_da",
    "relevance_test": "as_of_date basis test passed value threshold statement statement_da",
    "revenue_concentration": "as_of_date basis window_months metric value ci_low ci_high accounts_cnt",
    "lorenz_curve": "as_of_date basis window_months point account_share revenue_share",
    "concentration_trend": "as_of_date basis metric comparison compared_as_of_date earlier_value is_apart status",
    "kam_dependence": "as_of_date basis verdict reason reason_da",
    "dependence_risk": "as_of_date basis test value band reason reason_da",
    "key_account_candidate": "as_of_date group_id group_name rank score revenue_rank revenue_amt revenue_share band "
    "is_in_list decision is_key_account override rank_low rank_high band_stability reason reason_da",
    "candidate_list": "as_of_date covered_share best_share mean_stability warning warning_da",
    "candidate_criterion": "as_of_date group_id criterion raw_value weight",
    "candidate_gate": "as_of_date group_id gate reason reason_da",
    "candidate_change": "as_of_date group_id group_name attribute cause from_value to_value previous_as_of_date reason "
    "reason_da",
    "criterion": "as_of_date criterion ordinal label label_da transform direction weight",
    "designation": "as_of_date group_id group_name override override_status override_since_on override_until_on "
    "override_reason override_by",
    "potential_model": "as_of_date status reason reason_da",
    "programme_capacity": "as_of_date list reason reason_da",
    "data_quality": "as_of_date check object severity passed value threshold detail",
    "rejected_row": "as_of_date object part reason",
    "kpi_definition": "kpi position name_en name_da formula formula_da unit caveat caveat_da",
    "kpi_snapshot": "as_of_date entity_type entity_id period_type period_start kpi is_complete value "
    "numerator denominator n ci_low ci_high unit status reason reason_da",
    "kpi_scorecard": "as_of_date group_id group_name is_key_account decision change_class bookings_amt growth_yoy "
    "gross_margin_share profit_amt nps csat responses_cnt win_rate_count win_rate_low win_rate_high closed_cnt "
    "sales_cycle_days avg_deal_amt open_pipeline_amt meetings_cnt days_since_meeting engaged_contacts_cnt "
    "target_share target_status",
    "loss_reason": "as_of_date entity_type entity_id loss_reason lost_cnt lost_amt lost_share status reason reason_da",
    "maturity_indicator": "as_of_date practice indicator name_en name_da value unit numerator denominator coverage "
    "level level_low level_high ci_low ci_high weight anchors anchors_da anchor_source anchor_source_da status reason "
    "reason_da remedy remedy_da caveat caveat_da",
    "maturity_score": "as_of_date practice name_en name_da level ci_low ci_high target measured_cnt declared_cnt "
    "status reason reason_da",
}
"""What the report reads: every table with its columns."""


class PublishedFile:
    """The published file while it is open.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Open for reading, with the published schema set; use `open_published`.
    as_of_date : date
        Newest date in it.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, as_of_date: date) -> None:
        self._connection = connection
        self.as_of_date = as_of_date

    def rows(self, query: str, **params: object) -> list[Row]:
        """Return all rows of a small result, each by column name; `$day` is the newest date unless given."""
        if "$day" in query:
            params.setdefault("day", self.as_of_date)
        result = self._connection.execute(query, params)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@contextlib.contextmanager
def open_published(path: Path) -> Iterator[PublishedFile]:
    """Open the published file.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    PublishedFile
        The open file; what a run publishes meanwhile is not seen.

    Raises
    ------
    ReportError
        When nothing is published, the file cannot be read, or an earlier version made it.
    """
    if not path.exists():
        raise ReportError(f"{path}: nothing has been published yet; start with `kam run`")
    try:
        connection = duckdb.connect(
            str(path), read_only=True, config={"autoinstall_known_extensions": False, "threads": 2}
        )
    except duckdb.Error as error:
        raise ReportError(
            f"{path}: cannot be opened ({str(error).splitlines()[0]}); `kam run` publishes it anew"
        ) from error
    with connection:
        _check_columns(connection, path)
        connection.execute(f"set schema = '{PUBLISHED_SCHEMA}'")
        newest = connection.execute("select max(as_of_date) from snapshot").fetchall()[0][0]
        if newest is None:
            raise ReportError(f"{path}: holds no snapshot; start with `kam run`")
        yield PublishedFile(connection, newest)


def _check_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Name every table that is not there, or lacks a column, at once."""
    found: dict[str, set[str]] = {}
    rows = connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = $schema",
        {"schema": PUBLISHED_SCHEMA},
    ).fetchall()
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    lacking = [
        table if table not in found else f"{table} ({', '.join(sorted(set(columns.split()) - found[table]))})"
        for table, columns in COLUMNS.items()
        if not set(columns.split()) <= found.get(table, set())
    ]
    if lacking:
        raise ReportError(
            f"{path}: was published by another version and lacks {', '.join(lacking)}; "
            "`kam run` publishes it anew, report included"
        )
