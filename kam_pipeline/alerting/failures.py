"""An error's class and a step's name, as a failure in plain words.

What belongs here: which class of our tree an error is, what a layer does. What does not: reading them from Dagster's
history (assets/failures.py).
"""

from collections.abc import Sequence

from kam_pipeline import errors
from kam_pipeline.alerting.message import FailedCheck, Failure, plain
from kam_pipeline.errors import KamError, PublicationBlockedError

_LAYERS = {
    "landing": "reading the source",
    "raw": "keeping the versions of the records",
    "staging": "preparing the records",
    "core": "putting customers, money and deals together",
    "marts": "computing the date",
    "published": "publishing",
}
# Dagster's own error for a failed blocking check, and its wrappers around whatever a step raises
_BLOCKED = frozenset({PublicationBlockedError.__name__, "DagsterAssetCheckFailedError"})
_WRAPPER_PREFIX = "Dagster"

LOST = Failure(
    kind="failed",
    what="the process of the run ended without a word: killed, out of memory, or the machine was restarted",
    first_step="see whether memory or disk ran out, then `kam run`: it takes up what the lost run left",
)


def failure_of(error_names: Sequence[str], step: str | None = None, checks: Sequence[FailedCheck] = ()) -> Failure:
    """Return what failed, from names alone.

    Parameters
    ----------
    error_names : Sequence[str]
        Class of the error and of its causes, outermost first.
    step : str, optional
        The step, `layer/table`; None where none had begun.
    checks : Sequence[FailedCheck]
        Blocking checks that failed in the run.

    Returns
    -------
    Failure
        `blocked` when a blocking check stopped the run, otherwise `failed`.
    """
    where = plain(step) if step is not None else None
    if _BLOCKED.intersection(error_names):
        return Failure(
            kind="blocked",
            what=_blocked_by(len(checks)),
            first_step=PublicationBlockedError.first_step,
            error=PublicationBlockedError.__name__,
            step=where,
            checks=tuple(checks),
        )
    name = _telling_name(error_names)
    return Failure(
        kind="failed",
        what=_what_failed(where),
        first_step=_known_errors().get(name or "", KamError).first_step,
        error=name,
        step=where,
    )


def _telling_name(error_names: Sequence[str]) -> str | None:
    """Return the class that says most: ours, as the terminal shows it; else what lies below Dagster's wrappers."""
    known = _known_errors()
    ours = [name for name in error_names if name in known]
    others = [name for name in error_names if not name.startswith(_WRAPPER_PREFIX)]
    return next((plain(name) for name in (*ours, *others, *error_names)), None)


def _known_errors() -> dict[str, type[KamError]]:
    classes = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, KamError)]
    return {item.__name__: item for item in classes}


def _what_failed(step: str | None) -> str:
    if step is None:
        return "the run, before its first step"
    doing = _LAYERS.get(step.split("/")[0])
    return f"{doing}, step {step}" if doing else f"step {step}"


def _blocked_by(checks_cnt: int) -> str:
    if checks_cnt == 0:
        return "a check that blocks publishing"
    return f"{checks_cnt} check{'s' if checks_cnt > 1 else ''} that block{'' if checks_cnt > 1 else 's'} publishing"
