"""Indexes that stay open: what they are asked is answered by what earlier questions opened."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.registry import has_words
from visualsearch_cli.index.joined.merging import check_one_model
from visualsearch_cli.index.model import ModelChoice, Use, check_words
from visualsearch_cli.index.open import open_several, used_for
from visualsearch_cli.progress import UNHEARD

if TYPE_CHECKING:
    from visualsearch_cli.embedders.embedder import TextTower
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.search.answering import Answers, QueryOptions
    from visualsearch_cli.search.matches import QueryResult
    from visualsearch_cli.search.several import AnsweringFromSeveral

MOST_KINDS = 4  # of questions, such as with one filter or another, that stay open: each may hold a graph


class KeptOpen:
    """One index, or several of one model, open in the thread that asks first. What others write to them is
    found with the next question."""

    def __init__(self, folders: Sequence[IndexFolder]) -> None:
        """Nothing is opened before somebody asks."""
        self._folders = folders
        self._stack = ExitStack()
        self._indexes: Sequence[OpenIndex] = ()
        self._versions: Sequence[object] = ()
        self._answering: OrderedDict[QueryOptions, AnsweringFromSeveral] = OrderedDict()
        self._choice = ModelChoice()  # one for good: models stay loaded
        self._tower: TextTower | None = None

    def indexes(self) -> Sequence[OpenIndex]:
        """Return them, opened anew if somebody has written to one. Raises what `open_several` does."""
        from visualsearch_cli.pictures.reader import Decoding

        if not self._indexes or [index.catalog.version() for index in self._indexes] != self._versions:
            self.close()
            opened = open_several(self._folders, self._choice, Decoding(), UNHEARD)
            self._indexes = self._stack.enter_context(opened)
            self._versions = [index.catalog.version() for index in self._indexes]
        return self._indexes

    def knows_words(self) -> bool:
        """Tell whether their model knows words, or one of two does."""
        return has_words(self._for(Use.MEANING)[0].catalog.manifest().model.name)

    def of_file(self, path: Path, options: QueryOptions) -> Answers:
        """Return what is near to a picture."""
        (answers,) = self._asked(options).of_files([path])
        return answers

    def of_words(self, words: str, options: QueryOptions) -> QueryResult:
        """Return what is near to words. Raises NoWords if the model knows none."""
        from visualsearch_cli.search.wishes import Wish, vectors_of

        first, *others = self._for(Use.MEANING)
        check_words(first.catalog.manifest(), first.folder.path)
        for other in others:
            check_one_model(first.catalog, other.catalog)
        if self._tower is None:
            self._tower = first.embedder.text()
        (vector,) = vectors_of([Wish((words,))], self._tower, None)
        return self._asked(options).of_vector(vector)

    def close(self) -> None:
        """Let go of their files."""
        self._answering.clear()
        self._indexes = ()
        self._stack.close()

    def _for(self, use: Use) -> Sequence[OpenIndex]:
        return [used_for(index, self._choice, use) for index in self.indexes()]

    def _asked(self, options: QueryOptions) -> AnsweringFromSeveral:
        from visualsearch_cli.duplicates.best_first import best_first
        from visualsearch_cli.search.several import AnsweringFromSeveral

        indexes = self._for(Use.MEANING if options.by_words else Use.COPIES)
        options = options._replace(stays=True)
        found = self._answering.get(options)
        if found is None:
            reader = indexes[0].reader
            found = AnsweringFromSeveral(indexes, options, arranged=lambda result: best_first(result, reader))
            self._answering[options] = found
            if len(self._answering) > MOST_KINDS:
                self._answering.popitem(last=False)
        self._answering.move_to_end(options)
        return found
