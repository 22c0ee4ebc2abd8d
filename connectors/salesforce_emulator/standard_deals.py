"""Standard objects about what is sold, and about what happens with customers.

What belongs here: names, kinds, references. What does not: what they mean (standard_object.py).
"""

from connectors.salesforce_emulator.standard_object import UNDELETABLE, VIEWED, StandardObject, address

_ACTIVITY = (
    "WhoId>Contact/{0} WhatId>Account|Opportunity|Case|Order/{0} Subject:combobox ActivityDate:date "
    "OwnerId>User! Description:textarea(32000) AccountId>Account Type:picklist IsArchived:boolean!=false "
    "IsReminderSet:boolean!=false ReminderDateTime:datetime IsRecurrence:boolean!=false RecurrenceActivityId>{1} "
    "CurrencyIsoCode:picklist"
)
_ACTIVITY_LINK = "RelationId>Contact|User Type:picklist"

DEALS = (
    StandardObject(
        "Opportunity",
        "006",
        "Opportunities",
        "AccountId>Account/Opportunities RecordTypeId>RecordType IsPrivate:boolean!=false Name:string(120)! "
        "Description:textarea(32000) StageName:picklist! Amount:currency Probability:percent ExpectedRevenue:currency "
        "TotalOpportunityQuantity:double CloseDate:date! Type:picklist NextStep:string LeadSource:picklist "
        "IsClosed:boolean!=false IsWon:boolean!=false ForecastCategory:picklist! ForecastCategoryName:picklist "
        "CurrencyIsoCode:picklist HasOpportunityLineItem:boolean!=false OwnerId>User! LastActivityDate:date "
        "PushCount:int LastStageChangeDate:datetime FiscalQuarter:int FiscalYear:int Fiscal:string(6) "
        f"ContactId>Contact LastAmountChangedHistoryId>OpportunityHistory {VIEWED}",
    ),
    StandardObject(
        "OpportunityLineItem",
        "00k",
        "Opportunity Products",
        "OpportunityId>Opportunity/OpportunityLineItems! SortOrder:int PricebookEntryId:reference Product2Id>Product2 "
        "ProductCode:string Name:string(376) CurrencyIsoCode:picklist Quantity:double! Discount:percent "
        "TotalPrice:currency UnitPrice:currency ListPrice:currency ServiceDate:date Description:string",
    ),
    StandardObject(
        "Product2",
        "01t",
        "Products",
        "Name:string! ProductCode:string Description:textarea(4000) IsActive:boolean!=false Family:picklist "
        f"CurrencyIsoCode:picklist ExternalId:string IsArchived:boolean!=false StockKeepingUnit:string(180) {VIEWED}",
    ),
    StandardObject(
        "OpportunityContactRole",
        "00K",
        "Opportunity Contact Roles",
        "OpportunityId>Opportunity/OpportunityContactRoles! ContactId>Contact/OpportunityContactRoles! "
        "Role:picklist IsPrimary:boolean!=false CurrencyIsoCode:picklist",
    ),
    StandardObject(
        "OpportunityHistory",
        "008",
        "Opportunity Histories",
        "OpportunityId>Opportunity/OpportunityHistories! StageName:picklist Amount:currency ExpectedRevenue:currency "
        "CloseDate:date Probability:percent ForecastCategory:picklist FromForecastCategory:picklist "
        "PrevAmount:currency PrevCloseDate:date CurrencyIsoCode:picklist",
        lacks="LastModifiedDate LastModifiedById",
        feature="history",
    ),
    StandardObject(
        "OpportunityFieldHistory",
        "017",
        "Opportunity Field Histories",
        "OpportunityId>Opportunity/Histories! Field:picklist! DataType:picklist OldValue:anyType NewValue:anyType",
        lacks="LastModifiedDate LastModifiedById SystemModstamp",
        feature="history",
    ),
    StandardObject(
        "OpportunityTeamMember",
        "00q",
        "Opportunity Team Members",
        "OpportunityId>Opportunity/OpportunityTeamMembers! UserId>User! Name:string(361) PhotoUrl:url Title:string(80) "
        "TeamMemberRole:picklist OpportunityAccessLevel:picklist CurrencyIsoCode:picklist",
        feature="opportunity_teams",
    ),
    StandardObject(
        "OpportunityStage",
        "01J",
        "Opportunity Stages",
        "MasterLabel:string ApiName:string IsActive:boolean!=true SortOrder:int IsClosed:boolean!=false "
        "IsWon:boolean!=false ForecastCategory:picklist! ForecastCategoryName:picklist DefaultProbability:percent "
        "Description:string",
        lacks=UNDELETABLE,
    ),
    StandardObject(
        "Order",
        "801",
        "Orders",
        "AccountId>Account/Orders OpportunityId>Opportunity/Orders OrderNumber:string(30)! Name:string(80) "
        "Type:picklist Status:picklist! StatusCode:picklist! EffectiveDate:date! EndDate:date ActivatedDate:datetime "
        f"TotalAmount:currency OwnerId>User! {address('Billing')} {address('Shipping')} Description:textarea(32000) "
        f"IsReductionOrder:boolean!=false PoNumber:string(80) CurrencyIsoCode:picklist {VIEWED}",
        feature="orders",
    ),
    StandardObject(
        "OrderItem",
        "802",
        "Order Products",
        "OrderId>Order/OrderItems! OrderItemNumber:string(30) Product2Id>Product2 Quantity:double! UnitPrice:currency "
        "ListPrice:currency TotalPrice:currency ServiceDate:date EndDate:date Description:string "
        "CurrencyIsoCode:picklist",
        feature="orders",
    ),
)

