"""Copies on a disk that lies in a drawer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.photographs import copy_of, cutting
from tests.helpers.program import Program


@pytest.fixture
def drawer(run: Program, indexed: Path) -> Path:
    """~/Disk, which is indexed. It holds a picture of ~/Photos as it is, another one smaller, a third
    mirrored, and one that nothing else is like."""
    disk = run.home / "Disk"
    disk.mkdir()
    shutil.copy(indexed / "coffee.jpg", disk / "same bytes.jpg")
    copy_of(indexed / "rocket.jpg", disk / "small rocket.jpg", scale=0.5)
    copy_of(indexed / "chelsea.jpg", disk / "mirrored.jpg", mirrored=True)
    cutting(7).save(disk / "only here.jpg")
    run("index", disk)
    return disk


def found(run: Program, *options: str) -> dict[str, Any]:
    """Return the members on the disk, by name."""
    groups = run("dupes", "--offline", "--json", *options).json["groups"]
    members = [(group["members"][0], member) for group in groups for member in group["members"]]
    for kept, _ in members:
        assert "offline" not in kept and Path(kept["path"]).exists()
    return {Path(m["path"]).name: (Path(kept["path"]).name, m) for kept, m in members if "offline" in m}


def test_a_disk_in_the_drawer_counts_on_request(run: Program, indexed: Path, drawer: Path) -> None:
    names = {"same bytes.jpg", "small rocket.jpg"}
    disk = drawer.rename(run.home / "unplugged")
    before = found(run, "--level", "edited")
    assert set(before) == {"same bytes.jpg"}, "what was never compared is not proved now"
    kept, member = before["same bytes.jpg"]
    assert (kept, member["verdict"], member["protected"]) == ("coffee.jpg", "identical", True)
    assert member["reason"] == "same bytes, as indexed; its disk is offline"
    alike = found(run, "--level", "similar")
    assert {name: (kept, m["verdict"]) for name, (kept, m) in alike.items()} == {
        "same bytes.jpg": ("coffee.jpg", "identical"),
        "small rocket.jpg": ("rocket.jpg", "similar"),
        "mirrored.jpg": ("chelsea.jpg", "similar"),
    }
    assert alike["mirrored.jpg"][1]["reason"] == (
        "looks alike by its vector, not compared; its disk is offline"
    )
    disk.rename(drawer)
    there = run("dupes", "--level", "edited", "--transforms", "mirror", "--json")
    assert len(there.json["groups"]) == 3
    drawer.rename(disk)
    after = found(run)
    assert {name: m["verdict"] for name, (_, m) in after.items()} == dict(
        zip(("same bytes.jpg", "small rocket.jpg"), ("identical", "same"), strict=True)
    )
    assert set(after) == names
    assert after["small rocket.jpg"][1]["reason"].endswith(
        "as compared when it was there; its disk is offline"
    )
    assert found(run, "--level", "edited")["mirrored.jpg"][1]["verdict"] == "edited"
    assert found(run, "--within", str(indexed)) == {}
    assert set(found(run, "--within", str(drawer))) == set()
    left_out = run("dupes", "--json", code=3).json["skipped"]
    assert [item["path"] for item in left_out] == [str(drawer)] and "--offline" in left_out[0]["reason"]


def test_nothing_of_a_disk_in_the_drawer_is_acted_on(run: Program, indexed: Path, drawer: Path) -> None:
    shutil.copy(indexed / "coffee.jpg", indexed / "trip" / "coffee again.jpg")
    run("index")
    drawer.rename(run.home / "unplugged")
    run("dupes", "--offline", "--report", "r.json")
    text = run("dupes", "--offline").out
    assert "its disk is offline" in text and "1 protected" in text
    applied = run("apply", "r.json", "--delete", "--yes", "--json").json
    assert [Path(each["path"]).name for each in applied["results"] if each["outcome"] == "done"] == [
        "coffee again.jpg"
    ]
    assert (run.home / "unplugged" / "same bytes.jpg").exists()


def test_only_names_what_looks_alike_on_a_disk_that_is_away(
    run: Program, indexed: Path, drawer: Path
) -> None:
    """It is no copy, as nobody can look, but the reason names it."""
    run("dupes", "--level", "edited")
    copy_of(drawer / "only here.jpg", run.home / "Card" / "again.jpg", scale=0.7)
    drawer.rename(run.home / "unplugged")
    (alone,) = run("only", "Card", "--format", "jsonl", code=3).jsonl
    assert (alone["state"], alone["reason"], alone["looks_like"]) == ("only here", "", None)
    result = run("only", "Card", "--offline", "--format", "jsonl")
    (alike,) = result.jsonl
    assert (alike["state"], alike["copy"], alike["offline"]) == ("only here", None, False)
    assert alike["looks_like"] == str(drawer / "only here.jpg")
    assert alike["reason"] == f"looks like {drawer}/only here.jpg, whose disk is not mounted (not compared)"
    assert "1 file only there, but for what looks alike on disks that are not mounted" in result.err
    records = run("only", indexed, "--not-in", drawer, "--offline", "--format", "jsonl").jsonl
    of = {Path(record["path"]).name: record for record in records}
    assert (of["coffee.jpg"]["state"], of["coffee.jpg"]["offline"]) == ("elsewhere", True)
    assert of["rocket.jpg"]["state"] == "only here"
    assert of["rocket.jpg"]["reason"].endswith("(same, as compared when it was there)")
    assert of["astronaut.jpg"]["looks_like"] is None
