"""Exact nearest-neighbor search: one matrix product. The oracle for recall, and often fast enough."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visualsearch_cli.embedder import Embeddings
from visualsearch_cli.index import Neighbors, VectorIds
from visualsearch_cli.vectors import check_ids, check_k, check_vectors

_BLOCK_BYTES = 64 * 1024**2
"""Similarities held at once. A single query may need more, one float32 for each vector."""

_SLACK = 1e-5
"""Above the rounding error of a float32 product of unit vectors, below any distance that matters."""

_REFINED_ROWS = 16_384  # held in float64 at once


class ExactIndex:
    """A VectorIndex that compares each query with every vector."""

    def __init__(self, dim: int) -> None:
        if dim < 1:
            raise ValueError(f"dim is {dim}, expected at least 1")
        self._dim = dim
        self._ids: VectorIds = np.empty(0, dtype=np.int64)
        self._parts: list[Embeddings] = []

    @classmethod
    def from_arrays(cls, ids: VectorIds, vectors: Embeddings) -> ExactIndex:
        """Search these vectors, float32 of shape (n, dim), where they lie: nothing is copied."""
        if vectors.ndim != 2:
            raise ValueError(f"vectors have shape {vectors.shape}, expected (n, dim)")
        index = cls(vectors.shape[1])
        index.add(ids, vectors)
        return index

    @property
    def dim(self) -> int:
        return self._dim

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, ids: VectorIds, vectors: Embeddings) -> None:
        vectors = check_vectors(vectors, self._dim)
        ids = check_ids(ids, len(vectors), self._ids)
        self._ids = np.concatenate([self._ids, ids]) if len(self._ids) else ids
        self._parts.append(vectors)

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        check_k(k)
        queries = check_vectors(queries, self._dim)
        vectors = self._joined()
        k = min(k, len(vectors))
        ids = np.empty((len(queries), k), dtype=np.int64)
        distances = np.empty((len(queries), k), dtype=np.float32)
        if k:
            rows = max(1, _BLOCK_BYTES // (4 * len(vectors)))
            for start in range(0, len(queries), rows):
                similarities = queries[start : start + rows] @ vectors.T
                for row, similarity in enumerate(similarities, start):
                    near = _candidates(similarity, k)
                    near_distances = _distances(vectors, near, queries[row])
                    order = np.lexsort((self._ids[near], near_distances))[:k]
                    ids[row] = self._ids[near[order]]
                    distances[row] = near_distances[order]
        return Neighbors(ids, distances)

    def _joined(self) -> Embeddings:
        # Joined here rather than in `add`, where many small batches would copy all before them each time.
        if not self._parts:
            return np.empty((0, self._dim), dtype=np.float32)
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0]


def _candidates(similarities: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.intp]:
    """Return the rows that may be among the k nearest: all that tie with the k-th, or nearly so.

    A partition alone would keep any of those that tie. And the product of a matrix may round equal rows
    differently, by their place in it, so "ties" has to be taken loosely here and settled afterwards.
    """
    if k == len(similarities):
        return np.arange(k)
    kth = np.partition(similarities, -k)[-k]
    return np.flatnonzero(similarities >= kth - _SLACK)


def _distances(
    vectors: Embeddings, rows: npt.NDArray[np.intp], query: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return the cosine distances, float32 of shape (n,), of n rows: equal for equal vectors."""
    dots = np.empty(len(rows), dtype=np.float64)
    wide = query.astype(np.float64)
    for start in range(0, len(rows), _REFINED_ROWS):
        block = slice(start, start + _REFINED_ROWS)
        # Row by row, and not a matrix product, whose rounding depends on the place of a row.
        dots[block] = (vectors[rows[block]] * wide).sum(axis=1)
    return np.clip(1.0 - dots, 0.0, 2.0).astype(np.float32)
