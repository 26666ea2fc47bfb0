"""A catalog as a store: what it knows is read, and taken in, by hashes and paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.index.carried.carried_rows import CarriedContent, CarriedFile
from visualsearch_cli.index.records import EVERYTHING, Counts, Facts, FileKey, FileUpdate, Filter, NewContent
from visualsearch_cli.index.sqlite.adopting import stored_files
from visualsearch_cli.index.sqlite.database import BLOB, INTEGER, NULL, TEXT
from visualsearch_cli.index.sqlite.filters import REAL
from visualsearch_cli.index.sqlite.rows import chunks, path_of
from visualsearch_cli.pictures.regions import FULL_FRAME
from visualsearch_cli.vectors.exact import ExactIndex

if TYPE_CHECKING:
    import numpy.typing as npt

    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.records import Manifest
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.vectors.index import Embeddings, VectorIds

CONTENT_COLUMNS = {
    "hash": BLOB,
    "width": INTEGER,
    "height": INTEGER,
    "format": TEXT,
    "vector": BLOB,
    "size": INTEGER | NULL,
    "captured": TEXT | NULL,
    "camera": TEXT | NULL,
    "latitude": REAL | NULL,
    "longitude": REAL | NULL,
}
CONTENTS = f"""
    SELECT c.hash, c.width, c.height, c.format, e.vector,
        CASE WHEN f.looked_at THEN f.size ELSE 0 END, f.captured, f.camera, f.latitude, f.longitude
    FROM contents c JOIN embeddings e ON e.content_id = c.id AND e.region = {FULL_FRAME}
        LEFT JOIN facts f ON f.content_id = c.id"""


class CatalogStore:
    """What a catalog knows, for reading."""

    def __init__(self, catalog: Catalog) -> None:
        """Whoever opened the catalog closes it."""
        self.catalog = catalog

    def manifest(self) -> Manifest:
        """Return the summary of the index."""
        return self.catalog.manifest()

    def counts(self) -> Counts:
        """Count what is there."""
        return self.catalog.counts()

    def roots(self) -> list[str]:
        """Return the absolute paths of the roots."""
        return [root.path for root in self.catalog.roots()]

    def files(self, root: str, below: bytes = b"") -> Iterator[CarriedFile]:
        """Yield the files of a root, or those at a path in it and below, in no order."""
        for known in self.catalog.roots():
            if known.path == root:
                prefix = len(os.fsencode(root).rstrip(b"/")) + 1
                rows = stored_files(self.catalog._db, known.id, os.fsencode(root))
                for path, size, mtime_ns, content_id, missing, reason in rows:
                    relpath = path[prefix:]
                    if not below or relpath == below or relpath.startswith(below + b"/"):
                        content = None if content_id is None else self._hashes[content_id]
                        yield CarriedFile(root, relpath, size, mtime_ns, content, bool(missing), reason)

    @cached_property
    def _hashes(self) -> dict[int, bytes]:
        return self.catalog.content_hashes()

    def file(self, root: str, relpath: bytes) -> CarriedFile | None:
        """Return what is known of one file."""
        return next((file for file in self.files(root, relpath) if file.relpath == relpath), None)

    def files_of(self, hashes: Iterable[bytes]) -> Iterator[CarriedFile]:
        """Yield the files of some contents, in no order."""
        roots = {root.id: root.path for root in self.catalog.roots()}
        columns = {"root_id": INTEGER, "relpath": BLOB, "size": INTEGER, "mtime_ns": INTEGER}
        columns |= {"hash": BLOB, "missing": INTEGER}
        for chunk, marks in chunks(sorted(set(hashes))):
            sql = f"""SELECT i.root_id, i.relpath, i.size, i.mtime_ns, c.hash, i.missing
                FROM images i JOIN contents c ON c.id = i.content_id WHERE c.hash IN ({marks})"""
            for root_id, relpath, size, mtime_ns, hash_, missing in self.catalog._db.table(
                "images", columns, sql, chunk
            ):
                yield CarriedFile(roots[root_id], relpath, size, mtime_ns, hash_, bool(missing))

    def hashes(self) -> Iterator[bytes]:
        """Yield the hashes of all contents."""
        yield from sorted(self._hashes.values())

    def known(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Return those of some hashes of which the content is there."""
        found: set[bytes] = set()
        for chunk, marks in chunks(sorted(set(hashes))):
            sql = f"SELECT hash FROM contents WHERE hash IN ({marks})"
            found.update(hash_ for (hash_,) in self.catalog._db.table("contents", {"hash": BLOB}, sql, chunk))
        return found

    def contents(self, hashes: Iterable[bytes] | None = None) -> Iterator[CarriedContent]:
        """Yield some contents, or all, in no order; those that are not there are left out."""
        for chunk, marks in chunks(sorted(self.hashes() if hashes is None else set(hashes))):
            sql = f"{CONTENTS} WHERE c.hash IN ({marks})"
            rows = self.catalog._db.table("contents", CONTENT_COLUMNS, sql, chunk)
            vectors = self.catalog._vectors.matrix([row[4] for row in rows])
            for row, vector in zip(rows, vectors, strict=True):
                size, captured, camera = row[5] or 0, row[6] or "", row[7] or ""
                hash_, width, height, format = row[:4]
                yield CarriedContent(
                    *(hash_, width, height, format, vector, size, captured, camera, row[8], row[9])
                )

    def vectors_of(self, hashes: Iterable[bytes]) -> tuple[VectorIds, Embeddings]:
        """Return the ids and vectors of the full frames of some contents, by rising id."""
        rows: list[tuple[int, bytes]] = []
        for chunk, marks in chunks(sorted(set(hashes))):
            sql = f"""SELECT e.id, e.vector FROM embeddings e JOIN contents c ON c.id = e.content_id
                WHERE e.region = {FULL_FRAME} AND c.hash IN ({marks})"""
            rows += self.catalog._db.table("embeddings", {"id": INTEGER, "vector": BLOB}, sql, chunk)
        rows.sort()
        ids: npt.NDArray[np.int64] = np.array([row[0] for row in rows], np.int64)
        return ids, self.catalog._vectors.matrix([row[1] for row in rows])

    def nearest(self, queries: Embeddings, k: int, filter: Filter = EVERYTHING) -> list[list[bytes]]:
        """Return the hashes of the k nearest contents of each query, nearest first, of those that a filter
        lets through, and perhaps some more."""
        stored = self.catalog.all_vectors()
        if filter != EVERYTHING:
            stored = stored.part(np.isin(stored.content_ids, self.catalog.contents_where(filter)))
        if not len(stored.ids):
            return [[] for _ in queries]
        found = ExactIndex.from_arrays(stored.ids, stored.vectors).search(queries, min(k, len(stored.ids)))
        contents = dict(zip(stored.ids.tolist(), stored.content_ids.tolist(), strict=True))
        return [[self._hashes[contents[id]] for id in row] for row in found.ids.tolist()]

    def flush(self) -> None:
        """Do nothing: what was written is there."""


