"""Folders: which image files are in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from operator import itemgetter
from typing import TypeAlias

from visualsearch_cli.formats import EXTENSIONS
from visualsearch_cli.image import ScannedFile, SkippedImage
from visualsearch_cli.index import INDEX_FOLDER

# Thumbnails and waste baskets that storage boxes and systems keep inside photo folders: their
# pictures are copies nobody made, or files somebody threw away.
NOISE = frozenset({"@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found"})

FoundFile: TypeAlias = tuple[bytes, int, int]
"""The absolute path of a file in the bytes of the system, with "/" between its parts, size and mtime_ns.

A tuple of raw values, because most files of most runs are compared with the catalog and then forgotten.
"""

_NOISE = frozenset(os.fsencode(name) for name in NOISE)
_SUFFIXES = frozenset(os.fsencode(suffix) for suffix in EXTENSIONS)
_SLASH = b"/"
_DOT = ord(".")
_SEPARATOR = os.fsencode(os.sep)


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """Which files count."""

    hidden: bool = False  # also names that begin with a dot
    follow_symlinks: bool = False
    exclude: tuple[str, ...] = ()  # glob patterns, against the name and against the path below the start


class Scanner:
    """Walks folders in sorted order. What it could not read is in `unread` afterwards."""

    def __init__(self, options: ScanOptions | None = None) -> None:
        self.options = options or ScanOptions()
        self.unread: list[SkippedImage] = []

    def files(self, start: str) -> Iterator[ScannedFile]:
        """Yield the image files at or below an absolute path, as `walk` does."""
        for path, size, mtime_ns in self.walk(start):
            yield ScannedFile(native(path), size, mtime_ns)

    def walk(self, start: str) -> Iterator[FoundFile]:
        """Yield the image files at or below an absolute path, sorted by the bytes of their paths.

        That is the order of the catalog, too. A file that is named itself counts whatever its suffix.
        """
        try:
            state = os.stat(start)
        except OSError as error:  # a link to nothing, or gone since it was named
            self.unread.append(SkippedImage(start, f"cannot be read: {error.strerror}"))
            return
        path = _slashed(os.fsencode(start))
        if stat.S_ISREG(state.st_mode):
            yield path, state.st_size, state.st_mtime_ns
            return
        yield from self._walk(path, {(state.st_dev, state.st_ino)})

    def _walk(self, start: bytes, visited: set[tuple[int, int]]) -> Iterator[FoundFile]:
        """A stack of what is left to give, the next on top: folders have a "/" at their end, so that
        they come where the paths of what is in them belong."""
        base = start if start.endswith(_SLASH) else start + _SLASH
        pending = self._listed(base, base)
        while pending:
            found = pending.pop()
            path = found[0]
            if not path.endswith(_SLASH):
                yield found
                continue
            try:
                if not self.options.follow_symlinks or _is_first_visit(path, visited):
                    pending += self._listed(path, base)
            except OSError as error:
                self._note_unread(path, error)

    def _listed(self, folder: bytes, start: bytes) -> list[FoundFile]:
        """Return the folders and image files in a folder that count, the last one first.

        The paths of folders end in "/"; they have no size and no time.
        """
        try:
            with _opened(folder) as handle, os.scandir(folder) as scan:
                found = list(self._looked_at(scan, folder, start, handle))
        except OSError as error:
            path = native(folder[:-1] or folder)
            self.unread.append(SkippedImage(path, f"cannot be listed: {error.strerror}"))
            return []
        found.sort(key=itemgetter(0), reverse=True)
        return found

    def _looked_at(
        self, scan: Iterable[os.DirEntry[bytes]], folder: bytes, start: bytes, handle: int | None
    ) -> Iterator[FoundFile]:
        """Yield the entries that count of a folder, opened as `handle`. Of an image, one call is made to the
        system: it says what it is and how it is, and by the handle, the path need not be followed."""
        follow, hidden, exclude = self.options.follow_symlinks, self.options.hidden, self.options.exclude
        suffixes, status, is_file = _SUFFIXES, os.stat, stat.S_ISREG
        for entry in scan:
            name = entry.name
            if name[0] == _DOT and not (hidden and _is_wanted_hidden(name)):
                continue
            if exclude and self._is_excluded(name, folder, start):
                continue
            try:
                if name[name.rfind(b".") :].lower() in suffixes and (name[0] != _DOT or _has_stem(name)):
                    if handle is None:
                        state = entry.stat(follow_symlinks=follow)
                    else:
                        state = status(name, dir_fd=handle, follow_symlinks=follow)
                    if is_file(state.st_mode):
                        yield folder + name, state.st_size, state.st_mtime_ns
                        continue
                if entry.is_dir(follow_symlinks=follow) and name not in _NOISE:
                    yield folder + name + _SLASH, 0, 0
            except FileNotFoundError:
                pass  # a link to nothing, or gone in the meantime
            except OSError as error:
                self._note_unread(folder + name, error)

    def _note_unread(self, path: bytes, error: OSError) -> None:
        self.unread.append(SkippedImage(native(path.rstrip(_SLASH)), f"cannot be read: {error.strerror}"))

    def _is_excluded(self, name: bytes, folder: bytes, start: bytes) -> bool:
        plain, relative = os.fsdecode(name), os.fsdecode(folder[len(start) :] + name)
        return any(
            fnmatchcase(plain, pattern) or fnmatchcase(relative, pattern) for pattern in self.options.exclude
        )


@contextmanager
def _opened(folder: bytes) -> Iterator[int | None]:
    """Open a folder, so that files in it can be looked at by name, where the system can do that."""
    if os.stat not in os.supports_dir_fd:
        yield None
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def _is_first_visit(folder: bytes, visited: set[tuple[int, int]]) -> bool:
    """Links may lead in circles; without links no folder is met twice."""
    state = os.stat(folder)
    here = (state.st_dev, state.st_ino)
    if here in visited:
        return False
    visited.add(here)
    return True


def native(path: bytes) -> str:
    """Return a path as the system writes it; bytes that are not valid UTF-8 become surrogate escapes."""
    return os.fsdecode(path if _SEPARATOR == _SLASH else path.replace(_SLASH, _SEPARATOR))


def _slashed(path: bytes) -> bytes:
    return path if _SEPARATOR == _SLASH else path.replace(_SEPARATOR, _SLASH)


def _is_wanted_hidden(name: bytes) -> bool:
    """Tell whether a hidden name may count: "._x.jpg" is macOS's side file of x.jpg, not an image."""
    return name != os.fsencode(INDEX_FOLDER) and not name.startswith(b"._")


def _has_stem(name: bytes) -> bool:
    """Tell whether there is something before the suffix of a name: in ".jpg" and "..jpg" there is not."""
    return bool(name[: name.rfind(b".")].strip(b"."))
