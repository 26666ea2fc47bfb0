"""The folder of known truth is the same every time, and pairs are counted rightly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.accuracy.folder import EDITS, PASTED, Plan, Truth, build_folder
from benchmarks.accuracy.judged_pairs import Share, judge_pairs, pair, pairs_of_groups, with_unmarked
from benchmarks.material.photographs import find_photographs


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    folder = tmp_path / "originals"
    folder.mkdir()
    for number in range(12):
        patches = Image.fromarray(random.integers(0, 256, (6, 6, 3), np.uint8))
        patches.resize((90, 70)).save(folder / f"{number}.png")
    return folder


def test_the_same_seed_makes_the_same_folder(photographs: Path, tmp_path: Path) -> None:
    plan = Plan(edited=1 / 3, copies=len(EDITS), hard=2)
    truths = [build_folder(find_photographs(photographs), tmp_path / name, plan, "s") for name in ("a", "b")]
    assert truths[0] == truths[1]
    for truth in truths[0]:
        assert (tmp_path / "a" / truth.name).read_bytes() == (tmp_path / "b" / truth.name).read_bytes()
    assert sum(truth.edit in EDITS for truth in truths[0]) == 4 * len(EDITS)
    assert {truth.hard for truth in truths[0]} == {"", "burst", "parts", "recolored"}


TRUTHS = [
    Truth("a", 0, ""),
    Truth("a1", 0, "gray"),
    Truth("a2", 0, "crop50"),
    Truth("a3", 0, PASTED, behind=1),
    Truth("b", 1, ""),
    Truth("c1", 2, "burst 1"),
    Truth("c2", 2, "burst 2"),
]


def test_every_pair_of_a_group_is_claimed() -> None:
    assert pairs_of_groups([["b", "a", "c"], ["d"]]) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_right_wrong_and_excused_pairs() -> None:
    found = {pair("a", "a1"), pair("a", "b"), pair("c1", "c2"), pair("a3", "b"), pair("a", "a3")}
    accuracy = judge_pairs(found, TRUTHS)
    # a and b are different pictures, the frames of a burst too; a3 does show b, behind what was pasted.
    assert accuracy.false_pairs == [("a", "b"), ("c1", "c2")]
    assert (accuracy.precision.found, accuracy.precision.total) == (2, 4)
    # Of the pairs of a, a1 and a2 one was found; a3, the pasted one, counts by its edit alone.
    assert (accuracy.recall.found, accuracy.recall.total) == (1, 3)
    assert (accuracy.recall_original.found, accuracy.recall_original.total) == (1, 2)
    assert {edit: share.found for edit, share in accuracy.by_edit.items()} == {
        "gray": 1,
        "crop50": 0,
        PASTED: 1,
    }
    assert (accuracy.hard["burst"].found, accuracy.hard["burst"].total) == (1, 1)


def test_photographs_that_are_one_picture_after_all() -> None:
    truths = [
        Truth("a", 0, "", photograph="a.jpg"),
        Truth("a1", 0, "gray", photograph="a.jpg"),
        Truth("b", 1, "", photograph="b.jpg"),
        Truth("c1", 2, "burst 1", photograph="c.jpg"),
        Truth("c2", 2, "burst 2", photograph="c.jpg"),
    ]
    found = {pair("a", "a1"), pair("a", "b"), pair("a1", "b"), pair("c1", "c2")}
    assert judge_pairs(found, truths).precision == Share(1, 4)
    corrected = judge_pairs(found, with_unmarked(truths, [("b.jpg", "a.jpg")]))
    assert corrected.precision == Share(3, 4)  # the burst stays false
    assert corrected.recall == Share(3, 3)
    with pytest.raises(ValueError, match=r"x\.jpg"):
        with_unmarked(truths, [("a.jpg", "x.jpg")])


def test_nothing_found_is_no_error() -> None:
    accuracy = judge_pairs(set(), TRUTHS)
    assert str(accuracy.precision) == "none"
    assert accuracy.recall.found == 0
