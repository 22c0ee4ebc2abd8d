"""The benchmark of the spine: CRM export to publication, layer by layer, beside a hand-written script of the tables.

    .venv/bin/python benchmarks/spine.py [--opportunities 20000 500000] [--repeat 1] [--folder DIR]

Writes the demo company in each size, then runs in fresh processes, one after the other: the product layer by layer
without Dagster (spine_product.py), the script (spine_script.py), and the product whole as `kam run` does it. Holds the
publications against the script's file (spine_compare.py), prints a table per size and writes results/spine.md
(spine_report.py). Exit code 1 when any published table differs.

What belongs here: the order of the work. CPU seconds are to be read; wall seconds depend on what else the machine does.
"""

import argparse
import contextlib
import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from spine_compare import Comparison, compare
from spine_measure import Meter, Phase
from spine_report import DAGSTER, PRODUCT, SCRIPT, Run, SizeResult, as_markdown

import kam_pipeline
from kam_pipeline.demo import write_export

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "spine.md"
ACTIVITIES_PER_OPPORTUNITY, OPPORTUNITIES_PER_ACCOUNT = 4, 25


def measure_size(opportunities: int, folder: Path, repeat: int) -> SizeResult:
    """Measure one size; of several repetitions the one with the median CPU seconds counts, for each kind of run.

    Parameters
    ----------
    opportunities : int
        Number of opportunities.
    folder : Path
        Empty folder for the export and everything made from it.
    repeat : int
        How often everything is run, interleaved.

    Returns
    -------
    SizeResult
        What the report shows.
    """
    generation = _write_input(folder, opportunities)
    script_file = folder / "script.duckdb"
    runs: dict[str, list[Run]] = {PRODUCT: [], SCRIPT: [], DAGSTER: []}
    comparisons: list[Comparison] = []
    as_of: list[str] = []
    for _ in range(repeat):
        layers = _run("spine_product.py", "layers", folder, *as_of)
        as_of = ["--as-of", layers.facts["as_of_date"]]
        publication = folder / "layers.duckdb"
        shutil.copyfile(_publication(folder), publication)
        engine = (layers.facts["threads"], layers.facts["memory_limit"])
        script = _run("spine_script.py", folder, script_file, as_of[1], *engine)
        whole = _run("spine_product.py", "whole", folder, *as_of)
        for name, run in ((PRODUCT, layers), (SCRIPT, script), (DAGSTER, whole)):
            runs[name].append(run)
        comparisons = [*compare(publication, script_file), *compare(_publication(folder), script_file)]
        if not all(comparison.is_same for comparison in comparisons):
            break
    return SizeResult(
        opportunities=opportunities,
        generation=generation,
        runs={name: _median_run(found) for name, found in runs.items()},
        spread={name: [run.cpu_s for run in found] for name, found in runs.items()},
        comparisons=comparisons,
    )


def _write_input(folder: Path, opportunities: int) -> Phase:
    meter = Meter()
    with meter.phase("demo export written"):
        write_export(folder, accounts=opportunities // OPPORTUNITIES_PER_ACCOUNT)
    shutil.copyfile(Path(kam_pipeline.__file__).parent / "demo" / "kam.yaml", folder / "kam.yaml")
    return meter.phases[0]


def _publication(folder: Path) -> Path:
    return folder / "published" / "key_accounts.duckdb"


def _run(program: str, *arguments: object) -> Run:
    """Run a program beside this one in a process of its own and return what it measured."""
    command = [sys.executable, str(HERE / program), *(str(argument) for argument in arguments)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(finished.stdout.strip().splitlines()[-1])
    phases = [Phase(**phase) for phase in measured.pop("phases")]
    return Run(phases, measured)


def _median_run(runs: list[Run]) -> Run:
    median = statistics.median_low([run.cpu_s for run in runs])
    return next(run for run in runs if run.cpu_s == median)


@contextlib.contextmanager
def _working_folder(given: Path | None) -> Iterator[Path]:
    if given is None:
        with TemporaryDirectory(prefix="kam-benchmark-") as made:
            yield Path(made)
    else:
        yield given


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opportunities", type=int, nargs="+", default=[20_000, 500_000])
    parser.add_argument("--repeat", type=int, default=1, help="repetitions, interleaved")
    parser.add_argument("--folder", type=Path, help="folder to work in and to keep; default one that is removed")
    given = parser.parse_args()
    results = []
    with _working_folder(given.folder) as folder:
        for opportunities in given.opportunities:
            place = folder / str(opportunities)
            results.append(measure_size(opportunities, place, given.repeat))
            print(as_markdown(results[-1:], given.repeat, title=False), flush=True)
            if given.folder is None:
                shutil.rmtree(place)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(as_markdown(results, given.repeat, title=True), encoding="utf-8")
    return 0 if all(result.is_same for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
