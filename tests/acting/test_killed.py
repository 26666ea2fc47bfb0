"""`kill -9` before every single call that changes the disk, with the real disk, trash and journal.

The command runs in a child of this process, in which every such call is counted; at one of them the child
ends at once, without a word to anybody. Then it runs again.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import filelock
import platformdirs
import pytest
import rich.console
import rich.text

from tests.helpers.reports_of_files import group, member, write_report
from visualsearch_cli.acting import applying, disk, runs, trash, undoing
from visualsearch_cli.acting import journal as journal_file
from visualsearch_cli.acting import selection as selecting
from visualsearch_cli.cli.commands.apply import apply
from visualsearch_cli.cli.commands.undo import undo
from visualsearch_cli.reports import report_json
from visualsearch_cli.verdicts.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]

LOADED = (filelock, platformdirs, rich.console, rich.text, applying, disk, journal_file, report_json)
LOADED_TOO = (runs, selecting, trash, undoing)  # once, and not in each child
KILLED = 99
CALLS = ("link", "symlink", "unlink", "rename", "replace", "fsync", "write", "mkdir", "utime", "ftruncate")
OURS = sys.platform not in ("darwin", "win32")  # elsewhere the trash is that of whoever runs the tests
ACTIONS = (
    *(("--trash",) if OURS else ()),
    "--hardlink",
    "--symlink",
    "--move-to",
    "across devices",
    "--delete",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder, in memory where there is a place for that: these tests sync thousands of times."""
    memory = Path("/dev/shm")
    path = Path(tempfile.mkdtemp(dir=memory)) if os.access(memory, os.W_OK) else tmp_path
    monkeypatch.setenv("HOME", str(path))
    monkeypatch.setenv("XDG_STATE_HOME", str(path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(path / "data"))
    yield path
    if path != tmp_path:
        shutil.rmtree(path)


def in_child(run: Callable[[], int], kill_at: int = -1) -> int:
    """Run something in a child that is killed at one of its calls; return how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 98
    try:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        _count_calls(kill_at)
        code = run()
    finally:
        os._exit(code)


def _count_calls(kill_at: int) -> None:
    count = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            if count == kill_at:
                os._exit(KILLED)
            count += 1
            return call(*arguments, **options)

        return wrapper

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))


def act(report: Path, action: str, folder: Path) -> int:
    """Apply a report."""
    option = action.removeprefix("--")
    moves = option in ("move-to", "across devices")
    chosen = {} if moves else {option: True}
    return apply(str(report), move_to=folder if moves else None, yes=True, **chosen)  # type: ignore[arg-type]


def below(*folders: Path) -> list[bytes]:
    """Return the contents of all files in some folders."""
    return [p.read_bytes() for folder in folders for p in folder.rglob("*") if p.is_file()]


@pytest.mark.parametrize("action", ACTIONS)
def test_killed_before_each_call_of_apply(home: Path, tmp_path: Path, action: str) -> None:
    """Then it is applied again, and taken back."""
    sweep(home, place(home, tmp_path, action), action, undone=False)


@pytest.mark.parametrize("action", [action for action in ACTIONS if action != "--delete"])
def test_killed_before_each_call_of_undo(home: Path, tmp_path: Path, action: str) -> None:
    """Then it is taken back again."""
    sweep(home, place(home, tmp_path, action), action, undone=True)


def place(home: Path, tmp_path: Path, action: str) -> Path:
    """Return the folder to move to."""
    if action == "across devices" and os.stat(home).st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("no second file system")
    return (tmp_path if action == "across devices" else home) / "moved"


def sweep(home: Path, moved: Path, action: str, *, undone: bool) -> None:
    """Kill at the first call, then at the second, and so on until none is left."""
    for moment in range(200):
        photos = home / f"Photos{moment}"
        kept, copy = photos / "kept.jpg", photos / "copy.jpg"
        photos.mkdir()
        films = [path.with_suffix(".mov") for path in (kept, copy)]
        for path in (kept, copy):
            path.write_bytes(b"picture")
        for path in films:
            path.write_bytes(b"film")
        os.utime(copy, ns=(1, 10**18 + 1))
        members = [
            member(path, verdict, companions=[film])
            for path, verdict, film in zip((kept, copy), (None, Verdict.IDENTICAL), films, strict=True)
        ]
        report = write_report(home / "r.json", group(*members))
        do = partial(act, report, action, moved)
        take_back = partial(undo, last=True)
        if undone:
            assert in_child(do) == 0
        ended = in_child(take_back if undone else do, moment)
        assert ended in (0, KILLED)
        assert kept.read_bytes() == b"picture" and films[0].read_bytes() == b"film"
        assert not films[1].exists() or copy.exists(), "no film without its picture"
        if action != "--delete":
            assert below(photos, moved, home / "data").count(b"film") >= 2, f"lost at call {moment}"
            assert below(photos, moved, home / "data").count(b"picture") >= 2, f"lost at call {moment}"
        assert undone or in_child(do) == 0
        if action == "--delete":
            assert not copy.exists() and not films[1].exists()
        else:
            assert in_child(take_back) == 0
            state = os.lstat(copy)
            assert copy.read_bytes() == b"picture" and not copy.is_symlink()
            assert (state.st_nlink, state.st_mtime_ns) == (1, 10**18 + 1)
            assert films[1].read_bytes() == b"film" and not films[1].is_symlink()
            assert len(list(photos.iterdir())) == 4, "nothing is left over"
            assert not [path for path in moved.rglob("*") if path.name.endswith(".tmp")]
        assert kept.read_bytes() == b"picture"
        shutil.rmtree(photos)
        if ended == 0:
            assert moment > 10
            return
    raise AssertionError("it never came to its end")
