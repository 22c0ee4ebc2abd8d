"""Read kam.yaml: all errors at once, each with its path and the way out; and the JSON Schema for editors.

What belongs here: files, environment, error wording. What does not: the sections themselves.
"""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings.configuration import Configuration, Settings
from kam_pipeline.settings.criteria_fields import unmapped_fields
from kam_pipeline.settings.salesforce import JwtBearer
from kam_pipeline.settings.section import closest
from kam_pipeline.settings.source import FilesSource, Mapping

CONFIG_VARIABLE = "KAM_CONFIG"
DEFAULT_NAME = "kam.yaml"


def configuration_path() -> Path:
    """Return where kam.yaml is: the variable KAM_CONFIG, otherwise kam.yaml in the current folder."""
    return Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_NAME)


def set_environment(**values: str) -> None:
    """Set variables for this process, for a library that is told no other way."""
    os.environ.update(values)


def process_environment(**values: str) -> dict[str, str]:
    """Return the environment for a program that we start: our own, with some values set."""
    return {**os.environ, **values}


def load_configuration(path: Path, *, reads_source: bool = True) -> Configuration:
    """Read and check a configuration file.

    Parameters
    ----------
    path : Path
        The file; relative paths inside it start from its folder.
    reads_source : bool
        The source and the files beside it must be there; not for what only looks at results.

    Returns
    -------
    Configuration
        The checked settings.

    Raises
    ------
    ConfigurationError
        With every problem of the file, each naming its path and the way out.
    """
    values = read_yaml(path)
    problems = []
    settings = None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        # without the cause: pydantic's own text repeats values, a secret among them, in the logs of Dagster
        problems = [problem_text(detail) for detail in error.errors()]
    problems += _unmapped(values)
    folder = path.resolve().parent
    if settings is not None and reads_source:
        problems += [
            f"{where}: {folder / name} does not exist; correct the path (it starts from {folder})"
            for where, name in _named_files(settings)
            if not (folder / Path(name).expanduser()).exists()
        ]
    if settings is None or problems:
        raise ConfigurationError([f"{path.name}: {problem}" for problem in problems])
    return Configuration(settings, folder)


def _unmapped(values: dict[str, Any]) -> list[str]:
    """Return what is wrong with fields of the CRM that criteria ask for, where the mapping can be read."""
    try:
        mapping = Mapping.model_validate(values.get("mapping") or {})
    except ValidationError:
        return []
    return unmapped_fields(values.get("criteria"), mapping)


def load_what_can_be_used(path: Path) -> Configuration | None:
    """Read a configuration without the sections that are wrong, for telling somebody that they are.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Configuration or None
        The checked settings, defaults in place of sections that cannot be used; None when the file cannot be read.
    """
    try:
        values = read_yaml(path)
    except ConfigurationError:
        return None
    # the one section without a default
    default = {"source": {"kind": "files", "path": "."}}
    values = {**default, **values}
    # again and again, because a section may need another that has just been left out
    while wrong := _wrong_sections(values):
        values = {**default, **{name: section for name, section in values.items() if name not in wrong}}
    return Configuration(Settings.model_validate(values), path.resolve().parent)


def _wrong_sections(values: dict[str, Any]) -> set[int | str]:
    """Return the names of the sections that something is wrong with."""
    try:
        Settings.model_validate(values)
    except ValidationError as error:
        return {detail["loc"][0] for detail in error.errors() if detail["loc"]}
    return set()


def schema_text() -> str:
    """Return the JSON Schema of kam.yaml, for completion and checks in editors."""
    schema = Settings.model_json_schema()
    mapping = schema["$defs"]["Mapping"]
    mapping["additionalProperties"] = mapping.pop("properties")["objects"]["additionalProperties"]
    # always there once checked, and seldom written: a preset gives them
    schema["$defs"]["Criteria"].pop("required")
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


class StrictLoader(yaml.SafeLoader):
    """Reads plain values only, and takes no name that is there twice: YAML would let the last one win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping as a dictionary.

        Raises
        ------
        yaml.MarkedYAMLError
            When a name is there twice.
        """
        names: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in names:
                raise yaml.MarkedYAMLError(problem=f"{key.value} is there twice", problem_mark=key.start_mark)
            names.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return what a YAML file of ours says, unchecked.

    Raises
    ------
    ConfigurationError
        When it is not there, cannot be read, is no YAML or holds no names at all.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(
            [f"{path}: no such file; create one with `kam init`, or name it with --config FILE"]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}: cannot be read ({error}); save it as UTF-8 text"]) from error
    try:
        values = yaml.load(text, Loader=StrictLoader)  # noqa: S506 - a safe loader with one rule more
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigurationError(
            [f"{path.name}: line {line}: not valid YAML ({error.problem}); check indentation, quotes and names there"]
        ) from error
    except yaml.YAMLError as error:
        raise ConfigurationError([f"{path.name}: not valid YAML ({error})"]) from error
    if not isinstance(values, dict):
        raise ConfigurationError([f"{path.name}: is empty or no mapping; start with `source:`, or use `kam init`"])
    return values


