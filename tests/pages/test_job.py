"""What takes a while is done once at a time, can be watched, and stops after the file at hand."""

from __future__ import annotations

import threading

import pytest

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.pages.job import Job, Jobs

PATIENCE = 30  # seconds


def test_one_at_a_time() -> None:
    jobs, going_on = Jobs(), threading.Event()

    def work(_: Job) -> None:
        going_on.wait(PATIENCE)

    assert jobs.start(Job("apply"), work)
    assert not jobs.start(Job("undo"), lambda _: None)
    going_on.set()
    jobs.stop()
    assert jobs.last is not None
    assert jobs.last.is_over
    assert jobs.start(Job("undo"), lambda _: None)
    jobs.stop()


def test_it_stops_after_the_file_at_hand() -> None:
    jobs, begun, done = Jobs(), threading.Event(), []

    def work(job: Job) -> None:
        with job.step("acting", 1000) as advance:
            for number in range(1000):
                done.append(number)
                begun.set()
                assert jobs.last is job
                if number == 3:
                    while not job.is_stopped:
                        threading.Event().wait(0.01)
                advance(1)

    job = Job("apply")
    jobs.start(job, work)
    assert begun.wait(PATIENCE)
    jobs.stop()
    assert done == [0, 1, 2, 3] or len(done) < 4
    assert job.is_over
    assert job.error == "stopped"
    assert job.total == 1000


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_goes_wrong_is_said() -> None:
    def work(_: Job) -> None:
        raise VisualSearchError("another process is applying a report")

    jobs = Jobs()
    jobs.start(Job("apply"), work)
    jobs.stop()
    assert jobs.last is not None
    assert jobs.last.error == "another process is applying a report"

    def broken(_: Job) -> None:
        raise ZeroDivisionError("a bug")

    jobs.start(Job("apply"), broken)
    jobs.stop()
    assert jobs.last.error == "ZeroDivisionError: a bug"
    assert jobs.last.is_over
