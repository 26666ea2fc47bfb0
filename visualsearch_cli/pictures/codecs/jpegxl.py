"""The head of a JPEG XL file: its size, which must be known before it is decoded, and how it lies.

Source: ISO/IEC 18181-1 (codestream: SizeHeader, ImageMetadata), ISO/IEC 18181-2 (boxes).
"""

from __future__ import annotations

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.held.boxes import boxes_of

CODESTREAM = b"\xff\x0a"
CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))  # width : height
_LENGTHS = (9, 13, 18, 30)  # bits of a side, less one
_LEAST = 24  # bytes of the codestream that the longest head takes

UNKNOWN_BITS = 32
"""The most: two files that hide bits are equal only if all their bytes are."""


class JpegXlHead(NamedTuple):
    """What the codestream says first."""

    width: int  # of the stored picture
    height: int
    orientation: int  # of EXIF: the decoder turns by it
    is_animated: bool
    bits: int  # a channel


def is_jpegxl(data: bytes) -> bool:
    """Tell whether the contents of a file are JPEG XL."""
    return data.startswith((CODESTREAM, CONTAINER))


def head_of(data: bytes) -> JpegXlHead | None:
    """Return the head of a JPEG XL file; None if it is not there."""
    bits = _Bits(_codestream(data))
    if bits.left < 8 * len(CODESTREAM) or bits.take(16) != int.from_bytes(CODESTREAM, "little"):
        return None
    try:
        width, height = _size(bits)
        return JpegXlHead(width, height, *_metadata(bits))
    except EOFError:
        return None


def _metadata(bits: _Bits) -> tuple[int, bool, int]:
    """Return the orientation, whether there are several frames, and the bits of a channel."""
    orientation, is_animated = 1, False
    if bits.take(1):  # all is as it is by default
        return orientation, is_animated, 8
    if bits.take(1):  # further fields
        orientation = bits.take(3) + 1
        if bits.take(1):
            _size(bits)  # at which it is to be shown
        if bits.take(1):
            return orientation, is_animated, UNKNOWN_BITS  # a preview, whose head is not read here
        if bits.take(1):
            return orientation, True, UNKNOWN_BITS
    if bits.take(1):  # numbers with a fraction
        return orientation, is_animated, (32, 16, 24, UNKNOWN_BITS)[bits.take(2)]
    selected = bits.take(2)
    return orientation, is_animated, bits.take(6) + 1 if selected == 3 else (8, 10, 12)[selected]


def _codestream(data: bytes) -> bytes:
    """Return the beginning of the codestream."""
    if data.startswith(CODESTREAM):
        return data[:_LEAST]
    found = b""
    for kind, contents in boxes_of(data):
        if kind == b"jxlc":
            return contents[:_LEAST]
        if kind == b"jxlp":  # a part, after its number
            found += contents[4 : 4 + _LEAST]
        if len(found) >= _LEAST:
            break
    return found


class _Bits:
    """Takes numbers from bytes, lowest bits first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self.left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self.left:
            raise EOFError
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        self.left -= count
        return value


def _size(bits: _Bits) -> tuple[int, int]:
    is_small = bool(bits.take(1))

    def side() -> int:
        return 8 * (bits.take(5) + 1) if is_small else bits.take(_LENGTHS[bits.take(2)]) + 1

    height = side()
    ratio = bits.take(3)
    if not ratio:
        return side(), height
    across, down = _RATIOS[ratio - 1]
    return height * across // down, height


def has_jpeg(data: bytes) -> bool:
    """Tell whether a JPEG can be made of a file again, which is what is then decoded, unturned."""
    return any(kind == b"jbrd" for kind, _ in boxes_of(data))


def has_gain_map(data: bytes) -> bool:
    """Tell whether a JPEG XL file holds a gain map. Other files have none in such a box."""
    return is_jpegxl(data) and any(kind == b"jhgm" for kind, _ in boxes_of(data))


def jpeg_in(data: bytes) -> bytes:
    """Return the JPEG that can be made of a file again, with all that lay behind it; nothing if none can."""
    if not is_jpegxl(data) or not has_jpeg(data):
        return b""
    try:
        from pillow_jxl import Decoder

        is_jpeg, _, jpeg, *_ = Decoder(num_threads=0)(data)
    except Exception:  # noqa: BLE001 - what is damaged, or cannot be read here, holds nothing
        return b""
    return bytes(jpeg) if is_jpeg else b""
