"""What is pending does not grow with what happens, and nothing of it is lost."""

from __future__ import annotations

import pytest

from visualsearch_cli.watching.pending import LONGEST_WAIT, MOST_FOLDERS, MOST_NAMES, Pending


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time of a test."""
    return Clock()


def pending_by(clock: Clock, burst: int = 10**9) -> Pending:
    return Pending(5.0, burst, clock)


def test_it_is_due_when_it_is_quiet(clock: Clock) -> None:
    pending = pending_by(clock)
    assert pending.due is None
    pending.file("/p/a.jpg")
    clock.now += 3
    pending.file("/p/b.jpg")
    assert pending.due == 5
    clock.now += 5
    assert pending.due == 0
    assert pending.take().folders == {"/p": {"a.jpg", "b.jpg"}}
    assert pending.due is None and not pending.take()


def test_it_is_due_at_some_time_where_it_is_never_quiet(clock: Clock) -> None:
    pending = pending_by(clock)
    for _ in range(LONGEST_WAIT * 5):
        assert pending.due != 0
        pending.file("/p/a.jpg")
        clock.now += 1
    assert pending.due == 0


def test_what_is_wanted_at_once_is_due(clock: Clock) -> None:
    pending = pending_by(clock)
    pending.folder("/p", at_once=True)
    assert pending.due == 0


def test_many_names_are_their_folder_and_many_folders_everything(clock: Clock) -> None:
    pending = pending_by(clock)
    for number in range(MOST_NAMES + 1):
        pending.file(f"/p/{number}.jpg")
    pending.file("/q/a.jpg")
    assert pending.take().folders == {"/p": None, "/q": {"a.jpg"}}
    for number in range(MOST_FOLDERS + 1):
        pending.file(f"/{number}/a.jpg")
        assert len(pending._taken.folders) <= MOST_FOLDERS
    taken = pending.take()
    assert taken.everything and not taken.folders


def test_a_burst_is_everything_even_of_what_is_of_no_concern(clock: Clock) -> None:
    """The system dropped something of it, perhaps, and nobody knows what."""
    pending = pending_by(clock, burst=100)
    for _ in range(99):
        pending.tell()
    assert pending.due is None
    pending.tell()
    assert pending.due == 5 and pending.take().everything
    for _ in range(99):
        pending.tell()
    assert not pending.take()


def test_what_could_not_be_done_is_looked_at_again(clock: Clock) -> None:
    pending = pending_by(clock)
    pending.file("/p/a.jpg")
    pending.folder("/q")
    taken = pending.take()
    pending.file("/p/b.jpg")
    pending.file("/q/c.jpg")
    pending.again(taken)
    assert pending.take().folders == {"/p": {"a.jpg", "b.jpg"}, "/q": None}
