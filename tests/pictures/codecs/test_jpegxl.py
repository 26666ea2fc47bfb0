from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.helpers.images import scene
from visualsearch_cli.errors import ImageTooLarge, ImageUnreadable
from visualsearch_cli.pictures.codecs import choosing
from visualsearch_cli.pictures.codecs.jpegxl import has_jpeg, head_of
from visualsearch_cli.pictures.held.boxes import boxes_of
from visualsearch_cli.pictures.held.inspection import holdings_of
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.pictures.whole import whole_of

pillow_jxl = pytest.importorskip("pillow_jxl")

READER = PillowReader()
PICTURE = Image.fromarray(scene(120, 80))


def exif(orientation: int) -> bytes:
    said = Image.Exif()
    said[274] = orientation
    return said.tobytes()


def encoded(image: Image.Image, format_: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()


def of_jpeg(path: Path, orientation: int) -> bytes:
    """Return the JPEG XL that a JPEG can be made of again. Its writer reads that by its path."""
    PICTURE.save(path, quality=92, exif=exif(orientation))
    with Image.open(path) as jpeg:
        data = encoded(jpeg, "JXL", lossless_jpeg=True)
    assert has_jpeg(data)
    return data


def without(data: bytes, *kinds: bytes) -> bytes:
    """Return a file of boxes without some of them."""
    kept = [(kind, contents) for kind, contents in boxes_of(data) if kind not in kinds]
    return b"".join(struct.pack(">I4s", 8 + len(contents), kind) + contents for kind, contents in kept)


def difference(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one).astype(int) - np.asarray(other)).mean())


@pytest.mark.parametrize("min_side", [None, 16])
def test_it_is_read(min_side: int | None) -> None:
    decoded = READER.read(encoded(PICTURE, "JXL", quality=95), min_side)
    assert (decoded.width, decoded.height, decoded.format) == (120, 80, "JXL")
    if min_side is None:
        assert difference(decoded.pixels, PICTURE) < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_once(tmp_path: Path, orientation: int) -> None:
    """Its reader turns by the codestream, but no JPEG; EXIF says the same, or says it alone."""
    with Image.open(io.BytesIO(encoded(PICTURE, "JPEG", quality=92, exif=exif(orientation)))) as jpeg:
        upright = READER.read(encoded(jpeg, "JPEG", quality="keep", exif=exif(orientation))).pixels
    again = of_jpeg(tmp_path / "a.jpg", orientation)
    codestream = without(again, b"jbrd")
    both = without(codestream, b"brob") + box(b"Exif", b"\0\0\0\0" + exif(orientation)[6:])
    alone = encoded(PICTURE, "JXL", quality=92, exif=exif(orientation))
    for data in (again, codestream, both, alone):
        assert difference(READER.read(data).pixels, upright) < 4


def box(kind: bytes, contents: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(contents), kind) + contents


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "height"), [(8, 8), (256, 256), (120, 80), (160, 120), (333, 77), (1920, 1080), (9000, 3)]
)
def test_the_size_is_known_before_it_is_decoded(width: int, height: int) -> None:
    for container in (False, True):
        data = encoded(Image.new("RGB", (width, height)), "JXL", effort=1, use_container=container)
        head = head_of(data)
        assert head is not None
        assert head[:5] == (width, height, 1, False, 8)


def test_a_large_one_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(PICTURE, "JXL")
    monkeypatch.setattr("pillow_jxl.JpegXLImagePlugin.Decoder", None)
    with pytest.raises(ImageTooLarge, match="120 × 80"):
        PillowReader(max_pixels=9000).read(data)


def test_more_bits_than_are_shown_are_not_overlooked() -> None:
    grey = np.linspace(0, 65535, 120 * 80).reshape(80, 120).astype(np.uint16)
    head = head_of(encoded(Image.fromarray(grey), "JXL", lossless=True))
    assert head is not None
    assert head.bits == 16


def test_sixteen_bits_of_color_are_held_though_its_decoder_gives_eight() -> None:
    """A gradient from red to blue, 16 × 12, as libjxl saves it without loss."""
    data = bytes.fromhex(
        "ff0a5830fc0054eead2208080201005c014b18938e8383495060da31c643078e31b80e3106eb5e2018006850180740f1095080f2"
        "939f00e52740f9c94f7fdad39ffed4a73efda94f7fea539fc85ae5a63ef5e94f7dfa539ffaf4a73fede94f56a88baa79530bef04"
    )
    assert READER.read(data).pixels.shape == (12, 16, 3)
    assert holdings_of(data).bits == 16
    assert holdings_of(encoded(PICTURE, "JXL", lossless=True)).bits == 8
    eight = Image.fromarray(np.arange(256, dtype=np.uint16).reshape(16, 16) * 257)
    assert holdings_of(encoded(eight, "JXL", lossless=True)).bits == 8, "they say no more than eight"


def test_damage_is_named() -> None:
    data = encoded(PICTURE, "JXL")
    for end in (2, 12, 40, len(data) // 2):
        with pytest.raises(ImageUnreadable):
            READER.read(data[:end])
    assert whole_of(data).frames == 1


def test_without_its_package_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "find_spec", lambda _: None)
    with pytest.raises(ImageUnreadable, match="JPEG XL needs the package pillow-jxl-plugin"):
        READER.read(encoded(PICTURE, "JXL"))


def test_a_gain_map_is_held() -> None:
    data = encoded(PICTURE, "JXL", use_container=True)
    assert not holdings_of(data).gain_map
    assert holdings_of(data + box(b"jhgm", b"\0" * 20)).gain_map


def test_what_lay_behind_a_jpeg_is_held(tmp_path: Path) -> None:
    """Its JPEG can be made again with every byte, so the film of a motion photo is in there, too."""
    film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(2000)
    found = []
    for behind in (b"", film):
        jpeg = encoded(PICTURE, "JPEG", quality=92) + behind
        (tmp_path / "a.jpg").write_bytes(jpeg)
        with Image.open(tmp_path / "a.jpg") as image:
            data = encoded(image, "JXL", lossless_jpeg=True)
        assert holdings_of(data) == holdings_of(jpeg)
        assert whole_of(data) == whole_of(jpeg)
        found.append((bool(holdings_of(data).film), whole_of(data).hash))
    assert [has_film for has_film, _ in found] == [False, True]
    assert found[0][1] != found[1][1]
