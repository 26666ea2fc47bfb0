"""Folders: which image files are in them."""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from visualsearch_cli.index.exclusion import Exclusion, Patterns
from visualsearch_cli.index.records import INDEX_FOLDER, PassedOver
from visualsearch_cli.indexing.stores import (
    OF_ROOT,
    TRASHED,
    Inner,
    entered,
    is_shown,
    is_trashed,
    may_be_place,
    start_of,
)
from visualsearch_cli.pictures.formats import EXTENSIONS
from visualsearch_cli.pictures.image import (
    ScannedFile,
    SkippedImage,
    as_stored_time,
    mtime_of,
)

FoundFile: TypeAlias = tuple[bytes, int, int]
"""The absolute path of a file in the bytes of the system, with "/" between its parts, size and mtime_ns.

A tuple of raw values, because most files of most runs are compared with the catalog and then forgotten.
"""

Listing: TypeAlias = tuple[list[bytes], list[int], list[int]]
"""The paths, sizes and mtime_ns of files that come one after the other, at least one: three
lists of one length.

Columns, because what is done to a whole column needs no bytecode of Python for each file.
"""

Settled: TypeAlias = Callable[[bytes, os.stat_result], bool]
"""Tells of a file, by its path and its state, whether it is whole: nobody writes to it any more."""

_SUFFIXES = frozenset(os.fsencode(suffix) for suffix in EXTENSIONS)
_PLAIN = frozenset(case for suffix in _SUFFIXES if len(suffix) == 4 for case in (suffix, suffix.upper()))
_SLASH = b"/"
_DOT = ord(".")
_SEPARATOR = os.fsencode(os.sep)

HIDDEN = "hidden"
EXCLUDED = "excluded"
MOST_LOOKED_AT = 20_000
"""Names in what is left out that a scan counts: what takes no time beside the rest of it."""
_INDEX_FOLDER = os.fsencode(INDEX_FOLDER)


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """Which files count."""

    hidden: bool = False  # also names that begin with a dot
    follow_symlinks: bool = False
    exclude: tuple[str, ...] = ()  # patterns, see `index.exclusion`
    stores: bool = False  # also bins, snapshots and what other programs made, see `indexing.stores`
    ignore_files: bool = True  # what the files named IGNORE_FILE in folders leave out is left out


@dataclass(slots=True)
class LeftOut:
    """What was left out of a walk, by reason: the name of a kind of place, or another one."""

    places: Counter[str] = field(default_factory=Counter)  # folders, by the names of their kinds of places
    folders: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))  # their paths
    files: Counter[str] = field(default_factory=Counter)  # image files, but those in these folders

    def note(self, reason: str, entry: os.DirEntry[bytes]) -> None:
        """Count something that is left out: a folder, or a file that is named like an image."""
        try:
            if entry.is_dir(follow_symlinks=False):
                self.folders[reason].append(entry.path)
            elif is_named_like_image(entry.name):
                self.files[reason] += 1
        except OSError:
            pass  # gone in the meantime, or nobody may know

    def counted(self) -> dict[str, PassedOver]:
        """Return how much was left out. Folders are looked through, but not for long."""
        budget = MOST_LOOKED_AT
        found: dict[str, PassedOver] = {}
        for reason in sorted(self.folders.keys() | self.files.keys()):
            files = self.files[reason]
            pending = list(self.folders.get(reason, ()))
            count = len(pending)
            while pending and budget > 0:
                names, folders = _looked_into(pending.pop())
                budget -= 1 + names + len(folders)
                files += names
                pending += folders
            found[reason] = PassedOver(count, files, not pending)
        return found


def _looked_into(folder: bytes) -> tuple[int, list[bytes]]:
    """Return how many files in a folder are named like images, and the folders in it."""
    names, folders = 0, []
    try:
        with os.scandir(folder) as scan:
            for entry in scan:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif is_named_like_image(entry.name):
                    names += 1
    except OSError:
        pass  # nobody may look into it: nothing of it counts
    return names, folders


def is_named_like_image(name: bytes) -> bool:
    """Tell whether a file of a folder is looked at, by its name."""
    return name[name.rfind(b".") :].lower() in _SUFFIXES and _has_stem(name) and not name.startswith(b"._")


