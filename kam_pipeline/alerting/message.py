"""What an alert says: names of ours, counts and moments.

What belongs here: the parts of an alert. What does not: their wording (rendering.py), finding them out (assets/).

An alert leaves the house, so nothing in it comes from the CRM or from an error's message: a message may quote a record,
a path, an SQL statement or an address. Names are those of our steps, tables, checks and error classes; `plain` lets no
other text through.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Kind = Literal["failed", "blocked", "test"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./]{0,99}")
NOT_REPEATED = "(a name that is not repeated here)"


def plain(name: str) -> str:
    """Return a name of ours as it is, and say of anything else only that it is not repeated.

    Examples
    --------
    >>> plain("marts/data_quality")
    'marts/data_quality'
    >>> plain("could not read 'Acme Ltd'")
    '(a name that is not repeated here)'
    """
    return name if _PLAIN.fullmatch(name) else NOT_REPEATED


@dataclass(frozen=True)
class FailedCheck:
    """A check that keeps a date from being published.

    Attributes
    ----------
    table : str
        The table that it is about, e.g. `marts/data_quality`.
    name : str
        Its name.
    value, threshold : float or None
        Its figure and what it was held against, where it has them.
    """

    table: str
    name: str
    value: float | None = None
    threshold: float | None = None


@dataclass(frozen=True)
class Failure:
    """What went wrong.

    Attributes
    ----------
    kind : Kind
        `failed`, `blocked` by a check, or `test`: nothing went wrong.
    what : str
        In plain words.
    first_step : str
        What whoever is called does first.
    error : str or None
        Class of the error.
    step : str or None
        The step, as the Dagster page calls its asset.
    checks : tuple[FailedCheck, ...]
        The checks that block.
    """

    kind: Kind
    what: str
    first_step: str
    error: str | None = None
    step: str | None = None
    checks: tuple[FailedCheck, ...] = ()


@dataclass(frozen=True)
class Since:
    """How long it has been so; all moments are in UTC.

    Attributes
    ----------
    first_failed_at : datetime
        End of the first failed run after the last good one.
    failed_cnt : int
        Failed runs since, this one included.
    is_at_least : bool
        There were more than could be counted.
    last_good_at : datetime or None
        End of the last run that ended well and published; None where none is known.
    """

    first_failed_at: datetime
    failed_cnt: int
    is_at_least: bool
    last_good_at: datetime | None


@dataclass(frozen=True)
class ReadersSee:
    """What readers have meanwhile: a publication, or none yet, or one whose date could not be read.

    Attributes
    ----------
    as_of_date : date or None
        Its newest date.
    created_at : datetime or None
        When that date was computed, UTC.
    is_known : bool
        Whether the published file could be read; with no date, nothing has been published.
    """

    as_of_date: date | None = None
    created_at: datetime | None = None
    is_known: bool = True


@dataclass(frozen=True)
class Alert:
    """One alert.

    Attributes
    ----------
    pipeline : str
        Which pipeline it is about, for who has two.
    noticed_at : datetime
        Moment of the alert, with its zone.
    failure : Failure
        What went wrong.
    readers : ReadersSee
        What readers have meanwhile.
    since : Since or None
        Since when, None where it cannot be known.
    run_id : str or None
        The run, None for what failed before a run began.
    is_retried : bool
        Dagster starts the run once more by itself.
    """

    pipeline: str
    noticed_at: datetime
    failure: Failure
    readers: ReadersSee
    since: Since | None = None
    run_id: str | None = None
    is_retried: bool = False
