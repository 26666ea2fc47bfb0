"""Memory in which a process marks what it is at, for the one that watches over it.

Who watches loads this and little else: what it has loaded when it forks, the other process copies, page by
page, as it goes on.
"""

from __future__ import annotations

import os
import struct
from mmap import mmap

SLOTS = 64  # threads that decode at a time; further ones are not watched
NO_LIMIT = 0.0

_SLOT_BYTES = 4096
_SLOT = struct.Struct("<BxHIf")  # whether it is taken, length of the path, serial number, limit in seconds
_HEAD = struct.Struct("<B?xxI")  # whether it printed, and came to its end; how often it saw Ctrl-C

LONGEST_PATH = _SLOT_BYTES - _SLOT.size  # bytes


class Mark:
    """What a thread is at: its slot, and a serial number that is another one whenever something went on."""

    __slots__ = ("limit", "path", "serial", "slot")

    def __init__(self, slot: int, serial: int, limit: float, path: str) -> None:
        self.slot = slot
        self.serial = serial
        self.limit = limit  # seconds that it may take; NO_LIMIT: any
        self.path = path  # of the file that is decoded; empty: none is


class Marks:
    """Memory that a process shares with the one that it was forked from."""

    def __init__(self) -> None:
        self._memory = mmap(-1, (SLOTS + 1) * _SLOT_BYTES)

    def put(self, slot: int, serial: int, limit: float, path: bytes) -> None:
        """Say what a slot is taken by."""
        start = slot * _SLOT_BYTES
        after = start + _SLOT.size
        self._memory[after : after + len(path)] = path
        _SLOT.pack_into(self._memory, start, 1, len(path), serial, limit)

    def clear(self, slot: int) -> None:
        """Say that a slot is free."""
        self._memory[slot * _SLOT_BYTES] = 0

    def reset(self) -> None:
        """Forget all, for another process."""
        for slot in range(SLOTS + 1):
            self.clear(slot)
        _HEAD.pack_into(self._memory, 0, 0, False, 0)

    def taken(self) -> list[Mark]:
        """Return what is being done just now."""
        found = []
        for slot in range(1, SLOTS + 1):
            start = slot * _SLOT_BYTES
            taken, length, serial, limit = _SLOT.unpack_from(self._memory, start)
            if taken:
                path = self._memory[start + _SLOT.size : start + _SLOT.size + length]
                found.append(Mark(slot, serial, limit, os.fsdecode(path)))
        return found

    @property
    def has_printed(self) -> bool:
        """Whether anything came to stdout: work that begins again would print it twice."""
        return bool(self._memory[0])

    @property
    def interruptions(self) -> int:
        """How often Ctrl-C was seen."""
        return int(_HEAD.unpack_from(self._memory, 0)[2])

    @property
    def has_ended(self) -> bool:
        """Whether the process came to its end: what a library ends from within says nothing of it."""
        return bool(self._memory[1])

    def ended(self) -> None:
        """Say that the process has come to its end."""
        self._memory[1] = 1

    def printed(self) -> None:
        """Say that something came to stdout."""
        self._memory[0] = 1

    def interrupted(self) -> None:
        """Say that Ctrl-C was seen once more."""
        _HEAD.pack_into(self._memory, 0, self._memory[0], self.has_ended, self.interruptions + 1)
