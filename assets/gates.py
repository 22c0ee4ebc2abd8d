"""The gates as asset checks: one for each table, raw object and feed with everything that is held against it.

Every check that is stored costs Dagster's event log tens of milliseconds, so that there is one for each asset and not
one for each of its expectations; the table in its metadata has them all, with their figures. `publishable` alone
blocks in Dagster's sense: it fails when any expectation of severity error has failed, and publication waits for it.
What belongs here: reporting what data_quality says. What does not: counting and judging (kam_pipeline.quality).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import dagster as dg

from assets.project import PROJECT, project_of
from assets.tables import QUALITY_TABLE, table_key
from kam_pipeline.quality import Gate, QualityCheck, blocking_checks, stored_checks
from kam_pipeline.tables import gates

CHECK = "gates"
PUBLISHABLE = "publishable"
_PARTITION_TAG = "dagster/partition"


def gate_checks() -> dg.AssetChecksDefinition:
    """Return the checks of all assets that a gate is about, and `publishable`.

    Returns
    -------
    dg.AssetChecksDefinition
        One step, after data_quality has been made. Checks that belong to a partition are a preview in Dagster, so that
        each says in its metadata which date it is of.
    """
    by_table = _by_table(gates())
    specs = [
        dg.AssetCheckSpec(CHECK, asset=table_key(table), description=_description(about))
        for table, about in by_table.items()
    ]
    blocking = dg.AssetCheckSpec(
        PUBLISHABLE,
        asset=table_key(QUALITY_TABLE),
        blocking=True,
        description="Catches figures that must not reach readers: fails when any gate of severity error has failed.",
    )

    @dg.multi_asset_check(name="gates", specs=[*specs, blocking], required_resource_keys={PROJECT})
    def report_gates(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        project = project_of(context)
        project.progress("reporting checks")
        day = date.fromisoformat(context.run.tags[_PARTITION_TAG])
        found = {(check.check, check.object): check for check in stored_checks(project.warehouse, day)}
        for table, about in by_table.items():
            checks = [found[gate.name, gate.object] for gate in about if (gate.name, gate.object) in found]
            yield _result(table, checks, day)
        failed = blocking_checks(project.warehouse, day)
        yield dg.AssetCheckResult(
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

    return report_gates


def _by_table(declared: Iterable[Gate]) -> dict[str, list[Gate]]:
    found: dict[str, list[Gate]] = {}
    for gate in declared:
        found.setdefault(gate.table, []).append(gate)
    return found


def _description(about: Sequence[Gate]) -> str:
    """Return what each gate catches, first those that block."""
    lines = sorted(about, key=lambda gate: gate.severity != "error")
    texts = dict.fromkeys(f"{gate.name} ({gate.severity}): {gate.catches}" for gate in lines)
    return "\n\n".join(texts)


def _result(table: str, checks: Sequence[QualityCheck], day: date) -> dg.AssetCheckResult:
    """Return the outcome of one asset: that of its worst gate, with the figures of all."""
    failed = sorted(
        (check for check in checks if check.passed is False),
        key=lambda check: (check.severity != "error", check.check, check.object),
    )
    metadata: dict[str, dg.MetadataValue | str | float] = {"as_of_date": day.isoformat(), "gates": _figures(checks)}
    worst = failed[0] if failed else None
    if worst is not None and worst.value is not None and worst.threshold is not None:
        metadata |= {"gate": worst.check, "value": worst.value, "threshold": worst.threshold, "detail": worst.detail}
        metadata["failed"] = ", ".join(check.check for check in failed)
    is_error = worst is not None and worst.severity == "error"
    return dg.AssetCheckResult(
        asset_key=table_key(table),
        check_name=CHECK,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
        description=_said(checks, failed),
        metadata=metadata,
    )


def _said(checks: Sequence[QualityCheck], failed: Sequence[QualityCheck]) -> str:
    if not checks:
        return "There was nothing to check on this date."
    if failed:
        return f"{len(failed)} of {len(checks)} failed: {', '.join(check.check for check in failed)}."
    return f"All of {len(checks)} hold, or cannot be known."


def _figures(checks: Sequence[QualityCheck]) -> dg.TableMetadataValue:
    """Return the gates of an asset as a table, as the page shows them."""
    records = [
        dg.TableRecord(
            {
                "gate": check.check,
                "severity": check.severity,
                "outcome": {True: "passed", False: "failed", None: "not known"}[check.passed],
                "value": "" if check.value is None else f"{check.value:.6g}",
                "threshold": "" if check.threshold is None else f"{check.threshold:.6g}",
                "detail": check.detail,
            }
        )
        for check in checks
    ]
    columns = ("gate", "severity", "outcome", "value", "threshold", "detail")
    schema = dg.TableSchema([dg.TableColumn(name) for name in columns])
    return dg.MetadataValue.table(records, schema=schema)
