"""The benchmark of `kam whatif`: what it takes beyond starting, for one other file and for three.

    .venv/bin/python benchmarks/whatif.py [--groups 100000]

Publishes the list of made-up groups and asks in this process what other weights would make of it, with stability on;
and in processes of their own, how long `kam --help` and `kam whatif` take. The reference is a sort of 5 million numbers
by DuckDB. Writes results/whatif.md. Exit code 1 when one file takes longer than it may.

What belongs here: measuring the comparison. What does not: the figures (candidate_company.py). Wall seconds depend on
what else the machine does; CPU seconds are of all threads.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from candidate_company import AS_OF, fill_company
from spine_measure import Meter, Phase

RESULTS = Path(__file__).resolve().parent / "results" / "whatif.md"
REFERENCE = (
    "select sum(place * (id % 3)) from "
    "(select id, row_number() over (order by hash(id)) as place from range(5000000) as t(id))"
)
ONE, THREE = "one other file", "three other files"
START, COMMAND = "`kam --help`", "`kam whatif --set weights.growth=0.4`"
MAX_WALL_S = 2.0


def publish(path: Path, groups: int) -> None:
    """Publish the list of so many groups, by the default criteria."""
    from kam_pipeline.selection.chain import Selection, other_selection
    from kam_pipeline.settings.criteria import Criteria

    path.parent.mkdir()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as published (storage_version 'v1.4.0')")
        connection.execute("create schema published.kam")
        fill_company(connection, groups, "published.kam")
        connection.execute(
            f"create table published.kam.snapshot as select date '{AS_OF}' as as_of_date, 'default' as "
            "criteria_version, 'EUR' as reporting_currency"
        )
        connection.execute("create table published.kam.criteria as select 'default' as criteria_version, '{}' as text")
        made = {
            f"marts.{name}": f"from published.kam.{name}" for name in ("group_metric", "group_field", "designation")
        }
        inputs = {**made, "core.organisation": "select 'EUR' as reporting_currency"}
        criteria = Criteria.model_validate({})
        with other_selection(connection, Selection(criteria, date.fromisoformat(AS_OF), 20), inputs):
            for table in ("key_account_candidate", "candidate_list"):
                connection.execute(f"create table published.kam.{table} as from marts.{table}")


def in_this_process(path: Path, meter: Meter) -> str:
    """Measure the comparison alone; return what it says of the first file."""
    from kam_pipeline.selection.whatif import what_if
    from kam_pipeline.settings.criteria import Criteria
    from kam_pipeline.settings.criteria_file import NamedCriteria
    from kam_pipeline.settings.presets import PRESETS

    def other(weight: float) -> NamedCriteria:
        items = [{**item, "weight": weight} if item["name"] == "growth" else item for item in PRESETS["default"]]
        return NamedCriteria(f"growth {weight}", Criteria.model_validate({"items": items}))

    with duckdb.connect() as connection, meter.phase("reference"):
        connection.execute(REFERENCE).fetchall()
    with meter.phase("first time, imports included"):
        what_if(path, [other(0.4)], 20)
    with meter.phase(ONE):
        found = what_if(path, [other(0.4)], 20).alternatives[0]
    with meter.phase(THREE):
        what_if(path, [other(0.1), other(0.3), other(0.4)], 20)
    return (
        f"{len(found.entering)} enter, {len(found.leaving)} leave, {len(found.moved)} move, {len(found.decisions)} "
        f"decisions change; mean stability {found.figures.mean_stability:.2f}."
    )


def in_its_own(folder: Path, meter: Meter) -> None:
    """Measure whole commands, the better of two, each in a process of its own."""
    (folder / "export").mkdir()
    (folder / "kam.yaml").write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    for name, arguments in ((START, ["--help"]), (COMMAND, ["whatif", "--set", "weights.growth=0.4"])):
        taken = []
        for _ in range(2):
            used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "kam_pipeline.cli", *arguments],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
                stdout=subprocess.DEVNULL,
                check=True,
            )
            wall, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
            taken.append(Phase(name, wall, cpu, now.ru_maxrss / 1024))
        meter.phases.append(min(taken, key=lambda phase: phase.wall_s))


def as_markdown(groups: int, meter: Meter, said: str) -> str:
    """Return the page of results."""
    by_name = {phase.name: phase for phase in meter.phases}
    reference = by_name["reference"].cpu_s
    beyond_wall, beyond_cpu = (
        getattr(by_name[COMMAND], kind) - getattr(by_name[START], kind) for kind in ("wall_s", "cpu_s")
    )
    return "\n".join([
        "# What `kam whatif` costs",
        "",
        "Written by `benchmarks/whatif.py`: other weights held against the published list, 200 draws for stability. "
        "CPU seconds of all threads; the reference is a sort of 5 million numbers in the same process.",
        "",
        f"{groups:,} groups. {said}",
        "",
        "| phase | CPU s | wall s | times the reference | peak MB |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {phase.name} | {phase.cpu_s:.2f} | {phase.wall_s:.2f} | {phase.cpu_s / reference:.1f} "
            f"| {phase.peak_mb:,.0f} |"
            for phase in meter.phases
        ),
        "",
        f"The command takes {beyond_wall:.2f} s ({beyond_cpu:.2f} CPU s) beyond {START}; at most {MAX_WALL_S:.0f} s of "
        "wall time are allowed for one file.",
        "",
        f"Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.",
    ]) + "\n"  # fmt: skip


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", type=int, default=100_000)
    given = parser.parse_args()
    meter = Meter()
    with TemporaryDirectory(prefix="kam-benchmark-") as made:
        path = Path(made) / "published" / "key_accounts.duckdb"
        publish(path, given.groups)
        said = in_this_process(path, meter)
        in_its_own(Path(made), meter)
    RESULTS.write_text(as_markdown(given.groups, meter, said), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))
    wall = {phase.name: phase.wall_s for phase in meter.phases}
    return 1 if wall[COMMAND] - wall[START] > MAX_WALL_S else 0


if __name__ == "__main__":
    sys.exit(main())
