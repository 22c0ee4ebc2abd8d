"""How firm ranks are: what moves, what cannot, and that scores of draws are the scores of SQL."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_pipeline.selection import contenders
from kam_pipeline.selection.redrawing import FOLLOWING, figures_beside, revenue_figures
from kam_pipeline.selection.rescoring import rescored
from kam_pipeline.selection.stability import _drawn_years, _residual_pools, _scale, _weights, stability_frame
from kam_pipeline.settings.criteria import Criteria
from tests.factories import AS_OF, build, by_key, fill, make_configuration, rebuild

TABLES = (
    "marts.candidate_pool", "marts.criterion", "marts.criterion_band", "marts.criterion_value", "marts.candidate_gate",
    "marts.candidate_criterion", "marts.candidate_rank",
)  # fmt: skip
REVENUE = {"name": "revenue", "metric": "revenue_mean_3y_amt", "transform": "log", "weight": 1}


def company(customers, noise, seed=1):
    """Years of customers of falling size with the same relative luck each year."""
    generator = np.random.default_rng(seed)
    size = 1000 * np.exp(-np.arange(customers) / customers * 3)
    return size[:, None] * np.exp(generator.normal(0, noise, (customers, 3)))


def ranked(warehouse, years, *items, **criteria):
    if not warehouse.has_table("marts.candidate_rank"):
        build(warehouse, "marts.candidate_rank")
    rows = [
        {
            "group_id": f"g{place:03}",
            "revenue_amt": now,
            "prior_amt": prior,
            "before_amt": before,
            "revenue_mean_3y_amt": (now + prior + before) / 3,
            "revenue_mean_2y_amt": (now + prior) / 2,
            "revenue_growth": now / prior - 1 if prior > 0 else None,
            "unknown_won_cnt": 0,
            "potential_amt": 100 if place % 2 else None,
            "won_cnt": place,
        }
        for place, (now, prior, before) in enumerate(np.round(years, 2).tolist())
    ]
    fill(warehouse, "marts.group_metric", rows)
    fill(warehouse, "marts.designation", [])
    given = {"items": list(items or [REVENUE]), **criteria}
    rebuild(warehouse, *TABLES, configuration=make_configuration(criteria=given))
    return Criteria.model_validate(given)


def stability(warehouse, years, *items, **criteria):
    made = ranked(warehouse, years, *items, **criteria)
    frame = stability_frame(warehouse.connection, made, AS_OF)
    return {row.group_id: (row.rank_low, row.rank_high, row.band_stability) for row in frame.itertuples()}


def test_without_luck_every_rank_stands(reused_warehouse):
    found = stability(reused_warehouse, company(100, 0.0))
    # twice the band of 10 %: twenty groups
    assert found == {f"g{place:03}": (place + 1, place + 1, 1.0) for place in range(20)}


def test_more_luck_makes_ranks_less_firm(reused_warehouse):
    calm, wild = (stability(reused_warehouse, company(100, noise)) for noise in (0.05, 0.6))
    width = {
        name: np.mean([high - low for low, high, _ in found.values()]) for name, found in (("c", calm), ("w", wild))
    }
    assert width["c"] < width["w"]
    assert np.mean([firm for *_, firm in calm.values()]) > np.mean([firm for *_, firm in wild.values()])


def test_a_year_takes_the_luck_of_one_year_and_not_of_the_two_that_a_residual_compares(reused_warehouse):
    # luck of 0.3 in each year; one year over the other has 0.3 times the square root of 2, about 0.42
    made = ranked(reused_warehouse, company(400, 0.3))
    connection = reused_warehouse.connection
    drawn = contenders.contenders(connection, made, AS_OF)
    pools = _residual_pools(connection, AS_OF)
    years = _drawn_years(drawn, pools, np.random.default_rng(1), 100)
    luck = np.log(years / drawn.revenue.T[:, None, :])
    assert luck.std() == pytest.approx(0.3, abs=0.03)


def test_who_stands_at_the_end_of_twice_the_band_is_pushed_aside_by_those_behind(reused_warehouse):
    # every group has the same luck, so the twentieth of a hundred goes up and down alike
    found = stability(reused_warehouse, company(100, 0.6))
    assert set(found) == {group for (group,) in reused_warehouse.rows(
        "select group_id from marts.candidate_rank where rank <= 20"
    )}  # fmt: skip
    assert max(high for _, high, _ in found.values()) > 40


def test_of_those_far_behind_some_stand_for_the_rest(reused_warehouse, monkeypatch):
    years = company(300, 0.6)
    everybody = stability(reused_warehouse, years)
    monkeypatch.setattr(contenders, "EACH_BEHIND", 40)
    some = stability(reused_warehouse, years)
    ends = np.array([(everybody[name][1], some[name][1]) for name in everybody])
    assert ends[:, 0].max() > 120
    assert ends[:, 1].mean() == pytest.approx(ends[:, 0].mean(), rel=0.05)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_those_drawn_stand_for_every_group_once(within, behind):
    ranks, stands_for = contenders.thinned(within + behind, within)
    assert stands_for.sum() == within + behind
    # none stands for a group that another one stands for
    ends = np.cumsum(stands_for)
    assert ((ends - stands_for < ranks) & (ranks <= ends)).all()
    assert (stands_for[: within + contenders.EACH_BEHIND] == 1).all()


@pytest.mark.parametrize("year", [0, 1, 2])
def test_who_bought_in_one_of_three_years_stands_less_firm_than_who_bought_in_all(reused_warehouse, year):
    years = company(100, 0.02)
    steady = stability(reused_warehouse, years)["g002"]
    years[2] = np.eye(3)[year] * years[2].sum()
    lumpy = stability(reused_warehouse, years)["g002"]
    # the one order is missing from 8 of 27 draws: then its score is 0, as that of the ten smallest
    assert lumpy[1] >= 90 > 10 > steady[1]
    assert lumpy[2] < 0.75 < steady[2]


def test_one_silent_year_makes_less_firm_and_three_are_not_expected_from_it(reused_warehouse):
    years = company(100, 0.02)
    steady = stability(reused_warehouse, years)["g002"]
    years[2] *= [1.5, 0, 1.5]
    found = stability(reused_warehouse, years)["g002"]
    assert found[2] < 0.85 < steady[2]
    # drawn once out of three times it has half of its mean: behind some, not behind everybody
    assert steady[1] < found[1] < 60
    assert found[0] == 1


@pytest.mark.parametrize("seen", [0, 3], ids=["none of it", "three in ten customers of it"])
def test_a_year_that_the_history_does_not_hold_is_no_year_without_revenue(reused_warehouse, seen):
    years = company(100, 0.0)
    years[np.arange(100) % 10 >= seen, 2] = 0
    found = stability(reused_warehouse, years, stability={"weight_change": 0})
    assert len(found) == 20
    assert all(low == high for low, high, _ in found.values())


def test_the_range_holds_the_rank_itself(reused_warehouse):
    found = stability(reused_warehouse, company(120, 0.5))
    ranks = by_key(reused_warehouse, "select group_id, rank from marts.candidate_rank")
    assert all(low <= ranks[name] <= high for name, (low, high, _) in found.items())
    assert all(0 <= firm <= 1 for *_, firm in found.values())


def test_the_same_figures_and_criteria_give_the_same_draws(reused_warehouse):
    years = company(80, 0.4)
    assert stability(reused_warehouse, years) == stability(reused_warehouse, years)
    assert stability(reused_warehouse, years) != stability(reused_warehouse, years, stability={"draws": 199})


@pytest.mark.parametrize(
    "other",
    [
        {"items": [{**REVENUE, "label": "turnover", "weight": 2}]},
        {"capacity": {"max_accounts_per_manager": 4}, "min_coverage": 0.5},
    ],
    ids=["label and relative weight", "what the people can carry"],
)
def test_what_scores_nothing_moves_no_range(reused_warehouse, other):
    years = company(60, 0.4)
    plain = stability(reused_warehouse, years)
    assert stability(reused_warehouse, years, *other.pop("items", ()), **other) == plain


def test_no_draws_and_too_few_years_to_compare_say_nothing(reused_warehouse):
    assert stability(reused_warehouse, company(100, 0.3), stability={"draws": 0}) == {}
    one_year = company(100, 0.3) * [1, 0, 0]
    assert stability(reused_warehouse, one_year) == {}
    # 14 customers have 28 pairs of years, two fewer than it takes
    assert stability(reused_warehouse, company(14, 0.3)) == {}


def test_no_draw_gives_an_estimate_more_than_half_of_the_weight():
    drawn = np.array([[0.5, 0.3, 0.3], [0.5, 0.1, 0.1], [0.5, 0, 0]])
    found = _weights(drawn, np.array([True, False, False]))
    assert found.tolist() == [[pytest.approx(5 / 11), *[pytest.approx(3 / 11)] * 2], [0.5, 0.25, 0.25], [1, 0, 0]]


def test_a_missing_figure_widens_the_range(reused_warehouse):
    # no luck at all: the same three years, falling by 1 from customer to customer
    years = np.full((100, 3), 10.0) + np.arange(100)[::-1, None]
    fit = {"name": "fit", "expression": "case when won_cnt % 2 = 0 then won_cnt end", "transform": "percentile"}
    items = REVENUE, {**fit, "weight": 0.3}
    found = stability(reused_warehouse, years, *items, stability={"draws": 200, "weight_change": 0})
    width = {name: high - low for name, (low, high, _) in found.items()}
    known = [wide for name, wide in width.items() if int(name[1:]) % 2 == 0]
    missing = [wide for name, wide in width.items() if int(name[1:]) % 2]
    assert min(missing) > max(known)


ITEMS = [
    REVENUE,
    {"name": "growth", "metric": "revenue_growth", "transform": "percentile", "weight": 1},
    {"name": "gated", "metric": "revenue_growth", "transform": "log", "weight": 1,
     "counts_above_revenue_percentile": 0.5},
    {"name": "turned", "metric": "won_cnt", "transform": "log", "direction": "lower", "weight": 1},
    {"name": "steps", "metric": "won_cnt", "transform": "bands", "weight": 1,
     "bands": [{"at_least": 5, "score": 0.2}, {"at_least": 50, "score": 0.9}]},
    {"name": "whether", "expression": "won_cnt > 20", "transform": "boolean", "weight": 1},
    {"name": "written", "expression": "0.6 * revenue_amt + 0.4 * prior_amt", "transform": "log", "weight": 1},
]  # fmt: skip


@pytest.mark.parametrize("name", [item["name"] for item in ITEMS])
def test_scores_of_draws_are_the_scores_of_sql_where_nothing_is_drawn(reused_warehouse, name):
    ranked(reused_warehouse, company(60, 0.4), *ITEMS)
    scale = _scale(reused_warehouse.connection, name, {"day": AS_OF})
    rows = reused_warehouse.rows(
        "select raw_value, score from marts.candidate_criterion where criterion = $name and status = 'measured'",
        {"name": name},
    )
    raw, score = (np.array(column) for column in zip(*rows, strict=True))
    assert rescored(raw, scale) == pytest.approx(score)


@pytest.mark.parametrize("metric", ["revenue_amt", "prior_amt", "before_amt", *FOLLOWING])
def test_figures_of_draws_are_the_stored_ones_where_nothing_is_drawn(reused_warehouse, metric):
    build(reused_warehouse, "marts.group_metric")
    years = company(30, 0.4)
    made = ranked(reused_warehouse, years, {"name": "c", "metric": metric, "transform": "log", "weight": 1})
    names = [f"g{place:03}" for place in range(30)]
    stored = by_key(reused_warehouse, f"select group_id, {metric}::double from marts.group_metric")
    connection = reused_warehouse.connection
    beside = figures_beside(connection, made.items, names, AS_OF)
    (found,) = revenue_figures(connection, made.items, beside, np.round(years, 2).T[:, None])
    expected = [np.nan if stored[name] is None else stored[name] for name in names]
    if metric in ("share_of_wallet", "untapped_amt"):
        # the small company has no stored ones: they follow from potential and revenue
        assert np.isnan(found[0, ::2]).all()
        wanted = years[1::2, 0] / 100 if metric == "share_of_wallet" else np.maximum(100 - years[1::2, 0], 0)
        assert found[0, 1::2] == pytest.approx(wanted, abs=0.01)
    else:
        assert found[0] == pytest.approx(expected, abs=0.02, nan_ok=True)


def test_growth_that_is_not_stored_is_not_drawn_either(reused_warehouse):
    years = company(100, 0.4)
    growth = {"name": "growth", "metric": "revenue_growth", "transform": "percentile", "weight": 1}
    made = ranked(reused_warehouse, years, growth)
    reused_warehouse.connection.execute("update marts.group_metric set revenue_growth = null where group_id = 'g001'")
    connection = reused_warehouse.connection
    beside = figures_beside(connection, made.items, ["g000", "g001"], AS_OF)
    (found,) = revenue_figures(connection, made.items, beside, years[:2].T[:, None])
    assert np.isnan(found).tolist() == [[False, True]]
