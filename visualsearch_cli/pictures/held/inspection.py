"""Look at the bytes of a file: what does it hold beside the picture that it shows first?"""

from __future__ import annotations

import hashlib
import struct
import sys
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from visualsearch_cli.pictures.codecs.jpegxl import has_gain_map, jpeg_in
from visualsearch_cli.pictures.codecs.layers import LAYERED
from visualsearch_cli.pictures.held.appended import (
    MUCH,
    NOTES,
    PADDING,
    SIGNS,
    SOUNDS,
    blocks_of_samsung,
    drawing_in,
    is_more_than_notes,
    parts_behind,
)
from visualsearch_cli.pictures.held.behind_jpeg import (
    FILM,
    PREVIEWS,
    SECOND_EYES,
    START_OF_JPEG,
    JpegHeader,
    end_of,
    film_behind,
    header_of,
    pictures_behind,
)
from visualsearch_cli.pictures.held.boxes import (
    DEPTHS,
    GAIN_MAPS,
    MASKS,
    STEREO_PAIR,
    behind_boxes,
    box_in,
    description_in,
    film_in,
    is_of_boxes,
)
from visualsearch_cli.pictures.held.credentials import has_credentials
from visualsearch_cli.pictures.held.ends import end_of_picture, pictures_below
from visualsearch_cli.pictures.held.holdings import EIGHT_BITS, Holdings
from visualsearch_cli.pictures.pillow import GATE, bytes_to_decode, opened, told
from visualsearch_cli.pictures.raw_files import is_raw
from visualsearch_cli.pictures.whole import alpha_of, bits_of, count_frames

OF_A_SENSOR = 16
"""Bits a channel of a RAW: as many as any picture that was developed from it."""

_EXTRA_SAMPLES = 338  # tag of TIFF: what each sample beyond color is
_TRANSPARENCY = (1, 2)  # of these: associated alpha, or not
_OTHER_ORDER = {";16L": ";16B", ";16B": ";16L", ";16N": ";16B" if sys.byteorder == "little" else ";16L"}
_GAIN_MAPS = (b"hdrgm", b"aux:hdrgainmap", b"urn:iso:std:iso:ts:21496:-1")
_SPHERE = b"GPano:ProjectionType"
_THERMAL = (b"FLIR\0", b"HDR_RI")  # temperatures, and what makes a picture one of high dynamic range (Dolby)
_DEPTHS = (b"aux:disparity", b"aux:depth")


def holdings_of(data: bytes) -> Holdings:
    """Return what a file holds. What cannot be told of a damaged file does not count."""
    held = _without_credentials(data)
    is_sphere = held.sphere or (not data.startswith(START_OF_JPEG) and _SPHERE in data)
    return replace(held, credentials=has_credentials(data), sphere=is_sphere)


def _without_credentials(data: bytes) -> Holdings:
    if is_raw(data):
        return Holdings(bits=OF_A_SENSOR)
    if data.startswith(START_OF_JPEG):
        return _of_jpeg(data)
    if jpeg := jpeg_in(data):
        return _of_jpeg(jpeg)
    frames, alpha, bits, channels = _shown(data)
    if not is_of_boxes(data):
        film, further, behind = parts_behind(data, end_of_picture(data))
        pictures = [_digest(picture) for picture in (*further, *pictures_below(data))]
        return Holdings(
            frames,
            film=_digest(film),
            gain_map=has_gain_map(data),
            audio=behind.startswith(SOUNDS),
            pictures=len(pictures),
            alpha=alpha,
            bits=bits,
            behind=_digest(behind) if is_more_than_notes(behind) else "",
            drawing=_digest(drawing_in(data)),
            channels=channels,
            which=frozenset(pictures),
        )
    described = description_in(data)
    _, further, behind = parts_behind(behind_boxes(data), 0)  # a film has boxes, too
    pictures = [_digest(picture) for picture in further]
    trailer = _of_samsung(box_in(data, b"sefd") or data)
    sound = behind.startswith(SOUNDS) or trailer.sound
    behind = behind if behind.startswith(SIGNS) else trailer.behind
    return Holdings(
        frames,
        film=_digest(film_in(data)),
        gain_map=bool(GAIN_MAPS.search(described)),
        second_eye=STEREO_PAIR in described,
        depth=bool(DEPTHS.search(described)) or trailer.depth,
        audio=sound,
        pictures=len(pictures),
        alpha=alpha,
        bits=bits,
        behind=_digest(behind),
        masks=bool(MASKS.search(described)),
        which=frozenset(pictures),
    )


def _shown(data: bytes) -> tuple[int, bool, int, int]:
    """Return how many frames there are, whether any of the first is transparent, bits a channel, and how many
    channels are neither color nor transparency."""

    def ask(image: Image.Image) -> tuple[int, bool, int, int]:
        bits = max(EIGHT_BITS, bits_of(image, data))
        if bits == OF_A_SENSOR and _is_eight_bits(data):
            bits = EIGHT_BITS
        return count_frames(image), _is_transparent(image), bits, _further_channels(image, data)

    return told(data, ask, (1, False, EIGHT_BITS, 0))


