"""The stretches of a catalog, and their summaries, which are derived from its rows.

Triggers forget the summary of a stretch with the first change of what is in it, whoever makes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from visualsearch_cli.index.known_files import KnownFile, Stretch, Summary, digest_of
from visualsearch_cli.index.records import FileKey
from visualsearch_cli.index.sqlite.database import BLOB, INTEGER, NULL, TEXT, Database, damaged
from visualsearch_cli.index.sqlite.rows import blob_of, leading_out, leads_out, path_of

LENGTH = 1000  # files: to write a summary again costs a millisecond, to compare one a few hundredths
THIN = LENGTH // 2  # what is shorter is joined to a gap beside it

STATES = """
    SELECT relpath, size, mtime_ns, 0 FROM images
        WHERE root_id = :root AND missing = 0 AND relpath >= :low AND (:high IS NULL OR relpath < :high)
    UNION ALL SELECT relpath, size, mtime_ns, 1 FROM skipped
        WHERE root_id = :root AND relpath >= :low AND (:high IS NULL OR relpath < :high)
    ORDER BY relpath LIMIT :limit"""
STATE_COLUMNS = {"relpath": BLOB, "size": INTEGER, "mtime_ns": INTEGER, "skipped": INTEGER}


def stretches(database: Database, root: str, place: FileKey) -> Iterator[Stretch]:
    """Yield what is known at a place and below it, in order; `root` is the absolute path of its root."""
    prefix = blob_of(root).rstrip(b"/") + b"/"

    def stretch(low: bytes, high: bytes | None, summary: Summary | None = None) -> Stretch:
        files = partial(known_between, database, prefix, place.root_id, low, high)
        return Stretch(None if high is None else prefix + high, files, summary)

    for low, high in ranges_of(place):
        rows = database.table(
            "stretches",
            {"first": BLOB, "until": BLOB | NULL, "count": INTEGER, "skipped": INTEGER, "digest": BLOB},
            """SELECT first, until, count, skipped, digest FROM stretches
            WHERE root_id = :root AND first >= :low AND (:high IS NULL OR first < :high) ORDER BY first""",
            {"root": place.root_id, "low": low, "high": high},
        )
        at: bytes | None = low
        for first, until, count, skipped, digest in rows:
            if high is not None and (until is None or until > high):
                break  # some of its files are elsewhere
            if at is not None and first > at:
                yield stretch(at, first)
            summary = Summary(digest, count, skipped, first, until, len(prefix))
            yield stretch(first, until, summary)
            at = until
        if at is not None and (high is None or at < high):
            yield stretch(at, high)


def write_summaries(database: Database) -> None:
    """Summarize what changed since this was last done."""
    found = []
    for (root,) in database.rows("SELECT id FROM roots ORDER BY id"):
        rows = database.table(
            "stretches",
            {"first": BLOB, "until": BLOB | NULL, "count": INTEGER},
            "SELECT first, until, count FROM stretches WHERE root_id = ? ORDER BY first",
            (root,),
        )
        found += [(root, low, high) for low, high in _open_ranges(rows)]
    if found:  # else not even the journal is written
        with database.transaction():
            for root, low, high in found:
                _summarize(database, root, low, high)


def forget_summaries(database: Database) -> None:
    """Forget all summaries, for instance since one may be damaged."""
    database.run("DELETE FROM stretches")


@dataclass(frozen=True, slots=True)
class _Files:
    """What a summary is made of: files that are not missing, sorted by path."""

    paths: Sequence[bytes]  # below the root
    sizes: Sequence[int]
    times: Sequence[int]
    skipped: int
    next: bytes | None  # the path of the next file, if there is one

    @classmethod
    def read(cls, database: Database, root: int, low: bytes, high: bytes | None, most: int) -> _Files:
        """Read the first files from one path on, up to but without another."""
        parameters = {"root": root, "low": low, "high": high, "limit": most + 1}
        rows = database.table("images", STATE_COLUMNS, STATES, parameters)
        following = rows[most][0] if len(rows) > most else None
        paths, sizes, times, skipped = zip(*rows[:most], strict=True) if rows else ((), (), (), ())
        return cls(paths, sizes, times, sum(skipped), following)

    @property
    def count(self) -> int:
        return len(self.paths)

    def digest(self, low: bytes, high: bytes | None) -> bytes:
        return digest_of(low, high, self.paths, self.sizes, self.times)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the files of a root: a stretch that has a summary, or a gap between such."""

    low: bytes
    high: bytes | None
    count: int | None  # of files; None: a gap

    @property
    def is_thin(self) -> bool:
        return self.count is not None and self.count < THIN


