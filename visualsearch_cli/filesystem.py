"""Folders: which image files are in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from visualsearch_cli.formats import EXTENSIONS
from visualsearch_cli.image import ScannedFile, SkippedImage
from visualsearch_cli.index import INDEX_FOLDER

# Thumbnails and waste baskets that storage boxes and systems keep inside photo folders: their
# pictures are copies nobody made, or files somebody threw away.
NOISE = frozenset({"@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found"})


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
        """Yield the image files at or below an absolute path, sorted by name within each folder.

        A file that is named itself counts whatever its suffix.
        """
        try:
            state = os.stat(start)
        except OSError as error:  # a link to nothing, or gone since it was named
            self.unread.append(SkippedImage(start, f"cannot be read: {error.strerror}"))
            return
        if stat.S_ISREG(state.st_mode):
            yield ScannedFile(start, state.st_size, state.st_mtime_ns)
            return
        visited = {(state.st_dev, state.st_ino)}
        yield from self._walk(start, start, visited)

    def _walk(self, folder: str, start: str, visited: set[tuple[int, int]]) -> Iterator[ScannedFile]:
        pending = [folder]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                self.unread.append(SkippedImage(folder, f"cannot be listed: {error.strerror}"))
                continue
            below: list[str] = []
            for entry in entries:
                if not self._wanted(entry, start):
                    continue
                try:
                    if entry.is_dir(follow_symlinks=self.options.follow_symlinks):
                        if self._first_visit(entry, visited):
                            below.append(entry.path)
                    elif self._is_image(entry):
                        state = entry.stat(follow_symlinks=self.options.follow_symlinks)
                        yield ScannedFile(entry.path, state.st_size, state.st_mtime_ns)
                except OSError as error:
                    self.unread.append(SkippedImage(entry.path, f"cannot be read: {error.strerror}"))
            pending += reversed(below)

    def _wanted(self, entry: os.DirEntry[str], start: str) -> bool:
        name = entry.name
        if name == INDEX_FOLDER or name in NOISE or name.startswith("._"):
            return False  # "._x.jpg" is macOS's side file of x.jpg, not an image
        if name.startswith(".") and not self.options.hidden:
            return False
        if not self.options.exclude:
            return True
        relative = os.path.relpath(entry.path, start).replace(os.sep, "/")
        return not any(
            fnmatchcase(name, pattern) or fnmatchcase(relative, pattern) for pattern in self.options.exclude
        )

    def _is_image(self, entry: os.DirEntry[str]) -> bool:
        return os.path.splitext(entry.name)[1].lower() in EXTENSIONS and entry.is_file(
            follow_symlinks=self.options.follow_symlinks
        )

    def _first_visit(self, entry: os.DirEntry[str], visited: set[tuple[int, int]]) -> bool:
        """Links may lead in circles; without links no folder is met twice."""
        if not self.options.follow_symlinks:
            return True
        state = entry.stat()
        here = (state.st_dev, state.st_ino)
        if here in visited:
            return False
        visited.add(here)
        return True
