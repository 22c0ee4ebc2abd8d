"""A company whose publication has something of everything: for tests that look at a whole page.

What belongs here: rows with numbers that can be checked in the head. What does not: expectations, names meant to harm.
"""

from datetime import date
from pathlib import Path
from typing import Any

from tests.report.published_file import (
    PublishedFile,
    Row,
    candidate,
    change,
    definition,
    kpi,
    practice,
    snapshot,
    verdict,
)

BEFORE = date(2026, 6, 1)
NAMES = (
    "Nordlys Energi", "Brødrene Holm", "Kattegat Shipping", "Aalborg Maskinfabrik", "Fjordbyg", "Grundfjeld Pumper",
    "Sønderskov Landbrug", "Østerå Papir", "Vestkyst Havne", "Lillebælt Logistik", "Hvide Sande Fisk", "Møllegaard",
    "Skagerrak Stål", "Rebild Bryggeri",
)  # fmt: skip
DECISIONS = (
    "keep", "keep", "add", "keep", "add", "keep", "keep", "review", "review", "none", "none", "none", "exit", "exit",
)  # fmt: skip
DEFINITIONS = tuple(
    definition(place, *row)
    for place, row in enumerate(
        (
            ("bookings_amt", "money", "Bookings", "Ordreindgang"),
            ("growth_yoy", "ratio", "Growth on the year before", "Vækst i forhold til året før"),
            ("gross_margin_share", "ratio", "Gross margin", "Dækningsgrad"),
            ("profit_amt", "money", "Profit", "Dækningsbidrag"),
            ("nps", "score", "Net promoter score", "Net promoter score"),
            ("csat", "share", "Satisfied customers", "Tilfredse kunder"),
            ("win_rate_count", "share", "Win rate", "Hitrate"),
            ("sales_cycle_days", "days", "Sales cycle", "Salgscyklus"),
            ("avg_deal_amt", "money", "Average deal", "Gennemsnitligt salg"),
            ("open_pipeline_amt", "money", "Open pipeline", "Åben pipeline"),
            ("pipeline_coverage", "ratio", "Pipeline coverage", "Pipelinedækning"),
            ("meetings_cnt", "count", "Meetings", "Møder"),
            ("days_since_meeting", "days", "Days since a meeting", "Dage siden et møde"),
            ("engaged_contacts_cnt", "count", "Engaged contacts", "Engagerede kontaktpersoner"),
        ),
        start=1,
    )
)
PRACTICES = (
    ("customer_focus", 3.2, "Customer focus", "Kundefokus"),
    ("strategic_anchoring", None, "Strategic anchoring", "Strategisk forankring"),
    ("management_backing", None, "Management backing", "Ledelsesopbakning"),
    ("cross_functional_teams", None, "Cross-functional teams", "Tværfunktionelle teams"),
    ("structures_and_tools", 2.0, "Structures and tools", "Strukturer og værktøjer"),
    ("competence", None, "Competence", "Kompetencer"),
    ("data_driven_insight", 2.4, "Data-driven insight", "Datadrevet indsigt"),
    ("personal_relation", 3.9, "Personal relation", "Personlig relation"),
    ("measurement_and_learning", 1.6, "Measurement and learning", "Måling og læring"),
)


def sample_company(path: Path) -> PublishedFile:
    """Write the publication: 14 groups, two dates, seven on the list."""
    file = PublishedFile(path)
    file.add("snapshot", snapshot(as_of_date=BEFORE, run_id="run-0"), snapshot())
    file.add("kam_relevance", verdict(as_of_date=BEFORE, word="borderline"), verdict(), verdict("account"))
    file.add("relevance_test", *_tests())
    _ranking(file)
    _selection(file)
    _concentration(file)
    _kpis(file)
    _maturity(file)
    _quality(file)
    return file


def _tests() -> list[Row]:
    rows = [
        ("enough_customers", True, 240, 20, "Enough customers to judge.", "Der er kunder nok til at give et svar."),
        ("enough_months", True, 36, 12, "Enough whole months of won deals.",
         "Der er hele måneder nok med vundne ordrer."),
        ("top_10_pct_low", True, 0.45, 0.4, "The top 10 % bring at least this share, at the lower end of the interval.",
         "De største 10 % står for mindst denne andel, i den lave ende af intervallet."),
        ("dependence", False, 0.071, 0.1, "One customer is large enough to be disclosed.",
         "Én kunde er stor nok til, at den skal oplyses."),
        ("clear_of_thresholds", True, 0.10, 0.05, "With fewer than 100 customers, the share is not near a threshold.",
         "Med færre end 100 kunder ligger andelen ikke tæt på en grænse."),
    ]  # fmt: skip
    names = ("test", "passed", "value", "threshold", "statement", "statement_da")
    return [{"basis": "group", "source": "judgement", **dict(zip(names, row, strict=True))} for row in rows]


