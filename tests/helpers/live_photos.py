"""The two files of a Live Photo, as small as they can be."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image

KEY = b"com.apple.quicktime.content.identifier"


def still(
    identifier: str, order: bytes = b"MM", image: Image.Image | None = None, quality: int = 90
) -> bytes:
    """Return a JPEG with a content identifier in its maker note; without one if it is empty."""
    stream = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Apple"
    if identifier:
        exif.get_ifd(0x8769)[0x927C] = _maker_note(identifier.encode("ascii") + b"\0", order)
    picture = Image.linear_gradient("L") if image is None else image
    picture.save(stream, "JPEG", exif=exif, quality=quality)
    return stream.getvalue()


def film(identifier: str, brand: str = "mov", frames: int = 1000) -> bytes:
    """Return what a player would take for a film without a track, with `frames` bytes of nothing in it."""
    named = _box(
        b"keys", struct.pack(">II", 0, 2) + _box(b"mdta", b"com.apple.quicktime.make") + _box(b"mdta", KEY)
    )
    values = b"".join(
        _box(struct.pack(">I", number), _box(b"data", struct.pack(">II", 1, 0) + value))
        for number, value in ((1, b"Apple"), (2, identifier.encode("ascii")))
        if value
    )
    inner = _box(b"hdlr", bytes(24)) + named + _box(b"ilst", values)
    meta = _box(b"meta", inner if brand == "mov" else bytes(4) + inner)
    start = _box(b"ftyp", b"qt  \0\0\0\0qt  " if brand == "mov" else b"mp42\0\0\0\0mp42")
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + frames) + bytes(frames)
    return start + large + _box(b"moov", _box(b"mvhd", bytes(100)) + meta)


def _box(kind: bytes, contents: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(contents), kind) + contents


def _maker_note(text: bytes, order: bytes) -> bytes:
    """Return Apple's: a head of 14 bytes, and a directory with offsets from the beginning of the note."""
    sign = ">" if order == b"MM" else "<"
    entries = [(1, 9, 1, 14), (17, 2, len(text), 16 + 2 * 12 + 4)]
    directory = b"".join(struct.pack(f"{sign}HHII", *entry) for entry in entries)
    return b"Apple iOS\0\0\1" + order + struct.pack(f"{sign}H", len(entries)) + directory + bytes(4) + text
