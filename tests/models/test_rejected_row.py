"""Everything that was left out or repaired can be looked up, record by record."""

from datetime import timedelta

from tests.factories import KNOWN_AT, account, build, contact, corporate_currency, event, loaded, opportunity


def rejected(warehouse):
    build(warehouse, "marts.rejected_row")
    return {
        (name, record): (part, reason)
        for name, record, part, reason in warehouse.rows(
            "select object, record_id, part, reason from marts.rejected_row"
        )
    }


def test_each_part_with_its_reason(warehouse):
    corporate_currency(warehouse, "EUR")
    account(warehouse, "A")
    account(warehouse, "SELF", ParentId="SELF")
    account(warehouse, "ORPHAN", ParentId="GHOST")
    account(warehouse, "B", ParentId="C")
    account(warehouse, "C", ParentId="B")
    contact(warehouse, "no-id:1")
    event(warehouse, "e", ActivityDate=None, _unparsed='{"ActivityDate": "soon"}')
    opportunity(warehouse, "no account", None)
    opportunity(warehouse, "no rate", "A", CurrencyIsoCode="GBP")
    opportunity(warehouse, "no amount", "A", Amount=None)
    assert rejected(warehouse) == {
        ("Account", "SELF"): ("parent", "It names itself as its parent."),
        ("Account", "ORPHAN"): ("parent", "Its parent is not in the source or has been deleted."),
        ("Account", "B"): ("parent", "Its parents lead back to itself; the circle is opened at B."),
        ("Account", "C"): ("parent", "Its parents lead back to itself; the circle is opened at B."),
        ("Contact", "no-id:1"): ("record", "The row has no id."),
        ("Event", "e"): ("record", "ActivityDate cannot be read as a date: soon"),
        ("Opportunity", "no account"): ("record", "It has no account."),
        ("Opportunity", "no rate"): ("amount", "There is no exchange rate for GBP."),
        ("Opportunity", "no amount"): ("amount", "It is won and has no amount."),
    }


def test_what_is_fine_deleted_or_out_of_scope_is_no_rejected_row(warehouse):
    account(warehouse, "A")
    account(warehouse, "BIN", IsDeleted=True)
    account(warehouse, "TEST", IsInternal=True)
    account(warehouse, "UNDER_TEST", ParentId="TEST")
    opportunity(warehouse, "o", "A")
    opportunity(warehouse, "test", "TEST")
    opportunity(warehouse, "open, no amount", "A", Amount=None, IsWon=False, IsClosed=False)
    assert rejected(warehouse) == {}


def test_double_ids_of_the_newest_delivery_are_shown_and_those_of_earlier_ones_are_not(warehouse):
    loaded(warehouse, KNOWN_AT - timedelta(days=1), "run-0")
    loaded(warehouse)
    warehouse.connection.execute(
        "insert into raw.duplicate values ('run-0', 'Account', 'OLD', 2), ('run-1', 'Account', 'NEW', 3)"
    )
    assert rejected(warehouse) == {("Account", "NEW"): ("version", "The id is there 3 times; the newest stamp counts.")}
