"""The declared object schema: which CRM objects and fields we read, with their types and what they are for.

What belongs here: names as the CRM spells them, types, and what each field enables; records and raw tables are typed by
it. What does not: renaming (sql/staging), customers' own column names (`mapping`), feeds (feed_schema.py), rules.
"""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["id", "text", "boolean", "date", "datetime", "amount", "number", "integer", "month"]

DUCKDB_TYPES: dict[FieldType, str] = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "amount": "DECIMAL(18,4)",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "month": "DATE",
}
"""Type of a raw column per declared type; datetimes are UTC without a zone, amounts keep four decimals."""


@dataclass(frozen=True)
class CrmField:
    """One field of a CRM object.

    Attributes
    ----------
    name : str
        API name; for a logical field the name we use for something that every organisation stores elsewhere.
    type : FieldType
        Declared type; values that cannot be read as it are kept aside with their text, never guessed.
    enables : str
        What is `not_configured` when the field is absent; empty when nothing hangs on it.
    is_required : bool
        The object cannot be used without this column.
    is_logical : bool
        Not a standard field: absent unless `mapping` says where it is.
    """

    name: str
    type: FieldType
    enables: str = ""
    is_required: bool = False
    is_logical: bool = False


@dataclass(frozen=True)
class CrmObject:
    """One CRM object with the fields we read; `key_prefix` is the start of its Salesforce ids."""

    name: str
    table: str
    fields: tuple[CrmField, ...]
    enables: str
    is_required: bool = False
    key_prefix: str = ""

    def field(self, name: str) -> CrmField | None:
        """Return the field of that name, in any letter case, or None."""
        return next((field for field in self.fields if field.name.lower() == name.lower()), None)


def _field(name: str, kind: FieldType, enables: str = "", *, required: bool = False, logical: bool = False) -> CrmField:
    return CrmField(name, kind, enables, is_required=required, is_logical=logical)


_STAMPS = (
    _field("CreatedDate", "datetime", "sales cycle and the default as-of date"),
    _field("LastModifiedDate", "datetime"),
    _field("SystemModstamp", "datetime", "which of two versions of a record is newer"),
)
_DELETED = _field("IsDeleted", "boolean", "dropping records from the recycle bin")
_CURRENCY = _field("CurrencyIsoCode", "text", "conversion of amounts to one currency")
_ID = _field("Id", "id", required=True)

