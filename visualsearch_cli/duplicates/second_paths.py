"""Trees that are there twice: mounted, shared or spelled a second time. One of the two paths is left out.

Two files with one name, the same bytes and one mtime, as exactly as both file systems keep it, are copies, as
`cp -p` makes them, or one file. They are one if their trees are. That is found out for each pair of trees
once: by the mount table, else by a marker that is written into the one and looked for in the other, else,
where nothing may be written, by how they are spelled.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations

from visualsearch_cli.atomic import CREATE, temporary_name
from visualsearch_cli.index.disks.mount_table import MountTable
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.pictures.image import ImageRecord, is_same_time
from visualsearch_cli.wording import counted

MOST = 50  # files of one name, size and time whose folders are compared; nobody has so many mounts


@dataclass(slots=True)
class SecondPaths:
    """Tells which trees are one. `kept` are folders whose paths stay, if one of two goes."""

    kept: Sequence[str] = ()
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)  # files, by tree and what it is
    _mounts: MountTable = field(default_factory=MountTable)
    _known: dict[tuple[str, str], bool] = field(default_factory=dict)

    def without(self, images: Mapping[int, Sequence[ImageRecord]]) -> dict[int, Sequence[ImageRecord]]:
        """Return the images of contents, by content id, without the second paths of what is there once."""
        return {content: self._first_paths(found) for content, found in images.items()}

    def sentences(self) -> list[str]:
        """Return what to say of each tree of which files were left out."""
        return [
            f"{second} is {first} under another path: {counted(files, 'file')} there left out"
            for (second, first), files in sorted(self.left_out.items())
        ]

    def _first_paths(self, images: Sequence[ImageRecord]) -> Sequence[ImageRecord]:
        if len(images) < 2:
            return images
        alike: dict[str, list[ImageRecord]] = defaultdict(list)
        for image in images:
            alike[folded(image.path.name)].append(image)
        gone: set[int] = set()
        for group in alike.values():
            for a, b in combinations(group[:MOST], 2):
                if a.id in gone or b.id in gone or not is_same_time(a.mtime_ns, b.mtime_ns):
                    continue
                first, second = _tops(str(a.path), str(b.path))
                if first == second or not self._are_one(first, second, a, b):
                    continue
                if self._rank(second) < self._rank(first):
                    first, second, a, b = second, first, b, a
                gone.add(b.id)
                self.left_out[second, first] += 1
        return [image for image in images if image.id not in gone] if gone else images

    def _rank(self, folder: str) -> tuple[bool, bool, int, str]:
        """Return what the tree that stays has less of: kept before others, disks before what shows them."""
        mount = self._mounts.of(folder)
        is_kept = any(is_below(folder, path) or is_below(path, folder) for path in self.kept)
        return not is_kept, mount is None or not mount.is_plain, len(folder), folder

    def _are_one(self, first: str, second: str, a: ImageRecord, b: ImageRecord) -> bool:
        pair = (first, second) if first < second else (second, first)
        if (known := self._known.get(pair)) is None:
            known = self._known[pair] = self._find_out(first, second, a, b)
        return known

    def _find_out(self, first: str, second: str, a: ImageRecord, b: ImageRecord) -> bool:
        """Tell whether two folders are one tree, from a file of each that may be one."""
        try:
            here, there = os.stat(a.path), os.stat(b.path)
        except OSError:
            return False
        if (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino) or here.st_size != there.st_size:
            return False  # names of one file are told by that
        near, far = self._mounts.of(first), self._mounts.of(second)
        if near and far:
            if near.is_plain and far.is_plain:
                return False
            if first in far.shown(second) or second in near.shown(first):
                return True
            if near.point != far.point and near.names_its_source and near.inner(first) == far.inner(second):
                return True
        folders = os.path.dirname(a.path), os.path.dirname(b.path)
        if folders[0] == folders[1]:
            return False  # two names that one listing gave
        marked = [_is_marked(*folders), _is_marked(*reversed(folders))]
        if True in marked:
            return True
        return marked == [None, None] and here.st_dev == there.st_dev and folded(first) == folded(second)


def _is_marked(folder: str, other: str) -> bool | None:
    """Tell whether a file that is made in a folder is there in another; None if none can be made."""
    name = temporary_name()
    marker = os.path.join(folder, name)
    try:
        os.close(os.open(marker, CREATE, 0o600))
    except OSError:
        return None
    try:
        return os.path.lexists(os.path.join(other, name))
    finally:
        with suppress(OSError):
            os.unlink(marker)


def _tops(path: str, other: str) -> tuple[str, str]:
    """Return the folders below which two paths go on alike."""
    first, second = path.split(os.sep), other.split(os.sep)
    while len(first) > 2 and len(second) > 2 and folded(first[-1]) == folded(second[-1]):
        # Spelled in two ways: the names that differ stay in the folders, for they are what differs.
        if first[:-1] == second[:-1]:
            break
        first.pop()
        second.pop()
    return os.sep.join(first), os.sep.join(second)


def folded(name: str) -> str:
    """Return what names have in common that some file system takes for one: no case, accents in one way."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
