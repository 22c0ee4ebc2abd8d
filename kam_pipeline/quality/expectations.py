"""Great Expectations judges the figures: one suite per table over the one row of figures that was counted of it.

What belongs here: expectations, and reading their results. What does not: counting, what follows from a failure.
The import costs seconds, so that it is done where it is needed.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from kam_pipeline.quality.gate import Figure, QualityCheck
from kam_pipeline.settings import set_environment

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.expectations.expectation import Expectation

_SEVERITY = {"error": "critical", "warning": "warning"}


def judge(figures: Sequence[Figure]) -> list[QualityCheck]:
    """Return the outcome of every figure.

    Parameters
    ----------
    figures : Sequence[Figure]
        What was counted.

    Returns
    -------
    list[QualityCheck]
        In the same order. What is not known or has no bounds is neither passed nor failed; an expectation that could
        not be evaluated has failed.
    """
    suites: dict[str, list[int]] = {}
    for place, figure in enumerate(figures):
        if figure.is_judged:
            suites.setdefault(figure.gate.table, []).append(place)
    passed: dict[int, bool] = {}
    if suites:
        rows = _rows_of_figures()
        for table, places in suites.items():
            outcomes = _validated(rows, table, [figures[place] for place in places])
            passed |= dict(zip(places, outcomes, strict=True))
    return [figure.judged(passed.get(place)) for place, figure in enumerate(figures)]


def _rows_of_figures() -> "BatchDefinition[Any]":
    """Return where suites find their row of figures: in memory, with neither progress bars nor reports to the vendor.

    One for all of them: Great Expectations writes its whole configuration anew with each one more.
    """
    set_environment(GX_ANALYTICS_ENABLED="false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("figures").add_dataframe_asset(name="figures")
    return asset.add_batch_definition_whole_dataframe("row")


def _validated(rows: "BatchDefinition[Any]", table: str, figures: Sequence[Figure]) -> list[bool]:
    """Validate the figures of one table and return whether each holds."""
    import great_expectations as gx

    names = [f"figure_{place}" for place in range(len(figures))]
    frame = pd.DataFrame([[float(figure.value or 0) for figure in figures]], columns=names)
    suite = gx.ExpectationSuite(
        name=table,
        expectations=[_expectation(name, figure) for name, figure in zip(names, figures, strict=True)],
    )
    batch = rows.get_batch(batch_parameters={"dataframe": frame})
    results = batch.validate(suite, result_format="BOOLEAN_ONLY").results
    held = {
        result.expectation_config.kwargs["column"]: bool(result.success) and not was_raised(result.exception_info)
        for result in results
        if result.expectation_config is not None
    }
    # what has no result has not passed
    return [held.get(name, False) for name in names]


def _expectation(name: str, figure: Figure) -> "Expectation":
    from great_expectations.expectations.core.expect_column_max_to_be_between import ExpectColumnMaxToBeBetween
    from great_expectations.expectations.metadata_types import FailureSeverity

    return ExpectColumnMaxToBeBetween(
        column=name,
        min_value=figure.lowest,
        max_value=figure.highest,
        severity=FailureSeverity(_SEVERITY[figure.severity or figure.gate.severity]),
        meta={"check": figure.gate.name, "object": figure.gate.object, "catches": figure.gate.catches},
    )


def was_raised(exception_info: Mapping[str, object] | None) -> bool:
    """Return whether an expectation raised instead of being evaluated.

    Parameters
    ----------
    exception_info : Mapping[str, object] or None
        As results have it: for the whole expectation, or for each of its metrics.
    """
    if not exception_info:
        return False
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return any(was_raised(nested) for nested in exception_info.values() if isinstance(nested, Mapping))
