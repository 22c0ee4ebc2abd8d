"""Nothing gets lost between raw and staging."""

from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from tests.factories import (
    account,
    build,
    by_key,
    clear,
    contact,
    event,
    insert,
    make_configuration,
    merged_account,
    opportunity,
    order,
    rebuild,
    task,
    won,
)

SCOPE = make_configuration(
    scope={"exclude_accounts": {"types": ["Partner"]}, "exclude_opportunities": {"types": ["Internal"]}}
)
AFFECTED = (
    "staging.account_merge",
    "staging.account_set_aside",
    "staging.account",
    "staging.opportunity_set_aside",
    "staging.opportunity",
    "staging.order_set_aside",
    "staging.order",
    "staging.reconciliation",
)


def test_every_object_says_where_its_records_went(warehouse):
    account(warehouse, "A")
    account(warehouse, "BIN", IsDeleted=True)
    account(warehouse, "TEST", IsInternal=True)
    merged_account(warehouse, "L", "A")
    opportunity(warehouse, "o", "A")
    opportunity(warehouse, "orphan", "GHOST")
    order(warehouse, "draft", "A", StatusCode="Draft")
    order(warehouse, "of nobody", None)
    order(warehouse, "of a test", "TEST")
    order(warehouse, "in the bin", "A", IsDeleted=True)
    contact(warehouse, "c")
    contact(warehouse, "gone", _is_gone=True)
    contact(warehouse, "merged", IsDeleted=True, MasterRecordId="c")
    task(warehouse, "no-id:1")
    event(warehouse, "copy", IsChild=True)
    build(warehouse, "staging.reconciliation")
    counts = by_key(
        warehouse,
        "select object, living_cnt, staged_cnt, rejected_cnt, out_of_scope_cnt, deleted_cnt, merged_cnt, lost_cnt "
        "from staging.reconciliation where living_cnt > 0",
    )
    assert counts == {
        "Account": (4, 1, 0, 1, 1, 1, 0),
        "Opportunity": (2, 1, 1, 0, 0, 0, 0),
        "Order": (4, 1, 1, 1, 1, 0, 0),
        "Contact": (3, 1, 0, 0, 1, 1, 0),
        "Task": (1, 0, 1, 0, 0, 0, 0),
        "Event": (1, 0, 0, 1, 0, 0, 0),
    }
    assert len(warehouse.rows("select object from staging.reconciliation")) == 20


accounts = st.fixed_dictionaries(
    {
        "IsDeleted": st.sampled_from([None, False, True]),
        "_is_gone": st.booleans(),
        "MasterRecordId": st.sampled_from([None, "a0", "a1", "a2", "ghost"]),
        "Type": st.sampled_from([None, "Customer", "Partner"]),
        "IsInternal": st.sampled_from([None, True]),
    }
)
deals = st.fixed_dictionaries(
    {
        "AccountId": st.sampled_from([None, "a0", "a1", "a2", "ghost"]),
        "IsDeleted": st.sampled_from([None, False, True]),
        "_is_gone": st.booleans(),
        "Type": st.sampled_from([None, "New", "Internal"]),
        "CloseDate": st.sampled_from([None, "2026-06-01"]),
        "IsClosed": st.sampled_from([None, False, True]),
        "IsWon": st.sampled_from([None, False, True]),
        "StageName": st.sampled_from([None, "Closed Won", "Closed Lost", "Open"]),
        "_unparsed": st.sampled_from([None, '{"Amount": "x"}', '{"CloseDate": "x"}', '{"Probability": "x"}']),
    }
)

orders = st.fixed_dictionaries(
    {
        "AccountId": st.sampled_from([None, "a0", "a1", "a2", "ghost"]),
        "IsDeleted": st.sampled_from([None, False, True]),
        "_is_gone": st.booleans(),
        "EffectiveDate": st.sampled_from([None, "2026-06-01"]),
        "StatusCode": st.sampled_from([None, "Draft", "Activated", "Canceled"]),
        "Status": st.sampled_from([None, "activated ", "Draft"]),
        "_unparsed": st.sampled_from([None, '{"TotalAmount": "x"}', '{"EffectiveDate": "x"}', '{"EndDate": "x"}']),
    }
)


@search(max_examples=25)
@given(st.lists(accounts, max_size=3), st.lists(deals, max_size=8), st.lists(orders, max_size=8))
def test_whatever_dirt_there_is_each_record_is_staged_or_set_aside_once(reused_warehouse, customers, dirty, ordered):
    warehouse = reused_warehouse
    clear(warehouse)
    if not warehouse.has_table("staging.reconciliation"):
        build(warehouse, "staging.reconciliation")
    insert(warehouse, "Account", [{"Id": f"a{place}", **fields} for place, fields in enumerate(customers)])
    insert(warehouse, "Opportunity", [{**won(f"o{place}", None), **fields} for place, fields in enumerate(dirty)])
    insert(warehouse, "Order", [{"Id": f"r{place}", **fields} for place, fields in enumerate(ordered)])
    rebuild(warehouse, *AFFECTED, configuration=SCOPE)
    rows = by_key(
        warehouse,
        "select object, living_cnt, staged_cnt, lost_cnt from staging.reconciliation "
        "where object in ('Account', 'Opportunity', 'Order')",
    )
    assert rows["Account"][0] == len(customers)
    assert rows["Opportunity"][0] == len(dirty)
    assert rows["Order"][0] == len(ordered)
    assert rows["Account"][2] == rows["Opportunity"][2] == rows["Order"][2] == 0
    for table in ("opportunity_set_aside", "order_set_aside"):
        assert not warehouse.rows(
            f"select record_id from staging.{table} "
            "where disposition is null or length(reason) < 10 or reason not like '%.' and reason not like '%: x'"
        )
