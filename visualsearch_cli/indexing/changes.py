"""What changed in folders since they were indexed: the walk and the catalog, side by side in one order.

Both give files sorted by the bytes of their paths, so each is met once, nothing is looked up, and what is
unchanged leaves nothing behind but a count. Where the catalog has a summary of a stretch of files, and the
digest of what was met there is the same, not even its rows are read.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from visualsearch_cli.index.known_files import KnownFile, Stretch, Summary
from visualsearch_cli.index.roots import Target, away_mounts
from visualsearch_cli.indexing.scanner import FoundFile, Listing, Scanner, native
from visualsearch_cli.pictures.image import ScannedFile, SkippedImage, is_same_time
from visualsearch_cli.progress import Advance, Progress

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog


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


_END: KnownFile = (b"\xff", 0, 0, 0, False, None)  # sorts after every absolute path


@dataclass(slots=True)
class Changes:
    """What a walk found, compared with the catalog."""

    found: int = 0  # image files met
    unchanged: int = 0
    new: list[ScannedFile] = field(default_factory=list)  # or changed, or to be tried again
    back: list[int] = field(default_factory=list)  # ids of images that were missing and are there as before
    gone: list[int] = field(default_factory=list)  # ids of images that are missing now, and were not
    doubted: list[ScannedFile] = field(default_factory=list)  # unchanged by size and mtime, to be read anyway
    rewritten: list[str] = field(default_factory=list)  # paths of those that had another content
    gone_skipped: list[int] = field(default_factory=list)  # ids of skipped files that are not
    skipped: list[SkippedImage] = field(default_factory=list)  # unusable at the last look, and unchanged


def find_changes(
    targets: Sequence[Target],
    catalog: Catalog,
    scanner: Scanner,
    progress: Progress,
    *,
    retry_skipped: bool = False,
    doubt: bool = False,
) -> Changes:
    """Compare what is at the targets with the catalog. With `doubt`, size and mtime do not tell that a file
    is unchanged.

    A known file that the walk did not meet is gone only if it is not there: the walk may have left it out,
    by --exclude or for want of --hidden. What lies in a folder that could not be read is not gone either, nor
    what lies on a disk that is mounted inside a root, and is not there now.
    """
    changes = Changes()
    met: set[bytes] | None = set() if _overlap(targets) else None  # else no path is remembered
    roots = [root.path for root in catalog.roots()]
    away = away_mounts(catalog)
    with progress.step("Scanning") as advance:
        for target in targets:
            listings = scanner.listings(target.path, roots)
            walked = Walked(listings if met is None else _first_met(listings, met), advance)
            passed: list[KnownFile] = []
            for stretch in _stretches(target, catalog):
                if doubt or not _is_unchanged(stretch, walked, changes, retry_skipped):
                    found = walked.before(stretch.until)
                    passed += _compare(found, stretch.files(), changes, retry_skipped, doubt)
            _sort_out(passed, {*away, *(item.path for item in scanner.unread)}, changes)
    return changes


def _is_unchanged(stretch: Stretch, walked: Walked, changes: Changes, retry_skipped: bool) -> bool:
    """Compare a stretch by its summary. If it is as it was, add it to the changes and take its files."""
    summary = stretch.summary
    if summary is None or (summary.skipped and retry_skipped) or not walked.take(stretch.until, summary):
        return False
    changes.found += summary.count
    changes.unchanged += summary.count - summary.skipped
    if summary.skipped:  # the reasons are told at every run
        changes.skipped += (
            SkippedImage(native(path), reason) for path, *_, reason in stretch.files() if reason is not None
        )
    return True


def _overlap(targets: Sequence[Target]) -> bool:
    """Tell whether some targets lie inside others."""
    paths = sorted(target.path.rstrip(os.sep) + os.sep for target in targets)
    return any(later.startswith(path) for path, later in pairwise(paths))


def _first_met(listings: Iterable[Listing], met: set[bytes]) -> Iterator[Listing]:
    for listing in listings:
        files = [file for file in zip(*listing, strict=True) if file[0] not in met]
        if files:
            met.update(listing[0])
            paths, sizes, times = zip(*files, strict=True)
            yield list(paths), list(sizes), list(times)


def _stretches(target: Target, catalog: Catalog) -> Iterable[Stretch]:
    """Return what is known of a target. It covers all paths there are."""
    if len(target.scope) == 1:
        return catalog.stretches(target.scope[0])
    # Below the target there are roots of their own, whose files are known by these.
    known = [catalog.known_files(place) for place in target.scope]
    return [Stretch(None, lambda: merge(*known, key=itemgetter(0)))]


def _compare(
    found: Iterator[FoundFile],
    known: Iterator[KnownFile],
    changes: Changes,
    retry_skipped: bool,
    doubt: bool = False,
) -> list[KnownFile]:
    """Add what was found to the changes. Returns the known files that are newly missing."""
    passed: list[KnownFile] = []
    count = unchanged = 0
    row = next(known, _END)
    for path, size, mtime_ns in found:
        count += 1
        while row[0] < path:
            if _is_gone(row):
                passed.append(row)
            row = next(known, _END)
        if row[0] != path:
            changes.new.append(ScannedFile(native(path), size, mtime_ns))
            continue
        _, id, known_size, known_mtime_ns, missing, reason = row
        row = next(known, _END)
        if (
            known_size != size
            or (known_mtime_ns != mtime_ns and not is_same_time(known_mtime_ns, mtime_ns))
            or (reason is not None and retry_skipped)
        ):
            changes.new.append(ScannedFile(native(path), size, mtime_ns))
        elif reason is not None:
            changes.skipped.append(SkippedImage(native(path), reason))
        elif doubt and not missing:
            changes.doubted.append(ScannedFile(native(path), size, mtime_ns))
        elif doubt:
            changes.new.append(ScannedFile(native(path), size, mtime_ns))
        else:
            unchanged += 1
            if missing:
                changes.back.append(id)
    changes.found += count
    changes.unchanged += unchanged
    while row is not _END:
        if _is_gone(row):
            passed.append(row)
        row = next(known, _END)
    return passed


def _is_gone(known: KnownFile) -> bool:
    """Tell whether a file is newly missing."""
    return not known[4] and not os.path.lexists(known[0])


def _sort_out(passed: Sequence[KnownFile], unread: set[str], changes: Changes) -> None:
    """Add the known files that are newly missing to the changes, unless where they lay could not be read."""
    for path, id, _, _, _, reason in passed:
        if unread and _is_in_any(native(path), unread):
            continue
        if reason is not None:
            changes.gone_skipped.append(id)
        else:
            changes.gone.append(id)


def _is_in_any(path: str, places: set[str]) -> bool:
    """Tell whether an absolute path is one of some places, or below one."""
    while path not in places:
        above = os.path.dirname(path)
        if above == path:
            return False
        path = above
    return True
