from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from tests.helpers.images import scene
from visualsearch_cli.errors import ImageTooLarge, ImageUnreadable
from visualsearch_cli.pictures.codecs.choosing import formats_of
from visualsearch_cli.pictures.codecs.refusals import (
    MOST_IN_ONE_PIECE,
    NO_IMAGE,
    UNDECODED,
    undecodable_heif,
)
from visualsearch_cli.pictures.pillow import PillowReader

SIDE = 16


def tiff(bits: int, samples: int, compression: int, photometric: int) -> bytes:
    """Return a TIFF of a kind, of 16 × 16 pixels in one strip."""
    size = SIDE * SIDE * samples * bits // 8
    fields = [
        *((256, 3, SIDE), (257, 3, SIDE), (259, 3, compression), (262, 3, photometric)),
        *((277, 3, samples), (278, 3, SIDE), (279, 4, size)),
    ]
    depths = struct.pack(f"<{samples}H", *[bits] * samples)
    start = 8 + 2 + 12 * (len(fields) + 2) + 4
    entries = [(tag, kind, 1, value) for tag, kind, value in fields]
    entries.append((258, 3, samples, bits if samples == 1 else start))
    entries.append((273, 4, 1, start + len(depths)))
    directory = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    return head + directory + struct.pack("<I", 0) + depths + b"\x55" * size


def refusal(data: bytes) -> str:
    with pytest.raises(ImageUnreadable) as caught:
        PillowReader().read(data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ((24, 1, 1, 1), "compression 1, photometric 1, bits 24"),
        ((8, 1, 9, 1), "compression 9, photometric 1, bits 8"),
        ((8, 3, 1, 32845), "photometric 32845"),
    ],
)
def test_the_kind_of_a_tiff_is_named(kind: tuple[int, int, int, int], said: str) -> None:
    assert PillowReader().read(tiff(8, 3, 1, 2)).format == "TIFF"
    found = refusal(tiff(*kind))
    assert found.startswith("a TIFF of a kind that Pillow cannot read: ") and said in found


def test_what_libtiff_does_not_decode_is_named() -> None:
    said = (
        "damaged, or a TIFF of a kind that libtiff does not decode: compression 6, photometric 6, bits 8/8/8"
    )
    assert refusal(tiff(8, 3, 6, 6)).startswith(said)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xd8\xff\xe1\x10\x00Exif", "damaged: Truncated File Read"),
        (b"\xff\xd8\xff\xda\0\x08\1\1\0\0?\0\0\0\xff\xd9", "damaged, or a JPEG of a kind that cannot be"),
        (b"\x89PNG\r\n\x1a\n", "damaged, or a PNG of a kind that cannot be read: "),
        (b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, 9, 9, 16, 3), "damaged, or a PSD of a kind"),
        (b"<!DOCTYPE html><title>Not found</title>", "not an image: it holds text"),
        (struct.pack(">I", 24) + b"ftypvvic\0\0\0\0mif2vvic", "of a kind that cannot be read (brand 'vvic')"),
        (struct.pack(">I", 24) + b"ftypqt  \0\0\0\0qt  qt  ", "a film (brand 'qt'), not a picture"),
        (b"abc" * 100, NO_IMAGE),
    ],
)
def test_reasons_say_what_it_is(data: bytes, said: str) -> None:
    assert refusal(data).startswith(said)


def test_a_picture_over_the_limit_of_its_reader_is_too_large_and_no_other_thing() -> None:
    """libavif stops at 16,384 × 16,384 pixels."""
    stream = io.BytesIO()
    Image.fromarray(scene(64, 64)).save(stream, "AVIF")
    data = stream.getvalue()
    at = data.index(b"ispe") + 8
    with pytest.raises(ImageTooLarge, match="40000 × 40000 = 1,600,000,000 pixels, the limit is"):
        PillowReader().read(data[:at] + struct.pack(">II", 40_000, 40_000) + data[at + 8 :])


def test_brands_of_heic_are_those_of_its_reader() -> None:
    plugin = pytest.importorskip("pillow_heif.as_plugin")
    for brand in b"heic heix heim heis hevc hevx hevm hevs mif1 msf1".split():
        head = struct.pack(">I", 20) + b"ftyp" + brand + b"\0\0\0\0" + brand
        assert "HEIF" in formats_of(head)
        assert plugin._is_supported_heif(io.BytesIO(head))
    for brand in (b"avif", b"avis", b"isom", b"vvic"):
        assert "HEIF" not in formats_of(struct.pack(">I", 20) + b"ftyp" + brand + b"\0\0\0\0" + brand)


@pytest.mark.parametrize("data", [b"x", b"no", b"\x89PNG\r\n\x1a\n", b"II*\0"])
def test_what_ends_too_early_is_said_to(data: bytes) -> None:
    """Not in the words of the function that met the end."""
    said = refusal(data)
    assert "unpack" not in said and "buffer" not in said and said


def test_a_heic_in_one_large_piece_is_not_only_called_damaged() -> None:
    refused = ValueError("Decoder plugin generated an error: Unspecified: " + UNDECODED)
    assert "more than 16 MiB" in undecodable_heif(bytes(MOST_IN_ONE_PIECE + 1), refused)
    assert not undecodable_heif(bytes(MOST_IN_ONE_PIECE), refused)
    assert not undecodable_heif(bytes(MOST_IN_ONE_PIECE + 1), ValueError("unexpected end of file"))
