"""What tells which film and which still are one Live Photo: the content identifier that is in both.

Sources: Apple's QuickTime File Format (`moov`, `meta`, `keys`, `ilst`); the maker note of Apple's cameras as
ExifTool documents it, where tag 17 is the content identifier.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from visualsearch_cli.atomic import regular
from visualsearch_cli.pictures.beside.names import Kind, kind_of
from visualsearch_cli.pictures.held.boxes import boxes_of

STILLS = frozenset([".jpg", ".jpeg", ".heic", ".heif"])
LARGEST_STILL = 1 << 30  # bytes: no larger one is read as a picture
LARGEST_DESCRIPTION = 64 << 20  # bytes: that of an hour of film has one tenth of it
MOST_BOXES = 10_000  # beside each other: a film that was written in pieces of a second has two for each

_NOTE = b"Apple iOS\0"
_ENTRIES = 16  # bytes from the beginning of the note to its first entry
_IDENTIFIER = 17
_ASCII = 2
_KEY = b"com.apple.quicktime.content.identifier"


def content_identifier(path: Path) -> str:
    """Return what a still and its film share; nothing if the file does not say, or cannot be read."""
    try:
        with regular(path) as stream:
            return _of_film(stream) if kind_of(path.name) is Kind.FILM else _of_still(stream)
    except (
        OSError,
        ValueError,
        struct.error,
    ):  # an empty file cannot be mapped, and a damaged one says nothing
        return ""


def _of_still(stream: BinaryIO) -> str:
    if os.fstat(stream.fileno()).st_size > LARGEST_STILL:
        return ""
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = data.find(_NOTE)
        if start < 0:
            return ""
        order = {b"MM": ">", b"II": "<"}.get(data[start + 12 : start + 14])
        if order is None:
            return ""
        (count,) = struct.unpack_from(f"{order}H", data, start + 14)
        for number in range(count):
            entry = start + _ENTRIES + 12 * number
            tag, kind, length, at = struct.unpack_from(f"{order}HHII", data, entry)
            if (tag, kind) == (_IDENTIFIER, _ASCII) and length > 4:  # shorter ones lie in the entry itself
                return _text(data[start + at : start + at + length])
    return ""


def _of_film(stream: BinaryIO) -> str:
    for kind, contents in _boxes_of(_description(stream)):
        if kind == b"meta":
            found = dict(_boxes_of(contents))
            if b"keys" not in found:  # QuickTime has boxes there at once, MP4 four bytes before them
                found = dict(_boxes_of(contents[4:]))
            names = dict(enumerate((name for _, name in _boxes_of(found.get(b"keys", b"")[8:])), start=1))
            for number, value in _boxes_of(found.get(b"ilst", b"")):
                if names.get(int.from_bytes(number, "big")) == _KEY:
                    return _text(dict(_boxes_of(value)).get(b"data", b"")[8:])
    return ""


def _boxes_of(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    return islice(boxes_of(data), MOST_BOXES)


def _description(stream: BinaryIO) -> bytes:
    """Return the box that describes a film, without reading the film."""
    end = os.fstat(stream.fileno()).st_size
    at = 0
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            break
        stream.seek(at)
        size, kind = struct.unpack(">I4s", stream.read(8))
        header = 8
        if size == 1:
            (size,) = struct.unpack(">Q", stream.read(8))
            header = 16
        size = size or end - at
        if size < header:
            return b""
        if kind == b"moov":
            return stream.read(size - header) if size <= LARGEST_DESCRIPTION else b""
        at += size
    return b""


def _text(value: bytes) -> str:
    return value.rstrip(b"\0 ").decode("ascii", "replace")
