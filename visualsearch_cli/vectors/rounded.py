"""Products of vectors that are rounded to integers of eight bits: which pairs cannot be near.

Processors multiply such integers several times as fast as float32. A product of two vectors x and y differs
from that of what they were rounded to, x' and y', by

    x·y - x'·y' = (x - x')·y + x'·(y - y'), at most |x - x'| |y| + |x'| |y - y'| (Cauchy and Schwarz),

and how long these are is measured, for each block of rows. So two vectors whose product is `least` or more
have a product of integers of at least (least - bound) / (the steps of both): one integer for a block, and
exact, since integers do not round.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.vectors.checks import UNIT_TOLERANCE
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.product_graph import ZERO, product_graph
from visualsearch_cli.vectors.products import Block, Candidates, near_by_float, places

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

ROWS = 16_384
"""Rows that are rounded once: the columns are rounded again for each such strip."""

PIECE = 256
PART = 512
"""Rows and columns of one product: half a megabyte of integers stays in the processor's cache."""

BLOCK = 2_048
"""Columns looked at together."""

TOGETHER = 2**16
"""Pairs that may be near, of a block, from which on they are measured before the next product."""

MOST_THREADS = 8
"""Each holds a block: 4 MB."""

LEAST_WORK = 6e9
"""Multiplications below which it does not pay to load onnxruntime: of all pairs of 5,000 × 256 values."""

FEWEST = 1_000
"""Rows or columns below which it does not pay to round what they are compared with."""

MOST_VALUES = 65_536
"""Values of a vector whose product is sure to fit into 32 bits, with four times as much to spare."""

DENSE = 1 / 128
"""The share of a block that passes from which on a float32 product, by which fewer pass, is faster than to
measure them all."""

LEFT_LARGEST, RIGHT_LARGEST = 127, 64
"""The largest integers. Processors without instructions for it add two products, of a byte without a sign and
one with it, in 16 bits, and cut off what does not fit: 2 × 255 × 64 does, and 2 × 255 × 127 would not."""

SLACK = 1e-6
"""Above what float64 rounds where the bound is computed."""


class Rounded(NamedTuple):
    """A block of vectors x, rounded to multiples x' of a step.

    integers: uint8 (n, dim) if they are a left side, else int8 (dim, n). length: the largest |x|.
    rest: the largest |x - x'|.
    """

    integers: npt.NDArray[np.uint8 | np.int8]
    step: float
    length: float
    rest: float


class RoundedProducts:
    """Finds the pairs by products of integers; where these say little of a block, by those of float32."""

    rows = ROWS

    def __init__(self, session: InferenceSession, threads: int) -> None:
        self._session = session
        self.threads = threads

    def blocks(self, rows: Embeddings, columns: Embeddings, least: float, *, upper: bool) -> Iterator[Block]:
        pieces = [(piece, round_right(piece)) for piece in _parts(rows, PIECE)]
        for other in range(0, len(columns), BLOCK):
            block = columns[other : other + BLOCK]
            # Of these columns, none is later than a row of a piece that begins after them.
            wanted = pieces[: math.ceil((other + len(block)) / PIECE)] if upper else pieces
            yield partial(self._block, wanted, block, other, least)

    def _block(
        self, pieces: Sequence[tuple[Embeddings, Rounded | None]], block: Embeddings, other: int, least: float
    ) -> Iterator[Candidates]:
        lefts = [round_left(part) for part in _parts(block, PART)]
        room = np.empty((len(block), PIECE), np.bool_)
        found: list[Candidates] = []
        for number, (piece, right) in enumerate(pieces):
            near = self._near(lefts, right, least, room[:, : len(piece)])
            b, a = near_by_float(block, piece, least) if near is None else places(near)
            found.append((a + number * PIECE, b + other))
            if sum(len(a) for a, _ in found) > TOGETHER:
                yield _joined(found)
                found = []
        if found:
            yield _joined(found)

    def _near(
        self,
        lefts: Sequence[Rounded | None],
        right: Rounded | None,
        least: float,
        room: npt.NDArray[np.bool_],
    ) -> npt.NDArray[np.bool_] | None:
        """Return which pairs may be near, in `room`, or None if the integers say too little."""
        if right is None:
            return None
        for number, left in enumerate(lefts):
            if left is None:
                return None
            near = room[number * PART : (number + 1) * PART]
            limit = least_product(left, right, least)
            # The product has no name: the next one takes its place in the cache.
            np.greater_equal(self._product(left, right), limit, out=near)
        return None if np.count_nonzero(room) > DENSE * room.size else room

    def _product(self, left: Rounded, right: Rounded) -> npt.NDArray[np.int32]:
        product: npt.NDArray[np.int32]
        product, *_ = self._session.run(None, {"left": left.integers, "right": right.integers})
        return product


