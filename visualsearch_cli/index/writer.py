"""The catalog in SQLite, for the one process that may write. Each method is one transaction."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.calibration.levels import Calibration
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.records import (
    BlockFile,
    Facts,
    FileKey,
    FileUpdate,
    Frames,
    GraphFile,
    NewContent,
    PassedOver,
    Root,
)
from visualsearch_cli.index.roots import is_below, key_of
from visualsearch_cli.index.sqlite.adopting import (
    ADOPT_IMAGE,
    ADOPT_SKIPPED,
    Adopted,
    Changed,
    Vectors,
    adopt_contents,
    adopt_ignored,
    adopt_labels,
    stored_files,
)
from visualsearch_cli.index.sqlite.known_files import forget_summaries, write_summaries
from visualsearch_cli.index.sqlite.rows import (
    SECOND,
    below,
    blob_of,
    block_value,
    calibration_value,
    exclude_value,
    graph_value,
    locate,
    model_value,
    mounts_value,
    passed_over_value,
    vector_blob,
    volumes_value,
)
from visualsearch_cli.pictures.regions import FULL_FRAME
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.embedders.embedder import ModelSpec


FILES = ("images", "skipped")  # tables with a row for each file

Derived = Callable[[Embeddings], Embeddings]
"""From vectors of one model, (n, dim), to those of another, (n, other dim)."""

UNREFERRED = "DELETE FROM contents WHERE id NOT IN (SELECT content_id FROM images)"


class CatalogWriter(Catalog):
    """The catalog file of an index, opened for writing. The caller holds the lock of the index."""

    writable = True

    def add_root(self, path: Path) -> Root:
        """Remember a folder as a root. Its path is absolute and resolved."""
        state = os.stat(path)
        return self._add_root(path, str(state.st_dev), str(state.st_ino))

    def add_absent_root(self, path: str) -> None:
        """Remember a folder as a root that need not be there."""
        self._add_root(Path(path), "", "")

    def _add_root(self, path: Path, device: str, inode: str) -> Root:
        location, relative = locate(path, self.base)
        with self._db.transaction():
            cursor = self._db.run(
                "INSERT INTO roots (location, relative, device, inode) VALUES (?, ?, ?, ?)",
                (location, relative, device, inode),
            )
        self._root_paths.clear()
        return Root(int(cursor.lastrowid or 0), str(path), device, inode)

    def move_root(self, root_id: int, path: Path) -> Root:
        """Note where a root is now, after a rename, or that it was seen on another device."""
        state = os.stat(path)
        location, relative = locate(path, self.base)
        with self._db.transaction():
            self._db.run(
                "UPDATE roots SET location = ?, relative = ?, device = ?, inode = ? WHERE id = ?",
                (location, relative, str(state.st_dev), str(state.st_ino), root_id),
            )
        self._root_paths.clear()
        return Root(root_id, str(path), str(state.st_dev), str(state.st_ino))

    def write(self, updates: Sequence[FileUpdate], present: Sequence[int] = ()) -> list[int]:
        """Commit files that are new, changed or unusable, and ids of known images that are back.

        Returns the image ids of the updates, without those that were skipped.
        """
        if not updates and not present:
            return []
        with self._db.transaction():
            self._db.run_many("UPDATE images SET missing = 0 WHERE id = ?", ((id,) for id in present))
            ids = []
            may_be_skipped = bool(self._db.rows("SELECT 1 FROM skipped LIMIT 1"))  # mostly none is
            for update in updates:
                may_be_skipped |= update.content is None
                id = self._write_file(update, may_be_skipped)
                if id is not None:
                    ids.append(id)
            return ids

    def _write_file(self, update: FileUpdate, may_be_skipped: bool) -> int | None:
        place = (update.key.root_id, blob_of(update.key.relpath))
        state = (update.size, update.mtime_ns)
        if update.content is None:
            self._db.run("DELETE FROM images WHERE root_id = ? AND relpath = ?", place)
            self._db.run(
                "INSERT OR REPLACE INTO skipped (root_id, relpath, size, mtime_ns, reason)"
                " VALUES (?, ?, ?, ?, ?)",
                (*place, *state, update.reason or "unknown"),
            )
            return None
        content_id = self._content_id(update.content)
        if may_be_skipped:
            self._db.run("DELETE FROM skipped WHERE root_id = ? AND relpath = ?", place)
        added = self._db.run(
            """INSERT INTO images (root_id, relpath, size, mtime_ns, content_id, missing)
            VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (root_id, relpath) DO NOTHING""",
            (*place, *state, content_id),
        )
        if added.rowcount:  # a new file, as nearly all are: its id need not be asked for
            return int(added.lastrowid or 0)
        rows = self._db.rows("SELECT id FROM images WHERE root_id = ? AND relpath = ?", place)
        self._db.run(
            "UPDATE images SET size = ?, mtime_ns = ?, content_id = ?, missing = 0 WHERE id = ?",
            (*state, content_id, rows[0][0]),
        )
        return int(rows[0][0])

    def _content_id(self, content: NewContent | bytes) -> int:
        if isinstance(content, NewContent) and (added := self._add_content(content)):
            return added
        content_hash = content.hash if isinstance(content, NewContent) else content
        rows = self._db.rows("SELECT id FROM contents WHERE hash = ?", (content_hash,))
        content_id = int(rows[0][0])
        if isinstance(content, NewContent) and content.regions is not None:
            self._add_regions(content_id, content.regions)
        return content_id

    def _add_content(self, content: NewContent) -> int | None:
        """Return the id of a new content, None if it is known."""
        cursor = self._db.run(
            """INSERT INTO contents (hash, width, height, format) VALUES (?, ?, ?, ?)
            ON CONFLICT (hash) DO NOTHING""",
            (content.hash, content.width, content.height, content.format),
        )
        if not cursor.rowcount:
            return None
        content_id = int(cursor.lastrowid or 0)
        self._add_vector(content_id, FULL_FRAME, content.vector)
        if content.regions is not None:
            self._add_regions(content_id, content.regions)
        if content.second is not None:
            self.seen(second=True)._add_vector(content_id, FULL_FRAME, content.second)
        return content_id

    def take_contents(self, contents: Sequence[tuple[NewContent, Facts]]) -> None:
        """Store contents that are not there, of which no file need be known. Facts without a size are none;
        their ids do not count."""
        with self._db.transaction():
            found = [(self._add_content(content), facts) for content, facts in contents]
            self._put_facts([facts._replace(content_id=id) for id, facts in found if id and facts.size])

    def add_vectors(self, found: Sequence[tuple[int, npt.NDArray[np.float32]]]) -> None:
        """Store the vectors of full frames, (dim,), of contents that lack that of this model."""
        with self._db.transaction():
            for content_id, vector in found:
                self._add_vector(content_id, FULL_FRAME, vector)

    def add_regions(self, found: Sequence[tuple[int, Embeddings]]) -> None:
        """Store the vectors of regions, shape (r, dim) for the regions 1 to r, of contents that lack them."""
        with self._db.transaction():
            for content_id, vectors in found:
                self._add_regions(content_id, vectors)

    def _add_regions(self, content_id: int, vectors: Embeddings) -> None:
        for region, vector in enumerate(vectors, start=FULL_FRAME + 1):
            self._add_vector(content_id, region, vector)

    def _add_vector(self, content_id: int, region: int, vector: npt.NDArray[np.float32]) -> None:
        blob, crc32 = vector_blob(vector, self._bits)
        self._db.run(
            f"""INSERT OR IGNORE INTO {self._embeddings} (content_id, region, crc32, vector)
            VALUES (?, ?, ?, ?)""",
            (content_id, region, crc32, blob),
        )

    @cached_property
    def _bits(self) -> int:
        """How many bits of a value are kept: what an index is made with, it stays with."""
        return self.manifest().bits

    def set_facts(self, found: Sequence[Facts]) -> None:
        """Keep what files say of their pictures."""
        with self._db.transaction():
            self._put_facts(found)

    def _put_facts(self, found: Sequence[Facts]) -> None:
        self._db.run_many(
            """UPDATE facts SET looked_at = 1, size = ?, captured = ?, camera = ?, latitude = ?,
            longitude = ? WHERE content_id = ?""",
            ((*facts[1:], facts.content_id) for facts in found),
        )

    def vanish(self, images: Sequence[int], skipped: Sequence[int]) -> int:
        """Mark images as missing, and forget skipped files, so that one that comes back is tried again.

        Both are given by their ids. Returns how many images were there until now.
        """
        if not images and not skipped:
            return 0
        with self._db.transaction():
            marked = self._db.run_many(
                "UPDATE images SET missing = 1 WHERE id = ? AND missing = 0", ((id,) for id in images)
            )
            self._db.run_many("DELETE FROM skipped WHERE id = ?", ((id,) for id in skipped))
        return marked

    def summarize(self, *, rebuild: bool = False) -> None:
        """Write the summaries of stretches that have none; with `rebuild`, of all anew."""
        if rebuild:
            forget_summaries(self._db)
        write_summaries(self._db)

    def set_graph(self, graph: GraphFile | None, frames: Frames = Frames.FULL) -> None:
        """Make a saved graph the current one of the full frames, or of the regions, or none."""
        self._set_of_model("graph" if frames is Frames.FULL else "region_graph", graph_value(graph))

    def set_block(self, block: BlockFile | None, frames: Frames = Frames.FULL) -> None:
        """Make a block file, with so many rows, the current one of the full frames, or of the regions."""
        self._set_of_model("block" if frames is Frames.FULL else "region_block", block_value(block))

    def set_calibration(self, calibration: Calibration) -> None:
        """Keep what was measured on the pictures of this index, with this model."""
        self._set_of_model("calibration", calibration_value(calibration))

    def set_regions(self, scheme: str) -> None:
        """Make this an index that holds regions, cut by a scheme. Contents may lack theirs for now."""
        self._set_of_model("regions", json.dumps(scheme))

    def set_second_model(self, model: ModelSpec, weights_path: Path | None) -> None:
        """Make this an index of two models. Contents lack the vectors of the second for now."""
        where = json.dumps(os.path.abspath(weights_path) if weights_path else None)
        with self._db.transaction():
            self._put(f"{SECOND}model", model_value(model))
            self._put(f"{SECOND}weights_path", where)

    def set_passed_over(self, found: Mapping[int, Mapping[str, PassedOver]]) -> None:
        """Keep what a scan of whole roots left out, by the ids of roots and by reason."""
        known = self.passed_over()
        if any(known.get(root_id) != its for root_id, its in found.items()):
            self._set("passed_over", passed_over_value({**known, **found}))

    def set_exclude(self, lines: Mapping[int, Sequence[str]]) -> None:
        """Keep what is left out of roots, by their ids: the lines of a .gitignore file in each."""
        self._set("exclude", exclude_value(lines))

    def set_mounts(self, mounts: Sequence[FileKey]) -> None:
        """Keep at which folders inside roots other disks are, or were, mounted."""
        self._set("mounts", mounts_value(mounts))

    def set_volumes(self, names: Mapping[FileKey, str]) -> None:
        """Keep what roots, and disks inside them, lie on."""
        self._set("volumes", volumes_value(names))

    def set_aside(self, place: FileKey, path: Path) -> Root:
        """Give what is known of a place to a new root, which is not there."""
        root = next(root for root in self.roots() if root.id == place.root_id)
        location, relative = locate(path, self.base)
        begin = 1 if place.relpath == "." else len(blob_of(place.relpath)) + 2  # of what is left of a path
        condition, parameters = below(place, "files")
        change = f"SET root_id = ?, relpath = substr(relpath, ?) WHERE {condition}"
        with self._db.transaction():
            cursor = self._db.run(
                "INSERT INTO roots (location, relative, device, inode) VALUES (?, ?, ?, ?)",
                (location, relative, root.device, root.inode),
            )
            id = int(cursor.lastrowid or 0)
            for table in FILES:
                self._db.run(f"UPDATE {table} AS files {change}", (id, begin, *parameters))
        self._root_paths.clear()
        return Root(id, str(path), root.device, root.inode)

    def bring_back(self, root: Root, place: FileKey) -> None:
        """Give what was set aside to a place again, of which but missing files are known."""
        begin = b"" if place.relpath == "." else blob_of(place.relpath) + b"/"
        change = "SET root_id = ?, relpath = CAST(? || relpath AS BLOB) WHERE root_id = ?"
        with self._db.transaction():
            for table in FILES:
                self._db.run(f"UPDATE OR REPLACE {table} {change}", (place.root_id, begin, root.id))
            self._db.run("DELETE FROM roots WHERE id = ?", (root.id,))
        self._root_paths.clear()

    def _set_of_model(self, key: str, value: str) -> None:
        self._set(SECOND + key if self.is_second else key, value)

    def _set(self, key: str, value: str) -> None:
        with self._db.transaction():
            self._put(key, value)

    def _put(self, key: str, value: str) -> None:
        self._db.run("INSERT OR REPLACE INTO manifest (key, value) VALUES (?, ?)", (key, value))

    def adopt(
        self,
        source: Catalog,
        places: Sequence[str],
        leaves_out: Callable[[str], bool],
        *,
        regions: bool,
        derived: Derived | None = None,
        second: Catalog | None = None,
    ) -> tuple[Adopted, int, int]:
        """Take in what another catalog knows, of files at or below some absolute places if there are any, but
        not of those that are left out. `derived` makes the vectors of this model from those of the other.
        `second` is the other catalog, seen with what is the second model here.

        Returns the files that were new, how many were known, and how many contents were new.
        """
        before = self._db.rows("SELECT count(*) FROM contents")[0][0]
        with self._db.transaction():
            wanted, known = self._adopt_files(source, places, leaves_out)
            vectors = [Vectors(source._embeddings, self._embeddings, regions, self._read_by(source, derived))]
            if second is not None:
                target = self.seen(second=True)._embeddings
                vectors.append(Vectors(second._embeddings, target, changed=self._read_by(second)))
            contents = adopt_contents(source._db, self._db, wanted.contents, vectors)
            self._db.run_many(ADOPT_IMAGE, wanted.images(contents))
            self._db.run_many(ADOPT_SKIPPED, wanted.skipped)
            adopt_ignored(source._db, self._db)
            adopt_labels(source._db, self._db)
            exclude = {wanted.roots[id]: of for id, of in source.exclude().items() if id in wanted.roots}
            if exclude:
                self._put("exclude", exclude_value({**exclude, **self.exclude()}))
        self._root_paths.clear()
        after = self._db.rows("SELECT count(*) FROM contents")[0][0]
        return wanted, known, after - before

    def _read_by(self, source: Catalog, derived: Derived | None = None) -> Changed | None:
        """Return what makes the vectors of another catalog those of this one; None: they are."""
        if derived is None and source.manifest().bits == self._bits:
            return None

        def changed(blobs: list[bytes]) -> list[bytes]:
            vectors = source._vectors.matrix(blobs)
            made = vectors if derived is None else derived(vectors)
            return [vector_blob(vector, self._bits)[0] for vector in made]

        return changed

    def _adopt_files(
        self, source: Catalog, places: Sequence[str], leaves_out: Callable[[str], bool]
    ) -> tuple[Adopted, int]:
        """Find out which files of another catalog are wanted and new, and make roots for them."""
        wanted, known = Adopted(), 0
        for root in source.roots():
            files = [
                row
                for row in stored_files(source._db, root.id, os.fsencode(root.path))
                if not places or any(is_below(os.fsdecode(row.path), place) for place in places)
                if not leaves_out(os.fsdecode(row.path))
            ]
            if not files:
                continue
            roots = self.roots()
            if key_of(root.path, roots) is None:
                location, relative = locate(Path(root.path), self.base)
                cursor = self._db.run(
                    "INSERT INTO roots (location, relative, device, inode) VALUES (?, ?, ?, ?)",
                    (location, relative, root.device, root.inode),
                )
                wanted.roots[root.id] = int(cursor.lastrowid or 0)
                self._root_paths.clear()
                roots = self.roots()
            for row in files:
                key = key_of(os.fsdecode(row.path), roots)
                assert key is not None  # its own root is among them, if no other one
                place = (key.root_id, blob_of(key.relpath))
                sql = "SELECT 1 FROM {} WHERE root_id = ? AND relpath = ?"
                if any(self._db.rows(sql.format(table), place) for table in ("images", "skipped")):
                    known += 1
                else:
                    wanted.add(place, row)
        return wanted, known

    def prune(self, images: Sequence[int] = (), skipped: Sequence[int] = (), away: Sequence[int] = ()) -> int:
        """Forget missing files, but for those of roots that are away, and the contents nothing refers to.

        Images and skipped files of the given ids are forgotten, too. Returns how many images were.
        """
        with self._db.transaction():
            forgotten = self._forget(images, skipped)
            for root in self.roots():
                if root.id not in away:
                    sql = "DELETE FROM images WHERE root_id = ? AND missing = 1"
                    forgotten += self._db.run(sql, (root.id,)).rowcount
            self._db.run(UNREFERRED)
        return forgotten

    def prune_roots(self, root_ids: Sequence[int]) -> int:
        """Forget whole roots, and the contents nothing refers to. Returns how many images they had."""
        with self._db.transaction():
            forgotten = 0
            for root_id in root_ids:
                forgotten += self._db.run("DELETE FROM images WHERE root_id = ?", (root_id,)).rowcount
                self._db.run("DELETE FROM roots WHERE id = ?", (root_id,))
            self._db.run(UNREFERRED)
        self._root_paths.clear()
        return forgotten

    def prune_files(self, images: Sequence[int], skipped: Sequence[int]) -> int:
        """Forget images and skipped files, given by their ids, and no others. Returns the images."""
        with self._db.transaction():
            forgotten = self._forget(images, skipped)
            self._db.run(UNREFERRED)
        return forgotten

    def forget_paths(self, places: Sequence[tuple[int, bytes]]) -> None:
        """Forget files, given by the ids of their roots and the paths below these. Contents stay."""
        with self._db.transaction():
            for table in FILES:
                self._db.run_many(f"DELETE FROM {table} WHERE root_id = ? AND relpath = ?", places)

    def forget_contents(self, hashes: Sequence[bytes]) -> None:
        """Forget contents, given by their hashes, that no image refers to."""
        with self._db.transaction():
            self._db.run_many(f"{UNREFERRED} AND hash = ?", ((hash_,) for hash_ in hashes))

    def _forget(self, images: Sequence[int], skipped: Sequence[int]) -> int:
        forgotten = self._db.run_many("DELETE FROM images WHERE id = ?", ((id,) for id in images))
        self._db.run_many("DELETE FROM skipped WHERE id = ?", ((id,) for id in skipped))
        return forgotten
