"""Files as they are now: their bytes, and whether two paths lead to one file."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from visualsearch_cli.acting.disk import Disk
from visualsearch_cli.duplicates.second_paths import SecondPaths
from visualsearch_cli.errors import ActionError
from visualsearch_cli.pictures.image import ImageRecord, mtime_of


@dataclass(slots=True)
class SeenTwice:
    """Tells one file under two paths from two files with the same bytes. In doubt it is one file."""

    _trees: SecondPaths = field(default_factory=SecondPaths)

    def are_one(self, path: Path, other: Path) -> bool:
        """Tell so of two files with the same bytes. Raises OSError if either is gone."""
        here, there = os.stat(path), os.stat(other)
        if (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino):
            return True
        seen = [_as_record(1, path, here), _as_record(2, other, there)]
        return len(self._trees.without({0: seen})[0]) < len(seen)


def _as_record(number: int, path: Path, state: os.stat_result) -> ImageRecord:
    return ImageRecord(number, 0, path, state.st_size, mtime_of(state), "", 0, 0, "")


def is_file(path: Path) -> bool:
    """Tell whether a path leads to a regular file, by itself and not by a link."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def size_of(path: Path) -> int:
    """Return the bytes of a file, 0 if nobody can tell."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def hash_of(path: Path) -> str:
    """Return the content hash of a file of any size, hexadecimal. Raises ActionError if it cannot be read."""
    return Disk().read(path)[1]


def are_equal(path: Path, other: Path) -> bool:
    """Tell whether two files have the same bytes, which are read now. Two paths of one file do not count."""
    try:
        if os.stat(path).st_size != os.stat(other).st_size or SeenTwice().are_one(path, other):
            return False
        return hash_of(path) == hash_of(other)
    except (OSError, ActionError):
        return False
