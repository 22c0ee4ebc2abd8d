"""Limits: calls of the last 24 hours, what is left, and how many records objects have.

What belongs here: counting calls, `limits`. What does not: refusals of Bulk jobs (bulk_jobs.py).
"""

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.calls import Call, Route
from connectors.salesforce_emulator.messages import Answer, json_answer, requests_exhausted
from connectors.salesforce_emulator.organisation import Organisation
from connectors.salesforce_emulator.server_settings import ServerSettings

_DAY = timedelta(hours=24)
_STORED_MB = 976_562
"""Bulk results in 24 hours: 1 TB."""


class Usage:
    """Data calls in the last 24 hours of the organisation's clock.

    Parameters
    ----------
    limit : int
        How many are allowed.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._minutes: deque[tuple[datetime, int]] = deque()
        self._total = 0
        self._lock = threading.Lock()

    def count(self, now: datetime) -> None:
        """Count a call; one too many is refused, and does not count."""
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            while self._minutes and now - self._minutes[0][0] > _DAY:
                self._total -= self._minutes.popleft()[1]
            if self._total >= self.limit:
                raise requests_exhausted()
            if self._minutes and self._minutes[-1][0] == minute:
                self._minutes[-1] = (minute, self._minutes[-1][1] + 1)
            else:
                self._minutes.append((minute, 1))
            self._total += 1

    @property
    def total(self) -> int:
        """Calls that count."""
        return self._total

    def header(self) -> dict[str, str]:
        """Return the header that every data answer carries."""
        return {"Sforce-Limit-Info": f"api-usage={self._total}/{self.limit}"}


class LimitRoutes:
    """Limits of one organisation.

    Parameters
    ----------
    org : Organisation
        Whose records are counted.
    settings : ServerSettings
        The limits.
    usage : Usage
        Calls so far.
    job_cnt : Callable[[], int]
        Returns how many Bulk jobs count.
    """

    def __init__(self, org: Organisation, settings: ServerSettings, usage: Usage, job_cnt: Callable[[], int]) -> None:
        self._org = org
        self._settings = settings
        self._usage = usage
        self._job_cnt = job_cnt

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        return [
            Route("GET", r"limits/?", self._limits),
            Route("GET", r"limits/recordCount/?", self._record_counts),
        ]

    def _limits(self, _: Call) -> Answer:
        jobs = self._settings.daily_jobs_limit
        return json_answer(
            {
                "DailyApiRequests": _limit(self._usage.limit, self._usage.total),
                "DailyBulkApiBatches": _limit(15_000, 0),
                "DailyBulkV2QueryFileStorageMB": _limit(_STORED_MB, 0),
                "DailyBulkV2QueryJobs": _limit(jobs, self._job_cnt()),
            }
        )

    def _record_counts(self, call: Call) -> Answer:
        asked = call.request.query.get("sObjects", "")
        names = [name.strip() for name in asked.split(",") if name.strip()]
        counts = []
        for name in names or self._all_names(call.number):
            # An unknown object is left out, not refused.
            try:
                counts.append({"count": self._org.record_cnt(name), "name": name})
            except RefusalError:
                continue
        return json_answer({"sObjects": counts})

    def _all_names(self, version: float) -> list[str]:
        return [sobject["name"] for sobject in self._org.describe_global(version)["sobjects"]]


def _limit(most: int, used: int) -> dict[str, int]:
    return {"Max": most, "Remaining": max(0, most - used)}
