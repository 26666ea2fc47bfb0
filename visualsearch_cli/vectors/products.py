"""Which pairs of rows may be near to each other: those whose product is large enough, block by block.

What is found is to be measured again: nothing that is near is left out, and some that is found is not near.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from visualsearch_cli.vectors.index import Embeddings

MEMORY_BYTES = 16 * 1024**2
"""Similarities held at once, with what is compared with them. Blocks that stay in the processor's cache
are searched for what is near at little cost beside the product; larger ones are not faster."""

Candidates: TypeAlias = "tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]"
"""Numbers of rows and of columns, (n,) each: a pair at each place."""

Block: TypeAlias = "Callable[[], Iterable[Candidates]]"
"""Finds the pairs of some rows and some columns, a bounded number at a time where nearly all of them pass."""


class Products(Protocol):
    """A way to find the pairs."""

    rows: int
    """Rows looked at together."""

    threads: int
    """Threads that may look at blocks side by side."""

    def blocks(self, rows: Embeddings, columns: Embeddings, least: float, *, upper: bool) -> Iterator[Block]:
        """Yield blocks that find the pairs whose product may be `least` or more, of at most `self.rows` rows.

        rows, columns: float32 (n, dim) and (m, dim). `upper`: the rows are the first of the columns, and
        only pairs of a row and a later column are asked for; others may come too.
        """


class FloatProducts:
    """Finds them by float32 products, which round: `least` has to be a little lower than what is wanted."""

    threads = 1  # those of numpy share one product

    def __init__(self) -> None:
        self.rows = max(64, int((MEMORY_BYTES / 5) ** 0.5))  # a float32 and a bool for each similarity
        self._room = np.empty((self.rows, self.rows), np.float32)

    def blocks(
        self,
        rows: Embeddings,
        columns: Embeddings,
        least: float,
        *,
        upper: bool,  # noqa: ARG002 - of a single square, little is below the diagonal
    ) -> Iterator[Block]:
        for other in range(0, len(columns), self.rows):
            yield partial(self._block, rows, columns[other : other + self.rows], other, least)

    def _block(self, rows: Embeddings, columns: Embeddings, other: int, least: float) -> Iterator[Candidates]:
        a, b = near_by_float(rows, columns, least, self._room[: len(rows), : len(columns)])
        yield a, b + other


def near_by_float(
    rows: Embeddings, columns: Embeddings, least: float, room: npt.NDArray[np.float32] | None = None
) -> Candidates:
    """Return the pairs of one block; `room` is where its product goes."""
    return places(np.matmul(rows, columns.T, out=room) >= least)


def places(near: npt.NDArray[np.bool_]) -> Candidates:
    """Return where a contiguous matrix is true, row by row."""
    flat = near.ravel()
    if flat.size % 8:
        found = np.flatnonzero(flat)
    else:  # eight at a time: where few are true, that takes half as long
        words = np.flatnonzero(flat.view(np.uint64) != 0)
        word, byte = np.nonzero(flat.reshape(-1, 8)[words])
        found = words[word] * 8 + byte
    a, b = np.divmod(found, near.shape[1])
    return a, b
