"""Find the maturity of the programme in the published file.

What belongs here: practices in the order in which they are told, and their indicators. What does not: levels and
anchors (the pipeline measures them), names (the tables hold them), wording.
"""

from kam_pipeline.report.figures import MEASURED, Both, Figure, Indicator, Maturity, Practice
from kam_pipeline.report.published import PublishedFile, Row

PROGRAMME = "programme"
PRACTICES = (
    "customer_focus", "strategic_anchoring", "management_backing", "cross_functional_teams", "structures_and_tools",
    "competence", "data_driven_insight", "personal_relation", "measurement_and_learning",
)  # fmt: skip


def read_maturity(published: PublishedFile) -> Maturity:
    """Return the maturity of the newest date; no practices where none has been published."""
    practices = {
        row["practice"]: _practice(row)
        for row in published.rows(
            "select practice, name_en, name_da, level, ci_low, ci_high, target, measured_cnt, declared_cnt, status, "
            "reason, reason_da from maturity_score where as_of_date = $day order by practice"
        )
    }
    programme = practices.pop(PROGRAMME, None)
    indicators = published.rows(
        "select practice, indicator, name_en, name_da, value, unit, numerator, denominator, coverage, level, "
        "level_low, level_high, ci_low, ci_high, anchors, anchors_da, anchor_source, anchor_source_da, status, reason, "
        "reason_da, remedy, remedy_da, caveat, caveat_da from maturity_indicator where as_of_date = $day "
        "order by weight desc nulls last, indicator"
    )
    return Maturity(
        programme=programme,
        practices=tuple(sorted(practices.values(), key=lambda practice: _place(practice.practice))),
        indicators=tuple(
            sorted((_indicator(row) for row in indicators), key=lambda indicator: _place(indicator.practice))
        ),
    )


def _place(practice: str) -> tuple[int, str]:
    return (PRACTICES.index(practice) if practice in PRACTICES else len(PRACTICES), practice)


def _practice(row: Row) -> Practice:
    is_measured = row["status"] == MEASURED
    return Practice(
        practice=row["practice"],
        name=Both(row["name_en"], row["name_da"]),
        level=row["level"] if is_measured else None,
        low=row["ci_low"] if is_measured else None,
        high=row["ci_high"] if is_measured else None,
        target=row["target"],
        measured_cnt=row["measured_cnt"],
        declared_cnt=row["declared_cnt"],
        status=row["status"],
        reason=Both(row["reason"], row["reason_da"]),
    )


def _indicator(row: Row) -> Indicator:
    is_measured = row["status"] == MEASURED
    return Indicator(
        practice=row["practice"],
        indicator=row["indicator"],
        name=Both(row["name_en"], row["name_da"]),
        figure=Figure(
            kpi=row["indicator"],
            unit=row["unit"],
            value=row["value"] if is_measured else None,
            numerator=row["numerator"],
            denominator=row["denominator"],
            n=None,
            ci_low=row["ci_low"],
            ci_high=row["ci_high"],
            status=row["status"],
            reason=Both(row["reason"], row["reason_da"]),
            period_type=None,
        ),
        coverage=row["coverage"],
        level=row["level"] if is_measured else None,
        level_low=row["level_low"] if is_measured else None,
        level_high=row["level_high"] if is_measured else None,
        anchors=Both(row["anchors"], row["anchors_da"]),
        anchor_source=Both(row["anchor_source"], row["anchor_source_da"]),
        remedy=Both(row["remedy"], row["remedy_da"]),
        caveat=Both(row["caveat"], row["caveat_da"]),
    )
