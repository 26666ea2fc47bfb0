"""Where the roots of a store are on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.indexing.parts.mounts import Mounts

if TYPE_CHECKING:
    from visualsearch_cli.index.carried.carried_rows import CarriedFile


class MountedRoots:
    """Folders as a store calls them, and where they are here."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        """Take pairs of absolute paths, theirs and ours."""
        self._here = Mounts(pairs)
        self._there = Mounts([(ours, theirs) for theirs, ours in pairs])

    def here(self, theirs: str) -> str:
        """Return where a folder of the store is on this machine."""
        return self._here.here(theirs)

    def there(self, ours: str) -> str:
        """Return what a folder of this machine is called in the store."""
        return self._there.here(ours)

    def file_there(self, file: CarriedFile) -> CarriedFile:
        """Return a file as the store calls it."""
        return file._replace(root=self.there(file.root))

    def file_here(self, file: CarriedFile) -> CarriedFile:
        """Return a file of the store as it is called here."""
        return file._replace(root=self.here(file.root))


def path_of_file(file: CarriedFile) -> str:
    """Return where a file is, if its root is where it says."""
    return os.path.join(file.root, os.fsdecode(file.relpath))
