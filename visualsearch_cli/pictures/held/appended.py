"""What programs and phones append to a picture, or keep in it beside what is shown, and what that is.

Sources: the trailer of Samsung's phones as ExifTool documents it (`SEFH`, `SEFT`); PNG, third edition; the
private chunks of Adobe Fireworks; the text chunks by which draw.io and Excalidraw open a picture again as the
drawing it was.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from visualsearch_cli.pictures.held.behind_jpeg import (
    START_OF_JPEG,
    JpegHeader,
    end_of,
    film_after,
    film_behind,
    header_of,
    pictures_behind,
)
from visualsearch_cli.pictures.held.boxes import film_in, is_of_boxes
from visualsearch_cli.pictures.held.ends import PNG, chunks_of, end_of_picture

SOUNDS = (b"RIFF", b"#!AMR", b"ID3", b"OggS")
PADDING = b"\0\xff \r\n"

MUCH = 2**16
"""Bytes behind the last picture of a file that are more than notes of a camera or a program."""

NOTES = 2**12
"""Bytes of one block of Samsung's trailer: those that hold settings of the camera are shorter."""

SIGNS = (b"PK\3\4", b"Rar!\x1a\7", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"%PDF-", PNG, b"\x1aE\xdf\xa3")
"""What archives, documents, further PNGs and films in Matroska begin with: no notes, however short."""

_DRAWINGS = (b"mxfile", b"mxGraphModel", b"application/vnd.excalidraw+json")  # keywords of text chunks
_LAYERS = (b"mkBF", b"mkBS", b"mkBT", b"mkTS")  # chunks of Fireworks: its own file, in parts
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")


def is_more_than_notes(behind: bytes) -> bool:
    """Tell whether what lies behind a picture, without padding, would be missed."""
    return len(behind) >= MUCH or behind.startswith(SIGNS)


def beside_what_is_decoded(data: bytes, *, is_multi_picture: bool) -> Iterator[bytes]:
    """Yield what a file holds beside the picture: films, further pictures, and what is more than notes.

    Of a JPEG with an index of its pictures (MPO), the further ones are decoded as well, and not among these.
    """
    if data.startswith(START_OF_JPEG):
        header = header_of(data)
        film = film_behind(data, header)
        yield film
        if not is_multi_picture:
            for further in pictures_behind(data, header, len(data) - len(film)):
                yield data[further.start : end_of(data, further)]
    elif is_of_boxes(data):
        yield film_in(data)
    else:
        film, pictures, behind = parts_behind(data, end_of_picture(data))
        yield from (film, *pictures, behind if is_more_than_notes(behind) else b"")


def parts_behind(data: bytes, end: int) -> tuple[bytes, list[bytes], bytes]:
    """Return what lies behind the end of a picture that is no JPEG: the film, further pictures, the rest."""
    if end >= len(data):
        return b"", [], b""
    film = film_after(data, end)
    stop = len(data) - len(film)
    pictures = [
        data[its.start : end_of(data, its)] for its in pictures_behind(data, JpegHeader(0, end), stop)
    ]
    start = end + sum(map(len, pictures))
    return film, pictures, data[start:stop].strip(PADDING)


def blocks_of_samsung(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the name and the contents of each block that a Samsung appended; nothing if it did not.

    The trailer is read from its end: a directory with where each block begins, counted back from there.
    """
    if not data.endswith(b"SEFT"):
        return []
    blocks = []
    try:
        (size,) = struct.unpack_from("<I", data, len(data) - 8)
        head = len(data) - 8 - size
        if data[head : head + 4] != b"SEFH":
            return []
        (count,) = struct.unpack_from("<I", data, head + 8)
        for at in range(head + 12, min(head + 12 + 12 * count, len(data) - 8), 12):
            back, length = struct.unpack_from("<II", data, at + 4)
            start = head - back
            if not 0 <= start < head:
                return []
            (called,) = struct.unpack_from("<I", data, start + 4)
            name = start + 8
            blocks.append((data[name : name + called], data[name + called : start + length]))
    except struct.error:  # damaged
        return []
    return blocks


def drawing_in(data: bytes) -> bytes:
    """Return what opens a PNG again as the drawing, or the layers, that it was made of; else nothing."""
    found = bytearray()
    if data.startswith(PNG):
        for kind, start, length in chunks_of(data):
            contents = data[start : start + length] if kind in _LAYERS or kind in _TEXTS else b""
            if kind in _LAYERS or contents.partition(b"\0")[0] in _DRAWINGS:
                found += contents
    return bytes(found)
