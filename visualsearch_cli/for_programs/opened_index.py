"""An index that is open: it follows what others write, for the thread that opened it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING

from visualsearch_cli.for_programs.arguments import MESSAGES

if TYPE_CHECKING:
    from visualsearch_cli.embedders.embedder import TextTower
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.search.answering import Answering, QueryOptions


class OpenedIndex:
    """An index that `open_index` opened. Each call sees what is in it then, whoever wrote it."""

    def __init__(self, folder: IndexFolder, choices: Sequence[ModelChoice], decoding: Decoding) -> None:
        """Not to be called: `open_index` does."""
        from visualsearch_cli.index.model import ModelChoice

        self._folder = folder
        self._choices = choices
        # Where two were named, what is asked decides.
        self._choice = choices[0] if len(choices) == 1 else ModelChoice(device=choices[0].device)
        self._decoding = decoding
        self._thread = get_ident()
        self._stack = ExitStack()
        self._index: OpenIndex | None = None
        self._answering: tuple[QueryOptions, Answering] | None = None  # the last ones, while nobody writes
        self._tower: TextTower | None = None
        self._open()

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of its files. A closed index is of no more use; closing it again does nothing."""
        self._index, self._answering = None, None
        self._stack.close()

    @property
    def path(self) -> Path:
        """The folder of the index, with the name `.visualsearch` or another."""
        return self._opened.folder.path.absolute()

    @property
    def model(self) -> str:
        """The name of the model that `query` takes, which makes its vectors."""
        return self._opened.catalog.manifest().model.name

    def _open(self) -> OpenIndex:
        from visualsearch_cli.index.open import open_index

        opened = open_index(self._folder, self._choice, self._decoding, MESSAGES)
        self._index = index = self._stack.enter_context(opened)
        self._version = index.catalog.version()
        return index

    @property
    def _opened(self) -> OpenIndex:
        """What is open, opened again if somebody has written to it since."""
        if self._index is None:
            raise RuntimeError(f"the index in {self._folder.path} is closed: open it again")
        if self._thread != get_ident():
            raise RuntimeError(
                f"the index in {self._folder.path} was opened in another thread: open it in this one too"
            )
        if self._index.catalog.version() == self._version:
            return self._index
        self.close()
        return self._open()

    @property
    def _meant(self) -> OpenIndex:
        """What is open, with the model for words and labels."""
        from visualsearch_cli.index.model import Use
        from visualsearch_cli.index.open import used_for

        return used_for(self._opened, self._choice, Use.MEANING)

    def _asked(self, options: QueryOptions, expected: int = 1) -> Answering:
        """Return what answers such queries, so many of them, with what the last one of the same kind has
        opened."""
        from visualsearch_cli.duplicates.best_first import best_first
        from visualsearch_cli.search.answering import Answering

        index = self._meant if options.by_words else self._opened
        if self._answering is None or self._answering[0] != options:
            answering = Answering(
                index, options, expected, arranged=lambda result: best_first(result, index.reader)
            )
            self._answering = (options, answering)
        return self._answering[1]
