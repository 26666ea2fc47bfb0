"""Only pictures of the index are sent, as they were when the report was made, never as their own bytes."""

from __future__ import annotations

import io
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.reports_of_files import group, member, report
from tests.helpers.reviewing import Client, served
from visualsearch_cli.pages.sent.picture_cache import PictureCache
from visualsearch_cli.pages.sent.sent_pictures import Place, Refused, SentPictures, Size
from visualsearch_cli.pictures.reader import AnyImageReader
from visualsearch_cli.reports.report import Member
from visualsearch_cli.verdicts.verdict import Verdict

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def pictures(photos: Path, tmp_path: Path) -> SentPictures:
    """What sends pictures of ~/Photos."""
    cache = PictureCache(tmp_path / "cache" / "pictures")
    return SentPictures(Place([str(photos)]), AnyImageReader(), cache, 2)


def refusal(pictures: SentPictures, path: Path, like: Path | None = None) -> str:
    """Return why a file is refused, of which a report says that it is like another one; at all sizes."""
    asked = replace(member(like or path, None), path=path)
    why = set()
    for size in Size:
        with pytest.raises(Refused) as refused:
            pictures.sent(asked, size)
        why.add(str(refused.value))
    with pytest.raises(Refused):
        pictures.data(asked)
    (only,) = why
    return only


@pytest.mark.slow
@pytest.mark.parametrize("size", Size)
def test_what_is_sent_was_made_here(pictures: SentPictures, photos: Path, size: Size) -> None:
    path = photos / "phone" / "1.jpg"
    sent = pictures.sent(member(path, None), size)
    assert sent.kind in ("image/webp", "image/png", "image/jpeg")
    assert sent.data != path.read_bytes()
    with Image.open(io.BytesIO(sent.data)) as shown, Image.open(path) as original:
        assert shown.get_format_mimetype() == sent.kind
        assert max(shown.size) == (min(size.value, max(original.size)) if size.value else max(original.size))
        if size is Size.FULL:
            assert np.array_equal(np.asarray(shown), np.asarray(original))


def test_a_picture_stands_upright(pictures: SentPictures, photos: Path) -> None:
    path = photos / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 20)).save(path, exif=exif)
    for size in Size:
        with Image.open(io.BytesIO(pictures.sent(member(path, None), size).data)) as shown:
            assert shown.size == (20, 60)
            assert not shown.getexif()


@pytest.mark.slow
def test_a_file_outside_of_the_index_is_refused(pictures: SentPictures, photos: Path, tmp_path: Path) -> None:
    outside = shutil.copy(photos / "phone" / "1.jpg", tmp_path / "secret.jpg")
    assert "outside" in refusal(pictures, Path(outside))
    beside = tmp_path / "Photos2" / "1.jpg"
    beside.parent.mkdir()
    shutil.copy(outside, beside)
    assert "outside" in refusal(pictures, beside)
    assert "outside" in refusal(pictures, Path("/etc/passwd"))


def test_a_way_up_is_refused(pictures: SentPictures, photos: Path, tmp_path: Path) -> None:
    outside = Path(shutil.copy(photos / "phone" / "1.jpg", tmp_path / "secret.jpg"))
    assert "outside" in refusal(pictures, photos / "phone" / ".." / ".." / "secret.jpg", outside)
    assert "outside" in refusal(pictures, photos / "phone" / ".." / "phone" / "1.jpg")


def test_links_are_refused_also_those_that_stay_inside(
    pictures: SentPictures, photos: Path, tmp_path: Path
) -> None:
    outside = Path(shutil.copy(photos / "phone" / "1.jpg", tmp_path / "secret.jpg"))
    (photos / "link.jpg").symlink_to(outside)
    (photos / "inside.jpg").symlink_to(photos / "phone" / "1.jpg")
    (photos / "folder").symlink_to(tmp_path)
    assert "symbolic link" in refusal(pictures, photos / "link.jpg")
    assert "symbolic link" in refusal(pictures, photos / "inside.jpg")
    assert "symbolic link" in refusal(pictures, photos / "folder" / "secret.jpg")


