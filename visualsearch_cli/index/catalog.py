"""The catalog in SQLite, for reading."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from visualsearch_cli.errors import IndexCorrupt
from visualsearch_cli.fields import Malformed
from visualsearch_cli.index.records import (
    Counts,
    FileKey,
    Filter,
    Frames,
    Manifest,
    PassedOver,
    Root,
    Source,
    StoredVectors,
)
from visualsearch_cli.index.sqlite.database import BLOB, INTEGER, TEXT, Database, damaged
from visualsearch_cli.index.sqlite.filters import FACTS_SINCE, contents_where, in_circle, of_images, share_of
from visualsearch_cli.index.sqlite.rows import (
    OF_FRAMES,
    SECOND,
    below,
    blob_of,
    chunks,
    exclude_of,
    leading_out,
    leads_out,
    located,
    manifest_of,
    mounts_of,
    passed_over_of,
    path_of,
    volumes_of,
)
from visualsearch_cli.pictures.image import ImageRecord, SkippedImage
from visualsearch_cli.pictures.regions import FULL_FRAME
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.index.known_files import KnownFile, Stretch
    from visualsearch_cli.index.sqlite.embeddings import SqliteVectors

IMAGE_COLUMNS = {
    "i.id": INTEGER,
    "i.content_id": INTEGER,
    "i.root_id": INTEGER,
    "i.relpath": BLOB,
    "i.size": INTEGER,
    "i.mtime_ns": INTEGER,
    "c.hash": BLOB,
    "c.width": INTEGER,
    "c.height": INTEGER,
    "c.format": TEXT,
}

C = TypeVar("C", bound="Catalog")


class Catalog:
    """The catalog file of an index, opened for reading."""

    writable = False

    def __init__(self, path: Path) -> None:
        """Open a catalog, seen with the first model of the index.

        Raises IndexNotFound, IndexCorrupt or IndexVersionUnsupported.
        """
        self.path = path
        self.base = Path(os.path.realpath(path.parent)).parent
        self._db = Database(path, writable=self.writable)
        self._root_paths: dict[int, str] = {}
        self.is_second = False  # whether it is seen with the second model: its vectors, and its manifest
        self._manifest: tuple[object, Manifest] | None = None  # the last one, and what it was made of

    def seen(self: C, *, second: bool) -> C:
        """Return this catalog as it is for the first model of the index, or for the second. The file is
        opened once, and whoever opened it closes it."""
        if second == self.is_second:
            return self
        view = copy(self)
        view.__dict__.pop("_vectors", None)
        view.is_second = second
        return view

    def models(self: C) -> list[C]:
        """Return this catalog as it is for each model of the index, the first one first."""
        has_two = self.manifest().other is not None
        return [self.seen(second=second) for second in (False, True)[: 1 + has_two]]

    @property
    def _embeddings(self) -> str:
        """The table of the vectors."""
        return f"{SECOND}embeddings" if self.is_second else "embeddings"

    @cached_property
    def _vectors(self) -> SqliteVectors:
        # Here, for it imports numpy: most runs of `index` read no vector.
        from visualsearch_cli.index.sqlite.embeddings import SqliteVectors

        return SqliteVectors(self._db, self.path, self.manifest, self._embeddings)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all reads inside see one and the same state."""
        return self._db.transaction("DEFERRED")

    def version(self) -> int:
        """Return a number that is another one whenever somebody else has written to the catalog."""
        return int(self._db.rows("PRAGMA data_version")[0][0])

    def manifest(self) -> Manifest:
        """Return the summary of the index."""
        version = self._db.rows("PRAGMA user_version")[0][0]
        columns = {"key": TEXT, "value": TEXT}
        rows = self._db.table("manifest", columns, "SELECT key, value FROM manifest")
        made_of = rows, version, self.is_second
        if self._manifest is None or self._manifest[0] != made_of:  # a query asks eight times
            try:
                found = manifest_of(dict(rows), version, second=self.is_second)
            except Malformed as error:
                raise damaged(self.path, f"manifest: {error}") from error
            self._manifest = made_of, found
        return self._manifest[1]

    def roots(self) -> list[Root]:
        """Return the roots in the order they were added."""
        columns = {"id": INTEGER, "location": BLOB, "relative": INTEGER, "device": TEXT, "inode": TEXT}
        rows = self._db.table(
            "roots", columns, "SELECT id, location, relative, device, inode FROM roots ORDER BY id"
        )
        return [
            Root(id, self._located(id, location, relative), device, inode)
            for id, location, relative, device, inode in rows
        ]

    def passed_over(self) -> dict[int, dict[str, PassedOver]]:
        """Return what the last scan of each whole root left out, by the ids of roots and by reason."""
        columns, query = {"value": TEXT}, "SELECT value FROM manifest WHERE key = 'passed_over'"
        rows = self._db.table("manifest", columns, query)
        try:
            found = [passed_over_of(value) for (value,) in rows]
        except Malformed as error:
            raise damaged(self.path, f"manifest: passed_over: {error}") from error
        return found[0] if found else {}

    def exclude(self) -> dict[int, list[str]]:
        """Return what is left out of roots, by their ids: the lines of a .gitignore file in each."""
        rows = self._db.table("manifest", {"value": TEXT}, "SELECT value FROM manifest WHERE key = 'exclude'")
        try:
            found = [exclude_of(value) for (value,) in rows]
        except Malformed as error:
            raise damaged(self.path, f"manifest: exclude: {error}") from error
        return found[0] if found else {}

    def mounts(self) -> list[FileKey]:
        """Return the folders inside roots at which other disks were mounted when these were indexed."""
        rows = self._db.table("manifest", {"value": TEXT}, "SELECT value FROM manifest WHERE key = 'mounts'")
        known = {root.id for root in self.roots()} if rows else set()
        try:
            found = [mounts_of(value) for (value,) in rows]
        except Malformed as error:
            raise damaged(self.path, f"manifest: mounts: {error}") from error
        return [key for keys in found for key in keys if key.root_id in known]

    def volumes(self) -> dict[FileKey, str]:
        """Return the names of what roots, and disks inside them, lay on when they were last indexed."""
        rows = self._db.table("manifest", {"value": TEXT}, "SELECT value FROM manifest WHERE key = 'volumes'")
        try:
            found = [volumes_of(value) for (value,) in rows]
        except Malformed as error:
            raise damaged(self.path, f"manifest: volumes: {error}") from error
        return found[0] if found else {}

    def _located(self, id: int, location: bytes, relative: int) -> str:
        """Return where a root is: below the folder that the index lies in, or else a whole path."""
        path = path_of(location)
        is_straight = b"\0" not in location and b".." not in location.split(b"/")
        if not is_straight or os.path.isabs(path) == bool(relative):
            raise damaged(self.path, f"the path {ascii(path)[:200]} of root {id} leads elsewhere")
        return located(location, relative, self.base)

    def counts(self, root_id: int | None = None) -> Counts:
        """Count what is there, in all or under one root."""
        where = "" if root_id is None else "WHERE root_id = ?"
        parameters = () if root_id is None else (root_id,)
        total, missing, contents = self._db.rows(
            f"SELECT count(*), coalesce(sum(missing), 0), count(DISTINCT content_id) FROM images {where}",
            parameters,
        )[0]
        skipped = self._db.rows(f"SELECT count(*) FROM skipped {where}", parameters)[0][0]
        return Counts(
            total - missing,
            missing,
            skipped,
            contents,
            self.vector_count(),
            self.vector_count(frames=Frames.REGIONS),
        )

    def skipped(self) -> list[SkippedImage]:
        """Return the files that could not be used, by path."""
        columns = {"root_id": INTEGER, "relpath": BLOB, "reason": TEXT}
        rows = self._db.table("skipped", columns, "SELECT root_id, relpath, reason FROM skipped")
        found = [SkippedImage(self._path(root, rel), reason) for root, rel, reason in rows]
        return sorted(found, key=lambda item: item.path)

    def known_files(self, place: FileKey) -> Iterator[KnownFile]:
        """Yield what is remembered of the files at a place and below it, sorted by path."""
        from visualsearch_cli.index.sqlite.known_files import known_files  # here, for a query needs none

        return known_files(self._db, self._root_path(place.root_id), place)

    def has_files(self, place: FileKey) -> bool:
        """Tell whether any file is remembered at a place or below it, missing or not."""
        return next(self.known_files(place), None) is not None

    def stretches(self, place: FileKey) -> Iterator[Stretch]:
        """Yield what is remembered of the files at a place and below it, in stretches, sorted by path."""
        from visualsearch_cli.index.sqlite.known_files import stretches  # likewise

        return stretches(self._db, self._root_path(place.root_id), place)

    def image(self, key: FileKey) -> ImageRecord | None:
        """Return the record of a present image."""
        rows = self._images("i.root_id = ? AND i.relpath = ?", (key.root_id, blob_of(key.relpath)))
        return self._record(rows[0]) if rows else None

    def content_id(self, content_hash: bytes) -> int | None:
        """Return the id of a content, or None if it is not stored."""
        rows = self._db.rows("SELECT id FROM contents WHERE hash = ?", (content_hash,))
        return int(rows[0][0]) if rows else None

    def content_hashes(self) -> dict[int, bytes]:
        """Map the ids of all contents to their hashes, 32 bytes each."""
        columns = {"id": INTEGER, "hash": BLOB}
        return dict(self._db.table("contents", columns, "SELECT id, hash FROM contents"))

    def has_content(self, content_hash: bytes) -> bool:
        """Tell whether the vector of a content is stored."""
        return self.content_id(content_hash) is not None

    def content_vector(self, content_hash: bytes) -> Embeddings | None:
        """Return the full frame's vector of a content, shape (1, dim), or None if it is not stored."""
        rows = self._db.table(
            "embeddings",
            {"vector": BLOB},
            f"""SELECT e.vector FROM {self._embeddings} e JOIN contents c ON c.id = e.content_id
            WHERE c.hash = ? AND e.region = ?""",
            (content_hash, FULL_FRAME),
        )
        return self._vectors.matrix([rows[0][0]]) if rows else None

    def vectors_of(self, contents: Iterable[int]) -> dict[int, npt.NDArray[np.float32]]:
        """Map the ids of contents to the vectors of their full frames, each of shape (dim,)."""
        found: dict[int, npt.NDArray[np.float32]] = {}
        for chunk, marks in chunks(sorted({int(id) for id in contents})):
            rows = self._db.table(
                "embeddings",
                {"content_id": INTEGER, "vector": BLOB},
                f"""SELECT content_id, vector FROM {self._embeddings}
                WHERE content_id IN ({marks}) AND region = ?""",
                (*chunk, FULL_FRAME),
            )
            matrix = self._vectors.matrix([blob for _, blob in rows])
            found.update({content: vector for (content, _), vector in zip(rows, matrix, strict=True)})
        return found

    def content_regions(self, content_hash: bytes) -> Embeddings | None:
        """Return the vectors of a content's regions, shape (r, dim) by number, or None if it has none."""
        rows = self._db.table(
            "embeddings",
            {"vector": BLOB},
            f"""SELECT e.vector FROM {self._embeddings} e JOIN contents c ON c.id = e.content_id
            WHERE c.hash = ? AND e.region > ? ORDER BY e.region""",
            (content_hash, FULL_FRAME),
        )
        return self._vectors.matrix([blob for (blob,) in rows]) if rows else None

    def has_facts(self) -> bool:
        """Tell whether this catalog is of a format that has facts and labels."""
        return int(self._db.rows("PRAGMA user_version")[0][0]) >= FACTS_SINCE

    def share_of(self, filter: Filter) -> float:
        """Return about which share of the contents a filter lets through."""
        return share_of(self._db, filter)

    def contents_where(self, filter: Filter) -> npt.NDArray[np.int64]:
        """Return the ids of contents that a filter lets through, rising, and perhaps some more."""
        return contents_where(self._db, filter)

    def labels(self) -> dict[str, int]:
        """Return how many contents each label was given to, by name. None where there are no labels yet."""
        if not self.has_facts():
            return {}
        columns = {"label": TEXT, "count": INTEGER}
        sql = "SELECT label, count(*) FROM labels GROUP BY label ORDER BY label"
        return dict(self._db.table("labels", columns, sql))

    def contents_to_look_at(self) -> list[int]:
        """Return the ids of contents of which nobody knows yet what their files say, in order."""
        rows = self._db.rows("SELECT content_id FROM facts WHERE looked_at = 0 ORDER BY content_id")
        return [int(id) for (id,) in rows]

    def vectors(
        self, within: FileKey | None = None, after_id: int = 0, frames: Frames = Frames.FULL
    ) -> StoredVectors:
        """Return the vectors with a larger id, of contents with a present file (below a place)."""
        return self._vectors.present(within, after_id, frames)

    def all_vectors(
        self, after_id: int = 0, frames: Frames = Frames.FULL, limit: int | None = None
    ) -> StoredVectors:
        """Return the first vectors with a larger id, also of contents whose files are missing."""
        return self._vectors.every(after_id, frames, limit)

    def vector_count(self, after_id: int = 0, frames: Frames = Frames.FULL) -> int:
        """Count the stored vectors with a larger id, whether their files are present or not."""
        sql = f"SELECT count(*) FROM {self._embeddings} e WHERE e.id > ? AND {OF_FRAMES[frames]}"
        return int(self._db.rows(sql, (after_id,))[0][0])

    def ids_of(self, contents: Sequence[int], frames: Frames) -> list[int]:
        """Return the ids of the vectors of some contents, in no order."""
        found: list[int] = []
        for chunk, marks in chunks(contents):
            sql = f"SELECT e.id FROM {self._embeddings} e WHERE e.content_id IN ({marks})"
            found += (id for (id,) in self._db.rows(f"{sql} AND {OF_FRAMES[frames]}", chunk))
        return found

    def sources_of(self, ids: Iterable[int]) -> dict[int, Source]:
        """Map the ids of embeddings, of both frames, to what they show; unknown ids are left out."""
        found: dict[int, Source] = {}
        for chunk, marks in chunks(sorted({int(id) for id in ids})):
            rows = self._db.table(
                "embeddings",
                {"id": INTEGER, "content_id": INTEGER, "region": INTEGER},
                f"SELECT id, content_id, region FROM {self._embeddings} WHERE id IN ({marks})",
                chunk,
            )
            found.update((id, Source(content, region)) for id, content, region in rows)
        return found

    def contents_without(self, frames: Frames) -> list[int]:
        """Return the ids of contents that have no vector of this model, or none of their regions, in order.
        None lacks a vector of the first model."""
        rows = self._db.rows(
            f"""SELECT c.id FROM contents c WHERE NOT EXISTS (
                SELECT 1 FROM {self._embeddings} e WHERE e.content_id = c.id AND {OF_FRAMES[frames]})
            ORDER BY c.id"""
        )
        return [int(id) for (id,) in rows]

    def images_of(
        self, contents: Iterable[int], within: FileKey | Filter | None = None
    ) -> dict[int, list[ImageRecord]]:
        """Return the present images of each content, by path: below a place, or those that a filter lets
        through."""
        filter = within if isinstance(within, Filter) else Filter(within)
        terms, parameters = of_images(filter)
        condition = " AND ".join(["1", *terms])
        wanted = sorted({int(id) for id in contents})
        if filter.near is not None:
            wanted = sorted(in_circle(self._db, wanted, filter.near))
        found: dict[int, list[ImageRecord]] = defaultdict(list)
        for chunk, marks in chunks(wanted):
            for row in self._images(
                f"i.content_id IN ({marks}) AND {condition}", (*chunk, *parameters), facts=filter.needs_facts
            ):
                found[row[1]].append(self._record(row))
        for records in found.values():
            records.sort(key=lambda record: str(record.path))
        return found

    def files_per_content(self, within: Sequence[FileKey], min_size: int = 0) -> dict[int, int]:
        """Return how many present files below some places, of at least `min_size` bytes, each content has."""
        found: Counter[int] = Counter()
        met: set[int] = set()
        for key in within:
            condition, parameters = below(key, "i")
            for content, image in self._db.table(
                "images",
                {"content_id": INTEGER, "id": INTEGER},
                f"""SELECT i.content_id, i.id FROM images i
                WHERE i.missing = 0 AND i.size >= ? AND {condition}""",
                (min_size, *parameters),
            ):
                if image not in met:
                    found[content] += 1
                    if len(within) > 1:  # places may lie inside each other
                        met.add(image)
        return dict(found)

    def problems(self) -> list[str]:
        """Verify everything that can be verified without the images; say what is wrong."""
        from visualsearch_cli.index.sqlite.verify import problems
        from visualsearch_cli.pictures.regions import scheme_of

        manifest = self.seen(second=False).manifest()
        regions = 0 if manifest.regions is None else len(scheme_of(manifest.regions))
        second = None if manifest.other is None else manifest.other.model.dim
        found = problems(self._db, manifest.model.dim, regions, second, manifest.bits)
        try:
            self.roots()
        except IndexCorrupt as error:
            found.append(f"catalog: {error}")
        return found

    def _images(self, condition: str, parameters: Sequence[Any], *, facts: bool = False) -> list[Any]:
        """Return the rows of present images, as `_record` takes them. Conditions may be on facts, too."""
        also = "JOIN facts f ON f.content_id = c.id" if facts else ""
        return self._db.table(
            "images",
            IMAGE_COLUMNS,
            f"""SELECT {", ".join(IMAGE_COLUMNS)} FROM images i JOIN contents c ON c.id = i.content_id {also}
            WHERE i.missing = 0 AND {condition}""",
            parameters,
        )

    def _record(self, row: Any) -> ImageRecord:
        id, content_id, root_id, relpath, size, mtime_ns, hash_, width, height, format_ = row
        if width < 1 or height < 1 or size < 0:
            raise damaged(self.path, f"image {id} has {width} × {height} pixels in {size} bytes")
        path = Path(self._path(root_id, relpath))
        return ImageRecord(id, content_id, path, size, mtime_ns, hash_.hex(), width, height, format_)

    def _path(self, root_id: int, relpath: bytes) -> str:
        if leads_out(relpath):
            raise damaged(self.path, leading_out(root_id, relpath))
        return os.path.join(self._root_path(root_id), path_of(relpath))

    def _root_path(self, root_id: int) -> str:
        if root_id not in self._root_paths:
            self._root_paths = {root.id: root.path for root in self.roots()}
        if root_id not in self._root_paths:
            raise damaged(self.path, f"a file lies below root {root_id}, which is not among the roots")
        return self._root_paths[root_id]
