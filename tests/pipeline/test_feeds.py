"""Feeds from file to reader: known-then, deletions, what a bad file or row costs, and that it never costs the night."""

from datetime import date

import pytest

JUNE = date(2026, 6, 1)
FILES = "feeds:\n" + "".join(f"  {name}: {{file: feeds/{name}.csv}}\n" for name in ("satisfaction", "costs", "targets"))


@pytest.fixture
def company(company):
    """The small company with one row of each feed for a01 and a02; its last day is 10 June 2026."""
    company.settings += FILES
    company.feeds = {
        "satisfaction": [
            {"account_id": "a01", "surveyed_on": "2026-05-10", "score": "9"},
            {"account_id": "a02", "surveyed_on": "2026-05-11", "score": ""},
        ],
        "costs": [
            {"account_id": "a01", "month": "2026-05", "cost_amt": "60"},
            {"account_id": "a02", "month": "2026-05-31", "cost_amt": "70"},
        ],
        "targets": [
            {"account_id": "a01", "year": "2026", "target_amt": "1000"},
            {"account_id": "a02", "year": "2026", "target_amt": "2000"},
        ],
    }
    return company


def checks(company, name: str = "feeds.costs"):
    """Checks of the newest date about an object: name to whether it passed and its figure."""
    rows = company.read(
        'select "check", passed, value, severity from data_quality '
        f"where object = '{name}' and as_of_date = (select max(as_of_date) from snapshot)"
    )
    assert {severity for *_, severity in rows} <= {"warning", "error"}
    return {check: (passed, value) for check, passed, value, _ in rows}


def rejected(company):
    return company.read(
        "select object, part, reason from rejected_row where object like 'feeds.%' "
        "and as_of_date = (select max(as_of_date) from snapshot) order by all"
    )


def costs(company):
    return company.inside("select account_id, cost_amt from core.account_month where cost_amt is not null order by all")


# --- known then ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rerun_of_a_stored_date_uses_the_feeds_as_known_then(company):
    company.run(as_of=JUNE)
    query = f"select object, reason from rejected_row where as_of_date = '{JUNE}' order by all"
    score = f"select value from data_quality where as_of_date = '{JUNE}' and \"check\" = 'feed_rows_unanswered'"
    before = company.read(query), company.read(score)
    company.feeds["satisfaction"][1]["score"] = "11"  # corrected later, and wrongly
    company.feeds["costs"][0]["account_id"] = "nobody"
    company.run()
    assert len(rejected(company)) == 2
    company.run(as_of=JUNE, knowledge="then")
    assert (company.read(query), company.read(score)) == before == ([], [(1.0,)])
    company.run(as_of=JUNE, knowledge="restate")
    assert (len(company.read(query)), company.read(score)) == (2, [(0.0,)])


@pytest.mark.slow
def test_a_rerun_knows_a_row_that_was_taken_out_since_and_not_one_that_came_since(company):
    company.feeds["costs"][0]["account_id"] = "nobody"
    company.run(as_of=JUNE)
    taken_out = company.feeds["costs"].pop(0)
    company.feeds["costs"].append({**taken_out, "account_id": "somebody"})
    company.run()
    assert [reason for *_, reason in rejected(company)] == ["Its account somebody is not in the source."]
    company.run(as_of=JUNE, knowledge="then")
    rows = company.read(f"select reason from rejected_row where as_of_date = '{JUNE}'")
    assert rows == [("Its account nobody is not in the source.",)]


@pytest.mark.slow
def test_a_date_that_was_stored_before_there_were_feeds_is_rerun_without_them(company):
    feeds, company.feeds = company.feeds, {}
    company.settings = company.settings.replace(FILES, "")
    company.run(as_of=JUNE)
    company.feeds, company.settings = feeds, company.settings + FILES
    company.run()
    company.run(as_of=JUNE, knowledge="then")
    status = company.read(
        f"select distinct status from field_availability where as_of_date = '{JUNE}' and object = 'feeds.costs'"
    )
    assert status == [("absent",)]


@pytest.mark.slow
def test_targets_belong_to_the_newest_date(company):
    company.run()
    company.feeds["targets"][0]["target_amt"] = "1500"
    company.run(as_of=JUNE)
    assert company.read("select group_id, target_amt from target order by 1") == [("a01", 1000), ("a02", 2000)]
    company.run()
    assert company.read("select group_id, target_amt from target order by 1") == [("a01", 1500), ("a02", 2000)]


