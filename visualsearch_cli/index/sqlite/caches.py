"""Tables of the catalog that are caches, at their best: what cannot be read or kept is found out again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from visualsearch_cli.errors import IndexStoreError
from visualsearch_cli.index.sqlite.database import Database, Writer

PATIENCE_MS = 2000  # a cache is not worth a long wait

K = TypeVar("K")
V = TypeVar("V")


def recall(path: Path, read: Callable[[Database], dict[K, V]]) -> dict[K, V]:
    """Return what is read of a catalog, nothing if it cannot be."""
    try:
        database = Database(path, writable=False)
        try:
            return read(database)
        finally:
            database.close()
    except IndexStoreError:  # the index is older than the table, or damaged: whoever needs it says so
        return {}


def remember(writer: Writer, table: str, version: str, write: Callable[[Database], None]) -> None:
    """Write to a table, where that can be, and forget its rows of other versions."""
    with suppress(IndexStoreError), writer() as database:
        if database is not None:
            database.run(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            with database.transaction():
                database.run(f"DELETE FROM {table} WHERE version <> ?", (version,))
                write(database)
