"""What one copy knows and the other one does not: said by `dupes` and `compare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from tests.helpers.photographs import originals
from tests.helpers.program import Program

SIDECAR = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmp:Rating="2">
<dc:subject><rdf:Bag><rdf:li>lake</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>
"""


def exif() -> Image.Exif:
    found = Image.Exif()
    found[ExifTags.Base.ImageDescription] = "At the lake"
    found[0x4746] = 4
    found.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2019:07:03 09:46:12"
    gps = found.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (52.0, 30.0, 36.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (13.0, 24.0, 0.0)
    return found


@pytest.fixture
def folder(run: Program) -> Path:
    """~/Photos with a large picture that has a sidecar, and a small copy of it that has EXIF."""
    folder = run.home / "Photos"
    folder.mkdir()
    originals()[1].save(folder / "large.jpg", quality=95)
    (folder / "large.jpg.xmp").write_text(SIDECAR, "utf-8")
    picture = originals()[1]
    picture.resize((picture.width // 2, picture.height // 2)).save(
        folder / "small.jpg", quality=80, exif=exif()
    )
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    return folder


def report(run: Program, folder: Path) -> list[dict[str, Any]]:
    run("index", folder, "--index", folder / ".visualsearch", "-q")
    run("dupes", "--report", run.home / "r.json")
    (group,) = json.loads((run.home / "r.json").read_text("utf-8"))["groups"]
    members: list[dict[str, Any]] = group["members"]
    return members


def test_dupes_says_what_would_be_lost(run: Program, folder: Path) -> None:
    kept, other = report(run, folder)
    assert kept["path"] == str(folder / "large.jpg") and not other["protected"]
    assert kept["only_here"] == kept["only_kept"] == []
    assert other["only_here"] == [
        {"field": "capture date", "value": "2019-07-03T09:46:12", "other": ""},
        {"field": "GPS", "value": "52.51000, 13.40000", "other": ""},
        {"field": "rating", "value": "4", "other": "2"},
        {"field": "caption", "value": "At the lake", "other": ""},
    ]
    assert other["only_kept"] == [
        {"field": "rating", "value": "2", "other": "4"},
        {"field": "keywords", "value": "lake", "other": ""},
    ]
    table = run("dupes").out
    assert (
        "only here: capture date 2019-07-03T09:46:12 · GPS 52.51000, 13.40000 · rating 4 (kept: 2)" in table
    )
    row = run("dupes", "--format", "csv").out.splitlines()[-1]
    assert "rating: 4; caption: At the lake" in row and "keywords: lake" in row
    run("dupes", "--html", run.home / "page.html")
    page = (run.home / "page.html").read_text("utf-8")
    assert "only here: capture date 2019-07-03T09:46:12" in page and "caption At the lake" in page


def test_compare_says_what_each_has(run: Program, folder: Path) -> None:
    document = run("compare", folder / "large.jpg", folder / "small.jpg", "--json").json
    assert [known["field"] for known in document["only_a"]["knows"]] == ["rating", "keywords"]
    assert [known["field"] for known in document["only_b"]["knows"]] == [
        *("capture date", "GPS", "rating", "caption")
    ]
    assert document["only_a"]["holds"] == document["only_b"]["holds"] == []
    table = run("compare", folder / "large.jpg", folder / "small.jpg").out
    assert "only A" in table and "rating 2 (B has 4)" in table and "keywords lake" in table


def test_compare_says_what_each_holds(run: Program) -> None:
    image = originals()[1].resize((120, 90))
    image.save(run.home / "pages.tif", save_all=True, append_images=[image, image])
    image.save(run.home / "one.png")
    document = run("compare", "pages.tif", "one.png", "--json").json
    assert document["only_a"]["holds"] == ["3 frames, pages or layers instead of 1"]
    assert document["only_b"]["holds"] == []
    assert "3 frames, pages or layers instead of 1" in run("compare", "pages.tif", "one.png").out


def test_the_same_is_lost_to_nobody(run: Program, folder: Path) -> None:
    (folder / "large.jpg.xmp").unlink()
    originals()[1].save(folder / "large.jpg", quality=95, exif=exif())
    _, other = report(run, folder)
    assert other["only_here"] == other["only_kept"] == []
    assert "only here" not in run("dupes").out


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the mtime of every file but those of the index."""
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and ".visualsearch" not in path.parts
    }


@pytest.mark.parametrize("options", [("--trash",), ("--move-to", "moved")])
def test_apply_keeps_it_and_undo_takes_it_back(run: Program, folder: Path, options: tuple[str, ...]) -> None:
    report(run, folder)
    before = contents(folder)
    planned = run("apply", run.home / "r.json", *options, "--merge-metadata", "--dry-run").out
    assert f"# {folder}/large.jpg.xmp would be written: capture date 2019-07-03" in planned
    assert contents(folder) == before
    done = run("apply", run.home / "r.json", *options, "--merge-metadata", "--yes", "--json").json
    assert (done["files"], done["sidecars"]) == (1, 1)
    assert [(Path(r["path"]).name, r["merged"], r["bytes"] > 0) for r in done["results"]] == [
        ("large.jpg.xmp", True, False),
        ("small.jpg", False, True),
    ]
    assert done["results"][1]["message"] == "not taken over: rating 4 (kept: 2)"
    sidecar = (folder / "large.jpg.xmp").read_text("utf-8")
    assert sidecar.startswith(SIDECAR[: SIDECAR.index("</rdf:RDF>")])
    assert "52,30.6" in sidecar and "2019-07-03T09:46:12" in sidecar and "At the lake" in sidecar
    after = contents(folder)
    assert after[str(folder / "large.jpg")] == before[str(folder / "large.jpg")]
    assert (
        run("apply", run.home / "r.json", *options, "--merge-metadata", "--yes", "--json").json["files"] == 0
    )
    assert contents(folder) == after
    told = run("undo", "--last").out
    assert "large.jpg.xmp" in told
    assert contents(folder) == before


def test_without_the_option_apply_says_what_is_lost(run: Program, folder: Path) -> None:
    report(run, folder)
    told = run("apply", run.home / "r.json", "--yes").err
    assert "1 of them knows of the picture what the kept file does not" in told and "--merge-metadata" in told
    assert (folder / "large.jpg.xmp").read_text("utf-8") == SIDECAR


def test_links_merge_nothing(run: Program, folder: Path) -> None:
    report(run, folder)
    told = run("apply", run.home / "r.json", "--symlink", "--merge-metadata", code=2).message
    assert "--symlink" in told and "leave out --merge-metadata" in told


def test_what_lists_of_a_folder_say_of_a_copy_is_named_and_kept(run: Program, folder: Path) -> None:
    """Such a list is of no single picture: it stays as it is, whoever goes."""
    album, other = run.home / "Photos" / "album", run.home / "Photos" / "other"
    for place in (album, other):
        place.mkdir()
    picture = (folder / "large.jpg").read_bytes()
    for path in [*folder.glob("*.jpg*")]:
        path.unlink()
    (album / "a.jpg").write_bytes(picture)
    (other / "b longer.jpg").write_bytes(picture)
    (other / "DESCRIPT.ION").write_bytes(b'"b longer.jpg" On the pier\x04\xc2\r\na.jpg Elsewhere\r\n')
    (other / ".picasa.ini").write_bytes(b"[b longer.jpg]\r\nstar=yes\r\nkeywords=sea\r\n")

    kept, offered = report(run, folder)
    assert (kept["path"], offered["path"]) == (str(album / "a.jpg"), str(other / "b longer.jpg"))
    assert offered["only_here"] == [
        {"field": "caption", "value": "On the pier", "other": ""},
        {"field": "keywords", "value": "sea", "other": ""},
        {"field": "label", "value": "starred", "other": ""},
    ]
    compared = run("compare", kept["path"], offered["path"], "--json").json
    assert [known["field"] for known in compared["only_b"]["knows"]] == ["caption", "keywords", "label"]

    before = contents(folder)
    run("apply", run.home / "r.json", "--merge-metadata", "--yes")
    sidecar = (album / "a.jpg.xmp").read_text("utf-8")
    assert all(said in sidecar for said in ("On the pier", "sea", "starred")) and "Elsewhere" not in sidecar
    after = contents(folder)
    assert before.items() - after.items() == {
        (str(other / "b longer.jpg"), before[str(other / "b longer.jpg")])
    }
    run("undo", "--last")
    assert contents(folder) == before
