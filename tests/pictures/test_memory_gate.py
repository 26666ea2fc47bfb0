"""A bound on memory that threads share."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from visualsearch_cli.pictures.pillow import MemoryGate


@pytest.mark.parametrize(("needed", "at_once"), [(10, 1), (5, 2), (3, 3), (1, 4), (99, 1)])
def test_no_more_are_inside_than_fit(needed: int, at_once: int) -> None:
    gate, lock = MemoryGate(10), threading.Lock()
    inside: list[int] = []
    most: list[int] = []

    def enter(number: int) -> None:
        with gate.taking(needed):
            with lock:
                inside.append(number)
                most.append(len(inside))
            threading.Event().wait(0.001)
            with lock:
                inside.remove(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(enter, range(40)))
    assert max(most) <= at_once


def test_what_fails_inside_gives_its_share_back() -> None:
    gate = MemoryGate(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="no"), gate.taking(1):
            raise ValueError("no")
    with gate.taking(1):
        pass
