"""Tests of work beside other work: when it is done, and by whom."""

from __future__ import annotations

from threading import Event, Thread, current_thread
from time import sleep

import pytest

from visualsearch_cli.ahead import beside, core_to_spare


def test_without_a_core_to_spare_work_is_done_when_it_is_asked_for() -> None:
    done: list[str] = []
    with beside(lambda: done.append("asked for")) as asked, beside(lambda: done.append("not")):
        assert not done
        asked()
    assert done == ["asked for"]


def test_with_a_core_to_spare_a_second_thread_does_it_meanwhile() -> None:
    started = Event()

    def work() -> Thread:
        started.set()
        return current_thread()

    with core_to_spare(), beside(work) as thread:
        assert started.wait(10)
        assert thread() is not current_thread()
    with beside(current_thread) as thread:
        assert thread() is current_thread()


def test_work_beside_is_over_at_the_end_whoever_fails() -> None:
    ended = Event()

    def work() -> None:
        sleep(0.05)
        ended.set()

    with pytest.raises(KeyError), core_to_spare(), beside(work):
        raise KeyError
    assert ended.is_set()


def test_what_goes_wrong_beside_is_raised_where_its_result_is_asked_for() -> None:
    with core_to_spare(), beside(lambda: 1 / 0) as result, pytest.raises(ZeroDivisionError):
        result()


def test_work_beside_has_no_core_of_its_own_to_spare() -> None:
    def nested() -> bool:
        with beside(current_thread) as thread:
            return thread() is current_thread()

    with core_to_spare(), beside(nested) as stays_in_its_thread:
        assert stays_in_its_thread()
