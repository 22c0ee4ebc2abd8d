"""The base of every section of kam.yaml: frozen, strict about names, with a hint for a name that is nearly right."""

import difflib
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of kam.yaml; unknown names are errors, and a section never changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def closest(name: str, known: Iterable[str]) -> str:
    """Return '; did you mean X?' for a near miss, otherwise the list of what is known.

    Examples
    --------
    >>> closest("Acount", ["Account", "Opportunity"])
    '; did you mean Account?'
    """
    names = list(known)
    by_lower = {candidate.lower(): candidate for candidate in names}
    near = difflib.get_close_matches(name.lower(), list(by_lower), n=1)
    return f"; did you mean {by_lower[near[0]]}?" if near else f"; known are {', '.join(names)}"
