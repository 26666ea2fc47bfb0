"""Checks on vectors, ids and files before an index, or native code, sees them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from visualsearch_cli.vectors.index import Embeddings, VectorIds

if TYPE_CHECKING:
    from visualsearch_cli.vectors.exact import Rows

_MEASURED_ROWS = 256  # held in float64 at once: what stays in the processor's cache is measured twice as fast
_CHUNK = 1024**2  # bytes

UNIT_TOLERANCE = 1e-3
"""How far from 1 the length of a vector may be."""


class VectorsRefused(ValueError):
    """Vectors, ids or a k that no index takes. Where they come from a file, it is damaged."""


def check_vectors(vectors: npt.NDArray[Any], dim: int) -> Embeddings:
    """Return vectors, float32 of shape (n, dim), rows of unit length, C-contiguous.

    They are copied only if they were not contiguous.

    Raises VectorsRefused for another dtype, shape or length, and for values that are not finite.
    """
    if vectors.dtype != np.float32:
        raise VectorsRefused(f"vectors are {vectors.dtype}, expected float32")
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise VectorsRefused(f"vectors have shape {vectors.shape}, expected (n, {dim})")
    # A NaN or an infinity anywhere makes the length of its row one too, so a single pass finds all.
    with np.errstate(all="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    bad = np.flatnonzero(~(np.abs(lengths - 1.0) <= UNIT_TOLERANCE))
    if bad.size:
        row = int(bad[0])
        if not np.isfinite(vectors[row]).all():
            raise VectorsRefused(f"vector {row} of {len(vectors)} holds values that are not finite")
        raise VectorsRefused(
            f"vector {row} of {len(vectors)} has length {lengths[row]:.6g}, "
            f"expected 1 to within {UNIT_TOLERANCE:g}"
        )
    return np.ascontiguousarray(vectors)


def check_ids(ids: npt.NDArray[Any], n: int, present: VectorIds) -> VectorIds:
    """Return ids, int64 of shape (n,), positive, distinct and not among those present, C-contiguous.

    Raises VectorsRefused for anything else.
    """
    if ids.dtype != np.int64:
        raise VectorsRefused(f"ids are {ids.dtype}, expected int64")
    if ids.shape != (n,):
        raise VectorsRefused(f"ids have shape {ids.shape}, expected ({n},), one for each vector")
    if n and ids.min() < 1:
        raise VectorsRefused(f"id {ids.min()} is not positive, ids start at 1")
    if not len(present) and (np.diff(ids) > 0).all():  # as all that are read from a file: nothing is sorted
        return np.ascontiguousarray(ids)
    values, counts = np.unique(ids, return_counts=True)
    if len(values) != n:
        raise VectorsRefused(f"id {values[counts > 1][0]} is given {counts.max()} times, expected once")
    known = np.isin(values, present)
    if known.any():
        raise VectorsRefused(f"id {values[known][0]} is already among the {len(present)} ids present")
    return np.ascontiguousarray(ids)


def file_checksum(path: Path) -> str:
    """Return the BLAKE2b checksum of a file, 32 bytes as hexadecimal digits.

    It is read, and not mapped: pages of a mapped file would count as memory beside the graph that was just
    written to it.
    """
    part = memoryview(bytearray(_CHUNK))
    with path.open("rb", buffering=0) as file:
        return _checksum(part[:read] for read in iter(lambda: file.readinto(part), 0))


def checksum_of(content: bytes | memoryview) -> str:
    """Return the BLAKE2b checksum of some bytes, 32 bytes as hexadecimal digits."""
    return _checksum(content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK))


def _checksum(parts: Iterable[bytes | memoryview]) -> str:
    """Return the checksum of parts that are small: whoever interrupts does not wait for all of it."""
    import hashlib  # late: a query that compares every vector has no need of it

    digest = hashlib.blake2b(digest_size=32)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def check_k(k: int) -> None:
    """Raise VectorsRefused unless k neighbors can be asked for."""
    if k < 1:
        raise VectorsRefused(f"k is {k}, expected at least 1")


def distances_of(
    vectors: Embeddings | Rows,
    rows: npt.NDArray[np.intp],
    queries: Embeddings,
    which: npt.NDArray[np.intp],
) -> npt.NDArray[np.float32]:
    """Return the cosine distances, float32 (n,), of n pairs of a row of vectors and a row of queries.

    Equal vectors get equal distances, whoever asks: summed in float64, pair by pair, and not by a matrix
    product, whose rounding depends on the place of a row in it.
    """
    found = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), _MEASURED_ROWS):
        part = slice(start, start + _MEASURED_ROWS)
        wide = vectors[rows[part]].astype(np.float64)
        wide *= queries[which[part]]
        found[part] = np.clip(1.0 - wide.sum(axis=1), 0.0, 2.0)
    return found
