"""Run a command in a process of its own, and go on without the file at which a decoder takes that one down.

This process loads nothing, so it costs a few milliseconds, and can begin anew as often as it must. What it
has loaded when it forks is copied, page by page, as the other process goes on: so what only that one needs,
or this one when something went wrong, is loaded then. Where there is no `fork` (Windows), commands run
without one.
"""

from __future__ import annotations

import _thread
import io
import os
import select
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from visualsearch_cli.decoding_marks import NO_LIMIT, Mark, Marks

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn

    from visualsearch_cli.doors import Door

TICK = 1.0  # seconds between two looks at what takes long
LEAST_COUNTED = 0.02  # of a tick: who waits for a processor all the time is given up in the end
HEARD = 0.1  # seconds for Ctrl-C to reach the other process by itself

_HANDED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
_CRASHES = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE")


def supervise(arguments: list[str], *, serves: bool = False) -> None:
    """Return in a process of its own, which is to run the command; this one ends as that one does.

    If that one is ended by a crash in native code, or hangs in a decoder, it returns once more, in another
    process that leaves out the file. One that `serves` pages does so at the same address.
    """
    if not hasattr(os, "fork") or {"-h", "--help"}.intersection(arguments):
        return
    if threading.active_count() > 1:  # this is no fresh process, and a fork would have one thread alone
        return
    try:
        stdin = _repeatable_stdin() if "-" in arguments else None
    except KeyboardInterrupt:
        _fail("interrupted")
        _end(128 + signal.SIGINT)
    door = None
    if serves:
        from visualsearch_cli.doors import open_door  # late: of all commands, one serves

        door = open_door()
    supervisor = _Supervisor(door)
    while True:
        if stdin is not None:
            os.lseek(0, stdin, os.SEEK_SET)
        if not supervisor.fork():
            return
        code, stalled = supervisor.wait()
        supervisor.judge(code, stalled)


class _Supervisor:
    def __init__(self, door: Door | None) -> None:
        self._door = door
        self._marks = Marks()
        self._has_told = False  # an earlier process has printed what the next one would print again
        self._aside: dict[str, str] = {}  # files that are not decoded any more, and why
        self._suspects: set[str] = set()  # one of these did it: the next process decodes them one by one
        self._suspected: set[str] = set()  # files that were decoded when a process crashed
        self._process = 0
        self._ends = -1  # a pipe that ends with that process
        self._gone: list[int] = []  # pipes that end with this one
        self._interruptions = 0
        self._asked = 0  # the last signal that was handed on: a process that crashes may not have heard it
        numbers = [getattr(signal, name) for name in _HANDED_ON]
        handlers = {number: signal.getsignal(number) for number in numbers}
        self._handlers: dict[int, Any] = {  # what is ignored, as by nohup, stays ignored
            number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN
        }

    def fork(self) -> bool:
        """Fork. Tells whether this is still the process that watches."""
        if self._process:
            self._has_told = self._marks.has_printed
            self._marks.reset()
        ends, alive = os.pipe()
        here, gone = os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, self._handlers)  # until it is clear whose they are
        try:
            if self._asked:
                self._end_as_asked()
            self._process = os.fork()
            if not self._process:
                for number in (ends, gone, *self._gone):
                    os.close(number)
                self._become_watched(here)
                return False  # `alive` stays open as long as this process
            os.close(alive)
            os.close(here)
            self._ends = ends
            self._gone.append(gone)
            self._interruptions = 0
            for number in self._handlers:
                signal.signal(number, self._hand_on)
            return True
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _become_watched(self, here: int) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, self._count_and_interrupt if number == signal.SIGINT else handler)
        _thread.start_new_thread(_end_with, (here,))
        _notice_output(self._marks.printed)
        from visualsearch_cli.watched import WATCH

        WATCH.door = self._door
        WATCH.has_told = self._has_told
        WATCH.aside, WATCH.suspects = self._aside, self._suspects
        WATCH.tell(self._marks)

    def _count_and_interrupt(self, number: int, frame: FrameType | None) -> None:
        self._marks.interrupted()
        signal.default_int_handler(number, frame)

    def _hand_on(self, number: int, _frame: FrameType | None) -> None:
        """Hand a signal on. Ctrl-C on a terminal reaches both processes, and is not to count twice."""
        self._asked = number
        if number == signal.SIGINT:
            self._interruptions += 1
            until = time.monotonic() + HEARD
            while self._marks.interruptions < self._interruptions and time.monotonic() < until:
                time.sleep(HEARD / 20)
            if self._marks.interruptions >= self._interruptions:
                return
        _send(self._process, number)

    def wait(self) -> tuple[int, Mark | None]:
        """Wait until the process ends. If it hangs in a decoder, end it.

        Returns its exit code, or the number of a signal, negative; and what it was ended for.
        """
        stalled = self._watched()
        if stalled is not None:
            _send(self._process, signal.SIGKILL)
        os.close(self._ends)
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1]), stalled

    def _watched(self) -> Mark | None:
        """Return None when the process has ended, or else what takes longer than it may.

        Ticks are counted, and not time: nothing hangs while both are stopped, or the lid is shut. Nor does
        what waits for a processor that others keep busy: of such a tick, the rest counts.
        """
        ticks: dict[tuple[int, int], float] = {}
        waited = _waited(self._process)
        while not select.select([self._ends], [], [], TICK)[0]:
            limited = {
                (mark.slot, mark.serial): mark for mark in self._marks.taken() if mark.limit != NO_LIMIT
            }
            before, waited = waited, _waited(self._process)
            longest = max((waited[thread] - before.get(thread, 0) for thread in waited), default=0)
            counts = max(LEAST_COUNTED, 1 - longest / 1e9 / TICK)
            ticks = {work: ticks.get(work, 0.0) + counts for work in limited}
            for work, mark in limited.items():
                if ticks[work] * TICK > mark.limit:
                    return mark
        return None

    def judge(self, code: int, stalled: Mark | None) -> None:
        """End as the process did, or set aside the file that it ended at."""
        if code >= 0:
            if code and not self._marks.has_ended and _has_limited_memory():
                # OpenBLAS ends the process by itself if it gets none.
                _fail("there is too little memory: `ulimit -v` allows less than a library needs")
            _end(code)
        if self._marks.interruptions or self._asked:  # it was to end, and waited for a decoder, or crashed
            self._end_as_asked()
        name = signal.Signals(-code).name
        if stalled is not None:
            files = {stalled.path}
            why = f"its decoder did not come back within {stalled.limit:.0f} seconds"
        elif name in _CRASHES:
            files = self._guilty({mark.path for mark in self._marks.taken()}, name)
            why = f"its decoder crashed ({name})"
        else:
            if name == "SIGKILL":
                _fail("was killed, perhaps because memory was short: what was done is kept, run it again")
            _end_by(-code)
        if self._marks.has_printed and self._door is None:
            named = ", ".join(sorted(files or self._suspects))
            _fail(f"{named}: {why}; results were printed already, and they are not all: leave it out")
            _end(1)
        for path in files:
            self._aside[path] = f"{why}: it is left alone until it changes"
            self._suspects.discard(path)
            _fail(f"{path}: {why}: beginning again without it")

    def _end_as_asked(self) -> NoReturn:
        """End by the signal that was to end the process."""
        if self._asked not in (0, signal.SIGINT):
            _end_by(self._asked)
        _fail("interrupted: what was done is kept, run the same command again to go on")
        _end(128 + signal.SIGINT)

    def _guilty(self, taken: set[str], name: str) -> set[str]:
        """Return the files of those that were being decoded at which it crashed.

        If that may have been one of several, return none: the next process decodes these one after the
        other, and where it ends it is seen which one it was.
        """
        files = taken - {""}
        if not files:
            # C++ aborts where memory cannot be had.
            why = "there is too little memory, or " if name == "SIGABRT" else ""
            _fail(
                f"ended by {name} in native code, but at no picture: {why}a library is damaged, or has a bug"
            )
            _end(1)
        if len(taken) == 1:
            return files
        again = files & self._suspected
        self._suspected |= files
        if not again:
            self._suspects = set(files)
        return again


