"""The files of a walk, taken a stretch of paths at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from visualsearch_cli.index.known_files import Summary
from visualsearch_cli.indexing.scanner import FoundFile, Listing
from visualsearch_cli.progress import Advance


class Walked:
    """The files of a walk, which come sorted by path. Of what was taken nothing is kept."""

    def __init__(self, listings: Iterator[Listing], advance: Advance) -> None:
        """`advance` is called with the files that the walk met."""
        self._listings = listings
        self._advance = advance
        self._paths: list[bytes] = []  # what the walk gave, from `_start` on not yet taken
        self._sizes: list[int] = []
        self._times: list[int] = []
        self._start = 0

    def take(self, until: bytes | None, summary: Summary) -> bool:
        """Take all files that come before a path, if they are those of a summary."""
        start = self._start
        while not self._reaches(until) and len(self._paths) - start <= summary.count and self._fill():
            start = self._start
        part = slice(start, self._end(until))
        if not summary.is_of(self._paths[part], self._sizes[part], self._times[part]):
            return False
        self._start = part.stop
        return True

    def before(self, until: bytes | None) -> Iterator[FoundFile]:
        """Take the files that come before a path one by one."""
        while True:
            part = slice(self._start, self._end(until))
            self._start = part.stop
            yield from zip(self._paths[part], self._sizes[part], self._times[part], strict=True)
            if self._reaches(until) or not self._fill():
                return

    def _reaches(self, until: bytes | None) -> bool:
        """Tell whether the walk is known to have given all files before a path."""
        return until is not None and self._start < len(self._paths) and self._paths[-1] >= until

    def _end(self, until: bytes | None) -> int:
        return len(self._paths) if until is None else bisect_left(self._paths, until, self._start)

    def _fill(self) -> bool:
        """Let the walk go on. Returns whether there was more."""
        listing = next(self._listings, None)
        if listing is None:
            return False
        paths, sizes, times = listing
        self._paths = self._paths[self._start :] + paths
        self._sizes = self._sizes[self._start :] + sizes
        self._times = self._times[self._start :] + times
        self._start = 0
        self._advance(len(paths))
        return True