def _named_files(settings: Settings) -> list[tuple[str, str]]:
    named = (
        [("source.path", settings.source.path)] if isinstance(settings.source, FilesSource) else _key_files(settings)
    )
    if settings.groups.file:
        named.append(("groups.file", settings.groups.file))
    named += [(f"{feed.declared.name}.file", feed.file) for feed in settings.feeds.configured]
    return named


def _key_files(settings: Settings) -> list[tuple[str, str]]:
    sign_in = getattr(settings.source, "sign_in", None)
    file = sign_in.private_key_file if isinstance(sign_in, JwtBearer) else None
    return [("source.sign_in.private_key_file", file)] if file else []


def problem_text(detail: ErrorDetails) -> str:
    """Return what is wrong at one place of kam.yaml: where, what, and the way out where one is known."""
    where = _where(detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            return f"{where}: unknown name{closest(str(detail['loc'][-1]), _siblings(detail['loc']))}"
        case "missing":
            return f"{where}: is missing; add it (see `kam init` for a commented example)"
        case "union_tag_not_found":
            return f"{where}.{_tag_name(detail)}: is missing; write one of {_tags(detail)}"
        case "union_tag_invalid":
            return f"{where}.{_tag_name(detail)}: {detail['ctx']['tag']!r} is none of {_tags(detail)}"
        case "value_error":
            return f"{where}: {detail['ctx']['error']}" if "ctx" in detail else f"{where}: {detail['msg']}"
        case "string_type" if isinstance(detail["input"], bool | int | float | date):
            return _without_quotes(detail)
        case _:
            return f"{where}: {detail['msg']}; found {detail['input']!r}"


def _where(location: tuple[int | str, ...]) -> str:
    # `mapping` keeps its objects one level deeper than the file writes them
    return ".".join(str(part) for part in _written(location)).replace("mapping.objects", "mapping") or "the file"


def _without_quotes(detail: ErrorDetails) -> str:
    """Return what is wrong with a text that YAML takes for something else."""
    location, found = detail["loc"], detail["input"]
    # of a name in a dictionary, pydantic gives the dictionary, the name and a mark
    where = _where(location[:-2] if location[-1] == "[key]" else location)
    if isinstance(found, bool):
        words = "yes, on, true" if found else "no, off, false"
        example = words.partition(",")[0]
        return (
            f'{where}: {words} without quotes mean {str(found).lower()}; write the text in quotes, such as "{example}"'
        )
    kind = "date" if isinstance(found, date) else "number"
    return f'{where}: {found} is a {kind} and no text; write it in quotes: "{found}"'


def _tag_name(detail: ErrorDetails) -> str:
    return str(detail["ctx"]["discriminator"]).strip("'")


def _tags(detail: ErrorDetails) -> str:
    return ", ".join(_alternatives(_model_at(detail["loc"][:-1]), str(detail["loc"][-1])))


def _written(location: tuple[int | str, ...]) -> list[int | str]:
    """Return a location as the file has it: without the kind of source or sign-in that pydantic puts between."""
    parts: list[int | str] = []
    for place, part in enumerate(location):
        alternatives = _alternatives(_model_at(location[: place - 1]), str(location[place - 1])) if place else {}
        if part not in alternatives:
            parts.append(part)
    return parts


def _siblings(location: tuple[int | str, ...]) -> list[str]:
    """Return the names allowed where an unknown one was found."""
    model = _model_at(location[:-1])
    return list(model.model_fields) if model else []


def _model_at(location: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Return the section that a location leads to."""
    model: type[BaseModel] | None = Settings
    alternatives: dict[str, type[BaseModel]] = {}
    for part in location:
        if model is None or not isinstance(part, str):
            continue
        if part in alternatives:
            model, alternatives = alternatives[part], {}
            continue
        field = model.model_fields.get(part)
        alternatives = _alternatives(model, part)
        # a name that is no field is the key of a dictionary, whose values have the model found for it
        model = _model_of(field.annotation) if field else model
    return model


def _alternatives(model: type[BaseModel] | None, name: str) -> dict[str, type[BaseModel]]:
    """Return the sections that a field may hold by the word that tells them apart; none where there is one."""
    field = model.model_fields.get(name) if model else None
    if field is None or not isinstance(field.discriminator, str):
        return {}
    return {
        str(tag): item
        for item in get_args(field.annotation)
        for tag in get_args(item.model_fields[field.discriminator].annotation)
    }


def _model_of(annotation: object) -> type[BaseModel] | None:
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    return next((item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel)), None)
