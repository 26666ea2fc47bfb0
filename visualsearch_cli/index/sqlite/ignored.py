"""What the user decided about groups, in the catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from visualsearch_cli.errors import IndexStoreError
from visualsearch_cli.index.records import Decision, Pictures
from visualsearch_cli.index.sqlite.database import BLOB, INTEGER, TEXT, Database, Types, Writer, rows_since

REVIEW_SINCE = 3  # the format of the catalog that has the tables


class IgnoredPictures:
    """Keeps decisions, and the groups of the last run, which a decision may be about."""

    def __init__(self, path: Path, writer: Writer) -> None:
        self._path = path
        self._writer = writer

    def decisions(self) -> list[Decision]:
        """Return all decisions, oldest first."""
        pictures: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
        columns = {"id": INTEGER, "created": TEXT, "hash": BLOB, "files": INTEGER}
        for id, created, content_hash, files in self._rows(
            "ignored",
            columns,
            """SELECT i.id, i.created, c.hash, c.files FROM ignored i
            JOIN ignored_contents c ON c.ignored_id = i.id ORDER BY i.id, c.hash""",
        ):
            pictures[id, created][content_hash.hex()] = files
        return [Decision(id, created, its) for (id, created), its in pictures.items()]

    def ignore(self, pictures: Pictures, created: str) -> int:
        """Remember a decision; return its id."""
        with self._writable() as database, database.transaction():
            id = int(database.run("INSERT INTO ignored (created) VALUES (?)", (created,)).lastrowid or 0)
            database.run_many(
                "INSERT INTO ignored_contents (ignored_id, hash, files) VALUES (?, ?, ?)",
                ((id, bytes.fromhex(content_hash), files) for content_hash, files in pictures.items()),
            )
        return id

    def forget(self, ids: Sequence[int] | None) -> int:
        """Forget decisions, or all of them; return how many there were."""
        with self._writable() as database, database.transaction():
            if ids is None:
                return database.run("DELETE FROM ignored").rowcount
            return sum(database.run("DELETE FROM ignored WHERE id = ?", (id,)).rowcount for id in ids)

    def last_group(self, id: str) -> Pictures | None:
        """Return the pictures of a group of the last run."""
        columns = {"hash": BLOB, "files": INTEGER}
        sql = "SELECT hash, files FROM last_groups WHERE group_id = ?"
        rows = self._rows("last_groups", columns, sql, (id,))
        return {content_hash.hex(): files for content_hash, files in rows} or None

    def remember_groups(self, groups: Mapping[str, Pictures]) -> None:
        """Remember the groups of a run, by id, in place of those before, if that is possible here."""
        rows = (
            (id, bytes.fromhex(content_hash), files)
            for id, pictures in groups.items()
            for content_hash, files in pictures.items()
        )
        with suppress(IndexStoreError), self._writer() as database:
            if database is not None:
                with database.transaction():
                    database.run("DELETE FROM last_groups")
                    database.run_many("INSERT OR REPLACE INTO last_groups VALUES (?, ?, ?)", rows)

    def _rows(
        self, table: str, columns: Mapping[str, Types], sql: str, parameters: Sequence[Any] = ()
    ) -> list[Any]:
        return rows_since(self._path, REVIEW_SINCE, table, columns, sql, parameters)

    @contextmanager
    def _writable(self) -> Iterator[Database]:
        with self._writer() as database:
            assert database is not None  # who decides needs it, and was told why it cannot be
            yield database
