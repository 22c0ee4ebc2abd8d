"""CRM records from files: CSV or Parquet, in folders or ZIPs, in Salesforce Data Export form or mapped to it."""

from connectors.files.source import ExportFiles

__all__ = ["ExportFiles"]
