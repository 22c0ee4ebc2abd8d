"""What other criteria would make of the published list: who enters, leaves and moves, what is covered, how firm it is.

What belongs here: evaluating other criteria over the published figures, holding the two lists against each other. What
does not: the evaluation itself (chain.py), the shapes (differences.py), how it is shown (presentation_whatif.py). The
published file is all that is read, so that a night may go on meanwhile, and nothing is written. Decisions that override
the score stay as published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from kam_pipeline.selection.chain import Selection, other_selection
from kam_pipeline.selection.differences import Alternative, Compared, ListFigures, Pair, Side, WhatIf
from kam_pipeline.selection.published_figures import PUBLISHED, newest_published, open_figures, published_criteria
from kam_pipeline.settings.configuration import content_version
from kam_pipeline.settings.criteria_file import NamedCriteria
from kam_pipeline.warehouse import literal

_MADE_BY_A_RUN = ("overrides", "potential")
_Listed = dict[str, tuple[str, int]]


def what_if(path: Path, named: Sequence[NamedCriteria], min_groups: int) -> WhatIf:
    """Hold other criteria against the published list of the newest date.

    Parameters
    ----------
    path : Path
        The published file.
    named : Sequence[NamedCriteria]
        The other criteria.
    min_groups : int
        Fewer groups with revenue than this make a list that cannot be defended.

    Returns
    -------
    WhatIf
        What each of them would change.

    Raises
    ------
    WhatIfError
        When nothing is published, it cannot be read, or an earlier version published it.
    """
    with open_figures(path) as connection:
        day, version, currency = newest_published(connection, path)
        inputs = {
            "marts.group_metric": f"select * from {PUBLISHED}.group_metric",
            "marts.group_field": f"select * from {PUBLISHED}.group_field",
            "marts.designation": f"select * from {PUBLISHED}.designation",
            "core.organisation": f"select {literal(currency)} as reporting_currency",
        }
        published = published_criteria(connection, version)
        lists = [_listed(connection, f"{PUBLISHED}.key_account_candidate", day)]
        before = _figures(connection, f"{PUBLISHED}.candidate_list", day)
        found = []
        for one in named:
            with other_selection(connection, Selection(one.criteria, day, min_groups), inputs):
                now = _figures(connection, "marts.candidate_list", day)
                lists.append(_listed(connection, "marts.key_account_candidate", day))
                compared = _compared(connection, day)
                found.append(_alternative(one, now, compared, lists[0], lists[-1], published))
        overrides = _rows(connection, f"select count(*) as cnt from {PUBLISHED}.designation "
                          "where as_of_date = $day and override_status = 'applied'", day)  # fmt: skip
    return WhatIf(
        path=path,
        as_of_date=day,
        criteria_version=version,
        reporting_currency=currency,
        overrides_cnt=overrides[0]["cnt"],
        before=before,
        alternatives=tuple(found),
        sides=_sides(lists),
        pairs=_pairs(lists[1:]),
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str, day: date) -> list[dict[str, Any]]:
    result = connection.execute(query, {"day": day})
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _figures(connection: duckdb.DuckDBPyConnection, table: str, day: date) -> ListFigures:
    columns = ", ".join(field.name for field in fields(ListFigures))
    return ListFigures(**_rows(connection, f"select {columns} from {table} where as_of_date = $day", day)[0])


def _listed(connection: duckdb.DuckDBPyConnection, table: str, day: date) -> _Listed:
    query = f"select group_id, group_name, rank from {table} where as_of_date = $day and is_in_list order by rank"
    return {row["group_id"]: (row["group_name"], row["rank"]) for row in _rows(connection, query, day)}


def _compared(connection: duckdb.DuckDBPyConnection, day: date) -> list[Compared]:
    """Return every group that is on either list or whose decision differs, by its rank now."""
    connection.execute(
        "create table compared as "
        "select coalesce(later.group_id, former.group_id) as group_id, former.rank as rank_before, "
        "later.rank as rank_now, coalesce(former.is_in_list, false) as was_listed, "
        "coalesce(later.is_in_list, false) as is_listed, former.decision as decision_before, "
        "decided.decision as decision_now "
        f"from (from {PUBLISHED}.key_account_candidate where as_of_date = $day) as former "
        "full join marts.candidate_rank as later on former.group_id = later.group_id "
        "left join marts.candidate_decision as decided on later.group_id = decided.group_id "
        "where former.is_in_list or later.is_in_list or former.decision is distinct from decided.decision",
        {"day": day},
    )
    named = connection.execute("select group_id from compared").fetchall()
    # written out: a filter of constants goes down into the view, so that only these sentences are made
    wanted = ", ".join(literal(group_id) for (group_id,) in named) or "null"
    rows = _rows(
        connection,
        "select compared.*, metric.group_name, metric.revenue_amt, said.reason, said.reason_da "
        "from compared inner join marts.group_metric as metric "
        "on compared.group_id = metric.group_id and metric.as_of_date = $day "
        f"left join (select * from marts.candidate_reason where group_id in ({wanted})) as said "
        "on compared.group_id = said.group_id order by compared.rank_now nulls last, compared.group_id",
        day,
    )
    return [Compared(**row) for row in rows]


def _alternative(
    named: NamedCriteria,
    figures: ListFigures,
    groups: list[Compared],
    before: _Listed,
    now: _Listed,
    published: Mapping[str, object],
) -> Alternative:
    criteria = named.criteria.model_dump(mode="json")
    leaving = [group for group in groups if group.was_listed and not group.is_listed]
    moved = [group for group in groups if group.was_listed and group.is_listed and group.step]
    kept = len(before.keys() & now.keys())
    return Alternative(
        name=named.name,
        criteria_version=content_version(named.criteria.model_dump()),
        figures=figures,
        entering=tuple(group for group in groups if group.is_listed and not group.was_listed),
        leaving=tuple(sorted(leaving, key=lambda group: group.rank_before or 0)),
        moved=tuple(sorted(moved, key=lambda group: (-abs(group.step), group.rank_now))),
        decisions=tuple(group for group in groups if group.decision_before != group.decision_now),
        kept_cnt=kept,
        kept_share=kept / len(before) if before else None,
        jaccard=_jaccard(before, now),
        needs_a_run=tuple(part for part in _MADE_BY_A_RUN if part in published and criteria[part] != published[part]),
    )


def _jaccard(one: _Listed, other: _Listed) -> float | None:
    either = one.keys() | other.keys()
    return len(one.keys() & other.keys()) / len(either) if either else None


def _sides(lists: Sequence[_Listed]) -> tuple[Side, ...]:
    names = {group_id: name for listed in reversed(lists) for group_id, (name, _) in listed.items()}
    order = dict.fromkeys(group_id for listed in lists for group_id in listed)
    return tuple(
        Side(group_id, names[group_id], tuple(listed[group_id][1] if group_id in listed else None for listed in lists))
        for group_id in order
    )


def _pairs(lists: Sequence[_Listed]) -> tuple[Pair, ...]:
    return tuple(
        Pair(one, other, len(lists[one].keys() & lists[other].keys()), _jaccard(lists[one], lists[other]))
        for one, other in combinations(range(len(lists)), 2)
    )
