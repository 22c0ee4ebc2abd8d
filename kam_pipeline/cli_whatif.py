"""The command `kam whatif`: what other criteria would make of the published list.

What belongs here: its arguments, and the order in which it asks the rooms. What does not: comparing (selection/), what
is shown (presentation_whatif.py, report/).
"""

from pathlib import Path
from typing import Annotated

import typer

from kam_pipeline.cli_options import DEFAULT_CONFIG, ConfigOption, JsonOption
from kam_pipeline.presentation_whatif import show_what_if
from kam_pipeline.progress import progress_console
from kam_pipeline.settings import load_configuration


def whatif(
    criteria: Annotated[
        list[Path] | None,
        typer.Option(help="A file with other criteria: a kam.yaml, or its section criteria; several side by side."),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change one value, e.g. weights.growth=0.3, cap=20, stability.draws=0."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the comparison to this HTML file.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Say who would enter, leave and move with other criteria; change nothing."""
    # what evaluates criteria takes a moment to import; other commands do without
    from kam_pipeline.selection.whatif import what_if
    from kam_pipeline.settings.criteria_file import read_alternatives

    configuration = load_configuration(config, reads_source=False)
    settings = configuration.settings
    alternatives = read_alternatives(criteria or [], changes or [], config, settings.mapping)
    with progress_console.status("computing the list anew"):
        found = what_if(configuration.published_path, alternatives, settings.relevance.min_groups)
    if html is not None:
        from kam_pipeline.report.whatif_page import write_what_if

        write_what_if(found, html, settings.report.languages)
    show_what_if(found, html, as_json=as_json)
