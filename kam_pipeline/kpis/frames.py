"""The KPI tables that SQL cannot make: what is declared, what is configured, and the gathered measures.

What belongs here: contracts and frames. What does not: the entries (the families), formulas (sql/marts/kpis), intervals
(intervals.py).
"""

from datetime import date

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.kpis.catalogue import KPIS
from kam_pipeline.kpis.definition import Kpi
from kam_pipeline.kpis.reasons import REASONS
from kam_pipeline.settings.kpis import Kpis
from kam_pipeline.warehouse import Warehouse

KPI_DEFINITION = parse_contract(
    "marts",
    """
kpi_definition
    What each KPI is: names, formula, unit, and what to bear in mind.

grain  : one row per kpi
key    : kpi
inputs : settings.kpis
readers: published
rules  :
  position from 1
  name_en, name_da, formula, formula_da, unit, direction, basis not null
  unit in money, share, ratio, count, days, score
  direction in up, down, none
  periods in flow, year, ttm, as_of
  interval_method in wilson, resampling, none
columns:
  kpi              VARCHAR  key, as in kpi_snapshot
  position         INTEGER  order in which KPIs are shown
  name_en          VARCHAR  name
  name_da          VARCHAR  name in Danish
  formula          VARCHAR  formula in words
  formula_da       VARCHAR  the same in Danish
  unit             VARCHAR  money (reporting currency), share (0..1), ratio (may be negative or above 1), count, days or
                            score (-100..100)
  direction        VARCHAR  which way is better: up, down or none
  basis            VARCHAR  bookings, invoiced, revenue (invoiced where actuals are delivered, otherwise bookings),
                            deals, pipeline, activities, survey or products
  periods          VARCHAR  flow (every period), year (fiscal years and twelve months), ttm or as_of (the date itself)
  interval_method  VARCHAR  how the 95 % interval is made: wilson, resampling (of customers, from 30 up) or none
  is_headline      BOOLEAN  shown first
  caveat           VARCHAR  what to bear in mind, null where nothing
  caveat_da        VARCHAR  the same in Danish
""",
    __name__,
)

KPI_STANDING = parse_contract(
    "marts",
    """
kpi_standing
    Whether the source has what each KPI needs, and why not.

grain  : one row per as_of_date and kpi
key    : as_of_date, kpi
inputs : core.feed, staging.known_field
columns:
  as_of_date     DATE     snapshot date
  kpi            VARCHAR  key
  periods        VARCHAR  flow, year, ttm or as_of
  unit           VARCHAR  unit
  basis          VARCHAR  what the figure is made from at this date: never the word revenue, but bookings or invoiced
  interval_method VARCHAR wilson, resampling or none
  is_configured  BOOLEAN  the source has what it needs
  reason         VARCHAR  what is missing, null where nothing
  reason_da      VARCHAR  the same in Danish
""",
    __name__,
)

KPI_REASON = parse_contract(
    "marts",
    """
kpi_reason
    The sentences for why a KPI is not known, by the code that the SQL of the KPI gives.

grain  : one row per as_of_date and reason
key    : as_of_date, reason
columns:
  as_of_date  DATE     snapshot date
  reason      VARCHAR  code
  text_en     VARCHAR  sentence; {} stands for a number
  text_da     VARCHAR  the same in Danish
""",
    __name__,
)

KPI_MEASURE = parse_contract(
    "marts",
    """
kpi_measure
    What the SQL of each KPI gives, before status, interval and words.

grain  : one row per as_of_date, kpi, entity and period
key    : as_of_date, kpi, entity_type, entity_id, period_type, period_start
columns:
  as_of_date    DATE     snapshot date
  kpi           VARCHAR  key, and name of the SQL file
  entity_type   VARCHAR  group, portfolio or segment
  entity_id     VARCHAR  which
  period_type   VARCHAR  month, quarter, fiscal_year, ttm or as_of
  period_start  DATE     first day
  value         DOUBLE   the figure, null where it is not known
  numerator     DOUBLE   what is divided, null where nothing is
  denominator   DOUBLE   by what
  n             BIGINT   cases behind the figure
  reason        VARCHAR  code of why it is not known, or of what to bear in mind
  reason_cnt    BIGINT   number that belongs to the reason
""",
    __name__,
)
KPI_FOLDER = "kpis"
"""Folder below sql/marts with the parts of `KPI_MEASURE`, one file per KPI."""


