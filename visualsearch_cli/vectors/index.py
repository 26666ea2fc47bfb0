"""Nearest-neighbor search over vectors: what any index of them can do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol, TypeAlias

from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Embeddings: TypeAlias = "npt.NDArray[np.float32]"
"""float32 of shape (n, dim), rows of unit length."""

FULL_BITS = 32
BITS = (8, 16, FULL_BITS)
"""How many bits of a value an index may keep, see `stored_values`."""


def number_type(bits: int) -> str:
    """Return what numpy calls a value that is kept with so many bits: "<f4", "<i2" or "<i1"."""
    return f"<{'f' if bits == FULL_BITS else 'i'}{bits // 8}"


VectorIds: TypeAlias = "npt.NDArray[np.int64]"
"""int64 of shape (n,): the catalog's embedding ids, positive."""


class IndexParams(NamedTuple):
    """The parameters of an HNSW graph (Malkov & Yashunin, arXiv 1603.09320)."""

    M: int = 16  # links per node and layer, twice that on the ground layer
    ef_construction: int = 200  # candidates kept while inserting
    ef_search: int = 256  # least candidates kept while searching; not part of the file

    def for_search(self, count: int) -> IndexParams:
        """Return these with as many candidates as a graph of so many vectors needs.

        To find as large a share of the neighbors, a search must keep more candidates among more vectors:
        docs/performance.md has the measurements. Three times the root keeps recall@10 over 0.95 at a million.
        """
        return self._replace(ef_search=max(self.ef_search, math.ceil(3 * math.sqrt(count))))


class Neighbors(NamedTuple):
    """The k nearest vectors of each of n queries, nearest first, ties by id.

    ids: int64 of shape (n, k). distances: float32 of shape (n, k), cosine distance in [0, 2].
    k is the number asked for, or the size of the index if that is smaller.
    """

    ids: npt.NDArray[np.int64]
    distances: npt.NDArray[np.float32]


class Searchable(Protocol):
    """Vectors that can be searched by cosine distance."""

    def __len__(self) -> int:
        """The number of vectors held."""

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        """Find the k nearest vectors of each query, float32 of shape (n, dim).

        Raises ValueError for a wrong shape, dtype or dimension, values that are not finite, rows that are
        not of unit length (to 1e-3), and for k < 1.
        """


class VectorIndex(Searchable, Protocol):
    """One that takes more vectors."""

    @property
    def dim(self) -> int:
        """The number of values of a vector."""

    def add(self, ids: VectorIds, vectors: Embeddings) -> None:
        """Add vectors under new ids.

        Raises ValueError for vectors as `search` does for queries, and for ids that are negative, repeated
        or already present.
        """
