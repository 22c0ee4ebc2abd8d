"""Objects about customers: accounts, their people, who looks after them, and plans for them."""

from kam_pipeline.crm_schema.declaration import CURRENCY, DELETED, ID, STAMPS, CrmObject, field

ACCOUNT = CrmObject(
    name="Account",
    table="account",
    key_prefix="001",
    is_required=True,
    enables="everything",
    fields=(
        ID,
        DELETED,
        field("MasterRecordId", "id", "following merged accounts"),
        field("Name", "text", required=True),
        field("ParentId", "id", "ultimate-parent groups"),
        field("Type", "text", "scope by account type"),
        field("RecordTypeId", "id", "scope by record type"),
        field("Industry", "text", "segments"),
        field("BillingCountry", "text", "number of countries per group"),
        field("AnnualRevenue", "amount", "the customer's own turnover"),
        field("NumberOfEmployees", "integer"),
        field("OwnerId", "id"),
        CURRENCY,
        *STAMPS,
        field("ExternalId", "text", "matching feeds by an id of another system", logical=True),
        field("IsKeyAccount", "text", "keep, review and exit decisions", logical=True),
        field("IsInternal", "boolean", "leaving out test and internal accounts by a flag", logical=True),
        field("PotentialAmount", "amount", "the criterion potential", logical=True),
        field("ExecutiveSponsorId", "id", "management backing", logical=True),
        # text, because many keep them as picklists of words; where they hold numbers, these are read
        field("StrategicFit", "text", "the criterion strategic_fit", logical=True),
        field("MarketInfluence", "text", "the criterion market_influence", logical=True),
    ),
)
CONTACT = CrmObject(
    name="Contact",
    table="contact",
    key_prefix="003",
    enables="engaged contacts and relation breadth",
    fields=(
        ID,
        DELETED,
        field("MasterRecordId", "id", "following merged contacts"),
        field("AccountId", "id"),
        field("Name", "text"),
        field("Title", "text", "seniority of contacts"),
        field("Department", "text"),
        *STAMPS,
    ),
)
ACCOUNT_TEAM_MEMBER = CrmObject(
    name="AccountTeamMember",
    table="account_team_member",
    key_prefix="01M",
    enables="account teams and sponsors",
    fields=(
        ID,
        DELETED,
        field("AccountId", "id", required=True),
        field("UserId", "id", required=True),
        field("TeamMemberRole", "text"),
        *STAMPS,
    ),
)
ACCOUNT_HISTORY = CrmObject(
    name="AccountHistory",
    table="account_history",
    key_prefix="017",
    enables="",
    is_staged=False,
    fields=(
        ID,
        DELETED,
        field("AccountId", "id", required=True),
        field("Field", "text"),
        field("DataType", "text"),
        field("OldValue", "text"),
        field("NewValue", "text"),
        field("CreatedById", "id"),
        field("CreatedDate", "datetime"),
    ),
)
ACCOUNT_PLAN = CrmObject(
    name="AccountPlan",
    table="account_plan",
    key_prefix="1AP",
    enables="",
    is_staged=False,
    fields=(
        ID,
        DELETED,
        field("AccountId", "id", required=True),
        field("Name", "text"),
        field("Status", "text"),
        field("StartDate", "date"),
        field("EndDate", "date"),
        field("OwnerId", "id"),
        *STAMPS,
    ),
)
ACCOUNT_PLAN_OBJECTIVE = CrmObject(
    name="AccountPlanObjective",
    table="account_plan_objective",
    key_prefix="1AO",
    enables="",
    is_staged=False,
    fields=(
        ID,
        DELETED,
        field("AccountPlanId", "id", required=True),
        field("Name", "text"),
        field("Status", "text"),
        CURRENCY,
        *STAMPS,
    ),
)
ACCOUNT_PLAN_OBJECTIVE_MEASURE = CrmObject(
    name="AccountPlanObjectiveMeasure",
    table="account_plan_objective_measure",
    key_prefix="1AM",
    enables="",
    is_staged=False,
    fields=(
        ID,
        DELETED,
        field("AccountPlanObjectiveId", "id", required=True),
        field("Name", "text"),
        field("CurrentValue", "text"),
        field("TargetValue", "text"),
        CURRENCY,
        *STAMPS,
    ),
)
