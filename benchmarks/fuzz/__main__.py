"""`python -m benchmarks.fuzz`: change inputs, by the thousand, and see how they are taken."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.fuzz.searching import Sentry, Tried, search
from benchmarks.fuzz.targets import TARGETS, Trial, World
from benchmarks.places import PROJECT
from visualsearch_cli.index import derived

BATCH = 1000  # inputs of one kind, after which another process goes on
"""hypothesis reads all of the program first, which takes each process 4 s."""

LIMIT = 10.0  # seconds that an input may take
LEAST = 60  # seconds that the first batch of a kind has, however short the whole time is
KEPT = PROJECT / "build" / "fuzz"
"""Where inputs are kept at which something was wrong."""

forked = get_context("fork")


def main() -> int:
    """Return 0 if nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0, help="of the first batch (default: 0)")
    parser.add_argument(
        "--batch", type=int, default=BATCH, help=f"inputs that are searched in turn (default: {BATCH})"
    )
    parser.add_argument("--only", choices=TARGETS, help="one kind of inputs")
    parser.add_argument(
        "--again", type=Path, metavar="FILE", help=f"only this file, of {KEPT.relative_to(PROJECT)}"
    )
    options = parser.parse_args()
    derived.WORTH_WRITING = 1  # so that a small index has vectors in rows, too
    shares = {options.only: 1} if options.only else TARGETS
    kinds = [kind for kind, share in shares.items() for _ in range(share)]
    again = options.again.absolute() if options.again else None
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        home = Path(name).resolve()
        os.environ.update(HOME=name, XDG_STATE_HOME=f"{name}/.state", XDG_CACHE_HOME=f"{name}/.cache")
        os.environ.pop("VISUALSEARCH_INDEX", None)
        os.chdir(home)
        made = forked.Process(target=World(home).make)
        made.start()  # in a process of its own: this one is forked from again and again
        made.join()
        if made.exitcode:
            return 1
        if again is not None:
            world = World(home)
            wrong = Sentry(world).watch(world.again(again.parent.parent.name, again))
            print(wrong or "nothing wrong")
            return 1 if wrong else 0
        return Fuzzing(World(home), kinds, options.seed, options.batch).run(60 * options.minutes)


class Fuzzing:
    """Batches of inputs, one after the other, each in a process of its own."""

    def __init__(self, world: World, kinds: list[str], seed: int, size: int) -> None:
        self._world = world
        self._kinds = kinds
        self._seed = seed
        self._size = size  # of a batch
        self._counts: Counter[str] = Counter()
        self._furthest: Counter[str] = Counter()  # the most lines that an input of a kind reached
        self._wrong = 0
        self._slowest = 0.0
        self._before = world.outside()

    def run(self, seconds: float) -> int:
        """Go on for so long. Returns 0 if nothing was wrong."""
        began = time.monotonic()
        number = self._seed
        # Kinds take turns, and each has one, so that the shortest run has some of all.
        turns = sorted(range(len(self._kinds)), key=lambda at: self._kinds[:at].count(self._kinds[at]))
        while (is_first := number - self._seed < len(set(self._kinds))) or time.monotonic() < began + seconds:
            kind = self._kinds[turns[(number - self._seed) % len(turns)]]
            self._batch(kind, number, max(began + seconds, time.monotonic() + LEAST * is_first))
            number += 1
            print(f"{time.monotonic() - began:.0f} s: {self._counts.total():,} inputs", file=sys.stderr)
        took = time.monotonic() - began
        each = ", ".join(
            f"{count:,} {kind} (up to {self._furthest[kind]:,} lines)"
            for kind, count in self._counts.most_common()
        )
        print(
            f"{self._counts.total():,} inputs in {took:.0f} s: {each}; the slowest took {self._slowest:.1f} s"
        )
        print(f"{self._wrong} wrong")
        return 1 if self._wrong else 0

    def _batch(self, kind: str, number: int, until: float) -> None:
        here, there = forked.Pipe()
        process = forked.Process(target=_search, args=(there, self._world, kind, number, self._size))
        process.start()
        there.close()
        assert process.pid
        trial: Trial | None = None
        while True:
            clock = _Clock(process.pid)
            while not here.poll(0.5) and time.monotonic() < until and not (trial and clock.seconds() > LIMIT):
                pass
            if trial and clock.seconds() > LIMIT:
                self._report(trial, f"no answer within {LIMIT:.0f} s")
                break
            if not here.poll():
                break
            try:
                said = here.recv()
            except EOFError:
                process.join()
                if process.exitcode:
                    self._report(trial, f"the process was ended: exit code {process.exitcode}")
                break
            if isinstance(said, Trial):
                trial = said
                continue
            trial = None  # what is searched for meanwhile has no limit
            self._counts[kind] += 1
            self._slowest = max(self._slowest, clock.seconds())
            self._furthest[kind] = max(self._furthest[kind], said.lines)
            if said.wrong:
                self._report(said.trial, said.wrong)
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        here.close()
        self._look(kind, number)

    def _look(self, kind: str, number: int) -> None:
        """Was anything written that Python does not tell of?"""
        after = self._world.outside()
        paths = sorted(after.keys() | self._before.keys())
        if changed := [path for path in paths if after.get(path) != self._before.get(path)]:
            self._wrong += 1
            print(f"{kind}, batch {number}: written outside: {', '.join(changed)}", flush=True)
            self._before = after

    def _report(self, trial: Trial | None, wrong: str) -> None:
        self._wrong += 1
        if trial is None:
            print(wrong, flush=True)
            return
        folder = KEPT / trial.kind / f"{self._wrong:03}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / trial.place).write_bytes(trial.data)
        print(f"{trial.kind}: {wrong}: --again {str(folder / trial.place)!a}", flush=True)


class _Clock:
    """How long a process takes, without the time for which others had the cores that it asked for."""

    def __init__(self, process: int) -> None:
        self._told = Path(f"/proc/{process}/schedstat")  # of Linux; elsewhere all time counts
        self._began = time.monotonic()
        self._waited = self._waits()

    def seconds(self) -> float:
        return time.monotonic() - self._began - (self._waits() - self._waited)

    def _waits(self) -> float:
        try:
            return int(self._told.read_text().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0


def _search(connection: Connection, world: World, kind: str, number: int, count: int) -> None:
    """Try a batch, and tell of each input."""
    sys.stderr.flush()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)

    def end(tried: Tried) -> None:
        connection.send(tried if tried.wrong else tried._replace(trial=tried.trial._replace(data=b"")))

    search(world, kind, number, count, connection.send, end)


if __name__ == "__main__":
    sys.exit(main())
