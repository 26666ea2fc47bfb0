"""Whether a file has content credentials, in the ways of each format."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, TiffImagePlugin

from visualsearch_cli.pictures.held.credentials import has_credentials
from visualsearch_cli.pictures.held.holdings import what_more
from visualsearch_cli.pictures.held.inspection import holdings_of

GRADIENT = Image.linear_gradient("L").convert("RGB")
LABEL = bytes.fromhex("6332706100110010800000aa00389b71") + b"\3c2pa\0"
STORE = struct.pack(">I4sI4s", 16 + len(LABEL), b"jumb", 8 + len(LABEL), b"jumd") + LABEL
UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def saved(format_: str, **options: object) -> bytes:
    stream = BytesIO()
    GRADIENT.save(stream, format_, **options)
    return stream.getvalue()


def of_jpeg(segment: bytes) -> bytes:
    whole = saved("JPEG")
    return whole[:2] + struct.pack(">BBH", 0xFF, 0xEB, 2 + len(segment)) + segment + whole[2:]


def of_png(kind: bytes) -> bytes:
    whole = saved("PNG")
    chunk = struct.pack(">I4s", len(STORE), kind) + STORE + struct.pack(">I", zlib.crc32(kind + STORE))
    return whole[:33] + chunk + whole[33:]


def of_webp(kind: bytes) -> bytes:
    chunks = saved("WEBP")[8:] + kind + struct.pack("<I", len(STORE)) + STORE + bytes(len(STORE) % 2)
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def of_tiff(tag: int) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[tag] = STORE
    tags.tagtype[tag] = 7
    return saved("TIFF", tiffinfo=tags)


def of_gif(called: bytes) -> bytes:
    return saved("GIF")[:-1] + b"\x21\xff\x0b" + called + bytes([len(STORE)]) + STORE + b"\0\x3b"


def in_boxes(format_: str, kind: bytes, contents: bytes) -> bytes:
    return saved(format_) + struct.pack(">I4s", 8 + len(contents), kind) + contents


@pytest.mark.parametrize(
    ("signed", "other"),
    [
        pytest.param(of_jpeg(b"JP\0\1\0\0\0\1" + STORE), of_jpeg(b"JP\0\1\0\0\0\1" + bytes(16)), id="JPEG"),
        pytest.param(of_png(b"caBX"), of_png(b"caBY"), id="PNG"),
        pytest.param(of_webp(b"C2PA"), of_webp(b"C2PB"), id="WebP"),
        pytest.param(of_gif(b"C2PA_GIF\1\0\0"), of_gif(b"C2PB_GIF\1\0\0"), id="GIF"),
        pytest.param(of_tiff(0xCD41), of_tiff(0xCD42), id="TIFF"),
        pytest.param(
            in_boxes("AVIF", b"uuid", UUID + STORE), in_boxes("AVIF", b"uuid", bytes(16) + STORE), id="AVIF"
        ),
        pytest.param(
            in_boxes("JPEG2000", b"jumb", STORE), in_boxes("JPEG2000", b"xml ", STORE), id="JPEG 2000"
        ),
    ],
)
def test_each_format_keeps_them_in_its_own_way(signed: bytes, other: bytes) -> None:
    with Image.open(BytesIO(signed)) as image:
        image.load()  # what was added is no damage
    held, plain = holdings_of(signed), holdings_of(other)
    assert held.credentials and not plain.credentials
    assert what_more(held, plain) == ["content credentials"]
    for length in range(0, len(signed), 37):
        has_credentials(signed[:length])  # what is cut short raises nothing