class Scanner:
    """Walks folders in sorted order. What it could not read is in `unread` afterwards."""

    def __init__(self, options: ScanOptions | None = None, is_settled: Settled | None = None) -> None:
        """Take which files count. With `is_settled`, others than those are not met, as if they were not there
        yet."""
        self.options = options or ScanOptions()
        self._is_settled = is_settled
        self.unread: list[SkippedImage] = []
        self.patterns = Patterns(self.options.exclude)
        self.excluded: list[str] = []  # what was started from, and is left out as a whole
        self._left_out: dict[str, LeftOut] = {}  # by what was started from: it may be walked twice
        self._inner: dict[bytes, Inner] = {}  # of the folders that are still to be listed, those of libraries

    @property
    def left_out(self) -> Counter[str]:
        """How many folders were left out, by the names of their kinds of places."""
        return sum((left.places for left in self._left_out.values()), Counter())

    def left_out_folders(self, start: str) -> list[str]:
        """Return the folders that were left out below what was started from, by path."""
        left = self._left_out.get(start)
        return sorted(native(path) for paths in left.folders.values() for path in paths) if left else []

    def passed_over(self, start: str) -> dict[str, PassedOver]:
        """Return what was left out at or below what was started from, by reason: a kind of place, or else."""
        left = self._left_out.get(start)
        return {} if left is None else left.counted()

    @property
    def unmatched(self) -> list[str]:
        """The patterns that fitted nothing that was met so far."""
        return self.patterns.unmatched

    def recall(self, remembered: Mapping[str, Sequence[str]]) -> None:
        """Also leave out what patterns of earlier runs say, lines by the paths of roots."""
        self.patterns = Patterns(self.options.exclude, remembered)

    def files(self, start: str) -> Iterator[ScannedFile]:
        """Yield the image files at or below an absolute path, as `walk` does."""
        for path, size, mtime_ns in self.walk(start):
            yield ScannedFile(native(path), size, mtime_ns)

    def walk(self, start: str) -> Iterator[FoundFile]:
        """Yield the image files at or below an absolute path, sorted by the bytes of their paths."""
        for paths, sizes, times in self.listings(start):
            yield from zip(paths, sizes, times, strict=True)

    def listings(self, start: str, roots: Sequence[str] = ()) -> Iterator[Listing]:
        """Yield the image files at or below an absolute path, sorted by the bytes of their paths.

        That is the order of the catalog, too. A file that is named itself counts whatever its suffix.
        What is left out is so below `roots`, or if there are none, below the folder of the start.
        """
        try:
            state = os.stat(start)
        except OSError as error:  # a link to nothing, or gone since it was named
            self.unread.append(SkippedImage(start, f"cannot be read: {error.strerror}"))
            return
        path = _slashed(os.fsencode(start))
        is_file = stat.S_ISREG(state.st_mode)
        tops = roots or [os.path.dirname(start) if is_file else start]
        exclusion = Exclusion(self.patterns, tops, self.unread if self.options.ignore_files else None)
        if exclusion.leaves_out(start, is_folder=not is_file):
            self.excluded.append(start)
            return
        if is_file:
            if self._is_settled is None or self._is_settled(path, state):
                yield [path], [state.st_size], [mtime_of(state)]
            return
        left = self._left_out[start] = LeftOut()
        library = None if self.options.stores else start_of(start)
        yield from self._walk(path, exclusion, {(state.st_dev, state.st_ino)}, library, left)

    def _walk(
        self,
        start: bytes,
        exclusion: Exclusion,
        visited: set[tuple[int, int]],
        library: Inner | None,
        left: LeftOut,
    ) -> Iterator[Listing]:
        """A stack of what is left to give, the next on top."""
        start = start if start.endswith(_SLASH) else start + _SLASH
        self._inner = {} if library is None else {start: library}
        pending = self._listed(start, exclusion, left)
        while pending:
            found = pending.pop()
            if not isinstance(found, bytes):
                yield found
                continue
            try:
                if not self.options.follow_symlinks or _is_first_visit(found, visited):
                    pending += self._listed(found, exclusion, left)
            except OSError as error:
                self._note_unread(found, error)

    def _listed(self, folder: bytes, exclusion: Exclusion, left: LeftOut) -> list[Listing | bytes]:
        """Return the image files of a folder that count, and the paths of the folders in it, the last first.

        Folders have a "/" at their end, so that they come where the paths of what is in them belong.
        """
        try:
            with _opened(folder) as handle, os.scandir(folder) as scan:
                entries: dict[bytes, os.DirEntry[bytes]] | None = {} if handle is None else None
                applied = exclusion if exclusion.may_apply_in(native(folder[:-1] or folder)) else None
                names, folders = self._sorted_out(scan, folder, applied, entries, left)
                if folder in self._inner:
                    names = []  # what lies in a library beside its originals was made by the program
                paths, sizes, times = self._looked_at(names, folders, folder, handle, entries or {})
            folders = self._that_count(folder, folders, left)
        except OSError as error:
            path = native(folder[:-1] or folder)
            if isinstance(error, PermissionError) and os.path.basename(path) == OF_ROOT:
                left.places[OF_ROOT] += 1  # on most disks of Linux: no reason to report it every night
                left.folders[OF_ROOT].append(folder)
                return []
            self.unread.append(SkippedImage(path, f"cannot be listed: {error.strerror}"))
            return []
        found: list[Listing | bytes] = []
        end = len(paths)
        for inner in sorted(folders, reverse=True):
            place = bisect_left(paths, inner, 0, end)
            if place < end:
                found.append((paths[place:end], sizes[place:end], times[place:end]))
            found.append(inner)
            end = place
        if end:
            found.append((paths[:end], sizes[:end], times[:end]))
        return found

    def _sorted_out(
        self,
        scan: Iterable[os.DirEntry[bytes]],
        folder: bytes,
        exclusion: Exclusion | None,
        entries: dict[bytes, os.DirEntry[bytes]] | None,
        left: LeftOut,
    ) -> tuple[list[bytes], list[bytes]]:
        """Return the names in a folder that are like those of images and count, sorted, and the paths of the
        folders in it. The entries of the names are added to `entries`, if they are wanted."""
        follow = self.options.follow_symlinks
        names: list[bytes] = []
        folders: list[bytes] = []
        plain = _PLAIN if entries is None and exclusion is None else frozenset[bytes]()
        for entry in scan:
            name = entry.name
            if name[-4:] in plain and name[0] != _DOT:
                names.append(name)  # most files of most folders, so the shortest way
                continue
            if name[0] == _DOT and not self._is_wanted(name):
                if name != _INDEX_FOLDER and not name.startswith(b"._"):
                    left.note(TRASHED if is_trashed(name) else HIDDEN, entry)
                continue
            if exclusion is not None and _is_left_out(entry, exclusion, follow=follow):
                left.note(EXCLUDED, entry)
                continue
            if name[name.rfind(b".") :].lower() in _SUFFIXES and (name[0] != _DOT or _has_stem(name)):
                names.append(name)
                if entries is not None:
                    entries[name] = entry
                continue
            try:
                if entry.is_dir(follow_symlinks=follow):
                    folders.append(folder + name + _SLASH)
            except FileNotFoundError:
                pass  # gone in the meantime
            except OSError as error:
                self._note_unread(folder + name, error)
        names.sort()
        return names, folders

    def _looked_at(
        self,
        names: list[bytes],
        folders: list[bytes],
        folder: bytes,
        handle: int | None,
        entries: dict[bytes, os.DirEntry[bytes]],
    ) -> Listing:
        """Look at what is named like an image, each with one call to the system. Returns the files, and adds
        folders to `folders`.

        By the handle of the folder, the path to a name need not be followed. Where there are no handles, the
        system told of the files while it listed them, and the entries have it.
        """
        follow, status, is_file = self.options.follow_symlinks, os.stat, stat.S_ISREG
        is_settled = self._is_settled
        paths: list[bytes] = []
        sizes: list[int] = []
        times: list[int] = []
        for name in names:
            try:
                if handle is not None:
                    state = status(name, dir_fd=handle, follow_symlinks=follow)
                else:
                    state = entries[name].stat(follow_symlinks=follow)
            except FileNotFoundError:
                continue  # a link to nothing, or gone in the meantime
            except OSError as error:
                self._note_unread(folder + name, error)
                continue
            if is_file(state.st_mode):
                if is_settled is not None and not is_settled(folder + name, state):
                    continue
                paths.append(folder + name)
                sizes.append(state.st_size)
                times.append(state.st_mtime_ns)
            elif stat.S_ISDIR(state.st_mode):
                folders.append(folder + name + _SLASH)
        if times and (as_stored_time(min(times)), as_stored_time(max(times))) != (min(times), max(times)):
            times = [as_stored_time(time) for time in times]  # seldom: not one call for each file
        return paths, sizes, times

    def _that_count(self, folder: bytes, folders: Sequence[bytes], left: LeftOut) -> list[bytes]:
        """Return the folders in a folder that are not left out for what they are, and count the others."""
        if self.options.stores or not folders:
            return list(folders)
        library = self._inner.pop(folder, None)
        start = len(folder)
        counted: list[bytes] = []
        for path in folders:
            if library is not None or may_be_place(path[start:-1]):
                found = entered(library, native(folder[:-1] or folder), os.fsdecode(path[start:-1]))
                if isinstance(found, Inner):
                    self._inner[path] = found
                elif found is not None and found.is_left_out:
                    left.places[found.name] += 1
                    left.folders[found.name].append(path)
                    continue
            counted.append(path)
        return counted

    def _is_wanted(self, name: bytes) -> bool:
        """Tell whether a name that begins with a dot may count: "._x.jpg" is macOS's side file of x.jpg."""
        if name == _INDEX_FOLDER or name.startswith(b"._"):
            return False
        if not self.options.hidden:
            return is_shown(name, stores=self.options.stores)
        return self.options.stores or not is_trashed(name)

    def _note_unread(self, path: bytes, error: OSError) -> None:
        self.unread.append(SkippedImage(native(path.rstrip(_SLASH)), f"cannot be read: {error.strerror}"))


def _is_left_out(entry: os.DirEntry[bytes], exclusion: Exclusion, *, follow: bool) -> bool:
    try:
        is_folder = entry.is_dir(follow_symlinks=follow)
    except OSError:
        is_folder = False  # who wants to know more meets the error again
    return exclusion.leaves_out(native(_slashed(entry.path)), is_folder=is_folder)


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


def _has_stem(name: bytes) -> bool:
    """Tell whether there is something before the suffix of a name: in ".jpg" and "..jpg" there is not."""
    return bool(name[: name.rfind(b".")].strip(b"."))
