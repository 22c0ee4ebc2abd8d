"""The benchmark of potential: a million groups, from their figures to what similar customers buy.

    .venv/bin/python benchmarks/potential.py [--groups 1000000] [--folder DIR]

Makes marts.potential_input in SQL, two in three groups with revenue that turnover and industry explain, then builds
potential_model, potential_estimate and group_potential as a run does, and prints seconds and the verdict.

What belongs here: this measurement. CPU seconds are to be read; wall seconds depend on what else the machine does.
"""

import argparse
import resource
import time
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from kam_pipeline.evaluation import Evaluation
from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings import Configuration, Settings
from kam_pipeline.settings.operation import Engine
from kam_pipeline.settings.source import FilesSource
from kam_pipeline.tables import Build, tables
from kam_pipeline.warehouse import Warehouse

DAY = date(2026, 7, 1)
MEASURED = ("marts.potential_model", "marts.potential_estimate", "marts.group_potential")
INPUT = """
with drawn as (
    select
        place,
        (md5_number_lower('industry' || place) % 8)::integer as industry,
        ln((md5_number_lower('turnover' || place) % 1000000 + 1) / 1000.0) as turnover,
        (md5_number_lower('rest' || place) % 1000) / 1000.0 as rest
    from range($groups) as numbers(place)
)
select
    $day::date as as_of_date,
    'g' || place as group_id,
    'industry ' || industry as industry,
    'country ' || (place % 12) as country,
    'customer' as account_type,
    1 + place % 3 as accounts_cnt,
    1 as countries_cnt,
    case when place % 10 < 7 then round(exp(12 + turnover), 2) end as annual_revenue_amt,
    1 + place % 500 as employees_cnt,
    case when place % 3 > 0 then round(exp(8 + turnover + industry / 4.0 + rest), 2) end as revenue_mean_3y_amt,
    (md5_number_lower('g' || place) % 1000000007)::bigint as draw
from drawn
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with TemporaryDirectory(dir=given.folder) as folder:
        measure(Path(folder), given.groups)


def measure(folder: Path, groups: int) -> None:
    """Build the three tables in a warehouse of their own and print what each took."""
    configuration = Configuration(Settings(source=FilesSource(kind="files", path=".")), folder)
    moment = datetime(2026, 7, 1, tzinfo=UTC).replace(tzinfo=None)
    run = Evaluation(DAY, "run", moment, moment, is_restated=False, is_known_then=False, is_newest=True)
    with Warehouse.open(folder / "warehouse.duckdb", Engine()) as warehouse:
        make_raw_tables(warehouse)
        contract = tables()["marts.potential_input"].contract
        with warehouse.transaction():
            casts = ", ".join(f"{column.name}::{column.type} as {column.name}" for column in contract.columns)
            query = f"select {casts} from ({INPUT}) as made"
            warehouse.put_query(contract, query, {"groups": groups, "day": DAY}, DAY)
        for name in MEASURED:
            wall, cpu = time.perf_counter(), time.process_time()
            rows = tables()[name].build(Build(warehouse, configuration, run))
            spent = f"{time.process_time() - cpu:6.1f} s CPU, {time.perf_counter() - wall:6.1f} s wall"
            print(f"{name:26} {rows:>9,} rows  {spent}")
        print(warehouse.rows("select status, cv_error, baseline_error, input_1, input_2 from marts.potential_model")[0])
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB at most")


if __name__ == "__main__":
    main()
