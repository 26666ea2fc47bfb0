"""The contract of stores: the catalog of an index keeps it, and so does Milvus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contracts.catalog import MODEL
from tests.contracts.store import StoreContract
from tests.helpers.stores import milvus_address
from visualsearch_cli.index.carried.catalog_store import WritableCatalogStore
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.open import open_writer
from visualsearch_cli.store.address import parsed_address
from visualsearch_cli.store.port import Store
from visualsearch_cli.vectors.index import IndexParams


class TestCatalogStore(StoreContract):
    """The catalog of a local index keeps the contract."""

    @contextmanager
    def opened(self, folder: Path) -> Iterator[Store]:
        index = IndexFolder(folder / "index")
        with index.lock():
            if not index.exists():
                index.create(MODEL, None, IndexParams())
            with open_writer(index) as catalog:
                yield WritableCatalogStore(catalog)


@pytest.mark.slow
class TestMilvusStore(StoreContract):
    """Milvus keeps the contract: Milvus Lite, or the server that $VISUALSEARCH_MILVUS_URI names."""

    @contextmanager
    def opened(self, folder: Path) -> Iterator[Store]:
        from visualsearch_cli.store.milvus import MilvusStore

        store = MilvusStore(parsed_address(milvus_address(folder, file=folder.parent / "engine.db")))
        try:
            if not store.exists():
                store.create(MODEL, "2024-05-06T07:08:09+00:00")
            yield store
        finally:
            store.close()
