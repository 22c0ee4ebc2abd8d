"""Gates of who is a key account and of exceptions: what the feed decisions says beside the CRM and beyond the bounds.

What belongs here: counts of core.decision and marts.designation as warnings. What does not: rows of the feed that
cannot be used (feeds.py), judging decisions (sql/core/decision_conflict.sql, sql/marts/designation.sql).
"""

from collections.abc import Iterator, Mapping
from datetime import date

from kam_pipeline.evaluation import Evaluation
from kam_pipeline.feed_schema import DECISIONS
from kam_pipeline.quality.gate import Figure, gate
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse

NAMED = 5
"""How many ids a warning names; the tables have them all."""

MERGED = gate(
    "decisions_followed",
    "Catches decisions about accounts that have been merged away; they hold for the account that lives on.",
    DECISIONS.name,
    "core.decision",
)
AGREE = gate(
    "designations_agree",
    "Catches groups that only the field of the CRM or only the feed decisions calls key accounts on the date (the file "
    "counts, correct whichever is wrong), and a file of which no designation can be used, so that the field counts.",
    "designation",
    "marts.designation",
)
BOUNDED = gate(
    "overrides_bounded",
    "Catches more overrides than criteria.overrides.max_share allows; those that began last are not applied, end some "
    "or raise the bound.",
    "designation",
    "marts.designation",
)

GATES = (MERGED, AGREE, BOUNDED)

_IN_CRM_ONLY = """
    select distinct account.group_id from core.account as account
    where account.is_key_account and not exists (
        select 1 from marts.designated_group as listed
        where listed.as_of_date = $day and listed.group_id = account.group_id
    ) order by 1
"""
_UNUSABLE = """
    select count(*) from core.feed_row as row_of inner join staging.decision as given using (record_id)
    where row_of.object = 'feeds.decisions' and row_of.status in ('unmatched', 'rejected')
        and given.status = 'key_account'
        and not exists (select 1 from core.decision as decision where decision.status = 'key_account')
"""
_IN_FILE_ONLY = """
    select listed.group_id from marts.designated_group as listed
    where listed.as_of_date = $day and not exists (
        select 1 from core.account as account where account.is_key_account and account.group_id = listed.group_id
    ) order by 1
"""


def designation_figures(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[Figure]:
    """Count decisions that were followed to another account, disagreements, and overrides beyond the bound.

    Parameters
    ----------
    warehouse : Warehouse
        With marts.designation built for the date.
    settings : Settings
        Whether the feed is to designate.
    evaluation : Evaluation
        The run.

    Yields
    ------
    Figure
        Of warnings only; none about the feed where it is not configured, none of agreement where only one of the two
        says anything or was meant to.
    """
    day = {"day": evaluation.as_of_date}
    if warehouse.value("select count(*) from core.feed where feed = 'decisions' and is_configured"):
        merged = warehouse.rows(
            "select distinct written_id, account_id from core.decision where is_merged order by written_id, account_id"
        )
        followed = [f"{written} to {account}" for written, account in merged]
        yield Figure(MERGED, len(merged), highest=0, seen=_listed("Followed", followed))
        over = _groups(
            warehouse,
            "select group_id from marts.designation where as_of_date = $day and override_status = 'over_the_bound' "
            "order by 1",
            day,
        )
        yield Figure(BOUNDED, len(over), highest=0, seen=_listed("Not applied", over))
    if warehouse.value(
        "select count(*) from marts.designation_source where as_of_date = $day and source = 'decisions' and has_crm",
        day,
    ):
        in_crm, in_file = _groups(warehouse, _IN_CRM_ONLY, day), _groups(warehouse, _IN_FILE_ONLY, day)
        said = f"{_listed('Only in the CRM', in_crm)} {_listed('Only in the file', in_file)}".strip()
        yield Figure(AGREE, len(in_crm) + len(in_file), highest=0, seen=said)
    elif settings.feeds.decisions and settings.feeds.decisions.designates and (lost := warehouse.value(_UNUSABLE)):
        said = (
            f"No row of the file that says key_account can be used ({lost} not), so the field of the CRM, if there is "
            "one, says who is a key account; see rejected_row."
        )
        yield Figure(AGREE, lost, highest=0, seen=said)


def _groups(warehouse: Warehouse, query: str, day: Mapping[str, date]) -> list[str]:
    return [group for (group,) in warehouse.rows(query, day)]


def _listed(what: str, names: list[str]) -> str:
    """Return a sentence with how many there are and the first of them; nothing where there are none."""
    if not names:
        return ""
    more = ", ..." if len(names) > NAMED else ""
    return f"{what}: {len(names)} ({', '.join(names[:NAMED])}{more})."
