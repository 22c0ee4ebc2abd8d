"""Task.csv and Event.csv.

What belongs here: the text of activities. What does not: what they hang on (model/links.py).
"""

from collections.abc import Iterator

import numpy as np

from kam_pipeline.demo.columns import (
    DAY_SECONDS,
    Column,
    Columns,
    Flags,
    Ints,
    blank,
    chunks,
    constant,
    dates,
    edited,
    flags,
    integers,
    pick,
    sprinkle,
    stamps,
)
from kam_pipeline.demo.dirt import FUTURE_DAYS
from kam_pipeline.demo.files.links import ARCHIVED_DAYS, deal_edges, draw_links, link_columns
from kam_pipeline.demo.ids import make_ids
from kam_pipeline.demo.model.company import Company, by_chance, choose, office_seconds
from kam_pipeline.demo.model.world import World
from kam_pipeline.demo.words import EVENT_SUBJECTS, LOCATIONS, STRANGE_SHARE, STRANGE_TEXTS, TASK_SUBJECTS

TASKS_PER_DEAL, EVENTS_PER_DEAL = 3, 1
_SUBTYPES, _SUBTYPE_SHARES = ("Call", "Email", "Task"), (0.35, 0.45, 0.20)
_TASK_STATUSES = ("Not Started", "In Progress", "Completed")
_TASK_DONE = 2
_OVERDUE_WINDOW, _OVERDUE_SHARE = 90, 0.15
_RECURRING_TASK_SHARE, _RECURRING_EVENT_SHARE = 0.002, 0.01
_EVENT_TYPES, _EVENT_TYPE_SHARES = ("Meeting", "Video meeting", "Phone", ""), (0.48, 0.33, 0.14, 0.05)
_EVENT_STATUSES = ("Planned", "Completed", "Cancelled")
_PLANNED, _COMPLETED, _CANCELLED = range(len(_EVENT_STATUSES))
_CANCELLED_SHARE, _CHILD_SHARE = 0.04, 0.10


def task_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of Task.csv."""
    company, edges = world.company, deal_edges(world)
    total = TASKS_PER_DEAL * company.opportunities
    for piece, rows in enumerate(chunks(total)):
        rng = company.rng("task rows", piece)
        count = len(rows)
        links = draw_links(world, rng, edges, rows, total)
        is_late = (links.day > company.last_day - _OVERDUE_WINDOW) & by_chance(rng, _OVERDUE_SHARE, count)
        is_closed = ~(links.is_planned | is_late)
        created, modified = _stamps_of(company, rng, links.day, 14)
        modified = np.where(is_closed, modified, created)
        status = np.where(is_closed, _TASK_DONE, rng.integers(0, _TASK_DONE, count))
        subtype = pick(_SUBTYPES, choose(rng, _SUBTYPE_SHARES, count))
        yield {
            "Id": make_ids("Task", rows),
            **link_columns(rng, links),
            "Subject": _subjects(rng, TASK_SUBJECTS, count),
            "ActivityDate": blank(dates(links.day), by_chance(rng, 0.01, count) & is_closed),
            "Status": pick(_TASK_STATUSES, status),
            "Priority": constant("Normal", count),
            "IsDeleted": constant("0", count),
            "IsClosed": flags(is_closed),
            "TaskSubtype": subtype,
            "Type": blank(subtype, by_chance(rng, 0.5, count)),
            "IsRecurrence": flags(by_chance(rng, _RECURRING_TASK_SHARE, count)),
            "IsArchived": flags(is_closed & (links.day <= company.last_day - ARCHIVED_DAYS)),
            "CompletedDateTime": blank(stamps(modified), ~is_closed),
            "CreatedDate": stamps(created),
            "LastModifiedDate": stamps(modified),
            "SystemModstamp": stamps(modified),
        }


def event_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of Event.csv; the last row is dirty."""
    company, edges = world.company, deal_edges(world)
    total = EVENTS_PER_DEAL * company.opportunities
    for piece, rows in enumerate(chunks(total)):
        columns = _event_columns(world, edges, rows, piece)
        yield edited(columns, {len(rows) - 1: _future_texts(company)}) if rows[-1] == total - 1 else columns


