"""Vectors as an index keeps them: in float32, or rounded to whole numbers of 16 or 8 bits a value.

Of a vector v the numbers q = round(v * largest / max|v|) are kept, where `largest` is 32,767 or 127, and what
is read is q / |q|: of unit length, as v is, so that no factor has to be kept with it. In the place of the
largest value stands ± `largest`. So to round again what was read gives the same numbers, and numbers without
such a value are none of ours.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from visualsearch_cli.vectors.checks import VectorsRefused
from visualsearch_cli.vectors.index import FULL_BITS, Embeddings, number_type

Numbers: TypeAlias = "npt.NDArray[np.int8] | npt.NDArray[np.int16] | npt.NDArray[np.float32]"
"""Vectors as they are kept, of shape (n, dim)."""

_PIECE = 2_048  # rows made float32 at once: two megabytes with 256 values stay in the processor's cache


def to_stored(vectors: Embeddings, bits: int) -> Numbers:
    """Return vectors, float32 (n, dim), as they are kept. Raises VectorsRefused for what cannot be rounded:
    values that are not finite, or none but zeros."""
    if bits == FULL_BITS:
        return vectors.astype(number_type(bits), copy=False)
    peaks = np.abs(vectors).max(axis=1, keepdims=True)
    if not ((peaks > 0) & np.isfinite(peaks)).all():
        raise VectorsRefused("a vector has values that are not finite, or none but zeros")
    numbers: Numbers = np.rint(vectors * (_largest(bits) / peaks)).astype(number_type(bits))
    return numbers


def values_of(numbers: Numbers) -> Embeddings:
    """Return vectors as they were kept, (n, dim), as float32. Raises VectorsRefused if rounded ones are not
    as `to_stored` makes them; float32 is not looked at."""
    if numbers.dtype.kind == "f":
        return numbers.astype(np.float32, copy=False)
    if problem := problem_of(numbers):
        raise VectorsRefused(problem)
    return times(numbers, scales_of(numbers))


def problem_of(numbers: Numbers) -> str | None:
    """Return which vector that was rounded, of (n, dim), is not as `to_stored` makes them, if any."""
    largest = _largest(8 * numbers.itemsize)
    low, high = numbers.min(axis=1).astype(np.int64), numbers.max(axis=1).astype(np.int64)
    peaks = np.maximum(-low, high)
    if (bad := np.flatnonzero(peaks != largest)).size:
        row = int(bad[0])
        return f"the largest number of vector {row} of {len(peaks)} is {peaks[row]}, expected {largest}"
    return None


def scales_of(numbers: Numbers) -> npt.NDArray[np.float32]:
    """Return 1 / |q| of each row of numbers, float32 (n,). The sum is exact, in whatever order it is made."""
    squares = np.einsum("ij,ij->i", numbers, numbers, dtype=np.float64)
    with np.errstate(divide="ignore"):
        scales: npt.NDArray[np.float32] = (1.0 / np.sqrt(squares)).astype(np.float32)
    return scales


def times(numbers: Numbers, scales: npt.NDArray[np.float32]) -> Embeddings:
    """Return rows of numbers, (n, dim), times their scales, (n,), as float32."""
    return np.multiply(numbers, scales[:, np.newaxis], dtype=np.float32)


class RoundedRows:
    """Vectors that were rounded, (n, dim), where they lie: what is looked at becomes float32 for then."""

    def __init__(self, numbers: Numbers, scales: npt.NDArray[np.float32]) -> None:
        """Take numbers, (n, dim), with what they are multiplied by, (n,). Rows may lie apart."""
        self._numbers = numbers
        self._scales = scales
        self.shape = numbers.shape

    def __len__(self) -> int:
        """The number of vectors."""
        return len(self._numbers)

    def __getitem__(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Embeddings:
        """Return some of them, as float32."""
        return times(self._numbers[rows], self._scales[rows])

    def products(self, queries: Embeddings, start: int, columns: int) -> Embeddings:
        """Return the products of queries, (q, dim), with `columns` vectors, or what is left of them, from one
        on, (q, columns)."""
        stop = min(start + columns, len(self))
        found = np.empty((len(queries), stop - start), np.float32)
        room = np.empty((_PIECE, self.shape[1]), np.float32)
        for first in range(start, stop, _PIECE):
            last = min(first + _PIECE, stop)
            piece = room[: last - first]
            np.copyto(piece, self._numbers[first:last])
            np.matmul(queries, piece.T, out=found[:, first - start : last - start])
        found *= self._scales[start:stop]
        return found


def _largest(bits: int) -> int:
    return int(2 ** (bits - 1) - 1)
