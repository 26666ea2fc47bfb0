"""Images as the program knows them: files on disk, decoded pixels, records of the index."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_PIXELS = 250_000_000
"""Above the largest cameras and most stitched panoramas; decoded, that is 750 MB."""


class ImageRecord(NamedTuple):
    """A file of the index."""

    id: int
    content_id: int
    path: Path
    size: int  # bytes
    mtime_ns: int
    content_hash: str  # hexadecimal
    width: int
    height: int
    format: str


Pixels: TypeAlias = "npt.NDArray[np.uint8]"
"""uint8 of shape (height, width, 3), RGB in sRGB, upright."""


class ScannedFile(NamedTuple):
    """A file met in a folder. Its size and mtime tell whether it changed since it was indexed."""

    path: str  # absolute; bytes that are not valid UTF-8 are surrogate escapes
    size: int  # bytes
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """The pixels of an image, perhaps decoded at a reduced scale."""

    pixels: Pixels
    width: int  # of the full image, upright
    height: int
    format: str  # Pillow's name: "JPEG", "PNG", ...


LARGEST_TIME = 2**63 - 1  # ns

TIME_UNITS = (2_000_000_000, 1_000_000_000, 10_000_000, 1_000_000, 1_000, 100)
"""What mtimes are kept in, in ns: FAT; squashfs, sshfs, ISO 9660, ext3; exFAT; clouds; some shares; NTFS."""


class ImageReader(Protocol):
    """Decodes images."""

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        """Decode the contents of an image file. Thread-safe.

        With `min_side`, the pixels may come at a reduced scale, if neither side then falls below it.

        Raises ImageUnreadable or ImageTooLarge.
        """


class SkippedImage(NamedTuple):
    """A file that could not be used, and why. A result, not an exception."""

    path: str
    reason: str


def mtime_of(state: os.stat_result) -> int:
    """Return when a file was changed, in ns, as far as 64 bits hold it: from 1677 to 2262.

    Some file systems keep any time that a camera without a clock gave, and SQLite keeps no larger numbers.
    """
    return as_stored_time(state.st_mtime_ns)


def as_stored_time(time: int) -> int:
    """Return a time in ns as far as 64 bits hold it."""
    return max(-LARGEST_TIME - 1, min(time, LARGEST_TIME))


def is_same_time(a: int, b: int) -> bool:
    """Tell whether two mtimes (ns) may be one, kept by two file systems of which one is coarser.

    The coarser is whole in its unit, and the other within that unit of it: cut off or rounded.
    """
    if a == b:
        return True
    return any(not coarse % unit and abs(a - b) < unit for unit in TIME_UNITS for coarse in (a, b))


def is_as_indexed(record: ImageRecord) -> bool:
    """Tell whether a file still has the size and mtime that it had when it was indexed."""
    with suppress(OSError):
        state = os.stat(record.path)
        return state.st_size == record.size and is_same_time(mtime_of(state), record.mtime_ns)
    return False
