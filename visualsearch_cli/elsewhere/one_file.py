"""Files as they are now: their bytes, and whether two paths lead to one file."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from visualsearch_cli.acting.disk import Disk
from visualsearch_cli.duplicates.second_paths import SecondPaths, folded
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


class Leaving:
    """The files that would be gone with the folder that is asked about, by whatever path they are reached.

    Two files of it may be copies of each other. Seen through a mirror, a share or another spelling of the
    folder, each then looks like a copy of the other that is somewhere else.
    """

    def __init__(self, files: Callable[[], Iterable[Path]], seen: SeenTwice) -> None:
        """Take what lists the files: nothing is listed before it is needed."""
        self._files = files
        self._seen = seen

    def is_under_another_path(self, path: Path) -> Path | None:
        """Return the file of the folder that a path outside of it leads to, None if it leads to no such file.

        Raises OSError if nothing is there.
        """
        state = os.stat(path)
        inodes, names = self._listed
        if (found := inodes.get((state.st_dev, state.st_ino))) is not None:
            return found
        alike = names.get((folded(path.name), state.st_size), ())
        return next((other for other in alike if self._seen.are_one(other, path)), None)

    @cached_property
    def _listed(self) -> tuple[dict[tuple[int, int], Path], dict[tuple[str, int], list[Path]]]:
        """The files by device and inode, and by name and bytes."""
        inodes: dict[tuple[int, int], Path] = {}
        names: dict[tuple[str, int], list[Path]] = defaultdict(list)
        for path in self._files():
            try:
                state = os.stat(path)
            except OSError:
                continue
            inodes[state.st_dev, state.st_ino] = path
            names[folded(path.name), state.st_size].append(path)
        return inodes, names


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
