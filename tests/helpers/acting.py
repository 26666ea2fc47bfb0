"""Stand-ins for the disk, the trash and the journal: in memory, failing or crashing wherever a test says."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from visualsearch_cli.acting.action import Action, Entry, Event, JournalHeader, Record, Step
from visualsearch_cli.errors import AcrossDevices, ActionError, FileChanged

ACTIONS = [action for action in Action if action is not Action.MERGE]
"""What a user can ask for."""

OTHER_DEVICE = Path("/other")
PHOTOS = Path("/photos")
SEEN = Path("/seen")  # where /photos is mounted a second time, if it is
TRASH = Path("/trash/files")


class Crash(BaseException):
    """The process is killed: nothing of ours runs after it."""


@dataclass
class Tripwire:
    """Is touched before and after every change that would reach the disk, and may crash or fail there."""

    crash_at: int = -1  # the number of the touch
    fail_at: frozenset[int] = frozenset()
    touched: int = 0
    seen: list[str] = field(default_factory=list)

    def touch(self, what: str, *, may_fail: bool = True) -> None:
        """Count; raise if it is time to."""
        number, self.touched = self.touched, self.touched + 1
        self.seen.append(what)
        if number == self.crash_at:
            raise Crash(what)
        if may_fail and number in self.fail_at:
            raise ActionError(f"{what} failed")


@dataclass
class _Node:
    data: bytes
    inode: int
    mtime_ns: int = 1
    mode: int = 0o644
    target: str | None = None


class MemoryFiles:
    """A file system in a dictionary. Everything below /other is on another device."""

    def __init__(self) -> None:
        self.nodes: dict[Path, _Node] = {}
        self.wire = Tripwire()
        self._inodes = itertools.count(1)
        self.can_clone = True
        self.is_away = False  # what is below /other: then nothing is there

    def write(self, path: Path, data: bytes) -> None:
        """Write a new file."""
        self.nodes[path] = _Node(data, next(self._inodes))

    def link(self, source: Path, path: Path) -> None:
        """Give a file another name."""
        self.nodes[path] = self.nodes[source]

    def data(self, path: Path) -> bytes | None:
        """Return what reading a path gives, links followed."""
        node = self.nodes.get(path)
        if node is None or node.target is None:
            return None if node is None else node.data
        return self.data(Path(node.target))

    def look(self, path: Path) -> Entry | None:
        """As the protocol says."""
        node = self.nodes.get(path)
        if node is None or (self.is_away and self.mount_of(path)):
            return None
        return Entry(
            kind="file" if node.target is None else "link",
            device=_device(path),
            inode=node.inode,
            size=len(node.data),
            mtime_ns=node.mtime_ns,
            mode=node.mode,
            owner=0,
            group=0,
            names=sum(other is node for other in self.nodes.values()),
            target=node.target,
        )

    def names(self, folder: Path) -> list[str]:
        """As the protocol says."""
        return [path.name for path in self.nodes if path.parent == folder]

    def read(self, path: Path) -> tuple[Entry, str]:
        """As the protocol says."""
        entry = self.look(path)
        if entry is None or entry.kind != "file":
            raise FileChanged(f"{path} is no file")
        return entry, hashlib.blake2b(self.nodes[path].data, digest_size=32).hexdigest()

    def contents(self, path: Path) -> bytes:
        """As the protocol says."""
        self.read(path)
        return self.nodes[path].data

    def expect(self, path: Path, expected: Entry) -> None:
        """As the protocol says."""
        here = self.look(path)
        if here is None or not here.is_unchanged(expected):
            raise FileChanged(f"{path} changed from {expected.size} bytes")

    def rename_new(self, source: Path, destination: Path, expected: Entry) -> None:
        """As the protocol says; a crash may leave both names."""
        self.expect(source, expected)
        if _device(source) != _device(destination):
            raise AcrossDevices(f"{source} {destination}")
        self._free(destination)
        self.wire.touch("link")
        self.nodes[destination] = self.nodes[source]
        self.wire.touch("unlink", may_fail=False)
        del self.nodes[source]
        self.wire.touch("renamed", may_fail=False)

    def rename_aside(self, source: Path, destination: Path, *, durable: bool = False) -> None:
        """As the protocol says."""
        del durable
        assert source.parent == destination.parent
        if source not in self.nodes:
            raise FileChanged(f"{source} is gone")
        self._free(destination)
        self.wire.touch("rename aside")
        self.nodes[destination] = self.nodes.pop(source)
        self.wire.touch("renamed aside", may_fail=False)

    def reopen(self, path: Path, expected: Entry) -> None:
        """As the protocol says."""
        if self.read(path)[0].size != expected.size:
            raise FileChanged(f"{path} changed")

    def replace(self, temporary: Path, path: Path, expected: Entry) -> None:
        """As the protocol says."""
        assert temporary.parent == path.parent
        self.expect(path, expected)
        self.wire.touch("replace")
        self.nodes[path] = self.nodes.pop(temporary)
        self.wire.touch("replaced", may_fail=False)

    def remove(self, path: Path, expected: Entry) -> None:
        """As the protocol says."""
        self.expect(path, expected)
        self.wire.touch("remove")
        del self.nodes[path]
        self.wire.touch("removed", may_fail=False)

    def hardlink(self, keeper: Path, temporary: Path, expected: Entry) -> None:
        """As the protocol says."""
        self.expect(keeper, expected)
        if _device(keeper) != _device(temporary):
            raise AcrossDevices(f"{keeper} {temporary}")
        self._free(temporary)
        self.wire.touch("hardlink")
        self.nodes[temporary] = self.nodes[keeper]
        self.wire.touch("hardlinked")

    def symlink(self, target: str, temporary: Path, expected: Entry) -> None:
        """As the protocol says. Targets are absolute here."""
        self._free(temporary)
        self.wire.touch("symlink")
        self.nodes[temporary] = _Node(b"", next(self._inodes), target=target)
        self.wire.touch("symlinked")
        self.expect(Path(target), expected)

    def clone(self, keeper: Path, temporary: Path, stamp: Entry, attributes_of: Path) -> None:
        """As the protocol says."""
        if not self.can_clone or _device(keeper) != _device(temporary):
            raise ActionError("no reflink here")
        self.copy(keeper, temporary, stamp, attributes_of)

    def copy(self, source: Path, temporary: Path, stamp: Entry, attributes_of: Path | None = None) -> None:
        """As the protocol says; a crash may leave half a copy."""
        del attributes_of
        self._free(temporary)
        data = self.data(source)
        if data is None:
            raise FileChanged(f"{source} is gone")
        self.wire.touch("copy")
        self.nodes[temporary] = _Node(data[: len(data) // 2], next(self._inodes))
        self.wire.touch("half a copy")
        self.nodes[temporary] = replace_node(self.nodes[temporary], data, stamp)
        self.wire.touch("copied")

    def write_new(
        self, temporary: Path, data: bytes, stamp: Entry | None = None, attributes_of: Path | None = None
    ) -> None:
        """As the protocol says; a crash may leave half a file."""
        del attributes_of
        self._free(temporary)
        self.wire.touch("write")
        self.nodes[temporary] = _Node(data[: len(data) // 2], next(self._inodes))
        self.wire.touch("half a file")
        node = replace(self.nodes[temporary], data=data)
        self.nodes[temporary] = node if stamp is None else replace_node(node, data, stamp)
        self.wire.touch("written")

    def make_folder(self, path: Path) -> None:
        """Folders need not be made here."""

    def mount_of(self, path: Path) -> Path | None:
        """As the protocol says."""
        return OTHER_DEVICE if path.is_relative_to(OTHER_DEVICE) else None

    def is_mounted(self, point: Path) -> bool:
        """As the protocol says."""
        return point == OTHER_DEVICE and not self.is_away

    def _free(self, path: Path) -> None:
        if path in self.nodes:
            raise ActionError(f"{path} exists: nothing is overwritten")


def replace_node(node: _Node, data: bytes, stamp: Entry) -> _Node:
    """Return a node with other content and the stamp of another file."""
    return replace(node, data=data, mtime_ns=stamp.mtime_ns, mode=stamp.mode)


def _device(path: Path) -> int:
    return 2 if path.is_relative_to(OTHER_DEVICE) else 1


class _Mirrored(dict[Path, _Node]):
    """What lies below /seen lies below /photos."""

    def __getitem__(self, path: Path) -> _Node:
        return super().__getitem__(_real(path))

    def __setitem__(self, path: Path, node: _Node) -> None:
        super().__setitem__(_real(path), node)

    def __delitem__(self, path: Path) -> None:
        super().__delitem__(_real(path))

    def __contains__(self, path: object) -> bool:
        return isinstance(path, Path) and super().__contains__(_real(path))

    def get(self, path: Path, default: Any = None) -> Any:
        """Return what lies at a path."""
        return super().get(_real(path), default)

    def pop(self, path: Path, *default: Any) -> Any:
        """Remove a name, and return what lay there."""
        return super().pop(_real(path), *default)


def _real(path: Path) -> Path:
    return PHOTOS / path.relative_to(SEEN) if path.is_relative_to(SEEN) else path


class TwoPaths(MemoryFiles):
    """A file system whose folder /photos is mounted again at /seen, where each file has another inode.

    With `cached`, what was read through the one opens although it was renamed through the other. With
    `listed`, what was renamed through the one is not seen under its new name through the other.
    """

    def __init__(self, *, cached: bool = False, listed: bool = False) -> None:
        super().__init__()
        self.nodes = _Mirrored()
        self._cached = cached
        self._listed = listed
        self._renamed_seen = False  # whether the last rename was through the second mount

    def look(self, path: Path) -> Entry | None:
        """As the protocol says."""
        is_seen = path.is_relative_to(SEEN)
        if self._listed and path.name.startswith(".tmp") and is_seen is not self._renamed_seen:
            return None
        entry = super().look(path)
        return entry and replace(entry, device=3, inode=entry.inode + 1000) if is_seen else entry

    def rename_aside(self, source: Path, destination: Path, *, durable: bool = False) -> None:
        """As the protocol says."""
        self._renamed_seen = source.is_relative_to(SEEN)
        super().rename_aside(source, destination, durable=durable)

    def reopen(self, path: Path, expected: Entry) -> None:
        """As the protocol says."""
        if not self._cached:
            super().reopen(path, expected)


class MemoryTrash:
    """A trash on the first device."""

    def __init__(self, files: MemoryFiles) -> None:
        self.files = files
        self.origins: dict[Path, Path] = {}
        self.blind = False  # as on systems that do not tell where a file went
        self._count = itertools.count()

    def put(self, path: Path) -> None:
        """Rename into the trash, or copy and remove from another device."""
        place = TRASH / f"{next(self._count)} {path.name}"
        self.files.wire.touch("note")
        self.origins[place] = path
        self.files.wire.touch("trash")
        if _device(path) == _device(place):
            self.files.nodes[place] = self.files.nodes.pop(path)
        else:
            node = self.files.nodes[path]
            self.files.nodes[place] = replace(node, inode=10_000 + next(self._count))
            self.files.wire.touch("copied to the trash")
            del self.files.nodes[path]
        self.files.wire.touch("trashed", may_fail=False)

    def find(self, path: Path, entry: Entry) -> list[Path]:
        """By the notes, the same file first."""
        if self.blind:
            return []
        places = [p for p, origin in self.origins.items() if origin == path and p in self.files.nodes]
        return sorted(places, key=lambda p: self.files.nodes[p].inode != entry.inode)

    def forget(self, place: Path) -> None:
        """Drop the note."""
        self.origins.pop(place, None)

    def advice(self) -> str:
        """As the protocol says."""
        return "look into the trash"


class MemoryJournal:
    """A journal in a list, with the same crash points as a file."""

    def __init__(self, wire: Callable[[], Tripwire]) -> None:
        self.header = JournalHeader("j1", "2026-01-01T00:00:00+00:00", Action.TRASH, "r.json", "d")
        self.found: dict[int, Record] = {}
        self.closed = False
        self._wire = wire

    def write(self, step: Step, event: Event, message: str = "", place: Path | None = None) -> None:
        """Append, between two crash points."""
        self._wire().touch(f"journal {event.value}", may_fail=False)
        before = self.found.get(step.number)
        self.found[step.number] = Record(step, event, message, place or (before.place if before else None))
        self._wire().touch(f"journaled {event.value}", may_fail=False)

    def records(self) -> list[Record]:
        """In the order they were begun."""
        return [self.found[number] for number in sorted(self.found)]

    def close(self) -> None:
        """Note it."""
        self.closed = True
