"""Inputs that are not drawn blindly: hypothesis goes on from those that led furthest into the program.

When half of a batch has been drawn at random, inputs that reached the most lines of one of the packages, or
took the most time, are changed a little, to reach more (`hypothesis.target`, after Löscher and Sagonas 2017,
doi:10.1145/3092703.3092711). Lines are counted for some of the inputs.
"""

from __future__ import annotations

import itertools
import math
import os
import random
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

import PIL
from hypothesis import HealthCheck, Phase, given, seed, settings, target
from hypothesis import strategies as st

import visualsearch_cli
from benchmarks.fuzz.targets import Trial, World

PACKAGES = {  # whose lines are counted, by the folder of their files
    os.path.dirname(visualsearch_cli.__file__) + os.sep: "",
    os.path.dirname(PIL.__file__) + os.sep: "PIL",
}
COUNTED = 4  # of so many inputs, the lines of one are counted: that takes three to twelve times as long
STEPS = 100_000  # lines that run, after which no new ones are counted: loops would take forty times as long
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = {
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.mkdir": ((0, 2),),
    "os.chmod": ((0, 2),),
    "os.utime": ((0, 3),),
    "os.truncate": ((0, None),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
}
"""Of what Python tells of, what changes files: which arguments are their paths, and which the open folders
that these are below."""


class Tried(NamedTuple):
    """What came of an input."""

    trial: Trial
    wrong: str  # empty: nothing
    seconds: float
    lines: int  # of the program that it reached


def search(
    world: World,
    kind: str,
    number: int,
    count: int,
    begin: Callable[[Trial], None],
    end: Callable[[Tried], None],
) -> None:
    """Try inputs of a kind, and tell of each before and after. A number gives the same first inputs again."""
    sentry = Sentry(world)
    numbers = itertools.count()

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )
    @given(rng=st.randoms(use_true_random=False))
    def one(rng: random.Random) -> None:
        trial = world.draw(kind, rng)
        begin(trial)
        with Reached(counts=next(numbers) % COUNTED == 0) as reached:
            began = time.thread_time()
            wrong = sentry.watch(trial)
            seconds = time.thread_time() - began
        end(Tried(trial, wrong, seconds, reached.lines.total()))
        for package, lines in reached.lines.items():
            target(float(lines), label=f"lines of {package}")
        target(math.log2(seconds + 1e-3), label="time")

    one()


class Sentry:
    """Reads inputs, and sees what is wrong: an error that is not ours, or something written outside."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._written: list[str] | None = None  # outside, by the input at hand
        sys.dont_write_bytecode = True  # what an input is the first to need is loaded while it is watched
        sys.addaudithook(self._notice)  # for good: a process of its own tries inputs

    def watch(self, trial: Trial) -> str:
        """Read an input. Returns what was wrong."""
        self._world.place(trial)
        self._written = []
        try:
            self._world.read(trial)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            origin = traceback.extract_tb((error.__cause__ or error).__traceback__)[-1]
            return f"{type(error).__name__}: {str(error)[:400]} ({origin.filename}:{origin.lineno})"
        finally:
            written, self._written = self._written, None
        return f"written outside: {', '.join(written)}" if written else ""

    def _notice(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._written is None:
            return
        if event == "open":
            path, _, flags = arguments
            # A folder is "opened for writing" where a file without a name is made, which nobody finds.
            if not flags & WRITING or isinstance(path, int) or os.path.isdir(path):
                return
            paths = [path]
        elif event == "sqlite3.connect":
            paths = [os.fsdecode(arguments[0]).removeprefix("file://").partition("?")[0]]
        elif event in CHANGING:
            places = CHANGING[event]
            paths = [_in_folder(arguments[at], -1 if of is None else arguments[of]) for at, of in places]
        else:
            return
        for path in map(os.path.realpath, map(os.fsdecode, paths)):
            if path != os.devnull and not self._world.may_be_written(path):
                self._written.append(f"{event} {path}")


def _in_folder(path: str | bytes | int, folder: int) -> str:
    """Return a path that was given below an open folder (-1: the current one), as functions that walk do."""
    if isinstance(path, int):
        name, folder = ".", path
    else:
        name = os.fsdecode(path)
    if folder < 0 or os.path.isabs(name):
        return name
    try:
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), name)
    except OSError:
        return os.devnull  # only Linux tells


class Reached:
    """Counts, by package, the lines of the program that run, in all threads that begin meanwhile.

    Unless it `counts` none: nothing is slower then. Of what runs long, those at the beginning count.
    """

    def __init__(self, *, counts: bool) -> None:
        self.lines: Counter[str] = Counter()
        self._seen: set[tuple[int, int]] = set()
        self._counts = counts
        self._steps = STEPS

    def __enter__(self) -> Reached:
        if not self._counts:
            return self
        threading.settrace(self._call)
        sys.settrace(self._call)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def _call(self, frame: FrameType, _event: str, _argument: object) -> Any:
        code = frame.f_code
        return self._line if _package(code.co_filename) else None

    def _line(self, frame: FrameType, event: str, _argument: object) -> Any:
        self._steps -= 1
        if self._steps < 0:
            sys.settrace(None)  # of this thread: calls would take time, too
            return None
        if event == "line":
            place = (id(frame.f_code), frame.f_lineno)
            if place not in self._seen:
                self._seen.add(place)
                self.lines[_package(frame.f_code.co_filename) or ""] += 1
        return self._line


_KNOWN: dict[str, str | None] = {}


def _package(file: str) -> str | None:
    """Return the package whose lines are counted that a file belongs to."""
    if file not in _KNOWN:
        folder = next((folder for folder in PACKAGES if file.startswith(folder)), None)
        name = PACKAGES[folder] or file[len(folder) :].partition(os.sep)[0] if folder else None
        _KNOWN[file] = name
    return _KNOWN[file]
