"""All pairs of vectors that are near to each other: complete, block by block, in bounded memory.

A pair is two rows, so whatever the vectors belong to is the caller's affair. Every product is exact: no
number of neighbors cuts a pile of copies short. A graph, which pays off at some millions of vectors, can
take the place of these two functions: they promise the same pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from visualsearch_cli.progress import Advance
from visualsearch_cli.vectors.index import Embeddings

Rows: TypeAlias = "npt.NDArray[np.int32]"

MEMORY_BYTES = 16 * 1024**2
"""Similarities held at once, with what is compared with them. Blocks that stay in the processor's cache
are searched for what is near at little cost beside the product; larger ones are not faster."""

SLACK = 1e-5
"""Above the rounding error of a float32 product of unit vectors: what it lets in is measured again."""

REFINED = 8192  # pairs measured again at once


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows, each pair once, ordered by a, then b.

    a, b: int32 (n,). distances: float32 (n,), cosine distance.
    """

    a: Rows
    b: Rows
    distances: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.a)

    @classmethod
    def none(cls) -> Pairs:
        """Return no pairs."""
        return cls(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))

    @classmethod
    def joined(cls, parts: Sequence[Pairs]) -> Pairs:
        """Return the pairs of all parts, in their order."""
        if not parts:
            return cls.none()
        return cls(
            np.concatenate([part.a for part in parts]),
            np.concatenate([part.b for part in parts]),
            np.concatenate([part.distances for part in parts]),
        )


def pairs_within(vectors: Embeddings, max_distance: float, advance: Advance = lambda _: None) -> Pairs:
    """Return every pair a < b of rows at most `max_distance` apart.

    vectors: float32 (n, dim), rows of unit length. `advance` is told the rows that are done.
    """
    return _pairs(vectors, vectors, max_distance, advance, upper=True)


def pairs_between(
    left: Embeddings, right: Embeddings, max_distance: float, advance: Advance = lambda _: None
) -> Pairs:
    """Return every pair of a row a of `left` and a row b of `right` at most `max_distance` apart.

    left, right: float32 (n, dim) and (m, dim), rows of unit length. `advance` is told the rows of `left`
    that are done.
    """
    return _pairs(left, right, max_distance, advance, upper=False)


def _pairs(
    left: Embeddings, right: Embeddings, max_distance: float, advance: Advance, *, upper: bool
) -> Pairs:
    found: list[Pairs] = []
    side = max(64, int((MEMORY_BYTES / 5) ** 0.5))  # a float32 and a bool for each similarity
    room = np.empty((side, side), np.float32)
    for start in range(0, len(left), side):
        rows = left[start : start + side]
        strip = [
            _near(rows, right[other : other + side], start, other, max_distance, room)
            for other in range(start if upper else 0, len(right), side)
        ]
        found += _ordered([pairs for pairs in strip if pairs], upper=upper)
        advance(len(rows))
    return Pairs.joined(found)


def _near(
    rows: Embeddings,
    columns: Embeddings,
    first_row: int,
    first_column: int,
    max_distance: float,
    room: npt.NDArray[np.float32],
) -> Pairs | None:
    """Return the near pairs of one block; `room` is where its product goes."""
    product = room[: len(rows), : len(columns)]
    np.matmul(rows, columns.T, out=product)
    near = np.flatnonzero(product >= 1.0 - max_distance - SLACK)
    if not len(near):
        return None
    a, b = np.divmod(near, len(columns))
    distances = np.empty(len(near), np.float32)
    for part in range(0, len(near), REFINED):
        some = slice(part, part + REFINED)
        # Row by row in float64: equal vectors get equal distances, wherever they are in a block.
        wide = rows[a[some]].astype(np.float64) * columns[b[some]]
        distances[some] = np.clip(1.0 - wide.sum(axis=1), 0.0, 2.0)
    kept = distances <= max_distance
    return Pairs(
        (a[kept] + first_row).astype(np.int32), (b[kept] + first_column).astype(np.int32), distances[kept]
    )


def _ordered(strip: list[Pairs], *, upper: bool) -> Iterator[Pairs]:
    """Yield the pairs of a strip of blocks by (a, b); of the block on the diagonal, those above it."""
    if not strip:
        return
    pairs = Pairs.joined(strip)
    order = np.lexsort((pairs.b, pairs.a))
    if upper:
        order = order[pairs.a[order] < pairs.b[order]]
    yield Pairs(pairs.a[order], pairs.b[order], pairs.distances[order])


Nodes: TypeAlias = "npt.NDArray[np.int64]"
