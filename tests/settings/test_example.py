"""The commented example that `kam init` writes: with its comment marks gone it is a valid configuration."""

import re
from pathlib import Path

import pytest

import kam_pipeline
from kam_pipeline.settings import load_configuration
from kam_pipeline.settings.configuration import Settings
from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.settings.salesforce import SalesforceSource

EXAMPLE = Path(kam_pipeline.__file__).with_name("kam.example.yaml")
SETTING = re.compile(r"^# ( *(?:[A-Za-z_]+:|- \{).*)$")
OTHER_SOURCE = re.compile(r"^## (.*)$", re.MULTILINE)


@pytest.fixture
def uncommented(tmp_path: Path) -> Path:
    """The example with every setting in force, and the files that it names."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    text = "\n".join(match[1] if (match := SETTING.match(line)) else line for line in lines)
    for name in re.findall(r"(?:file|path): ([\w./]+)", text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    config = tmp_path / "kam.yaml"
    config.write_text(text, encoding="utf-8")
    return config


def test_every_setting_of_the_example_can_be_switched_on(uncommented):
    configuration = load_configuration(uncommented)
    assert configuration.settings.kpis.contact_days == 180


def test_the_criteria_of_the_example_show_every_kind(uncommented):
    criteria = load_configuration(uncommented).settings.criteria
    assert {item.transform for item in criteria.items} == {"log", "percentile", "map", "bands"}
    assert all(any(getattr(item, kind) for item in criteria.items) for kind in ("metric", "field", "expression"))
    assert sum(item.weight for item in criteria.items) == pytest.approx(1)
    assert len(criteria.gates) == 2
    shown = criteria.model_fields_set - {"items", "gates"}
    assert shown == set(Criteria.model_fields) - {"preset", "items", "gates"}
    # what stands beside the lists shows the defaults
    assert criteria.model_dump(include=shown) == Criteria.model_validate({}).model_dump(include=shown)


@pytest.fixture
def salesforce(tmp_path: Path) -> Path:
    """The example with its other source: the section of files gone, that of Salesforce in its place."""
    text = EXAMPLE.read_text(encoding="utf-8")
    files = text[text.index("source:") : text.index("\n\n", text.index("source:"))]
    config = tmp_path / "kam.yaml"
    config.write_text(OTHER_SOURCE.sub(r"\1", text.replace(files, "")), encoding="utf-8")
    return config


def test_the_other_source_of_the_example_is_salesforce_with_every_setting_at_its_default(salesforce):
    shown = load_configuration(salesforce).settings.source
    assert isinstance(shown, SalesforceSource)
    assert shown.model_fields_set == set(SalesforceSource.model_fields)
    alone = SalesforceSource(kind="salesforce", login=shown.login, sign_in=shown.sign_in)
    assert shown.model_copy(update={"record_url": None}) == alone


def test_the_example_shows_every_section(uncommented):
    shown = set(re.findall(r"^([a-z_]+):", uncommented.read_text(encoding="utf-8"), re.MULTILINE))
    assert shown == set(Settings.model_fields)
