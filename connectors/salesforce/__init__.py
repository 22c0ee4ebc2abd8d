"""Records from a Salesforce organisation through its API: REST and Bulk API 2.0, only what is new."""

from connectors.salesforce.source import SalesforceOrg

__all__ = ["SalesforceOrg"]
