"""Does too much hang on a few customers: bands, what failed, and what is lacking for a verdict."""

import pytest
from pydantic import ValidationError

from kam_pipeline.dependence import MeasuredDependence, dependence_verdict
from kam_pipeline.relevance import MeasuredConcentration, relevance_tests
from kam_pipeline.relevance_words import shortfall
from kam_pipeline.settings.business import Band, Relevance
from tests.factories import build, by_key, clear, insert, make_configuration, won

LOW = {"largest_share": 0.04, "cr_3": 0.1, "cr_5": 0.15, "hhi": 0.01}
BANDS = {"largest_share": (0.1, 0.3), "cr_3": (0.5, 0.7), "cr_5": (0.7, 0.85), "hhi": (0.1, 0.25)}


def verdict(*lacking, **figures):
    tests = [MeasuredDependence(test, value, *BANDS[test]) for test, value in {**LOW, **figures}.items()]
    return dependence_verdict(tests, lacking)


def test_low_names_every_figure_with_its_threshold():
    found, reason = verdict()
    assert found == "low"
    assert reason.english == (
        "Low, no test failed: the largest customer brings 4.0 % of revenue (elevated from 10 %); "
        "the three largest customers bring 10.0 % of revenue (elevated from 50 %); "
        "the five largest customers bring 15.0 % of revenue (elevated from 70 %); "
        "the Herfindahl index is 0.010 (elevated from 0.1)."
    )
    assert "Herfindahl-indekset er 0,010 (forhøjet fra 0,1)." in reason.danish


def test_the_worst_band_is_the_verdict_and_only_what_failed_is_told():
    found, reason = verdict(largest_share=0.3, hhi=0.1)
    assert found == "high"
    assert reason.english == (
        "High: the largest customer brings 30.0 % of revenue (high from 30 %); "
        "the Herfindahl index is 0.100 (elevated from 0.1)."
    )
    assert reason.danish == (
        "Høj: den største kunde står for 30,0 % af omsætningen (høj fra 30 %); "
        "Herfindahl-indekset er 0,100 (forhøjet fra 0,1)."
    )
    assert verdict(cr_3=0.5)[0] == "elevated"


def test_without_revenue_or_with_too_short_a_history_there_is_no_verdict():
    assert dependence_verdict([]) == ("insufficient_data", dependence_verdict([])[1])
    assert dependence_verdict([])[1].danish == "Der er ingen omsætning at vurdere."
    found, reason = verdict(shortfall("enough_months", 3, 12), largest_share=1.0)
    assert found == "insufficient_data"
    assert reason.english == "Too few whole months of revenue are there (3); 12 are needed."


def company(warehouse, amounts, first="2024-01-01"):
    clear(warehouse)
    names = [f"a{place:03}" for place in range(len(amounts))]
    insert(warehouse, "Account", [{"Id": name} for name in names])
    deals = [won(f"o{name}", name, amount) for name, amount in zip(names, amounts, strict=True)]
    insert(warehouse, "Opportunity", [*deals, won("first", names[0], 1, first)])
    build(warehouse, "marts.kam_dependence", "marts.kam_relevance")


def verdicts(warehouse):
    return tuple(
        by_key(warehouse, f"select basis, verdict from marts.{table}")["group"]
        for table in ("kam_relevance", "kam_dependence")
    )


@pytest.mark.parametrize(
    ("amounts", "relevance", "dependence"),
    [
        ([100] * 150, "not_relevant", "low"),  # all equal
        ([100] * 5, "insufficient_data", "high"),  # fewer than twenty: still known who carries the company
        ([10**9] + [1] * 39, "borderline", "high"),  # one holding everything
        ([0] * 30, "insufficient_data", "insufficient_data"),  # no account with revenue
        ([-5] * 30, "insufficient_data", "insufficient_data"),
        ([10**9], "insufficient_data", "high"),
    ],
    ids=["all equal", "fewer than twenty", "one holding everything", "no revenue", "only credit notes", "a single one"],
)
def test_odd_companies_get_a_clear_verdict_each(reused_warehouse, amounts, relevance, dependence):
    company(reused_warehouse, amounts)
    assert verdicts(reused_warehouse) == (relevance, dependence)
    assert reused_warehouse.value("select count(*) from marts.kam_dependence where reason = '' or reason_da = ''") == 0


def test_three_months_of_deals_are_no_ground_for_a_verdict_on_dependence(warehouse):
    company(warehouse, [900] + [100] * 40, first="2026-04-01")
    assert verdicts(warehouse) == ("insufficient_data", "insufficient_data")


def test_every_test_says_whether_it_passed_and_where_its_threshold_comes_from(warehouse):
    company(warehouse, [400] + [100] * 40)
    rows = by_key(
        warehouse,
        "select test, passed, threshold, high_threshold, source_da from marts.dependence_risk where basis = 'group'",
    )
    assert rows["cr_3"] == (True, 0.5, 0.7, "långiveres praksis, skøn")
    assert rows["largest_share"][0] is True
    tests = by_key(warehouse, "select test, source, source_da from marts.relevance_test where basis = 'group'")
    assert tests["enough_months"] == ("judgement", "skøn")
    assert tests["dependence"] == ("ASC 280-10-50-42, IFRS 8.34",) * 2
    assert tests["top_10_pct_low"][1] == "skøn: lognormalfordelt omsætning med sigma 1"


# --- settings --------------------------------------------------------------------------------------------------------


def test_a_band_of_ones_own_says_so_and_is_used(warehouse):
    insert(warehouse, "Account", [{"Id": "A"}, {"Id": "B"}])
    insert(warehouse, "Opportunity", [won("a", "A", 80), won("b", "B", 20)])
    own = {"dependence": {"largest_share": {"elevated_from": 0.7, "high_from": 0.9}}}
    build(warehouse, "marts.dependence_risk", configuration=make_configuration(relevance=own))
    rows = by_key(warehouse, "select test, band, source, source_da from marts.dependence_risk where basis = 'group'")
    assert rows["largest_share"] == ("elevated", "own setting, judgement", "egen indstilling, skøn")
    assert rows["cr_3"][:2] == ("high", "lending practice, judgement")


def test_the_older_name_sets_the_band_of_the_largest_customer():
    rule = Relevance(dependence_share=0.2)
    assert rule.dependence.largest_share == Band(elevated_from=0.2, high_from=0.3)
    measured = MeasuredConcentration(500, 36, 0.0, 0.5, 0.45, 0.55, 0.15)
    test = next(test for test in relevance_tests(measured, rule) if test.test == "dependence")
    assert (test.passed, test.threshold, test.source) == (False, 0.2, "own setting, judgement")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dependence": {"cr_3": {"elevated_from": 0.7, "high_from": 0.5}}}, "must be smaller than high_from"),
        ({"dependence": {"cr_3": {"elevated_from": 0.7}}}, "high_from"),
        ({"dependence_share": 0.4}, "set dependence.largest_share with elevated_from and high_from instead"),
        ({"dependence_share": 0.2, "dependence": {}}, "keep dependence only"),
        ({"dependence": {"cr_4": {"elevated_from": 0.5, "high_from": 0.7}}}, "cr_4"),
    ],
)
def test_a_band_that_cannot_be_says_what_to_change(given, words):
    with pytest.raises(ValidationError, match=words):
        Relevance(**given)