def _event_columns(world: World, edges: np.typing.NDArray[np.float64], rows: Ints, piece: int) -> Columns:
    company = world.company
    rng = company.rng("event rows", piece)
    count = len(rows)
    is_child = _children(rng, count)
    original = np.arange(count, dtype=np.int64) - is_child
    links = draw_links(world, rng, edges, rows, EVENTS_PER_DEAL * company.opportunities).taken(original)
    created, modified = _stamps_of(company, rng, links.day, 30)
    starts = office_seconds(rng, links.day)[original] // 1800 * 1800
    is_cancelled = by_chance(rng, _CANCELLED_SHARE, count)[original]
    status = np.where(links.is_planned, _PLANNED, np.where(is_cancelled, _CANCELLED, _COMPLETED))
    minutes = 30 * rng.integers(1, 7, count)[original]
    kind = choose(rng, _EVENT_TYPE_SHARES, count)[original]
    location = rng.integers(0, len(LOCATIONS), count)[original]
    return {
        "Id": make_ids("Event", rows),
        **link_columns(rng, links),
        "Subject": _subjects(rng, EVENT_SUBJECTS, count).take(original),
        "ActivityDate": dates(links.day),
        "ActivityDateTime": stamps(starts),
        "StartDateTime": stamps(starts),
        "EndDateTime": stamps(starts + 60 * minutes),
        "DurationInMinutes": integers(minutes),
        "EventSubtype": constant("Event", count),
        "Type": pick(_EVENT_TYPES, kind),
        "Location": pick(LOCATIONS, location),
        "Status": pick(_EVENT_STATUSES, status),
        "IsDeleted": constant("0", count),
        "IsAllDayEvent": constant("0", count),
        "IsChild": flags(is_child),
        "IsRecurrence": flags(by_chance(rng, _RECURRING_EVENT_SHARE, count) & ~is_child),
        "IsArchived": flags(links.day <= company.last_day - ARCHIVED_DAYS),
        "CreatedDate": stamps(created),
        "LastModifiedDate": stamps(modified),
        "SystemModstamp": stamps(modified),
    }


def _children(rng: np.random.Generator, count: int) -> Flags:
    """Return which events are the copy that a second colleague got of the event before it."""
    is_child = by_chance(rng, _CHILD_SHARE, count)
    is_child[[0, -1]] = False
    is_child[1:] &= ~is_child[:-1].copy()
    return is_child


def _stamps_of(company: Company, rng: np.random.Generator, day: Ints, ahead: int) -> tuple[Ints, Ints]:
    """Return when activities were entered (up to some days ahead) and last changed (on their day)."""
    count = len(day)
    entered = np.minimum(day - rng.integers(0, ahead + 1, count), company.last_day)
    created = office_seconds(rng, entered)
    done = day * DAY_SECONDS + rng.integers(8 * 3600, 20 * 3600, count)
    return created, company.until_end(np.maximum(created, done))


def _subjects(rng: np.random.Generator, subjects: tuple[str, ...], count: int) -> Column:
    usual = pick(subjects, rng.integers(0, len(subjects), count))
    return sprinkle(usual, rng, STRANGE_TEXTS, STRANGE_SHARE)


def _future_texts(company: Company) -> dict[str, str]:
    """Return the texts of the event that is said to be over and is still to come."""
    day = np.array([company.last_day + FUTURE_DAYS], dtype=np.int64)
    texts = {"Status": "Completed", "IsChild": "0", "IsRecurrence": "0", "IsArchived": "0"}
    texts["ActivityDate"] = str(dates(day)[0].as_py())
    for name, hour in (("ActivityDateTime", 9), ("StartDateTime", 9), ("EndDateTime", 10)):
        texts[name] = str(stamps(day * DAY_SECONDS + hour * 3600)[0].as_py())
    return texts
