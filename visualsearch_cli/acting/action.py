"""Acting on duplicates: what is done to a file, what it looked like before, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal, Protocol

from visualsearch_cli.verdicts.verdict import Verdict

Kind = Literal["file", "link", "other"]


class Action(str, Enum):
    """What is done to a copy."""

    TRASH = "trash"
    MOVE = "move"
    HARDLINK = "hardlink"
    SYMLINK = "symlink"
    REFLINK = "reflink"
    DELETE = "delete"
    MERGE = "merge"  # not asked for alone: what a copy knows is written into a sidecar of the kept file

    @property
    def links(self) -> bool:
        """Whether a link to the kept file takes the place of the copy."""
        return self in (Action.HARDLINK, Action.SYMLINK, Action.REFLINK)


@dataclass(frozen=True, slots=True)
class Entry:
    """What lies at a path. Links are not followed."""

    kind: Kind
    device: int
    inode: int
    size: int  # bytes
    mtime_ns: int
    mode: int  # permission bits
    owner: int
    group: int
    names: int  # hard links to the file
    target: str | None = None  # of a symbolic link

    def is_same_file(self, other: Entry) -> bool:
        """Tell whether two names are one file."""
        return (self.device, self.inode) == (other.device, other.inode)

    def is_unchanged(self, other: Entry) -> bool:
        """Tell whether this is still what it was, as far as can be told without reading it."""
        return (
            self.is_same_file(other)
            and self.kind == other.kind
            and (self.size, self.mtime_ns) == (other.size, other.mtime_ns)
        )


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a sidecar holds."""

    before: bytes | None  # None: there was none
    after: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """One name that is acted upon: enough to do it, to take it back, and to tell what a crash left."""

    number: int  # within its journal
    action: Action
    path: Path
    keeper: Path
    verdict: Verdict
    content_hash: str  # hexadecimal, of what lies at `path`
    entry: Entry  # of `path`, as it was hashed
    keeper_entry: Entry  # of `keeper`, as it was hashed
    temporary: Path  # what is half done lies here, nowhere else
    destination: Path | None = None  # of a move
    target: str | None = None  # the text of a symbolic link
    companion_of: Path | None = None  # the picture that it lies beside and goes with
    aside: Path | None = None  # the name of the copy while it is told from the kept file
    sidecar: Sidecar | None = None  # that is written, of a merge: `content_hash` is that of `after`
    mounts: tuple[Path, ...] = ()  # where the disks were mounted that `path` and `destination` lie on


class Event(str, Enum):
    """What the journal says of a step. After a crash, the last event may be one that announces."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"  # and nothing was changed
    UNDOING = "undoing"
    UNDONE = "undone"

    @property
    def announces(self) -> bool:
        """Whether something was to follow."""
        return self in (Event.INTENDED, Event.UNDOING)


@dataclass(frozen=True, slots=True)
class Record:
    """A step and the last thing the journal says of it."""

    step: Step
    event: Event
    message: str = ""  # why it failed
    place: Path | None = None  # where the trash keeps the file, if that is known


@dataclass(frozen=True, slots=True)
class JournalHeader:
    """What a journal belongs to."""

    id: str
    created: str  # ISO 8601, UTC
    action: Action
    report: str  # the name it was given under
    digest: str  # of the groups of the report: tells whether a report was applied before


class Journal(Protocol):
    """What was done in one run of `apply`, durable at every moment."""

    header: JournalHeader

    def write(self, step: Step, event: Event, message: str = "", place: Path | None = None) -> None:
        """Add a line. It is on the disk when this returns.

        Raises JournalUnusable.
        """

    def records(self) -> list[Record]:
        """Return the steps, in the order they were begun."""

    def close(self) -> None:
        """Note that nothing is half done."""


class FileSystem(Protocol):
    """The few things `apply` does to files. Each leaves the old state or the new one, and overwrites nothing.

    All raise ActionError; those with `expected` raise FileChanged if something else lies there now.
    """

    def look(self, path: Path) -> Entry | None:
        """Return what lies at a path, None for nothing."""

    def names(self, folder: Path) -> list[str]:
        """Return what a folder holds, in any order; nothing if it is not there."""

    def read(self, path: Path) -> tuple[Entry, str]:
        """Return a regular file's entry and content hash (hexadecimal).

        Raises FileChanged if it changes meanwhile.
        """

    def contents(self, path: Path) -> bytes:
        """Return the bytes of a regular file.

        Raises FileChanged if it changes meanwhile.
        """

    def expect(self, path: Path, expected: Entry) -> None:
        """Check that a path still holds what it held."""

    def rename_new(self, source: Path, destination: Path, expected: Entry) -> None:
        """Give a file another name, if that name is free. Raises AcrossDevices."""

    def rename_aside(self, source: Path, destination: Path, *, durable: bool = False) -> None:
        """Give a file another name in its folder, if that name is free.

        Unless it is to be durable, it may have either name after a power failure.
        """

    def reopen(self, path: Path, expected: Entry) -> None:
        """Open a regular file afresh and read from both its ends.

        Raises FileChanged if it is not as it was.
        """

    def replace(self, temporary: Path, path: Path, expected: Entry) -> None:
        """Put a temporary file of the same folder in the place of another, in one step."""

    def remove(self, path: Path, expected: Entry) -> None:
        """Remove a name."""

    def hardlink(self, keeper: Path, temporary: Path, expected: Entry) -> None:
        """Make another name of the kept file."""

    def symlink(self, target: str, temporary: Path, expected: Entry) -> None:
        """Make a symbolic link; checks that it leads to the expected file."""

    def clone(self, keeper: Path, temporary: Path, stamp: Entry, attributes_of: Path) -> None:
        """Make a file that shares its blocks with the kept one, with the times and permissions of another."""

    def copy(self, source: Path, temporary: Path, stamp: Entry, attributes_of: Path | None = None) -> None:
        """Make a copy of the content, on the disk on return, with the times and permissions of another."""

    def write_new(
        self, temporary: Path, data: bytes, stamp: Entry | None = None, attributes_of: Path | None = None
    ) -> None:
        """Make a file, on the disk on return, perhaps with the times and permissions of another."""

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it."""

    def mount_of(self, path: Path) -> Path | None:
        """Return where the disk is mounted that a path lies on, or would; None for the one of all folders."""

    def is_mounted(self, point: Path) -> bool:
        """Tell whether a disk is mounted at a folder."""


class Trash(Protocol):
    """The trash of the desktop."""

    def put(self, path: Path) -> None:
        """Move a file to the trash. Raises ActionError; it never deletes instead."""

    def find(self, path: Path, entry: Entry) -> list[Path]:
        """Return where the trash may hold the file that lay at a path, the likeliest first."""

    def forget(self, place: Path) -> None:
        """Tell the trash that the file it held at `place` is back."""

    def advice(self) -> str:
        """Say how to take a file back by hand."""


class Outcome(str, Enum):
    """How it ended for one file."""

    DONE = "done"
    PLANNED = "planned"  # in a dry run: would be done
    ALREADY = "already"  # done, or undone, before
    LEFT = "left"  # by rule: protected, too weak a verdict, another name of the kept file, holds more than it
    REFUSED = "refused"  # not what the report says it is
    FAILED = "failed"  # the system would not

    @property
    def is_problem(self) -> bool:
        """Whether somebody has to look at it."""
        return self in (Outcome.REFUSED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file."""

    path: Path
    keeper: Path
    verdict: Verdict | None
    size: int  # bytes that are gone from `path`; 0 for a further name of a file
    outcome: Outcome
    message: str = ""
    step: Step | None = None  # what was done, or would be
