"""Approximate nearest-neighbor search with hnswlib, whose loader and searches trust whatever they get."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

from visualsearch_cli.errors import IndexCorrupt, IndexStoreError
from visualsearch_cli.vectors.checks import (
    VectorsRefused,
    check_ids,
    check_k,
    check_vectors,
)
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.graph_library import graph_library
from visualsearch_cli.vectors.graph_structure import examine, most_size
from visualsearch_cli.vectors.index import Embeddings, IndexParams, Neighbors, VectorIds

# Inner product: the order of "cosine" on unit vectors, without normalizing a copy of each of them again.
SPACE = "ip"

_BATCH = 4096  # vectors between two chances to interrupt


class HnswIndex:
    """A VectorIndex that finds nearly all neighbors after looking at a few vectors.

    With one thread, equal calls build equal graphs. With several, the order of insertion varies, and the
    graph with it. More equal vectors than `ef_construction` make an island of links that hides some of
    its members, and neighbors beyond it, from searches.
    """

    def __init__(self, dim: int, params: IndexParams, threads: int | None = None) -> None:
        """Make an empty index. `threads` None means one for each core.

        Raises GraphUnavailable if there is no hnswlib that runs here.
        """
        if dim < 1:
            raise ValueError(f"dim is {dim}, expected at least 1")
        if params.M < 2 or params.ef_construction < 1 or params.ef_search < 1:
            raise ValueError(f"{params}: expected M >= 2, ef_construction >= 1 and ef_search >= 1")
        self._dim = dim
        self._params = params
        self._threads = -1 if threads is None else threads
        self._ids: VectorIds = np.empty(0, dtype=np.int64)
        self._graph = graph_library().Index(SPACE, dim)
        self._graph.init_index(1, M=params.M, ef_construction=params.ef_construction)

    @classmethod
    def load(
        cls,
        path: Path,
        dim: int,
        count: int,
        params: IndexParams,
        checksum: str,
        threads: int | None = None,
    ) -> HnswIndex:
        """Load a saved index that has this checksum, dimension, number of vectors and M.

        Raises IndexCorrupt if the file is missing or is another one. hnswlib reads it only after its
        checksum was found right, and every number in it, too, since whoever made the file may have made the
        catalog that holds its checksum: a malformed one makes hnswlib read and write out of bounds. Raises
        GraphUnavailable if there is no hnswlib that runs here.
        """
        try:
            if (size := path.stat().st_size) > most_size(dim, count, params.M):  # before all of it is read
                raise _corrupt(path, f"has {size} bytes, as no graph of {count} vectors has")
            found = examine(path, dim, count, params, checksum)
        except FileNotFoundError as error:
            raise _corrupt(path, "is missing") from error
        except OSError as error:
            raise IndexStoreError(f"{path} cannot be read: {error.strerror or error}") from error
        if found.checksum != checksum:
            raise _corrupt(path, f"is damaged: its checksum is {found.checksum}, expected {checksum}")
        if found.problem:
            raise _corrupt(path, found.problem)
        index = cls(dim, params, threads)
        if count:
            index._graph = graph_library().Index(
                SPACE, dim
            )  # a fresh one: hnswlib warns of one already in use
            try:
                index._graph.load_index(_native(path), max_elements=count)
                index._ids = check_ids(found.ids, count, present=np.empty(0, dtype=np.int64))
            except (RuntimeError, OverflowError, VectorsRefused) as error:
                raise _corrupt(path, f"cannot be loaded ({error})") from error
        return index

    @property
    def dim(self) -> int:
        return self._dim

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, ids: VectorIds, vectors: Embeddings) -> None:
        vectors = check_vectors(vectors, self._dim)
        ids = check_ids(ids, len(vectors), self._ids)
        needed = len(self) + len(ids)
        try:
            if needed > self._graph.get_max_elements():
                # By half at least: each resize copies all vectors.
                self._graph.resize_index(max(needed, len(self) * 3 // 2))
            for start in range(0, len(ids), _BATCH):
                batch = slice(start, start + _BATCH)
                self._graph.add_items(vectors[batch], ids[batch], num_threads=self._threads)
                self._ids = np.concatenate([self._ids, ids[batch]])
        except RuntimeError as error:
            raise IndexCorrupt(f"{len(ids)} vectors could not be added: {error}") from error

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        check_k(k)
        queries = check_vectors(queries, self._dim)
        k = min(k, len(self))
        if k == 0 or len(queries) == 0:
            shape = (len(queries), k)
            return Neighbors(np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.float32))
        self._graph.set_ef(max(self._params.ef_search, k))
        try:
            labels, distances = self._graph.knn_query(queries, k, num_threads=self._threads)
        except RuntimeError:
            # Some query reached fewer than k vectors: where k is a large part of the index, or much of it
            # lies on an island. Comparing with every vector is right, and for such a k no slower.
            return self._exact().search(queries, k)
        ids = labels.astype(np.int64)
        distances = np.clip(distances, 0.0, 2.0)
        order = np.lexsort((ids, distances), axis=-1)
        return Neighbors(
            np.take_along_axis(ids, order, axis=-1), np.take_along_axis(distances, order, axis=-1)
        )

    def save(self, path: Path) -> None:
        """Write the index to exactly this path and flush it to the disk.

        Raises OSError if the file cannot be written, IndexStoreError if hnswlib did not write all of it.
        """
        path.touch()  # hnswlib would fail to create it without a word
        try:
            self._graph.save_index(_native(path))
        except RuntimeError as error:
            raise IndexStoreError(f"{path} could not be written: {error}") from error
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        written, expected = path.stat().st_size, self._graph.index_file_size()
        if written != expected:
            raise IndexStoreError(
                f"{path} has {written} of {expected} bytes: is there room left on the disk?"
            )

    def _exact(self) -> ExactIndex:
        vectors = np.asarray(self._graph.get_items(self._ids), dtype=np.float32)
        return ExactIndex.from_arrays(self._ids, vectors)


def _corrupt(path: Path, what: str) -> IndexCorrupt:
    return IndexCorrupt(f"{path} {what}. It only holds what can be built again from the catalog.")


def _native(path: Path) -> bytes:
    """Return the path as hnswlib opens it: narrow characters, which on Windows are the ANSI code page."""
    if sys.platform == "win32":
        try:
            return str(path).encode("mbcs", "strict")
        except UnicodeEncodeError as error:
            raise IndexStoreError(
                f"{path} has characters that hnswlib cannot open on Windows: use a folder without them"
            ) from error
    return os.fsencode(path)