def _ranking(file: PublishedFile) -> None:
    reasons = {
        "reason": "Keep: rank 1 of 412 with score 0.88, 1,234,567 EUR in 12 months (7.1 % of revenue, +12 % on the "
        "year before); most of it from revenue (0.60).",
        "reason_da": "Behold: nr. 1 af 412 med score 0,88, 1.234.567 EUR på 12 måneder (7,1 % af omsætningen, +12 % i "
        "forhold til året før); det meste kommer fra omsætning (0,60).",
    }  # fmt: skip
    rows = [
        candidate(
            rank,
            name,
            decision,
            **reasons,
            rank_low=max(rank - 1, 1),
            rank_high=rank + 2,
            band_stability=0.9,
            override="include" if rank == 5 else None,
        )
        for rank, (name, decision) in enumerate(zip(NAMES, DECISIONS, strict=True), start=1)
    ]
    file.add("key_account_candidate", *rows)
    # a month ago: the third was not there, the eighth was on the list, the thirteenth was still near it
    before = [dict(row) for row in rows if row["rank"] != 3]
    for row in before:
        row |= {"as_of_date": BEFORE}
        row |= {"decision": "keep", "is_in_list": True} if row["rank"] == 8 else {}
        row |= {"decision": "review"} if row["rank"] == 13 else {}
    file.add("key_account_candidate", *before)
    file.add(
        "account_group",
        *({"group_id": row["group_id"], "record_url": f"https://crm.example/{row['group_id']}"} for row in rows),
    )


def _selection(file: PublishedFile) -> None:
    file.add(
        "candidate_list",
        {"status": "measured", "covered_share": 0.519, "best_share": 0.519, "mean_stability": 0.9,
         "warning": "2 customers are level at the end of the list; the id decides.",
         "warning_da": "2 kunder står lige for enden af listen; id'et afgør."},
    )  # fmt: skip
    file.add(
        "programme_capacity",
        {"list": "designated", "reason": "9 key accounts, 3 managers.", "reason_da": "9 nøglekunder, 3 ansvarlige."},
        {"list": "proposed", "reason": "7 key accounts, 2 managers.", "reason_da": "7 nøglekunder, 2 ansvarlige."},
    )
    for place, (name, label, label_da, weight) in enumerate(
        (("revenue", "three-year revenue", "omsætning over tre år", 6), ("fit", "strategic fit", "strategisk match", 2),
         ("growth", "growth", "vækst", 2)),
        start=1,
    ):  # fmt: skip
        file.add(
            "criterion",
            {"criterion": name, "ordinal": place, "label": label, "label_da": label_da, "transform": "log",
             "direction": "higher", "weight": weight},
        )  # fmt: skip
        # nobody has a strategic fit: its 20 % are shared by the others
        used = {"revenue": 0.75, "fit": 0, "growth": 0.25}[name]
        file.add(
            "candidate_criterion",
            *(
                {"group_id": f"g{rank:02}", "criterion": name, "weight": used, "raw_value": rank if used else None}
                for rank in range(1, 15)
            ),
        )
    file.add(
        "candidate_gate",
        {"group_id": "g14", "gate": "size", "reason": "revenue below 90,000", "reason_da": "omsætning under 90.000"},
    )
    file.add(
        "designation",
        {"group_id": "g05", "group_name": NAMES[4], "override": "include", "override_status": "applied",
         "override_since_on": date(2026, 1, 1), "override_until_on": date(2026, 12, 31),
         "override_reason": "Reference customer in construction", "override_by": "Anne Holm"},
        {"group_id": "g10", "group_name": NAMES[9], "override": "exclude", "override_status": "expired",
         "override_since_on": date(2025, 1, 1), "override_until_on": date(2025, 12, 31)},
    )  # fmt: skip
    file.add(
        "potential_model",
        {"status": "measured", "reason": "Off by a factor of 1.8 for half of the customers.",
         "reason_da": "For halvdelen af kunderne rammer skønnet inden for en faktor 1,8."},
    )  # fmt: skip
    file.add(
        "candidate_change",
        change("g03", NAMES[2], None, "add"),
        change("g03", NAMES[2], None, "top_10_pct", attribute="band"),
        change("g08", NAMES[7], "keep", "review", "criteria"),
        change("g13", NAMES[12], "review", "exit"),
        change("g01", NAMES[0], "top_10_pct", "top_5_pct", "criteria", attribute="band"),
    )


