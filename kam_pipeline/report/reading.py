"""Find what the report says of the verdict, the ranking and the data, in the published file.

What belongs here: queries for one date into the shapes of contents.py. What does not: concentration
(concentration_reading.py), what the list rests on (selection_reading.py), KPIs (kpi_reading.py), maturity
(maturity_reading.py), comparison with an earlier date (changes.py), wording.
"""

import re
from collections.abc import Mapping

from kam_pipeline.report.changes import read_changes
from kam_pipeline.report.concentration_reading import (
    read_concentration,
    read_dependence,
    read_dependence_verdict,
    read_trend,
)
from kam_pipeline.report.contents import (
    Candidate,
    Check,
    Condition,
    Quality,
    Ranking,
    Rejected,
    Snapshot,
    Verdict,
)
from kam_pipeline.report.figures import Both, Figure
from kam_pipeline.report.kpi_reading import group_growth, read_kpis
from kam_pipeline.report.maturity_reading import read_maturity
from kam_pipeline.report.published import PublishedFile, Row
from kam_pipeline.report.selection_reading import read_selection
from kam_pipeline.report.whole import Report

LIST_ROWS = 200
DESIGNATED_ROWS = 60
NEAR_ROWS = 20
REJECTED_ROWS = 12
_WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f\"'<>\\]+", re.IGNORECASE)


def web_address(text: str | None) -> str | None:
    """Return an address that a browser may follow, None for anything but http and https.

    Examples
    --------
    >>> web_address("https://acme.example/001")
    'https://acme.example/001'
    >>> web_address("javascript:alert(1)") is None
    True
    """
    return text if text is not None and _WEB_ADDRESS.fullmatch(text) else None


def read_report(published: PublishedFile) -> Report:
    """Return everything the page shows, for the newest date.

    Parameters
    ----------
    published : PublishedFile
        The open file.

    Returns
    -------
    Report
        The contents; what no table holds is empty or None, never zero.
    """
    urls = {
        row["group_id"]: web_address(row["record_url"])
        for row in published.rows("select group_id, record_url from account_group order by group_id")
    }
    return Report(
        snapshot=_snapshot(published),
        verdict=_verdict(published),
        concentration={basis: read_concentration(published, basis) for basis in ("group", "account")},
        ranking=_ranking(published, urls),
        selection=read_selection(published, urls),
        kpis=read_kpis(published, urls),
        maturity=read_maturity(published),
        dependence_verdict=read_dependence_verdict(published),
        dependence=read_dependence(published),
        trend=read_trend(published),
        quality=_quality(published),
        changes=read_changes(published),
    )


def _snapshot(published: PublishedFile) -> Snapshot:
    (row,) = published.rows(
        """
        select as_of_date, run_id, created_at, criteria_version, config_version, reporting_currency, revenue_basis,
            data_cut_at, is_restated, source, (select count(*) from snapshot) as dates_cnt
        from snapshot where as_of_date = $day
        """
    )
    return Snapshot(**row)


def _verdict(published: PublishedFile) -> Verdict:
    by_basis = {
        row["basis"]: row
        for row in published.rows("select basis, verdict, reason, reason_da from kam_relevance where as_of_date = $day")
    }
    order = [
        "enough_customers", "enough_months", "revenue_attributed", "clear_of_thresholds", "top_10_pct_low",
        "top_10_pct_high", "marked_customer", "dependence",
    ]  # fmt: skip
    conditions = [
        Condition(
            row["test"], row["passed"], row["value"], row["threshold"], Both(row["statement"], row["statement_da"])
        )
        for row in published.rows(
            "select test, passed, value, threshold, statement, statement_da from relevance_test "
            "where as_of_date = $day and basis = 'group' order by list_position($order::varchar[], test), test",
            order=order,
        )
    ]
    group, account = by_basis.get("group"), by_basis.get("account")
    return Verdict(
        verdict=group["verdict"] if group else "insufficient_data",
        reason=Both(group["reason"], group["reason_da"]) if group else Both(),
        account_verdict=account["verdict"] if account else None,
        conditions=tuple(conditions),
    )


