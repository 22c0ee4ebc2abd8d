"""Times of a schedule as cron writes them: five fields, each a star, numbers, names, ranges and steps.

What belongs here: saying what is wrong with such a text. What does not: when it is due, which is Dagster's.
"""

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ("", *_MONTHS)),
    ("weekday", 0, 7, _DAYS),
)
_PART = re.compile(r"^(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?$")
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_EXAMPLE = "write e.g. 0 5 * * * for five in the morning, or 30 4 * * mon-fri"


def cron_problem(text: str) -> str | None:
    """Return what is wrong with a cron text, None when it can be used.

    Examples
    --------
    >>> cron_problem("0 5 * * mon-fri")
    >>> cron_problem("0 25 * * *")
    "'25' is no hour from 0 to 23; write e.g. 0 5 * * * for five in the morning, or 30 4 * * mon-fri"
    """
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return f"{text!r} has {len(parts)} fields instead of 5: minute, hour, day, month, weekday; {_EXAMPLE}"
    for part, (name, lowest, highest, names) in zip(parts, _FIELDS, strict=True):
        for item in part.lower().split(","):
            if not _is_readable(item, lowest, highest, names):
                return f"{item!r} is no {name} from {lowest} to {highest}; {_EXAMPLE}"
    days, months = (_numbers(part, *field[1:]) for part, field in zip(parts[2:4], _FIELDS[2:4], strict=True))
    if min(days) > max(_LONGEST_MONTH.get(month, 31) for month in months):
        return f"{text!r} never comes: no such month has a day {parts[2]}; {_EXAMPLE}"
    return None


def _is_readable(item: str, lowest: int, highest: int, names: tuple[str, ...]) -> bool:
    match = _PART.match(item)
    if match is None or match["step"] == "0":
        return False
    given = [_number(text, names) for text in (match["first"], match["last"]) if text is not None]
    numbers = [number for number in given if number is not None and lowest <= number <= highest]
    return len(numbers) == len(given) and numbers == sorted(numbers)


def _numbers(part: str, lowest: int, highest: int, names: tuple[str, ...]) -> set[int]:
    """Return the numbers that a readable part means."""
    found: set[int] = set()
    for match in filter(None, map(_PART.match, part.lower().split(","))):
        first = _number(match["first"], names) if match["first"] else lowest
        # as Dagster reads it, 5/10 is every tenth from 5 on
        last = first if match["first"] and not match["step"] else highest
        if match["last"]:
            last = _number(match["last"], names)
        found.update(range(first or 0, (last or 0) + 1, int(match["step"] or 1)))
    return found


def _number(text: str, names: tuple[str, ...]) -> int | None:
    if text.isdecimal():
        return int(text)
    return names.index(text) if text in names else None
