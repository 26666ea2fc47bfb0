"""Several indexes searched as one: a file, and beside it what was appended since; or what replaces it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import numpy as np

from visualsearch_cli.embedder import Embeddings
from visualsearch_cli.errors import IndexCorrupt
from visualsearch_cli.index import Neighbors, VectorIds, VectorIndex


class CombinedIndex:
    """The union of indexes that hold different ids."""

    def __init__(self, parts: Sequence[VectorIndex]) -> None:
        self.parts = parts

    @property
    def dim(self) -> int:
        """The number of values of a vector."""
        return self.parts[0].dim

    def __len__(self) -> int:
        """The number of vectors held."""
        return sum(len(part) for part in self.parts)

    def add(self, ids: VectorIds, vectors: Embeddings) -> None:
        """Add vectors to the last part."""
        self.parts[-1].add(ids, vectors)

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

    def __init__(self, index: VectorIndex, measurer: Measurer) -> None:
        self._index = index
        self._measurer = measurer

    @property
    def dim(self) -> int:
        """The number of values of a vector."""
        return self._index.dim

    def __len__(self) -> int:
        """The number of vectors held."""
        return len(self._index)

    def add(self, ids: VectorIds, vectors: Embeddings) -> None:
        """Refuse: what is added would not be known to the measurer."""
        raise NotImplementedError("a measured index takes no vectors")

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
        index: VectorIndex,
        replacement: Callable[[], VectorIndex],
        report: Callable[[IndexCorrupt], None],
    ) -> None:
        self._index = index
        self._replacement = replacement
        self._report = report

    @property
    def dim(self) -> int:
        """The number of values of a vector."""
        return self._index.dim

    def __len__(self) -> int:
        """The number of vectors held."""
        return len(self._index)

    def add(self, ids: VectorIds, vectors: Embeddings) -> None:
        """Add vectors to the index in use."""
        self._index.add(ids, vectors)

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        """Find the k nearest vectors of each query, in the replacement if need be."""
        try:
            return self._index.search(queries, k)
        except IndexCorrupt as error:
            self._report(error)
            self._index = self._replacement()
        return self._index.search(queries, k)
