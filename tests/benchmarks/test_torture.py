"""Libraries in which all can go wrong lose nothing; and the checker that says so sees what is lost.

`make soak` makes thousands of them, and `.ci/run` fifty.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.torture.checking import Snapshot, problems, snapshot
from benchmarks.torture.making import Library, Truth
from tests.helpers.places import PROJECT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="needs names and links that Windows has not"),
]


def test_a_few_libraries_lose_nothing() -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.torture",
        "--count",
        "6",
        "--folders",
        "6",
        "--workers",
        "2",
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    words = done.stdout.splitlines()[-1].split()
    taken, written = int(words[5]), int(words[8])
    assert taken > 20 and written > 2, done.stdout  # else there was nothing to lose


def test_a_seed_makes_the_same_library(tmp_path: Path) -> None:
    truths = [Library(tmp_path / name, 7).write(6) for name in ("a", "b")]
    assert truths[0] == truths[1]
    states = [snapshot(tmp_path / name) for name in ("a", "b")]
    assert {p: e.data for p, e in states[0].files} == {p: e.data for p, e in states[1].files}


@pytest.fixture
def library(tmp_path: Path) -> tuple[Snapshot, Truth]:
    """A library with a bit of everything."""
    truth = Library(tmp_path, 11).write(14)
    return snapshot(tmp_path), truth


def told(before: Snapshot, after: Snapshot, truth: Truth) -> list[str]:
    return list(problems(before, after, truth.frames, truth.owners, truth.stores))


def without(found: Snapshot, *paths: str) -> Snapshot:
    return Snapshot({path: entry for path, entry in found.entries.items() if path not in paths})


def test_what_was_not_touched_is_no_problem(library: tuple[Snapshot, Truth]) -> None:
    before, truth = library
    assert told(before, before, truth) == []


def test_the_checker_sees_what_is_gone(library: tuple[Snapshot, Truth]) -> None:
    """Each file whose content, frames, film or knowledge nothing else has is missed."""
    before, truth = library
    for path, entry in before.files:
        others = [other for name, other in before.files if name != path and other.data == entry.data]
        found = told(before, without(before, path), truth)
        if not others and (path in truth.owners or len(truth.frames.get(path, ())) > 1):
            assert found, path
    for shot in {frame for frames in truth.frames.values() for frame in frames}:
        shown = [path for path, frames in truth.frames.items() if shot in frames]
        assert told(before, without(before, *shown), truth), shot


def test_the_checker_sees_what_was_written(library: tuple[Snapshot, Truth]) -> None:
    before, truth = library
    for path, entry in before.files:
        data = b"<x/>" if path.endswith(".xmp") else entry.data + b"\n"
        after = Snapshot({**before.entries, path: replace(entry, data=data)})
        assert any(repr(path) in problem for problem in told(before, after, truth)), path
    new = Snapshot({**before.entries, "new.jpg": next(before.files)[1]})
    assert told(before, new, truth) == ["'new.jpg' is new"]
    assert before.state() != new.state()


def test_the_checker_sees_what_nobody_knows_any_more(library: tuple[Snapshot, Truth]) -> None:
    """A copy that knows something goes; what is left of its shot does not know it."""
    before, truth = library
    missed = 0
    for path, frames in truth.frames.items():
        rest = [name for name, shown in truth.frames.items() if shown == frames and name != path]
        if rest and path not in {owner for its in truth.owners.values() for owner in its}:
            found = told(before, without(before, path), truth)
            missed += any("nobody knows" in problem for problem in found)
    assert missed
