"""Where to look: what was told of, as the PATHs of a run of `index`.

What a walk from the root would leave out is left out, too: a PATH that is named would be taken in.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.index.exclusion import Exclusion, Patterns
from visualsearch_cli.index.records import INDEX_FOLDER
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.indexing.stores import Places, is_shown

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.indexing.scanner import ScanOptions
    from visualsearch_cli.watching.pending import Taken


class Where:
    """Tells which folders of roots a walk enters."""

    def __init__(self, catalog: Catalog, roots: Sequence[str], options: ScanOptions) -> None:
        """`roots` are watched: folders of the catalog, or folders in these."""
        tops = [root.path for root in catalog.roots()]
        said = catalog.exclude()
        patterns = Patterns(
            options.exclude, {root.path: said[root.id] for root in catalog.roots() if root.id in said}
        )
        self._roots = roots
        self._options = options
        self._exclusion = Exclusion(patterns, tops, [] if options.ignore_files else None)
        self._places = {root: Places(root) for root in roots}

    def root_of(self, folder: str) -> str | None:
        """Return the watched root of a folder that a walk enters, or None: it does not."""
        above = [root for root in self._roots if is_below(folder, root)]
        if not above:
            return None
        root = max(above, key=len)
        if folder == root:  # it was named: if it is left out as a whole, the run says so
            return root
        inner = os.path.relpath(folder, root).split(os.sep)
        if any(name == INDEX_FOLDER or not self._is_shown(name) for name in inner):
            return None
        if not self._options.stores and self._places[root].leaves_out(os.path.join(folder, "x")):
            return None
        return None if self._exclusion.leaves_out(folder, is_folder=True) else root

    def is_taken(self, path: str) -> bool:
        """Tell whether a walk that enters its folder takes a file."""
        return self._is_shown(os.path.basename(path)) and not self._exclusion.leaves_out(path)

    def _is_shown(self, name: str) -> bool:
        hidden = name.startswith(".") and not self._options.hidden
        return not hidden or is_shown(os.fsencode(name), stores=self._options.stores)


def paths_to_index(taken: Taken, where: Where) -> list[str]:
    """Return the files and folders to look at. What is gone is seen from the nearest folder that is there."""
    folders: set[str] = set()
    files: list[str] = []
    for folder, names in taken.folders.items():
        root = where.root_of(folder)
        if root is None:
            continue
        if names is None or not os.path.isdir(folder):
            folders.add(_nearest(folder, root))
            continue
        for name in names:
            path = os.path.join(folder, name)
            if not where.is_taken(path):
                continue
            if _is_file(path):
                files.append(path)
            elif not os.path.lexists(path):
                folders.add(folder)
    kept = _outermost(folders)
    return [*kept, *(path for path in sorted(files) if not any(is_below(path, folder) for folder in kept))]


def _nearest(folder: str, root: str) -> str:
    while folder != root and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder


def _outermost(folders: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for folder in sorted(folders, key=lambda path: path + os.sep):
        if not kept or not is_below(folder, kept[-1]):
            kept.append(folder)
    return kept


def _is_file(path: str) -> bool:
    """Tell whether a regular file is there. Links are not followed by a walk either."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False
