"""What released versions wrote opens as it did: an index, a report, and a file of vectors."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.helpers.places import PROJECT
from tests.helpers.program import Program

DATA = PROJECT / "tests" / "data"
VERSIONS = sorted(path.name for path in DATA.iterdir() if path.is_dir())
MODIFIED = 1_700_000_000 * 10**9  # ns


@pytest.fixture(params=VERSIONS)
def old(request: pytest.FixtureRequest, run: Program) -> Path:
    """A folder with an album, its index, a report and vectors, as a released version left them."""
    here = run.home / "old"
    shutil.copytree(DATA / request.param, here)
    (here / "album" / "index").rename(here / "album" / ".visualsearch")
    for path in (here / "album").rglob("*.*"):
        if ".visualsearch" not in path.parts:
            os.utime(path, ns=(MODIFIED, MODIFIED))
    for path in (here / "report.json", here / "vectors.jsonl"):
        path.write_text(path.read_text().replace("@HERE@", str(here)))
    return here


def test_an_old_index_is_sound_and_answers(run: Program, old: Path) -> None:
    album = old / "album"
    run("check", "--index", album / ".visualsearch")
    answer = run("query", album / "dunes.jpg", "--index", album / ".visualsearch", "--json")
    (result,) = answer.json["results"]
    first = result["neighbors"][0]
    assert (Path(first["path"]).name, first["verdict"]) == ("dunes again.jpg", "identical")
    assert len(result["neighbors"]) == 5


def test_an_old_index_is_gone_on_with(run: Program, old: Path) -> None:
    album = old / "album"
    result = run("index", album, "--json", code=3).json
    assert (result["unchanged"], result["embedded"]) == (6, 0)
    (album / "copies" / "beach-q60.jpg").unlink()
    shutil.copy(album / "beach.jpg", album / "new.jpg")
    result = run("index", album, "--json", code=3).json
    assert (result["reused"], result["missing"], result["embedded"]) == (1, 1, 0)
    groups = run("dupes", "--index", album / ".visualsearch", "--json").json["groups"]
    names = [sorted(Path(member["path"]).name for member in group["members"]) for group in groups]
    assert sorted(names) == [
        ["beach.jpg", "new.jpg"],
        ["dunes again.jpg", "dunes.jpg"],
        ["sunset.jpg", "sunset.png"],
    ]


def test_an_old_report_is_acted_on_and_taken_back(run: Program, old: Path) -> None:
    before = {
        path: path.read_bytes() for path in (old / "album").rglob("*.*") if path.suffix in (".jpg", ".png")
    }
    moved = old / "moved"
    result = run("apply", old / "report.json", "--move-to", moved, "--yes", "--json").json
    assert [Path(item["path"]).name for item in result["results"]] == [
        "beach-q60.jpg",
        "dunes again.jpg",
        "sunset.png",
    ]
    assert {item["outcome"] for item in result["results"]} == {"done"}
    assert not (old / "album" / "copies" / "sunset.png").exists()
    run("undo", "--last")
    assert {path: path.read_bytes() for path in before} == before


def test_old_vectors_become_an_index(run: Program, old: Path) -> None:
    index = run.home / "made"
    result = run("index", "--from", old / "vectors.jsonl", "--index", index, "--json").json
    assert result["reused"] == 6
    run("check", "--index", index)
