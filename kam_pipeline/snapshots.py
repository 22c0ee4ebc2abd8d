"""Snapshots: the row that every dated figure leads back to, and the criteria text it was made with.

What belongs here: provenance. What does not: deciding the date (evaluation.py), publishing.
"""

from datetime import date

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.settings import Configuration
from kam_pipeline.warehouse import CATALOG, Warehouse

SNAPSHOT = parse_contract(
    "marts",
    """
snapshot
    Every published date: by which run, with which criteria, from which knowledge.

grain  : one row per as_of_date
key    : as_of_date
inputs : core.organisation, raw.load, settings.reading, settings.source, settings.mapping, settings.scope,
         settings.groups, settings.feeds, settings.currency, settings.fiscal_year, settings.revenue_basis,
         settings.relevance, settings.potential, settings.criteria, settings.kpis, settings.maturity, settings.quality,
         settings.schedule, settings.publish
readers: published
rules  :
  run_id, created_at, criteria_version, config_version, reporting_currency, data_cut_at, is_restated, source not null
  revenue_basis in bookings, invoiced, orders
columns:
  as_of_date          DATE       the date; windows end before it
  run_id              VARCHAR    run that computed it
  created_at          TIMESTAMP  when that run began, UTC
  criteria_version    VARCHAR    content version of the criteria; see the table criteria
  config_version      VARCHAR    content version of all settings that can change a number
  reporting_currency  VARCHAR    ISO code; XXX where nothing says which it is
  revenue_basis       VARCHAR    what revenue means here: bookings (won deals), invoiced (whole months) or orders
  data_cut_at         TIMESTAMP  newest knowledge used, UTC
  is_restated         BOOLEAN    computed with knowledge later than the date
  source              VARCHAR    kind of source and its name
""",
    __name__,
)

CRITERIA = parse_contract(
    "marts",
    """
criteria
    The text of every version of the criteria that a snapshot was made with.

grain  : one row per criteria_version
key    : criteria_version
inputs : published.criteria, settings.criteria, settings.potential
readers: published, cumulative
rules  :
  text, valid_from, version_no not null
  version_no from 1
columns:
  criteria_version  VARCHAR  content version
  text              VARCHAR  the criteria with defaults filled in, as JSON
  valid_from        DATE     first snapshot date made with them
  version_no        BIGINT   order in which versions came to be known, from 1
""",
    __name__,
)


def snapshot_frame(warehouse: Warehouse, configuration: Configuration, evaluation: Evaluation) -> pd.DataFrame:
    """Return the snapshot row of an evaluation."""
    currency = warehouse.value("select reporting_currency from core.organisation")
    source = warehouse.value("select arg_max(source, known_at) from raw.load")
    return pd.DataFrame(
        [
            {
                "as_of_date": evaluation.as_of_date,
                "run_id": evaluation.run_id,
                "created_at": evaluation.created_at,
                "criteria_version": configuration.criteria_version,
                "config_version": configuration.config_version,
                "reporting_currency": currency,
                "revenue_basis": configuration.settings.revenue_basis,
                "data_cut_at": evaluation.data_cut_at,
                "is_restated": evaluation.is_restated,
                "source": source,
            }
        ]
    )


def criteria_frame(warehouse: Warehouse, configuration: Configuration, evaluation: Evaluation) -> pd.DataFrame:
    """Return every version of the criteria known so far, the current one included."""
    known: dict[str, tuple[str, date]] = {}
    if warehouse.has_table("published.criteria"):
        # what an earlier version of ours kept has no numbers: its order is that of the first dates
        numbered = warehouse.value(
            "select count(*) from duckdb_columns() where database_name = $c and schema_name = 'published' "
            "and table_name = 'criteria' and column_name = 'version_no'",
            {"c": CATALOG},
        )
        order = f"{'version_no, ' if numbered else ''}valid_from, criteria_version"
        rows = warehouse.rows(
            f"select criteria_version, text, valid_from from {CATALOG}.published.criteria order by {order}"
        )
        known = {name: (text, first) for name, text, first in rows}
    version, day = configuration.criteria_version, evaluation.as_of_date
    first = min(day, known[version][1]) if version in known else day
    known[version] = (configuration.criteria_text, first)
    return pd.DataFrame(
        [
            {"criteria_version": name, "text": text, "valid_from": first, "version_no": number}
            for number, (name, (text, first)) in enumerate(known.items(), start=1)
        ]
    )