# --- deletions -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_row_that_is_gone_from_the_file_is_gone_also_where_the_crm_sends_changes_only(company):
    company.settings = company.settings.replace("path: export", "path: export, complete: false")
    company.run()
    assert costs(company) == [("a01", 60), ("a02", 70)]
    company.feeds["costs"].pop(0)
    company.accounts.pop()  # only not sent
    company.run()
    assert costs(company) == [("a02", 70)]
    assert company.read("select count(*) from account") == [(30,)]
    assert company.inside("select deleted_cnt, lost_cnt from staging.reconciliation where object = 'feeds.costs'") == [
        (1, 0)
    ]


def test_a_file_that_lost_most_of_its_rows_is_a_warning_and_the_night_goes_on(company):
    company.run()
    company.feeds["costs"] = []
    company.run()
    assert company.blocked_by == []
    assert checks(company)["vanished_share"] == (False, 1.0)
    assert company.inside("select is_configured, row_cnt from core.feed where feed = 'costs'") == [(True, 0)]


@pytest.mark.slow
def test_a_feed_that_is_taken_out_of_kam_yaml_no_longer_counts_and_is_not_configured(company):
    company.run()
    company.settings = company.settings.replace("  costs: {file: feeds/costs.csv}\n", "")
    company.run()
    assert costs(company) == []
    assert "object_delivered" not in checks(company)
    assert company.read(
        "select distinct status, consequence from field_availability where object = 'feeds.costs' and field = 'month' "
        "and as_of_date = (select max(as_of_date) from snapshot)"
    ) == [("absent", "not_configured: margin and profit")]


# --- bad rows and files ----------------------------------------------------------------------------------------------


def test_feeds_in_good_order_pass_every_check(company):
    company.run()
    for feed in company.feeds:
        assert {name for name, (passed, _) in checks(company, f"feeds.{feed}").items() if passed is False} == set()
    assert rejected(company) == []


def test_bad_rows_are_counted_and_listed_and_do_not_block_however_many_they_are(company):
    company.feeds["costs"] = [
        {"account_id": "nobody", "month": "2026-05", "cost_amt": "60"},
        {"account_id": "", "month": "2026-05", "cost_amt": "60"},
        {"account_id": "a01", "month": "May", "cost_amt": "60"},
        {"account_id": "a01", "month": "2026-05", "cost_amt": ""},
        {"account_id": "a01", "month": "2026-05", "cost_amt": "60", "currency_code": "GBP"},
        {"account_id": "a01", "month": "2026-05", "cost_amt": "-5"},
        {"account_id": "a01", "month": "2026-07", "cost_amt": "5"},
    ]
    company.feeds["satisfaction"].append({"account_id": "a03", "surveyed_on": "2026-05-12", "score": "11"})
    company.feeds["targets"].append({"account_id": "a01", "year": "2026", "target_amt": "1200"})
    company.run()
    assert company.blocked_by == []
    found = checks(company)
    assert found["rejected_share"] == (False, pytest.approx(5 / 7))
    assert found["feed_rows_matched"] == (False, 2)
    assert found["feed_rows_readable"] == (False, 2)
    assert found["feed_rows_with_rate"] == (False, 1)
    assert found["feed_rows_in_range"] == (True, 0)
    assert found["feed_rows_negative"] == (None, 1)
    assert found["feed_rows_after_date"] == (None, 1)
    assert checks(company, "feeds.satisfaction")["feed_rows_in_range"] == (False, 1)
    assert checks(company, "feeds.satisfaction")["feed_rows_unanswered"] == (None, 1)
    assert checks(company, "feeds.targets")["feed_targets_unique"] == (False, 1)
    assert rejected(company) == [
        ("feeds.costs", "amount", "There is no exchange rate for GBP (account a01)."),
        (
            "feeds.costs",
            "record",
            'It cannot be read: {"month":"May"}; see date_formats and decimal_separator of feeds.costs in kam.yaml.',
        ),
        ("feeds.costs", "record", "It has no account_id."),
        ("feeds.costs", "record", "Its account nobody is not in the source."),
        ("feeds.costs", "record", "cost_amt is empty in a row of a01."),
        ("feeds.satisfaction", "record", "Its score 11 lies outside 0 to 10 (account a03)."),
        ("feeds.targets", "record", "Another target of account a01 for 2026 is larger or equal."),
    ]  # fmt: skip
    assert company.inside("select status, count(*) from core.feed_row where object = 'feeds.costs' group by all") != []
    assert costs(company) == [("a01", -5), ("a01", 5)]


