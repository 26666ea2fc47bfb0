"""The trash of the desktop: send2trash puts files in; on Linux and BSD we find them there again.

Source of the layout: the Desktop Trash Can Specification 1.0 of freedesktop.org. Elsewhere the system
does not say where a file went, and it is taken back by hand.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

from visualsearch_cli.acting.action import Entry
from visualsearch_cli.errors import ActionError

FREEDESKTOP = sys.platform not in ("darwin", "win32", "cygwin")
DRIVE_FIXED = 3  # winbase.h


class SystemTrash:
    """The trash of whoever runs the program."""

    def put(self, path: Path) -> None:
        """Move a file to the trash. Never deletes instead."""
        if "XDG_DATA_HOME" in os.environ and not os.path.isabs(os.environ["XDG_DATA_HOME"]):
            # To be ignored, by the specification; send2trash takes it for a folder below the current one.
            del os.environ["XDG_DATA_HOME"]
        import send2trash

        if sys.platform == "win32" and not _has_recycle_bin(path):
            raise ActionError(
                f"{path} is on a drive without a recycle bin, where it would be lost: use --move-to DIR"
            )
        try:
            send2trash.send2trash(os.fspath(path))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            where = getattr(error, "filename", None)
            if where and os.fspath(where) != os.fspath(path):
                reason = f"{os.fsdecode(where)}: {reason}"
            raise ActionError(f"{path} cannot be moved to the trash ({reason}): use --move-to DIR") from error

    def find(self, path: Path, entry: Entry) -> list[Path]:
        """Return where the trash may hold the file that lay at a path, the likeliest first.

        Only entries that name this path; the same file (by inode) before others, newer before older.
        """
        if not FREEDESKTOP:
            return []
        return [
            place for folder, base in _trash_folders(path) for place in _files_from(path, folder, base, entry)
        ]

    def forget(self, place: Path) -> None:
        """Remove the note of a file that is back."""
        if place.parent.name == "files":
            try:
                os.unlink(_note_of(place))
            except OSError:
                pass  # a note without a file does no harm: desktops ignore it

    def advice(self) -> str:
        """Say how to take a file back by hand."""
        if sys.platform == "darwin":
            return "open the Trash in the Finder, select the file and choose Put Back"
        if not FREEDESKTOP:
            return "open the Recycle Bin, select the file and choose Restore"
        return f"look into {_home_trash() / 'files'}, or .Trash-{os.getuid()} at the top of its volume"


def _home_trash() -> Path:
    return _data_home() / "Trash"


def _data_home() -> Path:
    given = os.environ.get("XDG_DATA_HOME", "")
    return Path(given) if os.path.isabs(given) else Path.home() / ".local" / "share"


def _trash_folders(path: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the trash folders a file may have gone to, each with the folder its relative paths start from."""
    yield _home_trash(), _data_home()
    top = path.parent
    while not os.path.ismount(top) and top != top.parent:
        top = top.parent
    user = str(os.getuid()) if sys.platform != "win32" else ""
    yield top / ".Trash" / user, top
    yield top / f".Trash-{user}", top


def _files_from(path: Path, folder: Path, base: Path, entry: Entry) -> list[Path]:
    """Return the files of one trash folder that came from a path."""
    if _is_it(folder / "files" / path.name, path, base, entry):
        return [folder / "files" / path.name]  # as nearly always: no need to look through a full trash
    others: list[tuple[str, Path]] = []
    try:
        with os.scandir(folder / "files") as scan:
            near = [item.name for item in scan if item.inode() == entry.inode]
    except OSError:
        return []
    same = [folder / "files" / name for name in near]
    if same := [place for place in same if _is_it(place, path, base, entry)]:
        return same
    try:
        notes = [name for name in os.listdir(folder / "info") if name.endswith(".trashinfo")]
    except OSError:
        return []
    for name in notes:
        place = folder / "files" / name.removesuffix(".trashinfo")
        origin, date = _origin(place, base)
        if origin == _absolute(path) and os.path.lexists(place):
            others.append((date, place))
    return [place for _, place in sorted(others, reverse=True)]


def _is_it(place: Path, path: Path, base: Path, entry: Entry) -> bool:
    """Tell whether a file in the trash is the very file that lay at a path."""
    try:
        state = os.lstat(place)
    except OSError:
        return False
    same = (state.st_dev, state.st_ino) == (entry.device, entry.inode)
    return same and _origin(place, base)[0] == _absolute(path)


def _note_of(place: Path) -> Path:
    return place.parent.parent / "info" / f"{place.name}.trashinfo"


def _origin(place: Path, base: Path) -> tuple[str, str]:
    """Return where a file in the trash came from, and its DeletionDate; empty texts if there is no note."""
    values = {"Path": "", "DeletionDate": ""}
    try:
        lines = _note_of(place).read_bytes().splitlines()
    except OSError:
        return "", ""
    for line in lines:
        key, _, value = line.partition(b"=")
        name = key.strip().decode("ascii", "replace")
        if name in values:
            values[name] = os.fsdecode(unquote_to_bytes(value.strip()))
    return _absolute(base / values["Path"]), values["DeletionDate"]


def _absolute(path: Path) -> str:
    """Return a path with the links in its folder resolved: the desktop may spell it another way."""
    return os.path.join(os.path.realpath(path.parent), path.name)


def _has_recycle_bin(path: Path) -> bool:
    """Tell whether Windows keeps a recycle bin for a path. Where not, it deletes at once, and silently."""
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == DRIVE_FIXED)
    return True
