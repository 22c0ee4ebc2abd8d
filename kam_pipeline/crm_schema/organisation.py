"""Objects about the organisation itself: users, roles, record types, currencies, fiscal years."""

from kam_pipeline.crm_schema.declaration import ID, STAMPS, CrmObject, field

USER = CrmObject(
    name="User",
    table="user",
    key_prefix="005",
    enables="owners, functions and managers",
    fields=(
        ID,
        field("Name", "text"),
        field("Title", "text"),
        field("Department", "text", "functions on the account team"),
        field("IsActive", "boolean"),
        field("ManagerId", "id"),
        field("UserRoleId", "id"),
        *STAMPS,
    ),
)
CURRENCY_TYPE = CrmObject(
    name="CurrencyType",
    table="currency_type",
    key_prefix="01L",
    enables="static exchange rates",
    fields=(
        ID,
        field("IsoCode", "text", required=True),
        field("ConversionRate", "number", required=True),
        field("DecimalPlaces", "integer"),
        field("IsActive", "boolean"),
        field("IsCorporate", "boolean", "the reporting currency"),
        *STAMPS,
    ),
)
DATED_CONVERSION_RATE = CrmObject(
    name="DatedConversionRate",
    table="dated_conversion_rate",
    key_prefix="04w",
    enables="exchange rates of the close date",
    fields=(
        ID,
        field("IsoCode", "text", required=True),
        field("StartDate", "date", required=True),
        field("NextStartDate", "date"),
        field("ConversionRate", "number", required=True),
        *STAMPS,
    ),
)
ORGANIZATION = CrmObject(
    name="Organization",
    table="organization",
    key_prefix="00D",
    enables="the organisation's time zone and fiscal year",
    fields=(
        ID,
        field("Name", "text"),
        field("DefaultCurrencyIsoCode", "text", "the reporting currency"),
        field("FiscalYearStartMonth", "integer"),
        field("TimeZoneSidKey", "text", "the day on which a meeting took place"),
        *STAMPS,
    ),
)
USER_ROLE = CrmObject(
    name="UserRole",
    table="user_role",
    key_prefix="00E",
    enables="",
    is_staged=False,
    fields=(
        ID,
        field("Name", "text"),
        field("DeveloperName", "text"),
        field("ParentRoleId", "id"),
        field("LastModifiedDate", "datetime"),
        field("SystemModstamp", "datetime"),
    ),
)
RECORD_TYPE = CrmObject(
    name="RecordType",
    table="record_type",
    key_prefix="012",
    enables="",
    is_staged=False,
    fields=(
        ID,
        field("Name", "text"),
        field("DeveloperName", "text"),
        field("SobjectType", "text"),
        field("IsActive", "boolean"),
        *STAMPS,
    ),
)
FISCAL_YEAR_SETTINGS = CrmObject(
    name="FiscalYearSettings",
    table="fiscal_year_settings",
    key_prefix="022",
    enables="",
    is_staged=False,
    fields=(
        ID,
        field("Name", "text"),
        field("StartDate", "date"),
        field("EndDate", "date"),
        field("IsStandardYear", "boolean"),
        field("YearType", "text"),
        field("SystemModstamp", "datetime"),
    ),
)