@pytest.mark.parametrize("data", [SVG, HTML, b"#!/bin/sh\n", b"\xff\xd8\xff" + HTML])
def test_what_is_no_picture_is_not_sent(pictures: SentPictures, photos: Path, data: bytes) -> None:
    path = photos / "evil.jpg"
    path.write_bytes(data)
    asked = member(path, None)
    for size in Size:
        with pytest.raises(Refused):
            pictures.sent(asked, size)


def test_what_changed_is_not_shown_for_what_it_was(pictures: SentPictures, photos: Path) -> None:
    path = photos / "phone" / "1.jpg"
    asked = member(path, None)
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)  # as many bytes as before
    with pytest.raises(Refused, match="changed"):
        pictures.sent(asked, Size.THUMB)
    path.write_bytes(b"")
    with pytest.raises(Refused, match="changed"):
        pictures.sent(asked, Size.THUMB)
    path.unlink()
    with pytest.raises(Refused, match="not there"):
        pictures.sent(asked, Size.THUMB)
    if hasattr(os, "mkfifo"):
        os.mkfifo(path)
        with pytest.raises(Refused, match="no file"):
            pictures.sent(asked, Size.THUMB)


@pytest.mark.slow
def test_what_was_made_is_made_once(pictures: SentPictures, photos: Path, tmp_path: Path) -> None:
    asked = member(photos / "phone" / "1.jpg", None)
    first = pictures.sent(asked, Size.THUMB)
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [f"{asked.content_hash}-320"]
    other = pictures.sent(member(photos / "phone" / "2.jpg", None), Size.THUMB).data
    kept[0].write_bytes(other)
    assert pictures.sent(asked, Size.THUMB).data == other
    kept[0].unlink()
    assert pictures.sent(asked, Size.THUMB) == first
    pictures.sent(asked, Size.FULL)
    assert len([path for path in (tmp_path / "cache").rglob("*") if path.is_file()]) == 2


def evil_member(photos: Path) -> Member:
    (photos / "evil.jpg").write_bytes(HTML)
    return member(photos / "evil.jpg", Verdict.SAME)


@pytest.mark.slow
def test_a_forged_report_shows_nothing_of_this_machine(photos: Path, tmp_path: Path) -> None:
    secret = Path(shutil.copy(photos / "phone" / "1.jpg", tmp_path / "secret.jpg"))
    (photos / "link.jpg").symlink_to(secret)
    linked = replace(member(secret, Verdict.SAME), path=photos / "link.jpg")
    forged = group(photos / "phone" / "1.jpg", member(secret, Verdict.SAME), linked, evil_member(photos))
    with served(report(forged, index=photos / ".visualsearch"), photos, tmp_path / "journals") as client:
        assert client.get("/p/1/0/full").status == 200
        for place in (1, 2, 3):
            for size in ("thumb", "view", "full"):
                answer = client.get(f"/p/1/{place}/{size}")
                assert answer.status == 403
                assert answer.headers["content-type"].startswith("text/plain")
        assert client.get("/g/1").status == 200
        assert client.get("/g/1/c/3").status in (200, 409)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        *("/p/1/0/raw", "/p/0/0/thumb", "/p/9/0/thumb", "/p/1/9/thumb", "/p/1/-1/thumb", "/p/x/0/thumb"),
        *("/static/..%2f__init__.py", "/static/%2e%2e/site.py", "/static/review.js/..", "/static/"),
        *("/p/1/0/..%2f..%2fetc%2fpasswd", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"),
    ],
)
def test_there_is_nothing_but_what_is_listed(standing: Client, path: str) -> None:
    answer = standing.get(path)
    assert answer.status in (403, 404)
    assert b"root:" not in answer.body
    assert b"def " not in answer.body
