"""Which packages a command walks through: the calls from one package into another while it runs.

`python -m benchmarks.figures.walks` runs the commands on a few of the sample pictures, twice: the first run
imports the modules, so that this is not seen as calls in the second. It prints JSON.
"""

from __future__ import annotations

import dataclasses
import enum
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.figures.packages import order, package_of
from benchmarks.places import PROJECT, SAMPLES

COMMANDS = {
    "index": ("index", "."),
    "query": ("query", "../new.jpg", "--level", "edited"),
    "dupes": ("dupes", "--level", "edited", "--report", "../dupes.json"),
    "apply": ("apply", "../dupes.json", "--yes", "--move-to", "../copies"),
}
ALBUM = (
    "phone/red-dice.jpg",
    "backup/red dice (1).jpg",
    "holiday/alps.jpg",
    "downloads/alps-small.jpg",
    "phone/sunflower.jpg",
    "downloads/sunflower-dark.jpg",
    "phone/meadow.jpg",
)
NEW = "downloads/red-dice-crop.jpg"  # is asked for, and not in the index

Walk = frozenset[tuple[str, str]]  # calls, from a package into one that stands left of it


def walks() -> dict[str, Walk]:
    """Return the walk of each command, found in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.figures.walks"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    found: dict[str, list[tuple[str, str]]] = json.loads(done.stdout)
    return {name: frozenset((caller, called) for caller, called in calls) for name, calls in found.items()}


def main() -> None:
    """Run all commands without looking, then once more and look."""
    found: dict[str, Walk] = {}
    with _silent() as out:
        for _ in range(2):
            found = _walked()
    out.write(json.dumps({name: sorted(walk) for name, walk in found.items()}) + "\n")


@contextmanager
def _silent() -> Iterator[Any]:
    """Send what the commands print nowhere, and yield the real stdout."""
    real = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield real
    finally:
        real.flush()


def _walked() -> dict[str, Walk]:
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        for name in ALBUM:
            copy = home / "Photos" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SAMPLES / name, copy)
        shutil.copy(SAMPLES / NEW, home / "new.jpg")
        os.environ.update(HOME=folder, XDG_STATE_HOME=folder, XDG_CACHE_HOME=folder)
        os.environ.pop("VISUALSEARCH_INDEX", None)
        os.chdir(home / "Photos")
        try:
            for name, arguments in COMMANDS.items():
                found[name] = _walk_of(arguments)
        finally:
            os.chdir(PROJECT)
    return found


def _walk_of(arguments: tuple[str, ...]) -> Walk:
    """Run a command in this process, and return the calls that it made between packages."""
    from visualsearch_cli.cli.program import program  # not `main`, which runs it in a process of its own

    calls: set[tuple[str, str]] = set()

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and (call := _call(frame)):
            calls.add(call)

    gc.collect()  # pictures that an earlier command held would be asked to give way
    sys.argv = ["visualsearch", *arguments]
    code: object = 0
    threading.setprofile(look)
    sys.setprofile(look)
    try:
        program(arguments[:1])()
    except SystemExit as end:
        code = end.code
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    if code:
        raise SystemExit(f"visualsearch {' '.join(arguments)} ended with {code}")
    return frozenset(calls)


def _call(frame: FrameType) -> tuple[str, str] | None:
    """Return from which package into which a call leads, if it is a step of a walk.

    It is not if a value is asked something, or if a lower package calls what a higher one gave it.
    """
    called = package_of(Path(frame.f_code.co_filename))
    if called is None:
        return None
    calling = frame.f_back
    while calling is not None and package_of(Path(calling.f_code.co_filename)) is None:
        calling = calling.f_back
    if calling is None:
        return None
    caller = package_of(Path(calling.f_code.co_filename))
    places = order()
    if caller not in places or called not in places or places.index(called) >= places.index(caller):
        return None
    return None if _is_of_value(frame) else (caller, called)


def _is_of_value(frame: FrameType) -> bool:
    """Tell whether a call is a method of a value: of an enum, a tuple or a frozen dataclass."""
    owner = frame.f_locals.get("self", frame.f_locals.get("cls"))
    kind = owner if isinstance(owner, type) else type(owner)
    if dataclasses.is_dataclass(kind):
        return bool(getattr(kind, "__dataclass_params__").frozen)  # noqa: B009  dataclass has no public way
    return issubclass(kind, (enum.Enum, tuple))


if __name__ == "__main__":
    main()