def _concentration(file: PublishedFile) -> None:
    for basis, power, n in (("group", 4, 240), ("account", 3, 312)):
        file.add(
            "lorenz_curve",
            *(
                {"basis": basis, "window_months": 12, "point": point, "account_share": point / 100,
                 "revenue_share": (point / 100) ** power}
                for point in range(101)
            ),
        )  # fmt: skip
        figures = {
            "top_10_pct_share": (0.5, 0.45, 0.55), "top_20_pct_share": (0.65, 0.6, 0.7), "gini": (0.71, 0.68, 0.74),
            "top_5_pct_share": (0.34, 0.29, 0.4), "effective_accounts": (41.2, None, None),
        }  # fmt: skip
        file.add(
            "revenue_concentration",
            *(
                {"basis": basis, "window_months": 12, "metric": metric, "value": value, "ci_low": low, "ci_high": high,
                 "accounts_cnt": n}
                for metric, (value, low, high) in figures.items()
            ),
        )  # fmt: skip
    file.add(
        "concentration_trend",
        *(
            {"basis": "group", "metric": "top_10_pct_share", "comparison": comparison, "compared_as_of_date": day,
             "value": 0.5, "earlier_value": then, "change": 0.5 - then, "is_apart": is_apart, "status": "measured"}
            for comparison, day, then, is_apart in (
                ("previous", BEFORE, 0.48, False), ("year_before", date(2025, 7, 1), 0.39, True)
            )
        ),
    )  # fmt: skip
    file.add(
        "kam_dependence",
        {"basis": "group", "verdict": "high", "reason": "High: the five largest customers bring 86 %.",
         "reason_da": "Høj: de fem største kunder står for 86 %."},
    )  # fmt: skip
    bands = {"largest_share": (0.071, "low"), "cr_3": (0.52, "elevated"), "cr_5": (0.86, "high"), "hhi": (0.024, "low")}
    file.add(
        "dependence_risk",
        *(
            {"basis": "group", "test": test, "value": value, "band": band,
             "reason": f"In English about {test} (judgement).", "reason_da": f"På dansk om {test} (skøn)."}
            for test, (value, band) in bands.items()
        ),
    )  # fmt: skip


def _kpis(file: PublishedFile) -> None:
    file.add("kpi_definition", *DEFINITIONS)
    won: dict[str, Any] = {"unit": "share", "denominator": 400, "n": 400}
    file.add(
        "kpi_snapshot",
        kpi("bookings_amt", "key", 12345678), kpi("bookings_amt", "other", 8000000),
        kpi("bookings_amt", "all", 20345678),
        kpi("growth_yoy", "key", 0.123, "ratio", numerator=12345678, denominator=10993480, ci_low=0.08, ci_high=0.166),
        kpi("growth_yoy", "other", -0.031, "ratio", ci_low=-0.07, ci_high=0.012),
        kpi("growth_yoy", "all", 0.051, "ratio"),
        kpi("win_rate_count", "key", 0.45, **won, numerator=180, ci_low=0.402, ci_high=0.499),
        kpi("win_rate_count", "other", 0.25, **won, numerator=100, ci_low=0.21, ci_high=0.295),
        kpi("win_rate_count", "all", 0.35, **won, numerator=140, ci_low=0.305, ci_high=0.398),
        kpi("sales_cycle_days", "key", 62, "days", n=180), kpi("sales_cycle_days", "other", 47.5, "days", n=100),
        kpi("sales_cycle_days", "all", 51, "days", n=280),
        kpi("open_pipeline_amt", "key", 3456789, period_type="as_of"),
        kpi("open_pipeline_amt", "other", 1000000, period_type="as_of"),
        kpi("open_pipeline_amt", "all", 4456789, period_type="as_of"),
        kpi("pipeline_coverage", "key", 2.345, "ratio", period_type="as_of"),
        kpi("meetings_cnt", "key", 412, "count"), kpi("meetings_cnt", "other", 96, "count"),
        kpi("meetings_cnt", "all", 508, "count"),
        *(kpi("nps", portfolio, None, "score") for portfolio in ("key", "other", "all")),
        *(kpi("profit_amt", portfolio, None) for portfolio in ("key", "other", "all")),
        kpi("growth_yoy", "key", 0.052, "ratio", as_of_date=BEFORE),
        kpi("bookings_amt", "key", 12000000, as_of_date=BEFORE),
        kpi("growth_yoy", "g01", 0.12, "ratio"), kpi("growth_yoy", "g02", -0.034, "ratio"),
        kpi("growth_yoy", "g04", None, "ratio", status="insufficient_data", reason="Nothing was won the year before.",
            reason_da="Intet blev vundet året før."),
        *(kpi("nps", f"g{rank:02}", None, "score") for rank in (1, 2, 4)),
    )  # fmt: skip
    for rank, growth in ((1, 0.12), (2, -0.034), (4, None)):
        file.add(
            "kpi_scorecard",
            {"group_id": f"g{rank:02}", "group_name": NAMES[rank - 1], "is_key_account": True,
             "decision": "keep",
             "change_class": "growing" if growth and growth > 0 else "stable", "bookings_amt": 1000000 * (5 - rank),
             "growth_yoy": growth, "win_rate_count": 0.5, "win_rate_low": 0.3, "win_rate_high": 0.7, "closed_cnt": 20,
             "sales_cycle_days": 60, "avg_deal_amt": 50000, "open_pipeline_amt": 250000, "meetings_cnt": 14,
             "days_since_meeting": 9, "engaged_contacts_cnt": 6, "target_share": 0.94 if rank == 1 else None,
             "target_status": "on_track" if rank == 1 else "no_target", "status": "measured"},
        )  # fmt: skip
    file.add(
        "loss_reason",
        *(
            {"entity_type": "portfolio", "entity_id": portfolio, "loss_reason": reason, "lost_cnt": count,
             "lost_amt": 10000 * count, "lost_share": count / 100, "status": "measured"}
            for portfolio in ("key", "all")
            for reason, count in (("Price", 48), ("Competitor", 30), ("(missing)", 22))
        ),
    )  # fmt: skip