def _joined(found: Sequence[Candidates]) -> Candidates:
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def _parts(rows: Embeddings, size: int) -> list[Embeddings]:
    return [rows[first : first + size] for first in range(0, len(rows), size)]


def rounded_products(rows: int, columns: int, dim: int) -> RoundedProducts | None:
    """Return what compares so many vectors with so many, or None where that is no faster, or cannot be."""
    if rows * columns * dim < LEAST_WORK or min(rows, columns) < FEWEST or dim > MOST_VALUES:
        return None
    try:
        from visualsearch_cli.onnx_sessions import new_session  # late: it takes as long to load as numpy

        return RoundedProducts(new_session(product_graph(), 1), _threads())
    except Exception:  # noqa: BLE001 - its errors have no class in common, and float32 answers the same
        return None


def _threads() -> int:
    """Return how many threads multiply: as many as those of numpy, if the environment says how many."""
    from visualsearch_cli.onnx_sessions import usable_cores  # late, as above

    asked = os.environ.get("OPENBLAS_NUM_THREADS", "")
    return min(int(asked) if asked.isdecimal() and int(asked) else usable_cores(), MOST_THREADS)


def round_left(rows: Embeddings) -> Rounded | None:
    """Return rows (n, dim) as the left side of a product, or None if they are not of unit length."""
    found = _rounded(rows, LEFT_LARGEST)
    if found is None:
        return None
    whole, *measures = found
    whole += ZERO
    return Rounded(whole.astype(np.uint8), *measures)


def round_right(rows: Embeddings) -> Rounded | None:
    """Return rows (n, dim) as the right side, one column each, or None if they are not of unit length."""
    found = _rounded(rows, RIGHT_LARGEST)
    if found is None:
        return None
    whole, *measures = found
    return Rounded(np.ascontiguousarray(whole.astype(np.int8).T), *measures)


def _rounded(rows: Embeddings, largest: int) -> tuple[npt.NDArray[np.float32], float, float, float] | None:
    """Return rows as whole numbers up to the largest, float32 (n, dim), then step, length and rest."""
    with np.errstate(all="ignore"):
        length = _longest(rows)
    if not length <= 1 + 2 * UNIT_TOLERANCE:  # nor is what holds a NaN
        return None
    step = np.float32(max(rows.max(), -rows.min(), np.float32(1e-3)) / np.float32(largest))
    whole = rows / step
    np.rint(whole, out=whole)
    rest = whole * step
    np.subtract(rows, rest, out=rest)
    longest = _longest(rest)
    # Whole numbers times the step, and what they leave, were rounded to 24 bits each.
    unsure = 2.0**-23 * (length + longest)
    return whole, float(step), length, longest + unsure


def _longest(rows: Embeddings) -> float:
    """Return the length of the longest row, or a little more: float32 rounds the sum of its squares."""
    squares = np.einsum("ij,ij->i", rows, rows)
    rounding = rows.shape[1] * 2.0**-23  # twice what a sum of so many squares can lose, in whatever order
    return math.sqrt(float(squares.max()) * (1 + rounding))


def least_product(left: Rounded, right: Rounded, least: float) -> int:
    """Return the least product of integers of two vectors whose product is `least` or more."""
    bound = left.rest * right.length + (left.length + left.rest) * right.rest + SLACK
    limit = math.ceil((least - bound) / (left.step * right.step))
    return min(max(limit, -(2**31)), 2**31 - 1)
