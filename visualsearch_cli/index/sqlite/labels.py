"""What people call pictures, in the catalog: names by content, so that a name outlives moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from visualsearch_cli.index.sqlite.database import BLOB, TEXT, Database, Writer, rows_since
from visualsearch_cli.index.sqlite.filters import FACTS_SINCE


class Labels:
    """The labels of contents."""

    def __init__(self, path: Path, writer: Writer) -> None:
        self._path = path
        self._writer = writer

    def of_contents(self) -> dict[str, tuple[str, ...]]:
        """Map content hashes, hexadecimal, to their labels, each sorted."""
        columns = {"hash": BLOB, "label": TEXT}
        sql = "SELECT hash, label FROM labels ORDER BY label"
        found: dict[str, list[str]] = defaultdict(list)
        for content_hash, label in rows_since(self._path, FACTS_SINCE, "labels", columns, sql):
            found[content_hash.hex()].append(label)
        return {content_hash: tuple(names) for content_hash, names in found.items()}

    def add(self, labels: Mapping[str, Iterable[str]]) -> int:
        """Give contents, by their hashes, labels. Returns how many are new."""
        return self._changed("INSERT OR IGNORE INTO labels (label, hash) VALUES (?, ?)", labels)

    def remove(self, labels: Mapping[str, Iterable[str]]) -> int:
        """Take labels away from contents. Returns how many there were."""
        return self._changed("DELETE FROM labels WHERE label = ? AND hash = ?", labels)

    def forget(self, label: str) -> int:
        """Take a label away from all contents. Returns how many had it."""
        with self._writable() as database, database.transaction():
            return database.run("DELETE FROM labels WHERE label = ?", (label,)).rowcount

    def _changed(self, sql: str, labels: Mapping[str, Iterable[str]]) -> int:
        rows = [(name, bytes.fromhex(hash_)) for hash_, names in labels.items() for name in names]
        with self._writable() as database, database.transaction():
            return database.run_many(sql, rows) if rows else 0

    @contextmanager
    def _writable(self) -> Iterator[Database]:
        with self._writer() as database:
            assert database is not None  # who names pictures needs it, and was told why it cannot be
            yield database
