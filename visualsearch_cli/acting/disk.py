"""The file system, as `apply` needs it: no call overwrites anything but what it was told lies there.

What must survive a power failure is synced: a file before it is renamed, a folder after a name in it
was made or removed.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from visualsearch_cli.acting.action import Entry, Kind
from visualsearch_cli.acting.reflink import clone_file
from visualsearch_cli.acting.renaming import rename_exclusively
from visualsearch_cli.atomic import CREATE, READ, sync_folder
from visualsearch_cli.errors import AcrossDevices, ActionError, FileChanged
from visualsearch_cli.pictures.image import mtime_of
from visualsearch_cli.pictures.reading import new_content_hash

READS = 3  # at the most, of a file that gets another inode meanwhile
BLOCK = 1 << 20  # bytes read at a time
ENDS = 4096  # bytes read of each end of a file that is only to be opened
NO_FOLLOW = os.link in os.supports_follow_symlinks
NEW_FILE = 0o666  # without what the user's umask takes away
OWNER_ONLY = 0o600  # until the permissions of the file it stands for are set

# What file systems without hard links answer (FAT, some network shares), and Linux for files of others.
NO_LINKS = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
LINKLESS = "the file system has no such links, or does not allow them here: use --trash or --move-to"
ADVICE = {
    errno.ENOSPC: "free some space and run the same command again",
    errno.EDQUOT: "free some space and run the same command again",
    errno.EROFS: "the file system is read-only, mount it for writing",
    errno.EACCES: "check the permissions of the file and its folder",
    errno.EPERM: "check the permissions of the file and its folder",
    errno.ENAMETOOLONG: "choose a shorter folder",
    errno.EEXIST: "nothing is overwritten",
    **dict.fromkeys(
        (errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESTALE, errno.EHOSTDOWN),
        "its disk or share went away: mount it again and run the same command again",
    ),
}


class _Renumbered(FileChanged):
    """A file has another inode and is the same in all else: exchanged, or what rclone does now and then."""


class Disk:
    """The real file system."""

    def __init__(self) -> None:
        self._mounts: dict[Path, Path | None] = {}  # by folder

    def look(self, path: Path) -> Entry | None:
        """Return what lies at a path, None for nothing."""
        try:
            state = os.lstat(path)
            target = _target(path) if stat.S_ISLNK(state.st_mode) else None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _told(error, f"{path} cannot be examined") from error
        return _entry(state, target)

    def names(self, folder: Path) -> list[str]:
        """Return what a folder holds, in any order; nothing if it is not there."""
        try:
            return os.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _told(error, f"{folder} cannot be listed") from error

    def read(self, path: Path) -> tuple[Entry, str]:
        """Return a regular file's entry and content hash in hexadecimal."""
        for _ in range(READS - 1):
            with suppress(_Renumbered):
                return self._hashed(path)
        return self._hashed(path)

    def _hashed(self, path: Path) -> tuple[Entry, str]:
        digest = new_content_hash()
        return self._feed(path, digest.update), digest.hexdigest()

    def contents(self, path: Path) -> bytes:
        """Return the bytes of a regular file."""
        blocks: list[bytes] = []
        self._feed(path, blocks.append)
        return b"".join(blocks)

    def _feed(self, path: Path, take: Callable[[bytes], None]) -> Entry:
        """Read a regular file a block at a time, and return its entry."""
        with _telling(f"{path} cannot be read"), os.fdopen(os.open(path, READ), "rb", buffering=0) as stream:
            before = os.fstat(stream.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise FileChanged(f"{path} is not a regular file any more")
            while block := stream.read(BLOCK):
                take(block)
            after = os.fstat(stream.fileno())
        entry, others = _entry(after), (_entry(before), self.look(path))
        if all(other is not None and other.is_unchanged(entry) for other in others):
            return entry
        alike = all(other and replace(other, inode=entry.inode).is_unchanged(entry) for other in others)
        kind = _Renumbered if alike else FileChanged
        raise kind(f"{path} changed while it was read: try again when it is complete")

    def expect(self, path: Path, expected: Entry) -> None:
        """Check that a path still holds what it held."""
        here = self.look(path)
        if here is None:
            raise FileChanged(f"{path} was there a moment ago and is gone: it is left alone")
        if not here.is_unchanged(expected):
            raise FileChanged(
                f"{path} changed a moment ago, from {expected.size} bytes (inode {expected.inode}) to "
                f"{here.size} bytes (inode {here.inode}): it is left alone"
            )

    def rename_new(self, source: Path, destination: Path, expected: Entry) -> None:
        """Give a file another name, if that name is free.

        The new name is made before the old one goes: no system call that every system has does both
        and overwrites nothing.
        """
        with _telling(f"{source} cannot be moved to {destination}"):
            self.expect(source, expected)
            if os.name == "nt":
                os.rename(source, destination)  # there, it never overwrites
                return
            try:
                os.link(source, destination, follow_symlinks=not NO_FOLLOW)
            except OSError as error:
                if error.errno == errno.EIO:  # rclone, whose late writing would empty what took a name over
                    self.expect(source, expected)
                    rename_exclusively(source, destination)
                elif error.errno in NO_LINKS:
                    self._rename_over_placeholder(source, destination, expected)
                else:
                    raise
            else:
                if self._are_one(source, destination, expected):
                    sync_folder(destination.parent)
                    os.unlink(source)
                else:
                    os.unlink(destination)  # only the name just made
                    self._rename_over_placeholder(source, destination, expected)
            sync_folder(destination.parent)
            if source.parent != destination.parent:
                sync_folder(source.parent)

    def _are_one(self, source: Path, linked: Path, expected: Entry) -> bool:
        """Tell whether a hard link just made is seen as the file that was expected.

        If not, it is another file that was put there a moment ago, or a file system that gives each name an
        inode of its own (sshfs, mergerfs, unionfs), or shows another size while there are two (gocryptfs).
        """
        made, here = self.look(linked), self.look(source)
        return (
            made is not None
            and made.is_same_file(expected)
            and here is not None
            and here.is_unchanged(expected)
        )

    def _rename_over_placeholder(self, source: Path, destination: Path, expected: Entry) -> None:
        """Move a file where there are no hard links: an empty file of our own takes the name first."""
        os.close(os.open(destination, CREATE, OWNER_ONLY))
        try:
            if (here := self.look(source)) is None or not here.is_unchanged(expected):
                raise FileChanged(f"{source} was exchanged a moment ago: it is left alone")
            placeholder = self.look(destination)
            if placeholder is None or placeholder.size:
                raise FileChanged(f"{destination} was taken a moment ago: nothing is overwritten")
            os.rename(source, destination)
        except BaseException:
            placeholder = self.look(destination)
            if placeholder is not None and placeholder.size == 0 < expected.size:
                os.unlink(destination)
            raise

    def rename_aside(self, source: Path, destination: Path, *, durable: bool = False) -> None:
        """Give a file another name in its folder, if that name is free."""
        with _telling(f"{source} cannot be renamed"):
            rename_exclusively(source, destination)
            if durable:
                sync_folder(destination.parent)

    def reopen(self, path: Path, expected: Entry) -> None:
        """Open a regular file afresh and read from both its ends."""
        with _telling(f"{path} cannot be read"), os.fdopen(os.open(path, READ), "rb", buffering=0) as stream:
            here = _entry(os.fstat(stream.fileno()))
            begin = stream.read(ENDS)
            stream.seek(max(0, here.size - ENDS))
            end = stream.read(ENDS)
        least = min(expected.size, ENDS)
        if (here.size, here.kind) != (expected.size, expected.kind) or min(len(begin), len(end)) < least:
            raise FileChanged(f"{path} changed, from {expected.size} bytes to {here.size} bytes")

    def replace(self, temporary: Path, path: Path, expected: Entry) -> None:
        """Put a temporary file of the same folder in the place of another, in one step."""
        with _telling(f"{path} cannot be replaced"):
            self.expect(path, expected)
            os.replace(temporary, path)
            sync_folder(path.parent)

    def remove(self, path: Path, expected: Entry) -> None:
        """Remove a name."""
        with _telling(f"{path} cannot be removed"):
            self.expect(path, expected)
            os.unlink(path)
            sync_folder(path.parent)

    def hardlink(self, keeper: Path, temporary: Path, expected: Entry) -> None:
        """Make another name of the kept file."""
        with _telling(f"a hard link to {keeper} cannot be made", LINKLESS):
            self.expect(keeper, expected)
            try:
                os.link(keeper, temporary)
            except OSError as error:
                if error.errno != errno.EXDEV or os.stat(temporary.parent).st_dev != expected.device:
                    raise
                raise ActionError(
                    f"a hard link to {keeper} cannot be made: it lies on another disk of this pool than "
                    f"{temporary.parent}, and a hard link cannot lead from one to the other; "
                    "use --symlink or --trash"
                ) from error
            made = self.look(temporary)
            if made is None or not made.is_same_file(expected):
                self.expect(keeper, expected)  # each name may have an inode of its own: see `_are_one`

    def symlink(self, target: str, temporary: Path, expected: Entry) -> None:
        """Make a symbolic link; checks that it leads to the expected file."""
        with _telling(f"a symbolic link to {target} cannot be made", LINKLESS):
            os.symlink(target, temporary)
            if not _entry(os.stat(temporary)).is_same_file(expected):
                raise FileChanged(f"{target} is not the file that was checked: no link is made")

    def clone(self, keeper: Path, temporary: Path, stamp: Entry, attributes_of: Path) -> None:
        """Make a file that shares its blocks with the kept one."""
        with _telling(f"a reflink to {keeper} cannot be made"):
            clone_file(keeper, temporary)
            _dress(temporary, stamp, attributes_of)
            _sync_file(temporary)

    def copy(self, source: Path, temporary: Path, stamp: Entry, attributes_of: Path | None = None) -> None:
        """Make a copy of the content; it is on the disk on return."""
        with (
            _telling(f"{source} cannot be copied to {temporary.parent}"),
            os.fdopen(os.open(source, READ), "rb", buffering=0) as original,
            os.fdopen(os.open(temporary, CREATE, OWNER_ONLY), "wb") as copy,
        ):
            _pour(original, copy)
            _dress(temporary, stamp, attributes_of)
            os.fsync(copy.fileno())

    def write_new(
        self, temporary: Path, data: bytes, stamp: Entry | None = None, attributes_of: Path | None = None
    ) -> None:
        """Make a file; it is on the disk on return."""
        mode = NEW_FILE if stamp is None else OWNER_ONLY
        with (
            _telling(f"{temporary.parent} cannot be written to"),
            os.fdopen(os.open(temporary, CREATE, mode), "wb") as stream,
        ):
            stream.write(data)
            stream.flush()
            if stamp is not None:
                _dress(temporary, stamp, attributes_of)
            os.fsync(stream.fileno())

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it."""
        if path.is_dir():
            return
        with _telling(f"the folder {path} cannot be made"):
            path.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent)

    def mount_of(self, path: Path) -> Path | None:
        """Return where the disk is mounted that a path lies on, or would; None for the one of all folders."""
        if path.parent not in self._mounts:
            point = Path(os.path.realpath(path.parent))
            while not os.path.ismount(point) and point != point.parent:
                point = point.parent
            self._mounts[path.parent] = None if point == point.parent else point
        return self._mounts[path.parent]

    def is_mounted(self, point: Path) -> bool:
        """Tell whether a disk is mounted at a folder."""
        return os.path.ismount(point)


def _entry(state: os.stat_result, target: str | None = None) -> Entry:
    kind: Kind = "file" if stat.S_ISREG(state.st_mode) else "link" if stat.S_ISLNK(state.st_mode) else "other"
    return Entry(
        kind=kind,
        device=state.st_dev,
        inode=state.st_ino,
        size=state.st_size,
        mtime_ns=mtime_of(state),
        mode=stat.S_IMODE(state.st_mode),
        owner=state.st_uid,
        group=state.st_gid,
        names=max(1, state.st_nlink),  # some network shares say 0
        target=target,
    )


def _target(path: Path) -> str | None:
    """Return what a symbolic link says, None where that is not told: sshfs hides what leads out of it."""
    try:
        return os.readlink(path)
    except PermissionError:
        return None


def _pour(original: BinaryIO, copy: BinaryIO) -> None:
    """Copy bytes. Not shutil.copyfile: where it can, it shares blocks, and a copy is to be one."""
    while block := original.read(BLOCK):
        copy.write(block)
    copy.flush()


def _dress(path: Path, stamp: Entry, attributes_of: Path | None) -> None:
    """Give a new file the attributes, owner, permissions and times of the file it stands for."""
    if attributes_of is not None:
        shutil.copystat(attributes_of, path, follow_symlinks=False)
    if hasattr(os, "chown"):
        try:
            os.chown(path, stamp.owner, stamp.group, follow_symlinks=False)
        except PermissionError:
            pass  # only root gives files away: the copy is then the user's own
    os.chmod(path, stamp.mode)
    os.utime(path, ns=(stamp.mtime_ns, stamp.mtime_ns))


def _sync_file(path: Path) -> None:
    handle = os.open(path, READ)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _telling(what: str, linkless: str = "") -> Iterator[None]:
    """Turn the system's errors into ours, which say what to do; `linkless` where there may be no links."""
    try:
        yield
    except OSError as error:
        if linkless and error.errno in NO_LINKS - {errno.EACCES}:
            raise ActionError(f"{what} ({error.strerror}): {linkless}") from error
        raise _told(error, what) from error


def _told(error: OSError, what: str) -> ActionError:
    if error.errno == errno.EXDEV:
        return AcrossDevices(
            f"{what}: they are on different file systems, and a link cannot lead from one to the other; "
            "use --symlink or --trash"
        )
    if isinstance(error, FileNotFoundError):
        return FileChanged(f"{what}: {error.filename} does not exist any more")
    advice = ADVICE.get(error.errno or 0, "it is left as it is")
    return ActionError(f"{what} ({error.strerror or error}): {advice}")
