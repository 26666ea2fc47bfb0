"""Look at the bytes of a file: what does it hold beside the picture that it shows first?"""

from __future__ import annotations

import hashlib

from PIL import Image

from visualsearch_cli.pictures.codecs.jpegxl import has_gain_map, jpeg_in
from visualsearch_cli.pictures.held.behind_jpeg import (
    PREVIEWS,
    SECOND_EYES,
    START_OF_JPEG,
    JpegHeader,
    film_behind,
    header_of,
    pictures_behind,
)
from visualsearch_cli.pictures.held.boxes import (
    DEPTHS,
    GAIN_MAPS,
    STEREO_PAIR,
    description_in,
    film_in,
    is_of_boxes,
)
from visualsearch_cli.pictures.held.holdings import EIGHT_BITS, Holdings
from visualsearch_cli.pictures.pillow import GATE, PIXEL_BYTES, told
from visualsearch_cli.pictures.raw_files import is_raw
from visualsearch_cli.pictures.whole import alpha_of, bits_of, count_frames

OF_A_SENSOR = 16
"""Bits a channel of a RAW: as many as any picture that was developed from it."""

_GAIN_MAPS = (b"hdrgm", b"aux:hdrgainmap", b"urn:iso:std:iso:ts:21496:-1")
_DEPTHS = (b"aux:disparity", b"aux:depth")


def holdings_of(data: bytes) -> Holdings:
    """Return what a file holds. What cannot be told of a damaged file does not count."""
    if is_raw(data):
        return Holdings(bits=OF_A_SENSOR)
    if data.startswith(START_OF_JPEG):
        return _of_jpeg(data)
    if jpeg := jpeg_in(data):
        return _of_jpeg(jpeg)
    frames, alpha, bits = _shown(data)
    if not is_of_boxes(data):
        return Holdings(frames, gain_map=has_gain_map(data), alpha=alpha, bits=bits)
    described = description_in(data)
    return Holdings(
        frames,
        film=_digest(film_in(data)),
        gain_map=bool(GAIN_MAPS.search(described)),
        second_eye=STEREO_PAIR in described,
        depth=bool(DEPTHS.search(described)),
        alpha=alpha,
        bits=bits,
    )


def _shown(data: bytes) -> tuple[int, bool, int]:
    """Return how many frames there are, whether any of the first is transparent, and bits a channel."""

    def ask(image: Image.Image) -> tuple[int, bool, int]:
        return count_frames(image), _is_transparent(image), max(EIGHT_BITS, bits_of(image, data))

    return told(data, ask, (1, False, EIGHT_BITS))


def _is_transparent(image: Image.Image) -> bool:
    """Tell whether any of an opened image is transparent: it is decoded only if it may be."""
    if not image.has_transparency_data:
        return False
    try:
        with GATE.taking(image.width * image.height * PIXEL_BYTES):
            return alpha_of(image) is not None
    except Exception:  # noqa: BLE001 - on damaged data, plugins raise nearly anything
        return False


def _of_jpeg(data: bytes) -> Holdings:
    header = header_of(data)
    film = film_behind(data, header)
    gain_map = second_eye = False
    depth, audio = b"GDepth:Data" in header.xmp, b"GAudio:Data" in header.xmp
    pictures = 0  # that do not say what they are
    for further in pictures_behind(data, header, len(data) - len(film)):
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
            pictures += 1
    second_eye = second_eye or b"GImage:Data" in header.xmp
    return Holdings(1, _digest(film), gain_map, second_eye, depth, audio, pictures)


def _says(data: bytes, header: JpegHeader, signs: tuple[bytes, ...]) -> bool:
    return any(data.find(sign, header.start, header.end) >= 0 for sign in signs)


def _digest(film: bytes) -> str:
    return hashlib.blake2b(film, digest_size=16).hexdigest() if film else ""
