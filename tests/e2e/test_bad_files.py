"""One bad file costs one file, and what is odd about the surroundings costs one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.program import COMMAND, TIMEOUT, Program


@pytest.mark.parametrize("seconds", [2**34 - 1, -(2**31)])
def test_a_time_that_no_calendar_has(run: Program, photos: Path, seconds: int) -> None:
    file = photos / "coffee.jpg"
    os.utime(file, (seconds, seconds))
    kept = int(file.stat().st_mtime)
    assert run("index", photos, "--json").json["images"] == 10
    again = run("index", photos, "--json").json
    assert (again["unchanged"], again["embedded"]) == (10, 0), f"it is known again, with {kept}"
    run("check", cwd=photos)


def test_a_huge_file_is_skipped_by_its_size(run: Program, photos: Path) -> None:
    with (photos / "huge.jpg").open("wb") as file:
        try:
            file.truncate(20 * 10**9)
        except OSError:
            pytest.skip("no sparse files of 20 GB here")
    result = run("index", photos, code=3)
    assert "huge.jpg: has 20.0 GB: files are read as pictures up to 2.1 GB" in result.err
    assert "10 images" in run("info", cwd=photos).out or "images   10" in run("info", cwd=photos).out


def closed(run: Program, line: str, cwd: Path, code: int) -> str:
    """Run a shell line, and return what it says on stderr."""
    done = subprocess.run(
        ["bash", "-c", line.replace("visualsearch", COMMAND)],
        capture_output=True,
        cwd=cwd,
        env=run.env,
        check=False,
    )
    text = done.stderr.decode()
    assert done.returncode == code and "Traceback" not in text, text
    return text


def test_streams_that_are_closed(run: Program, indexed: Path) -> None:
    assert "no image" in closed(run, "visualsearch query - <&-", indexed, 2)
    said = closed(run, "visualsearch info >&-", indexed, 0)
    assert said == "visualsearch: stdout is closed: results go nowhere\n"
    assert closed(run, "visualsearch index . >&- 2>&- <&-", indexed, 0) == ""
    run("check", cwd=indexed)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("line", ["--help", "--version", "index --help"])
def test_help_for_which_there_is_no_space(run: Program, indexed: Path, line: str) -> None:
    said = closed(run, f"visualsearch {line} >/dev/full", indexed, 1)
    assert said.startswith("visualsearch: cannot write (No space left") and len(said.splitlines()) == 1


def test_a_current_folder_that_is_gone(run: Program) -> None:
    gone = run.home / "gone"
    gone.mkdir()
    said = closed(run, "rmdir ../gone; visualsearch info", gone, 1)
    assert said.startswith("visualsearch: the current folder cannot be used") and said.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
@pytest.mark.parametrize("limit", [150_000, 160_000, 170_000, 250_000])
def test_too_little_memory_is_said(run: Program, photos: Path, limit: int) -> None:
    """At the lower limits numpy can start no threads, or OpenBLAS ends the process for want of memory; at
    the last one onnxruntime cannot be loaded."""
    line = f"ulimit -v {limit}; visualsearch index {photos}"
    done = subprocess.run(
        ["bash", "-c", line.replace("visualsearch", COMMAND)],
        capture_output=True,
        env=run.env,
        timeout=TIMEOUT,
        check=False,
    )
    said = done.stderr.decode()
    assert "Traceback" not in said, said
    assert done.returncode == 0 or "there is too little memory" in said.splitlines()[-1]


def test_a_report_that_is_nested_deeply(run: Program) -> None:
    (run.home / "deep.json").write_text("[" * 200_000 + "]" * 200_000)
    assert "deep.json is not JSON" in run("apply", "deep.json", code=1).message
