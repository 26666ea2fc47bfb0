from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from tests.helpers.images import scene
from visualsearch_cli.errors import ImageTooLarge, ImageUnreadable
from visualsearch_cli.pictures.codecs.avif import read_leniently, shown_part
from visualsearch_cli.pictures.held.inspection import holdings_of
from visualsearch_cli.pictures.pillow import PillowReader, opened
from visualsearch_cli.pictures.whole import whole_of

READER = PillowReader()
PICTURE = Image.fromarray(scene(96, 64))


def avif(image: Image.Image = PICTURE, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "AVIF", **{"quality": 90, **options})
    return stream.getvalue()


def exif(orientation: int) -> bytes:
    said = Image.Exif()
    said[274] = orientation
    return said.tobytes()


def with_alpha(orientation: int) -> bytes:
    image = PICTURE.copy()
    image.putalpha(255)
    image.paste((0, 0, 0, 0), (80, 0, 96, 20))
    return avif(image, **({"exif": exif(orientation)} if orientation != 1 else {}))


def without_size_of_alpha(data: bytes) -> bytes:
    """Return what strict mode refuses: MIAF asks for `ispe` of item 2, the alpha."""
    at = data.index(b"ipma") + 12
    while data[at + 1] != 2:
        at += 3 + data[at + 2]
    assert data[at + 3] == 1
    return data[: at + 3] + b"\x00" + data[at + 4 :]


def with_crop(data: bytes, *box: int) -> bytes:
    """Return an AVIF with a clean aperture: left, top, right, bottom. It takes the place of `pixi`."""
    width, height = struct.unpack_from(">II", data, data.index(b"ispe") + 8)
    left, top, right, bottom = box
    fields = (right - left, 1, bottom - top, 1)
    across, down = left + right - width, top + bottom - height
    clap = struct.pack(">I4s8i", 40, b"clap", *fields, across, 2, down, 2)
    at = data.index(b"ipma") + 15  # the numbers of properties of item 1: a crop must be marked as essential
    numbered = data[: at + 1] + data[at + 1 :].replace(b"\x02", b"\x82", 1)
    return replaced_property(numbered, b"pixi", clap)


def replaced_property(data: bytes, kind: bytes, box: bytes) -> bytes:
    """Return a file in which one property is another one, of another size."""
    at = data.index(kind) - 4
    size = struct.unpack_from(">I", data, at)[0]
    grown = len(box) - size
    out = bytearray(data[:at] + box + data[at + size :])
    for name in (b"meta", b"iprp", b"ipco"):
        place = out.index(name) - 4
        struct.pack_into(">I", out, place, struct.unpack_from(">I", out, place)[0] + grown)
    iloc = out.index(b"iloc") + 4
    count = struct.unpack_from(">H", out, iloc + 6)[0]
    assert out[iloc : iloc + 6] == bytes.fromhex("000000004400")  # offsets and lengths of four bytes
    place = iloc + 8
    for _ in range(count):
        extents = struct.unpack_from(">H", out, place + 4)[0]
        for number in range(extents):
            start = place + 6 + 8 * number
            struct.pack_into(">I", out, start, struct.unpack_from(">I", out, start)[0] + grown)
        place += 6 + 8 * extents
    return bytes(out)


def difference(one: Any, other: Any) -> float:
    return float(np.abs(np.asarray(one).astype(int) - np.asarray(other)).mean())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_strict_mode_refuses_is_read_upright(orientation: int) -> None:
    sound = with_alpha(orientation)
    data = without_size_of_alpha(sound)
    with pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(data), formats=["AVIF"])
    strict = READER.read(sound)
    lenient = READER.read(data)
    assert (lenient.width, lenient.height, lenient.format) == (strict.width, strict.height, "AVIF")
    assert difference(lenient.pixels, strict.pixels) < 3
    assert whole_of(data).frames == 1
    assert holdings_of(data).alpha


def test_the_limit_holds_for_them_too() -> None:
    with pytest.raises(ImageTooLarge, match="96 × 64"):
        PillowReader(max_pixels=1000).read(without_size_of_alpha(with_alpha(1)))


def test_what_no_reader_takes_is_named() -> None:
    with pytest.raises(ImageUnreadable, match="damaged, or AVIF of a kind that cannot be read"):
        READER.read(avif()[:500])


def test_a_crop_is_shown_cropped() -> None:
    cropped = with_crop(avif(), 10, 20, 70, 60)
    with Image.open(io.BytesIO(cropped)) as whole:
        assert whole.size == PICTURE.size  # Pillow leaves it out
    decoded = READER.read(cropped)
    assert (decoded.width, decoded.height) == (60, 40)
    assert difference(decoded.pixels, PICTURE.crop((10, 20, 70, 60))) < 3
    assert whole_of(cropped).hash != whole_of(avif()).hash


def test_a_crop_comes_before_the_turn() -> None:
    cropped = with_crop(avif(exif=exif(6)), 10, 20, 70, 60)
    decoded = READER.read(cropped)
    assert (decoded.width, decoded.height) == (40, 60)
    upright = PICTURE.crop((10, 20, 70, 60)).transpose(Image.Transpose.ROTATE_270)
    assert difference(decoded.pixels, upright) < 3


@pytest.mark.parametrize("box", [(0, 0, 96, 64), (-5, 0, 50, 50), (10, 10, 200, 60)])
def test_a_crop_of_all_or_beyond_it_is_none(box: tuple[int, int, int, int]) -> None:
    assert READER.read(with_crop(avif(), *box)).pixels.shape == (64, 96, 3)


def test_an_orientation_in_xmp_alone_turns_a_jpeg_and_no_avif() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    assert READER.read(avif(xmp=xmp)).pixels.shape == (64, 96, 3)
    stream = io.BytesIO()
    PICTURE.save(stream, "JPEG", xmp=xmp)
    assert READER.read(stream.getvalue()).pixels.shape == (96, 64, 3)


@pytest.mark.slow
def test_frames_of_a_sequence_are_counted_and_the_first_is_read() -> None:
    others = [Image.fromarray(scene(96, 64, phase)) for phase in (1, 2)]
    data = avif(save_all=True, append_images=others)
    assert difference(READER.read(data).pixels, PICTURE) < 3
    assert holdings_of(data).frames == 3 == whole_of(data).frames


def test_ten_bits_are_as_light_as_eight() -> None:
    """As OpenCV gives them: Pillow reads them itself, so they get here only if strict mode refuses them."""
    data = avif()
    assert shown_part(data).bits == 8
    image = read_leniently(data)
    assert image is not None
    assert difference(image, PICTURE) < 3


def test_damaged_boxes_say_nothing() -> None:
    data = avif()
    for end in range(0, 300, 7):
        assert shown_part(data[:end]).crop is None
    with opened(data) as image:
        assert image.size == (96, 64)
