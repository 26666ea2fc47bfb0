"""Files become items: one for each file whatever its names, with the RAW that belongs to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from visualsearch_cli.duplicates.companions import HASHED, ItemMaker, compared
from visualsearch_cli.duplicates.keeping import Item
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.reports.report import Companion


def record(path: Path) -> ImageRecord:
    """Write a file, if it is not there, and return its record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(b"picture")
    state = path.stat()
    return ImageRecord(1, 1, path, state.st_size, state.st_mtime_ns, "00", 4, 3, "JPEG")


def test_hard_links_are_one_item_with_the_protected_name_first(tmp_path: Path) -> None:
    first = record(tmp_path / "a.jpg")
    (tmp_path / "deep" / "reference").mkdir(parents=True)
    os.link(first.path, tmp_path / "deep" / "reference" / "a.jpg")
    second = record(tmp_path / "deep" / "reference" / "a.jpg")
    (item,) = ItemMaker().items([second, first])
    assert (item.image, item.links, item.protected) == (first, (second.path,), False)
    (item,) = ItemMaker([str(tmp_path / "deep")]).items([first, second])
    assert (item.image, item.links, item.protected) == (second, (first.path,), True)


def test_equal_files_are_two_items(tmp_path: Path) -> None:
    assert len(ItemMaker().items([record(tmp_path / "a.jpg"), record(tmp_path / "b.jpg")])) == 2


def test_a_reference_protects_what_is_below_it_alone(tmp_path: Path) -> None:
    maker = ItemMaker([str(tmp_path / "ref")])
    items = maker.items([record(tmp_path / "ref" / "a.jpg"), record(tmp_path / "reference" / "a.jpg")])
    assert [item.protected for item in items] == [True, False]


@pytest.mark.parametrize(
    ("name", "protected", "standing"),
    [
        ("album/a.jpg", False, 0),
        ("#recycle/a.jpg", False, -1),
        ("Catalog Previews.lrdata/a.jpg", True, -1),
        ("Photos.photoslibrary/resources/a.jpg", True, -1),
        ("Photos.photoslibrary/originals/a.jpg", True, 1),
        ("album/.picasaoriginals/a.jpg", True, -1),
        ("album/[Originals]/a.jpg", True, -1),
    ],
)
def test_what_other_programs_keep_is_protected_and_bins_are_set_aside(
    tmp_path: Path, name: str, protected: bool, standing: int
) -> None:
    image = record(tmp_path / name)
    (item,) = ItemMaker().items([image])
    assert (item.protected, item.standing) == (protected, standing)
    (item,) = ItemMaker([str(tmp_path)]).items([image])
    assert (item.protected, item.standing) == (True, 1), "the user has the last word"


def test_what_a_repair_found_is_protected_and_never_kept_before_others(tmp_path: Path) -> None:
    image = record(tmp_path / "LOST.DIR" / "a.jpg")
    (item,) = ItemMaker().items([image])
    assert (item.protected, item.standing, item.note) == (True, -1, "found by a repair")


def test_a_file_of_which_a_name_lies_in_a_store_is_protected(tmp_path: Path) -> None:
    album = record(tmp_path / "album" / "a.jpg")
    (tmp_path / "Previews.lrdata").mkdir()
    os.link(album.path, tmp_path / "Previews.lrdata" / "a.jpg")
    store = record(tmp_path / "Previews.lrdata" / "a.jpg")
    (item,) = ItemMaker().items([store, album])
    assert (item.image, item.links, item.protected) == (album, (store.path,), True)


@pytest.mark.parametrize("suffix", [".CR2", ".nef", ".dng"])
@pytest.mark.parametrize("company", [".jpg", ".JPG", ".heic", ".tif"])
def test_a_raw_belongs_to_what_lies_beside_it(tmp_path: Path, suffix: str, company: str) -> None:
    raw = record(tmp_path / f"IMG_1{suffix}")
    record(tmp_path / f"IMG_2{suffix}")
    record(tmp_path / "other" / f"IMG_1{suffix}")
    (item,) = ItemMaker().items([record(tmp_path / f"IMG_1{company}")])
    assert [companion.path for companion in item.companions] == [raw.path]
    assert ItemMaker().items([raw]) == [], "it is no item of its own"


