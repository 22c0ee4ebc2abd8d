"""Key account management from CRM records: who should be a key account, why, and how sure we are.

This package is the core: settings, SQL models, warehouse, concentration, candidates, publishing, demo company.
The outside world is in `connectors/`, Dagster in `assets/`, the queries in `sql/`; `definitions.py` and `cli.py`
are the two front doors that know every room.
"""

__version__ = "0.1.0"
