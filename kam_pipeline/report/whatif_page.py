"""The page of `kam whatif`: the report's own style and languages, one file that needs nothing else.

What belongs here: putting it together and writing it. What does not: layout (templates/), sentences (texts.yaml),
finding anything out (kam_pipeline.selection).
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment

from kam_pipeline.errors import WhatIfError
from kam_pipeline.report.figures import Both
from kam_pipeline.report.page import environment, said, whole_page
from kam_pipeline.report.words import Code, Words
from kam_pipeline.selection.differences import Alternative, WhatIf


def write_what_if(found: WhatIf, path: Path, codes: Sequence[Code]) -> None:
    """Write the comparison as one HTML file.

    Raises
    ------
    WhatIfError
        When it cannot be written.
    """
    try:
        path.write_text(render_what_if(found, codes), encoding="utf-8")
    except OSError as error:
        raise WhatIfError(f"--html {path}: cannot be written ({error.strerror}); name a file that can be") from error


def render_what_if(found: WhatIf, codes: Sequence[Code]) -> str:
    """Return the page; the first language is the one that is shown."""
    used = environment()
    spoken = [
        (words, _language(used, found, words)) for words in (Words(code, found.reporting_currency) for code in codes)
    ]
    first = spoken[0][0]
    return whole_page(first.text("whatif.title", date=first.date(found.as_of_date)), spoken)


def _language(used: Environment, found: WhatIf, words: Words) -> str:
    unknown = words.text("status.not_known")
    view: dict[str, Any] = {
        "w": words,
        "t": words.text,
        "term": words.term,
        "say": lambda both: said(words, both),
        "both": Both,
        "share": lambda value, digits=1: unknown if value is None else words.percent(value, digits),
        "stability": lambda value: words.text("whatif.not_drawn") if value is None else words.number(value, 2),
        "rank": lambda value: words.text("whatif.no_rank") if value is None else words.number(value),
        "found": found,
        "changes_of": _changes,
    }
    return used.get_template("whatif.html.j2").render(view)


def _changes(one: Alternative) -> list[tuple[str | None, str | None, int]]:
    """Return how many groups go from which decision to which, the most first."""
    counted = Counter((group.decision_before, group.decision_now) for group in one.decisions)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))
    return [(before, now, count) for (before, now), count in ordered]
