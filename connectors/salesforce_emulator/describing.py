"""What describe says of objects and fields.

What belongs here: the JSON of describe. What does not: which objects and fields there are (schema.py).
"""

from typing import Any

from connectors.salesforce_emulator.fields import TEXTS, Field, label_of
from connectors.salesforce_emulator.schema import Schema, SObject

NOT_REPLICATEABLE = frozenset({"TaskWhoRelation", "EventWhoRelation", "EventRelation", "OpportunityStage"})
NOT_REPLICATEABLE |= {"FiscalYearSettings", "Organization", "DatedConversionRate"}
_SOAP_TYPES = {"id": "tns:ID", "reference": "tns:ID", "datetime": "xsd:dateTime", "address": "urn:address"}
_SOAP_TYPES |= {"currency": "xsd:double", "percent": "xsd:double", "location": "urn:location"}
_SOAP_TYPES |= {kind: f"xsd:{kind}" for kind in ("boolean", "date", "double", "int", "long", "time", "anyType")}
_READ_ONLY = frozenset({"Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"})
_READ_ONLY |= {"SystemModstamp", "MasterRecordId", "LastActivityDate", "LastViewedDate", "LastReferencedDate"}


def is_replicateable(owner: SObject) -> bool:
    """Return whether `/deleted` and `/updated` answer for an object."""
    return owner.name not in NOT_REPLICATEABLE


def describe_global(schema: Schema, version: float) -> dict[str, Any]:
    """Return what the list of all objects says."""
    shown = [_object_flags(owner, version) for owner in schema.visible(version)]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown}


def describe(schema: Schema, owner: SObject, version: float) -> dict[str, Any]:
    """Return what describe says of one object."""
    return {
        **_object_flags(owner, version),
        "actionOverrides": [],
        "childRelationships": _child_relationships(schema, owner, version),
        "compactLayoutable": True,
        "fields": [_field(known) for known in owner.visible],
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [
            {
                "active": True,
                "available": True,
                "defaultRecordTypeMapping": True,
                "developerName": "Master",
                "master": True,
                "name": "Master",
                "recordTypeId": "012000000000000AAA",
            }
        ],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": "All records", "name": "everything"}],
    }


def _object_flags(owner: SObject, version: float) -> dict[str, Any]:
    path = f"/services/data/v{version:.1f}/sobjects/{owner.name}"
    is_custom = owner.name.endswith("__c")
    is_history = owner.name.endswith("History")
    parent = owner.name.removesuffix("FieldHistory").removesuffix("History") if is_history else None
    return {
        "activateable": False,
        "associateEntityType": "History" if is_history else None,
        "associateParentEntity": parent,
        "createable": not is_history,
        "custom": is_custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": owner.has_is_deleted and not is_history,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": owner.prefix,
        "label": label_of(owner.name),
        "labelPlural": owner.plural,
        "layoutable": not is_history,
        "mergeable": owner.find("MasterRecordId") is not None,
        "mruEnabled": owner.find("LastViewedDate") is not None,
        "name": owner.name,
        "queryable": True,
        "replicateable": is_replicateable(owner),
        "retrieveable": True,
        "searchable": owner.find("Name") is not None,
        "triggerable": not is_history,
        "undeletable": owner.has_is_deleted and not is_history,
        "updateable": not is_history,
        "urls": {"sobject": path, "describe": f"{path}/describe", "rowTemplate": f"{path}/{{ID}}"},
    }


def _child_relationships(schema: Schema, owner: SObject, version: float) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": bool(reference.child_relationship),
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": reference.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": reference.child_relationship or None,
            "restrictedDelete": False,
        }
        for child in schema.visible(version)
        for reference in child.visible
        if owner.name in reference.reference_to
    ]


_NEVER_SET: dict[str, Any] = {
    "aiPredictionField": False,
    "cascadeDelete": False,
    "caseSensitive": False,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "externalId": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "restrictedPicklist": False,
    "searchPrefilterable": False,
    "unique": False,
    "writeRequiresMasterRead": False,
}
"""Keys of a described field that no field here makes use of."""


def _field(known: Field) -> dict[str, Any]:
    is_written = not (known.is_formula or known.is_compound or known.name in _READ_ONLY)
    return {
        **_NEVER_SET,
        **_sizes(known),
        "aggregatable": known.is_filterable and known.kind != "boolean",
        "autoNumber": known.name in ("CaseNumber", "OrderNumber", "OrderItemNumber"),
        "calculated": known.is_formula,
        "calculatedFormula": "(formula)" if known.is_formula else None,
        "compoundFieldName": known.compound or None,
        "createable": is_written,
        "custom": known.is_custom,
        "defaultValue": known.default == "true" if known.kind == "boolean" else known.default,
        "defaultedOnCreate": known.default is not None or known.kind == "boolean",
        "encrypted": known.kind == "encryptedstring",
        "extraTypeInfo": _extra_type(known),
        "filterable": known.is_filterable,
        "groupable": known.is_groupable,
        "idLookup": known.kind == "id",
        "label": known.label,
        "name": known.name,
        "nameField": known.name in ("Name", "CaseNumber", "OrderNumber"),
        "namePointing": len(known.reference_to) > 1,
        "nillable": known.is_nillable,
        "permissionable": known.is_nillable and known.kind != "id",
        "picklistValues": [],
        "polymorphicForeignKey": len(known.reference_to) > 1,
        "referenceTo": list(known.reference_to),
        "relationshipName": known.relationship or None,
        "soapType": _SOAP_TYPES.get(known.kind, "xsd:string"),
        "sortable": known.is_filterable,
        "type": known.kind,
        "updateable": is_written,
    }


def _sizes(known: Field) -> dict[str, int]:
    is_decimal = known.kind in ("currency", "percent", "double")
    return {
        "byteLength": known.length * 3 if known.kind in TEXTS else known.length,
        "digits": 9 if known.kind in ("int", "long") else 0,
        "length": known.length if known.kind in (*TEXTS, "id", "reference") else 0,
        "precision": 18 if is_decimal else 0,
        "scale": 2 if is_decimal else 0,
    }


def _extra_type(known: Field) -> str | None:
    if known.kind == "textarea":
        return "plaintextarea"
    return "personname" if known.compound == "Name" else None
