"""Start Dagster's own page and daemon for one configuration."""

import subprocess
import sys
from pathlib import Path

from assets.runs import prepare_home
from kam_pipeline.settings import Configuration, process_environment

MODULE = "kam_pipeline.definitions"


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
    """
    environment = process_environment(DAGSTER_HOME=str(prepare_home(configuration)), KAM_CONFIG=str(config_path))
    command = [sys.executable, "-m", "dagster", "dev", "-m", MODULE, "-h", host, "-p", str(port)]
    try:
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - our own arguments
    except KeyboardInterrupt:
        return 0