class WritableCatalogStore(CatalogStore):
    """What a catalog knows, for writing. The caller holds the lock of the index."""

    catalog: CatalogWriter

    def __init__(self, catalog: CatalogWriter) -> None:
        """Whoever opened the catalog closes it."""
        super().__init__(catalog)

    def put_roots(self, roots: Iterable[str]) -> None:
        """Remember folders as roots, be they there or not."""
        known = self.roots()
        for path in roots:
            if path not in known:
                self.catalog.add_absent_root(path)

    def put_contents(self, contents: Sequence[CarriedContent]) -> None:
        """Take contents in; those that are there stay as they are."""
        self._forget_hashes()
        known = self.known(content.hash for content in contents)
        self.catalog.take_contents(
            [
                (
                    NewContent(each.hash, each.width, each.height, each.format, each.vector),
                    Facts(0, each.size, each.captured, each.camera, each.latitude, each.longitude),
                )
                for each in contents
                if each.hash not in known
            ]
        )

    def put_files(self, files: Sequence[CarriedFile]) -> None:
        """Take files in, whose roots and contents are there. What was known of them is replaced."""
        roots = {root.path: root.id for root in self.catalog.roots()}
        updates = [
            FileUpdate(
                FileKey(roots[file.root], path_of(file.relpath)),
                file.size,
                file.mtime_ns,
                file.content,
                file.reason,
            )
            for file in files
        ]
        ids = self.catalog.write(updates)
        images = (file for file in files if file.content is not None)
        gone = [id for id, file in zip(ids, images, strict=True) if file.missing]
        self.catalog.vanish(gone, ())

    def forget_files(self, files: Iterable[CarriedFile]) -> None:
        """Forget what is known of some files."""
        roots = {root.path: root.id for root in self.catalog.roots()}
        self.catalog.forget_paths([(roots[file.root], file.relpath) for file in files])

    def forget_contents(self, hashes: Iterable[bytes]) -> None:
        """Forget contents that no file has."""
        self._forget_hashes()
        self.catalog.forget_contents(list(hashes))

    def forget_roots(self, roots: Iterable[str]) -> None:
        """Forget roots, and all their files."""
        wanted = set(roots)
        if found := [root.id for root in self.catalog.roots() if root.path in wanted]:
            self.catalog.prune_roots(found)
            self._forget_hashes()

    def _forget_hashes(self) -> None:
        self.__dict__.pop("_hashes", None)