@pytest.mark.slow
def test_two_equal_rows_without_an_id_both_count(company):
    company.feeds["costs"].append(dict(company.feeds["costs"][0]))
    company.run()
    assert costs(company) == [("a01", 120), ("a02", 70)]
    assert rejected(company) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        pytest.param("account_id,cost_amt\na01,1\n", marks=pytest.mark.slow),
        pytest.param('account_id,month,cost_amt\na01,"2026', marks=pytest.mark.slow),
    ],
)
def test_a_file_that_cannot_be_read_leaves_its_last_known_rows_in_force_and_says_so(company, monkeypatch, text):
    company.run()
    write = type(company).write

    def write_broken(self):
        write(self)
        (self.folder / "feeds" / "costs.csv").write_text(text, encoding="utf-8")

    monkeypatch.setattr(type(company), "write", write_broken)
    company.run()
    assert company.blocked_by == []
    assert costs(company) == [("a01", 60), ("a02", 70)]
    assert checks(company)["object_delivered"] == (False, 0)
    [(detail,)] = company.read(
        "select detail from data_quality where \"check\" = 'object_delivered' and object = 'feeds.costs'"
    )
    assert "feeds/costs.csv" in detail
    assert company.read("select status from field_availability where object = 'feeds.costs' and field = 'month'") == [
        ("present",)
    ]


@pytest.mark.slow
def test_a_file_that_could_never_be_read_is_reported_from_the_first_night_on(company, monkeypatch):
    company.feeds["costs"] = []
    write = type(company).write

    def write_empty(self):
        write(self)
        (self.folder / "feeds" / "costs.csv").write_text("", encoding="utf-8")

    monkeypatch.setattr(type(company), "write", write_empty)
    company.run()
    assert company.blocked_by == []
    assert checks(company)["object_delivered"] == (False, 0)
    assert company.inside("select is_configured from core.feed where feed = 'costs'") == [(False,)]


@pytest.mark.slow
def test_feeds_say_nothing_about_the_date(company):
    company.feeds["costs"].append({"account_id": "a01", "month": "2031-01", "cost_amt": "1"})
    assert company.run() == date(2026, 6, 11)


@pytest.mark.slow
def test_an_id_that_is_there_twice_counts_once_and_says_which_row(company):
    company.settings = company.settings.replace("costs.csv}", "costs.csv, fields: {Id: currency_code, month: month}}")
    company.feeds["costs"] = [
        {"account_id": "a01", "month": "2026-05", "cost_amt": amount, "currency_code": "7"} for amount in ("5", "6")
    ]
    # the id column is also read as the currency, of which there is no rate
    company.run()
    assert ("feeds.costs", "version", "The id is there 2 times; the row whose text sorts last counts.") in rejected(
        company
    )
    assert checks(company)["unique_ids"] == (False, 1)


# --- decisions -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rerun_of_a_stored_date_uses_the_decisions_as_known_then(company):
    company.settings += "  decisions: {file: feeds/decisions.csv}\n"
    asked = {"status": "key_account", "since": "2026-01-01"}
    company.feeds["decisions"] = [{"account_id": "a01", **asked}, {"account_id": "a02", **asked}]
    company.run(as_of=JUNE)
    listed = f"select group_id from designation where is_key_account and as_of_date = '{JUNE}' order by 1"
    decided = f"select group_id from key_account_candidate where is_key_account and as_of_date = '{JUNE}' order by 1"
    then = company.read(listed), company.read(decided)
    assert then == ([("a01",), ("a02",)],) * 2
    # later it is written that a02 never was one, and a03 always
    company.feeds["decisions"][1]["account_id"] = "a03"
    company.run()
    assert company.read("select account_id from account where is_key_account order by 1") == [("a01",), ("a03",)]
    company.run(as_of=JUNE, knowledge="then")
    assert (company.read(listed), company.read(decided)) == then
    company.run(as_of=JUNE, knowledge="restate")
    assert company.read(listed) == company.read(decided) == [("a01",), ("a03",)]
