"""Publishing: what readers open, whole or not at all.

`kept` moves a finished evaluation into the published set of the warehouse, `retention` lets go of old dates there; from
that set alone `duckdb_file`, `parquet` and `postgresql` make what readers open.
"""

from kam_pipeline.publishing.duckdb_file import write_publication
from kam_pipeline.publishing.kept import Handed, keep, kept_dates
from kam_pipeline.publishing.parquet import write_parquet
from kam_pipeline.publishing.postgresql import publish_to_postgresql
from kam_pipeline.publishing.postgresql_session import read_address

__all__ = [
    "Handed",
    "keep",
    "kept_dates",
    "publish_to_postgresql",
    "read_address",
    "write_parquet",
    "write_publication",
]