def _end_with(here: int) -> None:
    """End this process when the one that watches over it is gone: nobody waits for its results."""
    os.read(here, 1)
    os._exit(128 + signal.SIGKILL)


class _Noticed(io.FileIO):
    """Stdout, of which it is told when anything is written."""

    def __init__(self, number: int, notice: Callable[[], None]) -> None:
        super().__init__(number, "w", closefd=False)
        self._notice = notice

    def write(self, data: Any, /) -> int:
        self._notice()
        return super().write(data)


def _notice_output(notice: Callable[[], None]) -> None:
    before = sys.stdout
    if isinstance(before, io.TextIOWrapper):
        file = io.BufferedWriter(_Noticed(before.fileno(), notice))
        sys.stdout = io.TextIOWrapper(
            file, before.encoding, before.errors, line_buffering=before.line_buffering
        )


def _has_limited_memory() -> bool:
    """Tell whether the shell limits the memory of its processes (`ulimit -v`)."""
    import resource  # late: nearly all processes end by themselves

    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def _waited(process: int) -> dict[str, int]:
    """Return for how long each thread of a process has waited for a processor, in nanoseconds.

    Linux alone tells (sched-stats.rst of its documentation).
    """
    folder = f"/proc/{process}/task"
    found = {}
    try:
        for thread in os.listdir(folder):
            with open(f"{folder}/{thread}/schedstat", encoding="ascii") as told:
                found[thread] = int(told.read().split()[1])
    except (OSError, ValueError, IndexError):  # another system, or a thread that ended meanwhile
        pass
    return found


def _repeatable_stdin() -> int:
    """Let stdin be read as often as needed. Returns where it begins."""
    try:
        return os.lseek(0, 0, os.SEEK_CUR)
    except OSError:
        pass
    from tempfile import TemporaryFile  # late: only for a list that comes through a pipe

    with TemporaryFile() as file:
        while data := os.read(0, 1 << 20):
            file.write(data)
        file.flush()
        os.dup2(file.fileno(), 0)
    return 0


def _send(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:  # it ended just now
        pass


def _fail(message: str) -> None:
    from visualsearch_cli.wording import printable  # late: most runs end well

    print(printable(f"visualsearch: {message}"), file=sys.stderr, flush=True)


def _end_by(number: int) -> NoReturn:
    """End by a signal, as the other process was."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    _end(128 + number)


def _end(code: int) -> NoReturn:
    """End at once: nothing was loaded that would have to be taken apart, nothing is left to be written."""
    os._exit(code)
