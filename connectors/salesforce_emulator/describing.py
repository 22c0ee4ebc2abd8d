"""What describe says of objects and fields.

What belongs here: the JSON of describe. What does not: which objects and fields there are (schema.py).
"""

from typing import Any

from connectors.salesforce_emulator.fields import NUMBERS, TEXTS, Field, label_of
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


def _field(known: Field) -> dict[str, Any]:
    is_text = known.kind in (*TEXTS, "id", "reference")
    is_written = not (known.is_formula or known.is_compound or known.name in _READ_ONLY)
    is_sorted = known.is_filterable
    return {
        "aggregatable": known.is_filterable and known.kind != "boolean",
        "aiPredictionField": False,
        "autoNumber": known.name in ("CaseNumber", "OrderNumber", "OrderItemNumber"),
        "byteLength": known.length * 3 if known.kind in TEXTS else known.length,
        "calculated": known.is_formula,
        "calculatedFormula": "(formula)" if known.is_formula else None,
        "cascadeDelete": False,
        "caseSensitive": False,
        "compoundFieldName": known.compound or None,
        "controllerName": None,
        "createable": is_written,
        "custom": known.is_custom,
        "defaultValue": known.default == "true" if known.kind == "boolean" else known.default,
        "defaultValueFormula": None,
        "defaultedOnCreate": known.default is not None or known.kind == "boolean",
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": 9 if known.kind in ("int", "long") else 0,
        "displayLocationInDecimal": False,
        "encrypted": known.kind == "encryptedstring",
        "externalId": False,
        "extraTypeInfo": _extra_type(known),
        "filterable": known.is_filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": known.is_groupable,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": known.kind == "id",
        "inlineHelpText": None,
        "label": known.label,
        "length": known.length if is_text else 0,
        "mask": None,
        "maskType": None,
        "name": known.name,
        "nameField": known.name in ("Name", "CaseNumber", "OrderNumber"),
        "namePointing": len(known.reference_to) > 1,
        "nillable": known.is_nillable,
        "permissionable": known.is_nillable and known.kind != "id",
        "picklistValues": [],
        "polymorphicForeignKey": len(known.reference_to) > 1,
        "precision": 18 if known.kind in NUMBERS and known.kind not in ("int", "long") else 0,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(known.reference_to),
        "relationshipName": known.relationship or None,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": False,
        "scale": 2 if known.kind in ("currency", "percent", "double") else 0,
        "searchPrefilterable": False,
        "soapType": _SOAP_TYPES.get(known.kind, "xsd:string"),
        "sortable": is_sorted,
        "type": known.kind,
        "unique": False,
        "updateable": is_written,
        "writeRequiresMasterRead": False,
    }


def _extra_type(known: Field) -> str | None:
    if known.kind == "textarea":
        return "plaintextarea"
    return "personname" if known.compound == "Name" else None
