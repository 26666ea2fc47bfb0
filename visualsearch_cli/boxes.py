"""The boxes that HEIC and CR3 files consist of (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

import struct


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
