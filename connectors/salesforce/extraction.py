"""One extraction: every object asked at once, then read one after the other, with all that tells of deletes.

What belongs here: the order of the questions, and what an object's answers come to. What does not: how much is asked
(windows.py), how it is read (choosing.py), what is known of deletes (deletes.py, reconciling.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pyarrow as pa

from connectors.base import CUSTOM, IDS, Checkpoints, ColumnPatch, ObjectExtract
from connectors.salesforce.choosing import Reading, Readings
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.deletes import Deletes, ask_deletes
from connectors.salesforce.describing import OfOneOrganisation, plan_objects
from connectors.salesforce.permissions import sharing_notes
from connectors.salesforce.plan import ObjectPlan, Patience, SelectedColumn
from connectors.salesforce.reconciling import Differences, compare_ids, id_conditions
from connectors.salesforce.windows import Window, decide_window, next_checkpoint, soql_time
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.errors import RequestRefusedError
from kam_pipeline.settings.salesforce import SalesforceSource
from kam_pipeline.settings.source import Mapping

# More records than that were never seen: the object is read anew rather than asked for one by one.
_MOST_UNSEEN = 10_000
# A field or an object may be hidden between its description and its query.
_CHANGED_MEANWHILE = frozenset({"INVALID_FIELD", "INVALID_TYPE", "NOT_FOUND"})
# Some objects are described and yet not shown: nights go on without one that can be left alone.
_NOT_SHOWN = frozenset({
    "API_ERROR", "FEATURE_NOT_ENABLED", "FUNCTIONALITY_NOT_ENABLED", "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY", "INVALID_OPERATION", "MALFORMED_QUERY", "OPERATION_TOO_LARGE",
})  # fmt: skip
_JUST_NOW = timedelta(minutes=2)
# How much older than now the end of a window may be that an interrupted run has asked for.
_RECENT = timedelta(hours=1)


@dataclass(frozen=True)
class _Asked:
    """What has been asked of one object."""

    window: Window
    records: Reading
    deletes: Deletes | None = None
    ids: Reading | None = None
    patch: Reading | None = None


class Extraction:
    """One extraction of an organisation.

    Parameters
    ----------
    client : SalesforceClient
        Who asks.
    settings : SalesforceSource
        Section `source`.
    mapping : Mapping
        Section `mapping`.
    checkpoints : Checkpoints
        What earlier extractions left.
    work_folder : Path
        Where pages are kept until everything has been landed.
    patience : Patience
        How long to wait for Bulk jobs.
    """

    def __init__(
        self,
        client: SalesforceClient,
        settings: SalesforceSource,
        mapping: Mapping,
        checkpoints: Checkpoints,
        work_folder: Path,
        patience: Patience,
    ) -> None:
        self._client = client
        self._settings = settings
        self._mapping = mapping
        self._org_id = client.org_id
        self._checkpoints = OfOneOrganisation(checkpoints, self._org_id)
        self._work_folder = work_folder
        self._now = client.server_time()
        self._readings = Readings(client, settings, work_folder, self._now, patience)

    def extracts(self, objects: Sequence[CrmObject]) -> Iterator[ObjectExtract]:
        """Yield every object that is there, small ones first, so that the jobs of the large ones run meanwhile.

        Raises
        ------
        ConnectorError
            When something cannot be read.
        """
        plans, _ = plan_objects(self._client, objects, self._mapping, self._checkpoints)
        plans = _noted(plans, sharing_notes(self._client, plans))
        if self._checkpoints.reads_all and any(self._checkpoints.of(crm_object.name) for crm_object in objects):
            # what was sent before may lack what somebody has let us see since, and asks for everything anew for that
            self._readings.finish()
        windows = [self._window(plan) for plan in plans]
        self._readings.count([window.plan.sobject for window in windows])
        asked = [item for window in windows for item in self._ask_or_refuse(window)]
        waiting = [item for item in asked if isinstance(item, _Asked)]
        yield from (item for item in asked if isinstance(item, ObjectExtract))
        for item in sorted(waiting, key=lambda item: item.records.is_bulk):
            yield self._extract(item)
        self._readings.finish()

    def _window(self, plan: ObjectPlan) -> Window:
        last = None if self._checkpoints.reads_all else self._checkpoints.of(plan.crm_object.name)
        window = decide_window(plan, self._settings, self._org_id, self._now, last)
        pending = self._readings.pending_question(plan.crm_object.name)
        # a run that was interrupted just now has asked the same up to an earlier moment; its answer is on its way
        return window.ending_as(pending.soql, self._now - _RECENT) if pending else window

    # --- asking ------------------------------------------------------------------------------------------------------

    def _ask_or_refuse(self, window: Window) -> Iterator[_Asked | ObjectExtract]:
        """Yield what has been asked; of an object that is refused and not needed, an extract that says why."""
        try:
            yield self._ask(window)
            return
        except RequestRefusedError as error:
            if error.code in _NOT_SHOWN and window.plan.crm_object.can_be_left_alone:
                yield _refused(window.plan, error)
                return
            if error.code not in _CHANGED_MEANWHILE:
                raise
        plans, _ = plan_objects(self._client, [window.plan.crm_object], self._mapping, self._checkpoints)
        for plan in plans:
            try:
                yield self._ask(self._window(plan))
            except RequestRefusedError as error:
                if plan.crm_object.is_required or error.code not in _CHANGED_MEANWHILE:
                    raise
                yield _refused(plan, error)

    def _ask(self, window: Window) -> _Asked:
        plan = window.plan
        deletes = self._deletes(window)
        # where the log of deletes does not reach back far enough, only all ids tell
        is_lost = window.deleted_since is not None and deletes is not None and not deletes.is_whole
        records = self._readings.prepare(plan, window.where, horizon=deletes.horizon if deletes else None)
        ids = patch = None
        if window.reconciles or is_lost:
            # what is created now is in the window; what is changed now must be among the ids all the same
            where = (
                f"{plan.cursor} < {soql_time(window.since)}" if window.since and plan.cursor == "CreatedDate" else ""
            )
            ids = self._readings.prepare(plan, where, columns=_key_columns(plan), patched=(), suffix="ids")
        if window.patched:
            columns = (*_key_columns(plan), *window.patched)
            patch = self._readings.prepare(plan, columns=columns, patched=_fields(window.patched), suffix="columns")
        return _Asked(window, records, deletes, ids, patch)

    def _deletes(self, window: Window) -> Deletes | None:
        """Return what was deleted since the last extraction; of a full reading only how far all is committed."""
        if not window.plan.is_replicateable:
            return None
        return ask_deletes(self._client, window.plan.sobject, window.deleted_since or self._now - _JUST_NOW, self._now)

    # --- reading -----------------------------------------------------------------------------------------------------

    def _extract(self, asked: _Asked) -> ObjectExtract:
        window = asked.window
        differences = self._differences(asked)
        if len(differences.unseen) > _MOST_UNSEEN:
            whole = replace(window, since=None, deleted_since=None, reconciles=False, patched=())
            records = self._readings.prepare(window.plan, suffix="all", horizon=asked.records.horizon)
            return self._extract(_Asked(whole, records, asked.deletes))
        unseen = [
            self._readings.prepare(window.plan, condition, suffix=f"unseen-{number}")
            for number, condition in enumerate(id_conditions(differences.unseen))
        ]
        readings = [asked.records, *unseen]
        counts = [reading.announced_cnt() for reading in readings]
        gone = [*differences.gone, *(asked.deletes.ids if asked.deletes and not window.is_full else ())]
        return ObjectExtract(
            availability=window.plan.availability,
            batches=chain.from_iterable(reading.batches() for reading in readings),
            is_complete=window.is_full,
            announced_cnt=None if None in counts else sum(count for count in counts if count is not None),
            gone=_id_batches(gone),
            patch=ColumnPatch(_fields(window.patched), asked.patch.batches()) if asked.patch else None,
            checkpoint=self._checkpoint(asked),
        )

    def _differences(self, asked: _Asked) -> Differences:
        if asked.ids is None or asked.window.since is None:
            return Differences((), ())
        known = self._checkpoints.known(asked.window.plan.crm_object.name)
        return compare_ids(asked.ids.batches(), known, asked.window.since, self._work_folder)

    def _checkpoint(self, asked: _Asked) -> dict[str, object]:
        # the answer to an interrupted extraction's question is as old as the question
        began = min(self._now, asked.records.submitted_at)
        until = min(asked.window.until, began - timedelta(seconds=self._settings.lag_seconds))
        window, horizon = replace(asked.window, until=until), asked.records.horizon
        return next_checkpoint(window, self._org_id, began, horizon, reconciled=asked.ids is not None)


def _key_columns(plan: ObjectPlan) -> tuple[SelectedColumn, ...]:
    """Return the columns that tell a record and its version."""
    names = ("Id", "SystemModstamp")
    return tuple(column for column in plan.columns if column.field is not None and column.field.name in names)


def _fields(columns: Sequence[SelectedColumn]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column.field.name if column.field else CUSTOM for column in columns))


def _noted(plans: Sequence[ObjectPlan], notes: dict[str, str]) -> list[ObjectPlan]:
    """Return plans whose availability says what is hidden of their records."""
    return [
        replace(plan, availability=replace(plan.availability, notes=(*plan.availability.notes, note)))
        if (note := notes.get(plan.crm_object.name))
        else plan
        for plan in plans
    ]


def _id_batches(ids: Sequence[str]) -> Iterator[pa.RecordBatch]:
    if ids:
        yield pa.RecordBatch.from_arrays([pa.array(ids, pa.string())], schema=IDS)


def _refused(plan: ObjectPlan, error: RequestRefusedError) -> ObjectExtract:
    """Return what is left of an object that is refused: why, beside its last known records."""
    return ObjectExtract(plan.availability, _failing(error), is_complete=False, is_optional=True)


def _failing(error: RequestRefusedError) -> Iterator[pa.RecordBatch]:
    """Raise why an object cannot be read where its records would begin."""
    raise error
    yield
