"""What a reader finds: the answers, the evidence, and for everything that is not known its status and its reason."""

import re
from itertools import pairwise

import pytest

from kam_pipeline.report.reading import web_address
from tests.report.hostile import BAD_URLS, NAMES, hostile_company
from tests.report.page_text import PageText
from tests.report.published_file import (
    PublishedFile,
    candidate,
    definition,
    kpi,
    practice,
    snapshot,
    verdict,
)

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


# --- the file ------------------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_else_and_runs_nothing(sample_page):
    names = {name for name, _ in sample_page.tags}
    assert not names & {"script", "iframe", "object", "embed", "form", "img", "base", "audio", "video"}
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": CSP}) in sample_page.tags
    handlers = [key for _, attrs in sample_page.tags for key in attrs if key.startswith("on")]
    assert handlers == []
    style = re.search(r"<style>(.*?)</style>", sample_page.html, re.DOTALL)[1]
    assert sample_page.html.count("<style") == 1
    assert not re.search(r"url\(|@import|https?:", style)
    links = [attrs for name, attrs in sample_page.tags if name == "link"]
    assert links == [{"rel": "icon", "href": "data:,"}]


def test_every_id_is_there_once_and_every_reference_finds_one(sample_page):
    ids = re.findall(r'\sid="([^"]+)"', sample_page.html)
    assert len(ids) == len(set(ids))
    references = re.findall(
        r'(?:xlink:href|href)="#([^"]+)"|url\(#([^)]+)\)|(?:for|aria-labelledby)="([^"]+)"', sample_page.html
    )
    assert {name for found in references for name in found if name} <= set(ids)


def test_the_language_of_each_part_is_said(sample_page):
    assert sample_page.tags[0] == ("html", {"lang": "en"})
    blocks = [
        attrs["lang"] for name, attrs in sample_page.tags if name == "div" and "language" in (attrs.get("class") or "")
    ]
    assert blocks == ["en", "da"]


def test_the_first_language_of_the_settings_is_shown_first(published, page_of):
    page = page_of(published, "da", "en")
    assert page.tags[0] == ("html", {"lang": "da"})
    assert "<title>Nøglekunder pr. 1.\u00a0juli\u00a02026</title>" in page.html
    (checked,) = [attrs["id"] for name, attrs in page.tags if name == "input" and "checked" in attrs]
    assert checked == "show-da"


def test_one_language_needs_no_switch(published, page_of):
    page = page_of(published, "da")
    assert page.text("en") == ""
    assert "input" not in {name for name, _ in page.tags}


def test_both_languages_say_the_same_things(sample_page):
    english, danish = (
        [name for name, attrs in _block(sample_page, code) if name in ("h1", "h2", "h3", "tr", "td", "th", "li", "dt")]
        for code in ("en", "da")
    )
    assert english == danish


def _block(page: PageText, code: str) -> list[tuple[str, dict[str, str | None]]]:
    html = page.html.split(f'<div class="language language-{code}"')[1].split('<div class="language ')[0]
    return PageText(html).tags


