"""Records from files: CSV or Parquet, in folders or ZIPs, in Salesforce Data Export form or mapped to it; and feeds."""

from connectors.files.feeds import FeedFiles
from connectors.files.source import ExportFiles

__all__ = ["ExportFiles", "FeedFiles"]
