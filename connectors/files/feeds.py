"""The feeds: one CSV or Parquet file each beside the CRM, whatever system that is.

What belongs here: which file is a feed's, and going on without one that cannot be read. What does not: how files are
read (the modules beside it), whom a row belongs to (sql/).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from connectors.base import NOTHING_KNOWN, Checkpoints, ObjectAvailability, ObjectExtract, Source
from connectors.files.discovery import Entry
from connectors.files.reading import format_problems, read_batches
from connectors.files.survey import Found, Survey
from connectors.typing_sql import Notation
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.errors import ConnectorError, SourceFormatError
from kam_pipeline.settings.feeds import FeedFile, Feeds
from kam_pipeline.settings.source import ObjectMapping


class FeedFiles(Source):
    """The feeds that are configured; a file always holds the whole of its feed.

    Parameters
    ----------
    feeds : Feeds
        Section `feeds`.
    base_dir : Path
        Folder that their files are relative to.
    """

    def __init__(self, feeds: Feeds, base_dir: Path) -> None:
        self._feeds = feeds
        self._base_dir = base_dir

    @property
    def name(self) -> str:
        """The kind alone: there may be several files."""
        return "feeds"

    def inspect(
        self,
        objects: Sequence[CrmObject],
        checkpoints: Checkpoints = NOTHING_KNOWN,  # noqa: ARG002 - files are read whole
    ) -> list[ObjectAvailability]:
        """Return what there is of each feed, in the order asked; one that is not configured is absent.

        Raises
        ------
        SourceFormatError
            With one line per problem, over all feeds.
        """
        problems: list[str] = []
        found = [self._find(declared, problems).availability for declared in objects]
        if problems:
            raise SourceFormatError("\n".join(problems))
        return found

    def extract(
        self,
        objects: Sequence[CrmObject],
        checkpoints: Checkpoints = NOTHING_KNOWN,  # noqa: ARG002 - files are read whole
    ) -> Iterator[ObjectExtract]:
        """Yield every configured feed, in the order asked; what is wrong with one is raised by its own batches."""
        for declared in objects:
            feed = self._feeds.of(declared.name)
            if feed is None:
                continue
            problems: list[str] = []
            found = self._find(declared, problems)
            notation = _notation(feed)
            yield ObjectExtract(
                availability=found.availability,
                batches=_failing(problems)
                if problems
                else read_batches(declared, found.parts, _mapping(feed), notation),
                is_complete=True,
                announced_cnt=None if problems else found.announced_cnt,
                is_optional=True,
            )

    def _find(self, declared: CrmObject, problems: list[str]) -> Found:
        """Return what is there of a feed; what is wrong is added to the problems."""
        feed = self._feeds.of(declared.name)
        if feed is None:
            return Found(ObjectAvailability(declared, (), {field.name: "absent" for field in declared.fields}), ())
        path = self._base_dir / Path(feed.file).expanduser()
        entries = [Entry(feed.file, path.name, path)]
        wrong = format_problems(_notation(feed), declared.name)
        if not path.is_file():
            wrong.append(f"{path}: is no file; correct {declared.name}.file, or put the file there")
            entries = []
        try:
            found = Survey(feed, declared.name).find(declared, entries, _mapping(feed), wrong)
        except ConnectorError as error:
            wrong.append(str(error))
            found = Found(ObjectAvailability(declared, (), {}), ())
        problems += wrong
        return found


def _failing(problems: list[str]) -> Iterator[pa.RecordBatch]:
    """Raise what is wrong with a feed where its records would begin."""
    raise SourceFormatError("; ".join(problems))
    yield


def _mapping(feed: FeedFile) -> ObjectMapping:
    return ObjectMapping(fields=feed.fields)


def _notation(feed: FeedFile) -> Notation:
    return Notation(date_formats=tuple(feed.date_formats), decimal_separator=feed.decimal_separator)
