"""Acting on duplicates and taking it back, as a user does it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.test_names import BYTES, NAMES
from tests.helpers.program import Program
from tests.helpers.reports_of_files import group, member, write_report
from visualsearch_cli.verdicts.verdict import Verdict

OURS = sys.platform not in ("darwin", "win32")  # elsewhere the trash is that of whoever runs the tests
ACTIONS = (*(("--trash",) if OURS else ()), "--move-to", "--hardlink", "--symlink")
GIO = """#!/bin/sh
[ "$1 $2" = "trash --" ] && shift 2 && mkdir -p "$HOME/gio" && mv -- "$1" "$HOME/gio/"
"""


def option(action: str) -> tuple[str, ...]:
    return (action, "moved") if action == "--move-to" else (action,)


def write_duplicates(folder: Path, names: list[bytes]) -> Path:
    """Write a file, and a copy of it below another folder, for each name; return the report of them."""
    groups = []
    for number, name in enumerate(names):
        kept = Path(os.fsdecode(os.fsencode(folder / "kept") + b"/" + name))
        copy = Path(os.fsdecode(os.fsencode(folder / "copies") + b"/" + name))
        for path in (kept, copy):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"picture %d" % number)
        os.utime(copy, ns=(1, 1_600_000_000_987_654_321))
        groups.append(group(kept, member(copy, Verdict.IDENTICAL), id=f"g{number}"))
    return write_report(folder.parent / "report.json", *groups, index=folder / ".visualsearch")


@pytest.fixture
def copies(run: Program) -> list[Path]:
    """Three copies in ~/Photos/copies, of files in ~/Photos/kept; ~/report.json says so."""
    folder = run.home / "Photos"
    write_duplicates(folder, [b"a.jpg", b"b.jpg", b"sub/c.jpg"])
    return [folder / "copies" / name for name in ("a.jpg", "b.jpg", "sub/c.jpg")]


def snapshot(folder: Path) -> dict[bytes, tuple[bytes, int, int]]:
    """Return the content, time and number of names of each file."""
    return {
        os.fsencode(path): (path.read_bytes(), os.lstat(path).st_mtime_ns, os.lstat(path).st_nlink)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_twice_and_undone_twice(run: Program, copies: list[Path], action: str) -> None:
    photos = run.home / "Photos"
    before = snapshot(photos)
    apply = ("apply", "report.json", "--yes", *option(action))
    result = run(*apply)
    lines = result.out.splitlines()
    assert len(lines) == 4 and all("identical" in line for line in lines[:3])
    assert "3 files, 27 B" in lines[-1]
    assert "visualsearch undo" in result.err and "visualsearch index" in result.err
    if action in ("--trash", "--move-to"):
        assert not any(path.exists() for path in copies)
    assert (photos / "kept" / "a.jpg").read_bytes() == b"picture 0"
    after = snapshot(run.home)
    again = run(*apply)
    assert again.out == "" and "3 files done before" in again.err
    assert snapshot(run.home) == after, "not even a journal"

    would = run("undo", "--last", "--dry-run")
    assert would.out.count("would return") == 3 and snapshot(run.home) == after
    undone = run("undo", "--last")
    assert undone.out.splitlines()[-1] == "3 files as before"
    assert snapshot(photos) == before
    twice = run("undo", "--last")
    assert twice.out == "" and "3 files taken back before" in twice.err
    assert snapshot(photos) == before


@pytest.mark.usefixtures("copies")
def test_deleting_is_for_good(run: Program) -> None:
    result = run("apply", "report.json", "--yes", "--delete")
    assert "3 files, 27 B freed" in result.out and "undo" not in result.err
    assert not list((run.home / "Photos" / "copies").glob("*.jpg"))
    assert "was deleted" in run("undo", "--last", code=3).err


@pytest.mark.usefixtures("copies")
def test_reflinks_or_a_clear_word(run: Program) -> None:
    before = snapshot(run.home / "Photos")
    done = subprocess.run(["cp", "--reflink=always", "report.json", "x"], cwd=run.home, capture_output=True)
    can = done.returncode == 0
    result = run("apply", "report.json", "--yes", "--reflink", code=0 if can else 3)
    if not can and sys.platform == "linux":
        assert "cannot share blocks" in result.err and "--hardlink" in result.err
    assert snapshot(run.home / "Photos") == before


@pytest.mark.usefixtures("copies")
def test_json(run: Program) -> None:
    document = run("apply", "report.json", "--yes", "--json", "--move-to", "moved").json
    assert document["schema"] == "visualsearch/apply/1"
    assert (document["files"], document["bytes"], document["dry_run"]) == (3, 27, False)
    first = document["results"][0]
    assert first["outcome"] == "done" and first["verdict"] == "identical" and first["bytes"] == 9
    assert Path(first["destination"]).read_bytes() == b"picture 0"
    (listed,) = run("undo", "--list", "--json").json["journals"]
    assert listed["journal"] == document["journal"] and listed["done"] == 3
    assert document["journal"] in run("undo", "--list").out
    undone = run("undo", document["journal"], "--json").json
    assert undone["schema"] == "visualsearch/undo/1" and undone["files"] == 3
    again = run("apply", "report.json", "--json", "--dry-run").json
    assert {item["outcome"] for item in again["results"]} == {"planned"} and again["dry_run"]


@pytest.mark.usefixtures("copies")
def test_a_dry_run_prints_commands_and_so_does_who_is_not_asked(run: Program) -> None:
    before = snapshot(run.home)
    dry = run("apply", "report.json", "--dry-run")
    assert dry.out.startswith("gio trash -- /") or dry.out.startswith("trash /")
    assert dry.err == ""
    unasked = run("apply", "report.json")
    assert unasked.out == dry.out and "pass --yes" in unasked.err
    assert run("apply", "report.json", "--dry-run", "--yes").out == dry.out
    assert snapshot(run.home) == before


def test_on_a_terminal_it_asks(run: Program, copies: list[Path]) -> None:
    shown = run.on_terminal("apply", "report.json", typed=b"n\n")
    assert b"Move to the trash: 3 files? [y/N]" in shown and b"3 identical; 27 B" in shown
    listed = [line.strip() for line in shown.decode().splitlines() if "(kept: " in line]
    names = [str(path.relative_to(run.home)) for path in copies]
    assert listed == [f"identical {name} (kept: {name.replace('copies', 'kept')})" for name in names]
    assert all(path.exists() for path in copies)
    shown = run.on_terminal("apply", "report.json", "--delete", typed=b"y\n")
    assert b"Delete for good: 3 files?" in shown
    assert not any(path.exists() for path in copies)


def test_of_many_files_the_first_are_listed_before_it_asks(run: Program) -> None:
    write_duplicates(run.home / "Photos", [b"%02d.jpg" % number for number in range(25)])
    shown = run.on_terminal("apply", "report.json", typed=b"n\n")
    assert shown.count(b"(kept: ") == 20 and b"and 5 more files: --list names all" in shown
    shown = run.on_terminal("apply", "report.json", "--list", typed=b"n\n")
    assert shown.count(b"(kept: ") == 25 and b"--list" not in shown
    assert run("apply", "report.json", "--list", "--yes", "--delete").err.count("(kept: ") == 25


@pytest.mark.usefixtures("copies")
def test_the_end_of_input_is_no_yes(run: Program) -> None:
    before = snapshot(run.home)
    assert b"nothing was done" in run.on_terminal("apply", "report.json", typed=b"\x04")
    assert snapshot(run.home) == before


def test_ctrl_c_at_the_question_is_an_interruption(run: Program, copies: list[Path]) -> None:
    shown = run.on_terminal("apply", "report.json", code=130, ctrl_c_at=b"[y/N]")
    assert b"\nvisualsearch: interrupted" in shown
    assert all(path.exists() for path in copies)


def test_a_report_from_stdin(run: Program, copies: list[Path]) -> None:
    report = (run.home / "report.json").read_bytes()
    assert "pass --yes" in run("apply", "-", stdin=report).err
    run("apply", "-", "--yes", stdin=report)
    assert not any(path.exists() for path in copies)
    assert "done before" in run("apply", "report.json", "--yes").err, "it is the same report"
    assert "stdin" in run("apply", "-", stdin=b"{", code=1).message


def test_a_stale_report(run: Program, copies: list[Path]) -> None:
    copies[0].write_bytes(b"edited since")
    (run.home / "Photos" / "kept" / "b.jpg").write_bytes(b"PICTURE 1")
    result = run("apply", "report.json", "--yes", code=3)
    assert f"{copies[0]} has 12 bytes, the report says 9" in result.err
    assert "kept/b.jpg has content hash" in result.err
    assert [path.exists() for path in copies] == [True, True, False]
    shutil.rmtree(run.home / "Photos")
    assert run("apply", "report.json", "--yes", code=3).err.count("if its disk is away, mount it") == 2


def test_levels(run: Program) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    verdicts = {verdict: folder / f"{verdict.value}.jpg" for verdict in Verdict}
    (folder / "kept.jpg").write_bytes(b"picture")
    for path in verdicts.values():
        path.write_bytes(path.stem.encode())
    verdicts[Verdict.IDENTICAL].write_bytes(b"picture")
    safe = folder / "safe.jpg"
    safe.write_bytes(b"safe")
    members = [member(path, verdict) for verdict, path in verdicts.items()]
    write_report(
        run.home / "r.json",
        group(folder / "kept.jpg", *members, member(safe, Verdict.SAME, protected=True)),
    )

    def planned(*options: str) -> list[str]:
        results = run("apply", "r.json", "-n", "--json", *options).json["results"]
        return [Path(item["path"]).stem for item in results if item["outcome"] == "planned"]

    assert planned() == ["identical", "pixels", "same"]
    assert planned("--level", "edited") == ["identical", "pixels", "same", "edited"]
    assert planned("--level", "pixels") == ["identical", "pixels"]
    assert planned("--level", "identical") == planned("--hardlink") == ["identical"]
    run("apply", "r.json", "--level", "similar", code=2)
    assert (
        "--hardlink replaces identical copies only"
        in run("apply", "r.json", "--hardlink", "--level", "same", code=2, env={"COLUMNS": "300"}).message
    )
    told = run("apply", "r.json", "-n", "-v").err
    assert "similar pictures are not copies" in told and "a reference folder is never touched" in told


@pytest.mark.usefixtures("copies")
def test_wrong_arguments(run: Program) -> None:
    wide = {"COLUMNS": "300"}
    assert (
        "--hardlink and --delete exclude"
        in run("apply", "report.json", "--hardlink", "--delete", code=2, env=wide).message
    )
    assert "gone.json cannot be read" in run("apply", "gone.json", code=1).message
    assert "pass the name of a journal" in run("undo", code=2, env=wide).message
    assert "nothing was applied yet" in run("undo", "--last", code=1).message
    run("apply", "report.json", "--yes")
    assert "undo --list" in run("undo", "nonsense", code=1).message


@pytest.mark.usefixtures("copies")
def test_two_at_once(run: Program) -> None:
    from filelock import FileLock

    state = run.home / ".state" / "visualsearch" / "journal"
    state.mkdir(parents=True)
    with FileLock(state / "lock"):
        assert "another process" in run("apply", "report.json", "--yes", code=11).message


# Names.


@pytest.fixture
def odd(run: Program) -> list[bytes]:
    """~/Photos with a copy of each odd name, and ~/report.json."""
    names = [*NAMES, *(BYTES if sys.platform != "darwin" else ())]
    write_duplicates(run.home / "Photos", names)
    return names


@pytest.mark.parametrize("action", ACTIONS)
def test_odd_names_there_and_back(run: Program, odd: list[bytes], action: str) -> None:
    before = snapshot(run.home / "Photos")
    result = run("apply", "report.json", "--yes", *option(action))
    assert len(result.out.splitlines()) == len(odd) + 1 and "\x1b" not in result.out
    if action in ("--trash", "--move-to"):
        assert not [p for p in (run.home / "Photos" / "copies").rglob("*") if p.is_file()]
    run("undo", "--last")
    assert snapshot(run.home / "Photos") == before


@pytest.mark.parametrize("action", [*ACTIONS, "--delete"])
def test_commands_of_a_dry_run_can_be_pasted(run: Program, odd: list[bytes], action: str) -> None:
    gio = run.home / "bin" / ("trash" if sys.platform == "darwin" else "gio")
    gio.parent.mkdir()
    gio.write_text(
        GIO if sys.platform != "darwin" else GIO.replace('[ "$1 $2" = "trash --" ] && shift 2 && ', "")
    )
    gio.chmod(0o755)
    run.env["PATH"] = f"{gio.parent}:{run.env['PATH']}"
    commands = run("apply", "report.json", "--dry-run", *option(action)).stdout
    assert len(commands.splitlines()) == len(odd) and b"\x1b" not in commands
    commands.decode("utf-8")
    (run.home / "commands.sh").write_bytes(b"set -e\n" + commands)
    run.shell("bash commands.sh")
    copies = [Path(os.fsdecode(os.fsencode(run.home / "Photos" / "copies") + b"/" + name)) for name in odd]
    for number, path in enumerate(copies):
        if action in ("--hardlink", "--symlink"):
            assert path.read_bytes() == b"picture %d" % number
            kept = Path(os.fsdecode(os.fsencode(run.home / "Photos" / "kept") + b"/" + odd[number]))
            assert path.is_symlink() if action == "--symlink" else os.path.samefile(path, kept)
        else:
            assert not path.exists()
    assert not (run.home / "hacked").exists()
    again = run("apply", "report.json", "--dry-run", *option(action), code=3 if action != "--hardlink" else 0)
    assert again.out == "", "there is nothing left to do"


# Disks that are full, read-only, or others.


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a disk in memory, where the test may."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except OSError:
        pytest.skip("no mount here")
    if done.returncode:
        pytest.skip("may not mount here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_to_move_to(run: Program) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    for name in ("kept", "copy"):
        (folder / name).write_bytes(b"x" * 200_000)
    (folder / "kept2").write_bytes(b"y")
    shutil.copy(folder / "kept2", folder / "copy2")
    write_report(
        run.home / "r.json",
        group(folder / "kept", member(folder / "copy", Verdict.IDENTICAL)),
        group(folder / "kept2", member(folder / "copy2", Verdict.IDENTICAL)),
    )
    with small_disk(run.home / "disk", "64k") as disk:
        result = run("apply", "r.json", "--yes", "--move-to", disk, code=3)
        assert "free some space" in result.err
        assert (folder / "copy").read_bytes() == b"x" * 200_000
        assert [path.name for path in disk.rglob("*") if path.is_file()] == ["copy2"]
        run("undo", "--last")
        assert (folder / "copy2").read_bytes() == b"y"
        assert not [path for path in disk.rglob("*") if path.is_file()]


@pytest.mark.parametrize("room", [0, 4096])
def test_a_full_disk_for_the_journal(run: Program, room: int) -> None:
    names = [b"%d.jpg" % number for number in range(8)]
    write_duplicates(run.home / "Photos", names)
    copies = [run.home / "Photos" / "copies" / name.decode() for name in names]
    before = snapshot(run.home / "Photos")
    with small_disk(run.home / "state", "64k") as disk:
        run.env["XDG_STATE_HOME"] = str(disk)
        (disk / "visualsearch" / "journal").mkdir(parents=True)
        (disk / "visualsearch" / "journal" / "lock").touch()
        (disk / "big").write_bytes(b"x" * (64 * 1024 - room))
        result = run("apply", "report.json", "--yes", code=1)
        assert "nothing is done without a journal" in result.message
        assert any(path.exists() for path in copies)
        (disk / "big").unlink()
        run("apply", "report.json", "--yes")
        assert not any(path.exists() for path in copies)
        run("undo", "--last")
        assert snapshot(run.home / "Photos") == before, "both runs are taken back at once"


def test_a_copy_on_another_disk(run: Program) -> None:
    with small_disk(run.home / "disk", "1m") as disk:
        kept, copy = run.home / "kept.jpg", disk / "copy.jpg"
        for path in (kept, copy):
            path.write_bytes(b"picture")
        os.utime(copy, ns=(1, 10**18 + 7))
        write_report(run.home / "r.json", group(kept, member(copy, Verdict.IDENTICAL)))
        before = snapshot(run.home)
        assert "different file systems" in run("apply", "r.json", "--yes", "--hardlink", code=3).err
        for action in ("--trash", "--move-to", "--symlink"):
            run("apply", "r.json", "--yes", *option(action))
            assert copy.is_symlink() if action == "--symlink" else not copy.exists()
            if action == "--trash":
                assert (disk / f".Trash-{os.getuid()}" / "files" / "copy.jpg").read_bytes() == b"picture"
            run("undo", "--last")
            now = snapshot(run.home)
            assert {path: now[path] for path in before} == before


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder unwritable; root is stopped by nothing but the immutable attribute."""
    if os.getuid() == 0:
        try:
            done = subprocess.run(["chattr", "+i", str(folder)], capture_output=True, check=False)
        except OSError:
            pytest.skip("root, and no chattr here")
        if done.returncode:
            pytest.skip("root, and no immutable folders here")
    else:
        folder.chmod(0o555)
    try:
        yield
    finally:
        if os.getuid() == 0:
            subprocess.run(["chattr", "-i", str(folder)], check=True)
        else:
            folder.chmod(0o755)


