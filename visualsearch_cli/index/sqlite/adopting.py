"""What one catalog takes over from another: rows that are read and checked here, under new ids."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from visualsearch_cli.index.sqlite.database import BLOB, INTEGER, NULL, TEXT, Database, damaged
from visualsearch_cli.index.sqlite.filters import FACTS_SINCE
from visualsearch_cli.index.sqlite.known_files import check_paths
from visualsearch_cli.index.sqlite.rows import chunks
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.regions import FULL_FRAME

IGNORED_SINCE = 3  # the format that has such a table

ADOPT_IMAGE = """INSERT OR IGNORE INTO images (root_id, relpath, size, mtime_ns, content_id, missing)
    VALUES (?, ?, ?, ?, ?, ?)"""
ADOPT_SKIPPED = """INSERT OR IGNORE INTO skipped (root_id, relpath, size, mtime_ns, reason)
    VALUES (?, ?, ?, ?, ?)"""

FILES = """
    SELECT relpath, size, mtime_ns, content_id, missing, NULL FROM images WHERE root_id = :root
    UNION ALL SELECT relpath, size, mtime_ns, NULL, 0, reason FROM skipped WHERE root_id = :root"""
FILE_COLUMNS = {
    "relpath": BLOB,
    "size": INTEGER,
    "mtime_ns": INTEGER,
    "content_id": INTEGER | NULL,
    "missing": INTEGER,
    "reason": TEXT | NULL,
}


Changed = Callable[[list[bytes]], list[bytes]]
"""From vectors as the source keeps them to those of the target, which may be of another model."""


class StoredFile(NamedTuple):
    """A file that a catalog knows."""

    path: bytes  # absolute
    size: int
    mtime_ns: int
    content_id: int | None  # None: it was skipped
    missing: int
    reason: str | None


def stored_files(database: Database, root_id: int, root: bytes) -> Iterator[StoredFile]:
    """Yield the files of a root, whose absolute path is given. Raises IndexCorrupt for one that leads out."""
    rows = database.table("images", FILE_COLUMNS, FILES, {"root": root_id})
    check_paths(database.path, root_id, (row[0] for row in rows))
    prefix = root.rstrip(b"/") + b"/"
    for relpath, *others in rows:
        yield StoredFile(prefix + relpath, *others)


@dataclass(slots=True)
class Adopted:
    """Files to be taken over, with their new places."""

    files: list[tuple[tuple[int, bytes], StoredFile]] = field(default_factory=list)
    roots: dict[int, int] = field(default_factory=dict)  # the new id of each root that was made

    def add(self, place: tuple[int, bytes], file: StoredFile) -> None:
        """Add a file, with its root and the path below it in the new catalog."""
        self.files.append((place, file))

    @property
    def contents(self) -> list[int]:
        """The ids of contents that they have, in the old catalog."""
        return sorted({file.content_id for _, file in self.files if file.content_id is not None})

    def images(self, contents: Mapping[int, int]) -> Iterator[tuple[object, ...]]:
        """Yield the rows of images, given the new ids of contents by the old ones."""
        for place, file in self.files:
            if file.content_id is not None:
                yield *place, file.size, file.mtime_ns, contents[file.content_id], file.missing

    @property
    def unusable(self) -> list[tuple[str, str]]:
        """The absolute paths of skipped files, and why they were."""
        return [
            (os.fsdecode(file.path), file.reason or "unknown")
            for _, file in self.files
            if file.content_id is None
        ]

    @property
    def skipped(self) -> list[tuple[object, ...]]:
        """The rows of skipped files."""
        return [
            (*place, file.size, file.mtime_ns, file.reason)
            for place, file in self.files
            if file.content_id is None
        ]


class Vectors(NamedTuple):
    """Which vectors are taken over, and how."""

    source: str = "embeddings"  # the tables
    target: str = "embeddings"
    regions: bool = False  # those of regions, too
    changed: Changed | None = None  # None: they are taken as they are


def adopt_contents(
    source: Database, target: Database, wanted: list[int], vectors: Sequence[Vectors]
) -> dict[int, int]:
    """Take over contents with their vectors.

    Returns the new ids by the old ones. Raises IndexCorrupt for a vector that is not what it was.
    """
    found: dict[int, int] = {}
    for chunk, marks in chunks(wanted):
        rows = source.table(
            "contents",
            {"id": INTEGER, "hash": BLOB, "width": INTEGER, "height": INTEGER, "format": TEXT},
            f"SELECT id, hash, width, height, format FROM contents WHERE id IN ({marks})",
            chunk,
        )
        target.run_many(
            "INSERT OR IGNORE INTO contents (hash, width, height, format) VALUES (?, ?, ?, ?)",
            [row[1:] for row in rows],
        )
        hashes = {row[1]: row[0] for row in rows}
        if len(hashes) < len(chunk):
            raise damaged(source.path, "a file has a content that is not there")
        ids = target.rows(f"SELECT hash, id FROM contents WHERE hash IN ({marks})", [row[1] for row in rows])
        found.update({hashes[hash_]: id for hash_, id in ids})
        for each in vectors:
            _adopt_vectors(source, target, chunk, marks, found, each)
    return found


def _adopt_vectors(
    source: Database,
    target: Database,
    chunk: Sequence[int],
    marks: str,
    contents: Mapping[int, int],
    vectors: Vectors,
) -> None:
    which = "" if vectors.regions else f"AND region = {FULL_FRAME}"
    rows = source.table(
        vectors.source,
        {"content_id": INTEGER, "region": INTEGER, "crc32": INTEGER, "vector": BLOB},
        f"""SELECT content_id, region, crc32, vector FROM {vectors.source}
        WHERE content_id IN ({marks}) {which} ORDER BY id""",
        chunk,
    )
    for content_id, _, crc32, vector in rows:
        if zlib.crc32(vector) != crc32:
            raise damaged(source.path, f"the vector of content {content_id} does not match its checksum")
    if vectors.changed is not None:
        made = vectors.changed([row[3] for row in rows])
        rows = [(*row[:2], zlib.crc32(vector), vector) for row, vector in zip(rows, made, strict=True)]
    target.run_many(
        f"INSERT OR IGNORE INTO {vectors.target} (content_id, region, crc32, vector) VALUES (?, ?, ?, ?)",
        [(contents[content_id], *others) for content_id, *others in rows],
    )


def adopt_ignored(source: Database, target: Database) -> None:
    """Take over what the user said to be no duplicates of each other, but not twice."""
    if source.rows("PRAGMA user_version")[0][0] < IGNORED_SINCE:
        return
    known = set(_ignored(target))
    for created, pictures in dict.fromkeys(_ignored(source)):
        if (created, pictures) not in known:
            cursor = target.run("INSERT INTO ignored (created) VALUES (?)", (created,))
            target.run_many(
                "INSERT INTO ignored_contents (ignored_id, hash, files) VALUES (?, ?, ?)",
                [(cursor.lastrowid, *picture) for picture in sorted(pictures)],
            )


def adopt_labels(source: Database, target: Database) -> None:
    """Take over what people call pictures."""
    if source.rows("PRAGMA user_version")[0][0] >= FACTS_SINCE:
        columns = {"label": TEXT, "hash": BLOB}
        rows = source.table("labels", columns, "SELECT label, hash FROM labels")
        target.run_many("INSERT OR IGNORE INTO labels (label, hash) VALUES (?, ?)", rows)


def _ignored(database: Database) -> list[tuple[str, frozenset[tuple[bytes, int]]]]:
    rows = database.table(
        "ignored", {"id": INTEGER, "created": TEXT}, "SELECT id, created FROM ignored ORDER BY id"
    )
    found = []
    for id, created in rows:
        pictures = database.table(
            "ignored_contents",
            {"hash": BLOB, "files": INTEGER},
            "SELECT hash, files FROM ignored_contents WHERE ignored_id = ?",
            (id,),
        )
        found.append((created, frozenset((hash_, files) for hash_, files in pictures)))
    return found
