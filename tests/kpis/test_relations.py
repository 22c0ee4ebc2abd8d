"""KPIs of relations: meetings, contacts, breadth. As of 1 July 2026."""

from datetime import date

from tests.factories import account, event, insert, make_configuration, merged_account, opportunity, task, won


def key(warehouse, name="A"):
    return account(warehouse, name, IsKeyAccount="yes")


def test_meetings_count_when_they_have_been_held_before_the_date(warehouse, measured):
    key(warehouse)
    event(warehouse, "held", AccountId="A", ActivityDate=date(2026, 6, 30))
    event(warehouse, "today", AccountId="A", ActivityDate=date(2026, 7, 1))
    event(warehouse, "future", AccountId="A", ActivityDate=date(2026, 7, 21), Status="Completed")
    event(warehouse, "cancelled", AccountId="A", Status="Cancelled")
    event(warehouse, "call", AccountId="A", Type="Call")
    event(warehouse, "mail", AccountId="A", Type="Email")
    event(warehouse, "a year ago", AccountId="A", ActivityDate=date(2025, 6, 30))
    task(warehouse, "by task", AccountId="A", Type="Meeting")
    task(warehouse, "to do", AccountId="A")
    of = measured()
    assert (of("meetings_cnt").value, of("meetings_cnt", "A").value) == (2, 2)
    assert of("meetings_cnt", period="month").value == 2


def test_a_customer_without_meetings_has_none_and_no_days_since(warehouse, measured):
    key(warehouse)
    account(warehouse, "B")
    event(warehouse, "elsewhere", AccountId="B")
    of = measured()
    assert (of("meetings_cnt", "A").value, of("meetings_cnt", "A").status) == (0, "measured")
    days = of("days_since_meeting", "A", "as_of")
    assert (days.value, days.status, days.reason) == (None, "insufficient_data", "No meeting held is on record.")


def test_without_events_and_tasks_meetings_are_not_configured_and_not_zero(warehouse, measured):
    key(warehouse)
    meetings = measured(objects=("Account", "Opportunity"))("meetings_cnt")
    assert (meetings.value, meetings.status) == (None, "not_configured")
    assert meetings.reason == "The source has no Event or Task."
    assert meetings.reason_da == "Kilden har ikke Event eller Task."


def test_where_nobody_was_met_there_is_no_telling_that_a_customer_was_not(warehouse, measured):
    key(warehouse)
    event(warehouse, "too new", AccountId="A", ActivityDate=date(2026, 6, 30))
    of = measured(as_of=date(2025, 6, 1))
    assert (of("meetings_cnt", "A").value, of("meetings_cnt", "A").status) == (None, "insufficient_data")
    assert of("meetings_cnt", "A").reason == "No meeting with any customer is on record in the period."
    assert of("engaged_contacts_cnt", "A", "as_of").value is None


def test_calls_alone_are_no_count_of_meetings(warehouse, measured):
    key(warehouse)
    task(warehouse, "c", AccountId="A", TaskSubtype="Call", WhoId="kai")
    of = measured()
    assert of("meetings_cnt", "A").value is None
    assert of("engaged_contacts_cnt", "A", "as_of").value == 1


def test_days_since_the_newest_meeting_and_the_median_over_customers(warehouse, measured):
    for name, day in (("A", 30), ("B", 21), ("C", 1)):
        key(warehouse, name)
        event(warehouse, f"new {name}", AccountId=name, ActivityDate=date(2026, 6, day))
        event(warehouse, f"old {name}", AccountId=name, ActivityDate=date(2025, 6, day))
    key(warehouse, "never")
    of = measured()
    assert [of("days_since_meeting", name, "as_of").value for name in "ABC"] == [1, 10, 30]
    all_of_them = of("days_since_meeting", "key", "as_of")
    assert (all_of_them.value, all_of_them.n) == (10, 3)
    assert all_of_them.reason == "Left out: customers without a meeting on record (1)."


def test_a_contact_is_engaged_once_however_often_it_was_met(warehouse, measured):
    key(warehouse)
    for place, contact in enumerate(("kai", "kai", "ida")):
        event(warehouse, f"m{place}", AccountId="A", WhoId=contact)
    task(warehouse, "called", AccountId="A", WhoId="bo", TaskSubtype="Call")
    task(warehouse, "mailed", AccountId="A", WhoId="per", TaskSubtype="Email")  # nobody knows who wrote to whom
    event(warehouse, "long ago", AccountId="A", WhoId="ole", ActivityDate=date(2026, 1, 1))
    event(warehouse, "nobody", AccountId="A")
    of = measured()
    contacts = of("engaged_contacts_cnt", "A", "as_of")
    assert (contacts.value, contacts.n) == (3, 5)
    assert contacts.reason == "There may be more: meetings and calls without a contact (1)."
    later = measured(configuration=make_configuration(kpis={"contact_days": 200}))
    assert later("engaged_contacts_cnt", "A", "as_of").value == 4


def test_meetings_that_name_nobody_do_not_mean_that_there_are_no_contacts(warehouse, measured):
    key(warehouse)
    event(warehouse, "m", AccountId="A")
    contacts = measured()("engaged_contacts_cnt", "A", "as_of")
    assert (contacts.value, contacts.status) == (None, "insufficient_data")
    assert contacts.reason == "No meeting or call names a contact (there were 1)."


def test_product_families_are_counted_once_per_customer_and_averaged_over_buying_customers(warehouse, measured):
    key(warehouse, "A")
    key(warehouse, "B")
    key(warehouse, "C")
    insert(warehouse, "Product2", [{"Id": f"p{place}", "Name": "x", "Family": family}
                                   for place, family in enumerate(("Drives", "Drives", "Sensors", " "))])  # fmt: skip
    insert(warehouse, "Opportunity", [won("a", "A"), won("b", "B"), won("c", "C"), won("old", "B", 1, "2024-06-30")])
    lines = [("a", "p0"), ("a", "p1"), ("a", "p2"), ("b", "p0"), ("c", "p3"), ("old", "p2")]
    insert(
        warehouse,
        "OpportunityLineItem",
        [{"Id": f"l{n}", "OpportunityId": deal, "Product2Id": product} for n, (deal, product) in enumerate(lines)],
    )
    of = measured()
    assert of("cross_sell_cnt", "A", "as_of").value == 2
    assert of("cross_sell_cnt", "B", "as_of").value == 1
    assert of("cross_sell_cnt", "C", "as_of").status == "insufficient_data"
    every = of("cross_sell_cnt", "key", "as_of")
    assert (every.value, every.numerator, every.denominator) == (1.5, 3, 2)


def test_a_merged_accounts_meetings_stay_with_the_customer(warehouse, measured):
    key(warehouse)
    merged_account(warehouse, "OLD", "A")
    event(warehouse, "m", AccountId="OLD")
    opportunity(warehouse, "o", "OLD")
    of = measured()
    assert (of("meetings_cnt", "A").value, of("bookings_amt", "A").value) == (1, 100)
