"""A bound on the memory that several threads take at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class MemoryGate:
    """Lets those in whose bytes fit beside the others'. Who needs more than there is gets in alone."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._taken = 0
        self._changed = Condition()

    @contextmanager
    def taking(self, needed: int) -> Iterator[None]:
        """Wait until that many bytes are free, and hold them."""
        share = min(needed, self._capacity)
        with self._changed:
            self._changed.wait_for(lambda: self._taken + share <= self._capacity)
            self._taken += share
        try:
            yield
        finally:
            with self._changed:
                self._taken -= share
                self._changed.notify_all()
