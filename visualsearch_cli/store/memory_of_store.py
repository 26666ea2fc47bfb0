"""What this machine found out about pictures of a store, kept in the state folder of the user."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from visualsearch_cli.atomic import state_folder
from visualsearch_cli.errors import IndexStoreError
from visualsearch_cli.index.folder import IndexFolder

if TYPE_CHECKING:
    from visualsearch_cli.index.records import Manifest

PLACE = "stores"

README = """\
Here visualsearch keeps what it found out about pictures of a store: the pairs that were compared, and the
groups of the last `visualsearch dupes --store`. Deleting this folder only costs the time to compare them
again.
"""


def memory_of_store(name: str, manifest: Manifest) -> IndexFolder | None:
    """Return the memory of a store, which is made if there is none; None if that cannot be."""
    digest = hashlib.sha256(f"{name}\0{manifest.created}\0{manifest.model}".encode()).hexdigest()[:32]
    try:
        found = IndexFolder(state_folder() / PLACE / digest)
        if not found.exists():
            with found.lock():
                found.create(manifest.model, None, manifest.params, README)
    except (OSError, IndexStoreError):
        return None
    return found
