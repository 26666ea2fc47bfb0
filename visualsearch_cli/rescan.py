"""What changed in folders since they were indexed: the walk and the catalog, side by side in one order.

Both give files sorted by the bytes of their paths, so each is met once, nothing is looked up, and what is
unchanged leaves nothing behind but a count.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from operator import itemgetter

from visualsearch_cli.catalog import Catalog, KnownFile
from visualsearch_cli.filesystem import FoundFile, Scanner, native
from visualsearch_cli.image import ScannedFile, SkippedImage
from visualsearch_cli.progress import Advance, Progress
from visualsearch_cli.roots import Target

STEP = 500  # files between two moves of the progress bar

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
    with progress.step("Scanning") as advance:
        found: Iterator[FoundFile]
        met: set[bytes] = set()
        for target in targets:
            found = scanner.walk(target.path)
            if len(targets) > 1:  # they may lie inside each other; one needs no memory of paths
                found = _first_met(found, met)
            # Below a target there may be roots of their own, whose files are known by these.
            known = [catalog.known_files(place) for place in target.scope]
            rows = known[0] if len(known) == 1 else merge(*known, key=itemgetter(0))
            passed = _compare(found, rows, changes, advance, retry_skipped)
            _sort_out(passed, scanner, changes)
    return changes


def _first_met(found: Iterator[FoundFile], met: set[bytes]) -> Iterator[FoundFile]:
    for file in found:
        if file[0] not in met:
            met.add(file[0])
            yield file


def _compare(
    found: Iterator[FoundFile],
    known: Iterator[KnownFile],
    changes: Changes,
    advance: Advance,
    retry_skipped: bool,
) -> list[KnownFile]:
    """Add what was found to the changes. Returns the known files that are newly missing."""
    passed: list[KnownFile] = []
    count = unchanged = 0
    row = next(known, _END)
    for path, size, mtime_ns in found:
        count += 1
        if count % STEP == 0:
            advance(STEP)
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
    advance(count % STEP)
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