def _further_channels(image: Image.Image, data: bytes) -> int:
    """Return how many channels of an opened TIFF or PSD are neither color nor transparency."""
    if image.format == LAYERED:
        (count,) = struct.unpack_from(">H", data, 12)
        return max(0, int(count) - len(image.getbands()))
    if image.format != "TIFF":
        return 0
    tags: Any = getattr(image, "tag_v2", {})
    extra = tags.get(_EXTRA_SAMPLES, ())
    return sum(kind not in _TRANSPARENCY for kind in (extra if isinstance(extra, tuple) else (extra,)))


def _is_transparent(image: Image.Image) -> bool:
    """Tell whether any of an opened image is transparent: it is decoded only if it may be."""
    if not image.has_transparency_data:
        return False
    try:
        with GATE.taking(bytes_to_decode(*image.size, image.format)):
            return alpha_of(image) is not None
    except Exception:  # noqa: BLE001 - on damaged data, plugins raise nearly anything
        return False


def _is_eight_bits(data: bytes) -> bool:
    """Tell whether 16 bits a channel say no more than eight, as where a picture of eight was converted."""
    try:
        with (
            opened(data) as image,
            opened(data) as swapped,
            GATE.taking(bytes_to_decode(*image.size, image.format)),
        ):
            if image.mode.startswith("I;16"):
                values = np.asarray(image)
                high, low = values >> 8, values & 0xFF
            else:
                read: Any = swapped
                if not read.tile:
                    return False  # its decoder gives eight bits alone: nobody can tell
                read.tile = [tile._replace(args=_swapped(tile.args)) for tile in read.tile]
                high, low = np.asarray(image), np.asarray(swapped)
            return bool((low == high).all()) or not low.any()
    except Exception:  # noqa: BLE001 - on damaged data, plugins raise nearly anything
        return False


def _swapped(args: object) -> object:
    """Return what has Pillow take the lower byte of each sample, which it leaves out, for the upper one."""
    mode, *others = args if isinstance(args, tuple) else (args,)
    order = next(order for order in _OTHER_ORDER if mode.endswith(order))  # StopIteration: another mode
    mode = mode.removesuffix(order) + _OTHER_ORDER[order]
    return (mode, *others) if isinstance(args, tuple) else mode


def _of_jpeg(data: bytes) -> Holdings:
    header = header_of(data)
    film = film_behind(data, header)
    gain_map = second_eye = False
    depth, audio = b"GDepth:Data" in header.xmp, b"GAudio:Data" in header.xmp
    pictures: list[str] = []  # that do not say what they are
    stop = len(data) - len(film)
    last = header
    for further in pictures_behind(data, header, stop):
        last = further
        kind = header.types.get(further.start)
        if kind in PREVIEWS:
            continue
        if _says(data, further, _GAIN_MAPS):
            gain_map = True
        elif _says(data, further, _DEPTHS):
            depth = True
        elif kind in SECOND_EYES:
            second_eye = True
        else:
            pictures.append(_digest(data[further.start : end_of(data, further)]))
    second_eye = second_eye or b"GImage:Data" in header.xmp
    behind = data[end_of(data, last) : stop].strip(PADDING)
    trailer = _of_samsung(data)
    if trailer.is_there:
        behind = trailer.behind
    elif not is_more_than_notes(behind):
        audio, behind = audio or behind.startswith(SOUNDS), b""
    return Holdings(
        1,
        _digest(film),
        gain_map,
        second_eye,
        depth or trailer.depth,
        audio or header.sound or behind.startswith(SOUNDS) or trailer.sound,
        len(pictures),
        behind=_digest(behind),
        segments=_digest(_own_data(header)),
        sphere=_SPHERE in header.xmp,
        which=frozenset(pictures),
    )


def _own_data(header: JpegHeader) -> bytes:
    """Return what a JPEG has in segments that nobody knows, if it is much. Previews begin as JPEGs."""
    found = [its for its in header.own.values() if not its.startswith(START_OF_JPEG)]
    return b"".join(its for its in found if len(its) >= MUCH or its.startswith(_THERMAL))


@dataclass(frozen=True, slots=True)
class _Trailer:
    """What a Samsung appended."""

    is_there: bool
    sound: bool
    depth: bool
    behind: bytes  # more than notes, and none of what else is told of it


def _of_samsung(data: bytes) -> _Trailer:
    blocks = blocks_of_samsung(data)
    return _Trailer(
        bool(blocks),
        sound=any(contents.startswith(SOUNDS) for _, contents in blocks),
        depth=any(b"DepthMap" in name for name, _ in blocks),
        behind=b"".join(contents for name, contents in blocks if _is_unknown(name, contents)),
    )


def _is_unknown(name: bytes, contents: bytes) -> bool:
    """Tell whether a block of a Samsung's trailer is more than notes, and none of what else is told of it."""
    is_told = contents.startswith((START_OF_JPEG, *SOUNDS)) or contents[4:8] == FILM or b"DepthMap" in name
    return len(contents) >= NOTES and not is_told


def _says(data: bytes, header: JpegHeader, signs: tuple[bytes, ...]) -> bool:
    return any(data.find(sign, header.start, header.end) >= 0 for sign in signs)


def _digest(film: bytes) -> str:
    return hashlib.blake2b(film, digest_size=16).hexdigest() if film else ""
