"""The base of every section of kam.yaml: frozen, strict about names, with a hint for a name that is nearly right."""

import difflib
from collections.abc import Callable, Iterable
from typing import TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import InitErrorDetails, PydanticCustomError


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


Item = TypeVar("Item", bound=Section)


def checked_list(
    given: object, check: ValidatorFunctionWrapHandler, kind: type[Item], problems_of: Callable[[list[Item]], list[str]]
) -> list[Item]:
    """Check a list and what its members mean together, so that both kinds of problem are told at once.

    Parameters
    ----------
    given : object
        What the file says.
    check : ValidatorFunctionWrapHandler
        Checks each member.
    kind : type[Item]
        What a member is.
    problems_of : Callable[[list[Item]], list[str]]
        What is wrong between the members that are right by themselves.

    Returns
    -------
    list[Item]
        The members.

    Raises
    ------
    ValidationError
        With every problem of the members and between them.
    """
    found: list[InitErrorDetails] = []
    try:
        items = cast("list[Item]", check(given))
    except ValidationError as error:
        found = [cast("InitErrorDetails", detail) for detail in error.errors(include_url=False)]
        items = [item for member in _members(given) if (item := _valid(kind, member)) is not None]
    between = problems_of(items) if items else []
    if not found and not between:
        return items
    told = [InitErrorDetails(type=_told(text), loc=(), input=None) for text in between]
    raise ValidationError.from_exception_data(kind.__name__, [*(_again(detail) for detail in found), *told])


def _members(given: object) -> list[object]:
    return list(given) if isinstance(given, list) else []


def _valid(kind: type[Item], member: object) -> Item | None:
    try:
        return kind.model_validate(member)
    except ValidationError:
        return None


def _told(text: str) -> PydanticCustomError:
    return PydanticCustomError("value_error", "{error}", {"error": text})


def _again(detail: InitErrorDetails) -> InitErrorDetails:
    """Return an error as it can be raised once more: one of our own is text by now, others keep their kind."""
    kind = detail["type"]
    if kind == "value_error":
        kind = _told(str(detail.get("ctx", {}).get("error", "")))
    return InitErrorDetails(type=kind, loc=detail["loc"], input=detail["input"], ctx=detail.get("ctx", {}))
