"""Several indexes searched as one: a file, and beside it what was appended since; or what replaces it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import numpy as np

from visualsearch_cli.errors import IndexCorrupt
from visualsearch_cli.vectors.index import Embeddings, Neighbors, Searchable


class CombinedIndex:
    """The union of indexes that hold different ids."""

    def __init__(self, parts: Sequence[Searchable]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        """The number of vectors held."""
        return sum(len(part) for part in self.parts)

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        """Find the k nearest vectors of each query over all parts, by (distance, id)."""
        found = [part.search(queries, k) for part in self.parts]
        ids = np.concatenate([neighbors.ids for neighbors in found], axis=1)
        distances = np.concatenate([neighbors.distances for neighbors in found], axis=1)
        order = np.lexsort((ids, distances), axis=1)[:, :k]
        return Neighbors(np.take_along_axis(ids, order, axis=1), np.take_along_axis(distances, order, axis=1))


class Measurer(Protocol):
    """Knows the vectors of an index, and measures anew what a search found."""

    def measured(self, found: Neighbors, queries: Embeddings) -> Neighbors:
        """Return neighbors with exact distances, in their order. Raises IndexCorrupt if it cannot."""


class MeasuredIndex:
    """An index whose distances are measured again, so that they are those of exact search."""

    def __init__(self, index: Searchable, measurer: Measurer) -> None:
        self._index = index
        self._measurer = measurer

    def __len__(self) -> int:
        """The number of vectors held."""
        return len(self._index)

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        """Find the k nearest vectors of each query; as the index found them, if they cannot be measured."""
        found = self._index.search(queries, k)
        with suppress(IndexCorrupt):
            return self._measurer.measured(found, queries)
        return found


class ReplacedWhenDamaged:
    """An index read from a derived file, and what takes its place if a search finds it damaged."""

    def __init__(
        self,
        index: Searchable,
        replacement: Callable[[], Searchable],
        report: Callable[[IndexCorrupt], None],
    ) -> None:
        self._index = index
        self._replacement = replacement
        self._report = report

    def __len__(self) -> int:
        """The number of vectors held."""
        return len(self._index)

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        """Find the k nearest vectors of each query, in the replacement if need be."""
        try:
            return self._index.search(queries, k)
        except IndexCorrupt as error:
            self._report(error)
            self._index = self._replacement()
        return self._index.search(queries, k)
