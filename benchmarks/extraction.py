"""The benchmark of extraction: opportunities out of an emulated Salesforce, our way beside the limit and the usual way.

    .venv/bin/python benchmarks/extraction.py [--rows 500000] [--repeat 3] [--folder DIR]

Starts an organisation in a process of its own, then in turn, each in a process of its own: a plain download of the same
Bulk pages into DuckDB by read_csv (the limit), our connector into the landing, and once simple-salesforce through
pandas. Then our connector over a quarter and a half of the rows, whose memory should be the same, and after changes of
some records, whose time and calls should follow the changes. Prints a table and writes results/extraction.md. Exit code
1 when a target is missed.

What belongs here: the order of the work, and the figures. What does not: the ways (extraction_ways.py), the
organisation (extraction_org.py). Wall seconds count here, as server and client work at once; the alternation makes up
for what else the machine does.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "extraction.md"
TO_REACH, MOST_MB, MOST_OF_FULL = 0.8, 400, 0.10
CHANGED = (0, 500, 2_500, 12_500)
"""Records changed before an incremental run; 2,500 of 500,000 are the 0.5 % that count."""
COUNTED = 2_500

Figures = dict[str, Any]


class Organisation:
    """The emulated organisation in its process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._said = self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def told(self, line: str) -> Figures:
        """Let it do something, and return how many requests it has answered."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer: Figures = json.loads(self._answer())
        return answer

    def read(self, way: str, folder: Path) -> Figures:
        """Read it one way, and count the calls."""
        before = self.told("count")["requests"]
        done = subprocess.run(
            [sys.executable, str(HERE / "extraction_ways.py"), way, str(folder)],
            input=self._said, capture_output=True, text=True, check=False, env=_environment(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{way}: {done.stderr[-2000:]}")
        figures: Figures = json.loads(done.stdout.splitlines()[-1])
        return figures | {"calls": self.told("count")["requests"] - before}


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(HERE.parent)}


@contextmanager
def organisation(rows: int) -> Iterator[Organisation]:
    """Start an organisation with so many opportunities."""
    command = [sys.executable, str(HERE / "extraction_org.py"), str(rows)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=_environment(), **pipes) as process:
        try:
            yield Organisation(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def measure(rows: int, repeat: int, folder: Path) -> tuple[dict[str, list[Figures]], dict[int, Figures]]:
    """Read everything in turn, then what has changed."""
    found: dict[str, list[Figures]] = {"limit": [], "product": [], "simple": []}
    changed: dict[int, Figures] = {}
    with organisation(rows) as org:
        for repetition in range(repeat):
            for way in ("limit", "product"):
                place = Path(tempfile.mkdtemp(dir=folder))
                found[way].append(org.read(way, place))
                print(f"{repetition + 1}/{repeat} {way}: {found[way][-1]}", flush=True)
        found["simple"].append(org.read("simple", Path(tempfile.mkdtemp(dir=folder))))
        print(f"simple: {found['simple'][-1]}", flush=True)
        for count in CHANGED:
            org.told(f"change {count}")
            # in the folder of the last full reading, whose checkpoint it goes on from
            changed[count] = org.read("product", place)
            print(f"{count} changed: {changed[count]}", flush=True)
    return found, changed


def flatness(rows: int, folder: Path) -> dict[int, float]:
    """Return the memory of reading a quarter and a half of the rows."""
    peaks = {}
    for part in (rows // 4, rows // 2):
        with organisation(part) as org:
            peaks[part] = org.read("product", Path(tempfile.mkdtemp(dir=folder)))["mb"]
            print(f"{part} rows: {peaks[part]:.0f} MB", flush=True)
    return peaks


def as_markdown(
    rows: int, found: dict[str, list[Figures]], changed: dict[int, Figures], peaks: dict[int, float]
) -> str:
    """Return the report."""
    median = {way: statistics.median(each["seconds"] for each in runs) for way, runs in found.items()}
    peak = {way: max(each["mb"] for each in runs) for way, runs in found.items()}
    ratio = median["limit"] / median["product"]
    of_full = changed[COUNTED]["seconds"] / median["product"]
    names = {"limit": "plain download, read_csv (the limit)", "product": "our connector, into the landing",
             "simple": "simple-salesforce, pandas, DuckDB"}  # fmt: skip
    lines = [
        "# Extraction benchmark",
        "",
        "Written by `benchmarks/extraction.py`: opportunities of 25 columns out of the emulated Salesforce on the same",
        "machine, each way in a process of its own. The limit creates the same Bulk job, downloads its pages one after",
        "the other and reads them as texts; our connector describes, types, verifies and writes Parquet. Sign-in is in",
        "all figures, starting Python is not.",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}, pyarrow "
        f"{pa.__version__}. {rows:,} rows; medians of {len(found['product'])} repetition(s) in turn.",
        "",
        "| way | wall s | rows / s | of the limit | MB at most | calls |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for way, name in names.items():
        each = ", ".join(f"{run['seconds']:.1f}" for run in found[way])
        lines.append(
            f"| {name} | {median[way]:.1f} ({each}) | {rows / median[way]:,.0f} | {median['limit'] / median[way]:.2f} "
            f"| {peak[way]:,.0f} | {found[way][-1]['calls']} |"
        )
    lines += [
        "",
        "| records changed | rows read | wall s | of a full reading | calls |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for count, run in changed.items():
        share = run["seconds"] / median["product"]
        lines.append(f"| {count:,} | {run['rows']:,} | {run['seconds']:.2f} | {share:.1%} | {run['calls']} |")
    sizes = ", ".join(f"{mb:,.0f} MB at {part:,} rows" for part, mb in (peaks | {rows: peak["product"]}).items())
    most = max(*peaks.values(), peak["product"])
    lines += [
        "",
        f"{_verdict(ratio >= TO_REACH)}: {ratio:.2f} of the limit's rows per second, to reach {TO_REACH}.",
        f"{_verdict(most < MOST_MB)}: memory {sizes}; to stay under {MOST_MB} MB and flat.",
        f"{_verdict(of_full < MOST_OF_FULL)}: a run after {COUNTED:,} changes takes {of_full:.1%} of a full one, to "
        f"stay under {MOST_OF_FULL:.0%}.",
        "",
    ]
    return "\n".join(lines)


def _verdict(is_reached: bool) -> str:
    return "PASS" if is_reached else "FAIL"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/tmp"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="kam-extraction-") as name:
        folder = Path(name)
        found, changed = measure(options.rows, options.repeat, folder)
        report = as_markdown(options.rows, found, changed, flatness(options.rows, folder))
    print(report)
    options.results.write_text(report, encoding="utf-8")
    return 1 if "FAIL:" in report else 0


if __name__ == "__main__":
    sys.exit(main())
