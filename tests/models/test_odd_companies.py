"""Companies that hardly are any: every table is made, every answer is a verdict, and nobody gets a rank for nothing."""

import pytest

from tests.factories import account, build, by_key, insert, won

ANSWERS = ("marts.kam_relevance", "marts.kam_dependence", "marts.key_account_candidate", "marts.candidate_list")
YEARS = ("2026-03-01", "2025-03-01", "2024-03-01")


def accounts(warehouse, n):
    insert(warehouse, "Account", [{"Id": f"a{place:02}", "Name": f"Customer {place}"} for place in range(n)])


def deals(warehouse, amounts, years=YEARS):
    insert(
        warehouse,
        "Opportunity",
        [
            won(f"o{place:02}{year}", f"a{place:02}", amount, year)
            for place, amount in enumerate(amounts)
            for year in years
        ],
    )


def nobody_buys(warehouse):
    accounts(warehouse, 30)


def only_credit_notes(warehouse):
    accounts(warehouse, 25)
    deals(warehouse, [-10] * 25)


def one_has_everything(warehouse):
    accounts(warehouse, 30)
    deals(warehouse, [1000])


def all_are_equal(warehouse):
    accounts(warehouse, 40)
    deals(warehouse, [100] * 40)


def nineteen(warehouse):
    accounts(warehouse, 19)
    deals(warehouse, [100 + place for place in range(19)])


def nobody_knows_amounts(warehouse):
    accounts(warehouse, 25)
    deals(warehouse, [None] * 25)


def a_single_account(warehouse):
    account(warehouse, "a00", IsKeyAccount="yes")
    deals(warehouse, [5])


ODD = [
    (nobody_buys, "insufficient_data", 0, 0),
    (only_credit_notes, "insufficient_data", 0, 0),
    (one_has_everything, "insufficient_data", 1, 1),
    (all_are_equal, "not_relevant", 40, 4),
    (nineteen, "insufficient_data", 19, 2),
    (nobody_knows_amounts, "insufficient_data", None, 0),
    (a_single_account, "insufficient_data", 1, 1),
]


@pytest.mark.parametrize(("company", "verdict", "ranked", "listed"), ODD, ids=[row[0].__name__ for row in ODD])
def test_an_odd_company_gets_a_verdict_and_no_invented_rank(warehouse, company, verdict, ranked, listed):
    company(warehouse)
    # the whole of the company without revenue, of the others what answers who
    build(warehouse, *(() if company is nobody_buys else ANSWERS))
    verdicts = by_key(warehouse, "select basis, verdict from marts.kam_relevance")
    assert verdicts["group"] == verdict
    counted, members = warehouse.rows("select count(*), count(*) filter (is_in_list) from marts.key_account_candidate")[
        0
    ]
    assert ranked is None or counted == ranked
    assert members == listed
    assert warehouse.value("select count(*) from marts.key_account_candidate where score is null or rank is null") == 0
    (row,) = warehouse.rows("select status, list_cnt, coverage, warning, warning_da from marts.candidate_list")
    assert row[1] == listed
    if listed == 0:
        assert row[0] == "insufficient_data"
        assert row[3] is not None
        assert row[4] is not None


def test_where_all_are_equal_the_list_says_that_the_id_decides(warehouse):
    all_are_equal(warehouse)
    build(warehouse, *ANSWERS)
    assert warehouse.value("select tied_cnt from marts.candidate_list") == 40
    # equal in every year: nobody's luck can be told from another's, and ranks are as firm as ids
    assert warehouse.rows("select distinct tied_cnt from marts.key_account_candidate") == [(39,)]
