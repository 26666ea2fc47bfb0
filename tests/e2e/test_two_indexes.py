"""Folders with indexes of their own, asked together; one index taken into another; a folder taken out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.photographs import copy_of, cutting
from tests.helpers.program import Program


@pytest.fixture
def backup(run: Program, indexed: Path) -> Path:
    """~/Backup with an index of its own, beside ~/Photos: one picture as it is there, one smaller, one of its
    own. No index is around the home folder, or named by a variable."""
    folder = run.home / "Backup"
    folder.mkdir()
    shutil.copy(indexed / "coffee.jpg", folder / "coffee.jpg")
    copy_of(indexed / "rocket.jpg", folder / "rocket.jpg", scale=0.5)
    cutting(7).save(folder / "own.jpg")
    run("index", folder, "--index", folder / ".visualsearch")
    del run.env["VISUALSEARCH_INDEX"]
    return folder


def pairs(run: Program, *arguments: str | Path, cwd: Path | None = None) -> set[tuple[str, str]]:
    """Return the members of groups below the home folder, each with the kept file."""
    groups = run("dupes", "--json", *arguments, cwd=cwd).json["groups"]
    paths = [[str(Path(m["path"]).relative_to(run.home)) for m in group["members"]] for group in groups]
    return {(kept, other) for kept, *others in paths for other in others}


def test_dupes_across_two_indexes(run: Program, indexed: Path, backup: Path) -> None:
    expected = {("Photos/coffee.jpg", "Backup/coffee.jpg"), ("Photos/rocket.jpg", "Backup/rocket.jpg")}
    before = {path: path.read_bytes() for path in run.home.rglob("*") if path.is_file()}
    result = run("dupes", indexed, backup, "--cross", "--report", "r.json")
    assert result.err.startswith("joining 2 indexes for this run: ")
    assert pairs(run, indexed, backup, "--cross", "--reference", indexed) == expected
    assert pairs(run, run.home / "Photos", ".", "--cross", "--reference", indexed, cwd=backup) == expected
    after = {
        path: path.read_bytes() for path in run.home.rglob("*") if path.is_file() and path.name != "r.json"
    }
    after = {path: data for path, data in after.items() if ".state" not in path.parts}
    assert after == {path: data for path, data in before.items() if ".state" not in path.parts}
    assert run("apply", "r.json", "--dry-run").out.count("Backup/") == 2
    other = run.home / "Other"
    other.mkdir()
    cutting(1).save(other / "a.jpg")
    run("index", other, "--model", "dct")
    message = run("dupes", indexed, other, code=12).err
    assert "bundled" in message and "dct" in message and "cannot be compared" in message
    lone = run.home / "Lone"
    lone.mkdir()
    assert "no .visualsearch in or above" in run("dupes", indexed, lone, code=10).err


def test_an_index_is_taken_into_another_and_a_folder_out_of_it(
    run: Program, indexed: Path, backup: Path
) -> None:
    both = ("--index", run.home / "both")
    run("index", "--from", indexed, *both)
    report = run("index", "--from", backup, *both, "--json").json
    assert (report["found"], report["reused"], report["embedded"], report["images"]) == (3, 3, 0, 13)
    assert run("index", "--from", backup, *both, "--json").json["unchanged"] == 3
    assert run("index", *both, "--json").json["unchanged"] == 13, "files are known as they are"
    assert len(pairs(run, *both)) == 2
    assert run("check", *both).code == 0
    assert run("prune", "--root", indexed / "trip", "--dry-run", *both).out == "3 files would be forgotten\n"
    assert run("prune", "--root", indexed / "trip", *both).out == "3 files forgotten\n"
    assert run("prune", "--root", backup, *both).out == "3 files forgotten\n"
    roots = run("info", "--json", *both).json["roots"]
    assert [(root["path"], root["images"]) for root in roots] == [(str(indexed), 7)]
    assert "knows of nothing at" in run("prune", "--root", backup, *both, code=1).message
    run("check", *both)
    out = ("--index", run.home / "out")
    run("index", "--from", indexed, indexed / "trip", *out)
    assert run("info", "--json", *out).json["images"] == 3
    assert "name the latter with --index" in run("index", "--from", ".", cwd=indexed, code=1).message
    assert "knows of no files at" in run("index", "--from", indexed, backup, *out, code=1).message
