"""What became of the list since the last snapshot, step by step: first the data, then the criteria.

What belongs here: which lists are compared. What does not: comparing two (moves.py), the sentences
(sql/marts/candidate_change.sql). The steps: the list as published then; the data of now under the criteria of then; the
list of now. Our own earlier output for the same date is never compared with.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd
from pydantic import ValidationError

from kam_pipeline.selection.chain import INPUTS, SCRATCH, Selection, other_selection
from kam_pipeline.selection.moves import CANDIDATE_STEP, RankedList, kept_columns, moved_groups
from kam_pipeline.selection.parameters import criteria_parameters
from kam_pipeline.settings import Settings
from kam_pipeline.settings.configuration import content_version
from kam_pipeline.settings.criteria import Criteria, Stability
from kam_pipeline.sql_models import sql_models
from kam_pipeline.warehouse import CATALOG, Warehouse, quoted


@dataclass(frozen=True)
class _Earlier:
    """What the list is compared with: date, version and text of its criteria (None where not kept), and its rows."""

    as_of_date: date
    version: str
    text: str | None
    has_rows: bool


def step_frame(warehouse: Warehouse, settings: Settings, as_of_date: date) -> pd.DataFrame:
    """Return the rows of `CANDIDATE_STEP`.

    Parameters
    ----------
    warehouse : Warehouse
        Sees the tables of marts of the date, and in the schema published what readers have got so far.
    settings : Settings
        The settings of now, of which the criteria count.
    as_of_date : date
        The date.

    Returns
    -------
    pd.DataFrame
        Empty where nothing moved, or there is nothing to compare with: no earlier date and no earlier criteria.

    Notes
    -----
    Compared with the newest kept snapshot before the date. Without one, an edit of the criteria alone can be told: the
    version that became known last before that of now is then the earlier one.
    """
    steps = [frame for frame in _steps(warehouse, settings.criteria, as_of_date) if len(frame)]
    names = [column.name for column in CANDIDATE_STEP.columns]
    return pd.concat(steps)[names] if steps else pd.DataFrame(columns=names)


def _steps(warehouse: Warehouse, criteria: Criteria, day: date) -> Iterator[pd.DataFrame]:
    earlier = _earlier(warehouse, criteria, day)
    if earlier is None:
        return
    seen = quoted(warehouse.value("select current_catalog()"))
    then = RankedList(f"{CATALOG}.published", earlier.as_of_date, is_kept=True)
    now = RankedList(f"{seen}.marts", day)
    known = criteria if earlier.version == _version(criteria) else _criteria_of(earlier.text)
    if known is None or known.model_dump() == criteria.model_dump():
        if earlier.has_rows:
            cause = "not_split" if known is None else "data"
            yield moved_groups(warehouse, cause, earlier.as_of_date, then, now, [])
        return
    # how firm a rank is plays no part in what is compared
    selection = Selection(known.model_copy(update={"stability": Stability(draws=0)}), day, min_groups=0)
    inputs = {name: f"select * from {seen}.{name}" for name in INPUTS}
    inputs["marts.designation"] = _designation(warehouse, selection)
    with other_selection(warehouse.connection, selection, inputs):
        between = RankedList(f"{SCRATCH}.marts", day)
        if earlier.has_rows:
            yield moved_groups(warehouse, "data", earlier.as_of_date, then, between, [])
        yield moved_groups(warehouse, "criteria", earlier.as_of_date, between, now, [between])


def _designation(warehouse: Warehouse, selection: Selection) -> str:
    """Return the query for the designations as other criteria bound them: these say how many overrides may hold."""
    model = sql_models()["marts.designation"]
    bound = {**criteria_parameters(selection.criteria), "as_of_date": selection.as_of_date}
    params = {name: bound[name] for name in model.contract.params}
    warehouse.connection.execute(f"create or replace temp table designation_of_then as {model.query}", params)
    return "select * from temp.designation_of_then"


def _earlier(warehouse: Warehouse, criteria: Criteria, day: date) -> _Earlier | None:
    """Return what to compare with, None where there is nothing."""
    if not warehouse.has_table("published.criteria"):
        return None
    if warehouse.has_table("published.snapshot"):
        rows = warehouse.rows(
            "select as_of_date, criteria_version, (select text from warehouse.published.criteria as known "
            "where known.criteria_version = snapshot.criteria_version) "
            "from warehouse.published.snapshot as snapshot where as_of_date < $day order by as_of_date desc limit 1",
            {"day": day},
        )
        if rows and warehouse.has_table("published.key_account_candidate"):
            ((before, version, text),) = rows
            return _Earlier(before, version, text, has_rows=True)
    others = warehouse.rows(
        f"select criteria_version, text from ({_versions(warehouse)}) "
        "where criteria_version <> $version and valid_from <= $day "
        "order by version_no desc nulls last, valid_from desc, criteria_version desc limit 1",
        {"version": _version(criteria), "day": day},
    )
    return _Earlier(day, others[0][0], others[0][1], has_rows=False) if others else None


def _version(criteria: Criteria) -> str:
    return content_version(criteria.model_dump())


def _versions(warehouse: Warehouse) -> str:
    """Return the query for the versions that readers have; what an earlier version of ours kept has no number."""
    has_number = "version_no" in kept_columns(warehouse, "criteria")
    number = "version_no" if has_number else "null::bigint as version_no"
    return f"select criteria_version, text, valid_from, {number} from {CATALOG}.published.criteria"


def _criteria_of(text: str | None) -> Criteria | None:
    """Return kept criteria, None where they were written for a version of ours that asked for something else."""
    if text is None:
        return None
    try:
        return Criteria.model_validate_json(text)
    except ValidationError:
        return None
