"""Find the KPIs of the report in the published file: portfolios, the scorecard, loss reasons, growth of groups.

What belongs here: which period stands for a KPI, and why a figure of the scorecard is not there. What does not: what a
KPI means (the published table kpi_definition says it), wording.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from kam_pipeline.report.figures import MEASURED, Both, Definition, Figure, Kpis, Loss, Score, Scorecard, Unmeasured
from kam_pipeline.report.published import PublishedFile, Row

PORTFOLIOS = ("key", "other", "all")
TARGET = "target_share"
SCORECARD_COLUMNS = (
    "bookings_amt", "growth_yoy", TARGET, "profit_amt", "gross_margin_share", "win_rate_count", "sales_cycle_days",
    "avg_deal_amt", "open_pipeline_amt", "meetings_cnt", "days_since_meeting", "engaged_contacts_cnt", "nps", "csat",
)  # fmt: skip
SCORECARD_ROWS = 60
LOSS_ROWS = 8
NOT_KNOWN = "not_known"
"""Status of a figure that no table gives a status for."""

_PERIOD = """
    qualify row_number() over (
        partition by entity_id, kpi
        order by list_position(['ttm', 'as_of', 'fiscal_year', 'quarter', 'month'], period_type) nulls last,
            is_complete desc nulls last, period_start desc, period_type
    ) = 1
"""
"""One row per entity and KPI: the last twelve months, otherwise the date itself, otherwise the newest whole period."""

_IN_ORDER = "order by (select any_value(position) from kpi_definition as d where d.kpi = s.kpi) nulls last, s.kpi"
"""The order in which KPIs are declared; those without a declaration last."""

_FIGURES = """
    select entity_id, kpi, unit, value, numerator, denominator, n, ci_low, ci_high, status, reason, reason_da,
        period_type
    from kpi_snapshot as s
