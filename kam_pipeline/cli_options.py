"""Options that commands share.

What belongs here: how they are written and what they mean. What does not: commands (cli.py, cli_whatif.py).
"""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file.", envvar="KAM_CONFIG")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
DEFAULT_CONFIG = Path("kam.yaml")
