"""Extractions that are killed: the next one fetches what is not there yet, and lands the same records.

What belongs here: what is left on disk, and what is made of it. What does not: faults of the server
(test_sf_faults_of_a_night.py).
"""

import json
import multiprocessing
from datetime import timedelta

import pytest

from connectors.salesforce_emulator.server import Emulator
from kam_pipeline.errors import ConnectorError
from kam_pipeline.raw import load_landing
from tests.connectors.salesforce.disturbed.fragile_nights import (
    BULK_FROM,
    DEALS,
    SMALL_PAGES,
    account,
    checkpoints,
    content,
    deal,
    files_below,
    land,
    land_and_die,
)
from tests.factories import one_of


class BreakError(Exception):
    """What the extraction knows nothing of."""


def break_off(emulator, settings, folder, company, pages):
    """Let an extraction end in the middle of the deals, when so many of their pages have been read."""

    def reading(batches):
        for number, batch in enumerate(batches):
            if number == pages:
                raise BreakError
            yield batch
        raise BreakError

    with pytest.raises(BreakError):
        land(settings, folder, company.clock.now(), reading={"Opportunity": reading})


def kept(folder):
    """The addresses of pages that a killed extraction has written down, and whose files are there."""
    (note,) = (folder / "extraction").rglob("job.json")
    pages = json.loads(note.read_text(encoding="utf-8"))["pages"]
    assert all((note.parent / page["file"]).is_file() for page in pages)
    return {page["locator"] for page in pages}


def asked(emulator, part, method="GET"):
    return [f"{seen.path}?{seen.query}" for seen in emulator.requests if seen.method == method and part in seen.path]


def assert_goes_on(emulator, settings, folder, company, expected):
    """The next extraction asks for no page that is there, and lands what an undisturbed one lands."""
    there = kept(folder)
    emulator.requests.clear()
    landing = land(settings, folder, company.clock.now(), run_id="again")
    assert content(landing) == expected
    assert asked(emulator, "jobs/query", "POST") == []
    assert sorted({*asked(emulator, "/results"), *there}) == sorted([*asked(emulator, "/results"), *there])
    assert len(asked(emulator, "/results")) + len(there) == 5
    assert files_below(folder / "extraction") == []
    assert [path.name for path in (folder / "landing").iterdir()] == [landing.folder.name]


@pytest.mark.parametrize("pages", one_of(3, 0, 1, 4))
def test_an_extraction_that_breaks_off_goes_on_with_the_pages_that_are_missing(
    emulator, settings, company, expected, tmp_path, pages
):
    folder = tmp_path / "night"
    break_off(emulator, settings, folder, company, pages)
    assert files_below(folder / "landing") == []
    assert len(kept(folder)) >= pages
    assert_goes_on(emulator, settings, folder, company, expected)


def test_a_killed_extraction_goes_on_with_the_pages_that_are_missing(emulator, settings, company, expected, tmp_path):
    folder = tmp_path / "night"
    spawned = multiprocessing.get_context("spawn")
    dying = spawned.Process(target=land_and_die, args=(settings.model_dump(), folder, company.clock.now(), 3))
    dying.start()
    dying.join(60)
    assert dying.exitcode == 9
    assert [path for path in files_below(folder / "landing") if ".partial/" not in path] == []
    assert len(kept(folder)) >= 3
    assert_goes_on(emulator, settings, folder, company, expected)


def test_with_every_page_there_only_the_end_is_missing(emulator, settings, company, expected, tmp_path):
    """Killed between the last record and the landing's own name."""
    folder = tmp_path / "night"
    break_off(emulator, settings, folder, company, 5)
    assert len(kept(folder)) == 5
    assert_goes_on(emulator, settings, folder, company, expected)


@pytest.mark.slow
@pytest.mark.parametrize("pages", [3, 5])
@pytest.mark.parametrize(
    "damage",
    [
        lambda job: (job / "job.json").write_text("{"),
        lambda job: (job / "job.json").write_bytes(b"\xff\xfe\x00"),
        lambda job: (job / "job.json").write_text("[]"),
        lambda job: (job / "job.json").unlink(),
        lambda job: next(job.glob("page-*.csv")).unlink(),
        lambda job: next(job.glob("page-*.csv")).write_bytes(b""),
        lambda job: next(job.glob("page-*.csv")).write_bytes(b'"Id","Name'),
        lambda job: next(job.glob("page-*.csv")).write_bytes(b"\0" * 4096),
        lambda job: (job / "page-00009.csv.part").write_bytes(b"half"),
        lambda job: (job.parent / "Opportunity.unseen-7").mkdir(),
        lambda job: (job.parent.parent / "Account.arrow").write_bytes(b"half"),
    ],
)
def test_a_damaged_work_folder_costs_pages_and_no_record(
    emulator, settings, company, expected, tmp_path, damage, pages
):
    folder = tmp_path / "night"
    break_off(emulator, settings, folder, company, pages)
    (note,) = [*(folder / "extraction").rglob("job.json")]
    damage(note.parent)
    assert content(land(settings, folder, company.clock.now(), run_id="again")) == expected
    assert [*(folder / "extraction").rglob("*")] == []


