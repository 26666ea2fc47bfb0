"""Tables of the catalog that are caches: what cannot be read there, or not be kept, is found out again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import NoneType
from typing import TypeVar

import numpy as np

from visualsearch_cli.errors import IndexStoreError
from visualsearch_cli.index.sqlite.database import Database, Writer
from visualsearch_cli.index.sqlite.rows import chunks
from visualsearch_cli.verdicts.comparison import LocalFeatures, Traits
from visualsearch_cli.verdicts.evidence import Finding, Fit, Place, Rendition
from visualsearch_cli.verdicts.verdict import Verdict

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
            database.wait_at_most(PATIENCE_MS)
            with database.transaction():
                database.run(f"DELETE FROM {table} WHERE version <> ?", (version,))
                write(database)


MOST_TRAITS = 3000  # contents, of up to 68 kB each: 200 MB at most

POINT = 8  # bytes, of the place of a feature
DESCRIPTOR = 128  # bytes

UPSERT_TRAITS = """INSERT OR REPLACE INTO traits (content_id, version, pixel_hash, features, crc32)
    SELECT id, ?, ?, ?, ? FROM contents WHERE hash = ? AND (
        id IN (SELECT content_id FROM traits) OR (SELECT count(*) FROM traits) < ?
    )"""


class SqliteTraits:
    """A TraitsCache in the catalog file of an index."""

    def __init__(self, path: Path, version: str, writer: Writer, most: int = MOST_TRAITS) -> None:
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
            if isinstance(hash_, bytes)
            and isinstance(pixel_hash, (bytes, NoneType))
            and isinstance(blob, (bytes, NoneType))
            and _crc32(pixel_hash, blob) == crc32
        }

    def store(self, traits: Mapping[str, Traits]) -> None:
        """Remember what was found, and forget other versions.

        Beyond the bound nothing new is kept. Were the oldest replaced, a run over more pictures than that
        would drop each one before the next run asks for it.
        """

        def write(database: Database) -> None:
            database.run_many(UPSERT_TRAITS, (self._row(hash_, traits[hash_]) for hash_ in traits))

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


MOST_FINDINGS = 500_000  # pairs, of 60 to 600 bytes each

Pair = tuple[str, str]

COUNT_FINDINGS = "SELECT count(*) FROM findings"

ADD_CONTENT = "INSERT OR IGNORE INTO contents (hash, width, height, format) VALUES (?, 0, 0, '')"

UPSERT_FINDINGS = """INSERT OR REPLACE INTO findings (a, b, version, finding, crc32)
    SELECT a.id, b.id, ?, ?, ? FROM contents a, contents b WHERE a.hash = ? AND b.hash = ?"""


class SqliteFindings:
    """A FindingsCache in the catalog file of an index."""

    def __init__(
        self, path: Path, version: str, writer: Writer, most: int = MOST_FINDINGS, *, adds: bool = False
    ) -> None:
        """`version` is that of all that a finding rests on: features, alignment, rules, words.

        With `adds`, contents that the catalog does not know are added to it, by their hashes alone.
        """
        self._path = path
        self._version = version
        self._writer = writer
        self._most = most
        self._adds = adds

    def load(self, pairs: Sequence[Pair]) -> Mapping[Pair, Finding]:
        """Return what is known of pairs. A row that is damaged, or of another version, is not."""
        wanted = set(pairs)

        def read(database: Database) -> dict[Pair, Finding]:
            found: dict[Pair, Finding] = {}
            for chunk, marks in chunks(sorted({a for a, _ in pairs})):
                rows = self._rows(database, chunk, marks)
                found |= {pair: finding for pair, finding in rows if pair in wanted}
            return found

        return recall(self._path, read)

    def _rows(self, database: Database, hashes: Sequence[str], marks: str) -> list[tuple[Pair, Finding]]:
        rows = database.rows(
            f"""SELECT a.hash, b.hash, f.finding, f.crc32
            FROM contents a JOIN findings f ON f.a = a.id JOIN contents b ON b.id = f.b
            WHERE f.version = ? AND a.hash IN ({marks})""",
            (self._version, *(bytes.fromhex(hash_) for hash_ in hashes)),
        )
        return [
            ((a.hex(), b.hex()), _finding(text))
            for a, b, text, crc32 in rows
            if isinstance(a, bytes)
            and isinstance(b, bytes)
            and isinstance(text, str)
            and zlib.crc32(text.encode()) == crc32
        ]

    def store(self, findings: Mapping[Pair, Finding]) -> None:
        """Remember what was found, and forget other versions. Beyond the bound nothing new is kept."""

        def write(database: Database) -> None:
            ((kept,),) = database.rows(COUNT_FINDINGS)
            kept_now = [*findings.items()][: max(0, self._most - kept)]
            if self._adds:
                hashes = sorted({hash_ for pair, _ in kept_now for hash_ in pair})
                database.run_many(ADD_CONTENT, ((bytes.fromhex(hash_),) for hash_ in hashes))
            database.run_many(UPSERT_FINDINGS, (self._row(*item) for item in kept_now))

        remember(self._writer, "findings", self._version, write)

    def _row(self, pair: Pair, finding: Finding) -> tuple[object, ...]:
        text = json.dumps(_document(finding), separators=(",", ":"), default=float)
        return self._version, text, zlib.crc32(text.encode()), *(bytes.fromhex(hash_) for hash_ in pair)


class FindingsOfSeveral:
    """A FindingsCache that also knows what others know, and keeps what is new in the first."""

    def __init__(self, first: SqliteFindings, others: Sequence[SqliteFindings]) -> None:
        self._first = first
        self._others = others

    def load(self, pairs: Sequence[Pair]) -> Mapping[Pair, Finding]:
        """Return what any of them knows of pairs."""
        found = dict(self._first.load(pairs))
        for cache in self._others:
            found = {**cache.load([pair for pair in pairs if pair not in found]), **found}
        return found

    def store(self, findings: Mapping[Pair, Finding]) -> None:
        """Remember."""
        self._first.store(findings)


def _document(finding: Finding) -> dict[str, object]:
    return {
        **finding._asdict(),
        "fit": finding.fit and finding.fit._asdict(),
        "differences": [place._asdict() for place in finding.differences],
        "renditions": finding.renditions and [each._asdict() for each in finding.renditions],
    }


def _finding(text: str) -> Finding:
    document = json.loads(text)
    verdict, fit = document["verdict"], document["fit"]
    if fit is not None:
        fit = Fit(**{**fit, "matrix": tuple(tuple(row) for row in fit["matrix"])})
    places = (Place(tuple(place["a"]), tuple(place["b"])) for place in document["differences"])
    shown = document.get("renditions")
    renditions = None if shown is None else (Rendition(**shown[0]), Rendition(**shown[1]))
    return Finding(verdict and Verdict(verdict), fit, document["reason"], tuple(places), renditions)
