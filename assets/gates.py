"""The gates as asset checks: every expectation on the table, raw object or feed that it is about, with its figures.

`publishable` alone blocks in Dagster's sense: it fails when any expectation of severity error has failed, and
publication waits for it. A blocking check on a table would have to be made before the tables below it, while the gates
are counted in one pass over all.
What belongs here: reporting what data_quality says. What does not: counting and judging (kam_pipeline.quality).
"""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from assets.project import PROJECT, project_of
from assets.tables import QUALITY_TABLE, table_key
from kam_pipeline.quality import Gate, QualityCheck, blocking_checks, stored_checks
from kam_pipeline.tables import gates

PUBLISHABLE = "publishable"
_PARTITION_TAG = "dagster/partition"


def gate_checks() -> dg.AssetChecksDefinition:
    """Return a check for each gate, on the asset that it is about, and `publishable`.

    Returns
    -------
    dg.AssetChecksDefinition
        One step, after data_quality has been made. Checks that belong to a partition are a preview in Dagster, so that
        each says in its metadata which date it is of.
    """
    declared = gates()
    specs = [
        dg.AssetCheckSpec(
            gate.name, asset=table_key(gate.table), description=gate.catches, metadata={"object": gate.object}
        )
        for gate in declared
    ]
    blocking = dg.AssetCheckSpec(
        PUBLISHABLE,
        asset=table_key(QUALITY_TABLE),
        blocking=True,
        description="Catches figures that must not reach readers: fails when any gate of severity error has failed.",
    )

    # a rerun of some tables reports on them alone; Dagster asks for no more
    @dg.multi_asset_check(name="gates", specs=[*specs, blocking], can_subset=True, required_resource_keys={PROJECT})
    def report_gates(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        project = project_of(context)
        project.progress("reporting checks")
        day = date.fromisoformat(context.run.tags[_PARTITION_TAG])
        found = {(check.check, check.object): check for check in stored_checks(project.warehouse, day)}
        results = [_result(gate, found.get((gate.name, gate.object)), day) for gate in declared]
        results.append(_publishable(blocking_checks(project.warehouse, day), day))
        asked = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
        yield from (result for result in results if (result.asset_key, result.check_name) in asked)

    return report_gates


def _publishable(failed: list[str], day: date) -> dg.AssetCheckResult:
    """Return the outcome of the one check that blocks."""
    return dg.AssetCheckResult(
        asset_key=table_key(QUALITY_TABLE),
        check_name=PUBLISHABLE,
        passed=not failed,
        metadata={
            "as_of_date": day.isoformat(),
            "failed": "\n".join(failed) or "none",
            "value": float(len(failed)),
            "threshold": 0.0,
        },
    )


def _result(gate: Gate, check: QualityCheck | None, day: date) -> dg.AssetCheckResult:
    """Return the outcome of a gate; what was not there, or cannot be known, has not failed."""
    metadata: dict[str, str | float] = {"as_of_date": day.isoformat()}
    said = "There was nothing to check on this date."
    if check is not None:
        figures = {"value": check.value, "threshold": check.threshold}
        metadata |= {name: float(figure) for name, figure in figures.items() if figure is not None}
        said = check.detail if check.passed is not None else f"Not known. {check.detail}"
    severity = check.severity if check is not None else gate.severity
    return dg.AssetCheckResult(
        asset_key=table_key(gate.table),
        check_name=gate.name,
        passed=check is None or check.passed is not False,
        severity=dg.AssetCheckSeverity.ERROR if severity == "error" else dg.AssetCheckSeverity.WARN,
        description=said,
        metadata=metadata,
    )
