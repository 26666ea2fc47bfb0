"""A command can end with each exit code that its help names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.test_errors import HOLD_LOCK
from tests.helpers.photographs import change_index, copy_of, write_album
from tests.helpers.program import Program
from tests.helpers.reports_of_files import group, member, write_report
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.manual import COMMANDS
from visualsearch_cli.index.disks import claims
from visualsearch_cli.verdicts.verdict import Verdict

LINES = {
    "index": "index Photos",
    "watch": "watch Photos",
    "query": "query x.jpg",
    "dupes": "dupes",
    "compare": "compare x.jpg Photos/coffee.jpg",
    "only": "only Classes",
    "search": "search --image x.jpg",
    "label": "label x.jpg cup",
    "match": "match x.jpg",
    "adapt": "adapt own.model",
    "map": "map map.html",
    "apply": "apply report.json --yes --move-to moved",
    "undo": "undo --last",
    "review": "review --no-open",
    "ignore": "ignore x.jpg Photos/coffee.jpg",
    "embed": "embed x.jpg -o -",
    "info": "info",
    "check": "check --repair",
    "calibrate": "calibrate",
    "prune": "prune",
    "models": "models",
    "eval": "eval Classes",
}
"""A line of each command that there is nothing against."""

ERRORS = {
    "index": "index nowhere",
    "watch": "watch nowhere",
    "query": "query x.jpg --within nowhere",
    "dupes": "dupes --cross",
    "compare": "compare x.jpg nowhere.jpg",
    "only": "only nowhere",
    "search": "search --image x.jpg --within nowhere",
    "label": "label --csv nowhere.csv",
    "match": "match nowhere.jpg",
    "adapt": "adapt own.model",
    "map": "prune --root Photos --yes > pruned; visualsearch map map.html",
    "apply": "apply nowhere.json",
    "undo": "undo --last",
    "review": "review nowhere.json --no-open",
    "ignore": "ignore x.jpg nowhere.jpg",
    "embed": "embed nowhere -o -",
    "info": "info > /dev/full",
    "check": "check > /dev/full",
    "calibrate": "calibrate",
    "prune": "prune --root nowhere",
    "models": "models > /dev/full",
    "eval": "eval nowhere",
}

NOT_ALL = {
    "index": "index Photos",
    "query": "query x.jpg Photos/bad.jpg",
    "search": "search --image x.jpg --html found.html",
    "dupes": "dupes",
    "only": "only Classes",
    "label": "label x.jpg nowhere cup",
    "match": "match x.jpg Photos/bad.jpg",
    "map": "map map.html",
    "apply": "apply report.json --yes --move-to moved",
    "undo": "undo --last",
    "embed": "embed Photos -o -",
    "eval": "eval Classes",
}
"""What is done where bad.jpg, and what was a picture as Photos/small.jpg and copy.jpg, is none."""

NOTHING = {
    "query": "query x.jpg --max-distance 0 --exit-code",
    "dupes": "dupes --min-size 1G --exit-code",
    "compare": "compare x.jpg Photos/rocket.jpg --exit-code",
    "only": "only Classes --level edited --exit-code",
    "search": "search --image x.jpg --min-width 99999 --exit-code",
    "match": "match x.jpg --exit-code",
}

READERS = frozenset(["query", "dupes", "only", "search", "match", "adapt", "map", "info", "review"])
"""What reads beside a writer, if that one has the same locks."""

INTERRUPTED_AT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background of a script it is ignored
waiting = [os.environ["INTERRUPTED_AT"]]
def interrupt(event, arguments):
    if waiting and arguments and waiting[0] in str(arguments[0]):
        waiting.clear()
        signal.raise_signal(signal.SIGINT)
sys.addaudithook(interrupt)
from visualsearch_cli.cli.app import main
sys.argv[0] = "visualsearch"
main()
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with ten photographs, a copy among them, their index, and copies elsewhere."""
    home = tmp_path_factory.mktemp("prepared")
    write_album(home / "Photos")
    copy_of(home / "Photos" / "coffee.jpg", home / "Photos" / "small.jpg", scale=0.8)
    Program(home)("index", "Photos")
    copy_of(home / "Photos" / "coffee.jpg", home / "x.jpg")
    for name, source in (("a/1", "coffee"), ("a/2", "astronaut"), ("b/3", "rocket"), ("b/4", "chelsea")):
        copy_of(home / "Photos" / f"{source}.jpg", home / "Classes" / f"{name}.jpg")
    return home


