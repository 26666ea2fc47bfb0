"""The sample pictures: each copy is in the group of its original, and nothing else is."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.places import SAMPLES
from tests.helpers.program import Program

TRUTH = SAMPLES / "truth.csv"
NO_COPIES = {"original", "burst", "damaged", "not_an_image"}
EXACT = {"identical": {"identical"}, "converted": {"pixels", "same"}, "exif_rotated": {"pixels", "same"}}
LIKELY = {"same", "edited"}

pytestmark = pytest.mark.skipif(not TRUTH.is_file(), reason="sample_images/truth.csv is not here")

Groups = list[dict[str, Any]]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with TRUTH.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def groups(tmp_path_factory: pytest.TempPathFactory) -> Groups:
    """The groups of all edits, turned ones included, with paths as the truth has them."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(SAMPLES, home / "samples")
    run = Program(home)
    run("index", home / "samples", "-q", code=3)
    sought = ("--level", "edited", "--transforms", "all", "--json")
    found: Groups = run("dupes", "--index", home / "samples", *sought).json["groups"]
    for group in found:
        for member in group["members"]:
            member["path"] = Path(member["path"]).relative_to(home / "samples").as_posix()
    return found


def test_each_copy_is_in_the_group_of_its_original(groups: Groups, rows: list[dict[str, str]]) -> None:
    verdicts = {}
    for group in groups:
        paths = [member["path"] for member in group["members"]]
        for member in group["members"]:
            verdicts[member["path"]] = (paths, member["verdict"] or group["members"][1]["verdict"])
    for row in rows:
        if row["relation"] in NO_COPIES or row["hard"] == "yes":
            continue
        paths, verdict = verdicts.get(row["file"], ([], None))
        assert row["original"] in paths, row
        assert verdict in EXACT.get(row["relation"], LIKELY), row


def test_nothing_else_is_in_a_group(groups: Groups, rows: list[dict[str, str]]) -> None:
    family = {row["file"]: row["original"] or row["file"] for row in rows if row["relation"] != "burst"}
    for group in groups:
        paths = [member["path"] for member in group["members"]]
        assert len({family.get(path, path) for path in paths}) == 1, paths


def test_the_original_is_kept(groups: Groups, rows: list[dict[str, str]]) -> None:
    """Edits may be larger than what they were made of, and a lossless copy may be ten times as heavy."""
    edits = {row["file"] for row in rows if row["relation"] not in {"identical", "exif_rotated", *NO_COPIES}}
    assert [group["members"][0]["path"] for group in groups if group["members"][0]["path"] in edits] == []
