"""Two steps at once while a core is idle, one after the other while none is: with the same outcome."""

from __future__ import annotations

import threading

import pytest

from visualsearch_cli.verdicts.cores import Cores


def test_both_are_done_at_once_while_a_core_is_idle() -> None:
    meeting = threading.Barrier(2, timeout=10)  # passes only if both are there
    assert Cores(1).both(meeting.wait, meeting.wait) in {(0, 1), (1, 0)}


def test_one_thread_does_both_while_every_core_is_busy() -> None:
    cores = Cores(1)
    with cores.busy():
        assert cores.both(threading.get_ident, threading.get_ident) == (threading.get_ident(),) * 2
    first, second = cores.both(threading.get_ident, threading.get_ident)
    assert first == threading.get_ident() != second


def test_the_second_is_not_asked_where_the_first_does_not_hold_and_no_core_is_idle() -> None:
    def fail() -> bool:
        raise AssertionError("asked")

    assert not Cores(0).both_hold(lambda: False, fail)
    assert Cores(0).both_hold(lambda: True, lambda: True)
    assert not Cores(1).both_hold(lambda: True, lambda: False)


@pytest.mark.parametrize("count", [0, 1])
def test_what_goes_wrong_in_either_is_raised(count: int) -> None:
    def fail() -> bool:
        raise MemoryError("large")

    cores = Cores(count)
    for pair in ((fail, bool), (bool, fail)):
        with pytest.raises(MemoryError, match="large"):
            cores.both(*pair)
    assert cores.both(bool, bool) == (False, False)  # and what was taken is given back


def test_more_threads_than_cores_have_none_to_lend() -> None:
    cores = Cores(1)
    with cores.busy(), cores.busy():
        assert len(set(cores.both(threading.get_ident, threading.get_ident))) == 1
    assert len(set(cores.both(threading.get_ident, threading.get_ident))) == 2
