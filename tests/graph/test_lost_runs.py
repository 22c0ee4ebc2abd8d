"""A run whose process has died ends as failed; one whose process lives is left alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.lost_runs import end_lost_runs, lost_runs
from kam_pipeline.processes import Process

RUN = """
import sys, time
import dagster as dg
from assets.lost_runs import note_process

@dg.op
def work(context):
    note_process(context.instance, context.run_id)
    print(context.run_id, flush=True)
    time.sleep(600)

@dg.job
def night():
    work()

with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
    night.execute_in_process(instance=instance)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path)):
        return tmp_path  # its databases are made, once


@pytest.fixture
def two_runs(home: Path) -> Iterator[list[tuple[subprocess.Popen[str], str]]]:
    """Two processes, each in the middle of a run of its own."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, str(home)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for _ in range(2)
    ]
    yield [(program, program.stdout.readline().strip()) for program in programs]
    for program in programs:
        program.kill()
        program.communicate()


def test_the_run_of_a_killed_process_has_failed_and_the_other_goes_on(home, two_runs):
    (killed, lost), (_, living) = two_runs
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert end_lost_runs(instance) == []
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        with dg.build_sensor_context(instance=instance) as context:
            assert lost in lost_runs.evaluate_tick(context).skip_message
        assert instance.get_run_by_id(lost).status == dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(living).status == dg.DagsterRunStatus.STARTED
        assert end_lost_runs(instance) == []


@pytest.mark.parametrize("whose", ["its own", "another run's"])
def test_a_note_that_came_with_the_tags_of_an_earlier_run_says_nothing(whose):
    found = []

    @dg.op
    def work(context):
        run_id = context.run_id if whose == "its own" else "another"
        context.instance.add_run_tags(context.run_id, {"kam/process": f"{run_id} {ended()}"})
        found.extend(end_lost_runs(context.instance))

    with dg.DagsterInstance.ephemeral() as instance:
        dg.GraphDefinition(name="night", node_defs=[work]).execute_in_process(instance=instance, raise_on_error=False)
    assert len(found) == (1 if whose == "its own" else 0)


def ended() -> Process:
    """A process of this machine that is no more."""
    program = subprocess.Popen([sys.executable, "-c", ""])
    program.wait()
    return Process(Process.current().host, program.pid, Process.current().birth)


def test_a_process_is_known_by_number_and_birth():
    this = Process.current()
    assert Process.parse(str(this)) == this
    assert not this.is_known_to_be_gone()
    assert ended().is_known_to_be_gone()
    # the number has been given out again
    assert Process(this.host, this.pid, "an earlier start").is_known_to_be_gone()


def test_of_a_process_elsewhere_nothing_is_certain():
    assert not Process("another-machine", os.getpid(), "").is_known_to_be_gone()


def test_a_process_is_gone_before_anybody_has_asked_for_its_exit_code():
    program = subprocess.Popen(
        [sys.executable, "-c", "from kam_pipeline.processes import Process; print(Process.current())"],
        stdout=subprocess.PIPE,
        text=True,
    )
    process = Process.parse(program.stdout.read().strip())
    deadline = time.monotonic() + 20
    while not process.is_known_to_be_gone() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.is_known_to_be_gone()
    program.communicate()
