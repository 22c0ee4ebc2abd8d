"""The CRM and the feeds beside it as one source.

What belongs here: which of the two an object is asked of. What does not: reading either of them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.base import NOTHING_KNOWN, Checkpoints, ObjectAvailability, ObjectExtract, Source
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.errors import SourceFormatError
from kam_pipeline.feed_schema import is_feed


class SourceWithFeeds(Source):
    """A CRM and the feeds beside it.

    Parameters
    ----------
    crm : Source
        Asked for the objects of the CRM.
    feeds : Source
        Asked for the feeds.
    """

    def __init__(self, crm: Source, feeds: Source) -> None:
        self._crm = crm
        self._feeds = feeds

    @property
    def name(self) -> str:
        """The name of the CRM: the figures are about its records."""
        return self._crm.name

    @property
    def is_live(self) -> bool:
        """Whether the CRM is."""
        return self._crm.is_live

    def clock(self) -> datetime | None:
        """Return what time it is by the CRM's clock."""
        return self._crm.clock()

    def close(self) -> None:
        """Let go of what the CRM holds open."""
        self._crm.close()

    def inspect(
        self, objects: Sequence[CrmObject], checkpoints: Checkpoints = NOTHING_KNOWN
    ) -> list[ObjectAvailability]:
        """Return what is there of each object and feed, in the order asked.

        Raises
        ------
        SourceFormatError
            With one line per problem, over the CRM and the feeds.
        ConnectorError
            When the CRM cannot be read at all.
        """
        problems: list[str] = []
        found: list[ObjectAvailability] = []
        for source, asked in self._asked_of(objects):
            try:
                found += source.inspect(asked, checkpoints)
            except SourceFormatError as error:
                problems.append(str(error))
        if problems:
            raise SourceFormatError("\n".join(problems))
        places = {item.crm_object.name: item for item in found}
        return [places[declared.name] for declared in objects]

    def extract(
        self, objects: Sequence[CrmObject], checkpoints: Checkpoints = NOTHING_KNOWN
    ) -> Iterator[ObjectExtract]:
        """Yield what is there, first of the CRM and then of the feeds.

        Raises
        ------
        ConnectorError
            When the CRM cannot be read; a feed that cannot be read is an optional extract that fails.
        """
        for source, asked in self._asked_of(objects):
            yield from source.extract(asked, checkpoints)

    def _asked_of(self, objects: Sequence[CrmObject]) -> list[tuple[Source, list[CrmObject]]]:
        crm = [declared for declared in objects if not is_feed(declared.name)]
        feeds = [declared for declared in objects if is_feed(declared.name)]
        return [(self._crm, crm), (self._feeds, feeds)]