def test_a_raw_alone_is_an_item_and_a_png_has_none(tmp_path: Path) -> None:
    raw, png = record(tmp_path / "a.nef"), record(tmp_path / "a.png")
    items = ItemMaker().items([raw, png])
    assert [item.image for item in items] == [raw, png]
    assert not any(item.companions for item in items)


def test_what_changed_or_vanished_is_skipped(tmp_path: Path) -> None:
    gone, changed, same = (record(tmp_path / f"{name}.jpg") for name in ("gone", "changed", "same"))
    gone.path.unlink()
    changed.path.write_bytes(b"another picture")
    maker = ItemMaker()
    (item,) = maker.items([gone, changed, same])
    assert item.image == same
    reasons = {Path(skipped.path).stem: skipped.reason for skipped in maker.skipped}
    assert "vanished" in reasons["gone"] and "changed" in reasons["changed"]


def test_sidecars_are_companions_of_all_names_of_a_file(tmp_path: Path) -> None:
    first = record(tmp_path / "a.jpg")
    (tmp_path / "deep").mkdir()
    os.link(first.path, tmp_path / "deep" / "b.jpg")
    second = record(tmp_path / "deep" / "b.jpg")
    beside = [record(tmp_path / "deep" / "b.JPG.xmp"), record(tmp_path / "a.AAE")]
    (tmp_path / "a.mov").mkdir()  # a folder is none
    (item,) = ItemMaker().items([first, second])
    assert [each.path for each in item.companions] == [beside[1].path, beside[0].path]
    assert item.companions[0] == Companion(beside[1].path, 7, beside[1].mtime_ns)


def test_other_pictures_of_a_companion_are_known(tmp_path: Path) -> None:
    pictures = [record(tmp_path / "a.jpg"), record(tmp_path / "a.png")]
    record(tmp_path / "a.xmp")
    items = ItemMaker().items(pictures)
    assert [item.companions[0].shared_with for item in items] == [(pictures[1].path,), (pictures[0].path,)]


def pair(tmp_path: Path, folder: str, name: str, data: bytes) -> Item:
    picture = record(tmp_path / folder / "a.jpg")
    (tmp_path / folder / name).write_bytes(data)
    (item,) = ItemMaker().items([picture])
    return item


@pytest.mark.parametrize("name", ["a.xmp", "a.mov", "a.jpg.json"])
def test_an_equal_has_the_same_suffix_and_the_same_bytes(tmp_path: Path, name: str) -> None:
    kept = pair(tmp_path, "kept", name, b"same")
    (companion,), why = compared(pair(tmp_path, "copy", name.upper(), b"same").companions, kept)
    assert not why and companion.content_hash == hash_content(b"same").hex()
    for other, data in ((name, b"emas"), (name, b"longer"), ("a.dop", b"same")):
        _, why = compared(pair(tmp_path, f"{other} {data!r}", other, data).companions, kept)
        assert why == f"{other} belongs to it and has no copy beside the kept file"


def test_large_companions_are_compared_by_size(tmp_path: Path) -> None:
    kept = pair(tmp_path, "kept", "a.mov", bytes(HASHED + 1))
    (companion,), why = compared(pair(tmp_path, "copy", "a.mov", b"x" * (HASHED + 1)).companions, kept)
    assert (companion.content_hash, why) == ("", ""), "apply reads it"
    assert compared(pair(tmp_path, "short", "a.mov", b"x" * HASHED).companions, kept)[1]


@pytest.mark.skipif(os.name == "nt", reason="no symbolic links here")
def test_a_link_has_no_equal(tmp_path: Path) -> None:
    kept = pair(tmp_path, "kept", "a.xmp", b"same")
    picture = record(tmp_path / "copy" / "a.jpg")
    (tmp_path / "copy" / "a.xmp").symlink_to(tmp_path / "kept" / "a.xmp")
    (item,) = ItemMaker().items([picture])
    assert "a.xmp belongs to it" in compared(item.companions, kept)[1]
