"""Retention: which past snapshots are kept, and how much of them.

Every snapshot of the last days is kept whole. Of what is older, the last snapshot of each month stays, and of its
ranking the groups that somebody may ask for: designated, on the list or near it. Of tables that are as large as the
customer base only the newest snapshot stays. What belongs here: removing. What does not: the days, which are a setting
(publish.keep_days), and which tables these are (their headers).
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from kam_pipeline.built import forget_built
from kam_pipeline.contracts import TableContract
from kam_pipeline.warehouse import CATALOG, Warehouse, quoted

_SCHEMAS = ("published", "marts", "bookkeeping")
_RANKING = "key_account_candidate"
_RANKED = "candidate_criterion"


def keep_newest(warehouse: Warehouse, contracts: Iterable[TableContract], newest: date) -> None:
    """Remove every date but the newest from tables that hold a row for each customer, inside a caller's transaction.

    Parameters
    ----------
    warehouse : Warehouse
        With the published set.
    contracts : Iterable[TableContract]
        The tables, whether readers get them or not.
    newest : date
        The date that stays.
    """
    for contract in contracts:
        for schema in (contract.layer, "published"):
            if warehouse.has_table(f"{schema}.{contract.name}"):
                query = f"delete from {_table(schema, contract.name)} where as_of_date <> $day"
                warehouse.connection.execute(query, {"day": newest})
        forget_built(warehouse, contract.full_name, newest)


def leaving(days: Collection[date], newest: date, keep_days: int) -> list[date]:
    """Return which snapshots need not be kept.

    Parameters
    ----------
    days : Collection[date]
        The dates of all snapshots.
    newest : date
        The newest of them, from which days are counted.
    keep_days : int
        Days for which every snapshot stays whole.

    Returns
    -------
    list[date]
        Oldest first: those that are older and not the last of their month.
    """
    last = {_month(day): day for day in sorted(days)}
    oldest = newest - timedelta(keep_days)
    return [day for day in sorted(days) if day < oldest and day < last[_month(day)]]


def _month(day: date) -> tuple[int, int]:
    """Return the month that a snapshot shows: that of 1 July shows June."""
    shown = day - timedelta(1)
    return shown.year, shown.month


def retire(warehouse: Warehouse, newest: date, keep_days: int) -> list[date]:
    """Remove past snapshots that need not be kept, inside a transaction that the caller has begun.

    Parameters
    ----------
    warehouse : Warehouse
        With the published set.
    newest : date
        The newest snapshot, from which days are counted; it is never touched.
    keep_days : int
        Days for which every snapshot stays whole.

    Returns
    -------
    list[date]
        The dates removed, oldest first.
    """
    days = [day for (day,) in warehouse.rows(f"select as_of_date from {CATALOG}.published.snapshot")]
    gone = leaving(days, newest, keep_days)
    for schema in _SCHEMAS:
        dated = _dated_tables(warehouse, schema)
        for day in gone:
            for table in dated:
                warehouse.connection.execute(f"delete from {table} where as_of_date = $day", {"day": day})
        if {_table(schema, name) for name in (_RANKING, _RANKED)} <= set(dated):
            _thin_rankings(warehouse, schema, newest, keep_days)
    return gone


def _dated_tables(warehouse: Warehouse, schema: str) -> list[str]:
    rows = warehouse.rows(
        "select table_name from duckdb_tables() join duckdb_columns() using (database_name, schema_name, table_name) "
        "where database_name = $catalog and schema_name = $schema and column_name = 'as_of_date' order by table_name",
        {"catalog": CATALOG, "schema": schema},
    )
    return [_table(schema, name) for (name,) in rows]


def _thin_rankings(warehouse: Warehouse, schema: str, newest: date, keep_days: int) -> None:
    """Leave of older rankings the groups that are designated, on the list or near it."""
    bounds = {"newest": newest, "days": keep_days}
    older = "as_of_date < $newest::date - $days::integer"
    ranking, ranked = _table(schema, _RANKING), _table(schema, _RANKED)
    execute = warehouse.connection.execute
    execute(
        f"delete from {ranking} where {older} and band = 'outside' and decision = 'none' "
        "and not coalesce(is_key_account, false) and not is_in_list",
        bounds,
    )
    execute(
        f"delete from {ranked} as criterion where {older} and not exists (select 1 from {ranking} as ranking "
        "where ranking.as_of_date = criterion.as_of_date and ranking.group_id = criterion.group_id)",
        bounds,
    )


def _table(schema: str, name: str) -> str:
    return f"{CATALOG}.{schema}.{quoted(name)}"
