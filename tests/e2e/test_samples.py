"""The sample pictures: each copy leads to its original."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.places import SAMPLES
from tests.helpers.program import Program, Result

TRUTH = SAMPLES / "truth.csv"
UNREADABLE = {"damaged", "not_an_image"}
NO_COPIES = {"original", "burst"} | UNREADABLE

pytestmark = pytest.mark.skipif(not TRUTH.is_file(), reason="sample_images/truth.csv is not here")


@dataclass(frozen=True)
class Samples:
    """The sample pictures, indexed, and the answers to each of them as a query."""

    folder: Path
    run: Program
    indexed: Result
    rows: list[dict[str, str]]
    neighbors: dict[str, list[dict[str, Any]]]

    def relative(self, path: str) -> str:
        """Return a path as the truth has it."""
        return Path(path).relative_to(self.folder).as_posix()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """A copy of sample_images/, indexed, each picture queried."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "sample_images"
    shutil.copytree(SAMPLES, folder)
    run = Program(home, {"VISUALSEARCH_INDEX": str(folder / ".visualsearch")})
    indexed = run("index", folder, code=3)
    with TRUTH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    readable = [row["file"] for row in rows if row["relation"] not in UNREADABLE]
    paths = "\0".join(f"{folder}/{file}" for file in readable)
    records = run("query", "-", "-0", "-k", "100", "--format", "jsonl", stdin=paths.encode()).jsonl
    neighbors = {file: record["neighbors"] for file, record in zip(readable, records, strict=True)}
    return Samples(folder, run, indexed, rows, neighbors)


def test_each_copy_leads_to_its_original(samples: Samples) -> None:
    """All that is nearer than the original is itself a copy of it."""
    copies: dict[str, set[str]] = {}
    for row in samples.rows:
        if row["original"] and row["relation"] not in UNREADABLE:
            copies.setdefault(row["original"], set()).add(row["file"])
    wrong = []
    for row in samples.rows:
        if row["relation"] in NO_COPIES or row["hard"] == "yes":
            continue
        found = [samples.relative(neighbor["path"]) for neighbor in samples.neighbors[row["file"]]]
        before = found[: found.index(row["original"])]
        if not set(before) <= copies[row["original"]]:
            wrong.append((row["file"], row["relation"], before))
    assert not wrong


def test_identical_is_said_of_equal_bytes_only(samples: Samples) -> None:
    for file, neighbors in samples.neighbors.items():
        content = (samples.folder / file).read_bytes()
        for neighbor in neighbors:
            same = Path(neighbor["path"]).read_bytes() == content
            assert (neighbor["verdict"] == "identical") == same
    exact = [row for row in samples.rows if row["relation"] == "identical"]
    assert exact
    for row in exact:
        nearest = samples.neighbors[row["file"]][0]
        assert samples.relative(nearest["path"]) == row["original"]
        assert (nearest["verdict"], nearest["distance"]) == ("identical", 0)


def test_frames_of_a_burst_are_not_identical(samples: Samples) -> None:
    frames = [row for row in samples.rows if row["relation"] == "burst"]
    assert len(frames) == 2
    for row in frames:
        verdicts = {
            samples.relative(n["path"]): n["verdict"]
            for n in samples.neighbors[row["file"]]
            if samples.relative(n["path"]).startswith("holiday/sailing-")
        }
        assert row["original"] in verdicts and "identical" not in verdicts.values()


def test_damaged_files_are_skipped(samples: Samples) -> None:
    damaged = sorted(row["file"] for row in samples.rows if row["relation"] in UNREADABLE)
    assert damaged
    skipped = samples.run("info", "--skipped", "--json").json["skipped_files"]
    assert [samples.relative(item["path"]) for item in skipped] == damaged
    for file in damaged:
        assert f"skipped {samples.folder}/{file}: " in samples.indexed.err
        samples.run("query", samples.folder / file, code=3)


def test_every_picture_is_in_the_truth(samples: Samples) -> None:
    report = samples.run("index", samples.folder, "--json", code=3).json
    assert report["found"] == len(samples.rows)
    assert report["embedded"] == 0
