"""What pairs of contents were found to be, kept in the catalog: the next run need not compare them again.

A cache at its best, as that of traits.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from visualsearch_cli.index.sqlite.caches import recall, remember
from visualsearch_cli.index.sqlite.database import Database, Writer
from visualsearch_cli.index.sqlite.rows import chunks
from visualsearch_cli.search.matches import Verdict
from visualsearch_cli.verdicts.verdict import Finding, Fit

MOST = 500_000  # pairs, of 60 to 600 bytes each

Pair = tuple[str, str]

COUNT = "SELECT count(*) FROM findings"
UPSERT = """INSERT OR REPLACE INTO findings (a, b, version, finding, crc32)
    SELECT a.id, b.id, ?, ?, ? FROM contents a, contents b WHERE a.hash = ? AND b.hash = ?"""


class SqliteFindings:
    """A FindingsCache in the catalog file of an index."""

    def __init__(self, path: Path, version: str, writer: Writer, most: int = MOST) -> None:
        """`version` is that of all that a finding rests on: features, alignment, rules, words."""
        self._path = path
        self._version = version
        self._writer = writer
        self._most = most

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
            if isinstance(text, str) and zlib.crc32(text.encode()) == crc32
        ]

    def store(self, findings: Mapping[Pair, Finding]) -> None:
        """Remember what was found, and forget other versions. Beyond the bound nothing new is kept."""

        def write(database: Database) -> None:
            ((kept,),) = database.rows(COUNT)
            room = max(0, self._most - kept)
            database.run_many(UPSERT, (self._row(*item) for item in [*findings.items()][:room]))

        remember(self._writer, "findings", self._version, write)

    def _row(self, pair: Pair, finding: Finding) -> tuple[object, ...]:
        text = json.dumps(asdict(finding), separators=(",", ":"), default=float)
        return self._version, text, zlib.crc32(text.encode()), *(bytes.fromhex(hash_) for hash_ in pair)


def _finding(text: str) -> Finding:
    document = json.loads(text)
    verdict, fit = document["verdict"], document["fit"]
    if fit is not None:
        fit = Fit(**{**fit, "matrix": tuple(tuple(row) for row in fit["matrix"])})
    return Finding(verdict and Verdict(verdict), fit, document["reason"])
