"""What the benchmark found, as Markdown: costs per phase, ratios, and which limits hold.

What belongs here: the limits, the arithmetic, the words. What does not: measuring. No names of machines or folders.
"""

import os
import platform
from dataclasses import dataclass
from typing import Any

import duckdb
from spine_compare import NOT_MADE, Comparison
from spine_measure import Phase
from spine_product import LAYERS

PRODUCT, SCRIPT, DAGSTER = "product, layer by layer", "hand-written script", "product, whole through Dagster"
MOST_TIMES_SCRIPT = 2.0
MOST_DAGSTER_CPU_S = 0.15
MOST_PEAK_MB = 2000
TOP_TABLES = 10
_IMPORT = "import"
_READING = ("landing", "raw")
_SCRIPT_READING = ("read", "read feeds")
# steps for tables that the script does not make, nor anything like them
_MATURITY = ("marts: maturity_", "marts: measured_month", "staging: known_field")


@dataclass(frozen=True)
class Run:
    """One process: its phases and what else it said."""

    phases: list[Phase]
    facts: dict[str, Any]

    @property
    def work(self) -> list[Phase]:
        """The phases without the import of libraries."""
        return [phase for phase in self.phases if phase.name != _IMPORT]

    @property
    def cpu_s(self) -> float:
        """CPU seconds of the work."""
        return sum(phase.cpu_s for phase in self.work)

    @property
    def peak_mb(self) -> float:
        """Highest resident memory."""
        return max(phase.peak_mb for phase in self.phases)

    def total(self, name: str, parts: tuple[str, ...] = ()) -> Phase:
        """Return the sum of the phases of some layers (`layer: step`), of all work when none is named."""
        found = [phase for phase in self.work if not parts or phase.name.split(":")[0] in parts]
        peak = max(phase.peak_mb for phase in found)
        return Phase(name, sum(phase.wall_s for phase in found), sum(phase.cpu_s for phase in found), peak)


@dataclass(frozen=True)
class SizeResult:
    """Everything about one size; `spread` holds the CPU seconds of every repetition."""

    opportunities: int
    generation: Phase
    runs: dict[str, Run]
    spread: dict[str, list[float]]
    comparisons: list[Comparison]

    @property
    def is_same(self) -> bool:
        """Whether every published table agrees with the script's."""
        return all(comparison.is_same for comparison in self.comparisons)

    @property
    def whole_ratio(self) -> float:
        """CPU seconds of the product over the script's, both from CSV to the published file."""
        return self.runs[PRODUCT].cpu_s / self.runs[SCRIPT].cpu_s

    @property
    def tables_ratio(self) -> float:
        """The same without landing and raw, and without the script's reading."""
        return self._tables_cpu_s / self._script_tables_cpu_s

    @property
    def same_tables_ratio(self) -> float:
        """The same without maturity, which the script does not measure."""
        return (self._tables_cpu_s - self.maturity_cpu_s) / self._script_tables_cpu_s

    @property
    def maturity_cpu_s(self) -> float:
        """CPU seconds of the product's own tables of maturity."""
        return sum(phase.cpu_s for phase in self.runs[PRODUCT].work if phase.name.startswith(_MATURITY))

    @property
    def _tables_cpu_s(self) -> float:
        layers = tuple(layer for layer in LAYERS if layer not in _READING)
        return self.runs[PRODUCT].total("", layers).cpu_s

    @property
    def _script_tables_cpu_s(self) -> float:
        return sum(phase.cpu_s for phase in self.runs[SCRIPT].work if phase.name not in _SCRIPT_READING)

    @property
    def dagster_by_difference(self) -> float:
        """CPU seconds a step: the whole run less the layers, imports left out of both."""
        return (self.runs[DAGSTER].cpu_s - self.runs[PRODUCT].cpu_s) / self.steps

    @property
    def dagster_inside(self) -> float:
        """CPU seconds a step: the whole run less what our own functions used in that same run."""
        run = self.runs[DAGSTER]
        return (run.cpu_s - run.facts["work_cpu_s"]) / self.steps

    @property
    def steps(self) -> int:
        """Steps of the whole run."""
        return int(self.runs[DAGSTER].facts["steps"])

    @property
    def peak_mb(self) -> float:
        """Highest resident memory of the product."""
        return max(self.runs[PRODUCT].peak_mb, self.runs[DAGSTER].peak_mb)


def as_markdown(results: list[SizeResult], repeat: int, *, title: bool) -> str:
    """Return the report; with `title` as a document of its own."""
    head = _head(repeat) if title else []
    return "\n".join([*head, *(line for result in results for line in _size(result))]) + "\n"


def _head(repeat: int) -> list[str]:
    return [
        "# Spine benchmark",
        "",
        "Written by `benchmarks/spine.py`; the demo company from CSV export to published file, once in the product and",
        "once in a script written by hand (`benchmarks/spine_script.sql`, `kpi_script.sql`). Fresh process per run,",
        "files in the page cache. Read the CPU seconds (user and system, all threads); wall seconds depend on what",
        "else the machine does.",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}.",
        f"Repetitions, interleaved: {repeat}; the one with the median CPU seconds counts.",
        "",
    ]


