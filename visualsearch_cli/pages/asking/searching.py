"""Asks the indexes, in one thread that keeps them open: what others write to them is found as well."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.pages.asking.kept_open import KeptOpen
from visualsearch_cli.pages.asking.uploads import ID, Uploads
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.search.filtering import Where
from visualsearch_cli.search.limits import Looks
from visualsearch_cli.search.matches import Match
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.plots.mapped import Map

T = TypeVar("T")

SHOWN = 30  # matches
REMEMBERED = 5000  # pictures that were found, which may be shown and asked with


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, as the address of a page says it. What is empty asks for nothing."""

    words: str = ""
    like: str = ""  # the content hash of a picture that was found
    upload: str = ""  # the name of one that was given
    level: str = ""  # the weakest verdict
    within: str = ""  # an absolute path
    after: str = ""  # the beginning of a date
    before: str = ""
    camera: str = ""
    type: str = ""  # a format
    width: str = ""  # pixels, at least

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Asked:
        """Return what an address asks for."""
        return cls(**{field.name: said.get(field.name, "").strip() for field in fields(cls)})

    @property
    def is_something(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.words or self.like or self.upload)

    @property
    def said(self) -> dict[str, str]:
        """What is not empty, by name."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    @property
    def query(self) -> str:
        """Return it as the end of an address, with its question mark."""
        said = self.said
        return f"?{urlencode(said, errors='surrogateescape')}" if said else ""

    def like_this(self, content_hash: str) -> str:
        """Return the end of the address that asks for what is like a match, with the same filters."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return Asked(**{**own, "words": "", "upload": "", "like": content_hash}).query

    @property
    def where(self) -> Where:
        """Return the filters. Raises ValueError for what cannot be meant."""
        return Where(
            absolute(self.within) if self.within else None,
            self.after or None,
            self.before or None,
            (self.camera,) if self.camera else (),
            (self.type,) if self.type else (),
            int(self.width) if self.width.isdecimal() else 0,
        ).checked()


class Searching:
    """The indexes, open in a thread of its own from the first question on."""

    def __init__(self, folders: Sequence[IndexFolder], uploads: Uploads) -> None:
        """No model is loaded, and nothing is read, before somebody asks."""
        self._kept_open = KeptOpen(folders)
        self._uploads = uploads
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="search")
        self._found: OrderedDict[str, ImageRecord] = OrderedDict()
        self._lock = Lock()
        self._map: tuple[Sequence[OpenIndex], Map] | None = None
        self._maps = 0

    def answer(self, asked: Asked) -> Sequence[Match]:
        """Return what is near to what is asked for, at most `SHOWN`.

        Raises VisualSearchError, and ValueError for a filter that cannot be meant.
        """
        from visualsearch_cli.search.answering import QueryOptions

        where = asked.where
        level = next((verdict for verdict in Verdict if verdict.value == asked.level), None)
        looks = Looks.NEAREST if level is None else Looks.ALL

        def ask(indexes: KeptOpen) -> Sequence[Match]:
            if asked.words:
                options = QueryOptions(SHOWN, where=where, looks=Looks.NONE, distinct=True, by_words=True)
                return indexes.of_words(asked.words, options).matches
            path = self._path_of(asked)
            if path is None:
                return ()
            answers = indexes.of_file(path, QueryOptions(SHOWN, level=level, where=where, looks=looks))
            (result,) = answers.results
            if result.error is not None:
                raise ImageUnreadable(f"{path}: {result.error}")
            return result.matches

        matches = self._in_thread(ask)
        self.remember([match.image for match in matches])
        return matches

    def remember(self, images: Sequence[ImageRecord]) -> None:
        """Remember pictures that were found: they may be shown, and asked with."""
        with self._lock:
            for image in images:
                self._found[image.content_hash] = image
                self._found.move_to_end(image.content_hash)
            while len(self._found) > REMEMBERED:
                self._found.popitem(last=False)

    def knows_words(self) -> bool:
        """Tell whether the model of the indexes knows words."""
        return self._in_thread(KeptOpen.knows_words)

    def map(self, most: int) -> Map:
        """Return the map of the indexes, of so many pictures at most. Raises VisualSearchError if there are
        none."""
        from visualsearch_cli.plots.layout import Layout
        from visualsearch_cli.plots.mapped import map_of

        def made(indexes: KeptOpen) -> Map:
            opened = indexes.indexes()
            if self._map is None or self._map[0] is not opened:
                self._map = opened, map_of(opened, Layout.PCA, most)
                self._maps += 1
                self.remember([picture.image for picture in self._map[1].pictures])
            return self._map[1]

        return self._in_thread(made)

    def map_version(self) -> int:
        """Return how many maps were made: the address of what belongs to one has it."""
        return self._maps

    def picture(self, content_hash: str) -> ImageRecord | None:
        """Return a picture that was found; None for any other."""
        with self._lock:
            return self._found.get(content_hash)

    def close(self) -> None:
        """Let go of the indexes, and of what was given."""
        self._thread.submit(self._kept_open.close).result()
        self._thread.shutdown()
        self._uploads.close()

    def _path_of(self, asked: Asked) -> Path | None:
        if asked.upload:
            return self._uploads.path(asked.upload) if ID.fullmatch(asked.upload) else None
        record = self.picture(asked.like)
        return None if record is None else record.path

    def _in_thread(self, ask: Callable[[KeptOpen], T]) -> T:
        return self._thread.submit(ask, self._kept_open).result()


def shown_verdict(match: Match) -> str:
    """Return the verdict of a match in a word, as `query` prints it: a stranger is merely the nearest."""
    if match.verdict is not None:
        return match.verdict.value
    return "stranger" if match.is_stranger else ""
