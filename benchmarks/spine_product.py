"""Run the product in this process and measure it: layer by layer without Dagster, or whole as `kam run` does it.

What belongs here: calling the product's own functions in its own order. What does not: judging, comparing.
"""

import argparse
import contextlib
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from spine_measure import Meter, cpu_seconds

RUN_ID = "benchmark"
LAYERS = ("landing", "raw", "staging", "core", "marts", "publish")


def run_layers(folder: Path, as_of_date: date | None, meter: Meter) -> dict[str, object]:
    """Run every layer once, one phase per step of it, and return the date computed."""
    with meter.phase("import"):
        import pyarrow.parquet  # noqa: F401 - landing's, loaded before it is timed

        from kam_pipeline.definitions import open_source
        from kam_pipeline.evaluation import decide_evaluation, default_as_of_date, knowledge_of
        from kam_pipeline.feed_schema import SOURCE_OBJECTS
        from kam_pipeline.landing import newest_landing, write_landing
        from kam_pipeline.publishing import keep, write_publication
        from kam_pipeline.raw import load_landing
        from kam_pipeline.settings import load_configuration
        from kam_pipeline.tables import Build, published_contracts, tables
        from kam_pipeline.warehouse import Warehouse

    configuration = load_configuration(folder / "kam.yaml")
    engine = configuration.settings.engine
    began = datetime.now(UTC)
    with meter.phase("landing: extraction"):
        source = open_source(configuration)
        write_landing(
            configuration.landing_folder,
            run_id=RUN_ID,
            extracted_at=began,
            source=source.name,
            extracts=source.extract(SOURCE_OBJECTS),
        )
    # one session for what is undated and one for the date, as `kam run` has it
    with contextlib.ExitStack() as session:
        warehouse = session.enter_context(Warehouse.open(configuration.warehouse_path, engine))
        with meter.phase("raw: versions"):
            landing = newest_landing(configuration.landing_folder)
            assert landing is not None
            load_landing(warehouse, landing)
        _build_layers(meter, tables(), ("staging", "core"), Build(warehouse, configuration))
        day = as_of_date or default_as_of_date(warehouse)
        with meter.phase("core: close"):
            session.close()
    with Warehouse.open(configuration.warehouse_path, engine) as warehouse:
        evaluation = decide_evaluation(warehouse, configuration, day, "then", RUN_ID, began.replace(tzinfo=None))
        with knowledge_of(warehouse, configuration, evaluation):
            _build_layers(meter, tables(), ("marts",), Build(warehouse, configuration, evaluation))
            with meter.phase("publish: file"):
                keep(warehouse, published_contracts(), evaluation)
                write_publication(warehouse, published_contracts(), configuration.published_path)
    return {"as_of_date": day.isoformat(), "threads": engine.threads, "memory_limit": engine.memory_limit}


def _build_layers(meter: Meter, tables: dict[str, Any], layers: tuple[str, ...], build: Any) -> None:  # noqa: ANN401
    for name, table in tables.items():
        layer, short = name.split(".")
        if layer in layers:
            with meter.phase(f"{layer}: {short}"):
                table.build(build)


def run_whole(folder: Path, as_of_date: date, meter: Meter) -> dict[str, object]:
    """Run the pipeline through Dagster and return its steps and the CPU seconds spent inside them on our own work."""
    with meter.phase("import"):
        import assets.landing
        import assets.publish
        import assets.raw
        from assets.runs import run_pipeline
        from kam_pipeline.definitions import build_defs
        from kam_pipeline.settings import load_configuration
        from kam_pipeline.tables import Table, tables

    configuration = load_configuration(folder / "kam.yaml")
    work = _Work()
    replaced = (
        (assets.landing, "write_landing"),
        (assets.raw, "load_landing"),
        (Table, "build"),
        (assets.publish, "keep"),
        (assets.publish, "write_publication"),
    )
    with contextlib.ExitStack() as stack:
        for owner, name in replaced:
            stack.enter_context(mock.patch.object(owner, name, work.counted(getattr(owner, name))))
        with meter.phase("run"):
            definitions = build_defs(configuration=lambda: configuration, timezone=configuration.as_of_timezone)
            run_pipeline(definitions, configuration, as_of_date, "then")
    return {"steps": work.calls, "tables": len(tables()), "work_cpu_s": work.cpu_s}


class _Work:
    """Counts the calls of our own functions and the CPU seconds spent in them; each is the work of one step."""

    def __init__(self) -> None:
        self.calls = 0
        self.cpu_s = 0.0

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            before = cpu_seconds()
            result = function(*args, **kwargs)
            self.cpu_s += cpu_seconds() - before
            self.calls += 1
            return result

        return call


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=("layers", "whole"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat)
    given = parser.parse_args()
    for made in ("state", "published"):
        shutil.rmtree(given.folder / made, ignore_errors=True)
    meter = Meter()
    run = run_layers if given.mode == "layers" else run_whole
    facts = run(given.folder, given.as_of, meter)
    print(meter.report(**facts))


if __name__ == "__main__":
    main()
