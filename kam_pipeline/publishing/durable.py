"""Files that a power cut does not take back: forced to disk before the rename that shows them.

What belongs here: the two steps that every file target takes. What does not: what is in the files.
"""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Force a file or folder to disk, so that a rename never outlives its content."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def swap_in(unfinished: Path, path: Path) -> None:
    """Put a finished file in the place of another: a reader opens the one or the other, whole.

    Raises
    ------
    OSError
        When it cannot be forced to disk or renamed.
    """
    sync(unfinished)
    unfinished.replace(path)
    sync(path.parent)