@pytest.mark.parametrize("fate", one_of("deleted", "aborted", "failed"))
def test_a_job_that_has_ended_meanwhile_is_asked_for_anew(emulator, settings, company, expected, tmp_path, fate):
    folder = tmp_path / "night"
    if fate == "failed":
        emulator.faults.add("fail_job")
        emulator.faults.add("status", path="/query/0r8", status=503, times=4)
        with pytest.raises(Exception, match="does not answer"):
            land(settings, folder, company.clock.now())
    else:
        break_off(emulator, settings, folder, company, 2)
        jobs = emulator._running.server.site.jobs
        for job in jobs.all():
            if fate == "deleted":
                jobs.remove(job)
            job.is_aborted = True
    emulator.requests.clear()
    assert content(land(settings, folder, company.clock.now(), run_id="again")) == expected
    assert len(asked(emulator, "jobs/query", "POST")) == 1


@pytest.mark.parametrize("moment", one_of("between two pages", "while it is waited for"))
def test_a_job_that_somebody_deletes_in_the_middle_is_said_and_asked_for_anew(
    emulator, settings, company, expected, tmp_path, moment
):
    jobs = emulator._running.server.site.jobs

    def delete(*_):
        for job in jobs.all():
            jobs.remove(job)

    def reading(batches):
        yield next(batches)
        delete()
        yield from batches

    folder = tmp_path / "night"
    acting = {"Account": lambda batches: (delete(), batches)[1]} if "waited" in moment else {"Opportunity": reading}
    with pytest.raises(
        ConnectorError, match=r"^Opportunity: Bulk job 750\w+ was deleted by somebody; run again$"
    ) as caught:
        land(settings, folder, company.clock.now(), reading=acting)
    assert caught.value.can_pass
    assert files_below(folder / "landing") == []
    assert content(land(settings, folder, company.clock.now(), run_id="again")) == expected


def test_what_is_saved_between_the_two_attempts_is_read_by_the_next_night(
    emulator, settings, company, warehouse, tmp_path
):
    """The answer is as old as the first attempt: so is the watermark, and the horizon of what was committed then."""
    company.load("Opportunity", [])
    company.update("Opportunity", deal(3), {"Name": "in a long transaction"}, visible_after=timedelta(minutes=70))
    company.clock.advance(minutes=40)
    break_off(emulator, settings, tmp_path, company, 3)
    company.clock.advance(minutes=20)
    company.update("Opportunity", deal(4), {"Name": "saved between the attempts"})
    company.delete("Opportunity", deal(5))
    company.clock.advance(minutes=20)
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), run_id="again"))
    assert len(asked(emulator, "jobs/query", "POST")) == 1
    company.clock.advance(days=1)
    known = checkpoints(warehouse, emulator)
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), known, run_id="next"))
    found = dict(warehouse.connection.execute("select Id, Name from raw.opportunity where not IsDeleted").fetchall())
    assert found == {str(record["Id"]): record["Name"] for record in company.living("Opportunity")}


def test_a_full_refresh_goes_on_from_nothing_that_was_sent_before(emulator, settings, company, warehouse, tmp_path):
    """A full refresh breaks off; an administrator lets us see a deal; the next full refresh has it."""
    company.hide_record("Opportunity", deal(3))
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), run_id="first"))
    known = checkpoints(warehouse, emulator)
    known.reads_all = True
    company.clock.advance(hours=1)
    break_off(emulator, settings, tmp_path, company, 4)
    company.hide_record("Opportunity", deal(3), hidden=False)
    company.clock.advance(minutes=1)
    landing = land(settings, tmp_path, company.clock.now(), known, run_id="anew")
    assert content(landing)["Opportunity"][0] == DEALS
    assert files_below(tmp_path / "extraction") == []


def test_another_extraction_in_between_does_not_go_on_from_what_was_left(
    company, serve, source_settings, warehouse, tmp_path
):
    """A full refresh breaks off; the night after it reads what has changed, and keeps nothing of the refresh."""
    emulator: Emulator = serve(**SMALL_PAGES)
    settings = source_settings(emulator, bulk_from=BULK_FROM)
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), run_id="first"))
    company.clock.advance(hours=1)
    break_off(emulator, settings, tmp_path, company, 2)
    company.clock.advance(hours=1)
    company.update("Account", account(2), {"Name": "changed"})
    company.clock.advance(minutes=1)
    known = checkpoints(warehouse, emulator)
    landing = land(settings, tmp_path, company.clock.now(), known, run_id="second")
    assert {name: said[0] for name, said in content(landing).items() if isinstance(said, tuple)} == {
        "Account": 1, "Contact": 0, "Opportunity": 0,
    }  # fmt: skip
    assert files_below(tmp_path / "extraction") == []
    assert emulator._running.server.site.jobs.all() == []
