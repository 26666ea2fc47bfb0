"""What `index --store` does beside indexing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.cli.output.console import RichProgress, note
from visualsearch_cli.cli.storing.named_store import given_address, mounts_given, opened_store, refuse
from visualsearch_cli.index.open import open_reader
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder


class StoreBeside:
    """The store that an index is pushed into."""

    def __init__(
        self, text: str, map_: Sequence[str] | None, *, thorough: bool, dim: bool, models: int
    ) -> None:
        """Take what --store and --map say. Raises BadParameter, also for an index that no store can hold."""
        why = "a store holds the full frames of one model"
        refuse({"--thorough": thorough, "--dim": dim, "a second --model": models > 1}, why)
        self._address = given_address(text)
        self._mounts = mounts_given(map_)

    def check(self, folder: IndexFolder) -> None:
        """Refuse what could not be pushed at the end, before anything is embedded.

        Raises IndexIncompatible, and IndexStoreError if the store cannot be reached.
        """
        from visualsearch_cli.store.pushing import check_carried, check_same_model

        with opened_store(self._address) as store:
            if not folder.exists():
                return
            with open_reader(folder) as catalog:
                manifest = catalog.manifest()
            check_carried(manifest, folder.path)
            if store.exists():
                check_same_model(manifest, folder.path, store.manifest(), self._address.text)

    def push(self, folder: IndexFolder) -> None:
        """Bring the store up to date with an index. Raises what `check` does."""
        from visualsearch_cli.index.carried.catalog_store import CatalogStore
        from visualsearch_cli.store.pushing import check_carried, check_same_model, push

        with opened_store(self._address) as store, open_reader(folder) as catalog:
            manifest = catalog.manifest()
            check_carried(manifest, folder.path)
            if not store.exists():
                store.create(manifest.model, manifest.created)
            check_same_model(manifest, folder.path, store.manifest(), self._address.text)
            written = push(CatalogStore(catalog), store, self._mounts, RichProgress())
        note(
            f"{self._address.text}: {counted(written.files, 'file')} and "
            f"{counted(written.contents, 'content')} written, {written.unchanged} unchanged"
        )
