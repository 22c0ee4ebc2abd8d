"""Rows of the feeds: whose they are, what they are worth, and what becomes of those that cannot be used."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from tests.factories import (
    ALL_FEEDS,
    account,
    build,
    by_key,
    clear,
    corporate_currency,
    currency,
    dated_rate,
    feed_row,
    feeds_loaded,
    insert,
    make_configuration,
    merged_account,
    organization,
    rebuild,
)

FEEDS = make_configuration(feeds=ALL_FEEDS)
LONG, SHORT = "001000000000001AAA", "001000000000001"


@pytest.fixture
def company(warehouse):
    """Corporate currency EUR and a customer A."""
    corporate_currency(warehouse, "EUR")
    account(warehouse, "A")
    feeds_loaded(warehouse)
    return warehouse


def fates(warehouse, configuration=FEEDS):
    """Per row id: its status, problem and reason."""
    build(warehouse, "core.feed_row", configuration=configuration)
    return by_key(warehouse, "select record_id, status, problem, reason from core.feed_row")


def owners(warehouse, configuration=FEEDS):
    build(warehouse, "core.feed_row", configuration=configuration)
    return by_key(warehouse, "select record_id, account_id, group_id from core.feed_row where status = 'used'")


def amounts(warehouse):
    build(warehouse, "core.feed_row", configuration=FEEDS)
    return by_key(warehouse, "select record_id, amount_amt, rate_kind from core.feed_row")


# --- whose they are --------------------------------------------------------------------------------------------------


def test_a_row_may_name_its_account_by_fifteen_or_eighteen_characters_and_with_blanks_around(company):
    account(company, LONG)
    for place, written in enumerate((LONG, SHORT, f"  {SHORT} ")):
        feed_row(company, "costs", f"row {place}", written)
    assert owners(company) == dict.fromkeys(("row 0", "row 1", "row 2"), (LONG, LONG))


def test_a_row_of_a_merged_account_belongs_to_the_one_it_became(company):
    merged_account(company, LONG, "A")
    feed_row(company, "costs", "long", LONG)
    feed_row(company, "costs", "short", SHORT)
    assert owners(company) == {"long": ("A", "A"), "short": ("A", "A")}


def test_a_row_belongs_to_the_group_of_its_account(company):
    account(company, "CHILD", ParentId="A")
    feed_row(company, "satisfaction", "row", "CHILD")
    assert owners(company) == {"row": ("CHILD", "A")}


def test_an_external_id_finds_its_account_also_after_a_merge(company):
    account(company, "B", ExternalId=" ERP-7 ")
    insert(company, "Account", [{"Id": "L", "ExternalId": "ERP-8", "IsDeleted": True, "MasterRecordId": "B"}])
    feed_row(company, "actuals", "own", "ERP-7")
    feed_row(company, "actuals", "of the merged", "ERP-8 ")
    assert owners(company) == {"own": ("B", "B"), "of the merged": ("B", "B")}


def test_a_crm_id_wins_over_an_external_id_that_reads_the_same(company):
    account(company, "B", ExternalId="A")
    feed_row(company, "costs", "row", "A")
    assert owners(company) == {"row": ("A", "A")}


def test_a_customers_external_id_wins_over_that_of_a_deleted_account(company):
    account(company, "OLD", ExternalId="ERP-7", IsDeleted=True)
    account(company, "NEW", ExternalId="ERP-7")
    feed_row(company, "costs", "row", "ERP-7")
    assert owners(company) == {"row": ("NEW", "NEW")}


def test_accounts_of_one_group_may_share_an_external_id_and_the_topmost_gets_the_rows(company):
    account(company, "TOP", ExternalId="ERP-7")
    account(company, "CHILD", ParentId="TOP", ExternalId="ERP-7")
    feed_row(company, "costs", "row", "ERP-7")
    assert owners(company) == {"row": ("TOP", "TOP")}


def test_an_external_id_that_accounts_of_two_groups_share_is_ambiguous_and_belongs_to_nobody(company):
    account(company, "B", ExternalId="ERP-7")
    account(company, "C", ExternalId="ERP-7")
    feed_row(company, "costs", "row", "ERP-7")
    assert fates(company) == {
        "row": (
            "unmatched",
            "ambiguous_account",
            "Its account ERP-7 is an external id of accounts of several groups.",
        )
    }
    assert company.rows("select account_id, group_id from core.feed_row") == [(None, None)]


def test_an_external_id_of_fifteen_characters_is_not_taken_for_a_salesforce_id(company):
    account(company, "B", ExternalId="400000000000015")
    feed_row(company, "costs", "row", "400000000000015")
    assert owners(company) == {"row": ("B", "B")}


@pytest.mark.parametrize("feed", ALL_FEEDS)
def test_a_row_of_an_unknown_account_is_rejected_and_names_it(company, feed):
    feed_row(company, feed, "row", "GHOST")
    assert fates(company) == {"row": ("unmatched", "unknown_account", "Its account GHOST is not in the source.")}


def test_rows_of_deleted_and_missing_accounts_say_so(company):
    account(company, "BIN", IsDeleted=True)
    account(company, "GONE", _is_gone=True)
    feed_row(company, "costs", "bin", "BIN")
    feed_row(company, "costs", "gone", "GONE")
    feed_row(company, "costs", "none", None)
    feed_row(company, "costs", "blank", "  ")
    assert fates(company) == {
        "bin": ("unmatched", "deleted_account", "Its account BIN has been deleted."),
        "gone": ("unmatched", "deleted_account", "Its account GONE has been deleted."),
        "none": ("unmatched", "no_account", "It has no account_id."),
        "blank": ("unmatched", "no_account", "It has no account_id."),
    }


def test_rows_of_accounts_out_of_scope_are_out_of_scope_and_not_rejected(company):
    account(company, "PARTNER", Type="Partner", ExternalId="ERP-1")
    merged_account(company, "WAS_PARTNER", "PARTNER")
    for written in ("PARTNER", "ERP-1", "WAS_PARTNER"):
        feed_row(company, "costs", written, written)
    scope = make_configuration(feeds=ALL_FEEDS, scope={"exclude_accounts": {"types": ["Partner"]}})
    assert fates(company, scope) == {
        written: ("out_of_scope", "excluded_account", f"Its account {written} is out of scope.")
        for written in ("PARTNER", "ERP-1", "WAS_PARTNER")
    }


# --- what cannot be used ---------------------------------------------------------------------------------------------


def test_a_score_off_the_scale_is_rejected_and_its_ends_are_not(company):
    for score in (-1, 0, 10, 11):
        feed_row(company, "satisfaction", f"{score}", "A", score=score)
    rejected = {name: reason for name, (status, _, reason) in fates(company).items() if status == "rejected"}
    assert rejected == {
        "-1": "Its score -1 lies outside 0 to 10 (account A).",
        "11": "Its score 11 lies outside 0 to 10 (account A).",
    }


def test_the_scale_is_that_of_the_settings(company):
    feed_row(company, "satisfaction", "six", "A", score=6)
    feed_row(company, "satisfaction", "half", "A", score=4.5)
    scale = make_configuration(feeds={"satisfaction": {"file": "s.csv", "lowest": 1, "highest": 5}})
    assert {name: status for name, (status, *_) in fates(company, scale).items()} == {
        "six": "rejected",
        "half": "used",
    }


def test_no_score_means_asked_and_not_answered_and_is_used(company):
    feed_row(company, "satisfaction", "row", "A", score=None)
    build(company, "core.satisfaction", configuration=FEEDS)
    assert company.rows("select response_id, score from core.satisfaction") == [("row", None)]


@pytest.mark.parametrize(
    ("feed", "field", "text"),
    [
        ("satisfaction", "score", "eleven"),
        ("satisfaction", "surveyed_on", "soon"),
        ("costs", "month", "June"),
        ("costs", "cost_amt", "1O0"),
        ("actuals", "revenue_amt", "n/a"),
        ("targets", "year", "FY26"),
        ("targets", "target_amt", "lots"),
    ],
)
def test_a_value_that_cannot_be_read_is_rejected_with_its_text(company, feed, field, text):
    unparsed = f'{{"{field}":"{text}"}}'
    feed_row(company, feed, "row", "A", **{field: None, "_unparsed": unparsed})
    way_out = f"see date_formats and decimal_separator of feeds.{feed} in kam.yaml."
    assert fates(company) == {"row": ("rejected", "unreadable", f"It cannot be read: {unparsed}; {way_out}")}


@pytest.mark.parametrize(
    ("feed", "field"),
    [
        ("satisfaction", "surveyed_on"),
        ("costs", "month"),
        ("costs", "cost_amt"),
        ("actuals", "revenue_amt"),
        ("targets", "year"),
        ("targets", "target_amt"),
    ],
)
def test_a_value_that_is_missing_is_rejected_and_named(company, feed, field):
    feed_row(company, feed, "row", "A", **{field: None})
    assert fates(company) == {"row": ("rejected", "incomplete", f"{field} is empty in a row of A.")}


def test_a_year_that_is_none_and_a_target_below_zero_are_rejected(company):
    feed_row(company, "targets", "year", "A", year=26)
    feed_row(company, "targets", "huge", "A", year=9_000_000_000)
    feed_row(company, "targets", "negative", "A", target_amt=-5)
    feed_row(company, "targets", "zero", "A", target_amt=0)
    found = fates(company)
    assert found["year"] == ("rejected", "out_of_range", "Its year is none: 26 (account A).")
    assert found["huge"][:2] == ("rejected", "out_of_range")
    assert found["negative"][2] == "Its target is below zero: -5.0000 (account A)."
    assert found["zero"][0] == "used"


def test_of_several_targets_of_an_account_and_year_the_largest_counts_and_the_others_are_named(company):
    currency(company, "DKK", 10.0)
    merged_account(company, "L", "A")
    feed_row(company, "targets", "small", "A", target_amt=1000)
    feed_row(company, "targets", "large", "L", target_amt=2000)
    feed_row(company, "targets", "kroner", "A", target_amt=3000, currency_code="DKK")  # 300
    feed_row(company, "targets", "next year", "A", year=2027, target_amt=500)
    build(company, "core.target", configuration=FEEDS)
    assert by_key(company, "select fiscal_year, target_amt from core.target") == {2026: 2000, 2027: 500}
    assert fates(company)["small"] == (
        "rejected",
        "duplicate",
        "Another target of account A for 2026 is larger or equal.",
    )
    assert fates(company)["kroner"][1] == "duplicate"


def test_a_target_that_cannot_be_used_does_not_push_out_one_that_can(company):
    feed_row(company, "targets", "good", "A", target_amt=1000)
    feed_row(company, "targets", "no rate", "A", target_amt=9000, currency_code="GBP")
    feed_row(company, "targets", "gone", "A", target_amt=9000, _is_gone=True)
    assert {name: status for name, (status, *_) in fates(company).items()} == {
        "good": "used",
        "no rate": "rejected",
        "gone": "deleted",
    }


def test_equal_targets_count_once(company):
    feed_row(company, "targets", "a", "A")
    feed_row(company, "targets", "b", "A")
    assert {name: status for name, (status, *_) in fates(company).items()} == {"a": "used", "b": "rejected"}


def test_a_row_that_is_gone_from_the_file_is_deleted(company):
    feed_row(company, "costs", "row", "A", _is_gone=True)
    assert fates(company) == {"row": ("deleted", "gone", "No longer in the file.")}


def test_a_feed_that_kam_yaml_no_longer_names_is_out_of_scope_and_not_configured(company):
    feed_row(company, "costs", "row", "A")
    costs_only = make_configuration(feeds={"costs": {"file": "c.csv"}})
    build(company, "core.feed", configuration=costs_only)
    query = "select feed, is_configured, row_cnt, used_cnt, out_of_scope_cnt from core.feed where feed = 'costs'"
    assert company.rows(query) == [("costs", True, 1, 1, 0)]
    assert fates(company, make_configuration()) == {
        "row": ("out_of_scope", "not_configured", "The feed is not in kam.yaml.")
    }
    rebuild(company, "core.feed", configuration=make_configuration())
    assert company.rows(query) == [("costs", False, 1, 0, 1)]


# --- what they are worth ---------------------------------------------------------------------------------------------


def test_no_currency_means_the_reporting_currency_and_codes_may_be_written_small(company):
    currency(company, "DKK", 10.0)
    feed_row(company, "costs", "none", "A", cost_amt=60)
    feed_row(company, "costs", "small", "A", cost_amt=60, currency_code=" dkk ")
    assert amounts(company) == {"none": (Decimal(60), "same"), "small": (Decimal(6), "static")}


def test_no_currency_means_the_reporting_currency_also_where_the_accounts_own_is_another(warehouse):
    corporate_currency(warehouse, "EUR")
    currency(warehouse, "USD", 2.0)
    account(warehouse, "A", CurrencyIsoCode="EUR")
    feed_row(warehouse, "costs", "row", "A", cost_amt=60)
    build(warehouse, "core.feed_row", configuration=make_configuration(feeds=ALL_FEEDS, currency={"reporting": "USD"}))
    assert warehouse.rows("select amount_amt, currency_code from core.feed_row") == [(60, "USD")]


def test_a_months_money_is_converted_at_the_rate_of_its_last_day(company):
    currency(company, "DKK", 5.0)
    dated_rate(company, "DKK", 8.0, "2026-05-01", "2026-06-30")
    dated_rate(company, "DKK", 10.0, "2026-06-30", "2026-07-01")
    for month in ("2026-04-01", "2026-05-01", "2026-06-01"):
        feed_row(company, "costs", month, "A", month=month, cost_amt=80, currency_code="DKK")
    assert amounts(company) == {
        "2026-04-01": (Decimal(16), "static"),
        "2026-05-01": (Decimal(10), "dated"),
        "2026-06-01": (Decimal(8), "dated"),
    }


def test_a_target_is_converted_at_the_static_rate(company):
    currency(company, "DKK", 5.0)
    dated_rate(company, "DKK", 8.0, "2026-01-01", "2027-01-01")
    feed_row(company, "targets", "row", "A", target_amt=80, currency_code="DKK")
    assert amounts(company) == {"row": (Decimal(16), "static")}


@pytest.mark.parametrize("feed", ["costs", "actuals", "targets"])
def test_without_a_rate_an_amount_is_rejected_and_never_taken_one_to_one(company, feed):
    feed_row(company, feed, "row", "A", currency_code="GBP")
    assert fates(company) == {"row": ("rejected", "no_rate", "There is no exchange rate for GBP (account A).")}
    assert company.rows("select amount_amt, amount_original is not null, currency_code from core.feed_row") == [
        (None, True, "GBP")
    ]


def test_a_dated_rate_alone_gives_a_target_no_rate(company):
    dated_rate(company, "DKK", 8.0, "2026-01-01", "2027-01-01")
    feed_row(company, "targets", "row", "A", currency_code="DKK")
    assert fates(company)["row"][1] == "no_rate"


def test_an_amount_beyond_all_money_is_rejected(company):
    currency(company, "DKK", 0.000001)
    feed_row(company, "costs", "euro", "A", cost_amt="99999999999999")
    feed_row(company, "costs", "kroner", "A", cost_amt="99999999999999", currency_code="DKK")
    assert {found for _, found, _ in fates(company).values()} == {"out_of_range"}


def test_a_negative_cost_is_a_credit_and_stays(company):
    feed_row(company, "costs", "cost", "A", cost_amt=60)
    feed_row(company, "costs", "credit", "A", cost_amt=-25)
    build(company, "core.account_month", configuration=FEEDS)
    assert company.rows("select cost_amt from core.account_month") == [(35,)]


# --- laws ------------------------------------------------------------------------------------------------------------

written_ids = st.sampled_from([None, " ", "A", "B", LONG, SHORT, "L", "ghost", "ERP", "BIN", "PARTNER"])
rows = st.fixed_dictionaries(
    {
        "account_id": written_ids,
        "_is_gone": st.booleans(),
        "_unparsed": st.sampled_from([None, None, None, '{"x": "y"}']),
        "number": st.sampled_from([None, -3, 0, 7, 11, 3000, 99_999_999_999_999]),
        "day": st.sampled_from([None, "2026-06-01", "2030-01-01"]),
        "currency_code": st.sampled_from([None, "EUR", "dkk", "GBP"]),
    }
)
AFFECTED = (
    "staging.decision", "staging.feed_account", "staging.feed_row", "staging.reconciliation", "core.feed_customer",
    "core.decision_conflict", "core.feed_row", "core.feed",
)  # fmt: skip


def as_fields(feed, row):
    """The drawn values as fields of a feed."""
    number, day = row["number"], row["day"]
    own = {
        "satisfaction": {"score": number, "surveyed_on": day},
        "costs": {"cost_amt": number, "month": day},
        "actuals": {"revenue_amt": number, "month": day},
        "targets": {"target_amt": number, "year": day and int(day[:4])},
        "decisions": {"status": "include" if number else "key_account", "since": day},
    }[feed]
    money = {} if feed in ("satisfaction", "decisions") else {"currency_code": row["currency_code"]}
    return {name: row[name] for name in ("_is_gone", "_unparsed")} | own | money


@search(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(sorted(ALL_FEEDS)), rows), max_size=12), st.booleans())
def test_whatever_is_in_the_feeds_no_row_is_lost(reused_warehouse, sent, has_costs):
    warehouse = reused_warehouse
    clear(warehouse)
    configured = {name: ALL_FEEDS[name] for name in ALL_FEEDS if has_costs or name != "costs"}
    configuration = make_configuration(feeds=configured, scope={"exclude_accounts": {"types": ["Partner"]}})
    corporate_currency(warehouse, "EUR")
    currency(warehouse, "DKK", 10.0)
    account(warehouse, "A", ExternalId="ERP")
    account(warehouse, "B", ExternalId="ERP")
    account(warehouse, LONG)
    account(warehouse, "BIN", IsDeleted=True)
    account(warehouse, "PARTNER", Type="Partner")
    merged_account(warehouse, "L", "A")
    for place, (feed, row) in enumerate(sent):
        feed_row(warehouse, feed, f"row {place}", row["account_id"], **as_fields(feed, row))
    feeds_loaded(warehouse)
    # the accounts are the same in every example
    if warehouse.has_table("core.feed"):
        rebuild(warehouse, *AFFECTED, configuration=configuration)
    else:
        build(warehouse, "core.feed", "staging.reconciliation", configuration=configuration)
    counts = by_key(
        warehouse, "select feed, row_cnt, used_cnt, unmatched_cnt, rejected_cnt, out_of_scope_cnt from core.feed"
    )
    reconciled = by_key(warehouse, "select object, living_cnt, deleted_cnt, lost_cnt from staging.reconciliation")
    for feed in ALL_FEEDS:
        given_cnt = sum(name == feed for name, _ in sent)
        living, deleted, lost = reconciled[f"feeds.{feed}"]
        row_cnt, *explained = counts[feed]
        assert (living, lost) == (given_cnt, 0)
        assert row_cnt == sum(explained) == given_cnt - deleted
    assert warehouse.value("select count(*) from core.feed_row") == len(sent)
    assert not warehouse.rows(
        "select record_id from core.feed_row where (status = 'used') <> (reason is null) "
        "or (status = 'used') <> (problem is null) or (status = 'used' and account_id is null) "
        "or reason not like '%.' and reason not like '%}'"
    )


def test_without_any_feed_there_is_a_row_for_each_that_says_so(warehouse):
    build(warehouse, "core.feed")
    assert warehouse.rows("select feed, is_configured, row_cnt, first_on from core.feed order by feed") == [
        (feed, False, 0, None) for feed in sorted(ALL_FEEDS)
    ]


def test_a_feed_without_rows_is_configured_all_the_same(company):
    build(company, "core.feed", configuration=FEEDS)
    assert company.rows("select distinct is_configured, row_cnt from core.feed") == [(True, 0)]


@pytest.mark.parametrize(
    ("start", "first_day", "day_after"),
    [(None, "2026-01-01", "2027-01-01"), (1, "2026-01-01", "2027-01-01"), (4, "2025-04-01", "2026-04-01"),
     (12, "2025-12-01", "2026-12-01")],
)  # fmt: skip
def test_a_fiscal_year_is_named_by_the_year_it_ends_in(company, start, first_day, day_after):
    organization(company, FiscalYearStartMonth=start)
    account(company, "CHILD", ParentId="A")
    feed_row(company, "targets", "own", "A", year=2026, target_amt="100.25")
    feed_row(company, "targets", "child", "CHILD", year=2026, target_amt=50)
    build(company, "marts.target", configuration=FEEDS)
    assert company.rows(
        "select group_id, group_name, fiscal_year, period_start::varchar, period_end::varchar, target_amt "
        "from marts.target"
    ) == [("A", "Account A", 2026, first_day, day_after, Decimal("150.25"))]
