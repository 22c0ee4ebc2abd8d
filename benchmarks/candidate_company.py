"""Figures of many made-up groups for the benchmarks of candidates: three years of lognormal revenue, made by DuckDB.

What belongs here: the figures that the selection is made from. What does not: measuring.
"""

import duckdb

from kam_pipeline.contracts import TableContract
from kam_pipeline.sql_models import sql_models

AS_OF = "2026-07-01"
# Half of the groups' own size is between groups, luck of a year is a third of a size; some have a year without revenue.
_FIGURES = {
    "group_id": "printf('g%07d', i)",
    "group_name": "'Group ' || i",
    "is_key_account": "size > 2.2",
    "revenue_amt": "year_1",
    "prior_amt": "year_2",
    "before_amt": "year_3",
    "revenue_mean_2y_amt": "(year_1 + year_2) / 2",
    "revenue_mean_3y_amt": "(year_1 + year_2 + year_3) / 3",
    "revenue_growth": "case when year_2 > 0 then year_1 / year_2 - 1 end",
    "won_cnt": "3 + i % 20",
    "days_since_won": "i % 900",
    "potential_amt": "case when i % 5 <> 0 then round(exp(11 + 1.2 * normal(i, 91)), 2) end",
    "unknown_won_cnt": "0",
    "unknown_12m_cnt": "0",
    "accounts_cnt": "1",
    "countries_cnt": "1",
}
_MACROS = """
create temp macro uniform(k, s) as (hash(k * 7919 + s) % 1000003 + 0.5) / 1000003.0;
create temp macro normal(k, s) as sqrt(-2 * ln(uniform(k, s))) * cos(2 * pi() * uniform(k, s + 1));
create temp macro year_of(k, s, size, active) as
    case when uniform(k, s) < active then round(exp(10 + size + 0.3 * normal(k, s + 2)), 2) else 0 end;
"""


def fill_company(connection: duckdb.DuckDBPyConnection, groups: int, target: str) -> None:
    """Make `group_metric`, `group_field`, `designation` of so many groups in a schema."""
    connection.execute(_MACROS)
    models = {name: sql_models()[f"marts.{name}"].contract for name in ("group_metric", "group_field", "designation")}
    connection.execute(
        f"create or replace table {target}.group_metric as select {_selected(models['group_metric'], _FIGURES)} from ("
        "select i, size, year_of(i, 20, size, 0.85) as year_1, year_of(i, 30, size, 0.95) as year_2, "
        f"year_of(i, 40, size, 0.95) as year_3 from (select i, normal(i, 11) as size from range({groups}) as t(i)))"
    )
    connection.execute(
        f"create or replace table {target}.group_field as select {_selected(models['group_field'], {})} where false"
    )
    listed = {"group_id": "group_id", "group_name": "group_name", "is_key_account": "true"}
    connection.execute(
        f"create or replace table {target}.designation as select {_selected(models['designation'], listed)} "
        f"from {target}.group_metric where is_key_account"
    )


def _selected(contract: TableContract, figures: dict[str, str]) -> str:
    given = {"as_of_date": f"date '{AS_OF}'", **figures}
    return ", ".join(
        f'({given.get(column.name, "null")})::{column.type} as "{column.name}"' for column in contract.columns
    )
