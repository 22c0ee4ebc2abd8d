"""The benchmark of the quality gates: what they cost of a whole run from the CRM export to the publication.

    .venv/bin/python benchmarks/gates.py [--opportunities 500000] [--folder DIR]

Writes the demo company in the size asked for and runs every layer in this process, as spine_product.py does; of
data_quality the counting in DuckDB, the import of Great Expectations and its judgement are measured apart, then what it
costs Dagster to store the checks. Writes results/gates.md. Exit code 1 when the gates cost more than they may.

What belongs here: the gates' share of the run. CPU seconds are to be read; wall seconds depend on what else the machine
does.
"""

import argparse
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from spine_measure import Meter

RESULTS = Path(__file__).resolve().parent / "results" / "gates.md"
OPPORTUNITIES_PER_ACCOUNT = 25
MAX_SHARE = 0.15
COUNTING, JUDGING, IMPORT, STORING = (
    "gates: counting (DuckDB)",
    "gates: judging (Great Expectations)",
    "import of Great Expectations",
    "gates: storing the checks (Dagster)",
)


def run(folder: Path, meter: Meter) -> dict[str, int]:
    """Run every layer once, the gates in phases of their own; return how many gates were judged."""
    with meter.phase("import of the product"):
        import pandas as pd  # noqa: F401 - loaded before it is timed
        import pyarrow.parquet  # noqa: F401 - landing's

        from kam_pipeline.definitions import open_source
        from kam_pipeline.evaluation import decide_evaluation, default_as_of_date, knowledge_of
        from kam_pipeline.feed_schema import SOURCE_OBJECTS
        from kam_pipeline.landing import write_landing
        from kam_pipeline.publishing import keep, write_publication
        from kam_pipeline.quality import DATA_QUALITY, quality_frame
        from kam_pipeline.quality.expectations import judge
        from kam_pipeline.quality.table import quality_figures
        from kam_pipeline.settings import load_configuration
        from kam_pipeline.tables import Build, published_contracts, tables
        from kam_pipeline.warehouse import Warehouse

    configuration = load_configuration(folder / "kam.yaml")
    began = datetime.now(UTC)
    with meter.phase("landing"):
        source = open_source(configuration)
        landing = write_landing(
            configuration.landing_folder,
            run_id="benchmark",
            extracted_at=began,
            source=source.name,
            extracts=source.extract(SOURCE_OBJECTS),
        )
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        with meter.phase("raw"):
            from kam_pipeline.raw import load_landing

            load_landing(warehouse, landing)
        undated = Build(warehouse, configuration)
        with meter.phase("staging and core"):
            for name, table in tables().items():
                if not name.startswith("marts."):
                    table.build(undated)
        day = default_as_of_date(warehouse)
        evaluation = decide_evaluation(warehouse, configuration, day, "then", "benchmark", began.replace(tzinfo=None))
        dated = Build(warehouse, configuration, evaluation)
        with knowledge_of(warehouse, configuration, evaluation):
            with meter.phase("marts"):
                for name, table in tables().items():
                    if name.startswith("marts.") and name != DATA_QUALITY.full_name:
                        table.build(dated)
            contracts = [table.contract for table in tables().values()]
            with meter.phase(COUNTING):
                figures = quality_figures(warehouse, configuration.settings, evaluation, contracts)
            with meter.phase(IMPORT):
                import great_expectations  # noqa: F401 - what is measured
            with meter.phase(JUDGING):
                checks = judge(figures)
                warehouse.put_frame(DATA_QUALITY, quality_frame(checks, evaluation), day)
            with meter.phase("publication"):
                keep(warehouse, published_contracts(), evaluation)
                write_publication(warehouse, published_contracts(), configuration.published_path)
    failed = [f"{check.check} of {check.object}" for check in checks if check.passed is False]
    print("failed:", ", ".join(failed) or "none")
    store_checks(folder, day.isoformat(), meter)
    judged = [check for check in checks if check.passed is not None]
    return {"gates": len(checks), "judged": len(judged), "failed": len(failed)}


def store_checks(folder: Path, day: str, meter: Meter) -> None:
    """Store the checks of the date in Dagster's event log as the step `gates` does."""
    import dagster as dg

    from assets.runs import prepare_home
    from kam_pipeline.definitions import build_defs
    from kam_pipeline.settings import load_configuration

    configuration = load_configuration(folder / "kam.yaml")
    definitions = dg.Definitions.merge(
        build_defs(configuration=lambda: configuration, timezone=configuration.as_of_timezone),
        dg.Definitions(jobs=[dg.define_asset_job("checks", selection=dg.AssetSelection.all_asset_checks())]),
    )
    job = definitions.resolve_job_def("checks")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with (
        dg.DagsterInstance.from_config(str(prepare_home(configuration))) as instance,
        meter.phase(STORING),
    ):
        job.execute_in_process(run_config=quiet, instance=instance, tags={"dagster/partition": day})


def as_markdown(opportunities: int, meter: Meter, counts: dict[str, int]) -> str:
    """Return the page of results."""
    cpu = {phase.name: phase.cpu_s for phase in meter.phases}
    whole = sum(seconds for name, seconds in cpu.items() if not name.startswith("import"))
    gates = sum(seconds for name, seconds in cpu.items() if name.startswith("gates"))
    lines = [
        "# What the quality gates cost",
        "",
        "Written by `benchmarks/gates.py`. One run of the demo company from CSV to the publication in one process; CPU "
        "seconds of all threads, user and system. The steps of Dagster's other assets are not in the run, which makes "
        "the share of the gates larger than it is.",
        "",
        f"{opportunities:,} opportunities: {counts['gates']} gates, {counts['judged']} judged by Great Expectations, "
        f"{counts['failed']} failed (the demo company is dirty on purpose).",
        "",
        "| phase | CPU s | wall s | peak MB |",
        "|---|---:|---:|---:|",
        *(
            f"| {phase.name} | {phase.cpu_s:.2f} | {phase.wall_s:.2f} | {phase.peak_mb:,.0f} |"
            for phase in meter.phases
        ),
        f"| whole run without imports | {whole:.2f} | | |",
        f"| of that, gates | {gates:.2f} | | |",
        "",
        f"Share of the gates: {gates / whole:.1%} (at most {MAX_SHARE:.0%}); without storing the checks "
        f"{(gates - cpu[STORING]) / (whole - cpu[STORING]):.1%}. The import of Great Expectations comes once for each "
        f"process: {cpu[IMPORT]:.1f} CPU s.",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opportunities", type=int, default=500_000)
    parser.add_argument("--folder", type=Path, help="folder to work in and to keep; default one that is removed")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="kam-benchmark-") as made:
        import kam_pipeline
        from kam_pipeline.demo import write_export

        folder = given.folder or Path(made)
        write_export(folder, accounts=given.opportunities // OPPORTUNITIES_PER_ACCOUNT)
        shutil.copyfile(Path(kam_pipeline.__file__).parent / "demo" / "kam.yaml", folder / "kam.yaml")
        meter = Meter()
        counts = run(folder, meter)
    cpu = {phase.name: phase.cpu_s for phase in meter.phases if not phase.name.startswith("import")}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(as_markdown(given.opportunities, meter, counts), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))
    gates = sum(seconds for name, seconds in cpu.items() if name.startswith("gates"))
    return 0 if gates <= MAX_SHARE * sum(cpu.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
