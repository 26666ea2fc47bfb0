"""Which files are whole. A copy that is under way, or a card that is read in, is not indexed half.

Where this machine keeps the times of files, a file is whole if it did not change for some seconds, by its
ctime, and on Linux nobody has it open for writing. Elsewhere clocks differ, so a file that changed within a
day has to be seen twice as it is, some seconds apart.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Set

from visualsearch_cli.indexing.scanner import native

RECENT = 24 * 3600.0  # seconds: more than clocks are off, and than a writer rests
MOST_SEEN = 200_000  # files that are remembered; of more, the first have to be seen twice again


class Settling:
    """Tells which files are whole, and remembers which are not."""

    def __init__(
        self,
        seconds: float,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        is_written: Callable[[bytes], bool] | None = None,
    ) -> None:
        self._seconds = seconds
        self._now = now
        self._clock = clock
        self._is_written = is_written or is_open_for_writing
        self._devices: Set[int] = frozenset()
        self._seen: dict[bytes, tuple[tuple[int, int, int], float]] = {}
        self.unsettled: list[str] = []  # files that were met since the last `begin`, and are not whole

    def begin(self, devices: Set[int]) -> None:
        """Begin a look. `devices` are those (st_dev) whose times this machine keeps."""
        self._devices = devices
        self.unsettled = []

    def __call__(self, path: bytes, state: os.stat_result) -> bool:
        """Tell whether a file is whole."""
        changed = state.st_ctime if os.name != "nt" else max(state.st_ctime, state.st_mtime)
        age = self._now() - changed
        if age >= RECENT:
            return True
        is_local = state.st_dev in self._devices
        settled = self._has_stayed(path, state) if age < (self._seconds if is_local else RECENT) else True
        if settled and is_local and self._is_written(path):
            settled = False
        if not settled:
            self.unsettled.append(native(path))
        return settled

    def _has_stayed(self, path: bytes, state: os.stat_result) -> bool:
        """Tell whether a file was seen as it is now, long enough ago."""
        key = (state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        now = self._clock()
        known = self._seen.get(path)
        if known is not None and known[0] == key:
            return now - known[1] >= self._seconds
        self._seen[path] = (key, now)
        if len(self._seen) > MOST_SEEN:
            del self._seen[next(iter(self._seen))]
        return False


def is_open_for_writing(path: bytes) -> bool:
    """Tell whether any process has a file open to write to it, as far as that is known: on Linux, of files
    that this user owns.

    The kernel gives a lease for reading only on what nobody writes to. It is given back at once, and who
    opens the file just then waits for that long.
    """
    if sys.platform != "linux":
        return False
    import fcntl
    import signal

    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)  # what comes instead would end this process
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:  # another user's, or a file system without leases
        return False
    finally:
        os.close(handle)
    return False
