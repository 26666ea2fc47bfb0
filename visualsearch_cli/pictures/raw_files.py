"""Which files hold a sensor's own data, by what is in them, and whether they end before it does.

Half of the RAW formats are TIFF files whose first picture is a thumbnail: who opens them as TIFF gets that.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from visualsearch_cli.pictures.image import size_of, stream_of

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

# As in `pillow`, which need not be loaded yet: a TIFF file that is damaged is told of by who reads it.
warnings.filterwarnings("ignore", module=r"PIL\.")

_TIFF = (b"II*\0", b"MM\0*")
_VARIANTS = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")  # TIFF but for these bytes: Olympus ORF, Panasonic RW2
_RAF = b"FUJIFILMCCD-RAW"  # Fujifilm
_MARKS = (
    *_VARIANTS,
    _RAF,
    b"II*\0\x10\0\0\0CR",  # Canon CR2
    b"FOVb",  # Sigma X3F
    b"\0MRM",  # Minolta MRW
    b"II\x1a\0\0\0HEAPCCDR",  # Canon CRW
)
_CR3 = b"ftypcrx "  # Canon CR3, after the length of the box
_PHASE_ONE = (b"IIII", b"MMMM")  # IIQ, after the header of a TIFF file

_MOST_DIRECTORIES = 8  # RAW files have a few; TIFF files may have a page in each of thousands

_COMPRESSION, _PHOTOMETRIC, _SUB_DIRECTORIES, _DNG_VERSION = 259, 262, 330, 50706
_STRIPS = ((273, 279), (324, 325), (280, 279))  # offsets and bytes: of strips, of tiles, of Panasonic's data
_SENSOR = {32803, 34892}  # photometric: a color filter array, or what was linearly made of one
_MAKERS_OWN = {32767, 32769, 32770, 34713, 65000, 65535}  # compression: Sony, Samsung, Nikon, Kodak…


def is_marked_raw(head: bytes) -> bool:
    """Tell whether a file that begins so, with 64 bytes, is a RAW, and no TIFF."""
    return head.startswith(_MARKS) or head[4:12] == _CR3


def is_raw(data: bytes) -> bool:
    """Tell whether the contents of a file are a camera's RAW."""
    if is_marked_raw(data):
        return True
    if not data.startswith(_TIFF):
        return False
    with stream_of(data) as stream:
        return is_raw_tiff(stream)


def is_raw_tiff(stream: BinaryIO) -> bool:
    """Tell whether a TIFF file is a camera's RAW. Not all of it is read."""
    stream.seek(0)
    head = stream.read(12)
    return head[8:12] in _PHASE_ONE or any(map(_is_of_a_sensor, _directories(stream)))


def may_be_cut_short(data: bytes) -> bool:
    """Tell whether a RAW file says that there is more of it. Not all makers' numbers can be relied on."""
    if data[4:12] == _CR3:
        return end_of_boxes(data) > size_of(data)
    if data.startswith(_RAF):  # where the preview ends, and where the sensor's data
        return max(_sum_at(data, 84), _sum_at(data, 100)) > size_of(data)
    if not data.startswith(_TIFF + _VARIANTS):
        return False
    with stream_of(data) as stream:
        return any(_end_of_strips(directory) > size_of(data) for directory in _directories(stream))


def _sum_at(data: bytes, at: int) -> int:
    """Return the sum of an offset and a length in the header of a RAF file."""
    return sum(struct.unpack_from(">II", data, at)) if len(data) >= at + 8 else at + 8


def _end_of_strips(directory: ImageFileDirectory_v2) -> int:
    """Return where the last of the strips or tiles of a picture ends."""
    ends = [0]
    for offsets, counts in _STRIPS:
        starts, sizes = (_numbers(directory.get(tag)) for tag in (offsets, counts))
        ends += [start + size for start, size in zip(starts, sizes, strict=False)]
    return max(ends)


def _numbers(value: object) -> list[int]:
    """Return the whole numbers of a tag that may have one or several."""
    values = value if isinstance(value, tuple) else (value,)
    return [number for number in values if isinstance(number, int)]


def _is_of_a_sensor(directory: ImageFileDirectory_v2) -> bool:
    return (
        _DNG_VERSION in directory
        or directory.get(_PHOTOMETRIC) in _SENSOR
        or directory.get(_COMPRESSION) in _MAKERS_OWN
    )


def _directories(stream: BinaryIO) -> Iterator[ImageFileDirectory_v2]:
    """Yield the first directories of a TIFF file and those inside; of a damaged one, what can be read."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2  # most pictures are JPEG, and a query is for one

    stream.seek(0)
    head = stream.read(8)
    header = (_TIFF[0] if head[:1] == b"I" else _TIFF[1]) + head[4:8]
    try:
        offsets = [ImageFileDirectory_v2(header).next]
        seen: set[int] = set()
        while offsets and len(seen) < _MOST_DIRECTORIES:
            offset = offsets.pop(0)
            if not offset or offset in seen:
                continue
            seen.add(offset)
            directory = ImageFileDirectory_v2(header)
            stream.seek(offset)
            directory.load(stream)
            yield directory
            offsets += [*_numbers(directory.get(_SUB_DIRECTORIES)), directory.next]
    except (SyntaxError, ValueError, TypeError, OSError, KeyError, IndexError, struct.error, OverflowError):
        return


def end_of_boxes(data: bytes) -> int:
    """Return where the last box of a file ends: beyond its data, if some of it is missing."""
    at = 0
    while 0 <= at <= len(data) - 16:
        size, _, large = struct.unpack_from(">I4sQ", data, at)
        size = large if size == 1 else size
        if size < 8:  # 0: it goes on to the end of the file
            break
        at += size
    return at
