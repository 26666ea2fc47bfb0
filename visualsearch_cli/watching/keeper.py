"""Keep an index current: what `index` does, again whenever something changed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from visualsearch_cli.errors import IndexLocked, NotThere, VisualSearchError
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.open import open_reader
from visualsearch_cli.index.roots import key_of, no_such_path
from visualsearch_cli.indexing.adding import add_paths
from visualsearch_cli.indexing.scanner import Scanner
from visualsearch_cli.watched import WATCH
from visualsearch_cli.watching.observing import Observing
from visualsearch_cli.watching.pending import BURST, Pending
from visualsearch_cli.watching.places import Where, paths_to_index
from visualsearch_cli.watching.settling import Settling

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.indexing.adding import Indexed
    from visualsearch_cli.indexing.scanner import ScanOptions
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.progress import Messages, Progress
    from visualsearch_cli.watching.pending import Taken

TICK = 1.0  # seconds between two looks at whether the folders are there
TOLD_TOO = 3600.0  # seconds after which a folder is looked through though its changes are told
LATER = 30.0  # seconds, at the most, until files that are still written to are looked at again
ROOM = "/proc/sys/fs/inotify/max_queued_events"


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How to watch."""

    settle: float = 5.0  # seconds without a change, after which a file is whole
    every: float = 60.0  # seconds between two looks at what is scanned
    scan: bool = False  # be told nothing


@dataclass(slots=True)
class _Root:
    path: str
    identity: tuple[int, int] | None = None  # device and inode, while it is there
    why_scanned: str | None = None  # None: changes are told
    looked: float = 0.0  # when it was last looked through


