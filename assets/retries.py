"""Another attempt where waiting can help: in a run that nobody watches, after an error whose cause may pass.

What belongs here: which failures of an asset are tried again, and when. What does not: which errors can pass
(kam_pipeline.errors), a run whose process has died (assets/lost_runs.py).
"""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import dagster as dg

from assets.project import NIGHT_TAG, project_of
from kam_pipeline.errors import KamError

_Compute = TypeVar("_Compute", bound=Callable[[dg.AssetExecutionContext], Any])


def retried(compute: _Compute) -> _Compute:
    """Let an asset of a night begin anew, after growing waits, when it has failed with an error that can pass.

    A run that a person has started fails at once: they read why, and decide. So does what waiting does not mend.
    """
    if inspect.isgeneratorfunction(compute):

        @functools.wraps(compute)
        def attempt_results(context: dg.AssetExecutionContext) -> Iterator[Any]:
            with _another_attempt(context):
                yield from compute(context)

        return cast("_Compute", attempt_results)

    @functools.wraps(compute)
    def attempt(context: dg.AssetExecutionContext) -> Any:  # noqa: ANN401 - whatever the asset returns
        with _another_attempt(context):
            return compute(context)

    return cast("_Compute", attempt)


@contextlib.contextmanager
def _another_attempt(context: dg.AssetExecutionContext) -> Iterator[None]:
    try:
        yield
    except KamError as error:
        waits = project_of(context).retry_waits if NIGHT_TAG in context.run.tags else ()
        if not error.can_pass or context.retry_number >= len(waits):
            raise
        wait = waits[context.retry_number]
        context.log.warning(f"{error}\nnext attempt in {wait:g} seconds")
        raise dg.RetryRequested(max_retries=len(waits), seconds_to_wait=wait) from error
