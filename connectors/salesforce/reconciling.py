"""Holding all ids of an object against those that are known: what is gone without a trace, what was never seen.

What belongs here: the comparison, and the queries for records that are missing. What does not: reading ids (bulk.py,
rest.py), when it is due (windows.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

_SEEN_AND_KNOWN = pa.schema([pa.field("Id", pa.string()), pa.field("SystemModstamp", pa.timestamp("us"))])
# A condition has at most 4,000 characters, an id with its quotes and comma 22.
_IDS_PER_QUERY = 150


@dataclass(frozen=True)
class Differences:
    """What the organisation has and what is known of it.

    Attributes
    ----------
    gone : tuple[str, ...]
        Known ids that are no longer there.
    unseen : tuple[str, ...]
        Ids that are there and not known, or known with an earlier stamp, and that no window will bring any more.
    """

    gone: tuple[str, ...]
    unseen: tuple[str, ...]


def compare_ids(
    seen: Iterator[pa.RecordBatch], known: Iterator[pa.RecordBatch], since: datetime, work_folder: Path
) -> Differences:
    """Return how the ids of the organisation differ from the known ones.

    Parameters
    ----------
    seen : Iterator[pa.RecordBatch]
        `Id` and `SystemModstamp` of every record of the organisation, those in the recycle bin included; of history,
        which has no such stamp, `Id` alone.
    known : Iterator[pa.RecordBatch]
        The same of every record that is not known to be gone.
    since : datetime
        From this stamp on the window of this extraction, or the next one, brings what is new; UTC with zone.
    work_folder : Path
        Where millions of ids go that memory does not hold.

    Returns
    -------
    Differences
        Both lists, in the order of the ids.
    """
    work_folder.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "300MB",
        "threads": 2,
        "temp_directory": str(work_folder),
    }
    with duckdb.connect(":memory:", config=config) as connection:
        for name, batches in (("seen", seen), ("known", known)):
            connection.execute(f"create table {name} (Id varchar, SystemModstamp timestamp)")
            _fill(connection, name, batches)
        gone = connection.execute("select Id from known anti join seen using (Id) order by Id").fetchall()
        unseen = connection.execute(
            "select distinct seen.Id from seen left join known on seen.Id = known.Id "
            "where (known.Id is null or seen.SystemModstamp is distinct from known.SystemModstamp) "
            "and seen.Id is not null and coalesce(seen.SystemModstamp < $since, known.Id is null) order by seen.Id",
            {"since": since.astimezone(UTC).replace(tzinfo=None)},
        ).fetchall()
    return Differences(tuple(row[0] for row in gone), tuple(row[0] for row in unseen))


def id_conditions(ids: Sequence[str]) -> Iterator[str]:
    """Yield SOQL conditions that together name all ids, each short enough for one request."""
    for start in range(0, len(ids), _IDS_PER_QUERY):
        listed = ", ".join(f"'{record_id}'" for record_id in ids[start : start + _IDS_PER_QUERY])
        yield f"Id IN ({listed})"


def _fill(connection: duckdb.DuckDBPyConnection, name: str, batches: Iterator[pa.RecordBatch]) -> None:
    for batch in batches:
        stamps = batch["SystemModstamp"] if "SystemModstamp" in batch.schema.names else pa.nulls(batch.num_rows)
        columns = pa.table({"Id": batch["Id"], "SystemModstamp": stamps}).cast(_SEEN_AND_KNOWN)
        connection.register("arriving", columns)
        connection.execute(f"insert into {name} select Id, SystemModstamp from arriving")
        connection.unregister("arriving")
