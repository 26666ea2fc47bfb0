"""What was found out about contents while judging pairs, kept in the catalog: it saves the next run time.

A cache at its best: where the catalog may not be written, or another process writes, nothing is kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from visualsearch_cli.index.sqlite.caches import recall, remember
from visualsearch_cli.index.sqlite.database import Database, Writer
from visualsearch_cli.index.sqlite.rows import chunks
from visualsearch_cli.verdicts.comparison import LocalFeatures, Traits

MOST = 3000  # contents, of up to 68 kB each: 200 MB at most
POINT = 8  # bytes
DESCRIPTOR = 128

UPSERT = """INSERT OR REPLACE INTO traits (content_id, version, pixel_hash, features, crc32)
    SELECT id, ?, ?, ?, ? FROM contents WHERE hash = ? AND (
        id IN (SELECT content_id FROM traits) OR (SELECT count(*) FROM traits) < ?
    )"""


class SqliteTraits:
    """A TraitsCache in the catalog file of an index."""

    def __init__(self, path: Path, version: str, writer: Writer, most: int = MOST) -> None:
        """`version` is that of the features."""
        self._path = path
        self._version = version
        self._writer = writer
        self._most = most

    def load(self, hashes: Sequence[str]) -> Mapping[str, Traits]:
        """Return what is known of contents. A row that is damaged, or of another version, is not."""

        def read(database: Database) -> dict[str, Traits]:
            found: dict[str, Traits] = {}
            for chunk, marks in chunks(hashes):
                found |= self._rows(database, chunk, marks)
            return found

        return recall(self._path, read)

    def _rows(self, database: Database, hashes: Sequence[str], marks: str) -> dict[str, Traits]:
        rows = database.rows(
            f"""SELECT c.hash, t.pixel_hash, t.features, t.crc32
            FROM traits t JOIN contents c ON c.id = t.content_id
            WHERE t.version = ? AND c.hash IN ({marks})""",
            (self._version, *(bytes.fromhex(hash_) for hash_ in hashes)),
        )
        return {
            hash_.hex(): Traits(pixel_hash, None if blob is None else _features(blob))
            for hash_, pixel_hash, blob, crc32 in rows
            if _crc32(pixel_hash, blob) == crc32
        }

    def store(self, traits: Mapping[str, Traits]) -> None:
        """Remember what was found, and forget other versions.

        Beyond the bound nothing new is kept. Were the oldest replaced, a run over more pictures than that
        would drop each one before the next run asks for it.
        """

        def write(database: Database) -> None:
            database.run_many(UPSERT, (self._row(hash_, traits[hash_]) for hash_ in traits))

        remember(self._writer, "traits", self._version, write)

    def _row(self, content_hash: str, traits: Traits) -> tuple[object, ...]:
        blob = None if traits.features is None else _blob(traits.features)
        crc32 = _crc32(traits.pixel_hash, blob)
        return self._version, traits.pixel_hash, blob, crc32, bytes.fromhex(content_hash), self._most


def _blob(features: LocalFeatures) -> bytes:
    """Return features as stored: points as little-endian float32, then descriptors."""
    return features.points.astype("<f4").tobytes() + features.descriptors.tobytes()


def _features(blob: bytes) -> LocalFeatures:
    count = len(blob) // (POINT + DESCRIPTOR)
    points = np.frombuffer(blob, "<f4", 2 * count).reshape(count, 2).astype(np.float32)
    descriptors = np.frombuffer(blob, np.uint8, count * DESCRIPTOR, offset=POINT * count)
    return LocalFeatures(points, descriptors.reshape(count, DESCRIPTOR))


def _crc32(pixel_hash: bytes | None, blob: bytes | None) -> int:
    return zlib.crc32(blob or b"", zlib.crc32(pixel_hash or b""))