@pytest.fixture
def run(prepared: Path, tmp_path: Path) -> Program:
    """The program in a copy of that home."""
    home = shutil.copytree(prepared, tmp_path / "home")
    shutil.copy(home / "Photos" / "coffee.jpg", home / "copy.jpg")
    copy = member(home / "copy.jpg", Verdict.IDENTICAL)
    write_report(home / "report.json", group(home / "Photos" / "coffee.jpg", copy))
    return Program(home, {"VISUALSEARCH_INDEX": str(home / "Photos" / ".visualsearch")})


def ends(run: Program, line: str, code: ExitCode) -> None:
    run.shell(f"visualsearch {line}", code=code)


def ends_with_error(run: Program, command: str) -> None:
    ends(run, ERRORS[command], ExitCode.ERROR)


def ends_as_misused(run: Program, command: str) -> None:
    ends(run, f"{LINES[command]} --no-such-option", ExitCode.USAGE)


def ends_incomplete(run: Program, command: str) -> None:
    if command == "undo":
        ends(run, LINES["apply"], ExitCode.DONE)
        shutil.rmtree(run.home / "moved")
    give_labels(run, command)
    for path in ("Photos/bad.jpg", "Photos/small.jpg", "Classes/b/bad.jpg", "copy.jpg"):
        (run.home / path).write_bytes(b"no picture")
    ends(run, NOT_ALL[command], ExitCode.INCOMPLETE)


def give_labels(run: Program, command: str) -> None:
    """Let there be a label that fits nothing which is asked for."""
    if command == "match":
        ends(run, "label Photos/rocket.jpg rocket", ExitCode.DONE)


def ends_with_nothing(run: Program, command: str) -> None:
    give_labels(run, command)
    ends(run, NOTHING[command], ExitCode.NOTHING_MATCHED)


def ends_without_index(run: Program, command: str) -> None:
    run.env["VISUALSEARCH_INDEX"] = str(run.home / "nowhere")
    ends(run, command if command in ("index", "watch") else LINES[command], ExitCode.NO_INDEX)


def ends_locked(run: Program, command: str) -> None:
    folder = run.home / "Photos" / ".visualsearch"
    if command in ("apply", "undo"):
        folder = run.home / ".state" / "visualsearch" / "journal"
        folder.mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, folder / "lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        if command in READERS:
            claim(folder, holder.pid)
        ends(run, LINES[command], ExitCode.LOCKED)
        holder.kill()


def claim(folder: Path, process: int) -> None:
    """Let a process claim an index as if it wrote through another mount, whose locks are not seen here."""
    told = claims.Claim(claims._machine(), process, claims._started(process), device=0, path="/mnt/photos")
    (folder / claims.NAME).write_text(json.dumps(told))


def ends_incompatible(run: Program, command: str) -> None:
    change_index(run.home / "Photos" / ".visualsearch", "PRAGMA user_version = 99")
    ends(run, LINES[command], ExitCode.INCOMPATIBLE)


def ends_damaged(run: Program, command: str) -> None:
    (run.home / "Photos" / ".visualsearch" / "catalog.sqlite").write_bytes(b"no database at all" * 1000)
    ends(run, LINES[command], ExitCode.DAMAGED)


def ends_interrupted(run: Program, command: str) -> None:
    """Interrupted where it first looks for a file in the home; `models` where it begins to print."""
    at = "rich.box" if command == "models" else str(run.home)
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT, *LINES[command].split()],
        env={**run.env, "INTERRUPTED_AT": at},
        cwd=run.home,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (ExitCode.INTERRUPTED, b"")
    assert done.stderr.startswith(b"visualsearch: interrupted")


WAYS: dict[ExitCode, Callable[[Program, str], None]] = {
    ExitCode.ERROR: ends_with_error,
    ExitCode.USAGE: ends_as_misused,
    ExitCode.INCOMPLETE: ends_incomplete,
    ExitCode.NOTHING_MATCHED: ends_with_nothing,
    ExitCode.NO_INDEX: ends_without_index,
    ExitCode.LOCKED: ends_locked,
    ExitCode.INCOMPATIBLE: ends_incompatible,
    ExitCode.DAMAGED: ends_damaged,
    ExitCode.INTERRUPTED: ends_interrupted,
}


@pytest.mark.parametrize(
    ("command", "code"),
    [(command, code) for command, entry in COMMANDS.items() for code in entry.exit_codes[1:]],
)
def test_a_command_can_end_so(run: Program, command: str, code: ExitCode) -> None:
    """That it can end well, the examples show."""
    if code is ExitCode.ERROR and "/dev/full" in ERRORS[command] and not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    WAYS[code](run, command)
