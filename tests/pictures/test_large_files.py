"""Large files: what stays on the disk reads as if it were in memory, and what is no file is not opened."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.helpers.dng import dng
from tests.helpers.images import scene
from visualsearch_cli.atomic import regular
from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.pictures import reading
from visualsearch_cli.pictures.held.inspection import holdings_of
from visualsearch_cli.pictures.image import LargeFile, size_of
from visualsearch_cli.pictures.metadata.embedded import metadata_of
from visualsearch_cli.pictures.reader import AnyImageReader
from visualsearch_cli.pictures.reading import hash_content, read_file
from visualsearch_cli.pictures.whole import facts_of, whole_of


def saved(format_: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(scene(160, 120, 3)).save(stream, format_, **options)
    return stream.getvalue()


def deep() -> bytes:
    """A PNG of 16 bits a channel, of which Pillow shows eight."""
    import cv2

    pixels = scene(160, 120, 3).astype(np.uint16) * 257
    return bytes(cv2.imencode(".png", pixels)[1])


LEFT_ON_DISK: dict[str, Callable[[], bytes]] = {
    "plain.tif": lambda: saved("TIFF"),
    "lzw.tif": lambda: saved("TIFF", compression="tiff_lzw"),
    "pages.tif": lambda: saved("TIFF", save_all=True, append_images=[Image.fromarray(scene(80, 60, 4))]),
    "cut.tif": lambda: saved("TIFF", compression="tiff_lzw")[:-3000],
    "raw.dng": lambda: dng(Image.fromarray(scene(160, 120, 3))),
    "cut.dng": lambda: dng(Image.fromarray(scene(160, 120, 3)))[:-3000],
    "deep.png": deep,
    "bitmap.bmp": lambda: saved("BMP"),
    "none.jpg": lambda: bytes(5000),
}
READ_WHOLE = ("JPEG", "WEBP", "AVIF", "JPEG2000", "HEIF")


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def told(data: bytes, ask: Callable[[bytes], object]) -> object:
    try:
        return ask(data)
    except ImageUnreadable as error:
        return str(error)


@pytest.mark.parametrize("name", LEFT_ON_DISK)
def test_what_stays_on_the_disk_reads_alike(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name.endswith(".dng"):
        pytest.importorskip("rawpy", reason="the extra `formats` is not installed")
    content = LEFT_ON_DISK[name]()
    path = written(tmp_path / name, content)
    monkeypatch.setattr(reading, "LARGEST_UNSEEN", 1000)
    monkeypatch.setattr(reading, "BLOCK", 1024)
    read = read_file(path)
    assert isinstance(read.data, LargeFile) and len(read.data) == 1024
    assert size_of(read.data) == len(content) == read.file.size
    assert read.content_hash == hash_content(content)
    reader = AnyImageReader()
    for ask in (
        lambda data: reader.read(data).pixels.tobytes(),
        lambda data: reader.read(data, 32).pixels.tobytes(),
        *(whole_of, holdings_of, metadata_of, facts_of),
    ):
        assert told(read.data, ask) == told(content, ask)


@pytest.mark.parametrize("format_", READ_WHOLE)
def test_what_its_reader_needs_whole_is_read_whole(
    format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if format_ == "HEIF":
        pytest.importorskip(
            "pillow_heif", reason="the extra `formats` is not installed"
        ).register_heif_opener()
    path = written(tmp_path / "picture", saved(format_))
    monkeypatch.setattr(reading, "LARGEST_UNSEEN", 100)
    assert read_file(path).data == path.read_bytes()
    monkeypatch.setattr(reading, "LARGEST_WHOLE", 200)
    with pytest.raises(ImageUnreadable, match="files of its format are read up to 200 B"):
        read_file(path)


def test_a_large_file_that_is_exchanged_is_not_taken_for_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST_UNSEEN", 100)
    path = written(tmp_path / "a.tif", saved("TIFF"))
    read = read_file(path)
    written(tmp_path / "b.tif", saved("TIFF", compression="tiff_lzw")).replace(path)
    with pytest.raises(ImageUnreadable, match="changed while it was read"):
        AnyImageReader().read(read.data)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
@pytest.mark.parametrize("is_link", [False, True])
def test_a_pipe_or_a_device_with_a_pictures_name_is_not_waited_for(is_link: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    if is_link:
        path.symlink_to("/dev/zero")
    else:
        os.mkfifo(path)
    with pytest.raises(ImageUnreadable, match="it is a pipe, a device or a socket, and no file"):
        read_file(path)


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes with names")
def test_what_is_exchanged_between_two_looks_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.jpg", b"x")
    before = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr("visualsearch_cli.atomic.os.stat", lambda _: before)
    with pytest.raises(OSError, match="no file"):
        regular(path)


def test_a_jpeg_that_is_decoded_alone_stays_on_the_disk(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8)
    path = tmp_path / "noise.jpg"
    Image.fromarray(pixels).save(path, quality=95)
    whole, on_disk = read_file(path, unseen=1024), read_file(path, unseen=1024, to_decode=True)
    assert not isinstance(whole.data, LargeFile) and isinstance(on_disk.data, LargeFile)
    assert on_disk.content_hash == whole.content_hash
    in_memory, streamed = (read.decoded(AnyImageReader()).pixels for read in (whole, on_disk))
    assert np.array_equal(in_memory, streamed)
    assert facts_of(on_disk.data) == facts_of(whole.data)
