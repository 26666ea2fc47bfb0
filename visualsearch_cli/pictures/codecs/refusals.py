"""Why no reader opened a file, in words: of another kind than is read, damaged, or nothing of the sort."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from PIL import Image, TiffImagePlugin

from visualsearch_cli.pictures.held.boxes import brands_of
from visualsearch_cli.pictures.image import stream_of

NO_IMAGE = "not an image, or in a format that cannot be read"

UNDECODED = "did not give a decompressed image"  # says libheif
MOST_IN_ONE_PIECE = 16 * 2**20  # bytes of a coded picture

_TAGS = {"compression": 259, "photometric": 262, "bits": 258, "sample format": 339, "planar": 284}
"""What a reader of TIFF depends on: numbers of TIFF 6.0 and its supplements."""
_NAMES = {"JPEG2000": "JPEG 2000", "WEBP": "WebP", "HEIF": "HEIC", "JXL": "JPEG XL"}
_BIG = (b"+\0", b"\0+")  # TIFF with offsets of eight bytes
_TIFF = (b"II", b"MM")
_FILMS = re.compile(rb"iso\w|mp4\w|qt  |M4V |3g\w\w|avc1")
_TEXT = re.compile(rb"\s*(?:<\?xml|<!doctype|<html|<svg|\{)", re.IGNORECASE)


def said_by(error: Exception) -> str:
    """Return in a line what a decoder says of what it cannot decode."""
    if isinstance(error, struct.error) or isinstance(error.__cause__, struct.error):  # of Python's functions
        return "the file ends too early"
    return (" ".join(str(error).split()) or type(error).__name__)[:150]


def refusal_of(data: bytes, formats: Sequence[str]) -> str:
    """Return in words why none of some formats' readers could open the contents of a file."""
    for format_ in formats:
        factory, accepts = Image.OPEN[format_]
        accepted = accepts(data[:16]) if accepts else True
        if isinstance(accepted, str) or not accepted:
            continue
        name = _NAMES.get(format_, format_)
        try:
            with stream_of(data) as stream:
                factory(stream, "").close()
        except Exception as error:  # noqa: BLE001 - on damaged data, plugins raise nearly anything
            said = said_by(error)
            if format_ == "TIFF" and (kind := _kind_of_tiff(data)):
                return f"a TIFF of a kind that Pillow cannot read: {kind}"
            if format_ in ("AVIF", "HEIF"):
                return _of_boxes(data, name, said)
            return f"damaged, or a {name} of a kind that cannot be read: {said}"
    if brands_of(data):
        return _of_boxes(data, "", "")
    if _TEXT.match(data[:256]):
        return "not an image: it holds text, such as a page that was saved in its place"
    return NO_IMAGE


def undecodable_tiff(data: bytes, error: Exception) -> str:
    """Return in words why a TIFF that was opened could not be decoded; nothing if the error says so itself.

    libtiff's own words are lost on the way, and it fails alike for damage and for what it was built without.
    """
    if not data.startswith(_TIFF) or "decoder error" not in str(error):
        return ""
    return f"damaged, or a TIFF of a kind that libtiff does not decode: {_kind_of_tiff(data)}"


def undecodable_heif(data: bytes, error: Exception) -> str:
    """Return in words why a HEIC that was opened was not decoded; nothing if that is damage, for all we know.

    libde265 takes no piece of more than 16 MiB (seen of 1.1.3, in pillow-heif 1.8.1), and says nothing of it.
    Phones write small tiles, and programs often one piece.
    """
    if UNDECODED not in str(error) or len(data) <= MOST_IN_ONE_PIECE:
        return ""
    return (
        "damaged, or a HEIC in one piece of more than 16 MiB, which pillow-heif does not decode: save it as "
        "another format with the program that wrote it"
    )


def _of_boxes(data: bytes, name: str, said: str) -> str:
    """Return why a file of boxes was not opened: HEIC, AVIF, films and others begin alike."""
    brand = data[8:12]
    if _FILMS.fullmatch(brand):
        return f"a film (brand {brand.decode('latin-1').strip()!r}), not a picture"
    what = f"damaged, or {name} of a kind that cannot be read: {said}" if said else ""
    return what or f"of a kind that cannot be read (brand {brand.decode('latin-1')!r})"


def _kind_of_tiff(data: bytes) -> str:
    """Return what tells a TIFF's kind, if its first directory is whole."""
    try:
        header = data[: 16 if data[2:4] in _BIG else 8]
        directory = TiffImagePlugin.ImageFileDirectory_v2(header)
        with stream_of(data) as stream:
            stream.seek(directory.next)
            directory.load(stream)
    except Exception:  # noqa: BLE001 - on damaged data, Pillow raises nearly anything
        return ""
    if not {256, 257} <= set(directory):
        return ""
    found = {name: directory[tag] for name, tag in _TAGS.items() if tag in directory}
    return ", ".join(f"{name} {_numbers(value)}" for name, value in found.items())


def _numbers(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, tuple) else str(value)
