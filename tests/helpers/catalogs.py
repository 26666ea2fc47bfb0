"""Empty catalogs for tests: real ones, of SQLite."""

from __future__ import annotations

from pathlib import Path

from tests.contracts.catalog import MANIFEST
from visualsearch_cli.index.records import Manifest
from visualsearch_cli.index.sqlite.database import create
from visualsearch_cli.index.sqlite.rows import manifest_rows
from visualsearch_cli.index.writer import CatalogWriter


def new_catalog(folder: Path, manifest: Manifest = MANIFEST) -> CatalogWriter:
    """Make the folder of an index with a catalog that knows nothing, and open it. Close it after use."""
    path = folder / "catalog.sqlite"
    path.parent.mkdir()
    create(path, manifest_rows(manifest))
    return CatalogWriter(path)
