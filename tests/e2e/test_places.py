"""Bins, snapshots and stores of other programs: left out, taken in when asked for, never offered."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.helpers.program import Program


@pytest.fixture
def tree(run: Program, photos: Path) -> Path:
    """~/Tree with a photograph, copies of it in a bin, in a library and among its thumbnails, and another."""
    tree = run.home / "Tree"
    for name in (
        "album/coffee.jpg",
        "@Recycle/a.jpg",
        "My.photoslibrary/originals/0/coffee.jpg",
        "My.photoslibrary/resources/coffee.jpg",
        ".picasaoriginals/coffee.jpg",
    ):
        (tree / name).parent.mkdir(parents=True)
        shutil.copy(photos / "coffee.jpg", tree / name)
    shutil.copy(photos / "rocket.jpg", tree / "@Recycle" / "rocket.jpg")
    return tree


TAKEN = {
    "album/coffee.jpg": False,
    "My.photoslibrary/originals/0/coffee.jpg": True,
    ".picasaoriginals/coffee.jpg": True,
}


def members(run: Program, tree: Path, *options: str | Path) -> list[dict[str, Any]]:
    (group,) = run("dupes", "--json", *options, cwd=tree).json["groups"]
    found: list[dict[str, Any]] = group["members"]
    return found


def protected(run: Program, tree: Path) -> dict[str, bool]:
    return {
        Path(member["path"]).relative_to(tree).as_posix(): member["protected"]
        for member in members(run, tree)
    }


def test_places_are_left_out_and_originals_protected(run: Program, tree: Path) -> None:
    report = run("index", tree, "--json").json
    assert report["found"] == 3
    assert report["left_out"] == {"@Recycle": 1, "*.photoslibrary": 1}
    assert protected(run, tree) == TAKEN
    assert run("dupes", "--format", "paths", cwd=tree).out.split() == [str(tree / "album" / "coffee.jpg")]
    assert "2 folders left out" in run("index", tree).out


def test_a_library_of_small_copies_costs_no_photograph(run: Program, photos: Path) -> None:
    """Neither the small original of another program nor the large one elsewhere is given up for the other."""
    tree = run.home / "Pictures"
    small, large = tree / "Mine.photoslibrary/originals/0/coffee.jpg", tree / "2019/coffee.jpg"
    for path in (small, large):
        path.parent.mkdir(parents=True)
    shutil.copy(photos / "coffee.jpg", large)
    shutil.copy(large, large.with_name("coffee copy.jpg"))
    with Image.open(large) as image:
        image.convert("RGB").resize((image.width // 2, image.height // 2)).save(small, quality=80)
    run("index", tree)
    kept, *others = members(run, tree)
    assert kept["path"] == str(large)
    assert {member["path"]: member["protected"] for member in others} == {
        str(large.with_name("coffee copy.jpg")): False,
        str(small): True,
    }
    kept, *others = members(run, tree, "--reference", small.parents[2])
    assert kept["path"] == str(small) and not any(member["protected"] for member in others)


def test_what_is_taken_in_is_forgotten_by_prune_alone(run: Program, tree: Path) -> None:
    assert run("index", tree, "--include-stores", "--json").json["found"] == 6
    everything = {**TAKEN, "@Recycle/a.jpg": False, "My.photoslibrary/resources/coffee.jpg": True}
    assert protected(run, tree) == everything
    report = run("index", tree, "--json").json
    assert (report["found"], report["missing"], report["images"]) == (3, 0, 6)
    assert protected(run, tree) == everything
    assert run("prune", "--include-stores", cwd=tree).out == "0 files forgotten\n"
    told = "3 files would be forgotten, 3 of them in places that are left out\n"
    assert run("prune", "--dry-run", cwd=tree).out == told
    assert run("prune", cwd=tree).out == told.replace("would be ", "")
    assert protected(run, tree) == TAKEN
    assert run("check", cwd=tree)
    assert run("index", "--json", cwd=tree).json["images"] == 3


def test_a_place_that_is_named_is_taken_and_its_copies_are_offered(run: Program, tree: Path) -> None:
    shutil.rmtree(tree / "My.photoslibrary")
    shutil.rmtree(tree / ".picasaoriginals")
    run("index", tree)
    assert run("index", tree / "@Recycle", "--json", cwd=tree).json["found"] == 2
    kept, other = members(run, tree)
    assert kept["path"] == str(tree / "album" / "coffee.jpg"), "though the other path is shorter"
    assert (other["path"], other["protected"]) == (str(tree / "@Recycle" / "a.jpg"), False)


def test_a_folder_with_nothing_but_a_bin_says_what_to_do(run: Program, tree: Path) -> None:
    for name in ("album", "My.photoslibrary", ".picasaoriginals"):
        shutil.rmtree(tree / name)
    message = run("index", tree, code=1).message
    assert "@Recycle" in message and "--include-stores" in message
    assert not (tree / ".visualsearch").exists()
    assert run("index", tree / "@Recycle", "--json").json["images"] == 2


def test_info_says_what_was_passed_over(run: Program, tree: Path, photos: Path) -> None:
    for name in (
        "@Recycle/deeper/b.jpg",
        ".secret/c.jpg",
        ".d.jpg",
        ".trashed-1-e.jpg",
        "drafts/f.jpg",
        "g.gif",
    ):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photos / "coffee.jpg", tree / name)
    (tree / "._h.jpg").write_bytes(b"side file")
    (tree / "@Recycle/notes.txt").write_bytes(b"no image")
    run("index", tree, "--exclude", "drafts", "--exclude", "*.gif", "-q")
    found = run("info", "--json", cwd=tree).json["passed_over"]
    assert [(item["reason"], item["folders"], item["files"], item["is_all"]) for item in found] == [
        ("*.photoslibrary", 1, 1, True),
        (".trashed-*", 0, 1, True),
        ("@Recycle", 1, 3, True),
        ("excluded", 1, 2, True),
        ("hidden", 1, 2, True),
    ]
    told = run("info", cwd=tree).out
    assert "3 images in 1 folder: @Recycle (recycle bin of QNAP)" in told
    assert "2 images in 1 folder: hidden" in told
    run("index", tree / "album", "-q", cwd=tree)  # a part of it says nothing of the whole
    assert run("info", "--json", cwd=tree).json["passed_over"] == found
    run("index", tree, "--include-stores", "--hidden", "--no-exclude", "-q")
    assert run("info", "--json", cwd=tree).json["passed_over"] == []


def test_what_is_passed_over_is_not_counted_for_long(run: Program, tree: Path) -> None:
    for number in range(4):
        folder = tree / "#recycle" / str(number)
        folder.mkdir(parents=True)
        for name in range(8_000):
            (folder / f"{name}.jpg").touch()
    run("index", tree, "-q")
    item = next(i for i in run("info", "--json", cwd=tree).json["passed_over"] if i["reason"] == "#recycle")
    assert not item["is_all"] and item["files"] == 24_000
    assert "at least" in run("info", cwd=tree).out


def test_an_edited_picture_stays_in_its_album_beside_picasas_hidden_original(
    run: Program, photos: Path
) -> None:
    tree = run.home / "Pictures"
    seen, hidden = tree / "2009/coffee.jpg", tree / "2009/.picasaoriginals/coffee.jpg"
    hidden.parent.mkdir(parents=True)
    shutil.copy(photos / "coffee.jpg", hidden)
    with Image.open(hidden) as image:
        image.convert("RGB").save(seen, quality=70)
    run("index", tree)
    kept, other = members(run, tree)
    assert kept["path"] == str(seen) and (other["path"], other["protected"]) == (str(hidden), True)
    assert run("dupes", "--format", "paths", cwd=tree).out == ""