@pytest.mark.parametrize("action", [*ACTIONS, "--delete"])
def test_a_read_only_folder(run: Program, copies: list[Path], action: str) -> None:
    before = snapshot(run.home / "Photos" / "copies")
    with read_only(run.home / "Photos" / "copies"):
        result = run("apply", "report.json", "--yes", *option(action), code=3)
        assert result.err.count("visualsearch: failed:") == 2, "the third lies in a folder below"
        assert "2 files failed, without any change" in result.err
    after = snapshot(run.home / "Photos" / "copies")
    assert {path: after[path] for path in before if b"sub" not in path} == {
        path: before[path] for path in before if b"sub" not in path
    }
    assert not [p for p in run.home.rglob("*") if p.name.endswith(".tmp")]
    assert "1 file done before" in run("apply", "report.json", "--yes", *option(action)).err
    assert not copies[0].exists() or copies[0].stat().st_nlink == 2 or copies[0].is_symlink()


# Killed.


@pytest.mark.parametrize("action", [ACTIONS[0], "--symlink"])
def test_killed_at_random_moments(run: Program, action: str) -> None:
    folder = run.home / "Photos"
    names = [b"%03d.jpg" % number for number in range(30)]
    write_duplicates(folder, names)
    before = snapshot(folder)
    apply = ("apply", "report.json", "--yes", *option(action))
    started = time.monotonic()
    run(*apply)
    whole = time.monotonic() - started
    run("undo", "--last")
    rng = random.Random(5)
    for number in range(4):
        undo = number % 2
        if undo:
            run(*apply)
        with run.started(*(("undo", "--last") if undo else apply)) as process:
            time.sleep(whole * rng.uniform(0.3, 1))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        everything = [path.read_bytes() for path in run.home.rglob("*") if path.is_file()]
        assert all(everything.count(b"picture %d" % n) >= 2 for n in range(len(names))), "nothing is lost"
        if not undo:
            run(*apply)
            assert not [p for p in run.home.rglob("*") if p.name.endswith(".tmp")]
        run("undo", "--last")
        assert snapshot(folder) == before


@pytest.mark.usefixtures("copies")
def test_a_report_of_dupes_is_read_as_it_is_printed(run: Program) -> None:
    """Indented, with a byte order mark as PowerShell writes it, or on one line."""
    document = json.loads((run.home / "report.json").read_text())
    for text in (json.dumps(document, indent=2), "\ufeff" + json.dumps(document)):
        (run.home / "x.json").write_text(text, encoding="utf-8")
        assert len(run("apply", "x.json", "-n").out.splitlines()) == 3
