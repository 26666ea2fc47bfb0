"""Progress bars and colours: on a terminal, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers.photographs import copy_of, write_cuttings
from tests.helpers.program import ESCAPE, Program

BAR = "━".encode()


@pytest.fixture
def many(run: Program) -> Path:
    """~/many with enough photographs for a bar to be seen."""
    folder = run.home / "many"
    write_cuttings(folder, 150)
    return folder


def test_bars_on_a_terminal_show_count_rate_and_time_left(run: Program, many: Path) -> None:
    shown = run.on_terminal("index", many, columns=100, only_stderr=True)
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown)
    assert BAR in shown and b"Embedding" in text
    assert re.search(rb"\d+/150", text), "how many of how many"
    assert re.search(rb"\d/s", text), "the rate"
    assert re.search(rb"\d:\d\d:\d\d left", text), "the time left"


def test_where_nobody_knows_how_much_there_is_nothing_is_left(run: Program, many: Path) -> None:
    shown = run.on_terminal("index", many, "--progress", "always", columns=100, only_stderr=True)
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown)
    scanning = [line for line in re.split(rb"[\r\n]+", text) if b"/?" in line]
    assert scanning and not any(b"left" in line for line in scanning)


def test_bars_go_when_they_are_done(run: Program, photos: Path) -> None:
    """What stays on the screen after the last line was erased is only what a pipe would have got."""
    shown = run.on_terminal("index", photos, only_stderr=True)
    assert shown.rstrip().endswith(b"\x1b[2K") or shown.endswith(b"\x1b[?25h") or BAR not in shown


def test_nothing_is_said_when_stderr_is_no_terminal(run: Program, photos: Path) -> None:
    result = run("index", photos)
    assert result.stderr == b""
    assert ESCAPE not in result.stdout
    assert run("query", photos / "coffee.jpg", cwd=photos).stderr == b""


def test_bars_always_and_never(run: Program, photos: Path) -> None:
    always = run("index", photos, "--progress", "always")
    assert b"Embedding" in always.stderr
    assert ESCAPE not in always.stdout
    never = run.on_terminal("index", photos, "--progress", "never", "--index", "y", only_stderr=True)
    assert never == b""
    quiet = run.on_terminal("index", photos, "--quiet", "--index", "z", only_stderr=True)
    assert quiet == b""
    dumb = run.on_terminal("index", photos, "--index", "w", only_stderr=True, env={"TERM": "dumb"})
    assert ESCAPE not in dumb


@pytest.mark.parametrize("how", ["NO_COLOR", "--no-color"])
def test_no_colours_when_asked(run: Program, chosen: Path, how: str) -> None:
    query = ("query", copy_of(chosen / "coffee.jpg", run.home / "x.jpg"), "-k", "3")
    coloured = run.on_terminal(*query)
    assert re.search(rb"\x1b\[[0-9;]*3[0-9]m", coloured)
    if how == "NO_COLOR":
        plain = run.on_terminal(*query, env={"NO_COLOR": "1"})
    else:
        plain = run.on_terminal(*query, "--no-color")
    assert ESCAPE not in plain
    help_text = run.on_terminal("--help", env={"NO_COLOR": "1"})
    assert not re.search(rb"\x1b\[[0-9;]*3[0-9]m", help_text)


def test_no_escape_codes_go_into_a_pipe(run: Program, chosen: Path) -> None:
    copy_of(chosen / "coffee.jpg", run.home / "x.jpg")
    for arguments in (
        ("--help",),
        ("query", "x.jpg"),
        ("query", "x.jpg", "--format", "csv", "--progress", "always"),
        ("info",),
        ("models",),
        ("index", chosen),
    ):
        result = run(*arguments)
        assert ESCAPE not in result.stdout
    assert ESCAPE not in run("query", "--nope", code=2).stderr


def test_a_table_fits_the_terminal(run: Program, chosen: Path) -> None:
    deep = chosen / "a rather long name of a folder" / "and one below it"
    copy_of(chosen / "coffee.jpg", deep / "a small copy of the picture of the coffee cup.jpg")
    run("index", chosen)
    for columns in (60, 80, 160):
        shown = run.on_terminal(
            "query", chosen / "coffee.jpg", "--no-color", columns=columns, cwd=chosen
        ).decode()
        assert all(len(line.rstrip()) <= columns for line in shown.splitlines())
        assert "a small copy" in shown if columns == 160 else shown


def test_quiet_and_verbose(run: Program, photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"no picture")
    result = run("index", photos, "-q", code=3)
    assert (result.out, result.err.count("\n")) == ("", 1) and "skipped" in result.err
    for _ in range(2):
        result = run("index", photos, "-q", code=3)
        assert (result.out, result.err) == ("", ""), "once is enough"
    assert "skipped" in run("index", photos, code=3).err
    (photos / "broken.jpg").write_bytes(b"another file that is no picture")
    assert "broken.jpg" in run("index", photos, "-q", code=3).err
    run.env["VISUALSEARCH_INDEX"] = str(photos / ".visualsearch")
    x = copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    assert "loading bundled" in run("query", x, "-v").err
    assert run("query", x, "-v", "-q").err == ""
    assert "nothing.jpg: does not exist" in run("query", run.home / "nothing.jpg", "-q", code=3).err