def kpi_definition_frame(settings: Kpis) -> pd.DataFrame:
    """Return the declarations as rows of `KPI_DEFINITION`, formulas with the settings in force."""
    values = {name: f"{value:g}" for name, value in settings if isinstance(value, int | float)}
    rows = [
        {
            "kpi": kpi.kpi,
            "position": place,
            "name_en": kpi.name_en,
            "name_da": kpi.name_da,
            "formula": kpi.formula.format_map(values),
            "formula_da": kpi.formula_da.format_map(values),
            "unit": kpi.unit,
            "direction": kpi.direction,
            "basis": kpi.basis,
            "periods": kpi.periods,
            "interval_method": kpi.interval,
            "is_headline": kpi.is_headline,
            "caveat": kpi.caveat or None,
            "caveat_da": kpi.caveat_da or None,
        }
        for place, kpi in enumerate(KPIS, start=1)
    ]
    return pd.DataFrame(rows)


def kpi_reason_frame(as_of_date: date) -> pd.DataFrame:
    """Return the sentences as rows of `KPI_REASON`."""
    rows = [{"reason": code, "text_en": english, "text_da": danish} for code, (english, danish) in REASONS.items()]
    return pd.DataFrame(rows).assign(as_of_date=as_of_date)


def kpi_standing_frame(warehouse: Warehouse, as_of_date: date) -> pd.DataFrame:
    """Return per KPI whether the source has what it needs, as rows of `KPI_STANDING`.

    Parameters
    ----------
    warehouse : Warehouse
        With the loads that the evaluation knows of.
    as_of_date : date
        The date.

    Returns
    -------
    pd.DataFrame
        One row per KPI. An object that an earlier delivery held counts as there: its last known records are used.
    """
    there = _present(warehouse)
    revenue_basis = "invoiced" if "feeds.actuals" in there else "bookings"
    rows = []
    for kpi in KPIS:
        missing = _missing(kpi, there)
        rows.append(
            {
                "as_of_date": as_of_date,
                "kpi": kpi.kpi,
                "periods": kpi.periods,
                "unit": kpi.unit,
                "basis": revenue_basis if kpi.basis == "revenue" else kpi.basis,
                "interval_method": kpi.interval,
                "is_configured": not missing,
                "reason": _sentence("The source has no {}.", missing, " or ", " and no "),
                "reason_da": _sentence("Kilden har ikke {}.", missing, " eller ", " og ikke "),
            }
        )
    return pd.DataFrame(rows)


def _present(warehouse: Warehouse) -> frozenset[str]:
    """Return every feed that is configured, every object that is delivered, and each `Object.Field` that it has."""
    names = warehouse.rows(
        """
        select 'feeds.' || feed from core.feed where is_configured
        union select object from staging.known_field where object not like 'feeds.%'
        union select object || '.' || field from staging.known_field where is_present and object not like 'feeds.%'
        """
    )
    return frozenset(name for (name,) in names)


def _missing(kpi: Kpi, there: frozenset[str]) -> list[str]:
    """Return what a KPI needs and the source lacks."""
    return [need for need in kpi.needs if not any(name in there for name in need.split("|"))]


def _sentence(text: str, missing: list[str], alternative: str, further: str) -> str | None:
    """Return the sentence that names all that is missing; None where nothing is."""
    return text.format(further.join(need.replace("|", alternative) for need in missing)) if missing else None