def _ranking(published: PublishedFile, urls: Mapping[str, str | None]) -> Ranking:
    (counts,) = published.rows(
        """
        select count(*) as groups_cnt, count(*) filter (where is_in_list) as list_cnt,
            coalesce(bool_or(is_key_account is not null), false) as is_designation_known,
            coalesce(bool_or(revenue_amt > 0), false) as has_revenue
        from key_account_candidate where as_of_date = $day
        """
    )
    decisions = published.rows(
        "select decision, count(*) as cnt from key_account_candidate where as_of_date = $day group by 1 order by 1"
    )
    growth = group_growth(published)
    rows = tuple(_candidate(row, urls, growth) for row in _rows_worth_showing(published))
    return Ranking(
        **counts,
        decisions={row["decision"]: row["cnt"] for row in decisions},
        rows=rows,
        more_cnt=counts["groups_cnt"] - len(rows),
    )


def _rows_worth_showing(published: PublishedFile) -> list[Row]:
    return published.rows(
        """
        with shown as (
            select *,
                case when is_in_list then 'list' when is_key_account then 'designated' else 'near' end as why
            from key_account_candidate
            where as_of_date = $day and (is_in_list or is_key_account or band <> 'outside')
            qualify row_number() over (partition by why order by rank)
                <= case why when 'list' then $list when 'designated' then $designated else $near end
        )
        select group_id, group_name, rank, score, revenue_amt, revenue_share, decision, band, is_in_list, override,
            rank_low, rank_high, band_stability, reason, reason_da
        from shown order by rank
        """,
        list=LIST_ROWS,
        designated=DESIGNATED_ROWS,
        near=NEAR_ROWS,
    )


def _candidate(row: Row, urls: Mapping[str, str | None], growth: Mapping[str, Figure]) -> Candidate:
    return Candidate(
        group_id=row["group_id"],
        name=row["group_name"] or row["group_id"],
        url=urls.get(row["group_id"]),
        rank=row["rank"],
        score=row["score"],
        revenue_amt=row["revenue_amt"],
        revenue_share=row["revenue_share"],
        decision=row["decision"],
        band=row["band"],
        is_in_list=row["is_in_list"],
        override=row["override"],
        rank_low=row["rank_low"],
        rank_high=row["rank_high"],
        band_stability=row["band_stability"],
        growth=growth.get(row["group_id"]),
        reason=Both(row["reason"], row["reason_da"]),
    )


def _quality(published: PublishedFile) -> Quality:
    checks = published.rows(
        """
        select "check", object as subject, severity, passed, value, threshold, detail,
            count(*) over () as checks_cnt
        from data_quality where as_of_date = $day
        order by severity, "check", object
        """
    )
    # reasons name the record or the value; here the same reason is one line, whomever it is about
    rejected = published.rows(
        """
        select object as subject, part, count(*) as rows_cnt,
            rtrim(regexp_replace(split_part(reason, ': ', 1), '[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]{4,}', '…', 'g'), '.')
                || '.' as reason
        from rejected_row where as_of_date = $day
        group by all order by rows_cnt desc, subject, part, reason limit $rows
        """,
        rows=REJECTED_ROWS,
    )
    (total,) = published.rows("select count(*) as cnt from rejected_row where as_of_date = $day")
    names = Check.__dataclass_fields__
    return Quality(
        checks_cnt=len(checks),
        checks=tuple(Check(**{name: row[name] for name in names}) for row in checks if _is_open(row)),
        rejected_cnt=total["cnt"],
        rejected=tuple(Rejected(**row) for row in rejected),
    )


def _is_open(check: Row) -> bool:
    """Whether a check did not hold or could not be made; one without a threshold only informs."""
    return check["passed"] is False or (check["passed"] is None and check["threshold"] is not None)
