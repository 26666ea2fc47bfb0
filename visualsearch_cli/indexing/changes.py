"""What changed in folders since they were indexed: the walk and the catalog, side by side in one order.

Both give files sorted by the bytes of their paths, so each is met once, nothing is looked up, and what is
unchanged leaves nothing behind but a count. Where the catalog has a summary of a stretch of files, and the
digest of what was met there is the same, not even its rows are read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import pairwise
from operator import itemgetter

from visualsearch_cli.index.known_files import Stretch
from visualsearch_cli.index.records import Catalog, KnownFile
from visualsearch_cli.index.roots import Target
from visualsearch_cli.indexing.scanner import FoundFile, Listing, Scanner, native
from visualsearch_cli.pictures.image import ScannedFile, SkippedImage
from visualsearch_cli.progress import Progress
from visualsearch_cli.walked import Walked

_END: KnownFile = (b"\xff", 0, 0, 0, False, None)  # sorts after every absolute path


@dataclass(slots=True)
class Changes:
    """What a walk found, compared with the catalog."""

    found: int = 0  # image files met
    unchanged: int = 0
    new: list[ScannedFile] = field(default_factory=list)  # or changed, or to be tried again
    back: list[int] = field(default_factory=list)  # ids of images that were missing and are there as before
    gone: list[int] = field(default_factory=list)  # ids of images that are missing now, and were not
    gone_skipped: list[int] = field(default_factory=list)  # ids of skipped files that are not
    skipped: list[SkippedImage] = field(default_factory=list)  # unusable at the last look, and unchanged


def find_changes(
    targets: Sequence[Target],
    catalog: Catalog,
    scanner: Scanner,
    progress: Progress,
    *,
    retry_skipped: bool = False,
) -> Changes:
    """Compare what is at the targets with the catalog.

    A known file that the walk did not meet is gone only if it is not there: the walk may have left it out,
    by --exclude or for want of --hidden. What lies in a folder that could not be read is not gone either.
    """
    changes = Changes()
    met: set[bytes] | None = set() if _overlap(targets) else None  # else no path is remembered
    with progress.step("Scanning") as advance:
        for target in targets:
            listings = scanner.listings(target.path)
            walked = Walked(listings if met is None else _first_met(listings, met), advance)
            passed: list[KnownFile] = []
            for stretch in _stretches(target, catalog):
                if not _is_unchanged(stretch, walked, changes, retry_skipped):
                    passed += _compare(walked.before(stretch.until), stretch.files(), changes, retry_skipped)
            _sort_out(passed, scanner, changes)
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
    found: Iterator[FoundFile], known: Iterator[KnownFile], changes: Changes, retry_skipped: bool
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
        if known_size != size or known_mtime_ns != mtime_ns or (reason is not None and retry_skipped):
            changes.new.append(ScannedFile(native(path), size, mtime_ns))
        elif reason is not None:
            changes.skipped.append(SkippedImage(native(path), reason))
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


def _sort_out(passed: Sequence[KnownFile], scanner: Scanner, changes: Changes) -> None:
    """Add the known files that are newly missing to the changes, unless where they lay could not be read."""
    unread = {item.path for item in scanner.unread}
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
