"""What the company is like: its concentration, its months, its stamps, its hierarchies and its dirt."""

import pytest

KINDS = {
    "unparsable_date", "unparsable_amount", "duplicate_id", "opportunity_without_account",
    "opportunity_of_unknown_account", "unknown_currency", "hierarchy_cycle", "self_parent", "unknown_parent",
    "deleted_record", "merged_account", "fifteen_character_id", "zero_lookup", "no_id", "test_account",
    "internal_opportunity", "close_before_creation", "won_without_amount", "negative_amount", "probability_1000",
    "future_activity", "satisfaction_out_of_range", "feed_row_of_unknown_account",
}  # fmt: skip

FOUND = {
    "unparsable_date": "SELECT Id FROM Opportunity WHERE try_cast(CloseDate AS DATE) IS NULL",
    "unparsable_amount": "SELECT Id FROM Opportunity WHERE Amount IS NOT NULL AND try_cast(Amount AS DOUBLE) IS NULL",
    "duplicate_id": """SELECT Id FROM Opportunity WHERE Id IS NOT NULL GROUP BY Id HAVING count(*) = 2
        AND count(DISTINCT Amount) = 2 AND count(DISTINCT LastModifiedDate) = 2 AND count(DISTINCT SystemModstamp) = 2
        AND count(DISTINCT (AccountId, Name, CloseDate, CreatedDate)) = 1""",
    "opportunity_without_account": "SELECT Id FROM Opportunity WHERE AccountId IS NULL",
    "unknown_currency": "SELECT Id FROM Opportunity WHERE CurrencyIsoCode NOT IN (SELECT IsoCode FROM CurrencyType)",
    "hierarchy_cycle": """SELECT a.Id FROM Account AS a JOIN Account AS b ON a.ParentId = b.Id AND b.ParentId = a.Id
        WHERE a.Id <> b.Id""",
    "self_parent": "SELECT Id FROM Account WHERE ParentId = Id",
    "deleted_record": """SELECT Id FROM Account WHERE IsDeleted = '1' AND MasterRecordId IS NULL
        AND Id NOT IN (SELECT AccountId FROM Opportunity WHERE AccountId IS NOT NULL)
        UNION ALL SELECT Id FROM Opportunity WHERE IsDeleted = '1'""",
    "merged_account": """SELECT loser.Id FROM Account AS loser
        JOIN Account AS winner ON winner.Id = loser.MasterRecordId AND winner.IsDeleted = '0'
        JOIN Opportunity AS o ON o.AccountId = loser.Id WHERE loser.IsDeleted = '1'""",
    "fifteen_character_id": """SELECT o.Id FROM Opportunity AS o JOIN Account AS a ON left(a.Id, 15) = o.AccountId""",
    "no_id": "SELECT coalesce(Id, '') FROM Opportunity WHERE Id IS NULL",
    "test_account": """SELECT Id FROM Account WHERE Internal_Test__c = '1'
        AND Id IN (SELECT AccountId FROM Opportunity WHERE AccountId IS NOT NULL)""",
    "internal_opportunity": "SELECT Id FROM Opportunity WHERE Type = 'Internal'",
    "close_before_creation": "SELECT Id FROM Opportunity WHERE try_cast(CloseDate AS DATE) < CreatedDate[:10]::DATE",
    "won_without_amount": "SELECT Id FROM Opportunity WHERE IsWon = '1' AND Amount IS NULL",
    "negative_amount": "SELECT Id FROM Opportunity WHERE IsWon = '1' AND Amount LIKE '-%'",
    "probability_1000": "SELECT Id FROM Opportunity WHERE Probability = '1000'",
    "future_activity": "SELECT Id FROM Event WHERE Status = 'Completed' AND ActivityDate > '2026-06-30'",
    "satisfaction_out_of_range": "SELECT account_id FROM satisfaction WHERE score::INTEGER NOT BETWEEN 0 AND 10",
    "feed_row_of_unknown_account": "SELECT account_id FROM costs WHERE account_id NOT IN (SELECT Id FROM Account)",
}  # fmt: skip

TOPS = """WITH RECURSIVE tops AS (
    SELECT Id, Id AS top, 1 AS level FROM Account WHERE ParentId IS NULL AND IsDeleted = '0'
    UNION ALL SELECT a.Id, tops.top, tops.level + 1 FROM Account AS a JOIN tops ON a.ParentId = tops.Id)"""

