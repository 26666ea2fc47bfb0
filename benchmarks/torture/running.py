"""One library through the program: `index`, `dupes`, `apply --yes --merge-metadata`, `undo`."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.torture.checking import problems, snapshot
from benchmarks.torture.making import Library
from visualsearch_cli.cli.program import COMMANDS, program

SKIPPED = 3  # the exit code where files could not be read: RAWs are noise here
ACTIONS = (["--trash"], ["--move-to"], ["--trash"])


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a library."""

    seed: int
    files: int  # pictures that were written
    removed: int  # files that `apply` took
    sidecars: int  # that it wrote
    problems: tuple[str, ...]


def run(folder: Path, seed: int, folders: int) -> Ran:
    """Write a library into an empty folder, run the program on it in this process, and check what it did."""
    root, home = folder / "library", folder / "home"
    for made in (root, home):
        made.mkdir(parents=True)
    truth = Library(root, seed).write(folders)
    found: list[str] = []
    os.environ["XDG_STATE_HOME"] = str(home)  # where the journals are
    before = snapshot(root)
    _command("index", root, "-q")
    report = home / "report.json"
    _command("dupes", "--index", root / ".visualsearch", "--report", report)
    action = list(ACTIONS[seed % len(ACTIONS)])
    if action == ["--move-to"]:
        action.append(str(folder / "moved"))
    told = _command("apply", report, *action, "--merge-metadata", "--yes", "--json")
    document = json.loads(told)
    found += [
        f"{r['path']!r}: {r['outcome']}, {r['message']}"
        for r in document["results"]
        if r["outcome"] in ("failed", "refused")
    ]
    found += problems(before, snapshot(root), truth.frames, truth.owners, truth.stores)
    if document["files"]:
        _command("undo", "--last")
    found += _differences(before.state(), snapshot(root).state())
    return Ran(seed, len(truth.frames), document["files"], document["sidecars"], tuple(found))


def run_and_forget(seed: int, folders: int) -> Ran:
    """Run a library in a folder that is removed afterwards. Whatever goes wrong is a problem of it."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return run(Path(folder), seed, folders)
        except Exception:  # noqa: BLE001 - the others go on
            return Ran(seed, 0, 0, 0, (traceback.format_exc(),))


def _differences(
    before: dict[str, tuple[object, ...]], after: dict[str, tuple[object, ...]]
) -> Iterator[str]:
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            yield f"{path!r} is not as before after undo"


def live_in(homes: str) -> None:
    """Let this process have a home folder of its own: what moves to the trash asks for it once."""
    home = tempfile.mkdtemp(dir=homes)
    os.environ.update(dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), home))


def _command(*line: str | Path) -> str:
    """Run a command in this process, which spares half a second each; return what it prints."""
    output, errors = io.StringIO(), io.StringIO()
    arguments, sys.argv = sys.argv, ["visualsearch", *map(str, line)]
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            program(COMMANDS)()
    except SystemExit as end:
        if end.code not in (0, None, SKIPPED):
            raise RuntimeError(f"{line}: exit {end.code}\n{errors.getvalue()}") from end
    finally:
        sys.argv = arguments
    return output.getvalue()
