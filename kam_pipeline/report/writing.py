"""Make the report from the published file and swap it in: a reader sees the last one or the new one, whole.

What belongs here: the one step that a command and an asset call. What does not: what the report says.
"""

import contextlib
import os
from pathlib import Path

from kam_pipeline.errors import ReportError
from kam_pipeline.report.published import open_published
from kam_pipeline.report.words import Code


def write_report(published_path: Path, report_path: Path, languages: tuple[Code, ...]) -> int:
    """Make the report and put it in place.

    Parameters
    ----------
    published_path : Path
        The file that readers have; nothing else is read.
    report_path : Path
        The HTML file; replaced in one step.
    languages : tuple[Code, ...]
        Languages of the report, the first one shown first.

    Returns
    -------
    int
        Its size in bytes.

    Raises
    ------
    ReportError
        When nothing is published, the publication cannot be read, or the report cannot be written; the last report
        is left as it is.
    """
    # the template engine and the reading of it take a moment; `kam status` imports this package and does without
    from kam_pipeline.report.page import render
    from kam_pipeline.report.reading import read_report

    with open_published(published_path) as published:
        report = read_report(published)
    content = render(report, languages).encode("utf-8")
    _swap_in(report_path, content)
    return len(content)


def _swap_in(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise ReportError(
            f"{path}: cannot be written ({error.strerror}); free space or rights, then `kam report`. "
            "The tables are published, and readers keep the last report."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Force the rename to disk, so that it never outlives the content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
