"""Folders with indexes of their own, asked together; one index taken into another; a folder taken out."""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

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
    assert result.err.startswith("asking 2 indexes together: ")
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
    left = run("only", indexed / "trip", "--json").json["files"]
    assert {record["state"] for record in left} == {"only here"}, "the index around it is asked"
    places = ("--not-in", indexed, "--not-in", backup)
    card = run.home / "Card"
    shutil.copytree(backup, card, ignore=shutil.ignore_patterns(".visualsearch"))
    assert not [f for f in run("only", card, "--json", *places).json["files"] if f["state"] != "elsewhere"]
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


def neighbors(run: Program, *arguments: str | Path, **options: Any) -> list[list[tuple[Any, ...]]]:
    """Return what `query` says of the neighbors of each picture, but for their ranks."""
    fields = ("path", "distance", "verdict", "reason", "looked_at", "stranger", "offline")
    results = run("query", "--format", "jsonl", *arguments, **options).jsonl
    return [[tuple(n[field] for field in fields) for n in result["neighbors"]] for result in results]


def test_query_asks_several_indexes_as_if_they_were_one(run: Program, indexed: Path, backup: Path) -> None:
    copy_of(indexed / "rocket.jpg", run.home / "x.jpg", scale=0.7)
    shutil.copy(backup / "own.jpg", run.home / "y.jpg")
    both = ("--index", indexed, "--index", backup)
    run("index", "--from", indexed, "--index", run.home / "one")
    run("index", "--from", backup, "--index", run.home / "one")
    questions: tuple[list[str], ...] = (
        ["-k", "5"],
        ["-k", "1", "--level", "same"],
        ["--level", "identical"],
        ["-k", "3", "--transforms", "all", "--verify", "none", "--thorough"],
        ["--precision", "0.9", "--verify", "all"],
        ["--distinct", "-k", "4"],
        ["--diverse", "-k", "4"],
    )
    for options in questions:
        asked: list[str | Path] = [*options, "x.jpg", "y.jpg", indexed / "coffee.jpg"]
        found = neighbors(run, *asked, *both)
        assert found == neighbors(run, *asked, "--index", run.home / "one") and any(found), options
    assert Path(neighbors(run, "x.jpg", "-k", "1", "--level", "same", *both)[0][0][0]).parent == indexed
    asked_both = run("query", indexed / "coffee.jpg", backup / "own.jpg", "--format", "paths")
    assert asked_both.err.startswith("asking 2 indexes together: ")
    assert asked_both.out == f"{backup}/coffee.jpg\n", "the nearest of both, and no picture itself"
    within = neighbors(run, indexed / "coffee.jpg", "--within", "Backup", "-k", "2")
    assert {Path(path).parent for path, *_ in within[0]} == {backup}
    within = neighbors(run, indexed / "coffee.jpg", "--within", "Backup", "-k", "2", *both)
    assert {Path(path).parent for path, *_ in within[0]} == {backup}
    assert "Nowhere: not inside" in run("query", "x.jpg", "--within", "Nowhere", *both, code=1).message
    config = run.home / ".config" / "visualsearch" / "visualsearch.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[query]\nindex = ["{indexed}", "{backup}"]\n[dupes]\nindex = "{backup}"\n')
    assert run("query", "y.jpg", "--format", "paths").out == f"{backup}/own.jpg\n"
    assert run("dupes", "--format", "paths").out == ""
    run("index", "-q", "--model", "dct", indexed, "--index", run.home / "dct")
    assert "cannot be compared" in run("query", "x.jpg", *both, "--index", "dct", code=12).message


def test_what_is_found_across_indexes_is_remembered(run: Program, indexed: Path, backup: Path) -> None:
    asked = (indexed, backup, "--cross", "--json")
    (group,) = [g for g in run("dupes", *asked).json["groups"] if g["verdict"] == "same"]
    (catalog,) = (run.home / ".state" / "visualsearch" / "joined").glob("*/catalog.sqlite")
    with closing(sqlite3.connect(catalog)) as connection:
        rows = connection.execute("SELECT a, b, finding FROM findings").fetchall()
        for a, b, text in rows:
            told = text.replace('"reason":"', '"reason":"it is remembered: ')
            row = (told, zlib.crc32(told.encode()), a, b)
            connection.execute("UPDATE findings SET finding = ?, crc32 = ? WHERE a = ? AND b = ?", row)
        connection.commit()
    again = run("dupes", *asked).json["groups"]
    assert "it is remembered: " in next(g for g in again if g["verdict"] == "same")["members"][1]["reason"]
    assert "it is remembered: " in run("dupes", "--json", "--index", backup, "--index", indexed).out

    message = run("ignore", "--group", "1", code=10).message
    assert "no .visualsearch in or above" in message
    told = run("ignore", "--group", group["id"]).out
    assert f"--index {indexed}/.visualsearch` takes it back" in told
    rest = run("dupes", *asked)
    assert [g["verdict"] for g in rest.json["groups"]] == ["identical"] and "1 group hidden" in rest.err
    run("ignore", "--forget", "all", "--index", indexed)
    assert len(run("dupes", *asked).json["groups"]) == 2
    other = run("ignore", "--group", group["id"], "--index", backup).out
    assert f"--index {backup}/.visualsearch` takes it back" in other
    assert len(run("dupes", *asked).json["groups"]) == 1
    run("ignore", indexed / "coffee.jpg", backup / "coffee.jpg")
    assert not run("dupes", *asked).json["groups"]
