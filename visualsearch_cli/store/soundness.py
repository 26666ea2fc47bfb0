"""Keeps a store sound: compares what it holds with itself and with the files, and forgets what is gone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import is_same_time, mtime_of
from visualsearch_cli.store.gathering import parts_of
from visualsearch_cli.store.mounted import path_of_file
from visualsearch_cli.store.port import batches
from visualsearch_cli.vectors.checks import UNIT_TOLERANCE

if TYPE_CHECKING:
    from visualsearch_cli.index.carried.carried_rows import CarriedFile
    from visualsearch_cli.progress import Progress
    from visualsearch_cli.store.mounted import MountedRoots
    from visualsearch_cli.store.port import Store


class Soundness(NamedTuple):
    """What is wrong, and what is only old."""

    problems: tuple[str, ...]  # files without their content, vectors that are none
    stale: tuple[str, ...]  # paths of files that are not as the store knows them, or are gone
    unused: int  # contents that no file has: what a killed run leaves, and `prune` forgets
    away: tuple[str, ...]  # roots that are not on this machine: their files were not looked at


def soundness(store: Store, mounts: MountedRoots, progress: Progress) -> Soundness:
    """Compare a store with itself, and with the files of those roots that are here. No picture is read."""
    dim = store.manifest().model.dim
    problems: list[str] = []
    stale: list[str] = []
    away: list[str] = []
    held: set[bytes] = set()
    used: set[bytes] = set()
    counts = store.counts()
    with progress.step("Comparing", counts.contents + counts.images + counts.missing) as advance:
        for content in store.contents():
            held.add(content.hash)
            length = float(np.linalg.norm(content.vector))
            if content.vector.shape != (dim,) or not abs(length - 1) <= UNIT_TOLERANCE:
                problems.append(
                    f"content {content.hash.hex()}: its vector is none of {dim} values, of length 1"
                )
            advance(1)
        for root in store.roots():
            here = mounts.here(root)
            is_here = os.path.isdir(here)
            if not is_here:
                away.append(here)
            for file in store.files(root):
                path = path_of_file(mounts.file_here(file))
                if file.content is not None:
                    used.add(file.content)
                    if file.content not in held:
                        problems.append(f"{path}: the store lacks its content, {file.content.hex()}")
                if is_here and not _is_as_known(path, file):
                    stale.append(path)
                advance(1)
    return Soundness(tuple(problems), tuple(sorted(stale)), len(held - used), tuple(away))


def _is_as_known(path: str, file: CarriedFile) -> bool:
    try:
        state = os.stat(path)
    except OSError:
        return file.missing
    return not file.missing and state.st_size == file.size and is_same_time(mtime_of(state), file.mtime_ns)


def forgettable(store: Store, mounts: MountedRoots, places: Sequence[str]) -> list[CarriedFile]:
    """Return the files that are marked as missing; with absolute places, all at and below them.

    Raises VisualSearchError for a place of which the store knows nothing.
    """
    if not places:
        return [file for root in store.roots() for file in store.files(root) if file.missing]
    found: dict[str, CarriedFile] = {}
    for place in places:
        parts = parts_of(store.roots(), mounts, [place])
        here = {file.key: file for root, below in parts for file in store.files(root, below)}
        if not here:
            roots = ", ".join(map(mounts.here, store.roots())) or "none"
            raise VisualSearchError(f"the store knows of nothing at {place}: its roots are {roots}")
        found |= here
    return list(found.values())


def forget_in_store(
    store: Store, mounts: MountedRoots, files: Sequence[CarriedFile], places: Sequence[str]
) -> int:
    """Forget files, whole roots at and below some absolute places, and contents that no file has any more.
    Returns how many contents went.

    Another writer may be about to name such a content in a file: it writes the content again, in the same
    run or the next.
    """
    for batch in batches(files):
        store.forget_files(batch)
    whole = [root for root in store.roots() if any(is_below(mounts.here(root), place) for place in places)]
    store.forget_roots(whole)
    used = {file.content for root in store.roots() for file in store.files(root) if file.content is not None}
    unused = [hash_ for hash_ in store.hashes() if hash_ not in used]
    for hashes in batches(unused):
        store.forget_contents(hashes)
    store.flush()
    return len(unused)
