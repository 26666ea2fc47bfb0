"""`dupes --partition`: several machines compare, and one finds the groups that it would find alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.photographs import copy_of
from tests.helpers.program import Program
from tests.helpers.stores import milvus_address

ALL = ("1.npz", "2.npz", "3.npz")


@pytest.fixture
def copies(run: Program, photos: Path) -> Path:
    """~/Photos with ten photographs, and copies of four of them."""
    (photos / "copies").mkdir()
    for name, scale in (("coffee", 0.6), ("rocket", 0.8), ("chelsea", 1.0)):
        copy_of(photos / f"{name}.jpg", photos / "copies" / f"{name}.jpg", scale=scale)
    shutil.copy(photos / "astronaut.jpg", photos / "copies" / "astronaut.jpg")
    run("index", photos, "-q")
    return photos


def partitions(run: Program, *options: str | Path, of: int = 3) -> None:
    """Write what each partition finds."""
    for part in range(1, of + 1):
        run("dupes", "--partition", f"{part}/{of}", "-o", f"{part}.npz", *options)


def groups(run: Program, *arguments: str | Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("dupes", "--json", *arguments).json["groups"]
    return found


def test_partitions_find_the_groups_of_one_machine(run: Program, copies: Path) -> None:
    alone = groups(run)
    assert len(alone) == 4
    partitions(run)
    assert run.shell("visualsearch dupes --from *.npz --json").json["groups"] == alone
    assert groups(run, *(word for part in ("3.npz", "1.npz", "2.npz") for word in ("--from", part))) == alone
    here = groups(run, copies / "copies", copies / "coffee.jpg")
    assert groups(run, "--from", *ALL, copies / "copies", copies / "coffee.jpg") == here and len(here) == 1
    (run.home / "2.npz").unlink()
    message = run("dupes", "--from", "1.npz", "3.npz", code=1).message
    assert "partition 2/3 is not among the files" in message and "--partition 2/3" in message


def test_a_store_and_an_index_of_other_numbers_are_cut_alike(run: Program, copies: Path) -> None:
    """What counts are the contents, whatever numbers an index has for them, and wherever it lies."""
    store = milvus_address(run.home)
    run("index", copies, "--store", store)
    partitions(run)
    run("dupes", "--partition", "2/3", "-o", "2.npz", "--store", store)
    other = run.home / "other"
    run("index", copies / "copies", "--index", other)
    run("index", copies, "--index", other)
    run("dupes", "--partition", "3/3", "-o", "3.npz", "--index", other)
    assert groups(run, "--from", *ALL, "--store", store) == groups(run)


def test_what_came_and_went_since_is_taken_into_account(run: Program, copies: Path) -> None:
    partitions(run)
    copy_of(copies / "coffee.jpg", copies / "new.jpg", scale=0.7)
    (copies / "copies" / "rocket.jpg").unlink()
    run("index", copies)
    taken = run("dupes", "--from", *ALL, "--json")
    assert "1 content came since the partitions were made" in taken.err
    assert taken.json["groups"] == groups(run) and len(taken.json["groups"]) == 3
    run("dupes", "--partition", "2/3", "-o", "2.npz")
    message = run("dupes", "--from", *ALL, code=1).message
    assert "1.npz and 2.npz do not belong together, they are of contents that are not the same" in message


@pytest.mark.usefixtures("copies")
def test_what_cannot_be_is_said(run: Program) -> None:
    usage = (
        (["--partition", "1/3"], "--partition needs -o FILE.npz"),
        (["--partition", "4/3", "-o", "x.npz"], "'4/3' is no shard"),
        (["--partition", "1/9999", "-o", "x.npz"], "at most 4096 partitions"),
        (["--partition", "1/3", "-o", "x.json"], "the name must end in .npz"),
        (["--partition", "1/3", "-o", "x.npz", "--report", "r.json"], "--report with --partition"),
        (["-o", "x.npz"], "-o is for --partition"),
    )
    for options, words in usage:
        assert words in run("dupes", *options, code=2).message
    none = run("dupes", "--partition", "1/3", "-o", "x.npz", "--level", "identical", code=1)
    assert "found without comparing vectors" in none.message
    partitions(run)
    message = run("dupes", "--from", *ALL, "--level", "edited", code=1).message
    assert "pairs up to a distance of 0.45, and what is asked for needs 0.55" in message
    run("dupes", "--partition", "1/2", "-o", "half.npz")
    assert "3 and 2 partitions" in run("dupes", "--from", "1.npz", "half.npz", code=1).message
    assert "gone.npz is not there" in run("dupes", "--from", "gone.npz", code=1).message
    run("embed", "Photos/coffee.jpg", "-o", "vectors.npz")
    assert "vectors.npz is not what" in run("dupes", "--from", "vectors.npz", code=1).message
    refused = run("dupes", "--partition", "1/3", "-o", "vectors.npz", code=2).message
    assert "vectors.npz" in refused and "a file of pairs" in refused


@pytest.mark.usefixtures("copies")
def test_a_file_from_a_stranger_is_only_data(run: Program) -> None:
    partitions(run, of=1)
    sound = dict(np.load(run.home / "1.npz"))
    wrong = {
        "a": sound["a"] + 1000,
        "b": -1 - sound["b"],
        "distances": sound["distances"] * np.float32(np.nan),
        "named": sound["named"].astype("S8"),
        "home": np.array([{}], object),
        "about": np.array("{}"),
        "schema": np.array("visualsearch/pairs/9"),
    }
    for name, values in wrong.items():
        np.savez(run.home / "wrong.npz", **{**sound, name: values})
        message = run("dupes", "--from", "wrong.npz", code=1).message
        assert message.startswith("wrong.npz is not what `visualsearch dupes --partition -o FILE` writes"), (
            name
        )
    (run.home / "wrong.npz").write_bytes((run.home / "1.npz").read_bytes()[:-300])
    assert "wrong.npz is not what" in run("dupes", "--from", "wrong.npz", code=1).message
    np.savez(
        run.home / "other.npz", **{**sound, "about": np.array(str(sound["about"]).replace("bundled", "dct"))}
    )
    assert "other.npz has pairs of dct" in run("dupes", "--from", "other.npz", code=12).message
