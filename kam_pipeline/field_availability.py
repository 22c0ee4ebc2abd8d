"""Field availability: what the source has of every declared field, and what is not configured for lack of it.

What belongs here: the table for readers. What does not: finding out (connectors), the declaration (crm_schema.py).
"""

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.feed_schema import SOURCE_OBJECTS
from kam_pipeline.warehouse import Warehouse

READABLE = ("present", "new", "retyped")
"""The states in which values arrive (see connectors.base.FieldPresence)."""

FIELD_AVAILABILITY = parse_contract(
    "marts",
    """
field_availability
    What the source has of every field we can use or were asked to take along, and what is not configured without it.

grain  : one row per as_of_date, object and field
key    : as_of_date, object, field
inputs : staging.delivery, core.feed, raw.load, raw.field_presence
readers: published
rules  :
  status in present, new, retyped, absent, vanished, not_mapped
  status not null
columns:
  as_of_date   DATE     snapshot date
  run_id       VARCHAR  run
  object       VARCHAR  CRM object or feed
  field        VARCHAR  field as the CRM calls it, one of the organisation's own too, or our name for one that `mapping`
                        or a feed finds
  status       VARCHAR  present; new (there since this extraction); retyped (its type is another than before); absent
                        (the source has no such column); vanished (it had it, and has deleted, renamed or hidden it; the
                        last known values stay) or not_mapped (kam.yaml does not say where it is)
  consequence  VARCHAR  what is not configured for lack of it; null where nothing is
  way_out      VARCHAR  the permission or the mapping to change; null where nothing is to do
""",
    __name__,
)


def field_availability_frame(warehouse: Warehouse, evaluation: Evaluation) -> pd.DataFrame:
    """Return the availability of every declared field in the newest delivery; of feeds, in the rows that count.

    Parameters
    ----------
    warehouse : Warehouse
        With raw loaded.
    evaluation : Evaluation
        The run.

    Returns
    -------
    pd.DataFrame
        Columns of `FIELD_AVAILABILITY`.
    """
    presence = {
        (name, field): (status, advice)
        for name, field, status, advice in warehouse.rows(
            "select presence.object, presence.field, presence.presence, presence.advice "
            "from raw.field_presence as presence "
            "left join core.feed as feed on presence.object = 'feeds.' || feed.feed "
            "inner join (select object, arg_max(run_id, known_at) as run_id from raw.load where is_present "
            "group by object) as newest on presence.object = newest.object and presence.run_id = newest.run_id "
            "where case when feed.feed is null then presence.run_id = (select arg_max(run_id, known_at) from raw.load) "
            "else feed.is_configured end order by presence.object, presence.field"
        )
    }
    rows = []
    for declared in SOURCE_OBJECTS:
        enables = {field.name: field.enables for field in declared.fields}
        own = [field for name, field in presence if name == declared.name and field not in enables]
        has_object = any(name == declared.name for name, _ in presence)
        for field in (*enables, *own):
            status, advice = presence.get((declared.name, field), ("absent", None))
            lost = enables.get(field, "") if has_object else declared.enables
            rows.append(
                {
                    "as_of_date": evaluation.as_of_date,
                    "run_id": evaluation.run_id,
                    "object": declared.name,
                    "field": field,
                    "status": status,
                    "consequence": f"not_configured: {lost}" if status not in READABLE and lost else None,
                    "way_out": advice,
                }
            )
    return pd.DataFrame(rows)
