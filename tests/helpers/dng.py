"""Camera RAW files made of a picture: DNG, as cameras and converters write them.

Of the tags of the DNG specification 1.4 (Adobe), those that a reader needs. The "camera" sees linear sRGB, so
that what is developed of its data looks like the picture it was made of.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

WHITE = 16383  # 14 bits, as most cameras have
BYTE, ASCII, SHORT, LONG, RATIONAL, SIGNED_RATIONAL = 1, 2, 3, 4, 5, 10
_LETTERS = {BYTE: "B", ASCII: "s", SHORT: "H", LONG: "I", RATIONAL: "I", SIGNED_RATIONAL: "i"}

XYZ_TO_SRGB = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
"""IEC 61966-2-1, for D65."""

Tags: TypeAlias = "dict[int, tuple[int, Sequence[int] | bytes]]"


@dataclass(frozen=True, slots=True)
class Preview:
    """A smaller picture inside a RAW file: a JPEG, or an RGB bitmap if `jpeg` is empty."""

    width: int
    height: int
    jpeg: bytes = b""
    bitmap: bytes = b""


def jpeg_preview(picture: Image.Image, orientation: int | None = None) -> Preview:
    """Return a picture as a JPEG preview, with EXIF only if an orientation is given.

    Without, LibRaw writes the orientation of the RAW file into it; its EXIF must come first to be seen.
    """
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90, exif=exif)
    jpeg = buffer.getvalue()
    if orientation is not None:
        jpeg = jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6], "big") :]  # without the JFIF header
    return Preview(*picture.size, jpeg=jpeg)


def bitmap_preview(picture: Image.Image) -> Preview:
    """Return a picture as the uncompressed thumbnail that many cameras put first."""
    return Preview(*picture.size, bitmap=picture.tobytes())


def dng(
    picture: Image.Image,
    preview: Preview | None = None,
    *,
    orientation: int = 1,
    margin: int = 0,
    model: str = "Camera",
) -> bytes:
    """Return a RAW file of a picture as the sensor saw it, which `orientation` turns upright.

    margin: pixels around the picture that are stored and do not belong to it. The sides must be even.
    """
    mosaic = _mosaic(np.asarray(picture.convert("RGB")))
    if margin:
        mosaic = np.pad(mosaic, margin)
    sensor = _sensor_tags(mosaic, picture.size, margin)
    about: Tags = {
        271: (ASCII, b"Maker\0"),
        272: (ASCII, model.encode("ascii") + b"\0"),
        274: (SHORT, [orientation]),
        50706: (BYTE, [1, 4, 0, 0]),  # DNGVersion
        50708: (ASCII, model.encode("ascii") + b"\0"),  # UniqueCameraModel
        50721: (SIGNED_RATIONAL, [n for v in XYZ_TO_SRGB for n in (round(v * 10_000), 10_000)]),
        50728: (RATIONAL, [1, 1] * 3),  # AsShotNeutral
        50778: (SHORT, [21]),  # CalibrationIlluminant1: D65
    }
    data = mosaic.astype("<u2").tobytes()
    if preview is None:
        return _header(8) + _directory(about | sensor, 8, data)
    strip = preview.jpeg or preview.bitmap
    second = 8 + len(_directory(about | _preview_tags(preview, 0), 8, strip))
    first = _directory(about | _preview_tags(preview, second), 8, strip)
    return _header(8) + first + _directory(sensor, second, data)


def _mosaic(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """Return what a sensor with the pattern RG/GB would have measured."""
    assert rgb.shape[0] % 2 == rgb.shape[1] % 2 == 0
    levels = np.rint(WHITE * (np.arange(256) / 255) ** 2.2).astype(np.uint16)
    mosaic = np.empty(rgb.shape[:2], np.uint16)
    for y, x, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        mosaic[y::2, x::2] = levels[rgb[y::2, x::2, channel]]
    return mosaic


def _sensor_tags(mosaic: npt.NDArray[np.uint16], size: tuple[int, int], margin: int) -> Tags:
    height, width = mosaic.shape
    return {
        254: (LONG, [0]),  # NewSubfileType: the full picture
        256: (LONG, [width]),
        257: (LONG, [height]),
        258: (SHORT, [16]),
        259: (SHORT, [1]),  # not compressed
        262: (SHORT, [32803]),  # color filter array
        277: (SHORT, [1]),
        278: (LONG, [height]),
        279: (LONG, [mosaic.nbytes]),
        284: (SHORT, [1]),
        33421: (SHORT, [2, 2]),  # CFARepeatPatternDim
        33422: (BYTE, [0, 1, 1, 2]),  # CFAPattern: red, green, green, blue
        50714: (SHORT, [0]),  # BlackLevel
        50717: (LONG, [WHITE]),  # WhiteLevel
        50719: (LONG, [margin, margin]),  # DefaultCropOrigin
        50720: (LONG, [*size]),  # DefaultCropSize
    }


def _preview_tags(preview: Preview, sensor: int) -> Tags:
    return {
        254: (LONG, [1]),  # NewSubfileType: a reduced picture
        256: (LONG, [preview.width]),
        257: (LONG, [preview.height]),
        258: (SHORT, [8, 8, 8]),
        259: (SHORT, [7 if preview.jpeg else 1]),
        262: (SHORT, [6 if preview.jpeg else 2]),  # YCbCr or RGB
        277: (SHORT, [3]),
        278: (LONG, [preview.height]),
        279: (LONG, [len(preview.jpeg or preview.bitmap)]),
        284: (SHORT, [1]),
        330: (LONG, [sensor]),  # SubIFDs
    }


def _header(first: int) -> bytes:
    return struct.pack("<2sHI", b"II", 42, first)


def _directory(tags: Tags, start: int, strip: bytes) -> bytes:
    """Return an image file directory that begins at `start`, what its tags point to, and its one strip."""
    names = sorted({*tags, 273})
    spill = start + 2 + 12 * len(names) + 4
    body, extra = struct.pack("<H", len(names)), b""
    bodies = {name: _packed(*tags[name]) for name in names if name != 273}
    at_strip = spill + sum(len(packed) + len(packed) % 2 for packed in bodies.values() if len(packed) > 4)
    bodies[273] = struct.pack("<I", at_strip)
    for name in names:
        kind, values = tags.get(name, (LONG, [0]))
        packed = bodies[name]
        count = len(values) // 2 if kind in (RATIONAL, SIGNED_RATIONAL) else len(values)
        if len(packed) <= 4:
            body += struct.pack("<HHI4s", name, kind, count, packed)
        else:
            body += struct.pack("<HHII", name, kind, count, spill + len(extra))
            extra += packed + b"\0" * (len(packed) % 2)
    return body + struct.pack("<I", 0) + extra + strip


def _packed(kind: int, values: Sequence[int] | bytes) -> bytes:
    if isinstance(values, bytes):
        return values
    return struct.pack(f"<{len(values)}{_LETTERS[kind]}", *values)
