"""What the system tells of changes below folders, by watchdog: inotify on Linux.

Not all is told. Nobody tells what another machine does on a share; Linux has room for so many folders and so
many changes, and watchdog says nothing of folders that found none. So it is asked here what is told, and who
watches looks through everything now and then.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from visualsearch_cli.index.disks.mount_table import PLAIN, MountTable
from visualsearch_cli.index.records import IGNORE_FILE
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.indexing.scanner import is_named_like_image

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

    from visualsearch_cli.watching.pending import Pending

LOCAL = PLAIN | {
    *(
        "ecryptfs",
        "erofs",
        "exfat",
        "fuseblk",
        "hfs",
        "hfsplus",
        "iso9660",
        "msdos",
        "nilfs2",
        "ntfs",
        "ntfs3",
    ),
    *("overlay", "ramfs", "reiserfs", "squashfs", "udf", "vfat"),
}
"""Types of file systems that nobody changes but through this machine."""


def why_not_told(root: str, table: MountTable) -> str | None:
    """Return why changes below a folder may be made where this machine does not see them, or None."""
    if root.startswith(r"\\"):
        return "it is on a share"
    for point in [root, *(point for point in table.points() if is_below(point, root))]:
        mount = table.of(point)
        if mount is not None and mount.type not in LOCAL:
            where = "it" if point == root else point
            return f"{where} is on {mount.type}, where changes that others make are not told"
    return None


class Observing:
    """Tells what is pending of changes below some folders."""

    def __init__(self, pending: Pending) -> None:
        self._pending = pending
        self._observer: BaseObserver | None = None
        self._watches: dict[str, ObservedWatch] = {}

    def observe(self, root: str) -> str | None:
        """Be told from now on of what changes below a folder. Returns why that cannot be, or None."""
        if why := why_not_told(root, MountTable()):
            return why
        try:
            from watchdog import events
            from watchdog.observers import Observer
        except ImportError:
            return "watchdog is not installed (pip install 'visualsearch-cli[watch]')"
        pending = self._pending

        class Handler(events.FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                _tell(event, pending)

        kinds = [
            *(events.FileCreatedEvent, events.FileModifiedEvent, events.FileClosedEvent),
            *(events.FileDeletedEvent, events.FileMovedEvent),
            *(events.DirCreatedEvent, events.DirDeletedEvent, events.DirMovedEvent),
        ]
        if attributes := getattr(events, "FileAttribEvent", None):  # since 7: they take room, too
            kinds.append(attributes)
        try:
            if self._observer is None:
                self._observer = Observer()
                self._observer.start()
            self._watches[root] = self._observer.schedule(Handler(), root, recursive=True, event_filter=kinds)
        except OSError as error:
            return f"the system does not tell of changes there ({error.strerror or error})"
        return self.why_not_whole(root)

    def why_not_whole(self, root: str) -> str | None:
        """Return why not all changes below a folder that is observed are told, or None. If there is a reason,
        it is not observed any more.

        watchdog says nothing where the system takes no more folders, so those that it took are counted.
        """
        if sys.platform != "linux":
            return None
        wanted = sum(_count_folders(each) for each in self._watches)
        taken = _count_watches()
        if taken is None or taken >= wanted:
            return None
        self.forget(root)
        return (
            f"Linux watches {taken:,} of {wanted:,} folders: it takes more after `sudo sysctl "
            f"fs.inotify.max_user_watches={2 * wanted}`"
        )

    def forget(self, root: str) -> None:
        """Be told nothing more of a folder."""
        watch = self._watches.pop(root, None)
        if watch is not None and self._observer is not None:
            self._observer.unschedule(watch)

    def close(self) -> None:
        """Be told nothing more."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None


def _tell(event: FileSystemEvent, pending: Pending) -> None:
    """Put down what is to be looked at."""
    if event.event_type == "attrib":
        pending.tell()
        return
    for path in filter(None, (event.src_path, event.dest_path)):
        native = os.fsdecode(path)  # type: ignore[arg-type]  # it is asked for as text
        name = os.path.basename(native)
        if event.is_directory:
            pending.folder(native)
        elif name == IGNORE_FILE:
            pending.folder(os.path.dirname(native))
        elif is_named_like_image(os.fsencode(name)):
            pending.file(native)
        else:
            pending.tell()


def _count_folders(root: str) -> int:
    return sum(1 for _ in os.walk(root))


def _count_watches() -> int | None:
    """Return how many folders the system watches for this process, or None if it does not say.

    Source: proc_pid_fdinfo(5).
    """
    try:
        count = 0
        for number in os.listdir("/proc/self/fd"):
            try:
                if os.readlink(f"/proc/self/fd/{number}") == "anon_inode:inotify":
                    with open(f"/proc/self/fdinfo/{number}", "rb") as stream:
                        count += sum(line.startswith(b"inotify ") for line in stream)
            except FileNotFoundError:
                continue  # the handle of the listing itself
        return count
    except OSError:
        return None