def _maturity(file: PublishedFile) -> None:
    file.add(
        "maturity_score",
        practice("programme", None, "The programme", "Programmet", status="insufficient_data", measured_cnt=5,
                 declared_cnt=9, reason="Five of nine practices are measured; six are needed.",
                 reason_da="Fem af ni praksisser er målt; der skal seks til."),
        *(
            practice(name, level, english, danish,
                     **({"ci_low": level - 0.4, "ci_high": level + 0.4} if level is not None else {}))
            for name, level, english, danish in PRACTICES
        ),
    )  # fmt: skip
    measured = {
        "status": "measured", "unit": "share", "coverage": 0.98, "weight": 1.0, "anchors": "20 | 50 | 80 | 95 %",
        "anchors_da": "20 | 50 | 80 | 95 %", "anchor_source": "vendor guides, judgement",
        "anchor_source_da": "leverandørers vejledninger, skøn",
    }  # fmt: skip
    file.add(
        "maturity_indicator",
        {**measured, "practice": "customer_focus", "indicator": "meeting_coverage", "value": 0.62, "numerator": 31,
         "denominator": 50, "level": 2.4, "level_low": 1.9, "level_high": 2.9, "ci_low": 0.48, "ci_high": 0.74,
         "name_en": "Key accounts met in the quarter", "name_da": "Nøglekunder mødt i kvartalet"},
        {**measured, "practice": "personal_relation", "indicator": "contact_breadth", "value": 4.5, "unit": "count",
         "level": 3.9, "name_en": "Contacts per key account", "name_da": "Kontaktpersoner pr. nøglekunde"},
        {"practice": "competence", "indicator": "trained", "unit": "share", "status": "not_configured", "weight": 1.0,
         "name_en": "Trained account managers", "name_da": "Uddannede kundeansvarlige",
         "reason": "No training feed.", "reason_da": "Ingen fil om uddannelse.",
         "remedy": "deliver feeds.training (R&D included)", "remedy_da": "lever feeds.training (F&U medregnet)"},
    )  # fmt: skip


def _quality(file: PublishedFile) -> None:
    file.add(
        "data_quality",
        {"check": "rejected_share", "object": "Opportunity", "severity": "error", "passed": True, "value": 0.01,
         "threshold": 0.2, "detail": "Records that cannot be used."},
        {"check": "future_activities", "object": "Task", "severity": "warning", "passed": False, "value": 12,
         "threshold": 0, "detail": "Tasks marked as done in the future; look at their dates."},
    )  # fmt: skip
    file.add(
        "rejected_row",
        *(
            {"object": "Opportunity", "record_id": f"o{place}", "part": "amount",
             "reason": "It is won and has no amount."}
            for place in range(7)
        ),
        *(
            {"object": "Account", "record_id": f"a{place}", "part": "field",
             "reason": f'Left empty, because it cannot be read: {{"Potential": "{place} mio"}}'}
            for place in range(3)
        ),
    )  # fmt: skip
