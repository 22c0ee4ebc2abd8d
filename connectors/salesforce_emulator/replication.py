"""What has changed and what is gone, as `/updated` and `/deleted` tell it.

What belongs here: the log of deletions, both answers and their refusals. What does not: deleting (deletions.py).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.describing import is_replicateable
from connectors.salesforce_emulator.rendering import json_stamp
from connectors.salesforce_emulator.schema import SObject
from connectors.salesforce_emulator.soql_scope import quoted, typed
from connectors.salesforce_emulator.store import Store

DELETED_DAYS = 15
UPDATED_DAYS = 30
MOST_IDS = 600_000


class DeleteLog:
    """Which records were deleted when, told for 15 days unless it is cut shorter."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cut: datetime | None = None
        store.run("create table _deleted (object varchar, id varchar, deleted_at timestamp)")

    def add(self, owner: SObject, ids: Sequence[str], now: datetime) -> None:
        """Note that records were deleted; one that is noted already keeps its date."""
        whole = now.astimezone(UTC).replace(microsecond=0, tzinfo=None)
        self._store.run(
            "insert into _deleted select ?, id, ? from unnest(?::varchar[]) as given(id) "
            "where id not in (select id from _deleted where object = ?)",
            [owner.name, whole, list(ids), owner.name],
        )

    def forget(self, owner: SObject, ids: Sequence[str]) -> None:
        """Take back what was noted."""
        self._store.run("delete from _deleted where object = ? and list_contains(?, id)", [owner.name, list(ids)])

    def cut(self, before: datetime) -> None:
        """Forget all deletions before a moment, as happens under load."""
        self._cut = before
        self._store.run("delete from _deleted where deleted_at < ?", [_naive(before)])

    def earliest(self, now: datetime) -> datetime:
        """Return since when all deletions are known."""
        oldest = now - timedelta(days=DELETED_DAYS)
        return max(oldest, self._cut) if self._cut else oldest

    def between(self, owner: SObject, start: datetime, end: datetime) -> list[tuple[str, datetime]]:
        """Return ids and dates of the deletions in a range, both ends included."""
        sql = "select id, deleted_at from _deleted where object = ? and deleted_at between ? and ? order by 2, 1"
        rows = self._store.fetch(sql, [owner.name, _naive(start), _naive(end)])
        return [(record_id, deleted_at.replace(tzinfo=UTC)) for record_id, deleted_at in rows]


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _checked(owner: SObject, start: datetime, end: datetime, now: datetime, days: int) -> tuple[datetime, datetime]:
    """Return the range without its seconds, refused where it is none or too old."""
    if not is_replicateable(owner):
        message = f"entity type {owner.name} does not support replication"
        raise RefusalError("INVALID_TYPE_FOR_OPERATION", message)
    start, end = (_minute(moment) for moment in (start, end))
    if end - start < timedelta(minutes=1):
        message = "startDate must precede endDate by more than one minute"
        raise RefusalError("INVALID_REPLICATION_DATE", message)
    # A minute of grace: the start was made out before the call arrived here.
    if start < now - timedelta(days=days, minutes=1):
        raise RefusalError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago")
    return start, end


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def deleted(
    log: DeleteLog, owner: SObject, start: datetime, end: datetime, *, now: datetime, horizon: datetime
) -> dict[str, Any]:
    """Return what `/deleted` answers.

    Raises
    ------
    RefusalError
        When the object or the range cannot be answered for.
    """
    start, end = _checked(owner, start, end, now, DELETED_DAYS)
    earliest = log.earliest(now)
    if earliest > end:
        message = "endDate is before the earliest date available; records must be synchronised anew"
        raise RefusalError("INVALID_REPLICATION_DATE", message)
    found = log.between(owner, start, end)
    _refuse_too_many(len(found))
    return {
        "deletedRecords": [{"id": record_id, "deletedDate": json_stamp(date)} for record_id, date in found],
        "earliestDateAvailable": json_stamp(earliest),
        "latestDateCovered": json_stamp(min(end, horizon)),
    }


def updated(
    store: Store, owner: SObject, start: datetime, end: datetime, *, now: datetime, horizon: datetime
) -> dict[str, Any]:
    """Return what `/updated` answers: living records that the user sees, changed in a range.

    Raises
    ------
    RefusalError
        When the object or the range cannot be answered for.
    """
    start, end = _checked(owner, start, end, now, UPDATED_DAYS)
    known = (owner.find(name) for name in ("SystemModstamp", "LastModifiedDate", "CreatedDate"))
    cursor = next(quoted(found.column) for found in known if found)
    alive = "and coalesce(\"IsDeleted\", 'false') <> 'true'" if owner.has_is_deleted else ""
    sql = (
        f'select distinct "Id" from {quoted(owner.name)} where not _hidden and "Id" is not null {alive} '
        f"and {typed('datetime', cursor)} between ? and ? order by 1"
    )
    ids = [row[0] for row in store.fetch(sql, [_naive(start), _naive(end)])]
    _refuse_too_many(len(ids))
    return {"ids": ids, "latestDateCovered": json_stamp(min(end, horizon))}


def _refuse_too_many(count: int) -> None:
    if count > MOST_IDS:
        raise RefusalError("EXCEEDED_ID_LIMIT", f"More than {MOST_IDS} ids in the range; choose a shorter one")
