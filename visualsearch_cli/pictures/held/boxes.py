"""What lies in a HEIC or AVIF file beside its picture, by the boxes of the file.

Sources: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (HEIF: `pixi`, `auxC`, `infe`, groups), ISO/IEC 21496-1
(gain maps, as items of the type `tmap`), Android's Motion Photo format 1.0 (`mpvd`).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

GAIN_MAPS = re.compile(rb"aux:hdrgainmap|infe.{8}tmap", re.DOTALL)
DEPTHS = re.compile(
    rb"urn:mpeg:hevc:2015:auxid:2\0|urn:mpeg:mpegB:cicp:systems:auxiliary:depth|aux:(?:depth|disparity)"
)
MASKS = re.compile(rb"aux:(?:portraiteffects|semantic\w{1,32})matte")
STEREO_PAIR = b"ster"  # a group of a left and a right picture
BITS = re.compile(rb"pixi\0\0\0\0[\x01-\x04]([\x01-\x20])", re.DOTALL)
_BEGINNING = b"ftyp"
_AVIF_BRANDS = frozenset([b"avif", b"avis"])
HEIF_BRANDS = frozenset(b"heic heix heim heis hevc hevx hevm hevs mif1 msf1".split())
"""Of pictures and sequences that HEVC codes, and of such that do not say what codes them."""

PICTURE_BRANDS = HEIF_BRANDS | _AVIF_BRANDS
HEAD = 256
"""Bytes that are enough to tell a format by."""

_LONGEST_BRANDS = HEAD  # bytes of the box that names them


def is_of_boxes(data: bytes) -> bool:
    """Tell whether a file is made of boxes."""
    return data[4:8] == _BEGINNING


def boxes_of(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the type and the contents of each box of a file, as far as they are whole."""
    for kind, start, end in places_of(data):
        yield kind, data[start:end]


def places_of(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type of each whole box, and where its contents begin and end."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1 and at + 16 <= len(data):
            size, start = struct.unpack_from(">Q", data, start)[0], at + 16
        end = at + size if size else len(data)  # 0: it goes on to the end of the file
        if end < start or end > len(data):
            return
        yield kind, start, end
        at = end


def box_in(data: bytes, wanted: bytes) -> bytes:
    """Return the contents of the first box of a type; nothing if there is none."""
    return next((data[start:end] for kind, start, end in places_of(data) if kind == wanted), b"")


def behind_boxes(data: bytes) -> bytes:
    """Return what follows the last whole box of a file: of one that is cut short, a part of a box."""
    return data[max((end for _, _, end in places_of(data)), default=0) :]


def brands_of(data: bytes) -> frozenset[bytes]:
    """Return the brands that a file of boxes names: its own, and those that it is compatible with."""
    if not is_of_boxes(data):
        return frozenset()
    end = min(struct.unpack_from(">I", data)[0], _LONGEST_BRANDS)
    return frozenset([data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))]) - {b""}


def is_avif(data: bytes) -> bool:
    """Tell whether a file says that it is an AVIF."""
    return bool(_AVIF_BRANDS & brands_of(data))


def film_in(data: bytes) -> bytes:
    """Return the film in a HEIC or AVIF file, or behind it, where phones wrote it before there was a box for
    it; nothing if there is none."""
    boxed = box_in(data, b"mpvd")
    at = len(_BEGINNING)
    while not boxed and (at := data.find(_BEGINNING, at + len(_BEGINNING))) >= 0:
        first = data[at - 4 : at - 4 + _LONGEST_BRANDS]
        is_cut = data[at - 8 : at - 4] == b"mpvd"  # a box that is not whole
        if (
            not is_cut
            and 16 <= int.from_bytes(first[:4], "big") <= _LONGEST_BRANDS
            and not brands_of(first) & PICTURE_BRANDS
        ):
            return data[at - 4 :]
    return boxed


def description_in(data: bytes) -> bytes:
    """Return the box that says what pictures a file has."""
    return box_in(data, b"meta")


def bits_in(data: bytes) -> int:
    """Return how many bits a channel of its pictures has at most; 8 if the file does not say."""
    return max((found[1][0] for found in BITS.finditer(description_in(data))), default=8)
