"""The texts of an alert: one line, a few lines, JSON for a webhook.

What belongs here: wording and form. What does not: what may be said (message.py), addresses and sending.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from kam_pipeline.alerting.message import Alert, FailedCheck, ReadersSee, Since

_MOST_CHECKS = 10
_MOST_CHARACTERS = 60


def pipeline_name(folder: Path, host: str) -> str:
    """Return what a pipeline is called: the folder of its kam.yaml, and the machine.

    Examples
    --------
    >>> pipeline_name(Path("/srv/acme"), "reporting")
    'acme on reporting'
    """
    # a folder may be called anything; a line break in a subject would be a header of its own
    name = re.sub(r"[\s\x00-\x1f\x7f]+", " ", folder.name).strip()
    return f"{name[:_MOST_CHARACTERS] or 'kam'} on {host}"


def headline(alert: Alert) -> str:
    """Return the alert in one line."""
    failure = alert.failure
    match failure.kind:
        case "test":
            return f"kam: {alert.pipeline}: this is a test, nothing has failed"
        case "blocked":
            return f"kam: {alert.pipeline}: nothing was published, blocked by {failure.what.split(' that ')[0]}"
        case _:
            return f"kam: {alert.pipeline}: a run failed{f' ({failure.error})' if failure.error else ''}"


def text(alert: Alert) -> str:
    """Return the alert in a few lines, for people."""
    return "\n".join([headline(alert) + ".", "", *_lines(alert)])


def payload(alert: Alert) -> dict[str, object]:
    """Return the alert as JSON: `text` for chat channels, the rest for programs."""
    failure, since, readers = alert.failure, alert.since, alert.readers
    return {
        "text": text(alert),
        "kind": failure.kind,
        "pipeline": alert.pipeline,
        "noticed_at": _stamp(alert.noticed_at),
        "run_id": alert.run_id,
        "is_retried": alert.is_retried,
        "failed": {"what": failure.what, "step": failure.step, "error": failure.error},
        "checks": [asdict(check) for check in failure.checks],
        "since": None
        if since is None
        else {
            "first_failed_at": _stamp(since.first_failed_at),
            "failed_runs_cnt": since.failed_cnt,
            "last_good_at": _stamp(since.last_good_at),
        },
        "readers_see": None
        if readers.as_of_date is None
        else {"as_of_date": readers.as_of_date.isoformat(), "created_at": _stamp(readers.created_at)},
        "first_step": failure.first_step,
    }


def _lines(alert: Alert) -> Iterator[str]:
    failure = alert.failure
    yield f"What failed: {failure.what}{f' ({failure.error})' if failure.error and failure.kind == 'failed' else ''}."
    for check in failure.checks[:_MOST_CHECKS]:
        yield f"  {_check(check)}"
    if len(failure.checks) > _MOST_CHECKS:
        yield f"  and {len(failure.checks) - _MOST_CHECKS} more"
    if alert.since is not None:
        yield f"Since when: {_since(alert.since)}"
    yield f"What readers see: {_readers(alert.readers)}"
    if failure.step is not None and failure.step.startswith("published/"):
        yield "  What this step writes is as it was before."
    if alert.is_retried:
        yield "Dagster starts the run once more by itself; wait for that first."
    yield f"What to do first: {failure.first_step}."
    if alert.run_id is not None:
        yield f"Run {alert.run_id}"


def _check(check: FailedCheck) -> str:
    figure = "" if check.value is None else f": {check.value:.4g}"
    limit = "" if check.value is None or check.threshold is None else f" against {check.threshold:.4g}"
    return f"{check.name} of {check.table}{figure}{limit}"


def _since(since: Since) -> str:
    counted = f"{since.failed_cnt} failed runs{' or more' if since.is_at_least else ''} in a row"
    count = "this is the first failed run" if since.failed_cnt == 1 and not since.is_at_least else counted
    good = f"The last good run ended {_moment(since.last_good_at)}." if since.last_good_at else "No good run is known."
    return f"{_moment(since.first_failed_at)}; {count}. {good}"


def _readers(readers: ReadersSee) -> str:
    if not readers.is_known:
        return "not known, the published file could not be read."
    if readers.as_of_date is None or readers.created_at is None:
        return "nothing, no date has been published yet."
    return f"the publication as of {readers.as_of_date}, computed {_moment(readers.created_at)}."


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _stamp(moment: datetime | None) -> str | None:
    """Return a moment as JSON has it; moments of tables carry no zone and are UTC."""
    if moment is None:
        return None
    known = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return known.isoformat(timespec="seconds").replace("+00:00", "Z")
