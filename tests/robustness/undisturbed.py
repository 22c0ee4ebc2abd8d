"""Two nights that nobody disturbed, to hold disturbed ones against.

What belongs here: making them, and the comparison. What does not: disturbing (nights.py and the tests).
"""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.robustness.nights import (
    FIRST,
    SECOND,
    change_export,
    contents,
    differences,
    file_changes,
    files,
    make_company,
    night,
    published,
    report_text,
)


@dataclass(frozen=True)
class Undisturbed:
    """Two nights of one company.

    Attributes
    ----------
    before, after : dict[date, Path]
        Copies of the folder before and after each night, the night's export in it.
    seconds : float
        Processor time of the first night.
    changes : list[str]
        What the second night changed in its folder, see `file_changes`.
    """

    before: dict[date, Path]
    after: dict[date, Path]
    seconds: float
    changes: list[str]

    def complete(self, *days: date) -> list[tuple[dict, str]]:
        """What readers may see: contents and report of the publications of some days."""
        return [(contents(published(self.after[day])), report_text(self.after[day])) for day in days]


def undisturbed_nights(base: Path, accounts: int) -> Undisturbed:
    """Make a company and let two nights pass, its export changed between them."""
    folder = base / "company"
    folder.mkdir()
    make_company(folder, accounts)
    before = {FIRST: shutil.copytree(folder, base / f"before-{FIRST}")}
    ended = night(folder, FIRST)
    assert ended.exit_code == 0, ended.said
    after = {FIRST: shutil.copytree(folder, base / f"after-{FIRST}")}
    change_export(folder)
    before[SECOND] = shutil.copytree(folder, base / f"before-{SECOND}")
    changes = file_changes(folder, SECOND)
    after[SECOND] = folder
    return Undisturbed(before, after, ended.seconds, changes)


def assert_equal_to_undisturbed(folder: Path, undisturbed: Undisturbed, day) -> None:
    """Hold publication, report and files against those of the undisturbed night."""
    assert differences(published(folder), published(undisturbed.after[day])) == []
    assert contents(published(folder)) == contents(published(undisturbed.after[day]))
    assert report_text(folder) == report_text(undisturbed.after[day])
    assert files(folder) == files(undisturbed.after[day])
