"""From a path to a query: what the index knows is not read or embedded again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from visualsearch_cli.catalog import Catalog
from visualsearch_cli.embedder import Embedder, Embeddings
from visualsearch_cli.errors import ImageError
from visualsearch_cli.image import ImageReader, ImageRecord
from visualsearch_cli.loading import hash_content, read_file
from visualsearch_cli.roots import place
from visualsearch_cli.searching import Query
from visualsearch_cli.transforms import Transforms, turned

NO_VECTORS = np.empty((0, 0), np.float32)


class QueryReader:
    """Turns paths into queries. An image that is in the index, by path or by content, needs no model."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Callable[[], Embedder],
        reader: Callable[[], ImageReader],
        transforms: Transforms,
        *,
        by_hash: bool = False,
    ) -> None:
        """With `by_hash`, queries have no vectors: who looks for equal bytes needs none."""
        self.catalog = catalog
        self.embedder = embedder
        self.reader = reader
        self.transforms = transforms
        self.by_hash = by_hash
        self._roots = catalog.roots()

    def read(self, path: Path) -> Query:
        """Return the query of one image.

        Raises ImageError if it cannot be read.
        """
        key = place(str(path), self._roots)
        record = self.catalog.image(key) if key else None
        id = record.id if record else None  # also of a changed file: it is no neighbor of itself
        known = record is not None and _is_unchanged(record)
        if record and known and self.by_hash:
            return Query(path, NO_VECTORS, record.content_hash, id)
        if record and known and self.transforms is Transforms.NONE:
            vector = self.catalog.content_vector(bytes.fromhex(record.content_hash))
            if vector is not None:
                return Query(path, vector, record.content_hash, id)
        try:
            _, data = read_file(str(path))
            content_hash = hash_content(data)
            vectors = NO_VECTORS if self.by_hash else self._vectors(data, content_hash)
            return Query(path, vectors, content_hash.hex(), id)
        except ImageError as error:
            raise type(error)(f"{path}: {error}") from error

    def _vectors(self, data: bytes, content_hash: bytes) -> Embeddings:
        if self.transforms is Transforms.NONE:
            known = self.catalog.content_vector(content_hash)
            if known is not None:
                return known
        embedder = self.embedder()
        pixels = self.reader().read(data, embedder.input_side).pixels
        ways = [np.ascontiguousarray(way) for way in turned(pixels, self.transforms)]
        return embedder.embed([embedder.prepare(way) for way in ways])


def _is_unchanged(record: ImageRecord) -> bool:
    """Tell whether a file is still as it was when it was indexed."""
    try:
        state = os.stat(record.path)
    except OSError:
        return False
    return (state.st_size, state.st_mtime_ns) == (record.size, record.mtime_ns)
