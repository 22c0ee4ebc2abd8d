"""The base of every section of kam.yaml: frozen, strict about names, with a hint for a name that is nearly right.

What belongs here: reading what can be read where something is wrong, so that what clashes with something else is
told at once too. What does not: what clashes (the sections themselves), wording of pydantic's errors (load.py).
"""

import difflib
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Generic, NamedTuple, NoReturn, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, ValidatorFunctionWrapHandler, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

# NaN and infinity are in no order with anything, so that no limit would refuse them
_CONFIG = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Section(BaseModel):
    """A part of kam.yaml; unknown names are errors, and a section never changes once read."""

    model_config = _CONFIG


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


class Clash(NamedTuple):
    """What is wrong between parts of a section, and which parts: nobody knows where one of them cannot be read."""

    parts: tuple[str, ...]
    problem: str


class Member(Section):
    """A section of which there is a list."""

    def clashes(self) -> list[Clash]:
        """Return what is wrong between its parts."""
        return []

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        problems = [clash.problem for clash in self.clashes()]
        if problems:
            raise ValueError("; ".join(problems))
        return self


Item = TypeVar("Item", bound=Member)
Whole = TypeVar("Whole", bound=Section)


class Read(NamedTuple, Generic[Item]):
    """As much of a member as can be read, and the names of its parts that cannot."""

    item: Item
    unread: frozenset[str] = frozenset()

    @property
    def problems(self) -> list[str]:
        """What is wrong between the parts that can be read."""
        return [clash.problem for clash in self.item.clashes() if self.unread.isdisjoint(clash.parts)]


def checked_list(
    given: object,
    check: ValidatorFunctionWrapHandler,
    kind: type[Item],
    problems_of: Callable[[list[Read[Item]]], list[str]],
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
    problems_of : Callable[[list[Read[Item]]], list[str]]
        What is wrong between the members, as far as they can be read.

    Returns
    -------
    list[Item]
        The members.

    Raises
    ------
    ValidationError
        With every problem in the members and between them.
    """
    found: list[InitErrorDetails] = []
    try:
        items = cast("list[Item]", check(given))
        read = [Read(item) for item in items]
    except ValidationError as error:
        found = [cast("InitErrorDetails", detail) for detail in error.errors(include_url=False)]
        read = [_readable(kind, member) for member in (given if isinstance(given, list) else [])]
        # a member's own clashes have not been looked for where one of its parts is wrong
        told = {detail["loc"] for detail in found}
        found += [
            _error("; ".join(one.problems), place)
            for place, one in enumerate(read)
            if one.problems and (place,) not in told
        ]
    between = problems_of(read) if read else []
    if found or between:
        _raise_together(kind, found, between)
    return items


def checked_whole(kind: type[Whole], given: object, check: Callable[[Any], Whole], problems: list[str]) -> Whole:
    """Check a section, so that what is known to be wrong with it already is told together with what is found.

    Raises
    ------
    ValidationError
        With every problem.
    """
    try:
        whole = check(given)
    except ValidationError as error:
        _raise_together(kind, [cast("InitErrorDetails", one) for one in error.errors(include_url=False)], problems)
    if problems:
        _raise_together(kind, [], problems)
    return whole


def _readable(kind: type[Item], member: object) -> Read[Item]:
    """Return a member with what can be read of it: None or the default for the rest."""
    given = member if isinstance(member, dict) else {}
    values: dict[str, Any] = {}
    unread = set()
    for name, field in kind.model_fields.items():
        if name not in given and not field.is_required():
            continue
        try:
            reader = TypeAdapter[Any](cast("Any", Annotated[field.annotation, field]), config=_CONFIG)
            values[name] = reader.validate_python(given[name])
        except (ValidationError, KeyError):
            unread.add(name)
            values |= {name: None} if field.is_required() else {}
    return Read(cast("Item", kind.model_construct(**values)), frozenset(unread))


def _raise_together(kind: type[Section], found: list[InitErrorDetails], problems: list[str]) -> NoReturn:
    told = [*map(_again, found), *map(_error, problems)]
    raise ValidationError.from_exception_data(kind.__name__, told) from None


def _error(problem: str, *location: int) -> InitErrorDetails:
    return InitErrorDetails(type=_told(problem), loc=location, input=None)


def _told(text: str) -> PydanticCustomError:
    return PydanticCustomError("value_error", "{error}", {"error": text})


def _again(detail: InitErrorDetails) -> InitErrorDetails:
    """Return an error as it can be raised once more: one of our own is text by now, others keep their kind."""
    kind = detail["type"]
    if kind == "value_error":
        kind = _told(str(detail.get("ctx", {}).get("error", "")))
    return InitErrorDetails(type=kind, loc=detail["loc"], input=detail["input"], ctx=detail.get("ctx", {}))
