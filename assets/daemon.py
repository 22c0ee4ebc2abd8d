"""Dagster's daemon for one configuration: schedule, sensors and queue, at most one at a time.

What belongs here: the lock, and becoming the daemon. What does not: what runs at night (assets/nights.py), the page.
"""

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn

from assets.runs import open_instance, prepare_home
from kam_pipeline.errors import DaemonRunningError, WarehouseError
from kam_pipeline.processes import describe_process
from kam_pipeline.settings import Configuration, process_environment

DEFINITIONS = "kam_pipeline.definitions"
_LOCK_NAME = "daemon.lock"


@contextlib.contextmanager
def daemon_lock(configuration: Configuration) -> Iterator[IO[str]]:
    """Hold the lock that a daemon of this configuration has for as long as its process lives.

    Yields
    ------
    IO[str]
        The locked file, with the number of this process in it.

    Raises
    ------
    DaemonRunningError
        When another process holds it.
    WarehouseError
        When the file cannot be written.
    """
    path = prepare_home(configuration) / _LOCK_NAME
    try:
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise WarehouseError(f"{path}: cannot be written ({error.strerror}); free space or rights") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read()
            named = f" ({describe_process(int(holder))})" if holder.isdecimal() else ""
            raise DaemonRunningError(
                f"{configuration.folder}: a daemon runs here already{named}; let it, or stop it first"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file


def is_daemon_running(configuration: Configuration) -> bool:
    """Return whether a daemon of this configuration runs on this machine."""
    try:
        with daemon_lock(configuration):
            return False
    except DaemonRunningError:
        return True


def dagster_environment(configuration: Configuration, config_path: Path) -> dict[str, str]:
    """Return the environment of Dagster's own programs, which hand it on to the runs that they start."""
    return process_environment(DAGSTER_HOME=str(prepare_home(configuration)), KAM_CONFIG=str(config_path))


def become_daemon(configuration: Configuration, config_path: Path, lock: IO[str]) -> NoReturn:
    """Turn this process into Dagster's daemon, so that signals and the lock are its own.

    Parameters
    ----------
    configuration : Configuration
        The settings.
    config_path : Path
        The file they come from, handed on to the runs.
    lock : IO[str]
        What `daemon_lock` gave; goes with the process.
    """
    with open_instance(configuration):
        pass  # runs of an earlier daemon that died have ended now
    os.set_inheritable(lock.fileno(), True)
    sys.stdout.flush()
    # at level info every sensor says every few seconds that there is nothing to do; the page shows what was done
    command = [sys.executable, "-m", "dagster._daemon", "run", "-m", DEFINITIONS, "--log-level", "warning"]
    os.execve(sys.executable, command, dagster_environment(configuration, config_path))  # noqa: S606 - our own arguments