WON = """won AS (SELECT o.*, try_cast(o.Amount AS DOUBLE) / r.ConversionRate::DOUBLE AS kroner
    FROM Opportunity AS o JOIN DatedConversionRate AS r ON r.IsoCode = o.CurrencyIsoCode
    AND o.CloseDate >= r.StartDate AND o.CloseDate < r.NextStartDate
    WHERE o.IsWon = '1' AND o.IsDeleted = '0')"""


def test_every_kind_of_dirt_is_listed(any_company):
    assert {record.kind for record in any_company.summary.dirty} == KINDS


@pytest.mark.parametrize("kind", sorted(FOUND))
def test_the_listed_dirt_is_all_the_dirt_that_the_files_hold(any_company, kind):
    assert {row[0] for row in any_company.rows(FOUND[kind])} == any_company.dirty_ids(kind)


def test_the_empty_lookup_of_the_listed_account_is_the_zero_id(any_company):
    text = (any_company.folder / "export" / "Account.csv").read_text(encoding="utf-8")
    lines = {line[1:19] for line in text.splitlines() if '"000000000000000AAA"' in line}
    assert lines == any_company.dirty_ids("zero_lookup")


def test_dirty_deals_hardly_move_the_totals(company):
    ids = company.dirty_ids(*KINDS)
    dirty, total = company.rows(
        f"WITH {WON} SELECT sum(kroner) FILTER (list_contains({sorted(ids)}, Id)), sum(kroner) FROM won"
    )[0]
    assert 0 < dirty < 0.001 * total


def test_the_top_tenth_of_groups_holds_most_of_the_revenue(company):
    share = company.value(
        f"""{TOPS}, {WON}, ranked AS (SELECT sum(kroner) AS kroner,
            row_number() OVER (ORDER BY sum(kroner) DESC) AS place, count(*) OVER () AS groups
            FROM won JOIN tops ON tops.Id = won.AccountId GROUP BY tops.top)
        SELECT sum(kroner) FILTER (place <= 0.1 * groups) / sum(kroner) FROM ranked"""
    )
    assert 0.5 < share < 0.7


def test_every_month_of_the_four_years_has_a_won_deal(any_company):
    months = any_company.rows("SELECT DISTINCT CloseDate[:7] FROM Opportunity WHERE IsWon = '1' ORDER BY 1")
    assert len(months) == 48
    assert (months[0][0], months[-1][0]) == ("2022-07", "2026-06")


def test_closed_deals_close_within_history_and_open_ones_mostly_after_it(company):
    good = "try_cast(CloseDate AS DATE) IS NOT NULL"
    last = company.value(f"SELECT max(CloseDate) FROM Opportunity WHERE IsClosed = '1' AND {good}")
    after, due = company.rows(
        """SELECT count(*) FILTER (CloseDate > '2026-06-30'), count(*) FILTER (CloseDate <= '2026-06-30')
        FROM Opportunity WHERE IsClosed = '0'"""
    )[0]
    assert last <= "2026-06-30"
    assert after > 10 * due > 0


def test_every_stamp_is_a_moment_of_history_and_stamps_follow_each_other(company):
    for name in company.summary.counts:
        if name.startswith("feeds."):
            continue
        wrong = f"""SELECT count(*) FROM "{name}" WHERE NOT coalesce(
            CreatedDate <= LastModifiedDate AND LastModifiedDate <= SystemModstamp
            AND SystemModstamp <= '2026-06-30 23:59:59' AND CreatedDate::TIMESTAMP IS NOT NULL, false)"""
        assert company.value(wrong) == 0, name


def test_accounts_are_older_than_their_deals(company):
    younger = """SELECT count(*) FROM Opportunity AS o JOIN Account AS a ON a.Id = o.AccountId
        WHERE a.CreatedDate > o.CreatedDate"""
    assert company.value(younger) == 0


def test_amounts_are_the_sum_of_the_line_items(company):
    different = """SELECT count(*) FROM Opportunity AS o JOIN (
        SELECT OpportunityId, sum(TotalPrice::DECIMAL(18, 2)) AS total, count(*) FILTER (
            TotalPrice::DECIMAL(18, 2) <> (Quantity::DECIMAL(18, 0) * UnitPrice::DECIMAL(18, 2))) AS wrong
        FROM OpportunityLineItem GROUP BY OpportunityId) AS i ON i.OpportunityId = o.Id
        WHERE o.Amount::DECIMAL(18, 2) <> i.total OR i.wrong > 0"""
    assert company.value(different) == 0


