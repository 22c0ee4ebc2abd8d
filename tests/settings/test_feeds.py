"""Section `feeds` of kam.yaml: what is wrong with it, and what depends on it."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.evaluation import model_parameters
from kam_pipeline.feed_schema import FEEDS
from kam_pipeline.settings import Configuration, load_configuration, schema_text
from tests.factories import make_configuration

SOURCE = "source: {kind: files, path: export}\n"


def load(folder: Path, feeds: str, *files: str) -> Configuration:
    """Read a kam.yaml with this section `feeds`, beside which there are these files."""
    (folder / "export").mkdir(exist_ok=True)
    for name in files:
        (folder / name).write_text("x", encoding="utf-8")
    (folder / "kam.yaml").write_text(f"{SOURCE}feeds:\n{feeds}", encoding="utf-8")
    return load_configuration(folder / "kam.yaml")


def problems(folder: Path, feeds: str, *files: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, feeds, *files)
    return caught.value.problems


def test_everything_wrong_with_feeds_is_said_at_once_with_the_way_out(tmp_path):
    found = problems(
        tmp_path,
        "  satisfacton: {file: s.csv}\n"
        "  satisfaction: {file: s.csv, lowest: 10, highest: 1}\n"
        "  costs: {file: c.csv, fields: {mont: Monat, cost: Kosten}, decimal_separator: ';'}\n"
        "  actuals: {fields: {month: Monat}}\n"
        "  targets: {file: t.csv, date_formats: [YYYY], encoding: klingon, satisfied_from: 3}\n",
    )
    said = "\n".join(found)
    for hint in (
        "feeds.satisfacton: unknown name; did you mean satisfaction?",
        "feeds.satisfaction: lowest (10) must be smaller than highest (1)",
        "feeds.costs.fields: mont: no such field; did you mean month?; cost: no such field; did you mean cost_amt?",
        "feeds.costs.decimal_separator: Input should be '.' or ','",
        "feeds.actuals.file: is missing; add it",
        "feeds.targets.date_formats: 'YYYY' has no % directive",
        "feeds.targets.encoding: 'klingon' is not an encoding",
        "feeds.targets.satisfied_from: unknown name",
    ):
        assert hint in said, said
    assert len(found) == 8


@pytest.mark.parametrize("satisfied_from", [-1, 10.5])
def test_a_customer_cannot_be_satisfied_off_the_scale(tmp_path, satisfied_from):
    (problem,) = problems(tmp_path, f"  satisfaction: {{file: s.csv, satisfied_from: {satisfied_from}}}\n", "s.csv")
    assert f"satisfied_from ({satisfied_from:g}) must lie on the scale, from lowest (0) to highest (10)" in problem


def test_files_that_are_not_there_are_all_named_like_the_groups_file(tmp_path):
    found = problems(
        tmp_path,
        "  costs: {file: feeds/costs.csv}\n  targets: {file: t.csv}\n  actuals: {file: a.parquet}\n"
        "groups: {file: groups.csv}\n",
        "t.csv",
    )
    assert [problem.split(" does not exist")[0] for problem in found] == [
        f"kam.yaml: groups.file: {tmp_path}/groups.csv",
        f"kam.yaml: feeds.costs.file: {tmp_path}/feeds/costs.csv",
        f"kam.yaml: feeds.actuals.file: {tmp_path}/a.parquet",
    ]


def test_without_the_section_no_feed_is_configured(tmp_path):
    (tmp_path / "export").mkdir()
    (tmp_path / "kam.yaml").write_text(SOURCE, encoding="utf-8")
    feeds = load_configuration(tmp_path / "kam.yaml").settings.feeds
    assert feeds.configured == []
    assert feeds.of("feeds.costs") is None


def test_the_scale_is_that_of_nps_unless_said_otherwise_and_nobody_is_satisfied_by_default(tmp_path):
    scale = load(tmp_path, "  satisfaction: {file: s.csv}\n", "s.csv").settings.feeds.satisfaction
    assert (scale.lowest, scale.highest, scale.satisfied_from) == (0, 10, None)


def test_editors_learn_every_feed_and_its_settings_from_the_schema():
    definitions = json.loads(schema_text())["$defs"]
    assert set(definitions["Feeds"]["properties"]) == {declared.name.removeprefix("feeds.") for declared in FEEDS}
    assert {"file", "fields", "lowest", "highest", "satisfied_from", "delimiter", "encoding", "date_formats"} <= set(
        definitions["SatisfactionFeed"]["properties"]
    )


# --- versions --------------------------------------------------------------------------------------------------------

BASE = "file: s.csv"


def versions(folder: Path, settings: str) -> tuple[str, str, str]:
    configuration = load(folder, f"  satisfaction: {{{settings}}}\n", "s.csv", "other.csv")
    feeds, reading = configuration.section_version("feeds"), configuration.section_version("reading")
    return feeds, reading, configuration.config_version


@pytest.mark.parametrize("changed", ["lowest: 1", "highest: 5", "satisfied_from: 8"])
def test_the_scale_of_a_feed_counts_after_it_has_been_read(tmp_path, changed):
    before, after = versions(tmp_path, BASE), versions(tmp_path, f"{BASE}, {changed}")
    assert [old != new for old, new in zip(before, after, strict=True)] == [True, False, True]


@pytest.mark.parametrize(
    "changed", ["fields: {account_id: Kunde}", "delimiter: semicolon", "date_formats: ['%d.%m.%Y']"]
)
def test_how_a_feed_is_written_counts_when_it_is_read(tmp_path, changed):
    before, after = versions(tmp_path, BASE), versions(tmp_path, f"{BASE}, {changed}")
    assert [old != new for old, new in zip(before, after, strict=True)] == [False, True, True]


def test_where_a_file_is_changes_nothing(tmp_path):
    assert versions(tmp_path, BASE) == versions(tmp_path, "file: other.csv")


def test_a_feed_more_or_less_changes_every_version(tmp_path):
    one = versions(tmp_path, BASE)
    two = load(tmp_path, "  satisfaction: {file: s.csv}\n  costs: {file: s.csv}\n", "s.csv")
    assert one[0] != two.section_version("feeds")
    assert one[1] != two.section_version("reading")
    assert one[2] != two.config_version


def test_decisions_designate_unless_they_are_told_not_to_and_saying_so_is_another_version(tmp_path):
    silent = load(tmp_path, "  decisions: {file: d.csv}\n", "d.csv")
    said = load(tmp_path, "  decisions: {file: d.csv, designates: true}\n")
    denied = load(tmp_path, "  decisions: {file: d.csv, designates: false}\n")
    assert [model_parameters(given)["decisions_designate"] for given in (silent, said, denied)] == [True, True, False]
    versions = [given.section_version("feeds") for given in (silent, said, denied)]
    assert versions[0] == versions[1] != versions[2]
    assert len({given.section_version("reading") for given in (silent, said, denied)}) == 1
    assert silent.config_version != denied.config_version


def test_bounds_of_overrides_are_criteria_and_must_make_sense():
    bounds = {"overrides": {"max_share": 0.5, "max_days": 90}}
    given = make_configuration(criteria=bounds)
    assert given.criteria_version != make_configuration().criteria_version
    parameters = model_parameters(given)
    assert (parameters["override_max_share"], parameters["override_max_days"]) == (0.5, 90)
    for wrong in ({"max_share": 1.1}, {"max_share": -0.1}, {"max_days": 0}):
        with pytest.raises(ValidationError):
            make_configuration(criteria={"overrides": wrong})
