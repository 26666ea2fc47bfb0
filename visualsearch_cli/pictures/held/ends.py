"""Where the picture ends in a file: what lies behind is not of it, and most programs drop it.

Sources: PNG, third edition; RIFF of WebP; GIF89a; TIFF 6.0, and BigTIFF as libtiff documents it; the headers
of Windows bitmaps up to version 5; Netpbm's formats; Adobe Photoshop File Formats Specification; ISO/IEC
15444-1 and 18181-2 (boxes of JPEG 2000 and JPEG XL).
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence

from visualsearch_cli.pictures.held.boxes import places_of

PNG = b"\x89PNG\r\n\x1a\n"

IN_BOXES = (b"\0\0\0\x0cjP  ", b"\0\0\0\x0cJXL ")  # the first box of JPEG 2000 and of JPEG XL
_CODED = (b"jp2c", b"jxlc", b"jxlp")  # boxes of what is decoded
_CODESTREAM = b"\xff\x4f\xff\x51"
TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SIZES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8)  # bytes of a value, by the type of a tag
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_DIRECTORIES = (330, 400, 34665, 34853, 40965)  # SubIFDs, GlobalParameters, EXIF, GPS, interoperability
_PLACES = {273: 279, 324: 325, 288: 289, 513: 514, 519: 0}  # of strips, tiles, free room, a JPEG: and sizes
_MOST_DIRECTORIES = 100_000
_KIND, _SIDES, _BELOW = 254, (256, 257), 330
_REDUCED_OR_MASK = 1 | 4  # of a kind
_OF_PICTURE = (_KIND, *_SIDES, _BELOW, *_PLACES, *_PLACES.values())
_NETPBM = re.compile(rb"P([456])(?:\s|#[^\n]*\n)+(\d+)(?:\s|#[^\n]*\n)+(\d+)")
_HIGHEST = re.compile(rb"(?:\s|#[^\n]*\n)+(\d+)")


def end_of_picture(data: bytes) -> int:
    """Return where a picture ends, if it is no JPEG, HEIC or AVIF; the end of the file if nobody can tell."""
    try:
        end = _end_of(data)
    except (struct.error, IndexError, ValueError, OverflowError):  # damaged
        return len(data)
    return end if 0 < end <= len(data) else len(data)


def riff_chunks_of(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each chunk of a WebP, where its contents begin, and how long they are said to be."""
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], at + 8, length
        at += 8 + length + length % 2


