"""Both channels at once, and what came of it.

What belongs here: trying, waiting, and saying what went wrong. What does not: a single channel (webhook.py, mail.py).

An alert that cannot be sent is itself no reason to fail: problems are returned, and whoever called says so beside the
failure that the alert was about.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial

from kam_pipeline.alerting import mail, webhook
from kam_pipeline.alerting.message import Alert
from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings.alerts import Alerts

TIMEOUT_SECONDS = 8.0
# Dagster gives a sensor 60 seconds; one that takes longer begins anew and would tell everybody again.
PATIENCE_SECONDS = 25.0
PAUSES_SECONDS = (2.0,)

_Attempt = Callable[[], str | None]


def send(
    alert: Alert,
    alerts: Alerts,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    patience_seconds: float = PATIENCE_SECONDS,
    pauses_seconds: Sequence[float] = PAUSES_SECONDS,
) -> list[str]:
    """Send an alert through every configured channel; one that fails or hangs does not keep the other.

    Parameters
    ----------
    alert : Alert
        What to say.
    alerts : Alerts
        The channels; with none, nothing is done.
    timeout_seconds : float
        How long a channel waits for a connection and for each answer.
    patience_seconds : float
        How long to wait for all of them; what is under way then is given up.
    pauses_seconds : Sequence[float]
        Pauses before another try where no connection came about.

    Returns
    -------
    list[str]
        What went wrong, naming the channel and no secret; empty when every channel took it.
    """
    attempts: dict[str, _Attempt] = {}
    if alerts.webhook is not None:
        attempts["alerts.webhook"] = partial(webhook.tell, alert, alerts.webhook, timeout_seconds)
    if alerts.email is not None:
        attempts["alerts.email"] = partial(mail.tell, alert, alerts.email, timeout_seconds)
    started = {where: _start(attempt, pauses_seconds) for where, attempt in attempts.items()}
    wait(started.values(), timeout=patience_seconds)
    late = f"was not done within {patience_seconds:g} seconds"
    outcomes = {where: answer.result() if answer.done() else late for where, answer in started.items()}
    return [_named(where, problem) for where, problem in outcomes.items() if problem is not None]


def channel_problems(alerts: Alerts) -> dict[str, str | None]:
    """Return each configured channel with what keeps it from being used as far as can be seen without sending.

    Examples
    --------
    >>> channel_problems(Alerts())
    {}
    """
    looked_at: dict[str, Callable[[], object]] = {}
    if alerts.webhook is not None:
        looked_at["alerts.webhook"] = partial(webhook.address_of, alerts.webhook)
    if alerts.email is not None:
        looked_at["alerts.email"] = partial(mail.password_of, alerts.email)
    return {where: _problem_of(look) for where, look in looked_at.items()}


def _problem_of(look: Callable[[], object]) -> str | None:
    try:
        look()
    except ConfigurationError as error:
        return str(error)
    return None


def _named(where: str, problem: str) -> str:
    return problem if problem.startswith(f"{where}.") else f"{where}: {problem}"


def _start(attempt: _Attempt, pauses_seconds: Sequence[float]) -> Future[str | None]:
    """Begin an attempt of its own, and go on."""
    answer: Future[str | None] = Future()
    # a daemon thread: a server that never ends its answer must not keep the command from ending
    threading.Thread(target=lambda: answer.set_result(_try(attempt, pauses_seconds)), daemon=True).start()
    return answer


def _try(attempt: _Attempt, pauses_seconds: Sequence[float]) -> str | None:
    """Return what went wrong, after another try where no connection came about."""
    problem = ""
    for pause in (0.0, *pauses_seconds):
        time.sleep(pause)
        try:
            return attempt()
        except ConnectionError as error:
            problem = str(error)
        except ConfigurationError as error:
            return str(error)
        except (OSError, ValueError) as error:
            # the texts of libraries may quote an address or a password
            return f"could not be sent ({type(error).__name__})"
    return problem
