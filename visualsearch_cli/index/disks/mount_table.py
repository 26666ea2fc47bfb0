"""Where file systems are mounted, what of, and whether their inodes tell one file from another.

Source: proc(5), /proc/pid/mountinfo of Linux. Elsewhere nothing is known, and nothing is taken on trust.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

TABLE = "/proc/self/mountinfo"

PLAIN = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "tmpfs", "xfs", "zfs"})
"""Types whose inodes are those of the files, and which show nothing that is somewhere else."""

_ESCAPE = re.compile(rb"\\([0-7]{3})")
_LOCAL_SOURCE = re.compile(r"(?:[^/@]*@)?(?:localhost|127\.0\.0\.1|\[::1\]|:?local|)(?::)?(/.*)")


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system and where it is mounted."""

    point: str
    root: str  # the folder of the file system that is seen there
    type: str
    source: str
    layers: tuple[str, ...] = ()  # of an overlay: the folders that it shows

    @property
    def is_plain(self) -> bool:
        """Whether its inodes can be trusted."""
        return self.type in PLAIN

    @property
    def names_its_source(self) -> bool:
        """Whether two mounts of one source show one tree: it is a server and a folder, or the like."""
        return not self.is_plain and "/" in self.source

    def shown(self, path: str) -> tuple[str, ...]:
        """Return which folders of this machine may be what is seen at a path below the mount point."""
        below = os.path.relpath(path, self.point)
        found = _LOCAL_SOURCE.fullmatch(self.source) if self.type.startswith("fuse") else None
        sources = (*([found[1]] if found else []), *self.layers)
        return tuple(os.path.normpath(os.path.join(source, below)) for source in sources)

    def inner(self, path: str) -> tuple[str, str, str]:
        """Return what names a path whatever it is mounted at: type, source, and the path within that."""
        below = os.path.relpath(path, self.point)
        return self.type, self.source, os.path.normpath(os.path.join(self.root, below))


class MountTable:
    """The mounts of this machine, as they are when they are first asked for."""

    def __init__(self, path: str = TABLE) -> None:
        """Take the table; it is read when needed."""
        self._path = path

    def of(self, path: str) -> Mount | None:
        """Return what is mounted around a real absolute path, if that is known."""
        best: Mount | None = None
        for mount in self._mounts:
            inside = path == mount.point or path.startswith(mount.point.rstrip("/") + "/")
            if inside and (best is None or len(mount.point) >= len(best.point)):  # a later one covers it
                best = mount
        return best

    def points(self) -> list[str]:
        """Return where something is mounted."""
        return [mount.point for mount in self._mounts]

    @cached_property
    def _mounts(self) -> tuple[Mount, ...]:
        try:
            with open(self._path, "rb") as stream:
                lines = stream.read().splitlines()
        except OSError:
            return ()
        return tuple(_parsed(lines))


def _parsed(lines: Iterable[bytes]) -> Iterable[Mount]:
    for line in lines:
        before, _, after = line.partition(b" - ")
        first, last = before.split(b" "), after.split(b" ")
        if len(first) < 5 or len(last) < 3:
            continue
        kind = _text(last[0])
        options = dict(option.partition("=")[::2] for option in _text(last[2]).split(","))
        layers = [options[name] for name in ("upperdir", "lowerdir") if kind == "overlay" and name in options]
        folders = tuple(folder for layer in layers for folder in layer.split(":"))
        yield Mount(_text(first[4]), _text(first[3]), kind, _text(last[1]), folders)


def _text(field: bytes) -> str:
    return os.fsdecode(_ESCAPE.sub(lambda match: bytes([int(match[1], 8)]), field))