def _size(result: SizeResult) -> list[str]:
    product, script, whole = (result.runs[name] for name in (PRODUCT, SCRIPT, DAGSTER))
    rows = [_row("demo export", result.generation), *_script_rows(script), *_product_rows(product), *_whole_rows(whole)]
    return [
        f"## {result.opportunities:,} opportunities, {4 * result.opportunities:,} activities",
        "",
        f"As of {product.facts['as_of_date']}; {product.facts['threads']} threads, "
        f"memory_limit {product.facts['memory_limit']}.",
        "",
        "| run | phase | wall s | CPU s | peak MB |",
        "| --- | --- | ---: | ---: | ---: |",
        *rows,
        "",
        *_spread(result),
        *_top_tables(product),
        *_verdicts(result),
        *_comparison(result),
    ]


def _row(run: str, phase: Phase, mark: str = "") -> str:
    return (
        f"| {run} | {mark}{phase.name}{mark} | {mark}{phase.wall_s:.2f}{mark} | {mark}{phase.cpu_s:.2f}{mark} "
        f"| {mark}{phase.peak_mb:.0f}{mark} |"
    )


def _script_rows(run: Run) -> list[str]:
    return [*(_row("script", phase) for phase in run.work), _row("script", run.total("total"), "**")]


def _product_rows(run: Run) -> list[str]:
    layers = [_row("product", run.total(layer, (layer,))) for layer in LAYERS]
    return [_row("product", run.phases[0]), *layers, _row("product", run.total("total without import"), "**")]


def _whole_rows(run: Run) -> list[str]:
    return [_row("through Dagster", phase) for phase in run.phases]


def _spread(result: SizeResult) -> list[str]:
    if max(len(found) for found in result.spread.values()) == 1:
        return []
    parts = [f"{name} {', '.join(f'{cpu:.2f}' for cpu in found)}" for name, found in result.spread.items()]
    return [f"CPU seconds of every repetition: {'; '.join(parts)}.", ""]


def _top_tables(run: Run) -> list[str]:
    built = [phase for phase in run.work if phase.name.split(":")[0] in ("staging", "core", "marts")]
    built.sort(key=lambda phase: phase.cpu_s, reverse=True)
    shown = ", ".join(f"{phase.name.replace(': ', '.')} {phase.cpu_s:.2f}" for phase in built[:TOP_TABLES])
    return [f"Tables with the most CPU seconds: {shown}.", ""]


def _verdicts(result: SizeResult) -> list[str]:
    lines = [
        (
            "product / script CPU, both from CSV to published file",
            result.whole_ratio,
            MOST_TIMES_SCRIPT,
            "landing and raw keep every declared field and version, the script neither",
        ),
        (
            "product / script CPU without landing and raw, the script's reading left out too",
            result.tables_ratio,
            MOST_TIMES_SCRIPT,
            "staging to published file against accounts to written file",
        ),
        (
            "the same without maturity, which the script does not measure",
            result.same_tables_ratio,
            MOST_TIMES_SCRIPT,
            f"maturity takes {result.maturity_cpu_s:.2f} CPU s",
        ),
        (
            f"Dagster CPU s a step, of {result.steps}",
            result.dagster_inside,
            MOST_DAGSTER_CPU_S,
            "whole run less our own functions within it; the difference to the run without Dagster says "
            f"{result.dagster_by_difference:.3f}",
        ),
        ("peak MB of the product", result.peak_mb, MOST_PEAK_MB, ""),
    ]
    table = [
        f"| {'PASS' if found <= most else 'FAIL'} | {what} | {found:.4g} | {most:g} | {note} |"
        for what, found, most, note in lines
    ]
    return ["| | figure | found | at most | |", "| --- | --- | ---: | ---: | --- |", *table, ""]


def _comparison(result: SizeResult) -> list[str]:
    wrong = [
        f"{comparison.table}: {comparison.product_cnt} rows against {comparison.script_cnt}, "
        f"{comparison.different_cnt} different"
        for comparison in result.comparisons
        if not comparison.is_same
    ]
    if wrong:
        return ["DIFFERENT from the script: " + "; ".join(wrong) + ".", ""]
    compared = sorted({one.table for one in result.comparisons if one.different_cnt is not None})
    counted = sorted({one.table for one in result.comparisons if one.different_cnt is None})
    rows = {one.table: one.product_cnt for one in result.comparisons}
    return [
        "Same as the script, both without and through Dagster. Every value equal (floating point to 1e-9): "
        + ", ".join(f"{table} ({rows[table]:,})" for table in compared)
        + ". Rows counted: "
        + ", ".join(f"{table} ({rows[table]:,})" for table in counted)
        + f". Not made by the script: {', '.join(sorted(NOT_MADE))}.",
        "",
    ]
