"""Where folders lie that other machines embedded: one tree has a place of its own on each machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from visualsearch_cli.index.roots import is_below
from visualsearch_cli.indexing.parts.object_paths import is_object

if TYPE_CHECKING:
    from visualsearch_cli.indexing.parts.vector_file import VectorRecord


class Mounts:
    """Folders of others, and where they are here."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        """Take pairs of absolute paths, theirs and ours. A folder is in the longest that holds it."""
        self._pairs = sorted(pairs, key=lambda pair: -len(pair[0]))
        self._used: set[str] = set()

    def here(self, folder: str) -> str:
        """Return where a folder of theirs is here."""
        for theirs, ours in self._pairs:
            if is_below(folder, theirs):
                self._used.add(theirs)
                return os.path.normpath(os.path.join(ours, os.path.relpath(folder, theirs)))
        return folder

    def record(self, record: VectorRecord) -> VectorRecord:
        """Return a record of theirs with the paths that it has here."""
        root = self.here(record.root)
        if root == record.root:
            return record
        path = os.path.join(root, os.path.relpath(record.path, record.root))
        return replace(record, root=root, path=path)

    @property
    def unused(self) -> list[str]:
        """Those of theirs that no folder lay in so far."""
        return [theirs for theirs, _ in self._pairs if theirs not in self._used]


def mount_given(text: str) -> tuple[str, str]:
    """Return the folder of theirs and the one of ours that a user typed, as THEIRS=OURS, absolute.

    Raises ValueError.
    """
    theirs, equals, ours = text.partition("=")
    if not (equals and ours and (os.path.isabs(theirs) or is_object(theirs))):
        raise ValueError(
            f"{text!r} is no THEIRS=OURS: name an absolute path of the machine that embedded, such as "
            "/mnt/photos=/home/me/Photos"
        )
    folder = theirs.rstrip("/") if is_object(theirs) else os.path.normpath(theirs)
    return folder, os.path.abspath(os.path.expanduser(ours))
