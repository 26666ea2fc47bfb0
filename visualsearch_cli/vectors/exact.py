"""Exact nearest-neighbor search: one matrix product. The oracle for recall, and often fast enough."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from visualsearch_cli.vectors.checks import VectorsRefused, check_ids, check_k, check_vectors, distances_of
from visualsearch_cli.vectors.index import Embeddings, Neighbors, VectorIds

_BLOCK_BYTES = 8 * 1024**2
"""Similarities held at once: they are looked through while they are in the processor's cache."""

_COLUMNS = (2_048, 65_536)
"""Vectors compared at once, at least and at most."""

_MOST_CANDIDATES = 4_000_000
"""Pairs of a query and a vector that are measured again. Only piles of equal vectors come near it."""

_SLACK = 1e-5
"""Above the rounding error of a float32 product of unit vectors, below any distance that matters."""

_NOWHERE = -2.0  # below any product of two unit vectors

Mask: TypeAlias = "npt.NDArray[np.bool_]"

_LONGEST = 1 + 2e-3
"""No product of two unit vectors is larger, as loosely as `vectors` takes unit length."""

_MOST_KEPT = 64 * 1024**2  # bytes of products


class Rows(Protocol):
    """Vectors, (n, dim), of unit length, that are kept otherwise than as float32."""

    def __len__(self) -> int:
        """The number of vectors."""

    def __getitem__(self, rows: npt.NDArray[np.intp] | Mask, /) -> Embeddings:
        """Return some of them, as float32."""

    def products(self, queries: Embeddings, start: int, columns: int) -> Embeddings:
        """Return the products of queries, (q, dim), with `columns` vectors, or what is left of them, from one
        on, (q, columns)."""


class Products:
    """The products of the queries that were asked last, block by block: to ask them of other rows, or for
    more neighbors, then compares nothing again. They are float32 of shape (q, n) in all, and those of so many
    queries that they would take more than 64 MiB are not kept.
    """

    def __init__(self) -> None:
        self._queries: Embeddings | None = None
        self._blocks: dict[tuple[int, int], npt.NDArray[np.float32]] = {}

    def __bool__(self) -> bool:
        """Whether any are kept."""
        return bool(self._blocks)

    def of(self, queries: Embeddings, vectors: Embeddings | Rows, start: int, columns: int) -> Embeddings:
        """Return the products of all queries with `columns` vectors, from one on. Change nothing in them."""
        if self._queries is None or not np.array_equal(self._queries, queries):
            self._queries, self._blocks = queries.copy(), {}
        if (kept := self._blocks.get((start, columns))) is not None:
            return kept
        products = _products(queries, vectors, start, columns)
        if 4 * len(queries) * len(vectors) <= _MOST_KEPT:
            self._blocks[start, columns] = products
        return products


def _products(queries: Embeddings, vectors: Embeddings | Rows, start: int, columns: int) -> Embeddings:
    """Return checked products. Raises VectorsRefused."""
    products: Embeddings
    if isinstance(vectors, np.ndarray):
        products = queries @ vectors[start : start + columns].T
    else:
        products = vectors.products(queries, start, columns)
    # One look finds values that are not finite too: no comparison with them is true.
    if not products.max() <= _LONGEST or not products.min() >= -_LONGEST:
        raise VectorsRefused("a product of two vectors is larger than 1: they are not all of unit length")
    return products


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
            raise VectorsRefused(f"vectors have shape {vectors.shape}, expected (n, dim)")
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
        return nearest(self._ids, self._joined(), check_vectors(queries, self._dim), k)

    def _joined(self) -> Embeddings:
        # Joined here rather than in `add`, where many small batches would copy all before them each time.
        if not self._parts:
            return np.empty((0, self._dim), dtype=np.float32)
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0]


def nearest(
    ids: VectorIds,
    vectors: Embeddings | Rows,
    queries: Embeddings,
    k: int,
    mask: Mask | None = None,
    kept: Products | None = None,
) -> Neighbors:
    """Return the k nearest vectors of each query, ties by id. What was checked is not checked again.

    vectors: float32 (n, dim), rows of unit length, which may lie apart, or Rows.
    queries: float32 (q, dim).
    mask: (n,), the rows that count, at least k; None: all.
    kept: products of an earlier search of the same vectors, and of this one for the next.

    Raises VectorsRefused if a product shows that the vectors are no unit vectors.
    """
    k = min(k, len(vectors))
    found_ids = np.empty((len(queries), k), dtype=np.int64)
    distances = np.empty((len(queries), k), dtype=np.float32)
    rows = _BLOCK_BYTES // (4 * _COLUMNS[0])
    for start in range(0, len(queries) if k else 0, rows):
        _search(ids, vectors, queries, slice(start, start + rows), k, found_ids, distances, mask, kept)
    return Neighbors(found_ids, distances)


