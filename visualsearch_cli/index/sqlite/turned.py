"""Vectors of turned pictures, in the catalog."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from visualsearch_cli.errors import IndexStoreError
from visualsearch_cli.index.records import Turned
from visualsearch_cli.index.sqlite.database import ANY, INTEGER, Writer, rows_since
from visualsearch_cli.index.sqlite.rows import SECOND, vector_blob
from visualsearch_cli.vectors.checks import VectorsRefused
from visualsearch_cli.vectors.index import FULL_BITS, Embeddings, number_type
from visualsearch_cli.vectors.pairs import Nodes
from visualsearch_cli.vectors.stored_values import to_stored, values_of

TURNED_SINCE = 3  # the format of the catalog that has the table


class SqliteTurned:
    """A TurnedStore. It is a cache: what is damaged is made again, what cannot be written is not kept."""

    def __init__(
        self, path: Path, dim: int, writer: Writer, *, second: bool = False, bits: int = FULL_BITS
    ) -> None:
        """Keep vectors of the first model of an index, or of the second, with so many bits a value."""
        self._path = path
        self._dim = dim
        self._bits = bits
        self._writer = writer
        self._table = f"{SECOND}turned" if second else "turned"

    def load(self, way: int) -> tuple[Nodes, Embeddings]:
        """Return the content ids, int64 (n,), and vectors, float32 (n, dim), of one way."""
        sql = f"SELECT content_id, crc32, vector FROM {self._table} WHERE way = ?"
        columns = {"content_id": INTEGER, "crc32": ANY, "vector": ANY}
        rows = rows_since(self._path, TURNED_SINCE, self._table, columns, sql, (way,))
        size = self._dim * self._bits // 8
        whole = [
            (content, vector)
            for content, crc32, vector in rows
            if isinstance(vector, bytes) and len(vector) == size and zlib.crc32(vector) == crc32
        ]
        joined = b"".join(vector for _, vector in whole)
        numbers = np.frombuffer(joined, number_type(self._bits)).reshape(-1, self._dim)
        try:
            vectors = values_of(numbers)
        except VectorsRefused:
            return np.empty(0, np.int64), np.empty((0, self._dim), np.float32)
        return np.array([content for content, _ in whole], np.int64), vectors

    def as_kept(self, vectors: Embeddings) -> Embeddings:
        """Return vectors, (n, dim), as `load` will: a run says the same before they are stored and after."""
        return values_of(to_stored(vectors, self._bits))

    def save(self, found: Sequence[Turned]) -> None:
        """Keep vectors, in one transaction, if that is possible here."""
        if not found:
            return
        with suppress(IndexStoreError), self._writer() as database:
            if database is not None:
                with database.transaction():
                    database.run_many(
                        f"""INSERT OR REPLACE INTO {self._table} (content_id, way, vector, crc32)
                        SELECT id, ?, ?, ? FROM contents WHERE id = ?""",
                        ((way, *vector_blob(vector, self._bits), content) for content, way, vector in found),
                    )
