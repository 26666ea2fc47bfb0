"""What a picture file knows of its picture, by the EXIF, IPTC and XMP in its bytes.

Which field means what, and what comes before what: Metadata Working Group, Guidelines for Handling Image
Metadata 2.0; the fields of the Windows Explorer (XP…) fill what these leave empty.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from visualsearch_cli.pictures.metadata.values import GeoPoint, Metadata, clean, date_of, joined, point_of
from visualsearch_cli.pictures.metadata.xmp import XmpUnusable, metadata_of_xmp, rating_of
from visualsearch_cli.pictures.pillow import told

NO_CAPTIONS = {
    *("OLYMPUS DIGITAL CAMERA", "KONICA MINOLTA DIGITAL CAMERA", "MINOLTA DIGITAL CAMERA", "SONY DSC"),
    *("DIGITAL CAMERA", "DCIM", "SAMSUNG", "SAMSUNG CAMERA PICTURES", "DEFAULT", "IMAGE DESCRIPTION"),
}
"""What cameras write where a caption belongs."""

_OF_PROGRAMS = re.compile(
    r"creat(ed|or)\b|written by|software|jpe?g|\bgd\b|lavc|ffmpeg|apple ?mark|intel\b|lead tech|optimi[sz]ed|"
    r"compress|resized|processed|quality|photoshop|gimp|magick|paint|\bxv\b|acd ?systems|handmade|screenshot|"
    r"^\s*[{\[]|^\s*\w+:[^;]{0,40};",
    re.IGNORECASE,
)
"""What encoders and phones write into comments: their names, their settings, or JSON."""

_OF_PROMPT = "\nSteps: "  # what web pages of Stable Diffusion write behind a prompt
_CHARSET = 8  # bytes before a text of EXIF's UserComment

_XMP_TAG = 700
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"  # begins each of its segments in a JPEG
_HAS_EXTENSION = re.compile(rb"HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})", re.ASCII)
_PART = struct.Struct(">32sII")  # which extension, its whole length, and where in it this part belongs
_XP_TITLE, _XP_COMMENT, _XP_AUTHOR, _XP_KEYWORDS = 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E
LEAST_COMMENT = 3  # letters: fewer are no words
_RATING = 0x4746
_UTF8 = b"\x1b%G"  # IPTC 1:90


def metadata_of(data: bytes) -> Metadata:
    """Return what is known by the bytes of a picture file. What is damaged tells nothing."""
    return told(data, metadata_of_image, Metadata())


def metadata_of_image(image: Image.Image) -> Metadata:
    """Return what is known by an image that was opened. It may raise anything if that is damaged."""
    return joined((_of_xmp(image), _of_exif(image), _of_iptc(image), _of_text(image)))


def _of_xmp(image: Image.Image) -> Metadata:
    packet: Any = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if packet is None and (tags := getattr(image, "tag_v2", None)):
        packet = tags.get(_XMP_TAG)
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "surrogatepass")
    if not isinstance(packet, bytes):
        return Metadata()
    segments: Iterable[tuple[str, bytes]] = getattr(image, "applist", ())
    return joined((_of_packet(packet), _of_packet(_extension(packet, segments))))


def _of_packet(packet: bytes) -> Metadata:
    try:
        return metadata_of_xmp(packet) if packet else Metadata()
    except XmpUnusable:
        return Metadata()


def _extension(packet: bytes, segments: Iterable[tuple[str, bytes]]) -> bytes:
    """Return what did not fit into the XMP of a JPEG; nothing if there is none, or if a part is missing.

    Its parts may lie in any order, and those of another picture beside them. Source: XMP Specification
    part 3, 1.1.3.1.
    """
    named = _HAS_EXTENSION.search(packet)
    if named is None:
        return b""
    parts: dict[int, bytes] = {}
    whole = 0
    for _, segment in segments:
        if segment.startswith(_EXTENSION) and len(segment) >= len(_EXTENSION) + _PART.size:
            name, length, offset = _PART.unpack_from(segment, len(_EXTENSION))
            if name == named[1]:
                whole, parts[offset] = length, segment[len(_EXTENSION) + _PART.size :]
    found = bytearray()
    for offset, part in sorted(parts.items()):
        if offset != len(found):
            return b""
        found += part
    return bytes(found) if len(found) == whole else b""


def _of_exif(image: Image.Image) -> Metadata:
    exif = image.getexif()
    if not len(exif):
        return Metadata()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    caption = _text(exif.get(ExifTags.Base.ImageDescription))
    if caption.upper() in NO_CAPTIONS:
        caption = ""
    caption = caption or _utf16(exif.get(_XP_COMMENT))
    return Metadata(
        captured=_captured(details),
        gps=_gps(exif.get_ifd(ExifTags.IFD.GPSInfo)),
        rating=rating_of(str(exif.get(_RATING, ""))),
        title=_utf16(exif.get(_XP_TITLE)),
        caption=caption or _user_comment(details.get(ExifTags.Base.UserComment)),
        camera=_text(exif.get(ExifTags.Base.Model)),
        maker=_text(exif.get(ExifTags.Base.Make)),
        keywords=_parted(_utf16(exif.get(_XP_KEYWORDS))),
        creators=_parted(_text(exif.get(ExifTags.Base.Artist)) or _utf16(exif.get(_XP_AUTHOR))),
        rights=_text(exif.get(ExifTags.Base.Copyright)),
    )


def _parted(text: str) -> tuple[str, ...]:
    """Return what a text names, between semicolons."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, text.split(";")))))


