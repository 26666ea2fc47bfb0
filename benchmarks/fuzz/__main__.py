"""`python -m benchmarks.fuzz`: change inputs, by the thousand, and see how they are taken."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.fuzz.targets import TARGETS, World, target
from visualsearch_cli.index import derived

BATCH = 200  # inputs, after which another process goes on
LIMIT = 10.0  # seconds that an input may take
ENDED = "the process was ended"
forked = get_context("fork")


def main() -> int:
    """Return 0 if nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0, help="of the first input (default: 0)")
    parser.add_argument("--only", choices=TARGETS, help="one kind of inputs")
    parser.add_argument("--one", type=int, metavar="NUMBER", help="only this input, in this process")
    options = parser.parse_args()
    derived.WORTH_WRITING = 1  # so that a small index has vectors in rows, too
    shares = {options.only: 1} if options.only else TARGETS
    kinds = [kind for kind, share in shares.items() for _ in range(share)]
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
        if options.one is not None:
            print(*_try(home, kinds, options.one))
            return 0
        return _many(home, kinds, options.seed, options.minutes)


def _many(home: Path, kinds: list[str], number: int, minutes: float) -> int:
    counts: Counter[str] = Counter()
    wrong = 0
    slowest = 0.0
    began = time.monotonic()
    before = World(home).outside()
    while time.monotonic() - began < 60 * minutes:
        here, there = forked.Pipe()
        process = forked.Process(target=_batch, args=(there, home, kinds, number))
        process.start()
        there.close()
        kind = said = ""
        end = number + BATCH
        while number < end:
            started = time.monotonic()
            if not here.poll(LIMIT):
                assert process.pid
                os.kill(process.pid, signal.SIGKILL)
                said = f"{ENDED}: no answer within {LIMIT:.0f} s"
            else:
                try:
                    kind, said = here.recv()
                    slowest = max(slowest, time.monotonic() - started)
                    counts[kind] += 1
                except EOFError:
                    process.join()
                    said = f"{ENDED}: exit code {process.exitcode}"
            number += 1
            if said:
                wrong += 1
                print(f"{kind} {number - 1}: {said}", flush=True)
            if said.startswith(ENDED):
                break
        process.join()
        after = World(home).outside()
        paths = sorted(after.keys() | before.keys())
        if changed := [path for path in paths if after.get(path) != before.get(path)]:
            wrong += 1
            print(f"before {number}: written outside: {', '.join(changed)}", flush=True)
            before = after
    took = time.monotonic() - began
    each = ", ".join(f"{count:,} {kind}" for kind, count in counts.most_common())
    print(f"{sum(counts.values()):,} inputs in {took:.0f} s: {each}; the slowest took {slowest:.1f} s")
    print(f"{wrong} wrong")
    return 1 if wrong else 0


def _sound_world(home: Path) -> World:
    return World(home)


def _batch(connection: Connection, home: Path, kinds: list[str], first: int) -> None:
    """Try some inputs, and say of each what was wrong."""
    sys.stderr.flush()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    for number in range(first, first + BATCH):
        kind, said = _try(home, kinds, number)
        connection.send((kind, said))


_WORLDS: dict[Path, World] = {}


def _try(home: Path, kinds: list[str], number: int) -> tuple[str, str]:
    world = _WORLDS.setdefault(home, World(home))
    rng = random.Random(number)
    kind = rng.choice(kinds)
    try:
        target(world, kind)(rng)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        origin = traceback.extract_tb((error.__cause__ or error).__traceback__)[-1]
        return kind, f"{type(error).__name__}: {str(error)[:400]} ({origin.filename}:{origin.lineno})"
    return kind, ""


if __name__ == "__main__":
    sys.exit(main())
