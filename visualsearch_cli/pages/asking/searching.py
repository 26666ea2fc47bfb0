"""Asks the index, in one thread that keeps it open: what others write to it meanwhile is found as well."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Lock
from typing import TypeVar
from urllib.parse import urlencode

from visualsearch_cli.library import Answer, Index, open_index
from visualsearch_cli.pages.asking.uploads import ID, Uploads
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.search.filtering import Where
from visualsearch_cli.search.matches import Match
from visualsearch_cli.verdicts.verdict import Verdict

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
    def query(self) -> str:
        """Return it as the end of an address, with its question mark."""
        said = {field.name: value for field in fields(self) if (value := getattr(self, field.name))}
        return f"?{urlencode(said, errors='surrogateescape')}" if said else ""

    def like_this(self, content_hash: str) -> str:
        """Return the end of the address that asks for what is like a match, with the same filters."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return Asked(**{**own, "words": "", "upload": "", "like": content_hash}).query

    @property
    def where(self) -> Where:
        """Return the filters. Raises ValueError for what cannot be meant."""
        return Where(
            self.within or None,
            self.after or None,
            self.before or None,
            (self.camera,) if self.camera else (),
            (self.type,) if self.type else (),
            int(self.width) if self.width.isdecimal() else 0,
        ).checked()


class Searching:
    """The index, open in a thread of its own from the first question on."""

    def __init__(self, index: Path, uploads: Uploads) -> None:
        """`index` is its folder. No model is loaded, and nothing is read, before somebody asks."""
        self._path = index
        self._uploads = uploads
        self._index: Index | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="search")
        self._found: OrderedDict[str, ImageRecord] = OrderedDict()
        self._lock = Lock()

    def answer(self, asked: Asked) -> Answer:
        """Return what is near to what is asked for.

        Raises VisualSearchError, and ValueError for a filter that cannot be meant.
        """
        where = asked.where
        level = asked.level if asked.level in [verdict.value for verdict in Verdict] else None

        def ask(index: Index) -> Answer:
            if asked.words:
                return index.search(asked.words, SHOWN, where=where)
            path = self._path_of(asked)
            if path is None:
                return Answer((), ())
            verify = "nearest" if level is None else "all"
            return index.query(path, SHOWN, where=where, level=level, verify=verify)  # type: ignore[arg-type]

        answer = self._in_thread(ask)
        with self._lock:
            for match in answer.matches:
                self._found[match.image.content_hash] = match.image
                self._found.move_to_end(match.image.content_hash)
            while len(self._found) > REMEMBERED:
                self._found.popitem(last=False)
        return answer

    def knows_words(self) -> bool:
        """Tell whether the model of the index knows words."""
        from visualsearch_cli.embedders.registry import has_words

        return self._in_thread(lambda index: has_words(index.model))

    def picture(self, content_hash: str) -> ImageRecord | None:
        """Return a picture that was found; None for any other."""
        with self._lock:
            return self._found.get(content_hash)

    def close(self) -> None:
        """Let go of the index, and of what was given."""
        if self._index is not None:
            self._thread.submit(self._index.close).result()
        self._thread.shutdown()
        self._uploads.close()

    def _path_of(self, asked: Asked) -> Path | None:
        if asked.upload:
            return self._uploads.path(asked.upload) if ID.fullmatch(asked.upload) else None
        record = self.picture(asked.like)
        return None if record is None else record.path

    def _in_thread(self, ask: Callable[[Index], T]) -> T:
        def work() -> T:
            if self._index is None:
                self._index = open_index(self._path)
            return ask(self._index)

        return self._thread.submit(work).result()


def shown_verdict(match: Match) -> str:
    """Return the verdict of a match in a word, as `query` prints it: a stranger is merely the nearest."""
    if match.verdict is not None:
        return match.verdict.value
    return "stranger" if match.is_stranger else ""