class Keeper:
    """Keeps one index current. Between two runs it holds nothing of the index."""

    def __init__(
        self,
        folder: IndexFolder,
        paths: Sequence[str],
        scan: ScanOptions,
        decoding: Decoding,
        progress: Progress,
        messages: Messages,
        options: WatchOptions | None = None,
        device: str = "auto",
    ) -> None:
        """Take absolute folders; without one, all that the index knows.

        Raises NotThere for one that is not there, and of which the index knows nothing.
        """
        self._folder = folder
        self._scan = scan
        self._decoding = decoding
        self._progress = progress
        self._note = _Once(messages.note)
        self._messages = messages._replace(note=self._note)
        self._options = options or WatchOptions()
        self._choice = ModelChoice(device=device)
        self._made = folder.exists()
        self._roots = [_Root(path) for path in self._checked(paths)]
        self._pending = Pending(self._options.settle, _burst())
        self._observing = Observing(self._pending)
        self._settling = Settling(self._options.settle)
        self._aside = {path: _state(path) for path in WATCH.aside}  # an earlier process was ended by these
        self._unsettled: list[str] = []  # files that are not whole
        self._wait = 0.0  # seconds from the last look until they are looked at again
        self._again = 0.0  # when that is
        self.is_working = False  # whether a run is under way, and not all of it kept

    def _checked(self, paths: Sequence[str]) -> list[str]:
        if not self._made:
            roots = []
        else:
            with open_reader(self._folder) as catalog:
                roots = catalog.roots()
        for path in paths:
            if not os.path.isdir(path) and key_of(path, roots) is None:
                raise no_such_path(path)
        return list(dict.fromkeys(paths or [root.path for root in roots]))

    def keep(self, told: Callable[[Indexed], None], until: Callable[[], bool] = lambda: False) -> None:
        """Watch for ever, or until it is told to end. `told` is given what each run did.

        Raises what a run of `index` raises, unless that is because something is away, or in use.
        """
        try:
            while not until():
                self._look_at_roots()
                if self._unsettled and time.monotonic() >= self._again:
                    self._look_again()
                if self._pending.due == 0:
                    self.is_working = True
                    self._update(told)
                    self.is_working = False
                else:
                    self._pending.wait(TICK)
        finally:
            self._observing.close()

    def _look_at_roots(self) -> None:
        now = time.monotonic()
        for root in self._roots:
            identity = _identity(root.path)
            if identity != root.identity:
                self._observing.forget(root.path)
                is_first = root.looked == 0.0
                root.identity, root.looked = identity, now
                if identity is None:
                    self._note(f"{root.path} is not there: it is watched again when it is back")
                    continue
                self._note.forget(root.path)
                self._observe(root)
                self._pending.folder(root.path, at_once=is_first)
            elif identity is not None and now - root.looked >= self._pause(root):
                root.looked = now
                if root.why_scanned is None:
                    root.why_scanned = self._observing.why_not_whole(root.path)
                    self._say_why(root)
                self._pending.folder(root.path)

    def _observe(self, root: _Root) -> None:
        if self._options.scan:
            root.why_scanned = "--scan asks for it"
            return
        if self._scan.follow_symlinks:
            root.why_scanned = "symbolic links may lead to where changes are not told"
        else:
            root.why_scanned = self._observing.observe(root.path)
        self._say_why(root)

    def _say_why(self, root: _Root) -> None:
        if root.why_scanned is not None:
            self._note(
                f"{root.path} is looked through every {self._options.every:g} seconds: {root.why_scanned}"
            )

    def _pause(self, root: _Root) -> float:
        every = self._options.every
        return max(every, TOLD_TOO) if root.why_scanned is None else every

    def _look_again(self) -> None:
        for path in self._unsettled:
            self._pending.file(path)
        self._unsettled = []

    def _update(self, told: Callable[[Indexed], None]) -> None:
        taken = self._pending.take()
        paths = self._paths(taken)
        if not paths:
            return
        self._give_another_try()
        here = {root.identity[0] for root in self._roots if root.identity and root.why_scanned is None}
        self._settling.begin(here)
        scanner = Scanner(self._scan, self._settling)
        try:
            indexed = add_paths(
                self._folder, paths, [self._choice], scanner, self._decoding, self._progress, self._messages
            )
        except IndexLocked as error:
            self._note(f"{error}; this is tried again")
            self._pending.again(taken)
        except NotThere as error:  # no pictures yet, an empty mount point, or just gone
            if self._folder.exists():
                self._note(str(error))
            elif not self._settling.unsettled:
                self._note(f"{', '.join(paths)}: no pictures yet; they are indexed when they come")
            if not all(map(os.path.lexists, paths)):
                self._pending.again(taken)
        except (VisualSearchError, OSError):
            if not self._is_away():
                raise
            self._pending.again(taken)
        else:
            self._made = True
            told(indexed)
        self._remember_unsettled()

    def _give_another_try(self) -> None:
        """Let files be decoded again that were set aside, and are others now."""
        for path, state in list(self._aside.items()):
            if _state(path) != state:
                del self._aside[path]
                WATCH.aside.pop(path, None)

    def _paths(self, taken: Taken) -> list[str]:
        """Return what to index. Nothing is made where an index was, or a root is, that is not there now."""
        there = [root.path for root in self._roots if _identity(root.path) is not None]
        if not self._folder.exists():
            if self._made or not there:
                self._pending.again(taken)
                return []
            return there
        if taken.everything:
            return there
        try:
            with open_reader(self._folder) as catalog:
                return paths_to_index(taken, Where(catalog, there, self._scan))
        except (VisualSearchError, OSError):
            if not self._is_away():
                raise
            self._pending.again(taken)
            return []

    def _remember_unsettled(self) -> None:
        """Look at what is not whole again, after a wait that doubles while there is such."""
        unsettled = self._settling.unsettled
        self._wait = min(LATER, max(self._options.settle, 2 * self._wait)) if unsettled else 0.0
        self._unsettled += unsettled
        self._again = time.monotonic() + self._wait

    def _is_away(self) -> bool:
        """Tell whether a root is not what it was, or the index is not there any more."""
        gone = any(_identity(root.path) != root.identity for root in self._roots)
        return gone or (self._made and not self._folder.exists())


class _Once:
    """Says each thing once, until it is forgotten that it was said."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._said: dict[str, None] = {}

    def __call__(self, message: str) -> None:
        if message not in self._said:
            self._note(message)
        self._said[message] = None
        if len(self._said) > 1_000:
            del self._said[next(iter(self._said))]

    def forget(self, about: str) -> None:
        """Let what names something be said again."""
        self._said = {message: None for message in self._said if about not in message}


def _identity(path: str) -> tuple[int, int] | None:
    """Return the device and inode of a folder, or None if it is not there."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return (state.st_dev, state.st_ino)


def _state(path: str) -> tuple[int, int, int] | None:
    """Return what changes with a file, or None if it is not there."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return (state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def _burst() -> int:
    """Return how much may be told at a time before it is likely that something was not."""
    try:
        with open(ROOM, "rb") as stream:
            return max(1, min(BURST, int(stream.read()) // 4))
    except (OSError, ValueError):
        return BURST
