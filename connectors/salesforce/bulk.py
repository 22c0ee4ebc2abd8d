"""Jobs of the Bulk API 2.0: submitting a query, waiting for it, ending it.

What belongs here: a job's life on the server. What does not: its result pages (bulk_pages.py), whether a query is worth
a job (choosing.py).
"""

import time

from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.plan import Patience
from kam_pipeline.errors import ConnectorError, RequestRefusedError

JOBS = "jobs/query"

_NOT_IN_BULK_CODES = frozenset(
    {"INVALIDENTITY", "FUNCTIONALITY_NOT_ENABLED", "FEATURENOTENABLED", "INVALID_ENTITY_FOR_BULK"}
)
_NOT_IN_BULK_WORDS = ("not supported by the bulk api", "not supported in bulk query", "does not support query")
# A job fails for good where the query itself is refused; everything else may go better at the next attempt.
_LASTING = ("INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY", "INSUFFICIENT_ACCESS", "QUERY_TOO_COMPLICATED")


class NotInBulkError(Exception):
    """Raised when the Bulk API does not take this query, so that REST has to."""


class JobFailedError(ConnectorError):
    """Raised when a job has ended without a result, or takes too long; the same query may do better as a new job."""


def submit(client: SalesforceClient, soql: str) -> str:
    """Submit a query, deleted and archived records included, and return the job's id.

    Raises
    ------
    NotInBulkError
        When the object or a column is not for the Bulk API.
    RequestRefusedError
        When the query is refused, or the day's jobs are used up.
    """
    body = {
        "operation": "queryAll",
        "query": soql,
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }
    try:
        # A job that nobody fetches does no harm: it is gone after seven days.
        return str(client.post(JOBS, body, is_repeatable=True)["id"])
    except RequestRefusedError as error:
        words = str(error).lower()
        if error.code in _NOT_IN_BULK_CODES or any(said in words for said in _NOT_IN_BULK_WORDS):
            raise NotInBulkError(str(error)) from error
        raise


def is_usable(client: SalesforceClient, job_id: str) -> bool:
    """Return whether the server still has a job, for us, and it has come or may come to a result."""
    try:
        job = client.get(f"{JOBS}/{job_id}")
    except RequestRefusedError as error:
        if error.code == "REQUEST_LIMIT_EXCEEDED":
            raise
        return False
    return job.get("state") not in ("Failed", "Aborted")


def wait(client: SalesforceClient, job_id: str, what: str, patience: Patience) -> int | None:
    """Wait until a job is complete and return how many records it has, None where it does not say.

    Parameters
    ----------
    client : SalesforceClient
        Who asks.
    job_id : str
        The job.
    what : str
        What it reads, for messages.
    patience : Patience
        How often to look, and how long to wait.

    Raises
    ------
    ConnectorError
        When it fails, is aborted, or is not complete in time.
    """
    pause, waited = patience.first_poll, 0.0
    while True:
        job = client.get(f"{JOBS}/{job_id}", about=what)
        state = job.get("state")
        if state == "JobComplete":
            count = job.get("numberRecordsProcessed")
            return None if count is None else int(count)
        if state == "Failed":
            raise _failure(what, job_id, str(job.get("errorMessage") or ""))
        if state == "Aborted":
            raise JobFailedError(f"{what}: Bulk job {job_id} was aborted by somebody; run again")
        if waited >= patience.job_hours * 3600:
            raise JobFailedError(
                f"{what}: Bulk job {job_id} is still {state} after {patience.job_hours:g} hours; run again later, and "
                "see Setup > Bulk Data Load Jobs for what holds it up"
            )
        time.sleep(pause)
        waited += pause
        pause = min(2 * pause, patience.longest_poll)


def _failure(what: str, job_id: str, said: str) -> ConnectorError:
    words = " ".join(said.split())[:500] or "without saying why"
    message = f"{what}: Bulk job {job_id} failed: {words}; see Setup > Bulk Data Load Jobs, and run again"
    code = next((code for code in _LASTING if code in said), None)
    return RequestRefusedError(message, code) if code else JobFailedError(message)


def end(client: SalesforceClient, job_id: str, *, is_complete: bool) -> None:
    """Delete a job, aborted before when it is not complete; failing to is no failure, the server does it in a week."""
    try:
        if not is_complete:
            client.patch(f"{JOBS}/{job_id}", {"state": "Aborted"})
        client.delete(f"{JOBS}/{job_id}")
    except ConnectorError:
        return
