"""The tables of potential, from accounts to the group's own figure beside it."""

import pytest

from kam_pipeline.potential import frames
from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings.operation import Engine
from kam_pipeline.warehouse import Warehouse
from tests.factories import account, build, by_key, fill, insert, make_configuration, rebuild, won

NAMES = ("marts.potential_model", "marts.potential_estimate", "marts.group_potential")
SMALL = {"criteria": {"potential": {"min_groups": 50}}}


def inputs_of(warehouse, columns):
    return by_key(warehouse, f"select group_id, {columns} from marts.potential_input")


def test_a_group_is_described_by_the_account_nearest_its_top_that_says_something(warehouse):
    account(warehouse, "top", Industry="  ")
    account(warehouse, "child", ParentId="top", Industry=" Steel", BillingCountry="DK", Type="Customer")
    account(warehouse, "grandchild", ParentId="child", Industry="Retail", BillingCountry="dk ", Type="Other")
    build(warehouse, "marts.potential_input")
    found = inputs_of(warehouse, "industry, country, account_type, accounts_cnt, countries_cnt")
    assert found == {"top": ("steel", "dk", "customer", 3, 1)}


def test_turnover_and_employees_are_the_largest_of_the_group_and_nothing_below_one_is_believed(warehouse):
    account(warehouse, "top", AnnualRevenue=900, NumberOfEmployees=7)
    account(warehouse, "child", ParentId="top", AnnualRevenue=400, NumberOfEmployees=9)
    account(warehouse, "odd", AnnualRevenue=-5, NumberOfEmployees=0)
    build(warehouse, "marts.potential_input")
    found = inputs_of(warehouse, "annual_revenue_amt, employees_cnt, countries_cnt")
    assert found == {"top": (900, 9, None), "odd": (None, None, None)}


def test_turnover_is_in_the_reporting_currency_and_unknown_without_a_rate(warehouse):
    account(warehouse, "danish", AnnualRevenue=75, CurrencyIsoCode="DKK")
    account(warehouse, "british", AnnualRevenue=75, CurrencyIsoCode="GBP")
    configuration = make_configuration(currency={"reporting": "EUR", "rates": {"DKK": 7.5}})
    build(warehouse, "marts.potential_input", configuration=configuration)
    assert inputs_of(warehouse, "annual_revenue_amt") == {"danish": 10, "british": None}


def test_only_revenue_above_zero_is_learnt_from(warehouse):
    for name in ("buys", "returned", "never"):
        account(warehouse, name)
    insert(warehouse, "Opportunity", [won("o1", "buys", 300), won("o2", "returned", -300)])
    build(warehouse, "marts.potential_input")
    assert inputs_of(warehouse, "revenue_mean_3y_amt") == {"buys": 100, "returned": None, "never": None}


def test_the_draw_of_a_group_follows_from_its_id_alone(warehouse):
    account(warehouse, "a")
    build(warehouse, "marts.potential_input")
    alone = inputs_of(warehouse, "draw")
    account(warehouse, "b", Industry="Steel")
    build(warehouse, "marts.potential_input")
    both = inputs_of(warehouse, "draw")
    assert both["a"] == alone["a"] != both["b"]


# --- from accounts to group_potential --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def potential(tmp_path_factory):
    """60 customers of two branches, 30 steelworks that buy for 3,000 a year and 30 shops for 30, and two prospects."""
    with Warehouse.open(tmp_path_factory.mktemp("potential") / "warehouse.duckdb", Engine()) as warehouse:
        make_raw_tables(warehouse)
        branches = ["Steel" if place % 2 else "Retail" for place in range(60)]
        rows = [{"Id": f"a{place:02}", "Name": "x", "Industry": name} for place, name in enumerate(branches)]
        prospects = [{"Id": "steel prospect", "Industry": "steel"}, {"Id": "stranger"}]
        insert(warehouse, "Account", [*rows, *prospects])
        deals = [won(f"o{place:02}", f"a{place:02}", 9_000 if place % 2 else 90) for place in range(60)]
        insert(warehouse, "Opportunity", deals)
        build(warehouse, "marts.group_potential", "marts.group_metric", configuration=make_configuration(**SMALL))
        yield warehouse


