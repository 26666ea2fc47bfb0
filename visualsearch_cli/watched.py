"""Which files are being decoded just now, told to whoever watches over this process, and which are set aside.

Decoders are native code: what is wrong in a file may end the process, or never come back. A process that
watches (`cli.supervisor`) sees in shared memory at which file that was, and lets the work begin again
without it. Without such a process nothing is marked, and nothing is set aside.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock, RLock, local
from typing import TYPE_CHECKING

from visualsearch_cli.decoding_marks import LONGEST_PATH, NO_LIMIT, SLOTS, Marks
from visualsearch_cli.errors import ImageUnreadable

if TYPE_CHECKING:
    from visualsearch_cli.doors import Door

STALL_SECONDS = 10.0
"""After which a decoder is taken to hang, and a second more for each megapixel that it has memory for."""

BYTES_A_SECOND = 8_000_000

_OTHER = b""  # stands for native code that works on no file


class Watch:
    """What this process tells of its decoders, and what it knows of an earlier one that they took down."""

    def __init__(self) -> None:
        self.aside: dict[str, str] = {}  # paths that are not decoded any more, and why
        self.suspects: set[str] = set()  # one of these did it: they are decoded while nothing else is
        self.door: Door | None = None  # of a process that serves
        self.has_told = False  # an earlier process has printed what this one would print again
        self._marks: Marks | None = None
        self._free: list[int] = []
        self._serial = 0
        self._lock = Lock()
        self._alone = RLock()
        self._own = local()

    def tell(self, marks: Marks) -> None:
        """From now on, mark what is done."""
        self._marks = marks
        self._free = list(range(SLOTS, 0, -1))

    def ends(self) -> None:
        """Say that this process has come to its end."""
        if self._marks is not None:
            self._marks.ended()

    @contextmanager
    def decoding(self, path: str | os.PathLike[str]) -> Iterator[None]:
        """Mark a file as being decoded by this thread. Raises ImageUnreadable if it was set aside."""
        name = os.fspath(path)
        if why := self.aside.get(name):
            raise ImageUnreadable(why)
        with self.in_turn(), self._marked(os.fsencode(name), STALL_SECONDS):
            try:
                yield
            finally:  # whatever was wrong in it, it came back
                self.suspects.discard(name)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Mark this thread as being in native code that works on no file, such as a network."""
        with self.in_turn(), self._marked(_OTHER, NO_LIMIT):
            yield

    def waits(self) -> None:
        """Say that this thread waits for others before it goes on decoding."""
        self._renew(NO_LIMIT)

    def goes_on(self, needed: int) -> None:
        """Say that this thread begins, or goes on, with a picture that takes so many bytes."""
        self._renew(STALL_SECONDS + needed / BYTES_A_SECOND)

    def in_turn(self) -> AbstractContextManager[object]:
        """Return what is held while anything is done, as long as it is not known who did it.

        Who holds memory while several files are decoded takes it before.
        """
        return self._alone if self.suspects else nullcontext()

    @contextmanager
    def _marked(self, path: bytes, limit: float) -> Iterator[None]:
        marks, slot = self._marks, None
        if marks is not None and len(path) <= LONGEST_PATH:
            with self._lock:
                slot = self._free.pop() if self._free else None
        if marks is None or slot is None:
            yield
            return
        before = getattr(self._own, "mark", None)
        self._own.mark = (slot, path)
        self._renew(limit)
        try:
            yield
        finally:
            self._own.mark = before
            marks.clear(slot)
            with self._lock:
                self._free.append(slot)

    def _renew(self, limit: float) -> None:
        mark = getattr(self._own, "mark", None)
        if mark is not None and self._marks is not None:
            self._serial += 1  # two threads may get the same one: the slots tell them apart
            slot, path = mark
            self._marks.put(slot, self._serial & 0xFFFFFFFF, limit, path)


WATCH = Watch()
"""That of this process: decoders are the process's, whoever calls them."""