def test_hierarchies_have_up_to_four_levels_in_several_countries(company):
    levels = company.value(f"{TOPS} SELECT max(level) FROM tops")
    countries = company.value(
        f"""{TOPS} SELECT max(n) FROM (SELECT count(DISTINCT BillingCountry) AS n FROM Account
            JOIN tops USING (Id) GROUP BY top)"""
    )
    share = company.value("SELECT count(ParentId) / count(*) FROM Account")
    assert levels == 4
    assert countries >= 3
    assert 0.2 < share < 0.3


def test_rates_cover_every_day_once_and_the_corporate_currency_is_one(company):
    gaps = """SELECT count(*) FROM (SELECT NextStartDate, lead(StartDate) OVER (PARTITION BY IsoCode ORDER BY StartDate)
        AS following FROM DatedConversionRate) WHERE coalesce(following, '9999-12-31') <> NextStartDate"""
    assert company.value(gaps) == 0
    assert company.rows("SELECT IsoCode, ConversionRate::DOUBLE FROM CurrencyType WHERE IsCorporate = '1'") == [
        ("DKK", 1.0)
    ]


def test_win_rate_cycle_and_loss_reasons_are_those_of_a_real_company(company):
    closed = "FROM Opportunity WHERE IsClosed = '1'"
    assert 0.35 < company.value(f"SELECT avg(IsWon::INTEGER) {closed}") < 0.45
    days = "date_diff('day', CreatedDate[:10]::DATE, try_cast(CloseDate AS DATE))"
    assert 50 < company.value(f"SELECT median({days}) {closed}") < 70
    empty = (
        "SELECT count(*) FILTER (Loss_Reason__c IS NULL) / count(*) FROM Opportunity WHERE StageName = 'Closed Lost'"
    )
    assert 0.12 < company.value(empty) < 0.18


def test_most_accounts_bought_in_the_last_year_and_some_are_lost(company):
    recent = "count(DISTINCT AccountId) FILTER (CloseDate > '2025-06-30')"
    now, ever = company.rows(f"SELECT {recent}, count(DISTINCT AccountId) FROM Opportunity WHERE IsWon = '1'")[0]
    assert 0.6 * 600 < now < ever < 600


def test_key_accounts_are_mostly_the_largest_with_misses_and_mistakes(company):
    flagged, hits = company.rows(
        f"""{TOPS}, {WON}, largest AS (SELECT tops.top FROM won JOIN tops ON tops.Id = won.AccountId GROUP BY tops.top
            ORDER BY sum(kroner) DESC LIMIT 25)
        SELECT count(*), count(*) FILTER (Id IN (SELECT top FROM largest)) FROM Account WHERE Key_Account__c = 'Key'"""
    )[0]
    assert 20 <= flagged <= 30
    assert 0.5 * flagged < hits < flagged


def test_archived_activities_are_those_older_than_a_year(company):
    for name, is_over in (("Task", "IsClosed = '1'"), ("Event", "true")):
        wrong = f"""SELECT count(*) FROM "{name}" WHERE ActivityDate IS NOT NULL
            AND (IsArchived = '1') <> (ActivityDate <= '2025-06-30' AND {is_over})"""
        assert company.value(wrong) == 0


def test_every_group_meeting_copy_follows_its_original(company):
    wrong = """SELECT count(*) FROM (SELECT *, lag(StartDateTime) OVER w AS start,
        lag(Subject) OVER w AS subject_before, lag(IsChild) OVER w AS child_before FROM Event WINDOW w AS (ORDER BY Id))
        WHERE IsChild = '1' AND (start <> StartDateTime OR subject_before <> Subject OR child_before = '1')"""
    copies = company.value("SELECT count(*) FROM Event WHERE IsChild = '1'")
    assert copies > 100
    assert company.value(wrong) == 0


def test_free_texts_hold_what_trips_careless_readers(company):
    subjects = {row[0] for row in company.rows("SELECT DISTINCT Subject FROM Task")}
    names = {row[0] for row in company.rows("SELECT Name FROM Account")}
    assert {"NA", "NULL", "None", "first line\nsecond line", 'Said "yes", then "no"'} <= subjects
    assert {"NULL ApS", 'Ærø "Øst" & Å A/S', "Two\nLines ApS"} <= names


def test_what_colleagues_think_of_an_account_goes_with_its_size_and_is_not_known_of_all(company):
    [(low, high, known, accounts)] = company.rows(
        """SELECT median(AnnualRevenue::DOUBLE) FILTER (Strategic_Fit__c = '1'),
        median(AnnualRevenue::DOUBLE) FILTER (Strategic_Fit__c = '5'), count(Strategic_Fit__c), count(*) FROM Account"""
    )
    assert high > 2 * low
    assert 0.6 < known / accounts < 0.9
