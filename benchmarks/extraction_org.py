"""The organisation that the benchmark of extraction reads, in a process of its own.

    python benchmarks/extraction_org.py ROWS

Prints one line of JSON with its address and credentials, then does what each line of standard input says: `change N`
saves N records anew, anything else nothing; each is answered with the number of requests so far. Ends with its input.
What belongs here: made-up records in large numbers. What does not: what is measured (extraction.py).
"""

import json
import sys
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.org import Org
from connectors.salesforce_emulator.server import Emulator
from connectors.salesforce_emulator.server_settings import ServerSettings

CUSTOM = ("Segment__c", "Region__c", "Margin__c", "Next_Step__c", "Renewal__c")
START = datetime(2026, 7, 1, 2, tzinfo=UTC)
_STAMP = "strftime(timestamp '2022-07-01' + interval (i * 251 % 126000000) second, '%Y-%m-%dT%H:%M:%S.000Z')"
_OPPORTUNITIES = f"""
select
    '006' || printf('%012d', i) || 'AAA' as Id,
    'false' as IsDeleted,
    '001' || printf('%012d', i * 7919 % 20000) || 'AAA' as AccountId,
    'Frame order ' || i || ', line "' || (i % 37) || '"' as Name,
    ['Prospecting', 'Negotiation', 'Closed Won', 'Closed Lost'][1 + i % 4] as StageName,
    (i % 4 > 1)::varchar as IsClosed,
    (i % 4 = 2)::varchar as IsWon,
    (i * 7907 % 1000000) || '.5' as Amount,
    strftime(date '2022-07-01' + (i * 31 % 1460)::int, '%Y-%m-%d') as CloseDate,
    (i % 11 * 10) || '.0' as Probability,
    ['Pipeline', 'BestCase', 'Closed', 'Omitted'][1 + i % 4] as ForecastCategory,
    ['New Business', 'Existing Business'][1 + i % 2] as Type,
    '012' || printf('%012d', i % 3) || 'AAA' as RecordTypeId,
    ['Web', 'Referral', 'Fair', null][1 + i % 4] as LeadSource,
    '005' || printf('%012d', i % 50) || 'AAA' as OwnerId,
    ['EUR', 'DKK', 'USD'][1 + i % 3] as CurrencyIsoCode,
    {_STAMP} as CreatedDate,
    {_STAMP} as LastModifiedDate,
    {_STAMP} as SystemModstamp,
    case when i % 4 = 3 then 'Price' end as Loss_Reason__c,
    'Segment ' || i % 9 as Segment__c,
    ['North', 'South', 'East', 'West'][1 + i % 4] as Region__c,
    (i % 60) || '.25' as Margin__c,
    case when i % 5 = 0 then 'Call back, ask for ' || i end as Next_Step__c,
    (i % 2 = 0)::varchar as Renewal__c
from range({{rows}}) as numbers(i)
"""
_KINDS = {"Margin__c": "percent", "Renewal__c": "boolean"}


def made_org(rows: int) -> Org:
    """Return an organisation with so many opportunities."""
    org = Org(clock=Clock(START))
    with duckdb.connect() as connection:
        table: pa.Table = connection.sql(_OPPORTUNITIES.format(rows=rows)).to_arrow_table()
    org.load("Opportunity", table, kinds=_KINDS)
    return org


def change(org: Org, count: int) -> None:
    """Let users save so many records anew, all within an hour."""
    found = org.query(f"SELECT Id FROM Opportunity LIMIT {count}", include_deleted=False, version=66.0)
    ids = [record["Id"] for record in found.records(0, count)]
    org.clock.advance(hours=22)
    for number, record_id in enumerate(ids):
        if number % 100 == 0:
            org.clock.advance(seconds=30)
        org.update("Opportunity", record_id, {"Name": f"Changed {number}"})
    org.clock.advance(minutes=5)


def main() -> None:
    """Serve until standard input ends."""
    org = made_org(int(sys.argv[1]))
    with Emulator(org, settings=ServerSettings(compress_ahead=True)) as emulator:
        known = emulator.credentials
        said = {"url": emulator.url, "key": known.consumer_key, "secret": known.consumer_secret}
        print(json.dumps(said), flush=True)
        for line in sys.stdin:
            word, _, number = line.strip().partition(" ")
            if word == "change":
                change(org, int(number))
            print(json.dumps({"requests": len(emulator.requests)}), flush=True)
    org.close()


if __name__ == "__main__":
    main()
