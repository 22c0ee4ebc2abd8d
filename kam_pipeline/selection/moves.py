"""What moved between two lists: groups whose decision or band is another, and the criterion that moved them most.

What belongs here: comparing two lists, each a schema with the tables of the selection. What does not: which lists are
compared (changes.py), the sentences (sql/marts/candidate_change.sql).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.sql_models import sql_models
from kam_pipeline.warehouse import CATALOG, Warehouse, literal

CANDIDATE_STEP = parse_contract(
    "marts",
    """
candidate_step
    What moved between two lists: every group whose decision or band is another, with both sides and the criterion that
    moved it most.

grain  : one row per as_of_date, cause and group whose decision or band is another after the step
key    : as_of_date, cause, group_id
inputs : published.snapshot, published.criteria, published.key_account_candidate, published.candidate_criterion,
         marts.key_account_candidate, marts.candidate_criterion, marts.candidate_note, marts.criterion,
         marts.group_metric, marts.group_field, marts.designation, marts.designation_source, marts.designated_group,
         core.decision, core.account_group, core.organisation, settings.criteria
rules  :
  cause in data, criteria, not_split
columns:
  as_of_date           DATE     snapshot date
  cause                VARCHAR  data, criteria; not_split where the criteria of then cannot be read any more
  group_id             VARCHAR  group
  group_name           VARCHAR  its name after the step, before it where it is gone
  previous_as_of_date  DATE     date of the list before; as_of_date itself where only the criteria are others
  from_decision        VARCHAR  before; null where it was not in the ranking; of an earlier list that is kept only in
                                part, none
  to_decision          VARCHAR  after; null where it is not in the ranking
  from_band            VARCHAR  before; null likewise, or outside
  to_band              VARCHAR  after; null likewise
  from_rank            BIGINT   before; null where nobody knows
  to_rank              BIGINT   after
  from_score           DOUBLE   before
  to_score             DOUBLE   after
  from_is_key          BOOLEAN  designated before
  to_is_key            BOOLEAN  designated after
  from_override        VARCHAR  include or exclude, by a decision that held before
  to_override          VARCHAR  the same after
  from_is_eligible     BOOLEAN  could be chosen before
  to_is_eligible       BOOLEAN  can be chosen after
  from_list_cnt        BIGINT   groups on the list before
  to_list_cnt          BIGINT   groups on the list after
  note                 VARCHAR  what besides the score decides after the step; null where nothing does
  note_da              VARCHAR  the same in Danish
  criterion            VARCHAR  the one whose contribution moved most in the direction of the rank; null where its own
                                score did not move that way
  label                VARCHAR  what people call it
  label_da             VARCHAR  the same in Danish
  from_contribution    DOUBLE   what it contributed before; 0 where it was not a criterion
  to_contribution      DOUBLE   what it contributes after
  from_weight          DOUBLE   its share of the score before
  to_weight            DOUBLE   its share after
  from_raw_value       DOUBLE   its figure before
  to_raw_value         DOUBLE   its figure after
