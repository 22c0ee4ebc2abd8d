"""Objects about what happens with customers: tasks, events, who took part, e-mails, service cases."""

from kam_pipeline.crm_schema.declaration import DELETED, ID, STAMPS, CrmObject, field

_ACTIVITY_LINKS = (
    field("WhoId", "id", "engaged contacts"),
    field("WhatId", "id", "activities of opportunities"),
    field("AccountId", "id", "activities per account"),
    field("OwnerId", "id"),
    field("Subject", "text"),
)
TASK = CrmObject(
    name="Task",
    table="task",
    key_prefix="00T",
    enables="calls and e-mails",
    fields=(
        ID,
        DELETED,
        *_ACTIVITY_LINKS,
        field("ActivityDate", "date"),
        field("Status", "text"),
        field("IsClosed", "boolean", "completed activities"),
        field("TaskSubtype", "text", "kind of activity"),
        field("Type", "text", "kind of activity"),
        field("IsRecurrence", "boolean"),
        field("IsArchived", "boolean"),
        field("CompletedDateTime", "datetime"),
        *STAMPS,
    ),
)
EVENT = CrmObject(
    name="Event",
    table="event",
    key_prefix="00U",
    enables="meetings",
    fields=(
        ID,
        DELETED,
        *_ACTIVITY_LINKS,
        field("ActivityDate", "date"),
        field("ActivityDateTime", "datetime"),
        field("EventSubtype", "text"),
        field("Type", "text", "kind of activity"),
        field("Location", "text"),
        field("IsChild", "boolean", "counting a group meeting once"),
        field("IsRecurrence", "boolean"),
        field("IsArchived", "boolean"),
        field("Status", "text", "planned meetings that never took place"),
        *STAMPS,
    ),
)
CASE = CrmObject(
    name="Case",
    table="case",
    key_prefix="500",
    enables="service cases",
    fields=(
        ID,
        DELETED,
        field("MasterRecordId", "id"),
        field("AccountId", "id"),
        field("ContactId", "id"),
        field("Status", "text"),
        field("Priority", "text"),
        field("Origin", "text"),
        field("IsClosed", "boolean"),
        field("ClosedDate", "datetime"),
        *STAMPS,
    ),
)
EVENT_RELATION = CrmObject(
    name="EventRelation",
    table="event_relation",
    key_prefix="0RE",
    enables="",
    is_staged=False,
    fields=(
        ID,
        DELETED,
        field("EventId", "id", required=True),
        field("RelationId", "id", required=True),
        field("IsInvitee", "boolean"),
        field("IsParent", "boolean"),
        field("IsWhat", "boolean"),
        field("Status", "text"),
        *STAMPS,
    ),
)
EVENT_WHO_RELATION = CrmObject(
    name="EventWhoRelation",
    table="event_who_relation",
    key_prefix="0RE",
    enables="",
    is_staged=False,
    fields=(
        ID,
        DELETED,
        field("EventId", "id", required=True),
        field("RelationId", "id", required=True),
        field("Type", "text"),
        *STAMPS,
    ),
)
TASK_WHO_RELATION = CrmObject(
    name="TaskWhoRelation",
    table="task_who_relation",
    key_prefix="0RT",
    enables="",
    is_staged=False,
    fields=(
        ID,
        DELETED,
        field("TaskId", "id", required=True),
        field("RelationId", "id", required=True),
        field("Type", "text"),
        *STAMPS,
    ),
)
EMAIL_MESSAGE = CrmObject(
    name="EmailMessage",
    table="email_message",
    key_prefix="02s",
    enables="",
    is_staged=False,
    fields=(
        ID,
        DELETED,
        field("ParentId", "id"),
        field("ActivityId", "id"),
        field("RelatedToId", "id"),
        field("Incoming", "boolean"),
        field("Status", "text"),
        field("MessageDate", "datetime"),
        *STAMPS,
    ),
)
