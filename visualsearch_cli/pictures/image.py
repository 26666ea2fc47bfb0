"""Images as the program knows them: files on disk, decoded pixels, records of the index."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias

from visualsearch_cli.atomic import regular
from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_PIXELS = 250_000_000
"""Above the largest cameras and most stitched panoramas; decoded, that is 750 MB."""


_SAME = ("st_dev", "st_ino", "st_size", "st_mtime_ns")
"""What tells that a file is still the one that it was."""

BLOCK = 1 << 20  # bytes that are read at a time of a file that is not read whole


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


class DecodedImage(NamedTuple):
    """The pixels of an image, perhaps decoded at a reduced scale."""

    pixels: Pixels
    width: int  # of the full image, upright
    height: int
    format: str  # Pillow's name: "JPEG", "PNG", ...


LARGEST_TIME = 2**63 - 1  # ns

TIME_UNITS = (2_000_000_000, 1_000_000_000, 10_000_000, 1_000_000, 1_000, 100)
"""What mtimes are kept in, in ns: FAT; squashfs, sshfs, ISO 9660, ext3; exFAT; clouds; some shares; NTFS."""


class LargeFile(bytes):
    """The contents of a large file, of which the beginning alone is in memory: the rest stays on the disk.

    As bytes it is that beginning, which tells what it is of. `size_of`, `stream_of` and `blocks_of` give the
    whole of it, as they do of any contents.
    """

    path: str
    state: os.stat_result  # as it was when its hash was taken

    @classmethod
    def of(cls, head: bytes, path: str | os.PathLike[str], state: os.stat_result) -> LargeFile:
        """Return the contents of a file that begins so."""
        made = cls(head)
        made.path, made.state = os.fspath(path), state
        return made

    def opened(self) -> BinaryIO:
        """Open it. Raises ImageUnreadable if it is there no more, or is another one."""
        try:
            stream = regular(self.path)
        except OSError as error:
            raise ImageUnreadable(f"cannot be read any more: {error.strerror or error}") from error
        now = os.fstat(stream.fileno())
        if any(getattr(now, name) != getattr(self.state, name) for name in _SAME):
            stream.close()
            raise ImageUnreadable("changed while it was read: index again when it is complete")
        return stream


def size_of(data: bytes) -> int:
    """Return how many bytes the contents of a file have."""
    return data.state.st_size if isinstance(data, LargeFile) else len(data)


def stream_of(data: bytes) -> BinaryIO:
    """Return the contents of a file as a stream that can be read from anywhere. Raises ImageUnreadable."""
    return data.opened() if isinstance(data, LargeFile) else io.BytesIO(data)


def blocks_of(data: bytes) -> Iterator[bytes]:
    """Yield the contents of a file in blocks. Raises ImageUnreadable."""
    if not isinstance(data, LargeFile):
        yield data
        return
    with data.opened() as stream:
        while block := stream.read(BLOCK):
            yield block


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
