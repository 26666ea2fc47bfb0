"""Asks a store for the nearest contents, and takes in of it what a command comes upon.

The engine says which contents are near. These, and their files, are taken into a catalog in a temporary
folder, and everything else is asked there: by the same code, and with the same distances, as of a local
index.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.index.carried.catalog_store import WritableCatalogStore
from visualsearch_cli.index.open import OpenIndex
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.progress import UNHEARD, Messages
from visualsearch_cli.store.gathering import Placing, empty_index, place_in_store
from visualsearch_cli.store.memory_of_store import memory_of_store
from visualsearch_cli.store.milvus import MOST_HITS
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.index import Neighbors

if TYPE_CHECKING:
    from pathlib import Path

    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.index.records import Counts, FileKey, Filter
    from visualsearch_cli.pictures.image import ImageRecord
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.store.mounted import MountedRoots
    from visualsearch_cli.store.port import Store
    from visualsearch_cli.vectors.index import Embeddings


@contextmanager
def open_asked(
    store: Store,
    name: str,
    mounts: MountedRoots,
    choice: ModelChoice,
    decoding: Decoding,
    messages: Messages = UNHEARD,
) -> Iterator[OpenIndex]:
    """Open a store for questions about pictures. `name` is what it is remembered by."""
    manifest = store.manifest()
    with empty_index(manifest) as folder:
        catalog = AskedCatalog(folder.catalog_path, store, mounts)
        try:
            embedder = choice.of_index(manifest, folder.path, messages)
            yield OpenIndex(
                folder,
                catalog,
                embedder,
                decoding.reader(),
                decoding.threads,
                messages,
                memory=memory_of_store(name, manifest),
                engine=lambda filter: EngineIndex(catalog, store, filter),
            )
        finally:
            catalog.close()


class AskedCatalog(CatalogWriter):
    """A catalog that learns from a store what it is asked about."""

    def __init__(self, path: Path, store: Store, mounts: MountedRoots) -> None:
        """Open an empty catalog, and take in the roots of the store."""
        super().__init__(path)
        self._store = store
        self._mounts = mounts
        self.kept = WritableCatalogStore(self)
        self.kept.put_roots(map(mounts.here, store.roots()))
        self._placing = Placing(self.kept, mounts)
        self._asked: set[bytes] = set()
        self._total: Counts | None = None

    def fetch(self, hashes: Iterable[bytes]) -> None:
        """Take in some contents, and all files that have them."""
        new = set(hashes) - self._asked
        if not new:
            return
        self.kept.put_contents(list(self._store.contents(new)))
        self._placing.put(self._store.files_of(new))
        self._asked |= new

    def snapshot(self) -> AbstractContextManager[None]:
        """Let reads inside see what is taken in meanwhile: nobody else writes here."""
        return nullcontext()

    def counts(self, root_id: int | None = None) -> Counts:
        """Count what is in the store."""
        del root_id
        if self._total is None:
            self._total = self._store.counts()
        return self._total

    def has_files(self, place: FileKey) -> bool:
        """Tell whether the store knows of any file at a place or below it."""
        root, below = place_in_store(place, self.roots(), self._mounts)
        return next(self._store.files(root, below), None) is not None

    def content_id(self, content_hash: bytes) -> int | None:
        """Return the id of a content, or None if the store has none."""
        self.fetch([content_hash])
        return super().content_id(content_hash)

    def content_vector(self, content_hash: bytes) -> Embeddings | None:
        """Return the full frame's vector of a content, shape (1, dim), or None if the store has none."""
        self.fetch([content_hash])
        return super().content_vector(content_hash)

    def image(self, key: FileKey) -> ImageRecord | None:
        """Return the record of a present image."""
        file = self._store.file(*place_in_store(key, self.roots(), self._mounts))
        if file is not None and file.content is not None:
            self.fetch([file.content])
        return super().image(key)


class EngineIndex:
    """The contents of a store, searched by its engine. What it finds is in the catalog afterwards."""

    def __init__(self, catalog: AskedCatalog, store: Store, filter: Filter) -> None:
        """What the engine cannot check of a filter is left to who looks at the answers."""
        self._catalog = catalog
        self._store = store
        self._filter = filter
        self._count = catalog.counts().contents

    def __len__(self) -> int:
        """The number of contents of the store."""
        return self._count

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        """Find the k nearest contents of each query, float32 of shape (n, dim).

        Where a filter leaves fewer, the rest of a row is no content, infinitely far away.
        """
        hashes = self._all() if k > MOST_HITS else self._nearest(queries, k)
        self._catalog.fetch(hashes)
        ids, vectors = self._catalog.kept.vectors_of(hashes)
        rows, width = len(queries), min(k, self._count)
        found = Neighbors(np.zeros((rows, width), np.int64), np.full((rows, width), math.inf, np.float32))
        if len(ids):
            # Compared once more: distances are those of a local index, to the last bit.
            near = ExactIndex.from_arrays(ids, vectors).search(queries, min(width, len(ids)))
            found.ids[:, : near.ids.shape[1]] = near.ids
            found.distances[:, : near.ids.shape[1]] = near.distances
        return found

    def _nearest(self, queries: Embeddings, k: int) -> set[bytes]:
        return {hash_ for row in self._store.nearest(queries, k, self._filter) for hash_ in row}

    def _all(self) -> set[bytes]:
        """Return all contents: an engine gives no more than so many of the nearest."""
        return set(self._store.hashes())
