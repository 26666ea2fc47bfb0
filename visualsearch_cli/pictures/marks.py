"""The mark in pictures that the program draws: by it they are told from photographs before one is replaced.

It is a text, where each format has room for one: a tEXt chunk behind the header of a PNG, a comment behind
that of a JPEG, a chunk of its own behind that of a WebP. It ends with a hash of all other bytes of the file,
for programs that edit pictures keep such texts: what somebody painted on a picture of ours is theirs.

Sources: PNG, W3C Recommendation, sections 5.3 and 11.3.3; JPEG, ITU-T T.81, B.2.4.5, with the JFIF header of
ITU-T T.871; WebP, RFC 9649, section 2.
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from visualsearch_cli.atomic import OutputKind

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""The formats that take a mark."""

TEXT = b"visualsearch compare --image "
HASH = 16  # bytes
MOST = 1 << 28  # bytes of a file that are read: the pictures that are drawn have some millions at most

_LENGTH = len(TEXT) + 2 * HASH
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = 33  # bytes: the signature and the chunk IHDR
_PNG_KEY = b"tEXtSoftware\0"
_JPEG = b"\xff\xd8\xff\xe0"  # the start of the image, then of its JFIF header
_WEBP_HEADER = 30  # bytes: RIFF, the size of all that follows, WEBP, and the chunk VP8X
_WEBP_MARK = 8 + _LENGTH + _LENGTH % 2  # chunks are of even length


def marked(data: bytes, width: int, height: int) -> bytes:
    """Return an opaque picture of this size, just encoded as PNG, JPEG or WebP, with the mark in it."""
    if _is_webp(data):
        size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        body = b"WEBPVP8X" + struct.pack("<II", 10, 0) + size + data[12:]
        data = b"RIFF" + struct.pack("<I", len(body) + _WEBP_MARK) + body
    place, _ = _room(data)
    if not place:
        raise ValueError(f"a picture that begins with {data[:12]!r} takes no mark")
    before, after = data[:place], data[place:]
    return before + _mark(before, after) + after


def is_marked(stream: BinaryIO) -> bool:
    """Tell whether a file is a picture with the mark, as it was drawn."""
    data = stream.read(MOST)
    place, length = _room(data)
    before, after = data[:place], data[place + length :]
    return place > 0 and data[place : place + length] == _mark(before, after)


def _room(data: bytes) -> tuple[int, int]:
    """Return where the mark of a picture begins, and its length; zeros if its format takes none."""
    if data.startswith(_PNG):
        return _PNG_HEADER, len(_PNG_KEY) + _LENGTH + 8
    if data.startswith(_JPEG):
        return 4 + int.from_bytes(data[4:6], "big"), _LENGTH + 4
    if _is_webp(data) and data[12:16] == b"VP8X":
        return _WEBP_HEADER, _WEBP_MARK
    return 0, 0


def _mark(before: bytes, after: bytes) -> bytes:
    """Return the mark that stands between two parts of a picture."""
    from hashlib import blake2b  # late: most commands draw nothing

    digest = blake2b(before + after, digest_size=HASH)
    text = TEXT + digest.hexdigest().encode("ascii")
    if before.startswith(_PNG):
        chunk = _PNG_KEY + text
        return struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    if before.startswith(_JPEG):
        return b"\xff\xfe" + struct.pack(">H", 2 + len(text)) + text
    return b"vsrc" + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


DRAWN = OutputKind("a picture that `visualsearch compare` drew, as it was drawn", is_marked)
