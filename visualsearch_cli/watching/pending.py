"""What is to be looked at: a queue of files and folders that does not grow with what happens.

Many names of one folder become that folder, and too many folders become everything. So does a burst, since
the system drops what it has no room for, and says nothing about where that was.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_NAMES = 64  # of a folder: to look through all of it is as quick
MOST_FOLDERS = 1_000
BURST = 4_096  # things that were told at a time: a quarter of what Linux has room for
LONGEST_WAIT = 12  # times the wait for quiet, if there is none


@dataclass(slots=True)
class Taken:
    """What is to be looked at now."""

    everything: bool = False
    folders: dict[str, set[str] | None] = field(default_factory=dict)  # the names in them; None: all below

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return self.everything or bool(self.folders)


class Pending:
    """What was told and not yet looked at. Threads may tell while another one takes."""

    def __init__(self, quiet: float, burst: int = BURST, clock: Callable[[], float] = time.monotonic) -> None:
        """It is due when nothing was told for `quiet` seconds, or for LONGEST_WAIT times as long."""
        self._quiet = quiet
        self._burst = burst
        self._clock = clock
        self._changed = threading.Condition()
        self._taken = Taken()
        self._told = 0
        self._first = self._last = 0.0

    def tell(self) -> None:
        """Count something that is of no concern: it took room all the same."""
        with self._changed:
            self._count()

    def file(self, path: str) -> None:
        """Look at a file, given by its absolute path."""
        folder, name = os.path.split(path)
        with self._changed:
            self._count()
            self._touch()
            names = self._taken.folders.setdefault(folder, set())
            if names is not None:
                names.add(name)
                if len(names) > MOST_NAMES:
                    self._taken.folders[folder] = None
            self._bound()

    def folder(self, path: str, *, at_once: bool = False) -> None:
        """Look at all that is at and below a folder, given by its absolute path: when it is quiet, or now."""
        with self._changed:
            self._count()
            self._touch()
            if at_once:
                self._first = -math.inf
            self._taken.folders[path] = None
            self._bound()

    def again(self, taken: Taken) -> None:
        """Look at what was taken once more, later."""
        if not taken:
            return
        with self._changed:
            self._touch()
            self._taken.everything |= taken.everything
            for folder, names in taken.folders.items():
                known = self._taken.folders.get(folder, set())
                both = None if names is None or known is None else names | known
                self._taken.folders[folder] = both if both is None or len(both) <= MOST_NAMES else None
            self._bound()

    def take(self) -> Taken:
        """Take all that is pending."""
        with self._changed:
            taken, self._taken = self._taken, Taken()
            self._told = 0
            return taken

    @property
    def due(self) -> float | None:
        """In how many seconds there is something to take: 0 is now, None: nothing is pending."""
        with self._changed:
            if not self._taken:
                return None
            at = min(self._last + self._quiet, self._first + LONGEST_WAIT * self._quiet)
            return max(0.0, at - self._clock())

    def wait(self, seconds: float) -> None:
        """Wait until something is pending, or for so long."""
        with self._changed:
            if not self._taken:
                self._changed.wait(seconds)
                return
        due = self.due
        time.sleep(seconds if due is None else min(seconds, due))

    def _count(self) -> None:
        self._told += 1
        if self._told == self._burst:
            self._touch()
            self._taken.everything = True
            self._taken.folders.clear()

    def _touch(self) -> None:
        self._last = self._clock()
        if not self._taken:
            self._first = self._last
            self._changed.notify_all()

    def _bound(self) -> None:
        if len(self._taken.folders) > MOST_FOLDERS:
            self._taken.everything = True
        if self._taken.everything:
            self._taken.folders.clear()