"""


def read_kpis(published: PublishedFile, urls: Mapping[str, str | None]) -> Kpis:
    """Return the KPIs of the newest date; `urls` leads from a group to its record."""
    definitions = _definitions(published)
    return Kpis(
        definitions=definitions,
        portfolios=portfolio_figures(published, published.as_of_date),
        scorecard=_scorecard(published, definitions, urls),
        losses={portfolio: _losses(published, portfolio) for portfolio in ("key", "all")},
    )


def portfolio_figures(published: PublishedFile, day: date) -> dict[str, dict[str, Figure]]:
    """Return the figures of a date by KPI and portfolio, in the order in which they are read."""
    rows = published.rows(
        f"{_FIGURES} where as_of_date = $day and entity_type = 'portfolio' {_PERIOD} {_IN_ORDER}", day=day
    )
    found: dict[str, dict[str, Figure]] = {}
    for row in rows:
        found.setdefault(row["kpi"], {})[row["entity_id"]] = _figure(row)
    return found


def group_growth(published: PublishedFile) -> dict[str, Figure]:
    """Return growth on the year before by group, for the groups that have a row of it."""
    return {
        row["entity_id"]: _figure(row)
        for row in published.rows(
            f"{_FIGURES} where as_of_date = $day and entity_type = 'group' and kpi = 'growth_yoy' {_PERIOD}"
        )
    }


def _definitions(published: PublishedFile) -> dict[str, Definition]:
    rows = published.rows(
        "select kpi, name_en, name_da, formula, formula_da, unit, caveat, caveat_da from kpi_definition "
        "order by position nulls last, kpi"
    )
    return {
        row["kpi"]: Definition(
            kpi=row["kpi"],
            name=Both(row["name_en"], row["name_da"]),
            formula=Both(row["formula"], row["formula_da"]),
            unit=row["unit"],
            caveat=Both(row["caveat"], row["caveat_da"]),
        )
        for row in rows
    }


def _figure(row: Row) -> Figure:
    is_measured = row["status"] == MEASURED
    return Figure(
        kpi=row["kpi"],
        unit=row["unit"],
        value=row["value"] if is_measured else None,
        numerator=row["numerator"],
        denominator=row["denominator"],
        n=row["n"],
        ci_low=row["ci_low"],
        ci_high=row["ci_high"],
        status=row["status"],
        reason=Both(row["reason"], row["reason_da"]),
        period_type=row["period_type"],
    )


def _scorecard(
    published: PublishedFile, definitions: Mapping[str, Definition], urls: Mapping[str, str | None]
) -> Scorecard:
    """Return designated groups, or the proposed list where no field designates any, most bookings first."""
    rows = published.rows(
        """
        with counted as (select *, coalesce(bool_or(is_key_account) over (), false) as is_designation_known
            from kpi_scorecard where as_of_date = $day)
        select group_id, group_name, decision, change_class, bookings_amt, growth_yoy, gross_margin_share, profit_amt,
            nps, csat, responses_cnt, win_rate_count, win_rate_low, win_rate_high, closed_cnt, sales_cycle_days,
            avg_deal_amt, open_pipeline_amt, meetings_cnt, days_since_meeting, engaged_contacts_cnt, target_share,
            target_status, is_designation_known
        from counted
        where case when is_designation_known then is_key_account else decision in ('keep', 'add') end
        order by bookings_amt desc nulls last, group_id
        """
    )
    why = _status_by_group(published)
    scores = [_score(row, definitions, urls, why) for row in rows]
    columns = tuple(name for name in SCORECARD_COLUMNS if any(score.figures[name].is_measured for score in scores))
    return Scorecard(
        is_designation_known=bool(rows and rows[0]["is_designation_known"]),
        columns=columns,
        rows=tuple(scores[:SCORECARD_ROWS]),
        more_cnt=max(len(scores) - SCORECARD_ROWS, 0),
        unmeasured=_unmeasured(scores),
    )


def _status_by_group(published: PublishedFile) -> dict[tuple[str, str], Figure]:
    """Return the figures that are not measured, by group and KPI."""
    rows = published.rows(
        f"{_FIGURES} where as_of_date = $day and entity_type = 'group' and kpi in (select unnest($kpis::varchar[])) "
        f"{_PERIOD}",
        kpis=list(SCORECARD_COLUMNS),
    )
    return {(row["entity_id"], row["kpi"]): _figure(row) for row in rows if row["status"] != MEASURED}


def _score(
    row: Row,
    definitions: Mapping[str, Definition],
    urls: Mapping[str, str | None],
    why: Mapping[tuple[str, str], Figure],
) -> Score:
    sample = {"nps": row["responses_cnt"], "csat": row["responses_cnt"], "win_rate_count": row["closed_cnt"]}
    figures = {}
    for name in SCORECARD_COLUMNS:
        lacking = why.get((row["group_id"], name))
        status = row["target_status"] if name == TARGET else lacking.status if lacking else None
        has_interval = name == "win_rate_count"
        figures[name] = Figure(
            kpi=name,
            unit=definitions[name].unit if name in definitions else _unit_by_name(name),
            value=row[name],
            numerator=None,
            denominator=None,
            n=sample.get(name),
            ci_low=row["win_rate_low"] if has_interval else None,
            ci_high=row["win_rate_high"] if has_interval else None,
            status=MEASURED if row[name] is not None else (status if status != MEASURED else None) or NOT_KNOWN,
            reason=lacking.reason if lacking else Both(),
            period_type=None,
        )
    return Score(
        group_id=row["group_id"],
        name=row["group_name"] or row["group_id"],
        url=urls.get(row["group_id"]),
        decision=row["decision"],
        change_class=row["change_class"] or "unknown",
        target_status=row["target_status"],
        figures=figures,
    )


def _unit_by_name(name: str) -> str:
    endings = {"_amt": "money", "_share": "share", "_cnt": "count", "_days": "days", "_yoy": "share"}
    return next((unit for ending, unit in endings.items() if name.endswith(ending)), "score")


def _unmeasured(scores: Iterable[Score]) -> tuple[Unmeasured, ...]:
    """Return why figures are not there, by KPI in the order of the columns."""
    found: dict[tuple[str, str], Counter[Both]] = {}
    for score in scores:
        for name, figure in score.figures.items():
            if not figure.is_measured:
                found.setdefault((name, figure.status), Counter())[figure.reason] += 1
    return tuple(
        Unmeasured(
            kpi=kpi,
            status=status,
            reasons=tuple(sorted(reasons, key=lambda reason: (-reasons[reason], reason.en or ""))),
            groups_cnt=reasons.total(),
        )
        for (kpi, status), reasons in sorted(found.items(), key=lambda item: SCORECARD_COLUMNS.index(item[0][0]))
    )


def _losses(published: PublishedFile, portfolio: str) -> tuple[Loss, ...]:
    rows = published.rows(
        "select loss_reason, lost_cnt, lost_amt, lost_share, status, reason, reason_da from loss_reason "
        "where as_of_date = $day and entity_type = 'portfolio' and entity_id = $portfolio "
        "order by lost_cnt desc nulls last, lost_amt desc nulls last, loss_reason limit $rows",
        portfolio=portfolio,
        rows=LOSS_ROWS,
    )
    return tuple(
        Loss(
            row["loss_reason"],
            row["lost_cnt"],
            row["lost_amt"],
            row["lost_share"],
            row["status"],
            Both(row["reason"], row["reason_da"]),
        )
        for row in rows
    )