def _search(
    ids: VectorIds,
    vectors: Embeddings | Rows,
    queries: Embeddings,
    part: slice,
    k: int,
    found_ids: VectorIds,
    distances: npt.NDArray[np.float32],
    mask: Mask | None,
    kept: Products | None,
) -> None:
    """Answer a part of the queries."""
    asked = queries[part]
    found = _candidates(vectors, asked, k, mask, kept)
    if found is None:  # too many at once: of half as many queries there are fewer
        middle = part.start + len(asked) // 2
        for half in (slice(part.start, middle), slice(middle, part.start + len(asked))):
            _search(ids, vectors, queries, half, k, found_ids, distances, mask, kept)
        return
    which, rows = found
    measured = distances_of(vectors, rows, asked, which)
    named = ids[rows]
    order = np.lexsort((named, measured, which))
    first = np.searchsorted(which[order], np.arange(len(asked)))  # each query has k candidates at least
    best = order[first[:, np.newaxis] + np.arange(k)]
    found_ids[part], distances[part] = named[best], measured[best]


def _candidates(
    vectors: Embeddings | Rows, queries: Embeddings, k: int, mask: Mask | None, earlier: Products | None
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]] | None:
    """Return pairs of a query and a row that may be among its k nearest, or None if they are too many.

    All that tie with the k-th are among them, or nearly so: the product of a matrix may round equal rows
    differently, by their place in it, so "ties" has to be taken loosely here and settled afterwards.

    Vectors are compared block by block, and of each block only what is nearer than the k-th so far is kept.
    """
    columns = min(max(_BLOCK_BYTES // (4 * len(queries)), _COLUMNS[0]), _COLUMNS[1])
    limit = np.full(len(queries), -np.inf, np.float32)
    kept = _Kept.none()
    for start in range(0, len(vectors), columns):
        multiply = _products if earlier is None else earlier.of
        products = multiply(queries, vectors, start, columns)
        if mask is not None:
            products = np.where(mask[start : start + columns], products, np.float32(_NOWHERE))
        if start == 0 and products.shape[1] > k:
            limit = np.partition(products, -k, axis=1)[:, -k]
        near = np.flatnonzero(products >= (limit - _SLACK)[:, np.newaxis])
        if len(near) + len(kept.rows) > _MOST_CANDIDATES and len(queries) > 1:
            return None
        which, rows = np.divmod(near, products.shape[1])
        kept = kept.joined(which, rows + start, products.ravel()[near])
        if start:
            kept = kept.best(limit, k)
    return kept.which, kept.rows


class _Kept:
    """Candidates so far: the query, the row and the product of each."""

    __slots__ = ("products", "rows", "which")

    def __init__(
        self, which: npt.NDArray[np.intp], rows: npt.NDArray[np.intp], products: npt.NDArray[np.float32]
    ) -> None:
        self.which, self.rows, self.products = which, rows, products

    @classmethod
    def none(cls) -> _Kept:
        """Return no candidates."""
        return cls(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.float32))

    def joined(
        self, which: npt.NDArray[np.intp], rows: npt.NDArray[np.intp], products: npt.NDArray[np.float32]
    ) -> _Kept:
        """Return these and others."""
        return _Kept(
            np.concatenate([self.which, which]),
            np.concatenate([self.rows, rows]),
            np.concatenate([self.products, products]),
        )

    def best(self, limit: npt.NDArray[np.float32], k: int) -> _Kept:
        """Raise the limit of each query to its k-th product, and drop what is too far below."""
        order = np.lexsort((-self.products, self.which))
        which, products = self.which[order], self.products[order]
        kth = np.searchsorted(which, np.arange(len(limit))) + k - 1
        there = np.flatnonzero(kth < len(which))
        there = there[which[kth[there]] == there]
        limit[there] = products[kth[there]]
        stay = order[products >= limit[which] - _SLACK]
        return _Kept(self.which[stay], self.rows[stay], self.products[stay])
