"""Standard objects about customers, and about the organisation itself.

What belongs here: names, kinds, references. What does not: what they mean (standard_object.py).
"""

from connectors.salesforce_emulator.standard_object import UNDELETABLE, VIEWED, StandardObject, address

CUSTOMERS = (
    StandardObject(
        "Account",
        "001",
        "Accounts",
        "MasterRecordId>Account Name:string! Type:picklist RecordTypeId>RecordType ParentId>Account/ChildAccounts "
        f"{address('Billing')} {address('Shipping')} Phone:phone Fax:phone AccountNumber:string(40) Website:url "
        "PhotoUrl:url Sic:string(20) Industry:picklist AnnualRevenue:currency NumberOfEmployees:int "
        "Ownership:picklist TickerSymbol:string(20) Description:textarea(32000) Rating:picklist Site:string(80) "
        "CurrencyIsoCode:picklist OwnerId>User! LastActivityDate:date AccountSource:picklist "
        f"IsPersonAccount:boolean!=false PersonContactId>Contact {VIEWED}",
    ),
    StandardObject(
        "Contact",
        "003",
        "Contacts",
        "MasterRecordId>Contact AccountId>Account/Contacts LastName:string(80)@Name! FirstName:string(40)@Name "
        f"Salutation:picklist@Name Name:string(121)! {address('Mailing')} {address('Other')} Phone:phone Fax:phone "
        "MobilePhone:phone ReportsToId>Contact Email:email Title:string(128) Department:string(80) "
        "LeadSource:picklist Birthdate:date Description:textarea(32000) CurrencyIsoCode:picklist OwnerId>User "
        f"HasOptedOutOfEmail:boolean!=false LastActivityDate:date IsEmailBounced:boolean!=false {VIEWED}",
    ),
    StandardObject(
        "AccountTeamMember",
        "01M",
        "Account Team Members",
        "AccountId>Account/AccountTeamMembers! UserId>User! TeamMemberRole:picklist PhotoUrl:url Title:string(80) "
        "AccountAccessLevel:picklist OpportunityAccessLevel:picklist CaseAccessLevel:picklist CurrencyIsoCode:picklist",
        feature="account_teams",
    ),
    StandardObject(
        "AccountHistory",
        "017",
        "Account Histories",
        "AccountId>Account/Histories! Field:picklist! DataType:picklist OldValue:anyType NewValue:anyType",
        lacks="LastModifiedDate LastModifiedById SystemModstamp",
        feature="history",
    ),
    StandardObject(
        "AccountPlan",
        "1AP",
        "Account Plans",
        "AccountId>Account/AccountPlans! Name:string! Status:picklist StartDate:date EndDate:date OwnerId>User! "
        "AccountChallenges:textarea(32000) AccountCompetitors:textarea(32000) AccountPriorities:textarea(32000) "
        f"Notes:textarea(32000) CurrencyIsoCode:picklist {VIEWED}",
        since=62.0,
        feature="account_plans",
    ),
    StandardObject(
        "AccountPlanObjective",
        "1AO",
        "Account Plan Objectives",
        "AccountPlanId>AccountPlan/AccountPlanObjectives! Name:string! Status:picklist Priority:picklist "
        f"StartDate:date EndDate:date Description:textarea(32000) CurrencyIsoCode:picklist {VIEWED}",
        since=62.0,
        feature="account_plans",
    ),
    StandardObject(
        "AccountPlanObjectiveMeasure",
        "1AM",
        "Account Plan Objective Measures",
        "AccountPlanObjectiveId>AccountPlanObjective/AccountPlanObjectiveMeasures! Name:string! "
        "CurrentValue:string CurrentCurrencyValue:currency CurrentNumberValue:double CurrentPercentValue:percent "
        f"TargetValue:string Status:picklist CurrencyIsoCode:picklist {VIEWED}",
        since=62.0,
        feature="account_plans",
    ),
)

ORGANISATION = (
    StandardObject(
        "User",
        "005",
        "Users",
        "Username:string(80)! LastName:string(80)@Name! FirstName:string(40)@Name Name:string(121)! "
        f"CompanyName:string(80) Division:string(80) Department:string(80) Title:string(80) {address('')} Email:email! "
        "Phone:phone Fax:phone Alias:string(8)! IsActive:boolean!=true UserRoleId>UserRole ManagerId>User "
        "TimeZoneSidKey:picklist LocaleSidKey:picklist LanguageLocaleKey:picklist UserType:picklist "
        f"LastLoginDate:datetime EmployeeNumber:string(20) CurrencyIsoCode:picklist FullPhotoUrl:url {VIEWED}",
        lacks=UNDELETABLE,
    ),
    StandardObject(
        "CurrencyType",
        "01L",
        "Currency Types",
        "IsoCode:picklist! ConversionRate:double! DecimalPlaces:int! IsActive:boolean!=true IsCorporate:boolean!=false",
        lacks=UNDELETABLE,
        feature="multi_currency",
    ),
    StandardObject(
        "DatedConversionRate",
        "04w",
        "Dated Conversion Rates",
        "IsoCode:picklist! StartDate:date! NextStartDate:date ConversionRate:double!",
        lacks=UNDELETABLE,
        feature="dated_rates",
    ),
    StandardObject(
        "Organization",
        "00D",
        "Organizations",
        f"Name:string(80)! Division:string(80) {address('')} Phone:phone DefaultLocaleSidKey:picklist "
        "LanguageLocaleKey:picklist TimeZoneSidKey:picklist DefaultCurrencyIsoCode:picklist FiscalYearStartMonth:int "
        "UsesStartDateAsFiscalYearName:boolean!=false OrganizationType:picklist NamespacePrefix:string(15) "
        "InstanceName:string(5) IsSandbox:boolean!=false IsReadOnly:boolean!=false",
        lacks=UNDELETABLE,
    ),
    StandardObject(
        "UserRole",
        "00E",
        "Roles",
        "Name:string(80)! ParentRoleId>UserRole RollupDescription:string(80) DeveloperName:string(80) "
        "OpportunityAccessForAccountOwner:picklist PortalType:picklist",
        lacks="IsDeleted CreatedDate CreatedById",
    ),
    StandardObject(
        "RecordType",
        "012",
        "Record Types",
        "Name:string(80)! DeveloperName:string(80)! NamespacePrefix:string(15) Description:string "
        "SobjectType:picklist! IsActive:boolean!=true",
        lacks=UNDELETABLE,
    ),
    StandardObject(
        "FiscalYearSettings",
        "022",
        "Fiscal Year Settings",
        "PeriodId:reference StartDate:date EndDate:date Name:string(80) IsStandardYear:boolean!=true YearType:picklist "
        "QuarterLabelScheme:picklist Description:string",
        lacks="IsDeleted CreatedDate CreatedById LastModifiedDate LastModifiedById",
    ),
)
