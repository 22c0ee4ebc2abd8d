"""What a piece of work costs: wall seconds, CPU seconds of all threads, and the highest resident memory during it.

What belongs here: measuring inside one process. What does not: what is measured, starting processes, judging.
"""

import contextlib
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

_CLEAR_REFS = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"


@dataclass(frozen=True)
class Phase:
    """The cost of one phase; `peak_mb` is the highest resident memory of the process during it."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mb: float


def cpu_seconds() -> float:
    """Return the CPU seconds, user and system, that this process has used so far in all its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mb() -> float:
    """Return the highest resident memory since the last reset; since the start where the system cannot reset it."""
    if _STATUS.exists():
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Meter:
    """Collects phases in the order in which they end."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure a block as one phase; blocks are not nested."""
        with contextlib.suppress(OSError):
            _CLEAR_REFS.write_text(_RESET_PEAK, encoding="ascii")
        wall, cpu = time.perf_counter(), cpu_seconds()
        yield
        self.phases.append(Phase(name, time.perf_counter() - wall, cpu_seconds() - cpu, peak_mb()))

    def report(self, **facts: object) -> str:
        """Return phases and facts as one line of JSON, for the process that started this one."""
        return json.dumps({"phases": [asdict(phase) for phase in self.phases], **facts})
