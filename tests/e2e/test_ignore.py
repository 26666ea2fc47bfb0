"""`ignore`: what the user said is no duplicate stays hidden, until something new belongs to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.program import Program


@pytest.fixture
def copies(run: Program, indexed: Path) -> Path:
    """~/Photos with ten photographs, of which coffee.jpg has a copy."""
    shutil.copy(indexed / "coffee.jpg", indexed / "copy.jpg")
    run.env["VISUALSEARCH_INDEX"] = str(indexed)
    run("index", indexed, "-q")
    return indexed


def count(run: Program) -> int:
    """Return how many groups `dupes` shows."""
    return len(run("dupes", "--json").json["groups"])


def test_files_are_ignored_until_a_new_copy_arrives(run: Program, copies: Path) -> None:
    result = run("ignore", copies / "coffee.jpg", copies / "copy.jpg")
    assert "ignore --forget 1" in result.out
    shown = run("dupes", "--exit-code", code=4)
    assert "1 group hidden" in shown.err and "ignore --list" in shown.err
    listed = run("ignore", "--list", "--json").json["ignored"]
    assert [record["id"] for record in listed] == [1]
    assert listed[0]["paths"] == [str(copies / "coffee.jpg"), str(copies / "copy.jpg")]
    assert str(copies / "copy.jpg") in run("ignore", "--list").out

    (copies / "copy.jpg").rename(copies / "trip" / "moved.jpg")
    run("index", copies, "-q")
    assert count(run) == 0, "it is the same picture, wherever it lies"
    shutil.copy(copies / "coffee.jpg", copies / "another.jpg")
    run("index", copies, "-q")
    assert count(run) == 1, "another copy is worth another look"


def test_groups_are_ignored_by_id_and_shown_again(run: Program, copies: Path) -> None:
    assert "dupes" in run("ignore", "--group", "no-such-id", code=1).message
    (group,) = run("dupes", "--json").json["groups"]
    run("ignore", "--group", group["id"])
    assert count(run) == 0
    run("ignore", copies / "rocket.jpg", copies / "chelsea.jpg")
    assert "2 decisions" in run("ignore", "--forget", "all").out
    assert run("ignore", "--list").out == "nothing is ignored\n"
    (again,) = run("dupes", "--json").json["groups"]
    assert again["id"] == group["id"]


def test_one_decision_is_taken_back(run: Program, copies: Path) -> None:
    run("ignore", copies / "coffee.jpg", copies / "copy.jpg")
    run("ignore", copies / "coffee.jpg", copies / "rocket.jpg")
    assert "no decision 7" in run("ignore", "--forget", "7", code=1).message
    run("ignore", "--forget", "1")
    assert count(run) == 1
    assert [record["id"] for record in run("ignore", "--list", "--json").json["ignored"]] == [2]


def test_what_makes_no_sense(run: Program, copies: Path) -> None:
    assert "coffee.jpg" in run("ignore", copies / "coffee.jpg", code=1).message
    assert "none.jpg" in run("ignore", copies / "none.jpg", copies / "coffee.jpg", code=1).message
    run("ignore", code=2)
    run("ignore", "--list", "--forget", "all", code=2)
    run("ignore", "--forget", "some", code=2)
    assert run("ignore", "--list").out == "nothing is ignored\n"
