"""How many records are hidden: the organisation's own count beside what the user sees.

What belongs here: the comparison and its words. What does not: hidden fields and objects (fields.py, describing.py).
"""

from collections.abc import Sequence

from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.fields import READER
from connectors.salesforce.plan import ObjectPlan
from kam_pipeline.errors import ConnectorError, RequestRefusedError, SignInError

# The organisation's count is approximate, and may hold what lies in the bin.
_CLEARLY_FEWER = 0.95
_AT_LEAST = 20


def sharing_notes(client: SalesforceClient, plans: Sequence[ObjectPlan]) -> dict[str, str]:
    """Return a note per required object of which the user clearly sees a part only, or may not ask about.

    Salesforce itself says nothing where it leaves records out.

    Parameters
    ----------
    client : SalesforceClient
        What is asked: one count by the organisation, and one per object by the user.
    plans : Sequence[ObjectPlan]
        Objects that are there.

    Returns
    -------
    dict[str, str]
        Per declared object; those that are seen whole are left out, and all where the organisation does not count.
    """
    required = {plan.sobject: plan for plan in plans if plan.crm_object.is_required}
    if not required:
        return {}
    try:
        counts = client.record_counts(required)
    except RequestRefusedError as error:
        if error.code != "INSUFFICIENT_ACCESS":
            # a service that not every organisation offers; without it nothing can be compared
            return {}
        return {
            plan.crm_object.name: f"nobody can say whether records of {sobject} are hidden: grant 'View Setup and "
            f"Configuration', which is needed to ask how many there are, to {READER}"
            for sobject, plan in required.items()
        }
    notes = {}
    for sobject, plan in required.items():
        there, seen = counts.get(sobject.lower(), 0), _seen(client, sobject)
        if seen is not None and seen < _CLEARLY_FEWER * there and there - seen >= _AT_LEAST:
            notes[plan.crm_object.name] = (
                f"Salesforce has about {there} records of {sobject}, this user sees {seen}: grant 'View All Data', or "
                f"'View All' on {sobject}, to {READER}"
            )
    return notes


def _seen(client: SalesforceClient, sobject: str) -> int | None:
    try:
        return int(client.get("query", {"q": f"SELECT COUNT() FROM {sobject}"})["totalSize"])
    except SignInError:
        raise
    except ConnectorError:
        # counting millions may take longer than Salesforce lets a query take, or than we wait
        return None
