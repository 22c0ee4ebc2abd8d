"""Criteria other than those of kam.yaml: from a file of their own, and with single values changed.

What belongs here: reading and changing them, all problems of all files told at once. What does not: what criteria are
(criteria.py), what comes of them (selection/).
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings.configuration import Settings
from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.settings.criteria_fields import unmapped_fields
from kam_pipeline.settings.criterion import Criterion, Gate
from kam_pipeline.settings.load import StrictLoader, problem_text, read_yaml
from kam_pipeline.settings.presets import PRESETS
from kam_pipeline.settings.section import Section, closest
from kam_pipeline.settings.source import Mapping

_LISTS: dict[str, type[Criterion | Gate]] = {"items": Criterion, "gates": Gate}
_WEIGHTS = "weights"


@dataclass(frozen=True)
class NamedCriteria:
    """Criteria, and what people call them: their file and what was changed."""

    name: str
    criteria: Criteria


@dataclass(frozen=True)
class Change:
    """One value to be another: `weights.growth=0.3`."""

    text: str
    path: tuple[str, ...]
    value: object


def read_alternatives(
    files: Sequence[Path], changes: Sequence[str], config: Path, mapping: Mapping
) -> list[NamedCriteria]:
    """Read criteria that are to be held against the published ones.

    Parameters
    ----------
    files : Sequence[Path]
        Each a kam.yaml, of which only `criteria` is read, or that section alone; none for kam.yaml itself as it is now.
    changes : Sequence[str]
        Values to change in each of them: a dotted path below `criteria`, `=`, and the value as YAML.
    config : Path
        The installation's kam.yaml.
    mapping : Mapping
        Its mapping: which fields of the CRM there are.

    Returns
    -------
    list[NamedCriteria]
        In the order of the files.

    Raises
    ------
    ConfigurationError
        With every problem of every file and change.
    """
    problems: list[str] = []
    wanted: list[Change] = []
    found: list[NamedCriteria] = []
    for text in changes:
        try:
            wanted.append(_change(text))
        except ConfigurationError as error:
            problems += error.problems
    for path in files or [config]:
        try:
            found.append(_read(path, wanted, mapping, is_own=not files))
        except ConfigurationError as error:
            problems += error.problems
    if problems:
        raise ConfigurationError(list(dict.fromkeys(problems)))
    return found


def _read(path: Path, changes: Sequence[Change], mapping: Mapping, *, is_own: bool) -> NamedCriteria:
    if not is_own and not path.exists():
        raise ConfigurationError([f"{path}: no such file; name one that is there with --criteria FILE"])
    values, is_whole = _section(path)
    problems = []
    for change in changes:
        try:
            _apply(values, change)
        except ValueError as error:
            problems.append(f"{'' if is_own else f'{path.name}: '}--set {change.text}: {error}")
    if problems:
        raise ConfigurationError(problems)
    criteria = None
    try:
        criteria = Criteria.model_validate(values)
    except ValidationError as error:
        problems = [
            problem_text(cast("ErrorDetails", {**one, "loc": ("criteria", *one["loc"])})) for one in error.errors()
        ]
    problems += unmapped_fields(values, mapping)
    if criteria is None or problems:
        raise ConfigurationError([f"{path.name}: {_as_written(text, is_whole=is_whole)}" for text in problems])
    said = ", ".join(change.text for change in changes)
    return NamedCriteria(f"{path}{' with ' if said else ' as it is now' if is_own else ''}{said}", criteria)


def _section(path: Path) -> tuple[dict[str, Any], bool]:
    """Return what a file says of criteria, and whether it is a whole kam.yaml."""
    values = read_yaml(path)
    if not set(values) & set(Settings.model_fields):
        return values, False
    # a misspelt section would leave its defaults in place, and nobody would see it
    unknown = [f"{path.name}: {name}: unknown name{closest(str(name), Settings.model_fields)}" for name in values
               if name not in Settings.model_fields]  # fmt: skip
    section = values.get("criteria") or {}
    if not isinstance(section, dict):
        unknown.append(f"{path.name}: criteria: must hold names and values; found {section!r}")
    if unknown:
        raise ConfigurationError(unknown)
    return section, True


def _as_written(text: str, *, is_whole: bool) -> str:
    return text if is_whole else text.removeprefix("criteria.")


def _change(text: str) -> Change:
    path, mark, value = text.partition("=")
    if not mark or not all(path.split(".")):
        raise ConfigurationError([f"--set {text}: write a path and a value, such as --set weights.growth=0.3"])
    try:
        return Change(text, tuple(path.strip().split(".")), yaml.load(value, Loader=StrictLoader))  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        raise ConfigurationError([f"--set {text}: the value is no valid YAML; put quotes around the whole"]) from None


def _apply(values: dict[str, Any], change: Change) -> None:
    """Change one value in place.

    Raises
    ------
    ValueError
        When the path leads nowhere, saying what is there instead.
    """
    first, *rest = change.path
    if first == _WEIGHTS and len(rest) == 1:
        first, rest = "items", [*rest, "weight"]
    _must_be_known(first, [_WEIGHTS, *Criteria.model_fields])
    if first == _WEIGHTS:
        raise ValueError("say which weight, such as weights.size=1")
    if first == "preset":
        values.pop("items", None)
    if first in _LISTS and rest:
        _apply_to_member(values, first, rest, change.value)
        return
    if not rest:
        values[first] = deepcopy(change.value)
        if first == "items":
            values.pop("preset", None)
        return
    kind = Criteria.model_fields[first].annotation
    if not (isinstance(kind, type) and issubclass(kind, Section)):
        raise ValueError(f"{first} is a value of its own; write {first}=...")
    _apply_to_section(values, first, kind, rest, change.value)


def _apply_to_section(values: dict[str, Any], name: str, kind: type[Section], rest: list[str], value: object) -> None:
    """Change one value of a section inside the criteria, such as `stability.draws`."""
    _must_be_known(rest[0], kind.model_fields)
    if len(rest) > 1:
        raise ValueError(f"{name}.{rest[0]} is a value of its own; write {name}.{rest[0]}=...")
    section = values.get(name)
    values[name] = {**(section if isinstance(section, dict) else {}), rest[0]: deepcopy(value)}


def _apply_to_member(values: dict[str, Any], name: str, rest: list[str], value: object) -> None:
    """Change one attribute of a criterion or gate, which is found by its name."""
    if name == "items" and "items" not in values:
        values["items"] = deepcopy(PRESETS.get(str(values.pop("preset", None)), PRESETS["default"]))
    listed = values.get(name)
    members = {item.get("name"): item for item in listed if isinstance(item, dict)} if isinstance(listed, list) else {}
    if rest[0] not in members:
        known = closest(rest[0], [str(member) for member in members]) if members else "; there are none"
        raise ValueError(f"no {'criterion' if name == 'items' else 'gate'} is called {rest[0]}{known}")
    if len(rest) == 1:
        raise ValueError(f"say what of {rest[0]} is to change, such as {name}.{rest[0]}.{_example(name)}=...")
    member, attribute = members[rest[0]], rest[1]
    _must_be_known(attribute, _LISTS[name].model_fields)
    if len(rest) == 2:
        member[attribute] = deepcopy(value)
    elif attribute == "map":
        # a value of a picklist may hold dots
        member["map"] = {**(member.get("map") or {}), ".".join(rest[2:]): value}
    else:
        raise ValueError(f"{attribute} is a value of its own; write {'.'.join([name, *rest[:2]])}=...")


def _example(name: str) -> str:
    return "weight" if name == "items" else "at_least"


def _must_be_known(name: str, known: Sequence[str] | dict[str, Any]) -> None:
    if name not in known:
        raise ValueError(f"{name}: unknown name{closest(name, known)}")
