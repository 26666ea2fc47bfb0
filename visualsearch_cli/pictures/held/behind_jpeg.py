"""What lies in a JPEG file beside its picture: XMP, further pictures and a film behind the first one.

What counts is what is there, not what XMP says: programs that save a picture again often keep the XMP of a
film that they drop.

Sources: JPEG, ITU-T T.81, annex B; CIPA DC-007, Multi-Picture Format; XMP Specification part 3, 1.1.3;
Android's Motion Photo format 1.0 and Ultra HDR Image Format 1.1.
"""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

START_OF_JPEG = b"\xff\xd8\xff"
FILM = b"ftyp"  # what an ISO base media file begins with, after four bytes of length
LONGEST_FIRST_BOX = 64  # bytes: of brands, four each
OTHER_FIRST_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip"}  # of QuickTime films
LENGTH_OF_FILM = re.compile(rb"(?:MicroVideoOffset|Item:Length)\s*(?:=\s*[\"']|>)\s*(\d{1,12})\s*[\"'<]")

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_MORE_XMP_HEADER = len(_MORE_XMP) + 40  # its GUID, its whole length, and the offset of this part
_MPF = b"MPF\0"
_FLASHPIX = b"FPXR\0"  # in whose streams cameras of Kodak and others keep what was spoken into them
_WAVE = re.compile(rb"RIFF.{4}WAVE", re.DOTALL)
_MP_ENTRIES = 0xB002  # tag
_MP_ENTRY = 16  # bytes: attributes, size, offset, and two that do not matter here
_MP_TYPE = 0xFFFFFF  # of the attributes
_APP1, _APP2 = 0xE1, 0xE2
_START_OF_IMAGE, _START_OF_SCAN, _END_OF_IMAGE = 0xD8, 0xDA, 0xD9
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in a scan, all others are followed by 0x00
_SCAN = bytes((0xFF, _START_OF_SCAN))
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}

_APPLICATIONS = range(0xE0, 0xF0)
_KNOWN = (
    *(b"Exif\0", b"ICC_PROFILE\0", b"http://ns.adobe.com/", b"Photoshop 3.0\0", b"Adobe", b"Ducky"),
    *(b"JFIF\0", b"JFXX\0", _MPF, _FLASHPIX),
)
"""What segments of metadata and previews begin with."""

MOST_SEGMENTS = 100_000
"""Before a scan. Gigabytes of depth or of a film in XMP take a seventh of it; more are made to be many."""

TOGETHER = 2**18  # bytes, of a file, that are compared at once: they stay in the processor's cache

PREVIEWS = {0x010001, 0x010002}  # types of MPF: "large thumbnail"
SECOND_EYES = {0x020002, 0x020003}  # "disparity", "multi-angle"


@dataclass(slots=True)
class JpegHeader:
    """What stands before the first scan of a JPEG."""

    start: int  # of the JPEG, within the file
    end: int = 0  # where its scan begins
    stop: int | None = None  # where the next picture begins, if there is one
    segments: int = 0
    xmp: bytes = b""  # with its extension
    sound: bool = False  # in FlashPix streams, or in segments of a camera's own
    own: dict[int, bytes] = field(default_factory=dict)  # by marker: segments of nobody knows whom
    types: dict[int, int] = field(default_factory=dict)  # MPF's, of what begins at an offset within the file


def header_of(data: bytes, start: int = 0) -> JpegHeader:
    """Return what stands before the first scan of the JPEG at an offset, as far as it is whole."""
    header = JpegHeader(start, start + 2)
    xmp = bytearray()  # bytes that are put together segment by segment would be copied each time
    own: dict[int, bytearray] = defaultdict(bytearray)
    for marker, at, end in segments_of(data, start):
        header.segments += 1
        segment = data[at:end]
        if marker == _APP1 and segment.startswith(_XMP):
            xmp += segment[len(_XMP) :]
        elif marker == _APP1 and segment.startswith(_MORE_XMP):
            xmp += segment[_MORE_XMP_HEADER:]
        elif marker == _APP2 and segment.startswith(_MPF):
            header.types |= _types(segment[len(_MPF) :], at + len(_MPF))
        elif marker == _APP2 and segment.startswith(_FLASHPIX):
            header.sound = header.sound or bool(_WAVE.search(segment))
        elif marker in _APPLICATIONS and not segment.startswith(_KNOWN):
            own[marker] += segment
        header.end = end
    header.xmp = bytes(xmp)
    header.own = {marker: bytes(segments) for marker, segments in own.items()}
    header.sound = header.sound or any(_WAVE.search(its) for its in header.own.values())
    return header


