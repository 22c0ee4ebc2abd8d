"""Processes of this machine: which one this is, whether another is still there, and how a message names it.

What belongs here: what the operating system says of a process. What does not: runs of Dagster (assets/lost_runs.py).
A process is known by host, number and birth, because numbers are given out again. Where the system does not tell when
a process began (no /proc), the number alone has to do.
"""

import contextlib
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

_PROC = Path("/proc")
# Fields of /proc/<pid>/stat behind the name of the program, which may hold spaces and brackets: state, ..., start time.
_STATE, _START_TICKS = 0, 19
_ENDED = ("Z", "X")


@dataclass(frozen=True)
class Process:
    """A process as it is told from any other one.

    Attributes
    ----------
    host : str
        Name of the machine.
    pid : int
        Its number there.
    birth : str
        When it began, in the machine's own terms; empty where the machine does not say.
    """

    host: str
    pid: int
    birth: str

    @classmethod
    def current(cls) -> Self:
        """Return the process that asks."""
        pid = os.getpid()
        return cls(socket.gethostname(), pid, _birth(pid) or "")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the process that a text names, None when it names none."""
        host, _, rest = text.partition(" ")
        pid, _, birth = rest.partition(" ")
        return cls(host, int(pid), birth) if pid.isdecimal() else None

    def __str__(self) -> str:
        return f"{self.host} {self.pid} {self.birth}".rstrip()

    def is_known_to_be_gone(self) -> bool:
        """Return whether it has certainly ended; of another machine's processes nothing is certain."""
        if self.host != socket.gethostname():
            return False
        if self.birth and _PROC.joinpath("self", "stat").exists():
            return _birth(self.pid) != self.birth
        return not _exists(self.pid)


def describe_process(pid: int) -> str:
    """Return how a message names a process: its number and, where the machine says so, since when it has been there."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = _PROC.joinpath("stat").read_text(encoding="utf-8").splitlines()
        booted = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
        ticks = int(_stat(pid)[_START_TICKS])
        began = datetime.fromtimestamp(booted + ticks / os.sysconf("SC_CLK_TCK"), UTC)
        return f"PID {pid}, since {began:%Y-%m-%d %H:%M} UTC"
    return f"PID {pid}"


def _birth(pid: int) -> str | None:
    """Return a text that no other process of that number has; None when there is none or it has ended."""
    try:
        fields = _stat(pid)
        booted = _PROC.joinpath("sys", "kernel", "random", "boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    # ended, but its parent has not asked for its exit code yet
    return None if fields[_STATE] in _ENDED else f"{booted} {fields[_START_TICKS]}"


def _stat(pid: int) -> list[str]:
    return _PROC.joinpath(str(pid), "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
