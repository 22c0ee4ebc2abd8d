"""The benchmark of candidates: from the figures of a million groups to the list with its reasons.

    .venv/bin/python benchmarks/candidates.py [--groups 1000000]

Builds the tables of a run that hang on the criteria, in a warehouse of their own: once without stability, once with 200
draws. The reference is a sort of 20 million numbers by DuckDB in the same process, which says how fast the machine is
just now. Writes results/candidates.md. Exit code 1 when it takes longer or more memory than it may.

What belongs here: the tables below the criteria. What does not: the figures (candidate_company.py). Wall seconds depend
on what else the machine does; CPU seconds are of all threads.
"""

import argparse
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from candidate_company import AS_OF, fill_company
from spine_measure import Meter

RESULTS = Path(__file__).resolve().parent / "results" / "candidates.md"
REFERENCE = (
    "select sum(place * (id % 3)) from "
    "(select id, row_number() over (order by hash(id)) as place from range(20000000) as t(id))"
)
OFF, ON = "list without stability", "list with 200 draws"
MAX_WALL_S = {OFF: 20.0, ON: 60.0}
MAX_PEAK_MB = 4000.0
TABLES = (
    "candidate_pool criterion criterion_band criterion_value candidate_gate candidate_criterion candidate_rank "
    "candidate_stability candidate_decision candidate_note candidate_reason key_account_candidate "
    "candidate_list_figure candidate_list"
)


def run(folder: Path, groups: int, meter: Meter) -> dict[str, float]:
    """Build the tables twice; return a few figures of the result."""
    from kam_pipeline.evaluation import Evaluation
    from kam_pipeline.settings import Configuration, Settings
    from kam_pipeline.tables import Build, tables
    from kam_pipeline.warehouse import Warehouse

    now = datetime.now(UTC).replace(tzinfo=None)
    evaluation = Evaluation(
        date.fromisoformat(AS_OF), "benchmark", now, now, is_restated=False, is_known_then=False, is_newest=True
    )
    source = {"source": {"kind": "files", "path": "."}}
    configurations = {
        name: Configuration(Settings.model_validate({**source, "criteria": {"stability": {"draws": draws}}}), folder)
        for name, draws in ((OFF, 0), (ON, 200))
    }
    with Warehouse.open(folder / "warehouse.duckdb", configurations[ON].settings.engine) as warehouse:
        fill_company(warehouse.connection, groups, "warehouse.marts")
        warehouse.connection.execute("create table core.organisation as select 'EUR' as reporting_currency")
        with meter.phase("reference"):
            warehouse.connection.execute(REFERENCE).fetchall()
        for name, configuration in configurations.items():
            with meter.phase(name):
                for table in TABLES.split():
                    tables()[f"marts.{table}"].build(Build(warehouse, configuration, evaluation))
        (found,) = warehouse.rows(
            "select customers_cnt, list_cnt, mean_stability, (select count(*) from marts.key_account_candidate), "
            "(select count(*) from marts.candidate_stability) from marts.candidate_list"
        )
    return dict(zip(("customers", "list", "stability", "ranked", "drawn"), map(float, found), strict=True))


def as_markdown(groups: int, meter: Meter, found: dict[str, float]) -> str:
    """Return the page of results."""
    reference = next(phase for phase in meter.phases if phase.name == "reference")
    rows = [
        f"| {phase.name} | {phase.cpu_s:.2f} | {phase.wall_s:.2f} | {phase.cpu_s / reference.cpu_s:.1f} "
        f"| {phase.peak_mb:,.0f} | {MAX_WALL_S.get(phase.name, '')} |"
        for phase in meter.phases
    ]
    return "\n".join([
        "# What candidates cost",
        "",
        "Written by `benchmarks/candidates.py`: from the figures of groups to the list with its reasons, in a "
        "warehouse on disk. CPU seconds of all threads; the reference is a sort of 20 million numbers in the same "
        "process.",
        "",
        f"{groups:,} groups, {found['customers']:,.0f} with revenue; {found['ranked']:,.0f} ranked, "
        f"{found['drawn']:,.0f} of them drawn 200 times; {found['list']:.0f} on the list, mean stability "
        f"{found['stability']:.2f}.",
        "",
        "| phase | CPU s | wall s | times the reference | peak MB | allowed wall s |",
        "|---|---:|---:|---:|---:|---:|",
        *rows,
        "",
        f"At most {MAX_PEAK_MB:,.0f} MB are allowed.",
        "",
        f"Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.",
    ]) + "\n"  # fmt: skip


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", type=int, default=1_000_000)
    given = parser.parse_args()
    meter = Meter()
    with TemporaryDirectory(prefix="kam-benchmark-") as made:
        found = run(Path(made), given.groups, meter)
    RESULTS.write_text(as_markdown(given.groups, meter, found), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))
    is_slow = any(phase.wall_s > MAX_WALL_S.get(phase.name, phase.wall_s) for phase in meter.phases)
    return 1 if is_slow or max(phase.peak_mb for phase in meter.phases) > MAX_PEAK_MB else 0


if __name__ == "__main__":
    sys.exit(main())
