"""What users do: make, change, delete, restore and merge single records.

What belongs here: the acts, with when others see them. What does not: how rows change (changes.py, deletions.py).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.state import OrgState, Transaction
from connectors.salesforce_emulator.store import Values


class Users(OrgState):
    """The acts of users; stamps are the organisation's clock in whole seconds."""

    def insert(self, sobject: str, values: Values, *, visible_after: timedelta | None = None) -> str:
        """Save a new record and return its id; `visible_after` lets others see it that much later than its stamp."""
        with self._settled() as now:
            owner = self._schema.find(sobject)
            record_id = self._changes.new_id(owner)
            self._commit(record_id, now, visible_after, lambda: self._changes.insert(owner, record_id, values, now))
            return record_id

    def update(self, sobject: str, record_id: str, values: Values, *, visible_after: timedelta | None = None) -> None:
        """Save changes of a record; `visible_after` lets others see them that much later than their stamp.

        Raises
        ------
        RefusalError
            When there is no such record or field, or another transaction holds the record.
        """
        with self._settled() as now:
            owner = self._schema.find(sobject)
            self._refuse_locked(record_id)
            self._changes.living_record(owner, record_id)
            self._commit(record_id, now, visible_after, lambda: self._changes.update(owner, record_id, values, now))

    def _commit(
        self, record_id: str, now: datetime, visible_after: timedelta | None, apply: Callable[[], None]
    ) -> None:
        if visible_after:
            self._pending.append(Transaction(now + visible_after, now, record_id, apply))
        else:
            apply()

    def _refuse_locked(self, *record_ids: str) -> None:
        for one in self._pending:
            if one.record_id in record_ids:
                message = f"unable to obtain exclusive access to record {one.record_id}: a transaction holds it"
                raise RefusalError("UNABLE_TO_LOCK_ROW", message)

    def delete(self, sobject: str, record_id: str) -> None:
        """Delete a record, with what goes along with it; most go to the recycle bin."""
        with self._settled() as now:
            self._refuse_locked(record_id)
            self._deletions.delete(self._schema.find(sobject), record_id, now)

    def undelete(self, sobject: str, record_id: str) -> None:
        """Take a record out of the recycle bin, with what went along with it."""
        with self._settled() as now:
            self._deletions.undelete(self._schema.find(sobject), record_id, now)

    def merge(self, sobject: str, winner: str, loser: str) -> None:
        """Let one record take the place of another, whose children become its own."""
        with self._settled() as now:
            self._refuse_locked(winner, loser)
            self._deletions.merge(self._schema.find(sobject), winner, loser, now)