ACCOUNT = CrmObject(
    name="Account",
    table="account",
    key_prefix="001",
    is_required=True,
    enables="everything",
    fields=(
        _ID,
        _DELETED,
        _field("MasterRecordId", "id", "following merged accounts"),
        _field("Name", "text", required=True),
        _field("ParentId", "id", "ultimate-parent groups"),
        _field("Type", "text", "scope by account type"),
        _field("RecordTypeId", "id", "scope by record type"),
        _field("Industry", "text", "segments"),
        _field("BillingCountry", "text", "number of countries per group"),
        _field("AnnualRevenue", "amount", "the customer's own turnover"),
        _field("NumberOfEmployees", "integer"),
        _field("OwnerId", "id"),
        _CURRENCY,
        *_STAMPS,
        _field("ExternalId", "text", "matching feeds by an id of another system", logical=True),
        _field("IsKeyAccount", "text", "keep, review and exit decisions", logical=True),
        _field("IsInternal", "boolean", "leaving out test and internal accounts by a flag", logical=True),
        _field("PotentialAmount", "amount", "the criterion potential", logical=True),
        _field("ExecutiveSponsorId", "id", "management backing", logical=True),
    ),
)
OPPORTUNITY = CrmObject(
    name="Opportunity",
    table="opportunity",
    key_prefix="006",
    is_required=True,
    enables="everything",
    fields=(
        _ID,
        _DELETED,
        _field("AccountId", "id", required=True),
        _field("Name", "text"),
        _field("StageName", "text", "won and lost where the flags are absent"),
        _field("IsClosed", "boolean", "won and lost deals"),
        _field("IsWon", "boolean", "won and lost deals"),
        _field("Amount", "amount", required=True),
        _field("CloseDate", "date", required=True),
        _field("Probability", "number"),
        _field("ForecastCategory", "text"),
        _field("Type", "text", "scope by opportunity type"),
        _field("RecordTypeId", "id", "scope by record type"),
        _field("LeadSource", "text"),
        _field("OwnerId", "id"),
        _CURRENCY,
        *_STAMPS,
        _field("LossReason", "text", "loss reasons", logical=True),
    ),
)
OPPORTUNITY_LINE_ITEM = CrmObject(
    name="OpportunityLineItem",
    table="opportunity_line_item",
    key_prefix="00k",
    enables="cross-selling and product breadth",
    fields=(
        _ID,
        _DELETED,
        _field("OpportunityId", "id", required=True),
        _field("Product2Id", "id", "product families"),
        _field("Quantity", "number"),
        _field("UnitPrice", "amount"),
        _field("TotalPrice", "amount"),
        _CURRENCY,
        *_STAMPS,
    ),
)
PRODUCT2 = CrmObject(
    name="Product2",
    table="product2",
    key_prefix="01t",
    enables="product families",
    fields=(
        _ID,
        _DELETED,
        _field("Name", "text"),
        _field("ProductCode", "text"),
        _field("Family", "text", "product families"),
        _field("IsActive", "boolean"),
        *_STAMPS,
    ),
)
_ACTIVITY_LINKS = (
    _field("WhoId", "id", "engaged contacts"),
    _field("WhatId", "id", "activities of opportunities"),
    _field("AccountId", "id", "activities per account"),
    _field("OwnerId", "id"),
    _field("Subject", "text"),
)
TASK = CrmObject(
    name="Task",
    table="task",
    key_prefix="00T",
    enables="calls and e-mails",
    fields=(
        _ID,
        _DELETED,
        *_ACTIVITY_LINKS,
        _field("ActivityDate", "date"),
        _field("Status", "text"),
        _field("IsClosed", "boolean", "completed activities"),
        _field("TaskSubtype", "text", "kind of activity"),
        _field("Type", "text", "kind of activity"),
        _field("IsRecurrence", "boolean"),
        _field("IsArchived", "boolean"),
        _field("CompletedDateTime", "datetime"),
        *_STAMPS,
    ),
)
EVENT = CrmObject(
    name="Event",
    table="event",
    key_prefix="00U",
    enables="meetings",
    fields=(
        _ID,
        _DELETED,
        *_ACTIVITY_LINKS,
        _field("ActivityDate", "date"),
        _field("ActivityDateTime", "datetime"),
        _field("EventSubtype", "text"),
        _field("Type", "text", "kind of activity"),
        _field("Location", "text"),
        _field("IsChild", "boolean", "counting a group meeting once"),
        _field("IsRecurrence", "boolean"),
        _field("IsArchived", "boolean"),
        _field("Status", "text", "planned meetings that never took place"),
        *_STAMPS,
    ),
)
CONTACT = CrmObject(
    name="Contact",
    table="contact",
    key_prefix="003",
    enables="engaged contacts and relation breadth",
    fields=(
        _ID,
        _DELETED,
        _field("MasterRecordId", "id", "following merged contacts"),
        _field("AccountId", "id"),
        _field("Name", "text"),
        _field("Title", "text", "seniority of contacts"),
        _field("Department", "text"),
        *_STAMPS,
    ),
)
OPPORTUNITY_CONTACT_ROLE = CrmObject(
    name="OpportunityContactRole",
    table="opportunity_contact_role",
    key_prefix="00K",
    enables="contacts involved in deals",
    fields=(
        _ID,
        _DELETED,
        _field("OpportunityId", "id", required=True),
        _field("ContactId", "id", required=True),
        _field("Role", "text"),
        _field("IsPrimary", "boolean"),
        *_STAMPS,
    ),
)
ACCOUNT_TEAM_MEMBER = CrmObject(
    name="AccountTeamMember",
    table="account_team_member",
    key_prefix="01M",
    enables="account teams and sponsors",
    fields=(
        _ID,
        _DELETED,
        _field("AccountId", "id", required=True),
        _field("UserId", "id", required=True),
        _field("TeamMemberRole", "text"),
        *_STAMPS,
    ),
)
USER = CrmObject(
    name="User",
    table="user",
    key_prefix="005",
    enables="owners, functions and managers",
    fields=(
        _ID,
        _field("Name", "text"),
        _field("Title", "text"),
        _field("Department", "text", "functions on the account team"),
        _field("IsActive", "boolean"),
        _field("ManagerId", "id"),
        _field("UserRoleId", "id"),
        *_STAMPS,
    ),
)
CASE = CrmObject(
    name="Case",
    table="case",
    key_prefix="500",
    enables="service cases",
    fields=(
        _ID,
        _DELETED,
        _field("MasterRecordId", "id"),
        _field("AccountId", "id"),
        _field("ContactId", "id"),
        _field("Status", "text"),
        _field("Priority", "text"),
        _field("Origin", "text"),
        _field("IsClosed", "boolean"),
        _field("ClosedDate", "datetime"),
        *_STAMPS,
    ),
)
CURRENCY_TYPE = CrmObject(
    name="CurrencyType",
    table="currency_type",
    key_prefix="01L",
    enables="static exchange rates",
    fields=(
        _ID,
        _field("IsoCode", "text", required=True),
        _field("ConversionRate", "number", required=True),
        _field("DecimalPlaces", "integer"),
        _field("IsActive", "boolean"),
        _field("IsCorporate", "boolean", "the reporting currency"),
        *_STAMPS,
    ),
)
DATED_CONVERSION_RATE = CrmObject(
    name="DatedConversionRate",
    table="dated_conversion_rate",
    key_prefix="04w",
    enables="exchange rates of the close date",
    fields=(
        _ID,
        _field("IsoCode", "text", required=True),
        _field("StartDate", "date", required=True),
        _field("NextStartDate", "date"),
        _field("ConversionRate", "number", required=True),
        *_STAMPS,
    ),
)
ORGANIZATION = CrmObject(
    name="Organization",
    table="organization",
    key_prefix="00D",
    enables="the organisation's time zone and fiscal year",
    fields=(
        _ID,
        _field("Name", "text"),
        _field("DefaultCurrencyIsoCode", "text", "the reporting currency"),
        _field("FiscalYearStartMonth", "integer"),
        _field("TimeZoneSidKey", "text", "the day on which a meeting took place"),
        *_STAMPS,
    ),
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
)
"""Every object we read, the required ones first."""


def crm_object(name: str) -> CrmObject | None:
    """Return the declared object of that name, in any letter case, or None."""
    return next((declared for declared in CRM_OBJECTS if declared.name.lower() == name.lower()), None)
