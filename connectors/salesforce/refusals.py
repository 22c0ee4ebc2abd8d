"""What Salesforce refuses, in words that name what to change: its error codes, and simple-salesforce's exceptions.

What belongs here: the tables of both, and reading an answer that refuses. What does not: sending requests
(transport.py), refused sign-ins (signing_in.py).
"""

import json
import re
from dataclasses import dataclass

from simple_salesforce import exceptions as theirs

from kam_pipeline.errors import ConnectorError, RequestRefusedError, SignInError

_LONGEST_QUOTE = 500

WAYS_OUT: dict[str, str] = {
    "API_CURRENTLY_DISABLED": "the API is switched off for this user: set 'API Enabled' in its profile or permission "
    "set",
    "API_DISABLED_FOR_ORG": "the organisation's edition has no API, or the user lacks 'API Enabled'; ask the "
    "administrator for the permission, or for an edition with API",
    "API_ERROR": "the user that the pipeline reads as needs 'View All Data' for this query",
    "EXCEEDED_ID_LIMIT": "more ids than one answer holds; ask for a shorter period",
    "INSUFFICIENT_ACCESS": "the user that the pipeline reads as lacks a permission: grant 'API Enabled' and Read on "
    "the object",
    "INSUFFICIENT_ACCESS_OR_READONLY": "the user that the pipeline reads as may not read this: grant Read on "
    "the object",
    "INVALID_FIELD": "the field was deleted or renamed, or hidden from the user that the pipeline reads as; grant Read "
    "in field-level security, or correct section mapping (`kam check` shows what is there)",
    "INVALID_QUERY_LOCATOR": "the place in the result has expired or belongs to another session; ask the query again",
    "INVALID_TYPE": "the object does not exist, its feature is off, or the user that the pipeline reads as lacks Read "
    "on it (`kam check` shows what is there)",
    "LIMIT_EXCEEDED": "a limit of the day is reached; run again when the rolling 24 hours have moved on",
    "MALFORMED_QUERY": "the query is not understood; a name in section mapping may be misspelt",
    "NOT_FOUND": "there is no such resource for the user that the pipeline reads as",
    "OPERATION_TOO_LARGE": "tasks and events of more people and records than Salesforce checks one by one: grant 'View "
    "All Data' to the user that the pipeline reads as",
    "QUERY_TIMEOUT": "the query took Salesforce more than two minutes; read through the Bulk API (a lower "
    "source.bulk_from) or ask Salesforce for an index",
    "QUERY_TOO_COMPLICATED": "too many fields, or formulas too deep; take fewer custom fields along (mapping, custom "
    "and all_custom)",
    "REQUEST_LIMIT_EXCEEDED": "the organisation's API calls of the last 24 hours are used up; run again later, or ask "
    "who else reads (Setup > Company Information > API Requests)",
    "TXN_SECURITY_METERING_ERROR": "the organisation's transaction security policies took too long: grant 'Exempt from "
    "Transaction Security' to the user that the pipeline reads as",
    "UNSUPPORTED_API_VERSION": "set source.api_version to a version that the organisation has",
}
"""What to change, per `errorCode`; other codes keep the CRM's words alone."""


class SessionEndedError(Exception):
    """Raised when the session is over, so that signing in anew and repeating the request can help."""


@dataclass(frozen=True)
class Refusal:
    """An answer that refuses.

    Attributes
    ----------
    status : int
        HTTP status.
    code : str
        `errorCode`; empty where the answer has none.
    words : str
        What the CRM says, on one line and shortened.
    """

    status: int
    code: str
    words: str

    @property
    def is_concurrency(self) -> bool:
        """Whether too many calls run at this moment; the calls of the day are a limit that does not pass in minutes."""
        return self.code == "REQUEST_LIMIT_EXCEEDED" and "concurrent" in self.words.lower()


def read_refusal(status: int, content: object) -> Refusal:
    """Read an answer that refuses: JSON as described, an object of Bulk, HTML or nothing at all.

    Parameters
    ----------
    status : int
        HTTP status.
    content : object
        Body as received, or as simple-salesforce has parsed it.
    """
    if isinstance(content, bytes | str):
        text = content if isinstance(content, str) else content.decode("utf-8", errors="replace")
        try:
            content = json.loads(text)
        except ValueError:
            return Refusal(status, "", quoted(re.sub(r"<[^>]*>", " ", text)))
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, dict):
        return Refusal(status, "", quoted(str(first or "")))
    code = str(first.get("errorCode") or first.get("exceptionCode") or "")
    words = first.get("message") or first.get("exceptionMessage") or ""
    return Refusal(status, code, quoted(str(words)))


def quoted(words: str) -> str:
    """Return what the CRM says on one line, shortened."""
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]} ..."


def no_json(what: str) -> str:
    """Return what to say of an answer that cannot be read at all."""
    return f"Salesforce answers {what} with something that is no JSON; run again later"


def refusal_error(refusal: Refusal, what: str) -> ConnectorError:
    """Return the error that says what was refused and the way out.

    Parameters
    ----------
    refusal : Refusal
        The answer.
    what : str
        What was asked, such as `GET query of Account`.
    """
    reason = f"{refusal.code}: {refusal.words}" if refusal.code else refusal.words
    said = reason.rstrip(" .:") or "without a word"
    if refusal.is_concurrency or refusal.status >= 500:
        return ConnectorError(f"Salesforce does not answer {what} now ({refusal.status}, {said}); run again later")
    if refusal.status in (414, 431):
        way_out = "the request is too long; take fewer fields along (mapping, custom and all_custom)"
    else:
        way_out = WAYS_OUT.get(refusal.code, "")
    message = f"Salesforce refuses {what} ({refusal.status}, {said})"
    return RequestRefusedError(f"{message}; {way_out}" if way_out else message, code=refusal.code)


EXCEPTIONS: dict[type[Exception], type[Exception]] = {
    theirs.SalesforceError: ConnectorError,
    theirs.SalesforceMoreThanOneRecord: RequestRefusedError,
    theirs.SalesforceMalformedRequest: RequestRefusedError,
    theirs.SalesforceExpiredSession: SessionEndedError,
    theirs.SalesforceRefusedRequest: RequestRefusedError,
    theirs.SalesforceResourceNotFound: RequestRefusedError,
    theirs.SalesforceAuthenticationFailed: SignInError,
    theirs.SalesforceGeneralError: ConnectorError,
    theirs.SalesforceOperationError: ConnectorError,
    theirs.SalesforceBulkV2LoadError: ConnectorError,
    theirs.SalesforceBulkV2ExtractError: ConnectorError,
}
"""What each exception of simple-salesforce becomes here; of a general error the status decides which ConnectorError."""


def translated(error: Exception, what: str) -> Exception:
    """Return our error for an exception of simple-salesforce.

    Parameters
    ----------
    error : Exception
        An instance of a class of `EXCEPTIONS`.
    what : str
        What was asked.
    """
    ours = EXCEPTIONS.get(type(error), ConnectorError)
    if ours is SessionEndedError:
        return SessionEndedError(read_refusal(401, getattr(error, "content", "")).words)
    if ours is SignInError:
        return SignInError(f"Salesforce does not let us in for {what} ({quoted(str(error))}); see source.sign_in")
    if isinstance(error, theirs.SalesforceError):
        return refusal_error(read_refusal(error.status, error.content), what)
    return ConnectorError(f"Salesforce could not answer {what} ({quoted(str(error))}); run again later")
