"""Pictures in terminals of different kinds: each is asked what it can show, and is shown that."""

from __future__ import annotations

import base64
import fcntl
import io
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.photographs import copy_of
from tests.helpers.program import COMMAND, ESCAPE, TIMEOUT, Program

ASKS_FILES, ASKS_SIXEL, ASKS_KITTY = b"\x1b]1337;Capabilities\a\x1b[c", b"\x1b[c", b"a=q"
SIXEL = {ASKS_SIXEL: b"\x1b[?62;4;22c"}  # as foot, WezTerm and iTerm2 answer
KITTY = {ASKS_SIXEL: b"\x1b[?62c", ASKS_KITTY: b"\x1b_Gi=1;OK\x1b\\"}
ITERM = {  # it knows sixels as well
    ASKS_FILES: b"\x1b]1337;Capabilities=T2Cw8LrMSc7UUw9Ts3BFGsGoSyHNoSxF\a\x1b[?62;4c",
}
OTHER_ITERM = {ASKS_FILES: b"\x1b]1337;Capabilities=T2SxFo\a\x1b[?62;4c", ASKS_SIXEL: b"\x1b[?62;4c"}  # no F
PLAIN = {ASKS_SIXEL: b"\x1b[?1;2c"}
SILENT: dict[bytes, bytes] = {}
BLOCK = "▀".encode()
DRAWS_FILE = re.compile(rb"\x1b]1337;File=([^:]*):([A-Za-z0-9+/=]*)\a")
DRAWS_SIXEL = re.compile(rb"\x1bP[0-9;]*q")


def on_terminal(
    run: Program, answers: Mapping[bytes, bytes], *arguments: str | Path, typed: bytes = b""
) -> bytes:
    """Run a command on a terminal that answers questions; return all that was written to it."""
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 1000, 800))
    process = subprocess.Popen(
        [COMMAND, *arguments, "--progress", "never"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=run.home,
        env=run.env,
    )
    os.close(terminal)
    os.write(master, typed)
    questions = sorted(map(re.escape, answers), key=len, reverse=True)
    asked = re.compile(b"|".join(questions) or rb"(?!)")
    shown, heard = b"", 0
    deadline = time.monotonic() + TIMEOUT
    try:
        while time.monotonic() < deadline:
            if not select.select([master], [], [], 0.05)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                data = os.read(master, 65536)
            except OSError:  # the last writer is gone
                break
            shown += data
            while question := asked.search(shown, heard):
                os.write(master, answers[question[0]])
                heard = question.end()
        process.wait(TIMEOUT)
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode == 0, shown
    assert b"Traceback" not in shown, shown
    return shown


@pytest.fixture
def copy(run: Program, chosen: Path) -> Path:
    """A copy of ~/Photos/coffee.jpg."""
    return copy_of(chosen / "coffee.jpg", run.home / "x.jpg")


def test_a_terminal_is_shown_what_it_can_show(run: Program, copy: Path) -> None:
    line = ("query", copy, "-k", "2", "--preview")
    sixel = on_terminal(run, SIXEL, *line)
    assert len(DRAWS_SIXEL.findall(sixel)) == 3
    assert BLOCK not in sixel
    kitty = on_terminal(run, KITTY, *line)
    assert kitty.count("\U0010eeee".encode()) > 200  # where the pictures are to be
    assert BLOCK not in kitty
    for answers, typed in ((PLAIN, b""), (SILENT, b""), (SILENT, "ü".encode()), (PLAIN, b"\xff")):
        plain = on_terminal(run, answers, *line, typed=typed)
        assert plain.count(BLOCK) > 200
        assert not DRAWS_SIXEL.search(plain)
    for shown in (sixel, kitty, plain):
        assert re.search(rb"1  0\.\d{4}  same", shown)
        assert b"coffee.jpg" in shown


def test_a_terminal_that_shows_files_is_given_some(run: Program, copy: Path) -> None:
    line = ("query", copy, "-k", "2", "--preview")
    shown = on_terminal(run, ITERM, *line)
    files = DRAWS_FILE.findall(shown)
    assert len(files) == 3
    assert not DRAWS_SIXEL.search(shown) and BLOCK not in shown
    for said, data in files:
        assert {b"inline=1", b"width=24", b"height=12", b"preserveAspectRatio=1"} <= set(said.split(b";"))
        content = base64.b64decode(data)
        assert f"size={len(content)}".encode() in said.split(b";")
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            assert max(image.size) >= 192  # as large as the copy
    lines = DRAWS_FILE.sub(b"", shown).splitlines()
    assert any(
        re.fullmatch(rb"1  0\.\d{4}  same *", line) for line in lines
    )  # below the picture, not beside it
    assert len(DRAWS_SIXEL.findall(on_terminal(run, OTHER_ITERM, *line))) == 3


def test_pairs_and_groups_are_shown_with_their_verdicts(run: Program, copy: Path, chosen: Path) -> None:
    shown = on_terminal(run, PLAIN, "compare", chosen / "coffee.jpg", copy, "--preview")
    assert b"B  same" in shown
    assert shown.count(BLOCK) > 200
    shown = on_terminal(run, PLAIN, "search", "--image", copy, "-k", "1", "--preview")
    assert re.search(rb"1  0\.\d{4}", shown)
    assert shown.count(BLOCK) > 100
    shutil.copy(chosen / "rocket.jpg", chosen / "copy.jpg")
    run("index", chosen, "-q")
    shown = on_terminal(run, SIXEL, "dupes", "--preview")
    assert len(DRAWS_SIXEL.findall(shown)) == 2
    assert b"keep" in shown
    assert "exclude each other" in run("compare", copy, copy, "--preview", "--json", code=2).message
    assert "not with --format csv" in run("dupes", "--preview", "--format", "csv", code=2).message


def test_a_pipe_for_stdin_asks_nobody(run: Program, copy: Path) -> None:
    shown = run.shell(f"echo {copy} | visualsearch query - -k 1 --preview | cat")
    assert ESCAPE not in shown.stdout
    assert run("query", "-", "-k", "1", "--preview", stdin=os.fsencode(copy)).stdout.count(BLOCK) > 100


def test_inside_tmux_pictures_are_shown(run: Program, copy: Path) -> None:
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("tmux is not installed")
    server = ["env", "-u", "TMUX", tmux, "-f", "/dev/null", "-L", f"visualsearch-{os.getpid()}"]
    env = {**run.env, "TMUX_TMPDIR": str(run.home)}
    command = f"{COMMAND} query {copy} -k 1 --preview; echo done; sleep 60"
    size = ["-x", "100", "-y", "40"]
    subprocess.run([*server, "new-session", "-d", *size, command], env=env, check=True, timeout=TIMEOUT)
    try:
        deadline = time.monotonic() + TIMEOUT
        shown = b""
        while b"done" not in shown:
            assert time.monotonic() < deadline, shown
            time.sleep(0.1)
            capture = subprocess.run(
                [*server, "capture-pane", "-p"], env=env, capture_output=True, check=True, timeout=TIMEOUT
            )
            shown = capture.stdout
        # A tmux that was built without sixels says so, and is shown blocks; others draw them themselves.
        assert shown.count(BLOCK) > 100 or b"sixel" in shown.lower()
        assert b"coffee.jpg" in shown
    finally:
        subprocess.run([*server, "kill-server"], env=env, check=False, timeout=TIMEOUT)
