"""Criteria beside kam.yaml: which CRM fields they may ask for.

What belongs here: holding criteria against the mapping of the installation. What does not: the criteria by themselves
(criteria.py), reading them from a file of their own (criteria_file.py).
"""

from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.settings.criterion import STANDARD_FIELDS
from kam_pipeline.settings.section import closest
from kam_pipeline.settings.source import CUSTOM_ENDS, Mapping


def unmapped_fields(criteria: Criteria, mapping: Mapping) -> list[str]:
    """Return what is wrong with the CRM fields that criteria and gates ask for, each with its path and the way out."""
    account = mapping.of("Account")
    known = [*STANDARD_FIELDS, *account.custom]
    return [
        f"criteria.{where}.field: {field} is not taken along from the CRM; write mapping.Account.custom: [{field}]"
        f"{closest(field, known)}"
        for where, field in criteria.fields.items()
        if field.lower() not in map(str.lower, known)
        and not (account.all_custom and field.lower().endswith(CUSTOM_ENDS))
    ]
