"""Stores for tests: Milvus Lite in a file, or the server that $VISUALSEARCH_MILVUS_URI names."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

SERVER = "VISUALSEARCH_MILVUS_URI"


def milvus_address(folder: Path, *, file: Path | None = None) -> str:
    """Return the address of a store that belongs to a folder of temporary files: in a file of its own, or in
    one that others share. Skips the test where there is no Milvus."""
    pytest.importorskip("pymilvus")
    collection = f"test_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    if server := os.environ.get(SERVER):
        return f"milvus:{server}?collection={collection}"
    pytest.importorskip("milvus_lite")
    return f"milvus:{file or folder / 'store.db'}?collection={collection}"
