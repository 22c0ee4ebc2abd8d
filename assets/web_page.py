"""Start Dagster's own page and daemon for one configuration."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

from assets.runs import prepare_home
from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings import Configuration, process_environment

MODULE = "kam_pipeline.definitions"
_PATIENCE_SECONDS = 20


def serve(configuration: Configuration, config_path: Path, host: str, port: int) -> int:
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

    Returns
    -------
    int
        Exit code of the page.

    Raises
    ------
    ConfigurationError
        When something else listens on the port.
    """
    _check_port(host, port)
    environment = process_environment(DAGSTER_HOME=str(prepare_home(configuration)), KAM_CONFIG=str(config_path))
    command = [sys.executable, "-m", "dagster", "dev", "-m", MODULE, "-h", host, "-p", str(port)]
    # a group of its own, so that everything that Dagster starts can be stopped, however we are told to
    page = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 - our own arguments
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return page.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, previous)
        _stop(page)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop(page: subprocess.Popen[bytes]) -> None:
    """Stop the page with all that it has started."""
    for stopping in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(page.pid, stopping)
        with contextlib.suppress(subprocess.TimeoutExpired):
            page.wait(timeout=_PATIENCE_SECONDS)


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError([f"--port {port}: cannot be used ({error.strerror}); name another one"]) from error
