"""Sections about running: times, addresses, and secrets that stay out of the file and out of every message."""

import traceback

import pytest

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.lineage import section_versions
from kam_pipeline.settings import load_configuration
from kam_pipeline.settings.configuration import SECTIONS
from kam_pipeline.settings.cron import cron_problem
from kam_pipeline.settings.secret import reveal


def problems_of(folder, text):
    (folder / "export").mkdir(exist_ok=True)
    path = folder / "kam.yaml"
    path.write_text("source: {kind: files, path: export}\n" + text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_configuration(path)
    return raised.value.problems


@pytest.mark.parametrize(
    "text",
    [
        "0 5 * * *",
        "*/15 4-6 1,15 jan-mar mon",
        "0 0 * * 7",
        "30 4 * * mon-fri",
        "0 5 29 2 *",
        "0 5 */30 2 *",
        "0 5 31 2-3 *",
    ],
)
def test_times_that_cron_reads_are_taken(text):
    assert cron_problem(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 25 * * *", "'25' is no hour from 0 to 23"),
        ("60 * * * *", "'60' is no minute"),
        ("0 5 * *", "has 4 fields instead of 5"),
        ("0 5 * * someday", "'someday' is no weekday"),
        ("*/0 * * * *", r"'*/0' is no minute"),
        ("0 6-5 * * *", "'6-5' is no hour"),
        ("0 5 31 2 *", "'0 5 31 2 *' never comes: no such month has a day 31"),
        ("0 5 31 apr-6/2,nov mon", "no such month has a day 31"),
    ],
)
def test_a_time_that_nobody_can_mean_is_an_error_with_an_example(tmp_path, text, said):
    [problem] = problems_of(tmp_path, f'schedule: {{cron: "{text}"}}\n')
    assert problem.startswith("kam.yaml: schedule.cron: ")
    assert said in problem
    assert "write e.g. 0 5 * * *" in problem


@pytest.mark.parametrize("secret", ["https://hooks.example.com/T0/s3cret", "4711"])
def test_a_secret_in_the_file_is_an_error_that_does_not_repeat_it(tmp_path, secret):
    [problem] = problems_of(tmp_path, f"alerts: {{webhook: {{url: {secret}}}}}\n")
    assert "alerts.webhook.url" in problem
    assert "${ENV_NAME}" in problem
    assert secret not in problem


def test_the_traceback_of_a_wrong_setting_does_not_repeat_it_either(tmp_path):
    (tmp_path / "export").mkdir()
    path = tmp_path / "kam.yaml"
    path.write_text("source: {kind: files, path: export}\nalerts: {webhook: {url: s3cret}}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_configuration(path)
    assert "s3cret" not in "".join(traceback.format_exception(raised.value))


def test_a_secret_is_looked_up_when_it_is_used_and_its_absence_names_the_variable(monkeypatch):
    monkeypatch.setenv("KAM_TEST_SECRET", "s3cret")
    assert reveal("${KAM_TEST_SECRET}", "alerts.webhook.url") == "s3cret"
    monkeypatch.delenv("KAM_TEST_SECRET")
    with pytest.raises(ConfigurationError, match=r"alerts\.webhook\.url: the environment variable KAM_TEST_SECRET"):
        reveal("${KAM_TEST_SECRET}", "alerts.webhook.url")


MAIL = "host: mail.acme.com, sender: kam@acme.com, to: [ops@acme.com]"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("user: kam", "user and password go together"),
        ("password: '${P}'", "user and password go together"),
        ("user: kam, password: '${P}', security: none", "a password does not go over an open line"),
    ],
)
def test_a_mail_server_that_could_not_be_signed_in_to_safely_is_an_error(tmp_path, more, said):
    [problem] = problems_of(tmp_path, f"alerts: {{email: {{{MAIL}, {more}}}}}\n")
    assert problem.startswith("kam.yaml: alerts.email: ")
    assert said in problem


def test_a_mail_server_on_this_machine_may_be_signed_in_to_over_an_open_line(tmp_path):
    (tmp_path / "export").mkdir()
    path = tmp_path / "kam.yaml"
    mail = MAIL.replace("mail.acme.com", "localhost") + ", security: none, user: kam, password: '${P}'"
    path.write_text(f"source: {{kind: files, path: export}}\nalerts: {{email: {{{mail}}}}}\n", encoding="utf-8")
    assert load_configuration(path).settings.alerts.is_configured


def test_when_the_night_runs_and_who_is_told_change_no_number(tmp_path):
    (tmp_path / "export").mkdir()
    versions = set()
    for text in (
        "",
        'schedule: {cron: "30 4 * * *"}\n',
        "publish: {parquet: true}\n",
        'alerts: {webhook: {url: "${X}"}}\n',
    ):
        path = tmp_path / "kam.yaml"
        path.write_text("source: {kind: files, path: export}\n" + text, encoding="utf-8")
        configuration = load_configuration(path)
        sections = section_versions(configuration, set(SECTIONS) - {"report"})
        versions.add((configuration.config_version, *sorted(sections.items())))
    assert len(versions) == 1
