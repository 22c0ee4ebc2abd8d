"""What the organisation answers to the server in front of it: results of queries, and refusals.

What belongs here: the values that pass between the data (org.py) and the protocol (server.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class RefusalError(Exception):
    """What a real organisation would refuse.

    Parameters
    ----------
    code : str
        `errorCode`, such as INVALID_FIELD.
    message : str
        As Salesforce words it.
    status : int
        HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class QueryResult:
    """The result of a REST query as it was when it was asked for.

    Attributes
    ----------
    total_size : int
        Records that match; for `SELECT COUNT()` the count.
    row_cnt : int
        Records that can be fetched; 0 for `SELECT COUNT()`.
    records : Callable[[int, int], list[dict[str, Any]]]
        Records from a position on, so many, as JSON values with `attributes` and nested parents.
    """

    total_size: int
    row_cnt: int
    records: Callable[[int, int], list[dict[str, Any]]]


@dataclass(frozen=True)
class BulkResult:
    """The result of a Bulk query: CSV files with a header each, and the records in each."""

    pages: tuple[tuple[Path, int], ...]

    @property
    def record_cnt(self) -> int:
        """Records over all pages."""
        return sum(count for _, count in self.pages)
