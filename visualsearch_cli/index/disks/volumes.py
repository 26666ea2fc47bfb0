"""What a folder lies on, as far as the system tells one disk from another without asking for rights.

Device and inode do not: another card in the same reader has both from the one before.

Sources: udev's /dev/disk/by-uuid; statfs(2) of Linux, whose f_fsid some file systems make of their UUID; on
macOS, diskutil(8); on Windows, st_dev is the serial number of the volume (Python's os.stat).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from visualsearch_cli.index.disks.mount_table import MountTable

BY_UUID = "/dev/disk/by-uuid"

OF_UUID = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "tmpfs", "zfs"})
"""Types whose f_fsid is made of their UUID, or new with each mount, and never of the number of the device."""


DISKUTIL = "/usr/sbin/diskutil"
PATIENCE = 10.0  # seconds: it waits for disks that sleep


def uuid_by_diskutil(point: str, program: str = DISKUTIL) -> str:
    """Return the UUID of what is mounted at a folder of macOS; empty if it has none, as a share."""
    import plistlib  # late, as the next: of no use elsewhere
    import subprocess

    with suppress(OSError, ValueError, subprocess.SubprocessError):
        command = [program, "info", "-plist", point]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)
        told = plistlib.loads(done.stdout)
        if isinstance(told, dict) and isinstance(uuid := told.get("VolumeUUID"), str):
            return uuid
    return ""


class Volumes:
    """Names volumes, as they are mounted when it is first asked."""

    def __init__(
        self,
        mounts: MountTable | None = None,
        by_uuid: str = BY_UUID,
        ask: Callable[[str], str] | None = uuid_by_diskutil if sys.platform == "darwin" else None,
    ) -> None:
        """Take the table of mounts, the folder of links by UUID, and who else tells a mount point's."""
        self.mounts = mounts or MountTable()
        self._by_uuid = by_uuid
        self._ask = ask
        self._asked: dict[str, str] = {}  # by mount point: asking takes a tenth of a second

    def name_of(self, folder: str) -> str:
        """Return a name for what a folder lies on, with the place in it; empty if nothing reliable is known.

        Two folders with one name lie at one place of one volume. The disk that the user's home lies on has a
        name where nothing else is known of it: it is nothing that is exchanged.
        """
        state = os.stat(folder)
        if os.name == "nt":
            drive, below = os.path.splitdrive(folder)
            return f"serial {state.st_dev:x} {below}" if drive else ""
        mount = self.mounts.of(folder)
        if mount is not None:
            kind, source, below = mount.inner(folder)
            if source.startswith("/dev/") and (uuid := self._uuid_of(source)):
                return f"uuid {uuid} {below}"
            if kind in OF_UUID and (number := os.statvfs(folder).f_fsid):
                return f"fsid {number:x} {below}"
            if mount.names_its_source and _is_remote(source):
                return f"{kind} {source} {below}"
        with suppress(OSError, RuntimeError):  # no home, or it is not there
            if os.stat(Path.home()).st_dev == state.st_dev:
                return f"home {folder}"
        return self._name_asked(folder)

    def _name_asked(self, folder: str) -> str:
        if self._ask is None:
            return ""
        point = folder
        while not os.path.ismount(point):
            point = os.path.dirname(point)
        if point not in self._asked:
            self._asked[point] = self._ask(point)
        uuid = self._asked[point]
        return uuid and f"uuid {uuid} {os.path.normpath(os.path.join('/', os.path.relpath(folder, point)))}"

    def _uuid_of(self, device: str) -> str:
        with suppress(OSError):
            wanted = os.path.realpath(device)
            for name in sorted(os.listdir(self._by_uuid)):
                if os.path.realpath(os.path.join(self._by_uuid, name)) == wanted:
                    return name
        return ""


def _is_remote(source: str) -> bool:
    """Tell whether a source is a server's, and neither a device nor a folder, which may be on a card."""
    return source.startswith("//") or not source.startswith("/")
