"""One data call on its way to its route, and how routes are found.

What belongs here: the values between site.py and the routes. What does not: what a route does.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.faults import Fault
from connectors.salesforce_emulator.messages import Answer, Request, not_found


@dataclass(frozen=True)
class Call:
    """A request of a session to one version of the API.

    Attributes
    ----------
    request : Request
        As it came in.
    token : str
        Of its session.
    version : str
        Such as 67.0.
    args : tuple[str, ...]
        The variable parts of the path.
    faults : tuple[Fault, ...]
        Those that strike it.
    """

    request: Request
    token: str
    version: str
    args: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def number(self) -> float:
        """The version as a number."""
        return float(self.version)

    def path(self, rest: str) -> str:
        """Return the path of something else in this version."""
        return f"/services/data/v{self.version}/{rest}"


@dataclass(frozen=True)
class Route:
    """What answers a method at the paths that a pattern describes, from behind the version on."""

    method: str
    pattern: str
    answer: Callable[[Call], Answer]


def chosen(routes: Sequence[Route], method: str, rest: str) -> tuple[Route, tuple[str, ...]]:
    """Return the route of a path and its variable parts; an unknown path or method is refused."""
    allowed = []
    for route in routes:
        found = re.fullmatch(route.pattern, rest)
        if found and route.method == method:
            return route, found.groups()
        if found:
            allowed.append(route.method)
    if allowed:
        raise RefusalError(
            "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}", 405
        )
    raise not_found()
