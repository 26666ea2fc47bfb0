"""All pairs of vectors that are near to each other: complete, block by block, in bounded memory.

A pair is two rows, so whatever the vectors belong to is the caller's affair. No number of neighbors cuts a
pile of copies short, and what a block leaves out is proved to be farther away: every pair that may be near is
measured in float64. A graph, which pays off at some millions of vectors, can take the place of these two
functions: they promise the same pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from visualsearch_cli.ahead import ahead, workers
from visualsearch_cli.progress import Advance
from visualsearch_cli.vectors.checks import distances_of
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.products import Block, FloatProducts, Products
from visualsearch_cli.vectors.rounded import rounded_products

Rows: TypeAlias = "npt.NDArray[np.int32]"

SLACK = 1e-5
"""Above the rounding error of a float32 product of unit vectors: what it lets in is measured again."""

SORTED_ROWS = 2048  # of which pairs are sorted at once: there may be millions where many vectors are equal


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

    def of_rows(self, first: int, end: int) -> Pairs:
        """Return the pairs whose a is one of some rows."""
        chosen = (self.a >= first) & (self.a < end)
        return Pairs(self.a[chosen], self.b[chosen], self.distances[chosen])

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
    products: Products = rounded_products(len(left), *right.shape) or FloatProducts()
    with workers(products.threads, "pairs") as pool:
        for start in range(0, len(left), products.rows):
            rows = left[start : start + products.rows]
            skipped = start if upper else 0
            columns = right[skipped:]
            blocks = list(products.blocks(rows, columns, 1.0 - max_distance - SLACK, upper=upper))
            measure = partial(_measured, rows, columns, max_distance, upper=upper)
            strip, told = [], 0
            for pairs in ahead(blocks, partial(pool.submit, measure), 2 * products.threads):
                strip.append(pairs)
                done = len(rows) * len(strip) // len(blocks)
                advance(done - told)
                told = done
            found += _ordered(strip, len(rows), start, skipped)
            advance(len(rows) - told)  # all of them, if there was nothing to compare with
    return Pairs.joined(found)


def _measured(
    rows: Embeddings, columns: Embeddings, max_distance: float, block: Block, *, upper: bool
) -> Pairs:
    """Return the pairs of a block that are near."""
    found = []
    for a, b in block():
        asked = np.flatnonzero(a < b) if upper else slice(None)
        distances = distances_of(columns, b[asked], rows, a[asked])
        near = distances <= max_distance
        kept = Pairs(a[asked][near].astype(np.int32), b[asked][near].astype(np.int32), distances[near])
        found.append(kept)
    return Pairs.joined(found)


def _ordered(strip: Sequence[Pairs], rows: int, first_row: int, first_column: int) -> Iterator[Pairs]:
    """Yield the pairs of the blocks of a strip by (a, b), numbered as all rows are: some rows at a time."""
    for start in range(0, rows, SORTED_ROWS):
        some = [pairs.of_rows(start, start + SORTED_ROWS) for pairs in strip]
        pairs = Pairs.joined(some)
        order = np.lexsort((pairs.b, pairs.a))
        yield Pairs(pairs.a[order] + first_row, pairs.b[order] + first_column, pairs.distances[order])


Nodes: TypeAlias = "npt.NDArray[np.int64]"
