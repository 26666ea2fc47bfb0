"""What is appended to a picture, or kept in it, in the ways of phones, cameras and programs."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image

from visualsearch_cli.pictures.held.appended import MUCH, NOTES, blocks_of_samsung
from visualsearch_cli.pictures.held.ends import end_of_picture
from visualsearch_cli.pictures.held.holdings import Holdings, what_more
from visualsearch_cli.pictures.held.inspection import holdings_of

GRADIENT = Image.linear_gradient("L").convert("RGB")
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08mdat" + bytes(100)
BARE_FILM = b"\0\0\0\x10moov" + bytes(8)
NOISE = random.Random(1).randbytes(MUCH)


def saved(format_: str, image: Image.Image = GRADIENT, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()


PLAIN = saved("JPEG")
ANIMATION = saved("GIF", save_all=True, append_images=[GRADIENT.rotate(90)])


def with_segment(marker: int, content: bytes) -> bytes:
    return PLAIN[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + PLAIN[2:]


def trailer(*blocks: tuple[bytes, bytes]) -> bytes:
    """Return what a Samsung appends: blocks, and a directory that counts back from its own beginning."""
    whole = [struct.pack("<HHI", 0, 0xA30, len(name)) + name + contents for name, contents in blocks]
    back, entries = sum(map(len, whole)), b""
    for block in whole:
        entries += struct.pack("<HHII", 0, 0xA30, back, len(block))
        back -= len(block)
    head = b"SEFH" + struct.pack("<II", 107, len(whole)) + entries
    return b"".join(whole) + head + struct.pack("<I", len(head)) + b"SEFT"


NOTE = (b"Image_UTC_Data", b"1682935200000")


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (NOTE, Holdings()),
        ((b"Camera_Info", NOISE[: NOTES - 1]), Holdings()),
        ((b"SoundShot_000", b"#!AMR\n" + bytes(100)), Holdings(audio=True)),
        ((b"DualShot_DepthMap_1", NOISE[:9000]), Holdings(depth=True)),
    ],
)
def test_a_samsung_says_what_it_appends(block: tuple[bytes, bytes], expected: Holdings) -> None:
    assert holdings_of(PLAIN + trailer(NOTE, block, NOTE)) == expected


def test_of_the_blocks_of_a_samsung_all_count() -> None:
    held = holdings_of(PLAIN + trailer(NOTE, (b"MotionPhoto_Data", FILM)))
    assert held.film and held == Holdings(film=held.film)
    held = holdings_of(PLAIN + trailer((b"Re_Edit", NOISE[:NOTES]), NOTE))
    assert held.behind and held == Holdings(behind=held.behind)
    later = trailer((b"Re_Edit", NOISE[:NOTES]), (NOTE[0], b"1682935299999"))
    assert holdings_of(PLAIN + later) == held  # other notes are no other data


def test_a_damaged_trailer_says_nothing() -> None:
    whole = trailer(NOTE)
    for length in range(1, len(whole)):
        assert blocks_of_samsung(whole[length:]) in ([], [NOTE])
        assert blocks_of_samsung(whole[:-length] + b"SEFT") == ([NOTE] if length == 4 else [])
    assert not blocks_of_samsung(b"\xff" * 60 + struct.pack("<I", 20) + b"SEFT")


@pytest.mark.parametrize("beginning", [b"PK\3\4", b"%PDF-1.7", b"7z\xbc\xaf\x27\x1c", saved("PNG")])
def test_an_archive_or_a_document_is_no_note_however_short(beginning: bytes) -> None:
    held = holdings_of(PLAIN + beginning + bytes(10))
    assert held.behind and held == Holdings(behind=held.behind)


@pytest.mark.parametrize(
    "xmp",
    [
        f"<GCamera:MicroVideoOffset>{len(BARE_FILM)}</GCamera:MicroVideoOffset>",
        f"<Item:Length> {len(BARE_FILM)} </Item:Length>",
    ],
)
def test_xmp_may_say_in_an_element_where_the_film_is(xmp: str) -> None:
    told = with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp.encode())
    assert not holdings_of(told).film and holdings_of(told + BARE_FILM).film


def test_sound_in_flashpix_streams() -> None:
    stream = b"FPXR\0\0\2\0\0" + bytes(4) + b"RIFF\x10\0\0\0WAVE" + bytes(100)
    assert holdings_of(with_segment(0xE2, stream)) == Holdings(audio=True)
    assert holdings_of(with_segment(0xE2, b"FPXR\0\0\1\0\1" + bytes(40))) == Holdings()


EXIF = Image.Exif()
EXIF[ExifTags.Base.ImageDescription] = "in a value of its own"
EXIF.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = bytes(range(200))


def with_tiles(**options: Any) -> bytes:
    """Return a TIFF of tiles, with a smaller picture in a directory below its own."""
    stream, values = BytesIO(), np.asarray(GRADIENT)
    with tifffile.TiffWriter(stream, **options) as writer:
        writer.write(values, photometric="rgb", tile=(64, 64), compression="zlib", subifds=1)
        writer.write(values[::2, ::2], photometric="rgb", subfiletype=1)
    return stream.getvalue()


@pytest.mark.parametrize(
    "whole",
    [
        *(saved("PNG"), saved("WEBP"), saved("WEBP", lossless=True), saved("GIF"), ANIMATION),
        *(saved("TIFF"), saved("TIFF", compression="jpeg"), saved("TIFF", exif=EXIF)),
        saved("TIFF", big_tiff=True),
        *(with_tiles(), with_tiles(byteorder=">"), with_tiles(bigtiff=True)),
        *(saved("BMP", GRADIENT.convert(mode)) for mode in ("RGB", "L", "1")),
        *(saved("PPM", GRADIENT.convert(mode)) for mode in ("RGB", "L", "1")),
        saved("PPM", Image.new("I;16", (9, 7))),
        *(saved("JPEG2000"), saved("JPEG2000", no_jp2=True)),
    ],
)
def test_what_lies_behind_other_formats(whole: bytes) -> None:
    assert end_of_picture(whole) == end_of_picture(whole + FILM) == len(whole)
    plain = holdings_of(whole)
    assert what_more(holdings_of(whole + FILM), plain) == ["a film"]
    assert what_more(holdings_of(whole + PLAIN), plain) == ["a further picture"]
    assert what_more(holdings_of(whole + NOISE), plain) == ["data behind its picture"]
    assert what_more(holdings_of(whole + b"PK\3\4" + bytes(9)), plain) == ["data behind its picture"]
    assert what_more(holdings_of(whole + b"#!AMR" + bytes(9)), plain) == ["sound"]
    assert holdings_of(whole + b"a note") == holdings_of(whole + bytes(100_000)) == plain
    for length in (30, len(whole) // 2, len(whole) - 1):
        assert end_of_picture(whole[:length]) == length


def with_chunk(kind: bytes, contents: bytes) -> bytes:
    whole = saved("PNG")
    checksum = struct.pack(">I", zlib.crc32(kind + contents))
    return whole[:-12] + struct.pack(">I", len(contents)) + kind + contents + checksum + whole[-12:]


@pytest.mark.parametrize(
    ("kind", "contents"),
    [
        (b"tEXt", b"mxfile\0%3Cmxfile%3E"),
        (b"zTXt", b"mxGraphModel\0\0" + zlib.compress(b"<mxGraphModel/>")),
        (b"tEXt", b"application/vnd.excalidraw+json\0{}"),
        (b"mkBT", b"of Fireworks"),
    ],
)
def test_the_drawing_that_a_png_opens_as(kind: bytes, contents: bytes) -> None:
    held = holdings_of(with_chunk(kind, contents))
    assert held.drawing and held == Holdings(drawing=held.drawing)
    assert holdings_of(with_chunk(kind, contents + b" ")).drawing != held.drawing
    assert holdings_of(with_chunk(b"tEXt", b"Comment\0mxfile")) == Holdings()


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_what_lies_behind_boxes(format_: str) -> None:
    if format_ == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    whole = saved(format_)
    plain = holdings_of(whole)
    assert what_more(holdings_of(whole + FILM), plain) == ["a film"]
    assert what_more(holdings_of(whole + PLAIN), plain) == ["a further picture"]
    assert what_more(holdings_of(whole + b"PK\3\4" + bytes(9)), plain) == ["data behind its picture"]
    assert what_more(holdings_of(whole + b"#!AMR" + bytes(9)), plain) == ["sound"]
    spoken = trailer(NOTE, (b"SoundShot_000", b"#!AMR\n" + bytes(100)))
    boxed = struct.pack(">I4s", 8 + len(spoken), b"sefd") + spoken
    assert (
        what_more(holdings_of(whole + boxed), plain)
        == what_more(holdings_of(whole + spoken), plain)
        == ["sound"]
    )
    assert holdings_of(whole + trailer(NOTE)) == holdings_of(whole + bytes(100_000)) == plain
    for length in range(len(whole) // 2, len(whole), 7):  # what is cut short has nothing behind it
        held = holdings_of(whole[:length])
        assert not (held.film or held.behind or held.pictures or held.audio)
