"""Which records Salesforce says have been deleted since a moment (`/deleted`), and how far it has committed.

What belongs here: asking for deletes, also those that never reach the recycle bin. What does not: deletes that show in
the records themselves (IsDeleted), or only in that an id is no longer there (reconciling.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.salesforce.client import SalesforceClient, part_of
from connectors.salesforce.windows import parse_time, soql_time
from kam_pipeline.errors import RequestRefusedError

# Salesforce keeps its log of deletes for 15 days; what is asked for later is lost to it.
_KEPT = timedelta(days=15)
# Start and end count to the minute, and must be more than one apart.
_SHORTEST = timedelta(minutes=2)
_TOO_MANY = "EXCEEDED_ID_LIMIT"
# The next request would be refused too; everything else is said of this object's log alone.
_DAY_IS_OVER = "REQUEST_LIMIT_EXCEEDED"


@dataclass(frozen=True)
class Deletes:
    """What was deleted.

    Attributes
    ----------
    ids : tuple[str, ...]
        Ids of 18 characters.
    horizon : datetime or None
        Until when everything is committed: while a long transaction runs, its beginning. None where nobody says.
    is_whole : bool
        Whether the log reaches back far enough, and is shown; otherwise only holding all ids against ours tells.
    """

    ids: tuple[str, ...]
    horizon: datetime | None
    is_whole: bool


def ask_deletes(client: SalesforceClient, sobject: str, since: datetime, now: datetime) -> Deletes:
    """Return what was deleted of an object since a moment.

    Parameters
    ----------
    client : SalesforceClient
        Signed in.
    sobject : str
        API name of an object that can be replicated.
    since, now : datetime
        From when, and the server's time; UTC with zone.

    Returns
    -------
    Deletes
        What was deleted.

    Raises
    ------
    ConnectorError
        When Salesforce does not answer, or the day's calls are used up.
    """
    start = max(since, now - _KEPT + timedelta(minutes=1))
    found = _ask(client, sobject, min(start, now - _SHORTEST), now)
    return Deletes(found.ids, found.horizon, found.is_whole and start <= since)


def _ask(client: SalesforceClient, sobject: str, start: datetime, end: datetime) -> Deletes:
    try:
        answer = client.get(f"sobjects/{sobject}/deleted/", {"start": soql_time(start), "end": soql_time(end)})
    except RequestRefusedError as error:
        if error.code == _DAY_IS_OVER:
            raise
        if error.code != _TOO_MANY or end - start < 2 * _SHORTEST:
            return Deletes((), None, is_whole=False)
        middle = start + (end - start) / 2
        first, second = _ask(client, sobject, start, middle), _ask(client, sobject, middle, end)
        return Deletes((*first.ids, *second.ids), second.horizon, first.is_whole and second.is_whole)
    records = part_of(answer, "deletedRecords", f"GET sobjects/{sobject}/deleted/")
    covered, earliest = answer.get("latestDateCovered"), answer.get("earliestDateAvailable")
    return Deletes(
        ids=tuple(record["id"] for record in records),
        horizon=parse_time(covered) if covered else None,
        is_whole=not earliest or parse_time(earliest) <= start,
    )
