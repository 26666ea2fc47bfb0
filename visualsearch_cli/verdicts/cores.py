"""Two steps of a proof at once, while a core has nothing else to do.

Where many pairs are proved, each core has one, and to divide that gains nothing. A query proves one pair, for
which somebody waits, while another core is idle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Semaphore, Thread
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


class Cores:
    """Those of this computer."""

    def __init__(self, count: int) -> None:
        self._idle = Semaphore(count)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Let this thread keep one busy; more threads than cores have none to lend."""
        has_one = self._idle.acquire(blocking=False)
        try:
            yield
        finally:
            if has_one:
                self._idle.release()

    def both_hold(self, first: Callable[[], bool], second: Callable[[], bool]) -> bool:
        """Tell whether both hold. If no core is idle, the second is asked only if the first one holds."""
        if not self._idle.acquire(blocking=False):
            return first() and second()
        self._idle.release()
        return all(self.both(first, second))

    def both(self, first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
        """Return what comes of both: at once if a core is idle, else one after the other.

        What `first` raises is raised, or else what `second` does.
        """
        if not self._idle.acquire(blocking=False):
            return first(), second()
        found: list[B] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                found.append(second())
            except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread that asked
                failed.append(error)

        thread = Thread(target=run, name="beside", daemon=True)
        try:
            thread.start()
            one = first()
        finally:
            thread.join()
            self._idle.release()
        if failed:
            raise failed[0]
        return one, found[0]


CORES = Cores(0)
"""For all proofs of this process."""
