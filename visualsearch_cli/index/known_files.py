"""Stretches of known files: many files that come one after the other, compared with what is there at once."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

KnownFile: TypeAlias = tuple[bytes, int, int, int, bool, "str | None"]
"""What the catalog remembers of a file that is, or was, at a place: the absolute path in the bytes of the
system with "/" between its parts, id, size, mtime_ns, whether it was missing at the last look, and the reason
if it was skipped: then the id is that of a skipped file, else that of an image.

A tuple, because a run over an unchanged folder reads one for each file and keeps none.
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a catalog knows of the files whose paths lie between two, in the order of their bytes."""

    until: bytes | None  # absolute: where the next one begins; None: there is no next one
    files: Callable[[], Iterator[KnownFile]]  # one by one, sorted by path
    summary: Summary | None = None  # None: nothing shorter than the files tells what they are


@dataclass(frozen=True, slots=True)
class Summary:
    """What tells, without the files of a stretch, whether what is there is the same.

    It is of all that are not missing, those that could not be used among them.
    """

    digest: bytes
    count: int
    skipped: int  # of them, those that could not be used
    first: bytes  # where the stretch begins and ends, below the root
    until: bytes | None
    root_length: int  # of the absolute path of the root, with the "/" at its end

    def is_of(self, paths: Sequence[bytes], sizes: Sequence[int], times: Sequence[int]) -> bool:
        """Tell whether files with these absolute paths, sizes and mtime_ns are those of the stretch."""
        if len(paths) != self.count:
            return False
        below = self.root_length
        try:
            return self.digest == digest_of(
                self.first, self.until, [path[below:] for path in paths], sizes, times
            )
        except ValueError:  # no catalog can hold such a time
            return False


def digest_of(
    first: bytes, until: bytes | None, paths: Sequence[bytes], sizes: Sequence[int], times: Sequence[int]
) -> bytes:
    """Return the digest, 32 bytes, of files sorted by their paths below a root, with their mtime_ns.

    Raises ValueError if a size or time does not fit into 64 bits.
    """
    count = len(paths)
    try:
        numbers = struct.pack(f"<{2 * count + 1}q", count, *sizes, *times)
    except struct.error as error:
        raise ValueError(f"not a size in bytes or a time in nanoseconds: {error}") from error
    # No path holds a zero byte, and their number comes first: different files never give the same bytes.
    from visualsearch_cli.pictures.reading import hash_content  # late: a query digests nothing

    return hash_content(numbers + b"\0".join((first, until or b"", *paths)))
