"""Deleting records and what follows: the recycle bin, children that go along, merges, what is gone for good.

What belongs here: acts that take records away or bring them back. What does not: other changes (changes.py), what
`/deleted` answers (replication.py).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.changes import Changes
from connectors.salesforce_emulator.replication import DeleteLog
from connectors.salesforce_emulator.schema import WITHOUT_BIN, Schema, SObject
from connectors.salesforce_emulator.soql_scope import quoted
from connectors.salesforce_emulator.store import Store

BIN_DAYS = timedelta(days=15)
_GOES_ALONG = {
    "Account": (
        ("Opportunity", "AccountId"),
        ("Contact", "AccountId"),
        ("Case", "AccountId"),
        ("Task", "AccountId"),
        ("Event", "AccountId"),
        ("Order", "AccountId"),
        ("AccountTeamMember", "AccountId"),
        ("AccountHistory", "AccountId"),
        ("AccountPlan", "AccountId"),
    ),
    "Opportunity": (
        ("OpportunityLineItem", "OpportunityId"),
        ("OpportunityContactRole", "OpportunityId"),
        ("OpportunityHistory", "OpportunityId"),
        ("OpportunityFieldHistory", "OpportunityId"),
        ("OpportunityTeamMember", "OpportunityId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
    ),
    "Contact": (("OpportunityContactRole", "ContactId"),),
    "Case": (("EmailMessage", "ParentId"), ("Task", "WhatId"), ("Event", "WhatId")),
    "Event": (("EventRelation", "EventId"), ("EventWhoRelation", "EventId")),
    "Task": (("TaskWhoRelation", "TaskId"),),
    "Order": (("OrderItem", "OrderId"),),
    "AccountPlan": (("AccountPlanObjective", "AccountPlanId"),),
    "AccountPlanObjective": (("AccountPlanObjectiveMeasure", "AccountPlanObjectiveId"),),
}
_ALIVE = "coalesce(\"IsDeleted\", 'false') <> 'true'"


class Deletions:
    """Taking records away and bringing them back."""

    def __init__(self, schema: Schema, store: Store, changes: Changes, log: DeleteLog) -> None:
        self._schema = schema
        self._store = store
        self._changes = changes
        self._log = log
        self._roots: list[str] = []
        self._oldest_in_bin: datetime | None = None

    def delete(self, owner: SObject, record_id: str, now: datetime) -> None:
        """Delete a record and what goes along with it."""
        if owner.name == "User":
            raise RefusalError("INSUFFICIENT_ACCESS_OR_READONLY", "users are deactivated (IsActive), never deleted")
        self._changes.living_record(owner, record_id)
        if owner.name in WITHOUT_BIN or not owner.has_is_deleted:
            self._remove(owner, [record_id])
            self._log.add(owner, [record_id], now)
            return
        self._roots.append(record_id)
        self._into_bin(owner, [record_id], len(self._roots), now)

    def _into_bin(self, owner: SObject, ids: Sequence[str], act: int, now: datetime) -> None:
        ids = self._ids(owner, f'list_contains(?, "Id") and {_ALIVE}', [list(ids)])
        if not ids:
            return
        deleted = {"IsDeleted": "true", "_deletion": act, "_deleted_at": now.astimezone(UTC).replace(tzinfo=None)}
        changes = deleted | self._changes.restamped(owner, now)
        self._store.change(owner, 'list_contains(?, "Id")', [ids], changes)
        self._log.add(owner, ids, now)
        self.note_in_bin(now)
        for child, reference in self._children(owner):
            self._into_bin(child, self._ids(child, f"list_contains(?, {quoted(reference)})", [ids]), act, now)

    def _children(self, owner: SObject) -> list[tuple[SObject, str]]:
        pairs = [(self._schema.find(name), field) for name, field in _GOES_ALONG.get(owner.name, ())]
        return [(child, self._changes.column_of(child, field)) for child, field in pairs]

    def _ids(self, owner: SObject, where: str, bound: Sequence[object]) -> list[str]:
        sql = f'select distinct "Id" from {quoted(owner.name)} where "Id" is not null and {where} order by 1'
        return [row[0] for row in self._store.fetch(sql, bound)]

    def note_in_bin(self, since: datetime) -> None:
        """Remember that something lies in the bin since then."""
        self._oldest_in_bin = min(self._oldest_in_bin or since, since)

    def undelete(self, owner: SObject, record_id: str, now: datetime) -> None:
        """Take a record out of the bin, with what went along with it."""
        where = '"Id" = ? and _deletion is not null'
        rows = self._store.fetch(f"select _deletion from {quoted(owner.name)} where {where}", [record_id])
        if not rows:
            raise RefusalError("UNDELETE_FAILED", f"{owner.name} {record_id} is not in the recycle bin")
        act = rows[0][0]
        if act <= len(self._roots) and self._roots[act - 1] == record_id:
            for known in self._schema:
                if known.has_is_deleted:
                    self._restore(known, "_deletion = ?", [act], now)
        else:
            self._restore(owner, '"Id" = ?', [record_id], now)

    def _restore(self, owner: SObject, where: str, bound: Sequence[object], now: datetime) -> None:
        ids = self._ids(owner, where, bound)
        if not ids:
            return
        changes = {"IsDeleted": "false", "_deletion": None, "_deleted_at": None} | self._changes.restamped(owner, now)
        if owner.find("MasterRecordId"):
            changes["MasterRecordId"] = None
        self._store.change(owner, where, bound, changes)
        self._log.forget(owner, ids)

    def merge(self, owner: SObject, winner: str, loser: str, now: datetime) -> None:
        """Let one record take the place of another, whose children become its own."""
        if owner.find("MasterRecordId") is None:
            raise RefusalError("INVALID_OPERATION", f"records of {owner.name} cannot be merged")
        self._changes.living_record(owner, winner)
        self._changes.living_record(owner, loser)
        for known in self._schema:
            for reference in known.stored:
                if owner.name in reference.reference_to and reference.name != "MasterRecordId":
                    self._reparent(known, reference.column, winner, loser, now)
        self._roots.append(loser)
        gone = {"IsDeleted": "true", "MasterRecordId": winner, "_deletion": len(self._roots)}
        gone["_deleted_at"] = now.astimezone(UTC).replace(tzinfo=None)
        self._store.change(owner, '"Id" = ?', [loser], gone | self._changes.restamped(owner, now))
        self._store.change(owner, '"Id" = ?', [winner], self._changes.restamped(owner, now))
        self._log.add(owner, [loser], now)
        self.note_in_bin(now)

    def _reparent(self, owner: SObject, column: str, winner: str, loser: str, now: datetime) -> None:
        alive = f" and {_ALIVE}" if owner.has_is_deleted else ""
        changes = {column: winner} | self._changes.restamped(owner, now)
        self._store.change(owner, f"{quoted(column)} = ?{alive}", [loser], changes)

    def purge(self, owner: SObject, record_id: str, now: datetime, *, trace: bool) -> None:
        """Remove a record for good, with what goes along; without a trace not even `/deleted` knows."""
        self._changes.record(owner, record_id)
        self._purge(owner, [record_id], now, trace=trace)

    def _purge(self, owner: SObject, ids: Sequence[str], now: datetime, *, trace: bool) -> None:
        if not ids:
            return
        for child, reference in self._children(owner):
            children = self._ids(child, f"list_contains(?, {quoted(reference)})", [list(ids)])
            self._purge(child, children, now, trace=trace)
        self._remove(owner, ids)
        if trace:
            self._log.add(owner, ids, now)
        else:
            self._log.forget(owner, ids)

    def _remove(self, owner: SObject, ids: Sequence[str]) -> None:
        self._store.remove(owner, 'list_contains(?, "Id")', [list(ids)])

    def empty_bin(self) -> None:
        """Remove for good what lies in the bin."""
        for known in self._schema:
            if known.has_is_deleted:
                self._store.remove(known, "\"IsDeleted\" = 'true'", [])
        self._oldest_in_bin = None

    def let_go(self, now: datetime) -> None:
        """Remove for good what has lain in the bin for 15 days."""
        if self._oldest_in_bin is None or now < self._oldest_in_bin + BIN_DAYS:
            return
        until = (now - BIN_DAYS).astimezone(UTC).replace(tzinfo=None)
        left: list[datetime] = []
        for known in self._schema:
            if known.has_is_deleted:
                self._store.remove(known, "_deleted_at <= ?", [until])
                sql = f"select min(_deleted_at) from {quoted(known.name)}"
                left += [row[0].replace(tzinfo=UTC) for row in self._store.fetch(sql) if row[0] is not None]
        self._oldest_in_bin = min(left, default=None)
