"""Bulk API 2.0 queries: `jobs/query` and everything under it.

What belongs here: calls and answers. What does not: the life of jobs (bulk_jobs.py), CSV files (bulk_pages.py).
"""

import base64
import binascii
import re
from typing import Any

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.bulk_jobs import TERMINAL, Job, JobRequest, Jobs
from connectors.salesforce_emulator.bulk_pages import DELIMITERS, LINE_ENDINGS, cut, damaged
from connectors.salesforce_emulator.calls import Call, Route
from connectors.salesforce_emulator.credentials import Credentials
from connectors.salesforce_emulator.faults import of_kind
from connectors.salesforce_emulator.messages import Answer, json_answer, not_found
from connectors.salesforce_emulator.organisation import Organisation
from connectors.salesforce_emulator.server_settings import ServerSettings

_PAGES_PER_ANSWER = 5
_RESULT_PAGES_FROM = 58


class BulkRoutes:
    """Bulk queries of one organisation.

    Parameters
    ----------
    org : Organisation
        Who answers them.
    settings : ServerSettings
        How the results are handed out.
    credentials : Credentials
        Whose jobs they are.
    jobs : Jobs
        Where they live.
    """

    def __init__(self, org: Organisation, settings: ServerSettings, credentials: Credentials, jobs: Jobs) -> None:
        self._org = org
        self._settings = settings
        self._credentials = credentials
        self._jobs = jobs

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        return [
            Route("POST", r"jobs/query/?", self._create),
            Route("GET", r"jobs/query/?", self._list),
            Route("GET", r"jobs/query/(\w+)/?", self._get),
            Route("PATCH", r"jobs/query/(\w+)/?", self._abort),
            Route("DELETE", r"jobs/query/(\w+)/?", self._delete),
            Route("GET", r"jobs/query/(\w+)/results/?", self._results),
            Route("GET", r"jobs/query/(\w+)/resultPages/?", self._result_pages),
        ]

    def _create(self, call: Call) -> Answer:
        refused = of_kind(call.faults, "refuse_job")
        if refused is not None:
            raise RefusalError(refused.options["code"], refused.options["message"], refused.options["status"])
        body = call.request.json_object()
        operation = _choice(body, "operation", ("query", "queryAll"), None)
        _choice(body, "contentType", ("CSV",), "CSV")
        soql = body.get("query")
        if not isinstance(soql, str) or not soql.strip():
            raise RefusalError("INVALIDJOB", "query: a query is needed")
        asked = JobRequest(
            operation,
            soql,
            self._org.check_bulk(soql, call.number),
            call.version,
            _choice(body, "columnDelimiter", tuple(DELIMITERS), "COMMA"),
            _choice(body, "lineEnding", tuple(LINE_ENDINGS), "LF"),
        )
        job = self._jobs.create(asked, of_kind(call.faults, "fail_job", "stuck_job"))
        return json_answer(self._created(job, "UploadComplete"))

    def _created(self, job: Job, state: str) -> dict[str, Any]:
        stamp = job.created.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        return {
            "id": job.id,
            "operation": job.asked.operation,
            "object": job.asked.sobject,
            "createdById": self._credentials.user_id,
            "createdDate": stamp,
            "systemModstamp": stamp,
            "state": state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(job.asked.version),
            "lineEnding": job.asked.line_ending,
            "columnDelimiter": job.asked.delimiter,
        }

    def _info(self, job: Job, state: str) -> dict[str, Any]:
        is_complete = state == "JobComplete"
        info = self._created(job, state) | {
            "jobType": "V2Query",
            "numberRecordsProcessed": job.result.record_cnt if is_complete else 0,
            "retries": 0,
            "totalProcessingTime": int(self._settings.job_seconds * 1000),
            "isPkChunkingSupported": True,
        }
        # The API has not always said why.
        if state == "Failed" and job.error:
            info["errorMessage"] = job.error
        return info

    def _get(self, call: Call) -> Answer:
        job = self._jobs.get(call.args[0])
        return json_answer(self._info(job, self._jobs.poll(job)))

    def _abort(self, call: Call) -> Answer:
        job = self._jobs.get(call.args[0])
        _choice(call.request.json_object(), "state", ("Aborted",), None)
        state = self._jobs.state(job)
        if state in TERMINAL:
            raise RefusalError("INVALIDJOBSTATE", f"A job of state {state} can't be aborted")
        job.is_aborted = True
        return json_answer(self._info(job, "Aborted"))

    def _delete(self, call: Call) -> Answer:
        job = self._jobs.get(call.args[0])
        state = self._jobs.state(job)
        if state not in TERMINAL:
            raise RefusalError("INVALIDJOBSTATE", f"A job of state {state} can't be deleted")
        self._jobs.remove(job)
        return Answer(204)

    def _list(self, call: Call) -> Answer:
        jobs = self._jobs.all()
        start = _position(call.request.query.get("queryLocator", ""))[0]
        end = start + self._settings.jobs_per_page
        records = [self._created(job, self._jobs.state(job)) | {"jobType": "V2Query"} for job in jobs[start:end]]
        answer: dict[str, Any] = {"done": end >= len(jobs), "records": records, "nextRecordsUrl": None}
        if not answer["done"]:
            answer["nextRecordsUrl"] = call.path(f"jobs/query?queryLocator={_locator(end)}")
        return json_answer(answer)

    def _complete(self, call: Call) -> Job:
        """Return the job whose results a call asks for, if they can be had."""
        job = self._jobs.get(call.args[0])
        if call.version != job.asked.version:
            raise RefusalError(
                "API_VERSION_MISMATCH", f"The job was created with version {job.asked.version}, not {call.version}", 409
            )
        state = self._jobs.state(job)
        if state != "JobComplete":
            raise RefusalError("INVALIDJOBSTATE", f"A job of state {state} has no results")
        return job

    def _results(self, call: Call) -> Answer:
        job = self._complete(call)
        number, start = _position(call.request.query.get("locator", ""))
        pages = job.result.pages
        if number >= len(pages) or start > pages[number][1]:
            raise _invalid_locator()
        page, row_cnt = pages[number]
        asked_cnt = _max_records(call.request.query.get("maxRecords"), row_cnt)
        count = min(asked_cnt, row_cnt - start)
        if count < row_cnt:
            page = cut(page, start, count)
        following = self._settings.null_locator
        if start + count < row_cnt:
            following = _locator(number, start + count)
        elif number + 1 < len(pages):
            following = _locator(number + 1)
        page, said_cnt = damaged(page, count, call.faults)
        headers = {"Sforce-Locator": following}
        if self._settings.number_of_records_header:
            headers["Sforce-NumberOfRecords"] = str(said_cnt)
        return Answer(200, page, "text/csv", headers)

    def _result_pages(self, call: Call) -> Answer:
        if not self._settings.result_pages or call.number < _RESULT_PAGES_FROM:
            raise not_found()
        job = self._complete(call)
        page_cnt = len(job.result.pages)
        start = _position(call.request.query.get("locator", ""))[0]
        end = min(start + _PAGES_PER_ANSWER, page_cnt)
        here = f"jobs/query/{job.id}"
        urls = [{"resultUrl": call.path(f"{here}/results?locator={_locator(page)}")} for page in range(start, end)]
        answer: dict[str, Any] = {"resultPages": urls, "done": end >= page_cnt}
        if not answer["done"]:
            answer[self._settings.next_pages_key] = call.path(f"{here}/resultPages?locator={_locator(end)}")
        return json_answer(answer)


def _choice(body: dict[str, Any], key: str, allowed: tuple[str, ...], default: str | None) -> str:
    value = body.get(key, default)
    if value not in allowed:
        raise RefusalError("INVALIDJOB", f"{key}: {value!r} is none of {', '.join(allowed)}")
    return str(value)


def _locator(page: int, start: int = 0) -> str:
    """Return where results go on, as a text that says nothing to clients."""
    return base64.urlsafe_b64encode(f"{page}.{start}".encode()).decode().rstrip("=")


def _position(locator: str) -> tuple[int, int]:
    """Return the page of a locator and the record in it; the first ones for none."""
    if not locator:
        return 0, 0
    try:
        text = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise _invalid_locator() from error
    found = re.fullmatch(r"(\d+)\.(\d+)", text)
    if found is None:
        raise _invalid_locator()
    return int(found[1]), int(found[2])


def _max_records(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"[1-9]\d*", text):
        raise RefusalError("INVALID_FIELD", f"maxRecords: {text} is no positive number")
    return int(text)


def _invalid_locator() -> RefusalError:
    return RefusalError("INVALID_QUERY_LOCATOR", "invalid query locator")
