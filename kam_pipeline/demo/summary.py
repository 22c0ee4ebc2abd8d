"""What the demo company holds: how many records of each object, and which of them are dirty on purpose.

What belongs here: the values that `write_export` returns. What does not: how dirt is made (dirt.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class DirtyRecord:
    """One record that is wrong on purpose.

    Attributes
    ----------
    kind : str
        What is wrong with it, such as `self_parent`.
    object_name : str
        CRM object, or feed as `feeds.costs`.
    record_id : str
        Id of the record; of the account for a feed; empty for a record without an id.
    """

    kind: str
    object_name: str
    record_id: str


@dataclass(frozen=True)
class DemoSummary:
    """What was written.

    Attributes
    ----------
    counts : Mapping[str, int]
        Rows per CRM object and per feed, as `feeds.costs`.
    dirty : tuple[DirtyRecord, ...]
        Every record that is wrong on purpose.
    """

    counts: Mapping[str, int]
    dirty: tuple[DirtyRecord, ...]
