"""Find what the list rests on, and what changed in it, in the published file.

What belongs here: queries for one date into the shapes of selection_contents.py. What does not: the ranking
(reading.py), comparing KPIs of two dates (changes.py), wording.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

from kam_pipeline.report.contents import Named
from kam_pipeline.report.figures import MEASURED, Both
from kam_pipeline.report.published import PublishedFile, Row
from kam_pipeline.report.selection_contents import (
    CAUSES,
    IN_LIST,
    Barred,
    ListChanges,
    ListQuality,
    Override,
    Selection,
    Step,
    Weighed,
)

Urls = Mapping[str, str | None]


def read_selection(published: PublishedFile, urls: Urls) -> Selection:
    """Return what the list of the newest date rests on, and what changed in it."""
    capacity = published.rows("select list, reason, reason_da from programme_capacity where as_of_date = $day")
    return Selection(
        quality=_quality(published),
        capacity={row["list"]: Both(row["reason"], row["reason_da"]) for row in capacity},
        criteria=_criteria(published),
        barred=_barred(published, urls),
        overrides=_overrides(published, urls),
        potential=_potential(published),
        changes=_changes(published, urls),
    )


def _quality(published: PublishedFile) -> ListQuality | None:
    rows = published.rows(
        "select covered_share, best_share, mean_stability, warning, warning_da from candidate_list "
        "where as_of_date = $day"
    )
    return next(
        (
            ListQuality(
                row["covered_share"], row["best_share"], row["mean_stability"], Both(row["warning"], row["warning_da"])
            )
            for row in rows
        ),
        None,
    )


def _criteria(published: PublishedFile) -> tuple[Weighed, ...]:
    rows = published.rows(
        """
        with used as (
            select criterion, coalesce(max(weight), 0) as used_share, count(raw_value) as known_cnt,
                count(*) as groups_cnt
            from candidate_criterion where as_of_date = $day group by criterion
        )
        select label, label_da, transform, direction, coalesce(used_share, 0) as used_share,
            coalesce(weight / nullif(sum(weight) over (), 0), 0) as set_share,
            coalesce(known_cnt, 0) as known_cnt, coalesce(groups_cnt, 0) as groups_cnt
        from criterion left join used using (criterion)
        where as_of_date = $day order by ordinal
        """
    )
    return tuple(
        Weighed(
            Both(row["label"], row["label_da"]), row["transform"], row["direction"], row["set_share"],
            row["used_share"], row["known_cnt"], row["groups_cnt"],
        )
        for row in rows
    )  # fmt: skip


def _barred(published: PublishedFile, urls: Urls) -> tuple[Barred, ...]:
    rows = published.rows(
        """
        select group_id, coalesce(group_name, group_id) as name, gate.reason, gate.reason_da
        from candidate_gate as gate
        inner join key_account_candidate as ranked using (as_of_date, group_id)
        where as_of_date = $day and ranked.is_key_account
        order by ranked.rank, group_id, gate
        """
    )
    return tuple(
        Barred(Named(name, urls.get(group_id)), tuple(Both(row["reason"], row["reason_da"]) for row in found))
        for (group_id, name), found in groupby(rows, lambda row: (row["group_id"], row["name"]))
    )


def _overrides(published: PublishedFile, urls: Urls) -> tuple[Override, ...]:
    rows = published.rows(
        """
        select group_id, coalesce(group_name, group_id) as name, override, override_status, override_since_on,
            override_until_on, override_reason, override_by
        from designation where as_of_date = $day and override is not null
        order by list_position(['applied', 'over_the_bound', 'contradictory', 'not_yet', 'expired'], override_status),
            name, group_id
        """
    )
    return tuple(
        Override(
            Named(row["name"], urls.get(row["group_id"])), row["override"], row["override_status"],
            row["override_since_on"], row["override_until_on"], row["override_reason"], row["override_by"],
        )
        for row in rows
    )  # fmt: skip


def _potential(published: PublishedFile) -> Both:
    rows = published.rows("select status, reason, reason_da from potential_model where as_of_date = $day")
    return next((Both(row["reason"], row["reason_da"]) for row in rows if row["status"] == MEASURED), Both())


def _changes(published: PublishedFile, urls: Urls) -> ListChanges:
    # a group that is not in the list of now comes after those that are
    rows = published.rows(
        """
        select change.group_id, coalesce(change.group_name, change.group_id) as name, change.attribute, change.cause,
            change.from_value, change.to_value, change.previous_as_of_date, change.reason, change.reason_da
        from candidate_change as change
        left join key_account_candidate as ranked using (as_of_date, group_id)
        where as_of_date = $day
        order by ranked.rank nulls last, change.group_id, change.attribute desc
        """
    )
    if not rows:
        return ListChanges()
    named = {row["group_id"]: Named(row["name"], urls.get(row["group_id"])) for row in rows}
    net = {
        group_id: _first_and_last(list(found))
        for group_id, found in groupby((row for row in rows if row["attribute"] == "decision"), lambda r: r["group_id"])
    }
    return ListChanges(
        previous_as_of_date=rows[0]["previous_as_of_date"],
        entered=tuple(named[name] for name, (was, now) in net.items() if was not in IN_LIST and now in IN_LIST),
        left=tuple(named[name] for name, (was, now) in net.items() if was in IN_LIST and now not in IN_LIST),
        decided_cnt=sum((was or "none") != (now or "none") for was, now in net.values()),
        by_cause={
            cause: _steps((row for row in rows if row["cause"] == cause), named)
            for cause in CAUSES
            if any(row["cause"] == cause for row in rows)
        },
    )


def _first_and_last(rows: list[Row]) -> tuple[str | None, str | None]:
    """Return what a group's decision was before the first cause and is after the last."""
    in_order = sorted(rows, key=lambda row: CAUSES.index(row["cause"]))
    return in_order[0]["from_value"], in_order[-1]["to_value"]


def _steps(rows: Iterable[Row], named: Mapping[str, Named]) -> tuple[Step, ...]:
    """Return the changes of one cause, of each group the decision where that changed and otherwise the band."""
    # decisions come before bands, and what comes last stays
    chosen = {row["group_id"]: row for row in reversed(list(rows))}
    return tuple(
        Step(
            named[group_id], row["attribute"], row["from_value"], row["to_value"],
            Both(row["reason"], row["reason_da"]),
        )
        for group_id, row in reversed(chosen.items())
    )  # fmt: skip
