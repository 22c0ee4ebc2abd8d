"""Criteria beside kam.yaml: which CRM fields they may ask for.

What belongs here: holding criteria against the mapping of the installation. What does not: the criteria by themselves
(criteria.py), reading them from a file of their own (criteria_file.py).
"""

from collections.abc import Iterator

from kam_pipeline.settings.criterion import STANDARD_FIELDS
from kam_pipeline.settings.section import closest
from kam_pipeline.settings.source import CUSTOM_ENDS, Mapping


def unmapped_fields(criteria: object, mapping: Mapping) -> list[str]:
    """Return what is wrong with the CRM fields that criteria and gates ask for, each with its path and the way out.

    `criteria` is the section as written, so that its fields are looked at whatever else is wrong with it.
    """
    account = mapping.of("Account")
    known = [*STANDARD_FIELDS, *account.custom]
    return [
        f"criteria.{where}.field: {field} is not taken along from the CRM; write mapping.Account.custom: [{field}]"
        f"{closest(field, known)}"
        for where, field in _asked(criteria)
        if field.lower() not in map(str.lower, known)
        and not (account.all_custom and field.lower().endswith(CUSTOM_ENDS))
    ]


def _asked(criteria: object) -> Iterator[tuple[str, str]]:
    """Yield the CRM fields that are asked for, each with where."""
    lists = {name: criteria.get(name) for name in ("items", "gates")} if isinstance(criteria, dict) else {}
    for name, members in lists.items():
        for place, member in enumerate(members if isinstance(members, list) else []):
            field = member.get("field") if isinstance(member, dict) else None
            if isinstance(field, str) and field:
                yield f"{name}.{place}", field
