"""The files that a catalog knows, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from visualsearch_cli.index.records import FileKey, KnownFile
from visualsearch_cli.index.sqlite.database import Database
from visualsearch_cli.index.sqlite.rows import blob_of

PAGE = 5000  # files read at a time: more are no faster, and no cursor stays open while a disk is walked

SELECT = """
    SELECT relpath, id, size, mtime_ns, missing, NULL FROM images WHERE {range}
    UNION ALL SELECT relpath, id, size, mtime_ns, 0, reason FROM skipped WHERE {range}
    ORDER BY relpath LIMIT {page}"""


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
    sql = SELECT.format(range=condition, page=PAGE)
    while True:
        rows = database.rows(sql, {"root": root_id, "low": low, "high": high})
        for relpath, id, size, mtime_ns, missing, reason in rows:
            yield prefix + relpath, id, size, mtime_ns, missing, reason
        if len(rows) < PAGE:
            break
        low = rows[-1][0] + b"\0"  # the next path there could be


def ranges_of(place: FileKey) -> list[tuple[bytes, bytes | None]]:
    """Return which paths are at a place, and below it: from, and up to but without."""
    if place.relpath in ("", "."):
        return [(b"", None)]
    path = blob_of(place.relpath)
    return [(path, path + b"\0"), (path + b"/", path + b"0")]  # "0" is the character after "/"
