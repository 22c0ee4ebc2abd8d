"""Which files there are, and which of them belong to an object.

What belongs here: listing folders and ZIPs, matching file names, opening one file as bytes. What does not: what the
bytes mean (dialect), which columns they hold (columns).
"""

import fnmatch
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from kam_pipeline.errors import ConnectorError, SourceFormatError

LISTED_FILES = 10
"""How many of the files that are there an error message names."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Entry:
    """One file of the source.

    Attributes
    ----------
    label : str
        How messages call it: its path below the source, the ZIP first when it is in one.
    relative : str
        Its path below the folder or inside the ZIP, with forward slashes.
    path : Path
        The file on disk: the file itself, or the ZIP that holds it.
    member : zipfile.ZipInfo or None
        Where it is in the ZIP, None for a file of its own.
    """

    label: str
    relative: str
    path: Path
    member: zipfile.ZipInfo | None = None

    @property
    def file_name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(self.relative).name

    @property
    def is_parquet(self) -> bool:
        """Whether it is a Parquet file, by its name."""
        return self.file_name.lower().endswith(".parquet")

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Open it for reading bytes.

        Raises
        ------
        SourceFormatError
            When it is in a ZIP that is damaged.
        ConnectorError
            When it cannot be opened.
        """
        if self.member is None:
            try:
                plain = self.path.open("rb")
            except OSError as error:
                raise ConnectorError(f"{self.label}: cannot be opened ({error.strerror})") from error
            with plain:
                yield plain
            return
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
                yield stream
        except _DAMAGED as error:
            raise SourceFormatError(_damaged_zip(self.label)) from error


def list_entries(root: Path) -> list[Entry]:
    """Return every file of a folder (at any depth, ZIPs opened) or of one ZIP, in a fixed order.

    Raises
    ------
    SourceFormatError
        When there is no such folder or ZIP, or ZIPs are damaged; all of them are named.
    """
    if root.is_file() and root.suffix.lower() == ".zip":
        return sorted(_zip_entries(root, root.name), key=_order)
    if not root.is_dir():
        what = "is neither a folder nor a ZIP file" if root.exists() else "does not exist"
        raise SourceFormatError(f"{root}: {what}; set source.path to the folder or ZIP with the exported files")
    entries: list[Entry] = []
    problems: list[str] = []
    for path in root.rglob("*"):
        relative = path.relative_to(root).as_posix()
        if _is_hidden(relative) or not path.is_file():
            continue
        if path.suffix.lower() == ".zip":
            try:
                entries += _zip_entries(path, relative)
            except SourceFormatError as error:
                problems.append(str(error))
        else:
            entries.append(Entry(relative, relative, path))
    if problems:
        raise SourceFormatError("\n".join(sorted(problems)))
    return sorted(entries, key=_order)


def entries_of(object_name: str, file: str | None, entries: Sequence[Entry]) -> list[Entry]:
    """Return the files of an object: those `file` names (a glob), else those named after the object.

    Parameters
    ----------
    object_name : str
        Name of the object, as in `Account.csv`, `account_2.csv`, `Account_part2.csv` or `Account.parquet`.
    file : str or None
        `mapping.<Object>.file`: a path below the source or inside a ZIP; without a slash it is looked for at any
        depth when it is not at the top.
    entries : Sequence[Entry]
        Every file of the source.
    """
    if file is None:
        named = re.compile(rf"{re.escape(object_name)}([_.-](part)?\d+)?\.(csv|parquet)", re.IGNORECASE)
        return [entry for entry in entries if named.fullmatch(entry.file_name)]
    pattern = PurePosixPath(file.replace("\\", "/")).as_posix().lower()
    literal = [entry for entry in entries if pattern in {entry.relative.lower(), entry.label.lower()}]
    if literal:
        return literal
    found = [entry for entry in entries if _matches(pattern, entry.relative) or _matches(pattern, entry.label)]
    if not found and "/" not in pattern:
        literal = [entry for entry in entries if entry.file_name.lower() == pattern]
        return literal or [entry for entry in entries if _matches(pattern, entry.file_name)]
    return found


def missing_object(object_name: str, file: str | None, root: Path, entries: Sequence[Entry]) -> str:
    """Return the message for an object that has no file: where, what was looked for, what is there."""
    looked_for = file or f"{object_name}.csv, {object_name}_2.csv, {object_name}.parquet and the like"
    labels = [entry.label for entry in entries]
    there = ", ".join(labels[:LISTED_FILES]) or "nothing"
    more = f" and {len(labels) - LISTED_FILES} more" if len(labels) > LISTED_FILES else ""
    way_out = f"set mapping.{object_name}.file to the file that holds it, or export it"
    sought = f"no file for {object_name}; looked for {looked_for} (any letter case)"
    return f"{root}: {sought}; there is {there}{more}; {way_out}"


def _zip_entries(path: Path, label: str) -> list[Entry]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except _DAMAGED as error:
        raise SourceFormatError(_damaged_zip(label)) from error
    except OSError as error:
        raise ConnectorError(f"{label}: cannot be opened ({error.strerror})") from error
    members = [member for member in members if not _is_hidden(member.filename)]
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise SourceFormatError(f"{label}: is protected by a password; unpack it into a folder and use that")
    return [Entry(f"{label}/{member.filename}", member.filename, path, member) for member in members]


def _damaged_zip(label: str) -> str:
    return f"{label}: the ZIP is cut off or damaged; download it again"


def _is_hidden(relative: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(relative).parts)


def _matches(pattern: str, path: str) -> bool:
    return _parts_match(pattern.split("/"), path.lower().split("/"))


def _parts_match(pattern: list[str], parts: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_parts_match(pattern[1:], parts[skipped:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and _parts_match(pattern[1:], parts[1:])


def _order(entry: Entry) -> tuple[list[tuple[int, int, str]], str]:
    """Sort parts by number, so that `_10` follows `_9`."""
    pieces = re.split(r"(\d+)", entry.label.lower())
    return [(0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces], entry.label
