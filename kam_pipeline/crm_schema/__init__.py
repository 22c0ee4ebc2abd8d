"""The declared object schema: which CRM objects and fields we read, with their types and what they are for.

What belongs here: names as the CRM spells them, types, and what each field enables; records and raw tables are typed by
it. What does not: renaming (sql/staging), customers' own column names (`mapping`), feeds (feed_schema.py), rules.
"""

from kam_pipeline.crm_schema.activities import (
    CASE,
    EMAIL_MESSAGE,
    EVENT,
    EVENT_RELATION,
    EVENT_WHO_RELATION,
    TASK,
    TASK_WHO_RELATION,
)
from kam_pipeline.crm_schema.customers import (
    ACCOUNT,
    ACCOUNT_HISTORY,
    ACCOUNT_PLAN,
    ACCOUNT_PLAN_OBJECTIVE,
    ACCOUNT_PLAN_OBJECTIVE_MEASURE,
    ACCOUNT_TEAM_MEMBER,
    CONTACT,
)
from kam_pipeline.crm_schema.deals import (
    OPPORTUNITY,
    OPPORTUNITY_CONTACT_ROLE,
    OPPORTUNITY_FIELD_HISTORY,
    OPPORTUNITY_HISTORY,
    OPPORTUNITY_LINE_ITEM,
    OPPORTUNITY_STAGE,
    OPPORTUNITY_TEAM_MEMBER,
    ORDER,
    ORDER_ITEM,
    PRODUCT2,
)
from kam_pipeline.crm_schema.declaration import DUCKDB_TYPES, CrmField, CrmObject, FieldType
from kam_pipeline.crm_schema.organisation import (
    CURRENCY_TYPE,
    DATED_CONVERSION_RATE,
    FISCAL_YEAR_SETTINGS,
    ORGANIZATION,
    RECORD_TYPE,
    USER,
    USER_ROLE,
)

CRM_OBJECTS: tuple[CrmObject, ...] = (
    ACCOUNT,
    OPPORTUNITY,
    OPPORTUNITY_LINE_ITEM,
    PRODUCT2,
    TASK,
    EVENT,
    CONTACT,
    OPPORTUNITY_CONTACT_ROLE,
    ACCOUNT_TEAM_MEMBER,
    USER,
    CASE,
    CURRENCY_TYPE,
    DATED_CONVERSION_RATE,
    ORGANIZATION,
    ACCOUNT_HISTORY,
    ACCOUNT_PLAN,
    ACCOUNT_PLAN_OBJECTIVE,
    ACCOUNT_PLAN_OBJECTIVE_MEASURE,
    OPPORTUNITY_HISTORY,
    OPPORTUNITY_FIELD_HISTORY,
    OPPORTUNITY_TEAM_MEMBER,
    OPPORTUNITY_STAGE,
    ORDER,
    ORDER_ITEM,
    EVENT_RELATION,
    EVENT_WHO_RELATION,
    TASK_WHO_RELATION,
    EMAIL_MESSAGE,
    USER_ROLE,
    RECORD_TYPE,
    FISCAL_YEAR_SETTINGS,
)
"""Every object we read, the required ones first, then those that models read, then those kept in raw alone."""

STAGED_OBJECTS = tuple(declared for declared in CRM_OBJECTS if declared.is_staged)
"""The objects that models read."""


def crm_object(name: str) -> CrmObject | None:
    """Return the declared object of that name, in any letter case, or None."""
    return next((declared for declared in CRM_OBJECTS if declared.name.lower() == name.lower()), None)


__all__ = [
    "CRM_OBJECTS",
    "STAGED_OBJECTS",
    "crm_object",
    "DUCKDB_TYPES",
    "CrmField",
    "CrmObject",
    "FieldType",
    "ACCOUNT",
    "OPPORTUNITY",
    "OPPORTUNITY_LINE_ITEM",
    "PRODUCT2",
    "TASK",
    "EVENT",
    "CONTACT",
    "OPPORTUNITY_CONTACT_ROLE",
    "ACCOUNT_TEAM_MEMBER",
    "USER",
    "CASE",
    "CURRENCY_TYPE",
    "DATED_CONVERSION_RATE",
    "ORGANIZATION",
    "ACCOUNT_HISTORY",
    "ACCOUNT_PLAN",
    "ACCOUNT_PLAN_OBJECTIVE",
    "ACCOUNT_PLAN_OBJECTIVE_MEASURE",
    "OPPORTUNITY_HISTORY",
    "OPPORTUNITY_FIELD_HISTORY",
    "OPPORTUNITY_TEAM_MEMBER",
    "OPPORTUNITY_STAGE",
    "ORDER",
    "ORDER_ITEM",
    "EVENT_RELATION",
    "EVENT_WHO_RELATION",
    "TASK_WHO_RELATION",
    "EMAIL_MESSAGE",
    "USER_ROLE",
    "RECORD_TYPE",
    "FISCAL_YEAR_SETTINGS",
]
