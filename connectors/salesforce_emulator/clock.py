"""The organisation's clock, which tests set and advance.

What belongs here: what time it is for the organisation. What does not: how stamps are written (rendering.py). This is
the one place of the emulator that may read the real clock: it stands for a server far away.
"""

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock in UTC.

    Parameters
    ----------
    start : datetime or None
        What it shows now, with a zone; None for the real time.
    ticking : bool
        Whether it goes on by itself; otherwise it stands still until it is advanced.
    """

    def __init__(self, start: datetime | None = None, *, ticking: bool = True) -> None:
        self._lock = threading.Lock()
        self._began = datetime.now(UTC)
        self._shown = self._began if start is None else start.astimezone(UTC)
        self._is_ticking = ticking

    def now(self) -> datetime:
        """Return the time, with the zone UTC."""
        with self._lock:
            passed = datetime.now(UTC) - self._began if self._is_ticking else timedelta()
            return self._shown + passed

    def advance(self, **amounts: float) -> None:
        """Move the clock by so many days, hours, minutes, seconds: the arguments of `timedelta`."""
        with self._lock:
            self._shown += timedelta(**amounts)
