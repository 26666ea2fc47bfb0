"""The rows of a block file, mapped into memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visualsearch_cli.errors import IndexCorrupt
from visualsearch_cli.index.records import StoredVectors
from visualsearch_cli.vectors.checks import VectorsRefused, check_ids, check_k, check_vectors, distances_of
from visualsearch_cli.vectors.exact import Mask, Products, Rows, nearest
from visualsearch_cli.vectors.index import FULL_BITS, Embeddings, Neighbors, VectorIds, number_type

HEAD = 32  # bytes of a row before its vector
SCALE = "scale"
CHUNK = 4_096  # rows copied at once


def row_type(dim: int, bits: int = FULL_BITS) -> np.dtype[np.void]:
    """Return the layout of a row: its id, what it shows, the checksum of its vector, the vector; and before
    one that is rounded, what its numbers are multiplied by."""
    kind = np.dtype(number_type(bits))
    names = ["id", "content_id", "region", "crc32", "vector"]
    formats = ["<i8", "<i8", "<i4", "<u4", (kind, dim)]
    offsets = [0, 8, 16, 20, HEAD]
    itemsize = HEAD + kind.itemsize * dim
    if bits != FULL_BITS:
        names, formats, offsets = [*names, SCALE], [*formats, "<f4"], [*offsets, 24]
        itemsize = -(-itemsize // 8) * 8  # ids lie where processors read them at once
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": itemsize})


class VectorBlock:
    """The committed rows of a block file, mapped into memory: only what is looked at is read.

    Searchable: each query is compared with every vector.
    """

    def __init__(self, path: Path, rows: npt.NDArray[np.void]) -> None:
        self.path = path
        self._rows = rows
        self.ids: VectorIds = rows["id"]
        self.content_ids: npt.NDArray[np.int64] = rows["content_id"]
        self.regions: npt.NDArray[np.int32] = rows["region"]
        self._numbers = rows["vector"]  # as they are kept
        self.vectors: Embeddings | Rows = self._numbers
        self._is_rounded = SCALE in (rows.dtype.names or ())
        if self._is_rounded:
            from visualsearch_cli.vectors.stored_values import RoundedRows  # late: few indexes round

            self.vectors = RoundedRows(self._numbers, rows[SCALE])
        self._crc32: npt.NDArray[np.uint32] = rows["crc32"]
        self.products: Products | None = None  # of the last search, if they are to be kept for the next

    @property
    def dim(self) -> int:
        """The number of values of a vector."""
        return int(self._numbers.shape[1])

    def __len__(self) -> int:
        """The number of vectors held."""
        return len(self.ids)

    def search(self, queries: Embeddings, k: int, mask: Mask | None = None) -> Neighbors:
        """Find the k nearest vectors of each query. With a mask, (n,), only rows that it lets through count,
        which are at least k.

        Raises IndexCorrupt if a vector that was found is not what was written, or any is no unit vector.
        """
        check_k(k)
        queries = check_vectors(queries, self.dim)
        rows = np.arange(len(self))  # in the order of their ids: what ties by row ties by id
        try:
            found = nearest(rows, self.vectors, queries, k, mask, self.products)
        except VectorsRefused as error:
            raise damaged(self.path, str(error)) from error
        self.check(np.unique(found.ids).tolist())
        return Neighbors(self.ids[found.ids], found.distances)

    def measured(self, found: Neighbors, queries: Embeddings) -> Neighbors:
        """Return neighbors, all of which are in this block, with the distances that exact search gives.

        hnswlib sums in float32, in an order of its own: the sixth digit of a distance differs.
        """
        rows = np.searchsorted(self._sorted_ids, found.ids.ravel())
        if not (np.take(self._sorted_ids, rows, mode="clip") == found.ids.ravel()).all():
            raise damaged(self.path, "it lacks vectors of the graph")
        self.check(np.unique(rows).tolist())
        which = np.repeat(np.arange(len(queries)), found.ids.shape[1])
        distances = distances_of(self.vectors, rows, queries, which).reshape(found.ids.shape)
        order = np.lexsort((found.ids, distances), axis=-1)
        return Neighbors(
            np.take_along_axis(found.ids, order, axis=-1), np.take_along_axis(distances, order, axis=-1)
        )

    @cached_property
    def _sorted_ids(self) -> VectorIds:
        return np.ascontiguousarray(self.ids)

    def check(self, rows: Iterable[int]) -> None:
        """Raise IndexCorrupt if one of these rows is not what was written."""
        for row in rows:
            if zlib.crc32(self._numbers[row].tobytes()) != self._crc32[row]:
                raise damaged(self.path, f"vector {self.ids[row]} does not match its checksum")
            if self._is_rounded and not self._has_its_scale(row):
                raise damaged(self.path, f"the length of vector {self.ids[row]} is not what is written")

    def _has_its_scale(self, row: int) -> bool:
        from visualsearch_cli.vectors.stored_values import scales_of

        return bool(self._rows[SCALE][row] == scales_of(self._numbers[row : row + 1])[0])

    def rows_with(self, ids: VectorIds) -> npt.NDArray[np.intp]:
        """Return the rows of ids, (n,), in their order; those that are not here are left out.

        Halving looks at twenty rows of a million: to have all ids in one piece, each page has to be read.
        """
        wanted = np.sort(ids)
        low, high = np.zeros(len(wanted), np.intp), np.full(len(wanted), len(self), np.intp)
        while (is_open := low < high).any():
            middle = (low + high) // 2
            is_beyond = self.ids[np.minimum(middle, len(self) - 1)] < wanted
            low = np.where(is_open & is_beyond, middle + 1, low)
            high = np.where(is_open & ~is_beyond, middle, high)
        rows: npt.NDArray[np.intp] = low[low < len(self)]  # of the first ids: they rise
        is_here: Mask = self.ids[rows] == wanted[: len(rows)]
        return np.compress(is_here, rows)

    def part(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.intp] | slice) -> StoredVectors:
        """Return a copy of some rows. Raises IndexCorrupt if their vectors are not of unit length."""
        here = np.arange(len(self))[rows]
        vectors = np.empty((len(here), self.dim), np.float32)
        ids, contents, regions = (np.empty(len(here), np.int64) for _ in range(3))
        for start in range(0, len(here), CHUNK):
            chunk = slice(start, start + CHUNK)
            some = self._rows[here[chunk]]  # whole rows at once: ten times as fast as their values
            vectors[chunk], ids[chunk] = some["vector"], some["id"]
            if self._is_rounded:
                vectors[chunk] *= some[SCALE][:, np.newaxis]
            contents[chunk], regions[chunk] = some["content_id"], some["region"]
        try:
            check_vectors(vectors, self.dim)
            check_ids(ids, len(vectors), np.empty(0, np.int64))
        except VectorsRefused as error:
            raise damaged(self.path, str(error)) from error
        return StoredVectors(ids, contents, regions, vectors)


class MaskedBlock:
    """Some rows of a block. Few are copied, of many the others are passed over."""

    def __init__(self, block: VectorBlock, mask: Mask) -> None:
        """Rows that the mask, (n,), lets through."""
        self._block = block
        self._mask = mask
        self._count = int(mask.sum())

    def __len__(self) -> int:
        """The number of vectors held."""
        return self._count

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        """Find the k nearest vectors of each query, as a VectorBlock does."""
        return self._block.search(queries, min(k, self._count), self._mask)


def damaged(path: Path, what: str) -> IndexCorrupt:
    """Say what is wrong with a block file, and that nothing is lost."""
    return IndexCorrupt(
        f"{path} is damaged ({what}). Nothing is lost: `visualsearch check --repair` writes it again"
    )


def rows_of(stored: StoredVectors, layout: np.dtype[np.void]) -> npt.NDArray[np.void]:
    """Return vectors as rows of a block."""
    rows = np.zeros(len(stored.ids), layout)
    rows["id"], rows["content_id"], rows["region"] = stored.ids, stored.content_ids, stored.regions
    if SCALE in (layout.names or ()):
        from visualsearch_cli.vectors.stored_values import scales_of, to_stored

        rows["vector"] = to_stored(stored.vectors, 8 * layout["vector"].base.itemsize)
        rows[SCALE] = scales_of(rows["vector"])
    else:
        rows["vector"] = stored.vectors
    rows["crc32"] = np.fromiter((zlib.crc32(row) for row in rows["vector"]), np.uint32, len(rows))
    return rows
