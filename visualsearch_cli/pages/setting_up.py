"""Puts a review together: what it shows, what it remembers, and the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from visualsearch_cli.atomic import cache_folder, state_folder
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.pages.actions import Actions
from visualsearch_cli.pages.comparing import Comparing
from visualsearch_cli.pages.job import Jobs
from visualsearch_cli.pages.sent.picture_cache import PictureCache
from visualsearch_cli.pages.sent.sent_pictures import Place, Refused, SentPictures, Size
from visualsearch_cli.pages.serving import Door
from visualsearch_cli.pages.session import Review, review_path
from visualsearch_cli.pages.views import IN_A_ROW, MOST_CARDS

if TYPE_CHECKING:
    from visualsearch_cli.acting.journal import JournalFolder
    from visualsearch_cli.embedders.embedder import Embedder
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.pages.session import Memory
    from visualsearch_cli.pictures.facts import PictureFacts
    from visualsearch_cli.reports.report import Member, Report

NEEDED = ("starlette", "uvicorn")
PATIENCE = 0.5  # seconds that the page may wait for the pictures of the first group
DRAWN = 1.0  # seconds after which a browser has drawn its first page
FIRST = 12  # groups, about as many as a window shows of the list


def check_installed() -> None:
    """Raise VisualSearchError unless the packages of the extra are here."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise VisualSearchError(
            f"the page needs {' and '.join(missing)}: pip install 'visualsearch-cli[review]', or look at "
            "`visualsearch dupes --html FILE`"
        )


@dataclass(slots=True)
class Opened:
    """A review that can be served."""

    review: Review
    door: Door
    command: str
    _pictures: SentPictures
    _comparing: Comparing
    _actions: Actions
    _language: str | None
    _indexes: Sequence[IndexFolder]  # that can be searched

    def serve(self, ready: Callable[[], None]) -> None:
        """Serve until it is ended on the page. On Ctrl-C, it raises KeyboardInterrupt.

        What is being done then stops after the file at hand, and is in the journal.
        """
        first = self._begin_with_first()
        from visualsearch_cli.pages.asking.search_pages import SearchPages  # late: they load what is an extra
        from visualsearch_cli.pages.asking.searching import Searching
        from visualsearch_cli.pages.asking.uploads import Uploads
        from visualsearch_cli.pages.site import Site

        uploads = Uploads()
        searching = Searching(self._indexes, uploads) if self._indexes else None
        site = Site(
            self.review,
            self._pictures,
            self._comparing,
            self._actions,
            self.door.base,
            self.door.end,
            self._language,
            None if searching is None else SearchPages(searching, uploads, self._pictures),
        )

        def warm() -> None:
            for path in ("", "g/1")[: 1 + bool(len(self.review))]:
                self.door.ask(path)
            first.wait(PATIENCE)  # a browser would take their cores, and show the page without them
            ready()

        try:
            self.door.serve(site.app(), warm)
        finally:
            self._actions.jobs.stop()
            self.review.settle()
            if searching is not None:
                searching.close()

    def _begin_with_first(self) -> Event:
        """Make the pictures of the groups that are looked at first: those of the first one at once, by all
        threads, the others by one, when a browser has drawn its page. Returns what tells that the first are
        made."""
        groups = self.review.report.groups[:FIRST]
        first = _there(chain(*(group.members[:MOST_CARDS] for group in groups[:1])))
        then = _there(chain(*(group.members[:IN_A_ROW] for group in groups)))
        lock, made = Lock(), Event()

        def make() -> None:
            while True:
                with lock:
                    member = next(first, None)
                if member is None:
                    return
                self._make(member)

        def make_all() -> None:
            others = [Thread(target=make, daemon=True) for _ in range(1, self._pictures.threads)]
            for other in others:
                other.start()
            make()
            for other in others:
                other.join()
            made.set()
            time.sleep(DRAWN)
            for member in then:
                self._make(member)

        Thread(target=make_all, name="first pictures", daemon=True).start()
        return made

    def _make(self, member: Member) -> None:
        with suppress(Refused):
            self._pictures.sent(member, Size.THUMB)


def _there(members: Iterable[Member]) -> Iterator[Member]:
    return (member for member in members if not member.offline)


def open_review(
    report: Report,
    roots: Sequence[str],
    memory: Memory,
    embedder: Callable[[], Embedder],
    journals: JournalFolder,
    command: str,
    folder: Path | None = None,
    language: str | None = None,
    indexes: Sequence[IndexFolder] = (),
) -> Opened:
    """Return a review of a report, which listens already.

    roots: the folders with pictures that may be shown. memory: what `ignore` keeps. folder: where copies move
    to, real and absolute; None: to the trash. indexes: those that can be searched, of one model.
    """
    from visualsearch_cli.duplicates.decided.review_log import ReviewLog
    from visualsearch_cli.pictures.reader import Decoding

    decoding = Decoding()
    reader = decoding.reader()
    comparing = Comparing(reader, embedder)
    log = review_path(state_folder(), report.index)

    @lru_cache(maxsize=1)
    def facts() -> PictureFacts:
        from visualsearch_cli.pictures.facts import PictureFacts

        return PictureFacts(reader)

    review = Review(report, ReviewLog(log), memory, comparing, facts)
    review.settle()
    cache = PictureCache(cache_folder() / "pictures")
    pictures = SentPictures(Place(roots), reader, cache, decoding.threads)
    actions = Actions(review, Jobs(), journals, log.with_suffix(""), command, folder)
    return Opened(review, Door.open(), command, pictures, comparing, actions, language, indexes)