def _user_comment(value: object) -> str:
    """Return a comment of EXIF that somebody wrote, or the prompt of a picture that was made of words."""
    if not isinstance(value, bytes):
        return ""
    charset, text = value[:_CHARSET], value[_CHARSET:]
    if charset.startswith(b"UNICODE"):  # in the order of bytes of the file, or in any
        order = "be" if text[:1] == b"\0" else "le"
        return _said_by_people(text.decode(f"utf-16-{order}", "replace"))
    return _said_by_people(text) if charset.startswith(b"ASCII") or not charset.strip(b"\0") else ""


def _said_by_people(comment: str | bytes) -> str:
    """Return a comment; nothing if a program wrote it for itself, or if it is no text."""
    text = comment if isinstance(comment, str) else _read(comment)
    text = text.strip("\0 \r\n\t")
    is_text = re.sub("[\r\n\t]", "", text).isprintable() and "\ufffd" not in text
    if not is_text or sum(map(str.isalpha, text)) < LEAST_COMMENT:
        return ""
    return clean(text) if _OF_PROMPT in text or not _OF_PROGRAMS.search(text) else ""


def _captured(details: Mapping[int, Any]) -> str:
    for date, fraction, zone in (
        (
            ExifTags.Base.DateTimeOriginal,
            ExifTags.Base.SubsecTimeOriginal,
            ExifTags.Base.OffsetTimeOriginal,
        ),
        (
            ExifTags.Base.DateTimeDigitized,
            ExifTags.Base.SubsecTimeDigitized,
            ExifTags.Base.OffsetTimeDigitized,
        ),
    ):
        text = _text(details.get(date))
        parts = _text(details.get(fraction))
        if parts.isdecimal():
            text += f".{parts}"
        if found := date_of(text + _text(details.get(zone))):
            return found
    return ""


def _gps(tags: Mapping[int, Any]) -> GeoPoint | None:
    try:
        latitude = _degrees(tags[ExifTags.GPS.GPSLatitude], tags[ExifTags.GPS.GPSLatitudeRef], "S")
        longitude = _degrees(tags[ExifTags.GPS.GPSLongitude], tags[ExifTags.GPS.GPSLongitudeRef], "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    altitude = None
    with suppress(KeyError, TypeError, ValueError, ZeroDivisionError):
        altitude = float(tags[ExifTags.GPS.GPSAltitude])
        if tags.get(ExifTags.GPS.GPSAltitudeRef) in (1, b"\1"):
            altitude = -altitude
    return point_of(latitude, longitude, altitude)


def _degrees(parts: Any, direction: Any, negative: str) -> float:
    degrees, minutes, seconds = (*map(float, parts), 0.0, 0.0)[:3]
    value = degrees + minutes / 60 + seconds / 3600
    return -value if _text(direction).upper().startswith(negative) else value


def _of_iptc(image: Image.Image) -> Metadata:
    assert isinstance(image, ImageFile.ImageFile)
    found: Mapping[tuple[int, int], bytes | list[bytes]] = IptcImagePlugin.getiptcinfo(image) or {}

    def texts(*key: int) -> list[str]:
        value = found.get((key[0], key[1]), [])
        values = value if isinstance(value, list) else [value]
        is_utf8 = found.get((1, 90)) == _UTF8
        return [text for data in values if (text := _decoded(data, is_utf8=is_utf8))]

    def first(number: int) -> str:
        return "".join(texts(2, number)[:1])

    date, time = first(55), first(60)
    captured = ""
    if len(date) == 8:
        captured = f"{date[:4]}-{date[4:6]}-{date[6:]}"
        if len(time) >= 6:
            captured += f"T{time[:2]}:{time[2:4]}:{time[4:6]}{time[6:]}"
    return Metadata(
        captured=date_of(captured),
        title=first(5),
        caption=first(120),
        keywords=tuple(dict.fromkeys(texts(2, 25))),
        creators=tuple(dict.fromkeys(texts(2, 80))),
        rights=first(116),
        headline=first(105),
        location=first(92),
        city=first(90),
        state=first(95),
        country=first(101),
    )


_CAPTIONS_OF_PNG = ("Description", "parameters", "prompt")
"""Keywords of text chunks: the last two are of what pictures were asked for with, in the web page of Stable
Diffusion and in ComfyUI."""


def _of_text(image: Image.Image) -> Metadata:
    """Return what the text chunks of a PNG say, or the comment of a JPEG or GIF."""
    if image.format != "PNG":
        comment = image.info.get("comment")
        return Metadata(caption=_said_by_people(comment) if comment else "")
    captions = (_text(image.info.get(name)) for name in _CAPTIONS_OF_PNG)
    return Metadata(
        title=_text(image.info.get("Title")),
        caption=next(filter(None, captions), ""),
        creators=tuple(filter(None, [_text(image.info.get("Author"))])),
        rights=_text(image.info.get("Copyright")),
    )


def _decoded(data: bytes, *, is_utf8: bool) -> str:
    """Return a text of IPTC."""
    return clean(_read(data, is_utf8=is_utf8))


def _read(data: bytes, *, is_utf8: bool = False) -> str:
    """Return bytes as text: programs often write UTF-8 without saying so."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace") if is_utf8 else data.decode("latin-1")


def _text(value: object) -> str:
    """Return a text of EXIF, of whose bytes Pillow made Latin-1: most programs write UTF-8."""
    if isinstance(value, bytes):
        return _decoded(value, is_utf8=False)
    if not isinstance(value, str):
        return ""
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    return clean(value)


def _utf16(value: object) -> str:
    """Return a text of the Windows Explorer."""
    if isinstance(value, tuple):
        with suppress(TypeError, ValueError):
            value = bytes(value)
    if not isinstance(value, bytes):
        return ""
    return clean(value.decode("utf-16-le", "replace"))