def segments_of(data: bytes, start: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield the marker of each segment before the first scan of the JPEG at an offset, where its contents
    begin, and where it ends; what is none, such as padding, has neither."""
    at = start + 2
    for _ in range(MOST_SEGMENTS):
        if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] in (_START_OF_SCAN, _START_OF_IMAGE):
            return
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            yield marker, at, at
        elif marker in _WITHOUT_LENGTH:
            at += 2
            yield marker, at, at
        else:
            end = at + 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
            yield marker, at + 4, end
            at = end


def _types(mpf: bytes, base: int) -> dict[int, int]:
    """Return the types of further pictures by where they begin; `base` is where their MPF segment does."""
    order = "<" if mpf.startswith(b"II") else ">"
    try:
        directory = struct.unpack_from(order + "I", mpf, 4)[0]
        for number in range(struct.unpack_from(order + "H", mpf, directory)[0]):
            tag, _, size, offset = struct.unpack_from(order + "HHII", mpf, directory + 2 + 12 * number)
            if tag == _MP_ENTRIES:
                entries = (
                    struct.unpack_from(order + "III", mpf, at)
                    for at in range(offset, offset + size, _MP_ENTRY)
                )
                return {base + place: attributes & _MP_TYPE for attributes, _, place in entries if place}
    except struct.error:  # damaged: then nobody says what the pictures are
        pass
    return {}


def pictures_behind(data: bytes, header: JpegHeader, stop: int) -> Iterator[JpegHeader]:
    """Yield the header of each picture behind the first one and before `stop`, without those in thumbnails.

    Within a scan, 0xFF is followed by 0x00 or by a marker of a few kinds, never by that of a new picture.
    Bytes that only look like a picture may lead through all that follows, each of them anew: after as many
    segments as one picture may have, nothing more is looked for.
    """
    at = header.end
    if not holds(data, START_OF_JPEG[:2], at, stop):
        return
    before: JpegHeader | None = None
    in_vain = 0  # segments
    while in_vain <= MOST_SEGMENTS and (at := data.find(START_OF_JPEG, at, stop)) >= 0:
        further = header_of(data, at)
        if data[further.end : further.end + 2] == _SCAN:  # else these bytes only look like one
            if before:
                before.stop = further.start
                yield before
            before = further
            at = further.end
        else:
            in_vain += further.segments
            at += len(START_OF_JPEG)
    if before:
        yield before


def end_of(data: bytes, header: JpegHeader) -> int:
    """Return where a picture ends, by its markers; where the next one begins, or the file ends, if it is cut
    short.

    Progressive JPEGs have tables between their scans, whose bytes may look like an end.
    """
    at = header.end
    stop = len(data) if header.stop is None else header.stop
    while found := _MARKER.search(data, at, stop):
        at = found.end()
        if found[0][1] == _END_OF_IMAGE:
            return at
        at += int.from_bytes(data[at : at + 2], "big")
    return stop


def holds(data: bytes, sign: bytes, start: int, stop: int) -> bool:
    """Tell whether a sign of two or four bytes lies between two places: in a tenth of the time of `find`.

    Nearly no file has one, and to find that out took longer than to read the file.
    """
    import numpy as np  # late: who asks for a header alone needs none

    kind, size = f"u{len(sign)}", len(sign)
    wanted = np.frombuffer(sign, kind)
    for first in range(start, stop, TOGETHER):
        end = min(first + TOGETHER + size - 1, stop)
        for shifted in range(first, first + size):
            count = (end - shifted) // size
            if count > 0 and (np.frombuffer(data, kind, count, shifted) == wanted).any():
                return True
    return False


def film_behind(data: bytes, header: JpegHeader | None = None) -> bytes:
    """Return the film that follows a JPEG, as phones write it; nothing if there is none."""
    if not data.startswith(START_OF_JPEG):
        return b""
    header = header or header_of(data)
    if film := film_after(data, header.end):
        return film
    for found in LENGTH_OF_FILM.finditer(header.xmp):
        at = len(data) - int(found[1])
        if at > header.end and data[at + 4 : at + 8] in OTHER_FIRST_BOXES:
            return data[at:]
    return b""


def film_after(data: bytes, end: int) -> bytes:
    """Return the film that begins behind a place, with the rest of the file; nothing if none does."""
    start = data.find(FILM, end) if holds(data, FILM, end, len(data)) else -1
    while start >= 0:
        length = int.from_bytes(data[start - 4 : start], "big")
        if start >= end + 4 and 8 <= length <= LONGEST_FIRST_BOX:
            return data[start - 4 :]
        start = data.find(FILM, start + 1)
    return b""