""",
    __name__,
)

_LEAST_MOVE = 0.0005  # of a contribution: what two decimals could show

# Absent from a list that is kept whole is not ranked; from one that is kept in part, outside of the bands.
_STEP = """
with earlier as (
    select * from ({ranking_before}) where as_of_date = $before
),
later as (
    select * from {after}.key_account_candidate where as_of_date = $day
),
whole as (
    select $is_whole::boolean or count(*) > 0 as is_whole from earlier where band = 'outside' and decision = 'none'
),
moved as (
    select
        coalesce(later.group_id, earlier.group_id) as group_id,
        coalesce(later.group_name, earlier.group_name) as group_name,
        coalesce(earlier.decision, if(is_whole, null, 'none')) as from_decision,
        later.decision as to_decision,
        coalesce(earlier.band, if(is_whole, null, 'outside')) as from_band,
        later.band as to_band,
        earlier.rank as from_rank, later.rank as to_rank, earlier.score as from_score, later.score as to_score,
        coalesce(earlier.is_key_account, false) as from_is_key, coalesce(later.is_key_account, false) as to_is_key,
        earlier.override as from_override, later.override as to_override,
        earlier.is_eligible as from_is_eligible, later.is_eligible as to_is_eligible,
        (select count(*) from earlier where is_in_list) as from_list_cnt,
        (select count(*) from later where is_in_list) as to_list_cnt,
        sign(earlier.rank - later.rank) as direction
    from earlier
    full join later on earlier.group_id = later.group_id
    cross join whole
    where
        coalesce(earlier.decision, 'none') <> coalesce(later.decision, 'none')
        or coalesce(earlier.band, 'outside') <> coalesce(later.band, 'outside')
),
given as (
    select true as is_before, group_id, criterion, contribution, weight, raw_value
    from ({criteria_before}) where as_of_date = $before
    union all
    select false, group_id, criterion, contribution, weight, raw_value
    from {after}.candidate_criterion where as_of_date = $day
),
part as (
    select
        group_id, criterion,
        coalesce(max(contribution) filter (where is_before), 0) as from_contribution,
        coalesce(max(contribution) filter (where not is_before), 0) as to_contribution,
        coalesce(max(weight) filter (where is_before), 0) as from_weight,
        coalesce(max(weight) filter (where not is_before), 0) as to_weight,
        max(raw_value) filter (where is_before) as from_raw_value,
        max(raw_value) filter (where not is_before) as to_raw_value
    from given semi join moved on given.group_id = moved.group_id
    group by group_id, criterion
),
strongest as (
    select part.*
    from part inner join moved on part.group_id = moved.group_id
    where
        moved.direction * (moved.to_score - moved.from_score) > 0
        and moved.direction * (part.to_contribution - part.from_contribution) >= {least_move}
    qualify row_number() over (
        partition by part.group_id order by abs(part.to_contribution - part.from_contribution) desc, part.criterion
    ) = 1
),
named as (
    select criterion, label, label_da from ({labels})
    qualify row_number() over (partition by criterion order by place) = 1
)
select
    $day::date as as_of_date, {cause} as cause, moved.* exclude (direction),
    $previous::date as previous_as_of_date, note.note, note.note_da, strongest.* exclude (group_id),
    coalesce(named.label, strongest.criterion) as label, coalesce(named.label_da, strongest.criterion) as label_da
from moved
left join strongest on moved.group_id = strongest.group_id
left join named on strongest.criterion = named.criterion
left join {after}.candidate_note as note on moved.group_id = note.group_id and note.as_of_date = $day
order by moved.group_id
"""


@dataclass(frozen=True)
class RankedList:
    """A list.

    Attributes
    ----------
    schema : str
        Where its tables are, ready for a query.
    as_of_date : date
        Its date.
    is_kept : bool
        It is one that readers have: perhaps made by an earlier version of ours, perhaps kept in part.
    """

    schema: str
    as_of_date: date
    is_kept: bool = False


def moved_groups(
    warehouse: Warehouse,
    cause: str,
    previous: date,
    before: RankedList,
    after: RankedList,
    others: Sequence[RankedList],
) -> pd.DataFrame:
    """Return what moved between two lists as rows of `CANDIDATE_STEP`.

    Parameters
    ----------
    warehouse : Warehouse
        Sees both lists.
    cause : str
        What the step changes.
    previous : date
        The date of the list that all steps begin with.
    before, after : RankedList
        The lists; their tables of other dates play no part.
    others : Sequence[RankedList]
        Where labels of criteria are that the list after does not have.

    Returns
    -------
    pd.DataFrame
        One row per group whose decision or band is another.
    """
    labels = [
        f"select criterion, label, label_da, {place} as place from {item.schema}.criterion where as_of_date = $day"
        for place, item in enumerate((after, *others))
    ]
    query = _STEP.format(
        ranking_before=_rows_of(warehouse, before, "key_account_candidate"),
        criteria_before=_rows_of(warehouse, before, "candidate_criterion"),
        after=after.schema,
        cause=literal(cause),
        least_move=_LEAST_MOVE,
        labels=" union all ".join(labels),
    )
    bound = {
        "before": before.as_of_date,
        "day": after.as_of_date,
        "previous": previous,
        "is_whole": not before.is_kept,
    }
    return warehouse.connection.execute(query, bound).df()


def _rows_of(warehouse: Warehouse, listed: RankedList, name: str) -> str:
    """Return the query for a table of a list; what an earlier version of ours kept may lack it, or columns of it."""
    if not listed.is_kept:
        return f"select * from {listed.schema}.{name}"
    there = kept_columns(warehouse, name)
    columns = ", ".join(
        f"{item.name if item.name in there else 'null'}::{item.type} as {item.name}"
        for item in sql_models()[f"marts.{name}"].contract.columns
    )
    return f"select {columns} {f'from {listed.schema}.{name}' if there else 'where false'}"


def kept_columns(warehouse: Warehouse, name: str) -> set[str]:
    """Return the columns of a table of the published set, none where it is not there."""
    found = warehouse.rows(
        "select column_name from duckdb_columns() where database_name = $c and schema_name = 'published' "
        "and table_name = $t",
        {"c": CATALOG, "t": name},
    )
    return {column for (column,) in found}