def test_the_row_of_the_model_holds_error_baseline_and_the_one_input(potential):
    query = (
        "select status, groups_cnt, learnt_cnt, folds, round(cv_error, 1), baseline_error > 5, "
        "input_1, importance_1_share, input_2 from marts.potential_model"
    )
    assert potential.rows(query) == [("measured", 60, 60, 5, 1.0, True, "industry", 1.0, None)]


def test_a_prospect_is_said_to_buy_what_its_branch_buys_and_all_of_it_is_the_gap(potential):
    query = (
        "select round(similar_revenue_amt, -2), revenue_mean_3y_amt, gap_amt = similar_revenue_amt, status, reason "
        "from marts.group_potential where group_id = 'steel prospect'"
    )
    assert potential.rows(query) == [(3000, None, True, "measured", None)]


def test_a_group_of_which_nothing_is_known_has_a_reason_instead_of_a_figure(potential):
    query = (
        "select similar_revenue_amt, gap_amt, status, reason like '%nothing of this customer%', "
        "reason_da like '%intet om denne kunde%' from marts.group_potential where group_id = 'stranger'"
    )
    assert potential.rows(query) == [(None, None, "insufficient_data", True, True)]


def test_groups_have_the_estimate_among_their_figures_and_null_where_there_is_none(potential):
    # two digits before the point, and four; of the stranger nothing is known
    query = (
        "select length(round(similar_revenue_amt)::integer::varchar), count(*) from marts.group_metric "
        "group by all order by 1"
    )
    assert potential.rows(query) == [(2, 30), (4, 31), (None, 1)]


def test_every_group_has_a_row_and_building_twice_gives_the_same(potential):
    before = potential.rows("select * from marts.group_potential order by all")
    assert len(before) == 62
    rebuild(potential, *NAMES, configuration=make_configuration(**SMALL))
    assert potential.rows("select * from marts.group_potential order by all") == before


@pytest.mark.parametrize(
    ("section", "status", "said"),
    [
        ({}, "insufficient_data", "(60); 200 are needed"),
        ({"criteria": {"potential": {"is_on": False}}}, "not_configured", "criteria.potential.is_on"),
    ],
)
def test_without_a_model_every_group_says_why(potential, section, status, said):
    rebuild(potential, *NAMES, configuration=make_configuration(**section))
    rows = potential.rows("select distinct similar_revenue_amt, gap_amt, status, reason from marts.group_potential")
    assert [row[:3] for row in rows] == [(None, None, status)]
    assert said in rows[0][3]
    rebuild(potential, *NAMES, configuration=make_configuration(**SMALL))


def test_of_very_many_customers_those_with_the_smallest_draw_are_learnt_from(potential, monkeypatch):
    monkeypatch.setattr(frames, "_LEARNT", frames._LEARNT.replace("limit 20000", "limit 55"))
    rebuild(potential, *NAMES, configuration=make_configuration(**SMALL))
    assert potential.rows("select groups_cnt, learnt_cnt, status from marts.potential_model") == [(60, 55, "measured")]
    assert potential.value("select count(similar_revenue_amt) from marts.group_potential") == 61


def test_a_customer_that_buys_more_than_similar_ones_has_no_gap(warehouse):
    fill(warehouse, "marts.potential_model", [{"status": "measured"}])
    fill(
        warehouse,
        "marts.potential_input",
        [{"group_id": "more", "revenue_mean_3y_amt": 70}, {"group_id": "less", "revenue_mean_3y_amt": 20}],
    )
    estimates = [{"group_id": "more", "similar_revenue_amt": 50}, {"group_id": "less", "similar_revenue_amt": 50}]
    fill(warehouse, "marts.potential_estimate", estimates)
    rebuild(warehouse, "marts.group_potential")
    assert by_key(warehouse, "select group_id, gap_amt from marts.group_potential") == {"more": 0, "less": 30}
