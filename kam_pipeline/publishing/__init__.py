"""Publishing: what readers open, whole or not at all.

`kept` moves a finished evaluation into the published set of the warehouse, `retention` lets go of old dates there; from
that set alone `duckdb_file` makes the file that readers open.
"""

from kam_pipeline.publishing.duckdb_file import write_publication
from kam_pipeline.publishing.kept import keep

__all__ = ["keep", "write_publication"]
