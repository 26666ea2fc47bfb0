"""A camera's folder: RAW files are found, belong to their JPEG, and are never given up for less."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.helpers.dng import dng, jpeg_preview
from tests.helpers.photographs import copy_of, originals
from tests.helpers.program import Program

pytest.importorskip("rawpy", reason="the extra `formats` is not installed")


def photograph(number: int = 1) -> Image.Image:
    """Return a photograph with even sides."""
    image = originals()[number]
    return image.crop((0, 0, image.width // 2 * 2, image.height // 2 * 2))


def write_raw(path: Path, number: int = 1, *, preview: bool = True, model: str = "Camera") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = photograph(number)
    path.write_bytes(dng(picture, jpeg_preview(picture) if preview else None, model=model))
    return path


def write_jpeg(path: Path, number: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    photograph(number).save(path, quality=92)
    return path


@pytest.fixture
def folder(run: Program) -> Path:
    """~/Photos, where the index of the other commands will be."""
    folder = run.home / "Photos"
    folder.mkdir()
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    return folder


def index(run: Program, folder: Path) -> None:
    run("index", folder, "--index", folder / ".visualsearch", "-q")


def groups(run: Program, *arguments: str | Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("dupes", "--json", *arguments).json["groups"]
    return found


def places(group: dict[str, Any], folder: Path) -> list[str]:
    return [str(Path(member["path"]).relative_to(folder)) for member in group["members"]]


@pytest.mark.parametrize("preview", [True, False])
def test_a_raw_is_found_by_its_jpeg(run: Program, folder: Path, preview: bool) -> None:
    raw = write_raw(folder / "raw" / "IMG_1.DNG", preview=preview)
    write_raw(folder / "raw" / "IMG_2.nef", 2, preview=preview)
    jpeg = write_jpeg(run.home / "query.jpg")
    index(run, folder)
    assert run("info", "--json").json["images"] == 2
    (result,) = run("query", jpeg, "-k", "1", "--level", "same", "--json").json["results"]
    (neighbor,) = result["neighbors"]
    assert (neighbor["path"], neighbor["verdict"]) == (str(raw), "same")
    assert (neighbor["width"], neighbor["height"]) == photograph().size
    compared = run("compare", jpeg, raw, "--image", run.home / "match.png", "--json").json
    assert (compared["verdict"], compared["b"]["format"]) == ("same", "RAW")
    assert (run.home / "match.png").exists()
    shown = run.on_terminal("query", jpeg, "-k", "2", "--preview", "--open-with", "true")
    assert b"IMG_1.DNG" in shown and b"cannot be read" not in shown
    # A RAW may be the query too, of the index or not.
    assert run("query", raw, "--json").json["results"][0]["neighbors"][0]["path"] != str(raw)
    outside = write_raw(run.home / "outside.dng", model="Other")
    (nearest, *_) = run("query", outside, "--json").json["results"][0]["neighbors"]
    assert nearest["path"] == str(raw)


def test_the_page_shows_raws(run: Program, folder: Path) -> None:
    raw = write_raw(folder / "a" / "IMG_1.DNG")
    shutil.copytree(folder / "a", folder / "b")
    write_jpeg(folder / "c" / "copy.jpg")
    index(run, folder)
    run("dupes", "--level", "similar", "--html", run.home / "page.html")
    page = (run.home / "page.html").read_text()
    assert page.count("data:image/webp") == 4 and raw.name in page  # the copy also in turn with the kept file


def test_a_raw_and_its_jpeg_are_one_item(run: Program, folder: Path) -> None:
    raw, jpeg = write_raw(folder / "IMG_1.CR2"), write_jpeg(folder / "IMG_1.JPG")
    index(run, folder)
    assert groups(run, "--level", "similar") == []
    # Copies of the JPEG are copies of the item, and go; what is kept stays whole.
    copy_of(jpeg, folder / "phone" / "small.jpg")
    shutil.copy(jpeg, folder / "phone" / "same.jpg")
    index(run, folder)
    (group,) = groups(run)
    assert places(group, folder) == ["IMG_1.JPG", "phone/same.jpg", "phone/small.jpg"]
    assert group["members"][0]["companions"] == [str(raw)]
    (run.home / "report.json").write_text(run("dupes", "--json").out)
    run("apply", run.home / "report.json", "--delete", "--yes")
    left = [path.name for path in folder.rglob("*.*") if path.suffix.lower() in (".cr2", ".jpg")]
    assert sorted(left) == [raw.name, jpeg.name]


def test_a_backup_of_a_pair_goes_as_a_pair_or_not_at_all(run: Program, folder: Path) -> None:
    write_raw(folder / "IMG_1.CR2")
    write_jpeg(folder / "IMG_1.JPG")
    shutil.copytree(
        folder, folder / "backup" / "whole", ignore=shutil.ignore_patterns(".visualsearch", "backup")
    )
    shutil.copytree(folder / "backup" / "whole", folder / "backup" / "other")
    write_raw(folder / "backup" / "other" / "IMG_1.CR2", model="Another")  # a RAW that is nowhere else
    index(run, folder)
    report = run.home / "report.json"
    report.write_text(run("dupes", "--json").out)
    run("apply", report, "--move-to", run.home / "moved", "--yes", code=0)
    left = {str(p.relative_to(folder)) for p in folder.rglob("IMG*")}
    assert left == {"IMG_1.CR2", "IMG_1.JPG", "backup/other/IMG_1.CR2", "backup/other/IMG_1.JPG"}
    assert len(list((run.home / "moved").rglob("IMG_1.*"))) == 2
    run("undo", "--last")
    assert len(list(folder.rglob("IMG*"))) == 6


@pytest.mark.parametrize("keep", [None, "newest,size"])
def test_raws_and_jpegs_in_folders_of_their_own_are_both_kept(
    run: Program, folder: Path, keep: str | None
) -> None:
    write_raw(folder / "RAW" / "IMG_1.NEF")
    write_jpeg(folder / "JPG" / "IMG_1.JPG")
    photograph().resize((300, 200)).save(folder / "small.png")
    index(run, folder)
    (group,) = groups(run, *(("--keep", keep) if keep else ()))
    assert {Path(member["path"]).name for member in group["members"]} == {"IMG_1.JPG", "small.png"}
    (alike,) = groups(run, "--level", "similar", "--exclude", "small.png")
    assert [member["verdict"] for member in alike["members"]] == [None, "similar"]
    (run.home / "report.json").write_text(run("dupes", "--level", "similar", "--json").out)
    run("apply", run.home / "report.json", "--delete", "--yes")
    assert (folder / "RAW" / "IMG_1.NEF").exists() and (folder / "JPG" / "IMG_1.JPG").exists()


def test_two_raws_of_a_shot_are_both_kept_and_equal_ones_are_not(run: Program, folder: Path) -> None:
    write_raw(folder / "IMG_1.NEF")
    write_raw(folder / "converted" / "IMG_1.DNG", model="Converter")
    write_raw(folder / "backup" / "IMG_1.NEF")
    index(run, folder)
    (group,) = groups(run)
    assert places(group, folder) == ["IMG_1.NEF", "backup/IMG_1.NEF"]
    assert group["bytes_reclaimable"] == (folder / "IMG_1.NEF").stat().st_size
    assert sorted(len(found["members"]) for found in groups(run, "--level", "similar")) == [2, 3]


def test_a_broken_raw_is_named(run: Program, folder: Path) -> None:
    raw = write_raw(folder / "IMG_1.DNG")
    raw.write_bytes(raw.read_bytes()[:-1000])
    (folder / "IMG_2.CR3").write_bytes(b"")
    write_jpeg(folder / "fine.jpg")
    result = run("index", folder, "--json", code=3)
    reasons = {Path(item["path"]).name: item["reason"] for item in result.json["skipped"]}
    assert reasons.keys() == {"IMG_1.DNG", "IMG_2.CR3"}
    assert "damaged" in reasons["IMG_1.DNG"] and "empty" in reasons["IMG_2.CR3"]


def test_without_the_extra_raws_are_named_as_skipped_and_read_later(run: Program, folder: Path) -> None:
    """As if the package were not there: it is hidden by one that Python finds first."""
    write_raw(folder / "IMG_1.DNG")
    write_jpeg(folder / "IMG_1.jpg")
    hidden = run.home / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'rawpy' else found(name, *more)\n"
    )
    without = {"PYTHONPATH": str(hidden)}
    result = run("index", folder, "--json", code=3, env=without)
    (skipped,) = result.json["skipped"]
    assert skipped["path"] == str(folder / "IMG_1.DNG")
    assert "pip install 'visualsearch-cli[formats]'" in skipped["reason"]
    run("index", folder, "--retry-skipped")
    assert run("info", "--json").json["images"] == 2


def test_disk_images_are_not_searched_for(run: Program, folder: Path) -> None:
    write_jpeg(folder / "fine.jpg")
    named = write_raw(folder / "IMG_1.raw")
    run("index", folder)
    assert run("info", "--json").json["images"] == 1
    run("index", named)
    assert run("info", "--json").json["images"] == 2
