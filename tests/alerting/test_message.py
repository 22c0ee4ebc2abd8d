"""What an alert says, word by word, and what it never says."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from kam_pipeline import errors
from kam_pipeline.alerting import LOST, FailedCheck, ReadersSee, Since, failure_of, pipeline_name, what_readers_see
from kam_pipeline.alerting.mail import mail_of
from kam_pipeline.alerting.message import NOT_REPEATED
from kam_pipeline.alerting.rendering import headline, payload, text
from kam_pipeline.errors import KamError
from kam_pipeline.settings.alerts import Email
from tests.factories import utc

README = Path(__file__).resolve().parents[2] / "README.md"
EMAIL = Email(host="mail.acme.test", sender="kam@acme.test", to=("ops@acme.test", "revops@acme.test"))


def test_a_blocked_night_is_told_as_the_readme_shows_it(alert):
    assert text(alert).splitlines() == [
        "kam: acme on reporting-01: nothing was published, blocked by 1 check.",
        "",
        "What failed: 1 check that blocks publishing.",
        "  rejected_share_opportunity of marts/data_quality: 0.5 against 0.2",
        "Since when: 2026-07-02 03:05 UTC; 2 failed runs in a row. The last good run ended 2026-07-01 03:05 UTC.",
        "What readers see: the publication as of 2026-07-01, computed 2026-07-01 03:04 UTC.",
        "What to do first: read the failed checks in `kam status`; correct the source, or the limit in section "
        "quality.",
        "Run 6f1b3a52-7a4e-4e0c-9a0e-3a7a6c0f7d11",
    ]
    shown = "\n".join(f"    {line}".rstrip() for line in text(alert).splitlines())
    assert shown in README.read_text(encoding="utf-8")


def test_a_webhook_gets_the_text_and_the_same_in_fields(alert):
    sent = payload(alert)
    assert sent.pop("text") == text(alert)
    assert sent == {
        "kind": "blocked",
        "pipeline": "acme on reporting-01",
        "noticed_at": "2026-07-03T03:05:00Z",
        "run_id": "6f1b3a52-7a4e-4e0c-9a0e-3a7a6c0f7d11",
        "is_retried": False,
        "failed": {
            "what": "1 check that blocks publishing",
            "step": "marts/data_quality",
            "error": "PublicationBlockedError",
        },
        "checks": [
            {"table": "marts/data_quality", "name": "rejected_share_opportunity", "value": 0.5, "threshold": 0.2}
        ],
        "since": {
            "first_failed_at": "2026-07-02T03:05:00Z",
            "failed_runs_cnt": 2,
            "last_good_at": "2026-07-01T03:05:00Z",
        },
        "readers_see": {"as_of_date": "2026-07-01", "created_at": "2026-07-01T03:04:00Z"},
        "first_step": "read the failed checks in `kam status`; correct the source, or the limit in section quality",
    }


def test_an_e_mail_has_the_headers_that_mail_servers_and_people_need(alert):
    message = mail_of(alert, EMAIL)
    assert message["Subject"] == "kam: acme on reporting-01: nothing was published, blocked by 1 check"
    assert message["From"] == "kam@acme.test"
    assert message["To"] == "ops@acme.test, revops@acme.test"
    assert message["Date"].datetime == datetime(2026, 7, 3, 3, 5, tzinfo=UTC)
    assert message["Message-ID"].endswith("@acme.test>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert message.get_content() == text(alert) + "\n"


def test_an_alert_sent_twice_is_one_message_and_another_run_is_another(alert):
    first, again = mail_of(alert, EMAIL), mail_of(replace(alert, noticed_at=datetime(2026, 7, 3, 4, tzinfo=UTC)), EMAIL)
    other = mail_of(replace(alert, run_id="another"), EMAIL)
    assert first["Message-ID"] == again["Message-ID"]
    assert first["Message-ID"] != other["Message-ID"]


def test_a_folder_with_a_line_break_adds_no_header(alert):
    named = replace(alert, pipeline=pipeline_name(Path("/srv/Grønt & co\nBcc: all@acme.test"), "host"))
    message = mail_of(named, EMAIL)
    assert message["Bcc"] is None
    assert message["Subject"].startswith("kam: Grønt & co Bcc: all@acme.test on host: ")
    assert "Grønt & co" in message.get_content()


# --- what failed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, KamError)],
    ids=lambda error: error.__name__,
)
def test_every_error_of_ours_says_what_to_do_first(alert, error):
    failure = failure_of(["DagsterExecutionStepExecutionError", error.__name__, "OSError"], "landing/extraction")
    assert failure.error == error.__name__
    assert failure.first_step == error.first_step
    assert f"What to do first: {error.first_step}." in text(replace(alert, failure=failure))


def test_the_outermost_error_of_ours_is_named_as_the_terminal_would():
    assert failure_of(["ReportError", "PublicationError", "OSError"]).error == "ReportError"


def test_of_an_unknown_error_the_class_below_dagsters_wrappers_is_named(alert):
    failure = failure_of(["DagsterExecutionStepExecutionError", "OutOfMemoryException"], "core/activity")
    told = replace(alert, failure=failure)
    assert headline(told) == "kam: acme on reporting-01: a run failed (OutOfMemoryException)"
    assert (
        "What failed: putting customers, money and deals together, step core/activity (OutOfMemoryException)."
        in text(told)
    )
    assert "What to do first: look at the run in `kam ui`." in text(told)
    assert failure_of(["DagsterInvariantViolationError"]).error == "DagsterInvariantViolationError"


@pytest.mark.parametrize("name", ["DagsterAssetCheckFailedError", "PublicationBlockedError"])
def test_a_failed_blocking_check_is_no_failure_but_a_block(name):
    failure = failure_of(["DagsterExecutionStepExecutionError", name], "marts/data_quality")
    assert failure.kind == "blocked"
    assert failure.what == "a check that blocks publishing"


def test_a_name_that_could_carry_data_is_not_repeated():
    failure = failure_of(["Acme Ltd: jane@acme.test"], "marts/x of 'Acme Ltd'")
    assert failure.error == NOT_REPEATED
    assert failure.step == NOT_REPEATED
    assert "Acme" not in failure.what


def test_many_failed_checks_are_counted_and_the_first_ten_named(alert):
    checks = [FailedCheck("marts/data_quality", f"check_{number:02}") for number in range(1, 13)]
    said = text(replace(alert, failure=failure_of(["PublicationBlockedError"], "marts/data_quality", checks)))
    assert "nothing was published, blocked by 12 checks." in said
    assert "What failed: 12 checks that block publishing." in said
    assert "  check_10 of marts/data_quality\n  and 2 more\n" in said
    assert "check_11" not in said


def test_a_run_whose_process_died_says_that_nobody_knows_why(alert):
    said = text(replace(alert, failure=LOST))
    assert "acme on reporting-01: a run failed." in said
    assert "the process of the run ended without a word" in said


def test_a_failed_step_of_publishing_says_what_its_own_readers_have(alert):
    said = text(replace(alert, failure=failure_of(["PublicationError"], "published/key_accounts")))
    assert "What failed: publishing, step published/key_accounts (PublicationError)." in said
    assert "What this step writes is as it was before." in said


def test_a_run_that_is_tried_again_says_so(alert):
    assert "starts the run once more by itself" in text(replace(alert, is_retried=True))
    assert "starts the run once more by itself" not in text(alert)


# --- since when, and what readers see --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (
            Since(datetime(2026, 7, 2, 3, tzinfo=UTC), 1, False, None),
            "2026-07-02 03:00 UTC; this is the first failed run. No good run is known.",
        ),
        (
            Since(datetime(2026, 3, 1, 3, tzinfo=UTC), 100, True, datetime(2026, 2, 28, 3, tzinfo=UTC)),
            "2026-03-01 03:00 UTC; 100 failed runs or more in a row. The last good run ended 2026-02-28 03:00 UTC.",
        ),
    ],
)
def test_since_when_says_how_often_and_when_it_was_good(alert, since, said):
    assert f"Since when: {said}\n" in text(replace(alert, since=since))


def test_the_newest_published_date_is_read_from_the_published_file(tmp_path, alert):
    path = tmp_path / "key_accounts.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema kam")
        connection.execute(
            "create table kam.snapshot as select * from (values (date '2026-06-01', timestamp '2026-07-02 04:00'), "
            "(date '2026-07-01', timestamp '2026-07-01 03:04')) as s (as_of_date, created_at)"
        )
    before = path.read_bytes()
    assert what_readers_see(path) == ReadersSee(date(2026, 7, 1), utc(2026, 7, 1, 3, 4))
    assert path.read_bytes() == before


def test_before_the_first_publication_readers_see_nothing(tmp_path, alert):
    seen = what_readers_see(tmp_path / "key_accounts.duckdb")
    assert "What readers see: nothing, no date has been published yet." in text(replace(alert, readers=seen))
    assert payload(replace(alert, readers=seen))["readers_see"] is None


def test_a_published_file_that_cannot_be_read_does_not_keep_the_alert(tmp_path, alert):
    path = tmp_path / "key_accounts.duckdb"
    path.write_bytes(b"no database")
    said = text(replace(alert, readers=what_readers_see(path)))
    assert "What readers see: not known, the published file could not be read." in said
