"""The dates of a backfill: every first day of a period within a range.

What belongs here: dates. What does not: which of them can be computed (assets/backfill.py).
"""

from datetime import date, timedelta
from typing import Literal, get_args

from kam_pipeline.errors import ConfigurationError

Every = Literal["day", "week", "month", "quarter", "year"]
FIRST_DATE = date(1990, 1, 1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def dates_of(start: str, end: str, every: str, today: date) -> list[date]:
    """Return the dates that a backfill computes.

    Parameters
    ----------
    start, end : str
        First and last day of the range, both within it, as 2026-07-01.
    every : str
        day; week: every Monday; month, quarter, year: the first day of each, which as an exclusive end is the snapshot
        at the end of the one before.
    today : date
        The last day that can be computed.

    Returns
    -------
    list[date]
        Rising, at least one.

    Raises
    ------
    ConfigurationError
        With every problem of the three, or when no such day lies in the range.

    Examples
    --------
    >>> [day.isoformat() for day in dates_of("2026-01-15", "2026-03-01", "month", date(2026, 7, 1))]
    ['2026-02-01', '2026-03-01']
    """
    days = {option: _day(text) for option, text in (("--from", start), ("--to", end))}
    given = {"--from": start, "--to": end}
    problems = [
        f"{name} {given[name]}: is no date; write it as 2026-07-01" for name, day in days.items() if day is None
    ]
    problems += [
        f"{name} {day}: must lie between {FIRST_DATE} and today, {today}"
        for name, day in days.items()
        if day is not None and not FIRST_DATE <= day <= today
    ]
    if every not in get_args(Every):
        problems.append(f"--every {every}: is no period; write one of {', '.join(get_args(Every))}")
    first, last = days["--from"], days["--to"]
    if first and last and first > last:
        problems.append(f"--from {first}: lies after --to {last}; exchange them")
    if problems or first is None or last is None:
        raise ConfigurationError(problems)
    found = [day for step in range((last - first).days + 1) if _begins(day := first + timedelta(step), every)]
    if not found:
        raise ConfigurationError(
            [f"--every {every}: no {every} begins between {first} and {last}; widen the range, or use --every day"]
        )
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _begins(day: date, every: str) -> bool:
    """Return whether a period begins on a day."""
    if every == "week":
        return day.weekday() == 0
    return every == "day" or (day.day == 1 and (day.month - 1) % _MONTHS[every] == 0)
