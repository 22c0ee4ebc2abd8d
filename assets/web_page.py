"""Start Dagster's own page for one configuration, with a daemon beside it where none runs."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

from assets.daemon import DEFINITIONS, dagster_environment
from assets.runs import open_instance
from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings import Configuration

_PATIENCE_SECONDS = 20
_STOPPING = (signal.SIGTERM, signal.SIGHUP)

_Program = subprocess.Popen[bytes]


def serve(configuration: Configuration, config_path: Path, host: str, port: int, *, with_daemon: bool) -> int:
    """Run the page until it is stopped.

    Parameters
    ----------
    configuration : Configuration
        The settings.
    config_path : Path
        The file they come from, handed on to the runs that the page starts.
    host : str
        Address to listen on.
    port : int
        Port to listen on.
    with_daemon : bool
        Run a daemon too, as long as the page.

    Returns
    -------
    int
        Exit code of the page.
    """
    with open_instance(configuration):
        pass  # its databases are there before two programs want to make them; lost runs have ended
    page = [sys.executable, "-m", "dagster_webserver", "-m", DEFINITIONS, "-h", host, "-p", str(port)]
    environment = dagster_environment(configuration, config_path)
    # a group of their own, so that everything that they start can be stopped, however we are told to
    programs = [subprocess.Popen(page, env=environment, process_group=0)]  # noqa: S603 - our own arguments
    previous = {number: signal.signal(number, _interrupt) for number in _STOPPING}
    try:
        if with_daemon:
            daemon = [sys.executable, "-m", "kam_pipeline.cli", "daemon", "--config", str(config_path)]
            group = programs[0].pid
            beside = subprocess.Popen(daemon, stdout=subprocess.DEVNULL, process_group=group)  # noqa: S603 - likewise
            programs.append(beside)
        return programs[0].wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        _stop(programs)


def check_port(host: str, port: int) -> None:
    """Check that the page can listen.

    Raises
    ------
    ConfigurationError
        When something else listens on the port.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                [f"--host {host} --port {port}: cannot be used ({error.strerror}); name others"]
            ) from error


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop(programs: list[_Program]) -> None:
    """Stop the programs with all that they have started."""
    for stopping in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(programs[0].pid, stopping)
        for program in programs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(timeout=_PATIENCE_SECONDS)
