"""Files that hold more than their picture: EXIF of a camera, a film, a gain map, further pages."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image

from benchmarks.material.editing import Picture

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(range(256)) * 200
LIVE_FILM = b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(range(255, -1, -1)) * 200
XMP = b"http://ns.adobe.com/xap/1.0/\0"
GAIN_MAP = XMP + b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><d hdrgm:Version="1.0"/></x:xmpmeta>'


@dataclass(frozen=True, slots=True)
class File:
    """A file to be written: its name, below the folder of its role, and what is in it."""

    name: str
    data: bytes


def encoded(picture: Picture, format: str, **options: Any) -> bytes:
    """Return a picture as a file."""
    stream = io.BytesIO()
    picture.save(stream, format, **options)
    return stream.getvalue()


def jpeg(picture: Picture, quality: int, exif: bytes = b"") -> bytes:
    """Return a picture as JPEG."""
    return encoded(picture.convert("RGB"), "JPEG", quality=quality, exif=exif)


def camera_exif(number: int, software: str = "") -> bytes:
    """Return what a camera writes; a program that saves the picture again keeps it, and adds its name."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Kestrel Optical"
    exif[ExifTags.Base.Model] = "KO-20"
    if software:
        exif[ExifTags.Base.Software] = software
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = f"2023:05:{1 + number % 28:02} 10:{number % 60:02}:31"
    details[ExifTags.Base.ExposureTime] = 1 / (100 + number)
    if not software:
        details[ExifTags.Base.MakerNote] = b"Kestrel\0" + bytes(range(64))
    return exif.tobytes()


def with_segment(data: bytes, contents: bytes) -> bytes:
    """Put an application segment into a JPEG, whose picture stays as it is."""
    segment = b"\xff\xe1" + (len(contents) + 2).to_bytes(2, "big") + contents
    return data[:2] + segment + data[2:]


def with_exif(data: bytes, exif: bytes) -> bytes:
    """Give a JPEG the EXIF of a camera; its picture stays as it is."""
    return with_segment(data, exif)


def with_film(data: bytes) -> bytes:
    """Return a motion photo."""
    return data + FILM


def with_gain_map(data: bytes, picture: Picture) -> bytes:
    """Return a JPEG with a gain map behind it."""
    small = picture.convert("L").resize((max(8, picture.width // 4), max(8, picture.height // 4)))
    return data + with_segment(jpeg(small, 80), GAIN_MAP)
