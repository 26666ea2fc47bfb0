"""`only`: nothing that would be lost counts as being somewhere else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.helpers.photographs import copy_of, cutting
from tests.helpers.program import Program


def states(run: Program, folder: Path, *options: str | Path, code: int = 0) -> dict[str, Any]:
    """Return the records of `only`, by what their paths end with below the folder."""
    document = run("only", folder, "--json", *options, code=code).json
    assert document["schema"] == "visualsearch/only/1"
    return {str(Path(record["path"]).relative_to(folder)): record for record in document["files"]}


@pytest.fixture
def card(run: Program) -> Path:
    """~/Card, of which the index knows nothing."""
    folder = run.home / "Card"
    folder.mkdir()
    return folder


def test_what_would_be_lost_is_only_there(run: Program, chosen: Path, card: Path) -> None:
    shutil.copy2(chosen / "coffee.jpg", card / "identical.jpg")
    copy_of(chosen / "rocket.jpg", card / "smaller.jpg", scale=0.5, quality=60)
    with Image.open(chosen / "astronaut.jpg") as image:
        copy_of(chosen / "astronaut.jpg", chosen / "small-there.jpg", scale=0.4)
        image.save(card / "larger.png")
        image.crop((0, 0, image.width // 2, image.height)).save(card / "crop.jpg")
    shutil.move(chosen / "astronaut.jpg", card / "astronaut.jpg")
    shutil.copy2(chosen / "chelsea.jpg", card / "chelsea.jpg")
    (card / "chelsea.xmp").write_text("<x:xmpmeta>stars</x:xmpmeta>")
    shutil.copy2(chosen / "retina.jpg", card / "retina.jpg")
    for folder in (card, chosen):
        (folder / "retina.xmp").write_text("<x:xmpmeta>the same on both sides</x:xmpmeta>")
    shutil.copy2(chosen / "ihc.jpg", card / "changed-there.jpg")
    there = (chosen / "ihc.jpg").stat()
    data = bytearray((chosen / "ihc.jpg").read_bytes())
    (card / "damaged.jpg").write_bytes(data[: len(data) // 3])
    (card / ".hidden.jpg").write_bytes((card / "crop.jpg").read_bytes())
    (card / "film.avi").write_bytes(b"a film")
    (card / "known.avi").write_bytes(b"another film")
    (chosen / "trip" / "moved.avi").write_bytes(b"another film")
    (card / "ignored").mkdir()
    (card / "ignored" / "new.jpg").write_bytes((card / "crop.jpg").read_bytes())
    (card / ".visualsearchignore").write_text("ignored/\n")
    (card / "thrown.avi").write_bytes(b"a third film")
    cutting(3).save(card / "binned.jpg")
    (chosen / ".Trash-1000").mkdir()
    for name in ("thrown.avi", "binned.jpg"):
        shutil.copy2(card / name, chosen / ".Trash-1000" / name)
    (card / ".DS_Store").write_bytes(b"of the system")
    run("index", chosen, "--include-stores", "--hidden")
    data[-200:-100] = bytes(100)
    (chosen / "ihc.jpg").write_bytes(data)
    os.utime(chosen / "ihc.jpg", ns=(there.st_atime_ns, there.st_mtime_ns))

    found = states(run, card, code=3)
    assert {name: record["state"] for name, record in found.items()} == {
        ".hidden.jpg": "only here",
        ".visualsearchignore": "only here",
        "astronaut.jpg": "only here",
        "thrown.avi": "only here",
        "binned.jpg": "only here",
        "changed-there.jpg": "only here",
        "chelsea.jpg": "only here",
        "crop.jpg": "only here",
        "damaged.jpg": "unreadable",
        "film.avi": "only here",
        "identical.jpg": "elsewhere",
        "ignored/new.jpg": "only here",
        "known.avi": "elsewhere",
        "larger.png": "only here",
        "retina.jpg": "elsewhere",
        "smaller.jpg": "elsewhere",
    }
    assert found["identical.jpg"]["copy"] == str(chosen / "coffee.jpg")
    assert (found["smaller.jpg"]["copy"], found["smaller.jpg"]["verdict"]) == (
        str(chosen / "rocket.jpg"), "same",
    )  # fmt: skip
    assert "better than" in found["astronaut.jpg"]["reason"]
    assert "chelsea.xmp belongs to it" in found["chelsea.jpg"]["reason"]
    assert "changed since it was indexed" in found["changed-there.jpg"]["reason"]
    assert "damaged" in found["damaged.jpg"]["reason"]
    assert states(run, card, "--level", "identical", code=3)["smaller.jpg"]["state"] == "only here"

    paths = run("only", card, "--format", "paths", "-0", code=3).out.split("\0")
    assert str(card / "chelsea.xmp") in paths and str(card / "damaged.jpg") in paths
    assert str(card / "identical.jpg") not in paths
    table = run("only", card, code=3).out
    assert "unreadable" in table and "11 of 16 files in Card are only there" in table
    shown = run.on_terminal("only", card, "--progress", "never", columns=60, code=3).decode().splitlines()
    place = next(number for number, line in enumerate(shown) if line.endswith("Card/chelsea.jpg"))
    assert shown[place + 1].startswith(" " * 21 + "(chelsea.xmp belongs to it, and has no"), (
        "no word is broken"
    )


def test_a_file_is_no_copy_of_itself(run: Program, chosen: Path) -> None:
    backup = run.home / "Backup"
    backup.mkdir()
    os.link(chosen / "coffee.jpg", backup / "coffee.jpg")
    shutil.copy2(chosen / "rocket.jpg", backup / "rocket.jpg")
    (run.home / "Link").symlink_to(chosen)
    found = states(run, backup)
    assert [record["state"] for record in found.values()] == ["only here", "elsewhere"]
    assert "this very file" in found["coffee.jpg"]["reason"]
    run("index", backup, "--index", chosen)
    assert states(run, backup)["rocket.jpg"]["state"] == "elsewhere", "what is asked about does not count"
    linked = run("only", run.home / "Link", "--json").json
    assert linked["folder"] == str(chosen), "a link stands for what it leads to"
    copies = [record["copy"] for record in linked["files"] if record["state"] == "elsewhere"]
    assert copies == [str(backup / "rocket.jpg")]
    message = run("only", backup, "--not-in", backup, code=1).message
    assert f"{backup} lies in {backup}" in message
    message = run("only", backup, "--not-in", run.home / "nowhere", code=1).message
    assert f"{run.home}/nowhere does not exist, and the index covers {chosen}" in message
    assert "TYPO does not exist" in run("only", run.home / "TYPO", code=1).message
    assert "no copy" in run("only", backup, "--level", "similar", code=2).message
    result = run("only", backup, "--not-in", chosen / "trip", "--exit-code")
    assert "2 of 2 files" in result.out
    (backup / "coffee.jpg").unlink()
    run("only", backup, "--not-in", chosen, "--exit-code", code=4)


def test_what_goes_with_the_folder_is_no_copy(run: Program, chosen: Path) -> None:
    """Two copies in it, a film twice, a thumbnail of one: each has another name outside, of the file."""
    backup, place = run.home / "Backup", run.home / "Place"
    for folder in (backup, place):
        folder.mkdir()
    shutil.copy2(chosen / "coffee.jpg", backup / "one.jpg")
    shutil.copy2(chosen / "coffee.jpg", backup / "two.jpg")
    copy_of(chosen / "coffee.jpg", backup / "small.jpg", scale=0.5)
    for name in ("one.avi", "two.avi"):
        (backup / name).write_bytes(b"a film")
    for name in ("two.jpg", "two.avi"):
        os.link(backup / name, place / name)
    run("index", place)
    found = states(run, backup, "--not-in", place)
    assert {record["state"] for record in found.values()} == {"only here"}
    assert f"{place / 'two.jpg'} is {backup / 'two.jpg'} under another path" in found["one.jpg"]["reason"]
    assert f"{backup / 'two.jpg'} under another path" in found["small.jpg"]["reason"]
    shutil.copy2(chosen / "coffee.jpg", place / "its own.jpg")
    shutil.copy2(backup / "one.avi", place / "its own.avi")
    run("index", place)
    run("only", backup, "--not-in", place, "--exit-code", code=4)


def test_an_import_overwrites_nothing_and_keeps_what_belongs_together(
    run: Program, chosen: Path, card: Path
) -> None:
    (card / "DCIM").mkdir()
    with Image.open(chosen / "rocket.jpg") as image:
        image.rotate(30, fillcolor=(9, 99, 9)).save(card / "DCIM" / "IMG_1.jpg")
    (card / "DCIM" / "IMG_1.xmp").write_text("<x:xmpmeta>stars</x:xmpmeta>")
    (card / "DCIM" / "IMG_2.jpg").write_bytes(b"no picture, perhaps a RAW of tomorrow")
    shutil.copy2(chosen / "coffee.jpg", card / "DCIM" / "IMG_3.jpg")
    target = run.home / "Import"
    (target / "DCIM").mkdir(parents=True)
    (target / "DCIM" / "IMG_1.xmp").write_text("of another picture")

    result = run("only", card, "--copy-to", target, "--json", code=3)
    assert {Path(item["path"]).name: item["was_there"] for item in result.json["copied"]} == {
        "IMG_1.jpg": False, "IMG_1.xmp": False, "IMG_2.jpg": False,
    }  # fmt: skip
    names = sorted(path.name for path in (target / "DCIM").iterdir())
    assert names == ["IMG_1 (2).jpg", "IMG_1 (2).xmp", "IMG_1.xmp", "IMG_2.jpg"]
    assert (target / "DCIM" / "IMG_1.xmp").read_text() == "of another picture"
    for name, copied in (("IMG_1.jpg", "IMG_1 (2).jpg"), ("IMG_2.jpg", "IMG_2.jpg")):
        source, copy = card / "DCIM" / name, target / "DCIM" / copied
        assert source.read_bytes() == copy.read_bytes()
        assert source.stat().st_mtime_ns == copy.stat().st_mtime_ns
    again = run("only", card, "--copy-to", target, "--json", code=3).json["copied"]
    assert all(item["was_there"] for item in again)
    assert sorted(path.name for path in (target / "DCIM").iterdir()) == names
    message = run("only", card, "--copy-to", card / "inside", code=1).message
    assert f"{card}/inside lies in {card}" in message