def chunks_of(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each chunk of a PNG, where its contents begin, and how long they are."""
    at = len(PNG)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at + 8, length
        at += 12 + length


def tags_of(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield each tag of all directories of a TIFF: its number, type, where its values begin, how many bytes.

    Raises struct.error if it is damaged.
    """
    for entries, _, order, wide in _directories(data):
        for at in entries:
            tag, kind = struct.unpack_from(f"{order}HH", data, at)
            (count,) = struct.unpack_from(order + ("Q" if wide else "I"), data, at + 4)
            size = count * (_SIZES[kind] if kind < len(_SIZES) else 0)
            field = at + (12 if wide else 8)
            if size > (8 if wide else 4):
                (field,) = struct.unpack_from(order + ("Q" if wide else "I"), data, field)
            yield tag, kind, field, size


def pictures_below(data: bytes) -> Iterator[bytes]:
    """Yield the data of each picture below a page of a TIFF (SubIFDs) that is as large as that, or larger.

    Smaller ones are previews, and masks are none. No program shows the others as pages.
    """
    if not data.startswith(TIFFS):
        return
    try:
        yield from _pictures_below(data)
    except (struct.error, IndexError, ValueError, OverflowError):  # damaged
        return


def _pictures_below(data: bytes) -> Iterator[bytes]:
    found: dict[int, dict[int, tuple[int, ...]]] = {}
    for entries, _, order, wide in _directories(data):
        found[entries.start] = {
            struct.unpack_from(f"{order}H", data, at)[0]: _values(data, at, order, wide=wide)
            for at in entries
            if struct.unpack_from(f"{order}H", data, at)[0] in _OF_PICTURE
        }
    first = 8 if data.startswith((b"II+", b"MM\0+")) else 2  # bytes that count the entries
    pages = {at + first: page for page in found.values() for at in page.get(_BELOW, ())}
    for start, page in pages.items():
        its = found.get(start, {})
        kind = its.get(_KIND, (0,))[0]
        if not kind & _REDUCED_OR_MASK and _pixels(its) >= max(1, _pixels(page)):
            yield b"".join(
                data[place : place + size]
                for places, sizes in _PLACES.items()
                for place, size in zip(its.get(places, ()), its.get(sizes, ()), strict=False)
            )


def _pixels(directory: Mapping[int, Sequence[int]]) -> int:
    return math.prod(directory.get(side, (0,))[0] for side in _SIDES)


def _end_of(data: bytes) -> int:
    if data.startswith(PNG):
        for kind, start, length in chunks_of(data):
            if kind == b"IEND":
                return start + length + 4  # behind its checksum
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        size = int.from_bytes(data[4:8], "little")
        return min(8 + size + size % 2, len(data))
    elif data.startswith(b"GIF8"):
        return _end_of_gif(data)
    elif data.startswith(TIFFS):
        return _end_of_tiff(data)
    elif data.startswith(b"BM"):
        return _end_of_bitmap(data)
    elif data.startswith(IN_BOXES):
        return _end_of_boxes(data)
    elif data.startswith(_CODESTREAM):
        return _end_of_codestream(data)
    elif data.startswith(b"8BPS"):
        return _end_of_photoshop(data)
    elif found := _NETPBM.match(data):
        return _end_of_netpbm(data, found)
    return len(data)


def _end_of_gif(data: bytes) -> int:
    """Return where a GIF ends, by its blocks."""

    def table(flags: int) -> int:
        return 3 << (flags & 7) + 1 if flags & 0x80 else 0

    at = 13 + table(data[10])
    while data[at] in b"!,":
        at += 2 if data[at] == 0x21 else 11 + table(data[at + 9])
        while data[at]:
            at += 1 + data[at]
        at += 1
    return at + 1 if data[at] == 0x3B else len(data)


def _directories(data: bytes) -> Iterator[tuple[range, int, str, bool]]:
    """Yield where entries of each directory of a TIFF begin, where it ends, the order, whether it is big."""
    order = "<" if data.startswith(b"I") else ">"
    wide = struct.unpack_from(f"{order}H", data, 2)[0] == 43
    entry, word, counter = (20, "Q", "Q") if wide else (12, "I", "H")
    waiting = [struct.unpack_from(order + word, data, 8 if wide else 4)[0]]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        at = waiting.pop()
        if not at or at in seen:
            continue
        seen.add(at)
        (count,) = struct.unpack_from(order + counter, data, at)
        first = at + struct.calcsize(order + counter)
        end = first + count * entry
        (following,) = struct.unpack_from(order + word, data, end)
        waiting.append(following)
        entries = range(first, end, entry)
        for place in entries:
            tag, kind = struct.unpack_from(f"{order}HH", data, place)
            if tag in _DIRECTORIES and kind in _NUMBERS:
                waiting += _values(data, place, order, wide=wide)
        yield entries, end + struct.calcsize(order + word), order, wide


def _values(data: bytes, place: int, order: str, *, wide: bool) -> tuple[int, ...]:
    """Return the numbers of the tag at a place."""
    _, kind, count = struct.unpack_from(order + ("HHQ" if wide else "HHI"), data, place)
    number = _NUMBERS.get(kind)
    if number is None:
        return ()
    field = place + (12 if wide else 8)
    if count * _SIZES[kind] > (8 if wide else 4):
        (field,) = struct.unpack_from(order + ("Q" if wide else "I"), data, field)
    if field + count * _SIZES[kind] > len(data):
        raise struct.error("beyond the file")
    return struct.unpack_from(f"{order}{count}{number}", data, field)


def _end_of_tiff(data: bytes) -> int:
    """Return where all ends that the directories of a TIFF speak of."""
    last = max(field + size for _, _, field, size in tags_of(data))
    for entries, end, order, wide in _directories(data):
        last = max(last, end)
        found = {
            struct.unpack_from(f"{order}H", data, at)[0]: _values(data, at, order, wide=wide)
            for at in entries
            if struct.unpack_from(f"{order}H", data, at)[0] in (*_PLACES, *_PLACES.values())
        }
        for places, sizes in _PLACES.items():
            last = max([last, *map(sum, zip(found.get(places, ()), found.get(sizes, ()), strict=False))])
    return last


def _end_of_bitmap(data: bytes) -> int:
    """Return where a bitmap ends, by its sides: many programs write no size of the file, or a wrong one."""
    start, header = struct.unpack_from("<II", data, 10)
    if header < 40:
        return len(data)  # of OS/2
    width, height, _, bits, packed, size = struct.unpack_from("<iiHHII", data, 18)
    rows = (abs(width) * bits + 31) // 32 * 4 * abs(height)
    end = int(start + (rows if packed in (0, 3, 6) else size or len(data)))  # not packed, or by runs
    if header >= 124:
        profile, length = struct.unpack_from("<II", data, 14 + 112)
        end = max(end, 14 + profile + length if length else 0)
    return end


def _end_of_boxes(data: bytes) -> int:
    """Return where the boxes of a picture end: a film behind them has boxes as well, and names its brand."""
    last, is_whole = 0, False
    for number, (kind, _, end) in enumerate(places_of(data)):
        if kind == b"ftyp" and number > 1:
            break
        last, is_whole = end, is_whole or kind in _CODED
    return last if is_whole else len(data)


def _end_of_codestream(data: bytes) -> int:
    """Return where a JPEG 2000 without boxes ends: its tiles say how long they are."""
    at = 2
    while data[at : at + 2] != b"\xff\xd9":
        start_of_tile = data[at : at + 2] == b"\xff\x90"
        word, place = (">I", 6) if start_of_tile else (">H", 2)
        (length,) = struct.unpack_from(word, data, at + place)
        if start_of_tile and not length:
            return len(data)  # the last one goes on to the end
        at += length if start_of_tile else 2 + length
    return int(at + 2)


def _end_of_photoshop(data: bytes) -> int:
    (version,) = struct.unpack_from(">H", data, 4)
    channels, height, width, bits = struct.unpack_from(">HIIH", data, 12)
    at = 26
    for word in ("I", "I", "I" if version == 1 else "Q"):  # colors, resources, layers
        at += struct.calcsize(f">{word}") + struct.unpack_from(f">{word}", data, at)[0]
    (packed,) = struct.unpack_from(">H", data, at)
    at += 2
    if packed == 0:
        return int(at + channels * height * ((width * bits + 7) // 8))
    if packed != 1:
        return len(data)
    lengths = struct.Struct(f">{channels * height}{'H' if version == 1 else 'I'}")
    return int(at + lengths.size + sum(lengths.unpack_from(data, at)))


def _end_of_netpbm(data: bytes, found: re.Match[bytes]) -> int:
    """Return where the first picture of a PBM, PGM or PPM of bytes ends."""
    kind, width, height = (int(part) for part in found.groups())
    if kind == 4:
        return found.end() + 1 + (width + 7) // 8 * height
    highest = _HIGHEST.match(data, found.end())
    if highest is None:
        return len(data)
    samples = width * height * (3 if kind == 6 else 1)
    return highest.end() + 1 + samples * (1 if int(highest[1]) < 256 else 2)
