"""Field availability: what the source has of every declared field, and what is not configured for lack of it.

What belongs here: the table for readers. What does not: finding out (connectors), the declaration (crm_schema.py).
"""

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.feed_schema import SOURCE_OBJECTS
from kam_pipeline.warehouse import Warehouse

FIELD_AVAILABILITY = parse_contract(
    "marts",
    """
field_availability
    What the source has of every field we can use, and what is not configured without it.

grain  : one row per as_of_date, object and field
key    : as_of_date, object, field
inputs : staging.delivery, core.feed, raw.load, raw.field_presence
readers: published
rules  :
  status in present, absent, not_mapped
  status not null
columns:
  as_of_date   DATE     snapshot date
  run_id       VARCHAR  run
  object       VARCHAR  CRM object or feed
  field        VARCHAR  field as the CRM calls it, or our name for one that `mapping` or a feed finds
  status       VARCHAR  present, absent (the source has no such column) or not_mapped (kam.yaml does not say
                        where it is)
  consequence  VARCHAR  what is not configured for lack of it; null where nothing is
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
        (name, field): status
        for name, field, status in warehouse.rows(
            "select presence.object, presence.field, presence.presence from raw.field_presence as presence "
            "left join core.feed as feed on presence.object = 'feeds.' || feed.feed "
            "inner join (select object, arg_max(run_id, known_at) as run_id from raw.load where is_present "
            "group by object) as newest on presence.object = newest.object and presence.run_id = newest.run_id "
            "where case when feed.feed is null then presence.run_id = (select arg_max(run_id, known_at) from raw.load) "
            "else feed.is_configured end"
        )
    }
    rows = []
    for declared in SOURCE_OBJECTS:
        has_object = any(name == declared.name for name, _ in presence)
        for field in declared.fields:
            status = presence.get((declared.name, field.name), "absent")
            lost = field.enables if has_object else declared.enables
            rows.append(
                {
                    "as_of_date": evaluation.as_of_date,
                    "run_id": evaluation.run_id,
                    "object": declared.name,
                    "field": field.name,
                    "status": status,
                    "consequence": f"not_configured: {lost}" if status != "present" and lost else None,
                }
            )
    return pd.DataFrame(rows)