def test_headings_go_down_one_step_at_a_time(sample_page):
    levels = [int(name[1]) for name, _ in _block(sample_page, "en") if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


# --- the answers ---------------------------------------------------------------------------------------------------


def test_the_verdict_stands_first_with_its_reason(sample_page):
    answer = sample_page.text("en").partition("Is key account management right for us?")[2].partition(" Seen")[0]
    assert answer == (
        " Yes The top 10 % of customers bring between 45 % and 55 % of revenue: a few customers carry the company. "
        "Everything that a yes needs holds."
    )
    assert "Er key account management rigtigt for os? Ja De største 10 %" in sample_page.text("da")


def test_what_a_yes_lacks_is_named_with_its_figures(published, page_of):
    row = {"basis": "group", "source": "judgement", "statement": "Enough customers.", "statement_da": "Kunder nok."}
    published.add("relevance_test", {**row, "test": "enough_customers", "passed": False, "value": 12, "threshold": 20})
    published.add("relevance_test", {**row, "test": "top_10_pct_low", "passed": None, "threshold": 0.4})
    published.add(
        "relevance_test", {**row, "test": "top_10_pct_high", "passed": False, "value": 0.9, "threshold": 0.25}
    )
    text = page_of(published).text()
    lacks = text.partition("What a yes still lacks")[2].partition("Seen account by account")[0]
    assert lacks == " Enough customers. measured 12, threshold 20 Enough customers. not known, threshold 40.0 % "


def test_the_list_is_told_with_what_it_covers(sample_page):
    text = sample_page.text("en")
    assert "7 customers are on the proposed list, of 14 ranked." in text
    # ranks 1 to 7 bring 99 + ... + 93 = 672 of 99 + ... + 86 = 1,295 thousand, and are the largest
    assert "It covers 51.9 % of revenue; the best possible list of that size would cover 51.9 %." in text
    assert "på listen 7 beholdes 5 tilføjes 2 vurderes igen 2 tages af listen 2" in sample_page.text("da")


def test_what_is_doubtful_about_the_list_is_a_warning(published, page_of):
    published.add("key_account_candidate", candidate(1, "Listed", "add"))
    assert "What it covers of revenue is not known" in page_of(published).text()
    doubt = {"warning": "It covers little.", "warning_da": "Den dækker kun lidt."}
    published.add("candidate_list", {"covered_share": 0.2, "best_share": 0.5, **doubt})
    page = page_of(published)
    assert "It covers 20.0 % of revenue; the best possible list of that size would cover 50.0 %. It covers little." in (
        page.text("en")
    )
    assert "Den dækker kun lidt." in page.text("da")


def test_when_nobody_is_designated_it_is_said(published, page_of):
    published.add("key_account_candidate", candidate(1, "New", "add", is_key_account=None))
    page = page_of(published)
    assert "Neither the CRM nor a file of decisions says who is a key account today" in page.text("en")
    assert "to exit" not in page.text("en")


def test_decisions_that_rest_on_no_revenue_are_no_answer(tmp_path, page_of):
    file = PublishedFile(tmp_path / "key_accounts.duckdb").add("snapshot", snapshot())
    file.add("kam_relevance", verdict(word="insufficient_data"))
    nothing = {"revenue_amt": 0, "revenue_share": None, "is_in_list": False}
    file.add("key_account_candidate", *(candidate(place, f"Named {place}", "exit", **nothing) for place in (1, 2)))
    page = page_of(file)
    answers = page.text("en").partition("Who should be a key account?")[2].partition("How are the key accounts")[0]
    assert "the decisions in the list rest on no revenue" in answers
    for word in ("Exit", "to exit", "Named 1"):
        assert word not in answers
    assert "hviler ikke på nogen omsætning" in page.text("da")
    assert [row[1:3] for row in page.rows("list")[1:]] == [["Named 1", "exit"], ["Named 2", "exit"]]


def test_decisions_that_rest_on_revenue_are_told_even_with_too_little_data(tmp_path, page_of):
    file = PublishedFile(tmp_path / "key_accounts.duckdb").add("snapshot", snapshot())
    file.add("kam_relevance", verdict(word="insufficient_data"))
    file.add("key_account_candidate", candidate(1, "Kept", "keep"), candidate(2, "Gone", "exit"))
    text = page_of(file).text()
    assert "Exit Gone" in text
    assert "rest on no revenue" not in text


def test_key_accounts_and_others_are_compared_by_what_is_measured(sample_page):
    text = sample_page.text("en")
    assert "Bookings of key accounts develop better than those of the other customers." in text
    assert "Growth on the year before The intervals lie apart, a clear difference. +12.3 %" in text
    assert "Win rate The intervals lie apart, a clear difference. 45.0 % 40.2-49.9 % · n 400 25.0 %" in text
    unknown = text.partition("What is not known")[2].partition("A comparison of portfolios")[0]
    assert "Net promoter score: not set up No nps here." in unknown
    assert "Profit: not set up No profit_amt here." in unknown


@pytest.mark.parametrize(
    ("key", "other", "words"),
    [
        ((0.10, 0.08, 0.12), (0.05, 0.03, 0.07), "Bookings of key accounts develop better than"),
        ((0.05, 0.03, 0.07), (0.10, 0.08, 0.12), "Bookings of key accounts develop worse than"),
        # each lies outside the interval of the other, and the intervals still overlap
        ((0.10, 0.06, 0.14), (0.05, 0.03, 0.07), "develop at much the same pace; there is no clear difference."),
        ((0.10, 0.00, 0.20), (0.05, 0.03, 0.07), "develop at much the same pace; there is no clear difference."),
        ((0.10, None, None), (None, None, None), "cannot be said"),
        ((None, None, None), (0.10, 0.08, 0.12), "cannot be said"),
    ],
)
def test_the_pace_of_growth_is_said_in_words(published, page_of, key, other, words):
    figures = {"key": key, "other": other}
    for portfolio, (value, low, high) in figures.items():
        published.add("kpi_snapshot", kpi("growth_yoy", portfolio, value, "ratio", ci_low=low, ci_high=high))
    text = page_of(published).text()
    assert words in text
    assert text.count("Bookings of key accounts develop") + text.count("develop at") + text.count("cannot be said") == 1


@pytest.mark.parametrize(
    ("key", "other"),
    [((None, None), (None, None)), ((0.018, 0.022), (None, None)), ((None, None), (0.004, 0.006))],
)
def test_without_both_intervals_growth_is_two_figures_and_no_conclusion(published, page_of, key, other):
    for portfolio, value, (low, high) in (("key", 0.02, key), ("other", 0.005, other)):
        published.add("kpi_snapshot", kpi("growth_yoy", portfolio, value, "ratio", ci_low=low, ci_high=high))
    page = page_of(published)
    assert (
        "Bookings of key accounts changed by +2.0 %, of the other customers by +0.5 %; with so few customers nobody "
        "can say whether the difference is more than chance."
    ) in page.text("en")
    assert (
        "Ordreindgangen fra nøglekunderne har ændret sig med +2,0 % og fra de øvrige kunder med +0,5 %; med så få "
        "kunder kan ingen sige, om forskellen er andet end tilfældig."
    ) in page.text("da")
    for word in ("better", "worse", "same pace"):
        assert word not in page.text("en")


def test_what_to_bear_in_mind_stands_beside_the_answer(published, page_of):
    remark = {"reason": "Costs are known for 85 % of revenue.", "reason_da": "Omkostninger kendes for 85 %."}
    published.add("kpi_snapshot", kpi("profit_amt", "key", 5, **remark), kpi("profit_amt", "other", 4, **remark))
    row = page_of(published).rows("how")[1]
    assert row[1:] == ["5 EUR Costs are known for 85 % of revenue.", "4 EUR Costs are known for 85 % of revenue."]


def test_how_mature_is_said_with_how_much_is_measured(sample_page):
    text = sample_page.text("en")
    assert "The programme as a whole has no level yet. 5 of 9 practices are measured." in text
    assert "Five of nine practices are measured; six are needed." in text
    assert "Personal relation 3.9 of 5" in text
    assert "Competence not set up" in text


# --- the evidence --------------------------------------------------------------------------------------------------


def test_the_top_share_has_its_interval(sample_page):
    assert (
        "The top 10 % of groups bring 50.0 % of revenue. 240 groups had revenue in the twelve months. "
        "95 % interval 45.0-55.0 %."
    ) in sample_page.text("en")


def test_each_row_of_the_list_has_its_figures_and_its_reason(sample_page):
    row = sample_page.rows("list")[1]
    assert row[:7] == ["1 1-3", "Nordlys Energi", "keep", "99,000", "9.9 %", "+12.0 %", "0.99 90 % stable"]
    assert row[7].startswith("Keep: rank 1 of 412")
    danish = sample_page.rows("list", "da")[1]
    assert danish[3:7] == ["99.000", "9,9 %", "+12,0 %", "0,99 90 % stabil"]
    assert danish[7].startswith("Behold: nr. 1 af 412")


def test_growth_that_is_not_known_says_so(sample_page):
    growth = {row[1]: row[5] for row in sample_page.rows("list")[1:]}
    assert growth["Aalborg Maskinfabrik"] == "too little data"
    assert growth["Fjordbyg"] == "not known"


def test_the_list_is_whole_and_the_rest_is_counted(published, page_of):
    listed = [candidate(rank, f"Listed {rank}", "add") for rank in range(1, 41)]
    designated = [candidate(rank, f"Designated {rank}", "exit", band="outside") for rank in range(41, 121)]
    near = [candidate(rank, f"Near {rank}", "none") for rank in range(121, 161)]
    outside = [candidate(rank, f"Outside {rank}", "none", band="outside") for rank in range(161, 201)]
    published.add("key_account_candidate", *listed, *designated, *near, *outside)
    page = page_of(published)
    names = [row[1].split()[0] for row in page.rows("list")[1:]]
    assert {name: names.count(name) for name in set(names)} == {"Listed": 40, "Designated": 60, "Near": 20}
    assert "80 more ranked customers are in the table kam.key_account_candidate" in page.text()


def test_revenue_that_is_unknown_is_not_nothing_and_nothing_is_not_unknown(published, page_of):
    published.add("key_account_candidate", candidate(1, "Unknown", "keep", revenue_amt=None, revenue_share=None))
    published.add("key_account_candidate", candidate(2, "Nothing", "keep", revenue_amt=0, revenue_share=None))
    rows = {row[1]: row[3:5] for row in page_of(published).rows("list")[1:]}
    assert rows == {"Unknown": ["not known", "not known"], "Nothing": ["0", "none"]}


def test_the_scorecard_shows_what_is_measured_and_names_the_rest(sample_page):
    headings = sample_page.rows("scorecard")[0]
    assert headings[0] == "Customer"
    assert not any("Net promoter" in heading for heading in headings)
    first = sample_page.rows("scorecard")[1]
    assert first[:5] == [
        "Nordlys Energi keep · growing",
        "4,000,000",
        "+12.0 %",
        "94.0 % on track",
        "50.0 % 30.0-70.0 % n 20",
    ]
    text = sample_page.text()
    assert "Growth on the year before, for one customer: too little data Nothing was won the year before." in text
    assert "Share of target, for 2 customers: no target" in text
    assert "Net promoter score, for 3 customers: not set up No nps here." in text


def test_many_reasons_of_a_kpi_are_cut_short_and_counted(published, page_of):
    for place in range(5):
        row = {"group_id": f"g{place}", "group_name": f"G{place}", "is_key_account": True, "decision": "keep"}
        published.add("kpi_scorecard", {**row, "bookings_amt": 1})
        reason = {"reason": "No costs." if place < 2 else f"Costs for {place} %.", "reason_da": None}
        published.add("kpi_snapshot", kpi("profit_amt", f"g{place}", None, status="insufficient_data", **reason))
    text = page_of(published).text()
    assert "profit_amt, for 5 customers: too little data No costs. Costs for 2 %. And 2 more reasons." in text


def test_without_designation_the_scorecard_is_of_the_list(published, page_of):
    row = {"is_key_account": None, "change_class": "new", "bookings_amt": 1}
    published.add("kpi_scorecard", {**row, "group_id": "a", "group_name": "Listed", "decision": "add"})
    published.add("kpi_scorecard", {**row, "group_id": "b", "group_name": "Near", "decision": "none"})
    page = page_of(published)
    assert [cells[0] for cells in page.rows("scorecard")[1:]] == ["Listed add · new"]
    assert "so these are the customers of the proposed list" in page.text()


def test_a_portfolio_kpi_shows_what_it_is_made_from(sample_page):
    row = sample_page.row("kpis", "Win rate")
    assert row[1] == "45.0 % 180 / 400 95 % interval 40.2-49.9 %"
    assert sample_page.row("kpis", "Hitrate", "da")[1] == "45,0 % 180 / 400 95 %-interval 40,2-49,9 %"
    assert "How win rate is made" in row[0]
    assert sample_page.row("kpis", "Open pipeline")[1] == "3,456,789 EUR on the date"
    assert sample_page.row("kpis", "Net promoter score")[1:] == ["not set up No nps here."] * 3
    assert sample_page.row("kpis", "Pipeline coverage")[2] == "no figure for this portfolio"


def test_kpis_stand_in_the_order_of_their_declaration(published, page_of):
    published.add("kpi_definition", definition(2, "first_by_name", "count", "Second", "To"))
    published.add("kpi_definition", definition(1, "second_by_name", "count", "First", "Et"))
    for name in ("undeclared", "first_by_name", "second_by_name"):
        published.add("kpi_snapshot", kpi(name, "key", 1, "count"))
    openings = [row[0].split()[0] for row in page_of(published).rows("kpis")[1:]]
    assert openings == ["First", "Second", "undeclared"]


def test_twelve_months_are_shown_before_any_other_period(published, page_of):
    for period, value in (("month", 1), ("fiscal_year", 2), ("ttm", 3), ("quarter", 4)):
        published.add("kpi_snapshot", kpi("bookings_amt", "key", value, period_type=period))
    assert page_of(published).rows("kpis")[1][1] == "3 EUR"


def test_what_to_bear_in_mind_about_a_measured_figure_is_shown(published, page_of):
    published.add(
        "kpi_snapshot", kpi("bookings_amt", "key", 5, reason="2 deals lack an amount.", reason_da="2 mangler.")
    )
    assert page_of(published).rows("kpis")[1][1] == "5 EUR 2 deals lack an amount."


def test_loss_reasons_without_shares_still_show_their_counts(published, page_of):
    row = {"entity_type": "portfolio", "entity_id": "key", "status": "insufficient_data", "lost_amt": None}
    row |= {"reason": "Half of them have no reason.", "reason_da": "Halvdelen mangler årsag."}
    published.add("loss_reason", {**row, "loss_reason": "Price", "lost_cnt": 3})
    published.add("loss_reason", {**row, "loss_reason": "(missing)", "lost_cnt": 4})
    page = page_of(published)
    assert page.rows("losses")[1:] == [
        ["no reason given", "4", "not known", "too little data"],
        ["Price", "3", "not known", "too little data"],
    ]
    assert page.text().count("Half of them have no reason.") == 1


def test_a_practice_that_is_not_measured_is_no_zero(sample_page):
    rows = [row for row in sample_page.rows("maturity") if row[0].startswith("Competence")]
    assert rows[0][1:] == ["not set up", "3.0", "0 of 2"]
    assert "not measured" in sample_page.html.split("<svg")[2]
    alt = next(
        attrs["aria-label"] for name, attrs in sample_page.tags if name == "figure" and "Radar" in attrs["aria-label"]
    )
    assert "Competence: not measured" in alt
    assert "Customer focus: level 3.2" in alt


def test_an_indicator_says_what_it_lacks_and_what_would_help(sample_page):
    row = sample_page.row("maturity", "Trained account managers")
    assert row[1:4] == ["not set up", "not measured", "not known"]
    assert row[4] == "No training feed. To measure it: deliver feeds.training (R&D included)"
    measured = sample_page.row("maturity", "Key accounts met")
    assert measured[1:4] == ["62.0 % 48.0-74.0 %", "2.4 1.9-2.9", "98 %"]
    assert "Anchors of the levels: 20 | 50 | 80 | 95 % (vendor guides, judgement)" in measured[4]
    danish = "Grænser for niveauerne: 20 | 50 | 80 | 95 % (leverandørers vejledninger, skøn)"
    assert danish in sample_page.text("da")
    assert "vendor guides" not in sample_page.text("da")


def test_quality_shows_what_does_not_hold_and_what_was_left_out(sample_page):
    rows = sample_page.rows("quality")
    assert rows[1][:5] == ["future_activities", "Task", "12", "0", "does not hold, warning"]
    assert ["Opportunity", "amount not used", "It is won and has no amount.", "7"] in rows
    assert ["Account", "field left empty", "Left empty, because it cannot be read.", "3"] in rows
    assert "10 rows in all" in sample_page.text()
    assert not any("rejected_share" in row[0] for row in rows)


def test_a_check_that_only_informs_is_no_check_that_failed(published, page_of):
    row = {"check": "open_deals", "object": "Opportunity", "severity": "warning", "value": 3, "detail": "It informs."}
    published.add("data_quality", {**row, "passed": None, "threshold": None})
    published.add("data_quality", {**row, "object": "Task", "passed": None, "threshold": 0.2, "value": None})
    rows = page_of(published).rows("quality")
    assert [cells[:5] for cells in rows[1:]] == [["open_deals", "Task", "not known", "0.2", "cannot be known"]]


def test_the_same_reason_is_one_line_whomever_it_is_about(published, page_of):
    for place, value in enumerate(("12,5O0", "1.000 kr: about", "?")):
        row = {"object": "Opportunity", "record_id": f"a{place}", "part": "record"}
        published.add("rejected_row", {**row, "reason": f"Amount cannot be read as a number: {value}"})
    for place in range(2):
        row = {"object": "Opportunity", "record_id": f"b{place}", "part": "record"}
        published.add("rejected_row", {**row, "reason": f"Its account 001Nd00000Yfk{place}IAJ is not in the source."})
    rows = page_of(published).rows("quality")[1:]
    assert [cells[2:] for cells in rows] == [
        ["Amount cannot be read as a number.", "3"],
        ["Its account … is not in the source.", "2"],
    ]


def test_the_foot_leads_back_to_the_run(sample_page):
    foot = sample_page.text().partition("Where these figures come from")[2]
    for part in ("As of 1 July 2026", "Run run-1", "Criteria version c0ffee", "Currency EUR", "Restated no",
                 "Revenue means bookings (won deals)", "Published dates 2"):  # fmt: skip
        assert part in foot


# --- little or nothing to show -------------------------------------------------------------------------------------


def test_a_publication_without_customers_and_kpis_says_so_everywhere(published, page_of):
    page = page_of(published)
    text = page.text("en")
    for words in (
        "There is no customer to rank, so there is no list.",
        "The publication holds no KPIs of portfolios.",
        "The publication holds no maturity levels.",
        "The publication holds no scorecard of key accounts.",
        "The publication holds no loss reasons.",
        "The publication holds no indicators.",
        "The publication holds no measures of dependence.",
        "No customer had revenue in the twelve months, so there is no curve.",
        "No record was left out or repaired.",
    ):
        assert words in text
    assert "<svg" not in page.html


def test_tables_with_unmeasured_rows_only_show_status_and_reason(published, page_of):
    published.add("kpi_definition", definition(1, "nps", "score", "NPS", "NPS"))
    published.add("kpi_snapshot", *(kpi("nps", portfolio, None, "score") for portfolio in ("key", "other", "all")))
    published.add(
        "maturity_score", *(practice(name, None, name, name) for name in ("competence", "customer_focus", "x"))
    )
    published.add(
        "loss_reason",
        {"entity_type": "portfolio", "entity_id": "all", "loss_reason": None, "status": "not_configured",
         "reason": "No field of loss reasons.", "reason_da": "Intet felt."},
    )  # fmt: skip
    published.add("kpi_scorecard", {"group_id": "a", "group_name": "A", "is_key_account": True, "decision": "keep"})
    page = page_of(published)
    assert page.rows("kpis")[1][1:] == ["not set up No nps here."] * 3
    assert page.rows("losses")[1] == ["not set up No field of loss reasons."]
    assert "Development not known" not in page.text()
    assert page.rows("scorecard")[1] == ["A keep · not known"]
    assert "0 of 3 practices are measured." in page.text()
    assert page.html.count('class="gap"') == 6  # three spokes in two languages
    for heading in ("kpis", "losses", "maturity"):
        assert not [row for row in page.rows(heading)[1:] if "" in row[1:]]


def test_no_cell_of_a_table_is_empty(sample_page):
    for code in ("en", "da"):
        for heading in ("concentration", "list", "scorecard", "kpis", "losses", "maturity", "risk", "quality"):
            rows = sample_page.rows(heading, code)
            assert rows
            assert [row for row in rows if "" in row] == [], heading


def test_a_value_beside_a_status_that_is_not_measured_is_not_shown(published, page_of):
    published.add("kpi_snapshot", kpi("nps", "key", 0, "score", status="insufficient_data", reason="Too few."))
    assert page_of(published).rows("kpis")[1][1] == "too little data Too few."


def test_an_unknown_currency_is_said_and_not_shown_as_a_code(tmp_path, page_of):
    file = PublishedFile(tmp_path / "key_accounts.duckdb").add("snapshot", snapshot(reporting_currency="XXX"))
    file.add("kpi_snapshot", kpi("bookings_amt", "key", 1000))
    page = page_of(file)
    assert page.rows("kpis")[1][1] == "1,000"
    assert "no source says in which currency (XXX)" in page.text("en")
    assert "Currency not known (XXX)" in page.text("en")


def test_a_publication_without_a_verdict_says_that_data_are_lacking(tmp_path, page_of):
    file = PublishedFile(tmp_path / "key_accounts.duckdb").add("snapshot", snapshot())
    assert "Not enough data to say" in page_of(file).text()


def test_a_text_that_danish_lacks_is_shown_in_english_and_marked(published, page_of):
    published.add("kpi_snapshot", kpi("nps", "key", None, "score", reason="Only English.", reason_da=None))
    assert '<span lang="en">Only English.</span>' in page_of(published).html


# --- hostile text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [*BAD_URLS, "", None, "https://", "http:// x"])
def test_only_web_addresses_become_links(url):
    assert web_address(url) is None


@pytest.mark.parametrize("url", ["https://crm.example/001?a=b&c=d#x", "http://crm.example", "HTTPS://CRM.example/ø"])
def test_web_addresses_stay_as_they_are(url):
    assert web_address(url) == url


def test_hostile_text_is_text_and_makes_no_element(published, page_of):
    page = page_of(hostile_company(published))
    names = {name for name, _ in page.tags}
    assert not names & {"script", "img", "b", "iframe"}
    assert page.html.count("<style") == 1
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    hrefs = {attrs["href"] for name, attrs in page.tags if name == "a"}
    assert all(href.startswith("#") for href in hrefs)
    cells = [row[1] for row in page.rows("list")[1:]]
    assert cells == [" ".join(name.split()) for name in NAMES]
    assert "49" not in cells[3]


def test_control_characters_are_made_visible(published, page_of):
    published.add("key_account_candidate", candidate(1, "bell\x07 and\x1b escape", "keep"))
    page = page_of(published)
    assert page.rows("list")[1][1] == "bell\ufffd and\ufffd escape"


# --- what the list rests on -----------------------------------------------------------------------------------------


def test_a_row_of_the_list_says_how_firm_its_rank_is(sample_page):
    row = sample_page.row("list", "2 1-4")
    assert row[:3] == ["2 1-4", "Brødrene Holm", "keep"]
    assert row[6] == "0.98 90 % stable"


def test_of_a_rank_that_was_not_drawn_no_stability_is_said(published, page_of):
    published.add("key_account_candidate", candidate(1, "Alone", "add"))
    page = page_of(published)
    assert page.row("list", "1")[6] == "0.99"
    assert "stable" not in page.text("en")


def test_what_people_decided_is_in_sight_with_who_and_why_and_until_when(sample_page):
    assert sample_page.row("list", "5 4-7")[2] == "add put on by decision"
    rows = sample_page.rows("overrides")
    assert rows[1:] == [
        ["Fjordbyg", "put on the list", "Reference customer in construction", "Anne Holm", "31 December 2026"],
        ["Lillebælt Logistik", "kept off the list has run out", "not known", "not known", "31 December 2025"],
    ]


def test_key_accounts_that_do_not_pass_the_gates_are_named_with_the_gates(sample_page):
    text = sample_page.text("en")
    assert "One of today's key accounts does not pass the gates Rebild Bryggeri revenue below 90,000" in text


def test_the_weights_are_shown_as_set_and_as_used(sample_page):
    by_size = "by size, each doubling alike"
    assert sample_page.rows("criteria")[1:3] == [
        ["three-year revenue", by_size, "60 %", "75 %", "14 of 14"],
        ["strategic fit", by_size, "20 %", "left out", "0 of 14"],
    ]
    assert "What similar customers buy, as an estimate: Off by a factor of 1.8" in sample_page.text("en")
    assert "Not counted strategic fit" in sample_page.text("en")


def test_whether_the_people_can_carry_it_stands_with_the_answer(sample_page):
    answer = sample_page.text("da").partition("Hvem bør være nøglekunde?")[2].partition("Hvordan går det")[0]
    assert "Bemanding i dag 9 nøglekunder, 3 ansvarlige. Med listen 7 nøglekunder, 2 ansvarlige." in answer


def test_the_verdict_on_dependence_stands_beside_the_one_on_relevance_and_its_reason_below(sample_page):
    english, danish = sample_page.text("en"), sample_page.text("da")
    assert "Dependence on few customers: high why" in english.partition("Who should be a key account?")[0]
    assert "Afhængighed af få kunder: høj hvorfor" in danish.partition("Hvem bør være nøglekunde?")[0]
    assert "High: the five largest customers bring 86 %." in english


def test_how_concentration_moved_is_told_with_whether_it_is_more_than_chance(sample_page):
    text = sample_page.text("en")
    assert "On 1 June 2026 it was 48.0 %. The intervals overlap, no clear difference." in text
    assert "On 1 July 2025 it was 39.0 %. The intervals lie apart, a clear difference." in text


def test_a_date_that_is_the_one_before_and_a_year_before_is_told_once(published, page_of):
    metric = {"basis": "group", "metric": "top_10_pct_share", "value": 0.5}
    published.add("revenue_concentration", {**metric, "window_months": 12, "accounts_cnt": 12})
    then = {**metric, "compared_as_of_date": "2025-07-01", "earlier_value": 0.4, "status": "measured"}
    published.add("concentration_trend", *({**then, "comparison": name} for name in ("previous", "year_before")))
    text = page_of(published).text()
    assert text.count("On 1 July 2025 it was 40.0 %.") == 1
    assert "nobody can say whether that is more than chance" in text
