"""A file that is still being written is not whole."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from visualsearch_cli.watching.settling import MOST_SEEN, RECENT, Settling, is_open_for_writing


class Times:
    """The clock of this machine and the one that goes evenly, which are moved by hand."""

    def __init__(self, path: Path) -> None:
        self.path = os.fsencode(path)
        self.wall = path.stat().st_ctime
        self.even = 50.0

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += seconds
        self.even += seconds


@pytest.fixture
def times(tmp_path: Path) -> Times:
    """Those of a file that was changed just now."""
    (tmp_path / "a.jpg").write_bytes(b"half")
    return Times(tmp_path / "a.jpg")


def settling_by(times: Times, *, written: bool = False) -> Settling:
    return Settling(5.0, lambda: times.wall, lambda: times.even, lambda _: written)


def is_whole(settling: Settling, times: Times, *, here: bool = True) -> bool:
    state = os.stat(times.path)
    settling.begin({state.st_dev} if here else set())
    whole = settling(times.path, state)
    assert settling.unsettled == ([] if whole else [os.fsdecode(times.path)])
    return whole


def test_a_file_is_whole_when_it_did_not_change_for_a_while(times: Times) -> None:
    settling = settling_by(times)
    assert not is_whole(settling, times)
    times.later(4.9)
    assert not is_whole(settling, times)
    times.later(0.2)
    assert is_whole(settling, times)


def test_a_file_of_the_future_is_whole_too_after_a_while(times: Times) -> None:
    """A clock was set back."""
    settling = settling_by(times)
    times.wall -= 3600
    assert not is_whole(settling, times)
    times.later(5)
    assert is_whole(settling, times)


def test_what_somebody_writes_to_is_not_whole(times: Times) -> None:
    settling = settling_by(times, written=True)
    times.later(3600)
    assert not is_whole(settling, times)
    times.later(RECENT)
    assert is_whole(settling, times)


def test_elsewhere_clocks_say_nothing_and_a_file_is_seen_twice(times: Times) -> None:
    settling = settling_by(times, written=True)  # which nobody can know there
    times.later(600)
    assert not is_whole(settling, times, here=False)
    times.later(5)
    assert is_whole(settling, times, here=False)
    assert is_whole(settling, times, here=False), "that was found out once"
    with open(times.path, "ab") as stream:
        stream.write(b"more")
    assert not is_whole(settling, times, here=False)
    times.later(RECENT)
    assert is_whole(settling_by(times), times, here=False)


def test_little_is_remembered(times: Times, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualsearch_cli.watching.settling.MOST_SEEN", 10)
    settling = settling_by(times)
    settling.begin(set())
    state = os.stat(times.path)
    for number in range(30):
        settling(b"%d" % number, state)
    assert len(settling._seen) == 10 < MOST_SEEN


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who writes")
def test_the_system_tells_who_writes(times: Times) -> None:
    assert not is_open_for_writing(times.path)
    with open(times.path, "rb"):
        assert not is_open_for_writing(times.path)
    with open(times.path, "ab"):
        assert is_open_for_writing(times.path)
    assert not is_open_for_writing(times.path)
    assert not is_open_for_writing(times.path + b".gone")