def _open_ranges(rows: list[tuple[bytes, bytes | None, int]]) -> list[tuple[bytes, bytes | None]]:
    """Return between which paths there are no summaries, thin ones beside such gaps included, so that
    stretches do not become ever shorter."""
    parts = []
    at: bytes | None = b""
    for first, until, count in rows:
        if at is not None and first > at:
            parts.append(_Part(at, first, None))
        parts.append(_Part(first, until, count))
        at = until
    if at is not None:
        parts.append(_Part(at, None, None))
    gaps = [part.count is None for part in parts]
    beside = [before or after for before, after in zip([False, *gaps], [*gaps[1:], False], strict=False)]
    is_open = [gap or (near and part.is_thin) for part, gap, near in zip(parts, gaps, beside, strict=True)]
    found = []
    for key, group in groupby(zip(parts, is_open, strict=True), key=lambda item: item[1]):
        if key:
            members = [part for part, _ in group]
            found.append((members[0].low, members[-1].high))
    return found


def _summarize(database: Database, root: int, low: bytes, high: bytes | None) -> None:
    """Write the summaries of the stretches between two paths, in the place of those that are there."""
    database.run(
        "DELETE FROM stretches WHERE root_id = :root AND first >= :low AND (:high IS NULL OR first < :high)",
        {"root": root, "low": low, "high": high},
    )
    at: bytes | None = low
    while at is not None:
        files = _Files.read(database, root, at, high, LENGTH)
        until = high if files.next is None else files.next
        database.run(
            "INSERT INTO stretches (root_id, first, until, count, skipped, digest) VALUES (?, ?, ?, ?, ?, ?)",
            (root, at, until, files.count, files.skipped, files.digest(at, until)),
        )
        at = files.next


def wrong_summaries(database: Database) -> list[str]:
    """Say which summaries are not of the rows there are."""
    found = []
    columns = {"root_id": INTEGER, "first": BLOB, "until": BLOB | NULL, "count": INTEGER}
    for root, first, until, count, skipped, digest in database.table(
        "stretches",
        columns,
        "SELECT root_id, first, until, count, skipped, digest FROM stretches ORDER BY root_id, first",
    ):
        files = _Files.read(database, root, first, until, count + 1)
        if (files.count, files.skipped, files.digest(first, until)) != (count, skipped, digest):
            found.append(
                f"the summary of {count} files from {path_of(first)!r} on does not match these files"
            )
    return found


PAGE = 5000  # files read at a time: more are no faster, and no cursor stays open while a disk is walked

KNOWN = """
    SELECT relpath, id, size, mtime_ns, missing, NULL FROM images WHERE {range}
    UNION ALL SELECT relpath, id, size, mtime_ns, 0, reason FROM skipped WHERE {range}
    ORDER BY relpath LIMIT {page}"""
KNOWN_COLUMNS = {
    "relpath": BLOB,
    "id": INTEGER,
    "size": INTEGER,
    "mtime_ns": INTEGER,
    "missing": INTEGER,
    "reason": TEXT | NULL,
}


def known_files(database: Database, root: str, place: FileKey) -> Iterator[KnownFile]:
    """Yield the files at a place and below it; `root` is the absolute path of its root."""
    prefix = blob_of(root).rstrip(b"/") + b"/"
    for low, high in ranges_of(place):
        yield from known_between(database, prefix, place.root_id, low, high)


def known_between(
    database: Database, prefix: bytes, root_id: int, low: bytes, high: bytes | None
) -> Iterator[KnownFile]:
    """Yield the files below a root from one path on, up to but without another; `prefix` is the root's path
    with a "/" at its end.

    Both tables have an index in this order, so a page costs no sorting.
    """
    condition = "root_id = :root AND relpath >= :low" + ("" if high is None else " AND relpath < :high")
    sql = KNOWN.format(range=condition, page=PAGE)
    while True:
        rows = database.table("images", KNOWN_COLUMNS, sql, {"root": root_id, "low": low, "high": high})
        check_paths(database.path, root_id, (row[0] for row in rows))
        for relpath, id, size, mtime_ns, missing, reason in rows:
            yield prefix + relpath, id, size, mtime_ns, missing, reason
        if len(rows) < PAGE:
            break
        low = rows[-1][0] + b"\0"  # the next path there could be


def check_paths(catalog: Path, root_id: int, relpaths: Iterable[bytes]) -> None:
    """Refuse paths that lead out of their root. Raises IndexCorrupt, which names the first one."""
    for relpath in relpaths:
        if leads_out(relpath):
            raise damaged(catalog, leading_out(root_id, relpath))


def outside(database: Database) -> Iterator[str]:
    """Say which rows have paths that lead out of their root."""
    for table in ("images", "skipped"):
        rows = database.table(
            table, {"id": INTEGER, "relpath": BLOB}, f"SELECT id, relpath, root_id FROM {table} ORDER BY id"
        )
        for id, relpath, root in rows:
            if leads_out(relpath):
                yield f"row {id} of {table}: {leading_out(root, relpath)}"


def ranges_of(place: FileKey) -> list[tuple[bytes, bytes | None]]:
    """Return which paths are at a place, and below it: from, and up to but without."""
    if place.relpath in ("", "."):
        return [(b"", None)]
    path = blob_of(place.relpath)
    return [(path, path + b"\0"), (path + b"/", path + b"0")]  # "0" is the character after "/"
