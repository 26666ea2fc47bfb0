"""What Pillow leaves out of AVIF: crops, and files whose boxes libavif's strict mode refuses.

Pillow shows the whole of what was coded, and turns it. A `clap` property says which part is the picture.
OpenCV reads with libavif, too, but leniently.

Sources: ISO/IEC 14496-12 (`clap`, `ftyp`), ISO/IEC 23008-12 (`pitm`, `ipco`, `ipma`, `irot`, `imir`), MIAF.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from PIL import ExifTags, Image

from visualsearch_cli.pictures.held.boxes import boxes_of, description_in

_FULL = 4  # bytes of version and flags
_TURNS = (1, 8, 3, 6)  # EXIF's orientation by quarter turns to the left, from which it is turned back
_MIRRORED = {(0, 0): 4, (0, 1): 2, (1, 0): 5, (1, 1): 7, (2, 0): 2, (2, 1): 4, (3, 0): 7, (3, 1): 5}


@dataclass(frozen=True, slots=True)
class Shown:
    """How the picture of an AVIF or HEIC is to be shown."""

    size: tuple[int, int]  # of what was coded; (0, 0) if it is not said
    crop: tuple[int, int, int, int] | None  # left, top, right, bottom, before it is turned
    orientation: int  # of EXIF, that turns and mirrors as the file says
    profile: bytes  # ICC, or nothing
    bits: int  # a channel


def shown_part(data: bytes) -> Shown:
    """Return how the boxes of a file say that its picture is to be shown. What is damaged says nothing."""
    crop, turns, mirror, profile, bits = None, 0, None, b"", 8
    size = (0, 0)
    try:
        properties = list(_properties(data))
        for kind, contents in properties:
            if kind == b"ispe":
                size = struct.unpack_from(">II", contents, _FULL)
            elif kind == b"irot":
                turns = contents[0] & 3
            elif kind == b"imir":
                mirror = contents[0] & 1
            elif kind == b"colr" and contents[:4] in (b"prof", b"rICC"):
                profile = contents[4:]
            elif kind == b"av1C":
                bits = 12 if contents[2] & 0x20 else 10 if contents[2] & 0x40 else 8
        for kind, contents in properties:
            if kind == b"clap":
                crop = _crop(struct.unpack_from(">8i", contents), size)
    except (struct.error, IndexError, ZeroDivisionError):
        return Shown((0, 0), None, 1, b"", 8)
    orientation = _TURNS[turns] if mirror is None else _MIRRORED[turns, mirror]
    return Shown(size, crop, orientation, profile, bits)


def _crop(fields: tuple[int, ...], size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return the part that a clean aperture shows; None if it is the whole, or lies outside it."""
    width, height, across, down = (Fraction(*fields[at : at + 2]) for at in (0, 2, 4, 6))
    left = Fraction(size[0] - 1, 2) + across - (width - 1) / 2
    top = Fraction(size[1] - 1, 2) + down - (height - 1) / 2
    box = (round(left), round(top), round(left + width), round(top + height))
    inside = 0 <= box[0] < box[2] <= size[0] and 0 <= box[1] < box[3] <= size[1]
    return box if inside and box != (0, 0, *size) else None


def _properties(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the properties of the picture that is shown first: their types and contents."""
    described = dict(boxes_of(description_in(data)[_FULL:]))
    pitm = described.get(b"pitm", b"")
    if not pitm:
        return
    primary = struct.unpack_from(">H" if pitm[0] == 0 else ">I", pitm, _FULL)[0]
    inside = list(boxes_of(described.get(b"iprp", b"")))
    known = [pair for kind, contents in inside if kind == b"ipco" for pair in boxes_of(contents)]
    for kind, contents in inside:
        if kind == b"ipma":
            for number in _associated(contents, primary):
                if 1 <= number <= len(known):
                    yield known[number - 1]


def _associated(contents: bytes, item: int) -> Iterator[int]:
    """Yield the numbers, from 1, of the properties of an item."""
    wide_items, wide_numbers = contents[0] > 0, contents[3] & 1
    at = _FULL + 4
    for _ in range(struct.unpack_from(">I", contents, _FULL)[0]):
        current, count = struct.unpack_from(">IB" if wide_items else ">HB", contents, at)
        at += 5 if wide_items else 3
        for _ in range(count):
            value = struct.unpack_from(">H" if wide_numbers else ">B", contents, at)[0]
            at += 2 if wide_numbers else 1
            if current == item:
                yield value & (0x7FFF if wide_numbers else 0x7F)


def read_leniently(data: bytes) -> Image.Image | None:
    """Return the picture of an AVIF that Pillow refuses, as it is stored; None if OpenCV cannot either."""
    import cv2  # late: hardly a file needs it

    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)
    if pixels is None:
        return None
    shown = shown_part(data)
    if pixels.dtype == np.uint16:
        pixels = np.round(pixels * (255 / ((1 << shown.bits) - 1))).astype(np.uint8)
    if pixels.ndim == 3:
        order = [2, 1, 0, 3] if pixels.shape[2] == 4 else [2, 1, 0]
        pixels = np.ascontiguousarray(pixels[:, :, order])
    image = Image.fromarray(pixels)
    image.format = "AVIF"
    if shown.profile:
        image.info["icc_profile"] = shown.profile
    if shown.orientation != 1:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = shown.orientation
        image.info["exif"] = exif.tobytes()
    if shown.crop:
        info = image.info
        image = image.crop(shown.crop)
        image.format, image.info = "AVIF", info
    return image