ACTIVITIES = (
    StandardObject(
        "Task",
        "00T",
        "Tasks",
        _ACTIVITY.format("Tasks", "Task") + " Status:picklist! Priority:picklist! IsHighPriority:boolean!=false "
        "IsClosed:boolean!=false CallDurationInSeconds:int CallType:picklist TaskSubtype:picklist "
        "CompletedDateTime:datetime",
    ),
    StandardObject(
        "Event",
        "00U",
        "Events",
        _ACTIVITY.format("Events", "Event") + " Location:string IsAllDayEvent:boolean!=false ActivityDateTime:datetime "
        "DurationInMinutes:int StartDateTime:datetime EndDateTime:datetime EndDate:date IsPrivate:boolean!=false "
        "ShowAs:picklist IsChild:boolean!=false IsGroupEvent:boolean!=false GroupEventType:picklist "
        "EventSubtype:picklist Status:picklist IsRecurrence2:boolean!=false",
    ),
    StandardObject(
        "EventRelation",
        "0RE",
        "Event Relations",
        "EventId>Event/EventRelations! RelationId>Contact|User|Account|Opportunity|Case! IsWhat:boolean!=false "
        "IsParent:boolean!=false IsInvitee:boolean!=false Status:picklist RespondedDate:datetime Response:string",
    ),
    StandardObject(
        "EventWhoRelation", "0RE", "Event Who Relations", f"EventId>Event/EventWhoRelations! {_ACTIVITY_LINK}"
    ),
    StandardObject("TaskWhoRelation", "0RT", "Task Who Relations", f"TaskId>Task/TaskWhoRelations! {_ACTIVITY_LINK}"),
    StandardObject(
        "EmailMessage",
        "02s",
        "Email Messages",
        "ParentId>Case/EmailMessages ActivityId>Task Incoming:boolean!=false Status:picklist! "
        "Subject:string(3000) TextBody:textarea(32000) HtmlBody:textarea(131072) FromAddress:email FromName:string "
        "ToAddress:string(4000) MessageDate:datetime HasAttachment:boolean!=false MessageIdentifier:string "
        "RelatedToId>Account|Opportunity|Case/Emails CurrencyIsoCode:picklist",
    ),
    StandardObject(
        "Case",
        "500",
        "Cases",
        "MasterRecordId>Case CaseNumber:string(30)! ContactId>Contact/Cases AccountId>Account/Cases "
        "ParentId>Case/Cases SuppliedName:string(80) SuppliedEmail:email Type:picklist Status:picklist "
        "Reason:picklist Origin:picklist Subject:string Priority:picklist Description:textarea(32000) "
        "IsClosed:boolean!=false ClosedDate:datetime "
        f"IsEscalated:boolean!=false CurrencyIsoCode:picklist OwnerId>User! Comments:textarea(4000) {VIEWED}",
    ),
)
