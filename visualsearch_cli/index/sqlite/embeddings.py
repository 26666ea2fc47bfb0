"""The vectors of a catalog: those of some ids, or all whose files are present."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from visualsearch_cli.errors import IndexCorrupt, IndexStoreError
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.records import FileKey, Frames, Manifest, StoredVectors
from visualsearch_cli.index.sqlite.database import BLOB, INTEGER, Database, damaged
from visualsearch_cli.index.sqlite.rows import OF_FRAMES, below
from visualsearch_cli.vectors.checks import VectorsRefused, check_vectors
from visualsearch_cli.vectors.index import FULL_BITS, Embeddings, number_type


class SqliteVectors:
    """Reads vectors from the tables, and from the block file what lies there ready."""

    def __init__(
        self, database: Database, path: Path, manifest: Callable[[], Manifest], table: str = "embeddings"
    ) -> None:
        """`manifest` is that of the model whose vectors lie in the table."""
        self._db = database
        self._table = table
        self._path = path
        self._manifest = manifest
        self._form: tuple[int, int] | None = None  # values and bits of each, read with the first vectors

    def every(self, after_id: int, frames: Frames, limit: int | None) -> StoredVectors:
        """Return the first vectors with a larger id, from the tables alone: the truth."""
        return self._stored(
            f"""SELECT e.id, e.content_id, e.region, e.vector FROM {self._table} e NOT INDEXED
            WHERE e.id > ? AND {OF_FRAMES[frames]} ORDER BY e.id LIMIT ?""",
            (after_id, -1 if limit is None else limit),
        )

    def present(self, within: FileKey | None, after_id: int, frames: Frames) -> StoredVectors:
        """Return the vectors with a larger id, of contents with a present file (below a place)."""
        block = self._manifest().block_of(frames)
        if block is None or after_id >= block.last_id:
            return self._present(within, after_id, frames)
        try:
            rows = BlockFolder(self._path.parent).open(block, *self._values())
            contents = self._present_contents(within)
            ids = np.ascontiguousarray(rows.ids)
            wanted = (ids > after_id) & np.isin(rows.content_ids, contents)
            stored = rows.part(wanted)
        except IndexStoreError:
            return self._present(within, after_id, frames)
        return _joined(stored, self._present(within, block.last_id, frames))

    def _present(self, within: FileKey | None, after_id: int, frames: Frames) -> StoredVectors:
        condition, parameters = ("1", ()) if within is None else below(within, "i")
        return self._stored(
            f"""SELECT e.id, e.content_id, e.region, e.vector FROM {self._table} e NOT INDEXED
            WHERE e.id > ? AND {OF_FRAMES[frames]} AND EXISTS (
                SELECT 1 FROM images i
                WHERE i.content_id = e.content_id AND i.missing = 0 AND {condition})
            ORDER BY e.id""",
            (after_id, *parameters),
        )

    def _present_contents(self, within: FileKey | None) -> np.ndarray[Any, np.dtype[np.int64]]:
        condition, parameters = ("1", ()) if within is None else below(within, "i")
        rows = self._db.table(
            "images",
            {"content_id": INTEGER},
            f"SELECT DISTINCT i.content_id FROM images i WHERE i.missing = 0 AND {condition}",
            parameters,
        )
        return np.fromiter(chain.from_iterable(rows), np.int64, len(rows))

    def _stored(self, sql: str, parameters: Sequence[Any]) -> StoredVectors:
        columns = {"id": INTEGER, "content_id": INTEGER, "region": INTEGER, "vector": BLOB}
        rows = self._db.table(self._table, columns, sql, parameters)
        ids, contents, regions = (
            np.fromiter((row[column] for row in rows), np.int64, len(rows)) for column in range(3)
        )
        return StoredVectors(ids, contents, regions, self.matrix([row[3] for row in rows]))

    def matrix(self, blobs: list[bytes]) -> Embeddings:
        """Return stored vectors as rows, float32 (n, dim).

        Raises IndexCorrupt if they have other numbers of values, or are no unit vectors.
        """
        dim, bits = self._values()
        joined = b"".join(blobs)
        if 8 * len(joined) != len(blobs) * dim * bits:
            kind = "float32" if bits == FULL_BITS else f"int{bits}"
            raise IndexCorrupt(
                f"{self._path} holds vectors that are not {dim} {kind} values long: index again "
                "into a new folder"
            )
        numbers = np.frombuffer(joined, number_type(bits)).reshape(len(blobs), dim)
        try:
            if bits != FULL_BITS:
                from visualsearch_cli.vectors.stored_values import values_of  # late: few indexes round

                return check_vectors(values_of(numbers), dim)
            return check_vectors(numbers.astype(np.float32, copy=False), dim)
        except VectorsRefused as error:
            raise damaged(self._path, str(error)) from error

    def _values(self) -> tuple[int, int]:
        """Return how many values a vector has, and how many bits each."""
        if self._form is None:
            manifest = self._manifest()
            self._form = manifest.model.dim, manifest.bits
        return self._form


def _joined(one: StoredVectors, other: StoredVectors) -> StoredVectors:
    if not len(other.ids):
        return one
    return StoredVectors(
        np.concatenate([one.ids, other.ids]),
        np.concatenate([one.content_ids, other.content_ids]),
        np.concatenate([one.regions, other.regions]),
        np.concatenate([one.vectors, other.vectors]),
    )
