"""What the organisation shows of each object, asked anew at every extraction, and what is to be read of it.

What belongs here: objects that are there and not there, and putting plans together. What does not: single fields
(fields.py), how many records are hidden (permissions.py), reading (rest.py, bulk.py).
"""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Map
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from connectors.base import Checkpoints, FieldPresence, ObjectAvailability
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.fields import READER, FieldFinding, ObjectFields, column_key
from connectors.salesforce.plan import ObjectPlan, SelectedColumn
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.errors import RequestRefusedError, SourceFormatError
from kam_pipeline.settings.section import closest
from kam_pipeline.settings.source import Mapping

_FEATURES: dict[str, str] = {
    "AccountHistory": "field history of accounts is off (Setup > Object Manager > Account > Set History Tracking)",
    "AccountPlan": "account plans are off (Setup > Account Plan Settings), or source.api_version is below 62.0",
    "AccountTeamMember": "account teams are off (Setup > Account Teams)",
    "CurrencyType": "multi-currency is off",
    "DatedConversionRate": "advanced currency management is off",
    "EmailMessage": "Email-to-Case and enhanced e-mail are off",
    "OpportunityFieldHistory": "field history of opportunities is off (Setup > Object Manager > Opportunity > Set "
    "History Tracking)",
    "OpportunityTeamMember": "team selling is off (Setup > Opportunity Team Settings)",
    "Order": "orders are off (Setup > Order Settings)",
    "OrderItem": "orders are off (Setup > Order Settings)",
}
"""Why an object may not be there, besides a permission."""

# Members taken off a team never reach the recycle bin, whatever their field IsDeleted promises. Whether roles of
# contacts do is not known.
_WITHOUT_BIN = frozenset({"AccountTeamMember", "OpportunityTeamMember", "OpportunityContactRole"})
_ABSENT_CODES = frozenset({"NOT_FOUND", "INVALID_TYPE"})


def plan_objects(
    client: SalesforceClient, objects: Sequence[CrmObject], mapping: Mapping, checkpoints: Checkpoints
) -> tuple[list[ObjectPlan], list[ObjectAvailability]]:
    """Return what is to be read of each object that is there, and what was found of every object, in the order asked.

    Parameters
    ----------
    client : SalesforceClient
        What is asked: one description of all objects, and one of each that is there.
    objects : Sequence[CrmObject]
        Declared objects of the CRM.
    mapping : Mapping
        Section `mapping`.
    checkpoints : Checkpoints
        What the last extraction left per object; of it `sobject`, `described` and `columns` count here, which
        `remembered` makes.

    Raises
    ------
    SourceFormatError
        When a required object or a field that it cannot do without is missing, or `mapping` names what does not exist;
        with one line per problem, over all objects.
    """
    survey = _Survey(client, mapping, checkpoints)
    found = [survey.look_at(crm_object) for crm_object in objects]
    if survey.problems:
        raise SourceFormatError("\n".join(survey.problems))
    plans = [item for item in found if isinstance(item, ObjectPlan)]
    return plans, [item.availability if isinstance(item, ObjectPlan) else item for item in found]


class OfOneOrganisation:
    """What earlier extractions left of one organisation; others may be signed in to at the same address.

    Parameters
    ----------
    checkpoints : Checkpoints
        What was left.
    org_id : str
        The organisation.
    """

    def __init__(self, checkpoints: Checkpoints, org_id: str) -> None:
        self._checkpoints = checkpoints
        self._org_id = org_id

    @property
    def reads_all(self) -> bool:
        """Whether every record is to be read anew."""
        return self._checkpoints.reads_all

    def of(self, object_name: str) -> Map[str, Any] | None:
        """Return what was left of an object, None where it was another organisation's."""
        left = self._checkpoints.of(object_name)
        return left if left is not None and left.get("org_id", self._org_id) == self._org_id else None

    def known(self, object_name: str) -> Iterator[pa.RecordBatch]:
        """Yield the ids and stamps that are known."""
        return self._checkpoints.known(object_name)


def remembered(plan: ObjectPlan) -> dict[str, Any]:
    """Return what a checkpoint has to say of a plan, so that the next extraction knows what is new."""
    return {
        "sobject": plan.sobject,
        "described": plan.described,
        "columns": sorted({column_key(column) for column in plan.columns}),
    }


class _Survey:
    """One look at an organisation."""

    def __init__(self, client: SalesforceClient, mapping: Mapping, checkpoints: Checkpoints) -> None:
        self.problems: list[str] = []
        self._client = client
        self._mapping = mapping
        self._checkpoints = checkpoints
        listed = [item for item in client.describe_global() if not item.get("deprecatedAndHidden")]
        self._listed = {str(item["name"]).lower(): item for item in listed}
        self._host = urlsplit(client.instance_url).netloc

    def look_at(self, crm_object: CrmObject) -> ObjectPlan | ObjectAvailability:
        """Return the plan of an object, or why there is none."""
        mapped = self._mapping.of(crm_object.name)
        sobject = mapped.sobject or crm_object.name
        checkpoint = self._checkpoints.of(crm_object.name)
        if checkpoint is not None and checkpoint.get("sobject", sobject).lower() != sobject.lower():
            checkpoint = None
        described = self._describe(sobject)
        if described is None:
            return self._not_there(crm_object, sobject, was_there=checkpoint is not None)
        fields = ObjectFields(crm_object, described, mapped, checkpoint)
        findings = fields.findings()
        self.problems += [finding.problem for finding in findings if finding.problem]
        lacking = _lacking(crm_object, findings)
        if lacking:
            return self._unusable(crm_object, sobject, findings, lacking)
        return self._plan(crm_object, described, fields, findings)

    def _describe(self, sobject: str) -> dict[str, Any] | None:
        listed = self._listed.get(sobject.lower())
        if listed is None or not listed.get("queryable", True):
            return None
        try:
            return self._client.describe(str(listed["name"]))
        except RequestRefusedError as error:
            if error.code in _ABSENT_CODES:
                return None
            raise

    def _not_there(self, crm_object: CrmObject, sobject: str, *, was_there: bool) -> ObjectAvailability:
        name = crm_object.name
        permission = f"{sobject} does not exist or is hidden: grant Read on it to {READER}"
        if sobject != name and not was_there:
            near = closest(sobject, sorted(str(item["name"]) for item in self._listed.values()))
            self.problems.append(f"mapping.{name}.sobject: {permission}{near if 'did you mean' in near else ''}")
        elif crm_object.is_required:
            self.problems.append(f"{permission}, or say in mapping.{name}.sobject which object serves as it")
        feature = next((why for known, why in _FEATURES.items() if name == known or _is_part(name, known)), "")
        before = "it was there at the last extraction, whose records stay" if was_there else ""
        reasons = (before, (feature and f"{feature}, or it is hidden: grant Read on it to {READER}") or permission)
        presence: dict[str, FieldPresence] = {field.name: "absent" for field in crm_object.fields}
        return ObjectAvailability(crm_object, (), presence, ("; ".join(filter(None, reasons)),))

    def _unusable(
        self, crm_object: CrmObject, sobject: str, findings: Sequence[FieldFinding], lacking: Sequence[FieldFinding]
    ) -> ObjectAvailability:
        """Return an object that lacks a field without which its records say nothing."""
        reasons = [finding.advice for finding in lacking if finding.advice]
        if crm_object.is_required:
            self.problems += reasons
        note = f"{sobject} cannot be read without {', '.join(finding.name for finding in lacking)}"
        return ObjectAvailability(
            crm_object,
            (),
            {finding.name: finding.presence for finding in findings},
            ("; ".join([note, *reasons]),),
            {finding.name: finding.advice for finding in findings if finding.advice},
        )

    def _plan(
        self,
        crm_object: CrmObject,
        described: Map[str, Any],
        fields: ObjectFields,
        findings: Sequence[FieldFinding],
    ) -> ObjectPlan:
        sobject = str(described["name"])
        columns = tuple(column for finding in findings for column in finding.columns)
        availability = ObjectAvailability(
            crm_object,
            (f"{self._host}/{sobject}",),
            {finding.name: finding.presence for finding in findings},
            self._client.notes if crm_object.is_required else (),
            {finding.name: finding.advice for finding in findings if finding.advice},
        )
        return ObjectPlan(
            crm_object=crm_object,
            sobject=sobject,
            columns=columns,
            availability=availability,
            described=fields.described(findings),
            cursor=_cursor(sobject, fields),
            has_bin=fields.row("IsDeleted") is not None and sobject not in _WITHOUT_BIN,
            is_replicateable=bool(described.get("replicateable")),
            new_columns=_new(fields, columns),
        )


def _is_part(name: str, whole: str) -> bool:
    """Return whether an object comes with the same feature, as the objectives of account plans do."""
    return whole == "AccountPlan" and name.startswith(whole)


def _lacking(crm_object: CrmObject, findings: Sequence[FieldFinding]) -> list[FieldFinding]:
    required = {field.name for field in crm_object.fields if field.is_required}
    return [finding for finding in findings if finding.name in required and not finding.columns]


def _cursor(sobject: str, fields: ObjectFields) -> str | None:
    """Return the stamp that windows can be set on; a record's creation says enough where records never change."""
    candidates = ("SystemModstamp", "CreatedDate") if sobject.endswith("History") else ("SystemModstamp",)
    rows = (fields.row(name) for name in candidates)
    return next((str(row["name"]) for row in rows if row and row.get("filterable", True)), None)


def _new(fields: ObjectFields, columns: Sequence[SelectedColumn]) -> tuple[SelectedColumn, ...]:
    return tuple(column for column in columns if fields.is_new(column))
