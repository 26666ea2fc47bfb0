"""The block files: rows are added at the end, one commit makes them count, and damage is only a detour."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.catalog import DIM
from tests.contracts.vector_index import VectorIndexContract
from tests.helpers.catalogs import new_catalog
from tests.index.test_graphs import add_regions, append, vanish
from visualsearch_cli.errors import IndexCorrupt, IndexNotFound, IndexStoreError
from visualsearch_cli.index import derived as blocks
from visualsearch_cli.index.block_files import HEADER, BlockFolder
from visualsearch_cli.index.block_rows import VectorBlock, row_type
from visualsearch_cli.index.derived import block_problems, update_blocks
from visualsearch_cli.index.records import BlockFile, Frames, StoredVectors
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.checks import check_ids, check_vectors
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.index import Embeddings, Neighbors, VectorIds, VectorIndex


class Crash(BaseException):
    """The process dies here, as far as the code under test can tell."""


@pytest.fixture(autouse=True)
def _all_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "WORTH_WRITING", 1)
    monkeypatch.setattr(blocks, "CHUNK", 7)


def catalog_in(folder: Path) -> CatalogWriter:
    catalog = new_catalog(Path(os.path.realpath(folder)) / ".visualsearch")
    catalog.add_root(Path(os.path.realpath(folder)))
    return catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[CatalogWriter]:
    with closing(catalog_in(tmp_path)) as catalog:
        yield catalog


@pytest.fixture
def store(catalog: CatalogWriter) -> BlockFolder:
    return BlockFolder(catalog.path.parent)


def update(catalog: CatalogWriter, store: BlockFolder, *, rebuild: bool = False) -> VectorBlock | None:
    update_blocks(catalog, store, NoProgress(), rebuild=rebuild)
    block = catalog.manifest().block
    return store.open(block, DIM) if block else None


def assert_same(catalog: CatalogWriter, store: BlockFolder) -> None:
    """Check that the block holds what the catalog does, and nothing is wrong with it."""
    rows = update(catalog, store)
    stored = catalog.all_vectors()
    assert rows is not None
    here = np.isin(rows.ids, stored.ids)
    np.testing.assert_array_equal(rows.ids[here], stored.ids)
    np.testing.assert_array_equal(rows.content_ids[here], stored.content_ids)
    np.testing.assert_array_equal(rows.vectors[here], stored.vectors)
    assert block_problems(catalog, store) == []


def files(store: BlockFolder) -> list[str]:
    return sorted(path.name for path in store.folder.glob("vectors*"))


def damage(store: BlockFolder, at: int, value: bytes) -> None:
    """Overwrite bytes of the one block file."""
    (name,) = files(store)
    with (store.folder / name).open("r+b") as file:
        file.seek(at)
        file.write(value)


def test_an_empty_catalog_has_no_block(catalog: CatalogWriter, store: BlockFolder) -> None:
    assert update(catalog, store) is None
    assert files(store) == []


def test_few_vectors_are_worth_no_file(
    catalog: CatalogWriter, store: BlockFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "WORTH_WRITING", 6)
    append(catalog, 5)
    assert update(catalog, store) is None
    append(catalog, 1, seed=1)
    assert len(update(catalog, store) or ()) == 6


def test_rows_are_added_to_the_end_of_the_file(catalog: CatalogWriter, store: BlockFolder) -> None:
    append(catalog, 20)
    first = update(catalog, store)
    (name,) = files(store)
    before = (store.folder / name).read_bytes()
    append(catalog, 3, seed=1)
    assert_same(catalog, store)
    assert files(store) == [name]
    after = (store.folder / name).read_bytes()
    assert after.startswith(before)
    assert len(after) == HEADER.size + 23 * row_type(DIM).itemsize
    assert first is not None
    assert len(first) == 20, "a reader keeps seeing what counted when it began"


def test_an_append_reads_and_writes_what_is_new_only(
    catalog: CatalogWriter, store: BlockFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(catalog, 50)
    update(catalog, store)
    append(catalog, 2, seed=1)
    read: list[int] = []
    every = catalog.all_vectors

    def counted(after_id: int = 0, frames: Frames = Frames.FULL, limit: int | None = None) -> StoredVectors:
        stored = every(after_id, frames, limit)
        read.append(len(stored.ids))
        return stored

    monkeypatch.setattr(catalog, "all_vectors", counted)
    update(catalog, store)
    assert sum(read) == 2


def test_regions_have_a_block_of_their_own(catalog: CatalogWriter, store: BlockFolder) -> None:
    append(catalog, 5)
    update(catalog, store)
    add_regions(catalog)
    append(catalog, 2, seed=1)
    update(catalog, store)
    manifest = catalog.manifest()
    assert manifest.block is not None
    assert manifest.region_block is not None
    assert (manifest.block.vectors, manifest.region_block.vectors) == (7, 10)
    rows = store.open(manifest.region_block, DIM)
    np.testing.assert_array_equal(rows.regions, [1, 2] * 5)
    assert block_problems(catalog, store) == []
    assert len(files(store)) == 2


def test_what_was_forgotten_is_dropped_once_it_is_much(catalog: CatalogWriter, store: BlockFolder) -> None:
    ids = append(catalog, 20)
    assert len(update(catalog, store) or ()) == 20
    vanish(catalog, ids[:2])
    catalog.prune()
    assert len(update(catalog, store) or ()) == 20
    assert_same(catalog, store)
    vanish(catalog, ids[2:6])
    catalog.prune()
    assert len(update(catalog, store) or ()) == 14
    assert files(store) == ["vectors.000002.f32"]
    vanish(catalog, ids)
    catalog.prune()
    assert update(catalog, store) is None
    assert files(store) == []


@pytest.mark.parametrize("moment", ["half", "written"])
def test_a_crash_leaves_the_old_state(
    catalog: CatalogWriter, store: BlockFolder, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Half of the rows are behind the last that counts, or all are and none of them counts."""
    append(catalog, 20)
    update(catalog, store)
    append(catalog, 20, seed=1)

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        if moment == "half":
            calls: list[int] = []
            every = catalog.all_vectors

            def dies(after_id: int, frames: Frames, limit: int) -> StoredVectors:
                calls.append(1)
                if len(calls) > 2:
                    raise Crash
                return every(after_id, frames, limit)

            patch.setattr(catalog, "all_vectors", dies)
        else:
            patch.setattr(catalog, "set_block", crash)
        with pytest.raises(Crash):
            update(catalog, store)
    block = catalog.manifest().block
    assert block is not None
    assert len(store.open(block, DIM)) == 20
    assert block_problems(catalog, store) == []
    append(catalog, 3, seed=2)
    assert_same(catalog, store)


def test_a_file_that_no_manifest_names_is_swept(catalog: CatalogWriter, store: BlockFolder) -> None:
    for name in ("vectors.000009.f32", "vectors.txt"):
        (store.folder / name).write_bytes(b"old")
    append(catalog, 20)
    update(catalog, store)
    assert files(store) == ["vectors.000001.f32", "vectors.txt"]


ROW = row_type(DIM).itemsize


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (0, b"x", "does not begin"),
        (HEADER.size - 44, b"\xff", "does not begin"),
        (HEADER.size + 19 * ROW, b"\xff", "its last vector is"),
    ],
)
def test_a_file_that_is_another_is_not_mapped(
    catalog: CatalogWriter, store: BlockFolder, at: int, value: bytes, message: str
) -> None:
    append(catalog, 20)
    update(catalog, store)
    damage(store, at, value)
    block = catalog.manifest().block
    assert block is not None
    with pytest.raises(IndexCorrupt, match=message):
        store.open(block, DIM)
    assert len(block_problems(catalog, store)) == 1
    update_blocks(catalog, store, NoProgress())
    assert files(store) == ["vectors.000001.f32"], "a run that finds nothing new does not look inside"
    append(catalog, 1, seed=1)
    assert_same(catalog, store)
    assert files(store) == ["vectors.000002.f32"]


def test_a_short_file_is_not_mapped(catalog: CatalogWriter, store: BlockFolder) -> None:
    append(catalog, 20)
    update(catalog, store)
    os.truncate(store.folder / "vectors.000001.f32", HEADER.size + 19 * ROW)
    block = catalog.manifest().block
    assert block is not None
    with pytest.raises(IndexCorrupt, match="bytes, expected"):
        store.open(block, DIM)
    (store.folder / "vectors.000001.f32").unlink()
    with pytest.raises(IndexNotFound, match="is not there"):
        store.open(block, DIM)
    assert_same(catalog, store)


@pytest.mark.parametrize("value", [b"\x00\x00\xc0\x7f", b"\x00\x00\x80\x7f", b"\x00\x00\x00\x60"])
def test_a_search_meets_damage_by_its_products(
    catalog: CatalogWriter, store: BlockFolder, value: bytes
) -> None:
    append(catalog, 20)
    update(catalog, store)
    damage(store, HEADER.size + 7 * ROW + 32, value)
    block = catalog.manifest().block
    assert block is not None
    with pytest.raises(IndexCorrupt, match="check --repair"):
        store.open(block, DIM).search(catalog.all_vectors().vectors[:3], 5)


def test_a_neighbor_is_what_was_written(catalog: CatalogWriter, store: BlockFolder) -> None:
    """A flipped bit that leaves the length of a vector nearly as it was: its checksum tells."""
    append(catalog, 20)
    update(catalog, store)
    damage(store, HEADER.size + 7 * ROW + 32, b"\x01")
    block = catalog.manifest().block
    assert block is not None
    vectors = catalog.all_vectors().vectors
    with pytest.raises(IndexCorrupt, match="does not match its checksum"):
        store.open(block, DIM).search(vectors[7:8], 1)
    assert "1 vectors that differ from those of the catalog" in block_problems(catalog, store)[0]


@pytest.mark.parametrize("name", ["../vectors.000001.f32", "/etc/passwd", "catalog.sqlite", "é" * 300])
def test_a_catalog_cannot_name_any_file_as_its_block(name: str, store: BlockFolder) -> None:
    for ask in (lambda block: store.open(block, DIM), store.number_of):
        with pytest.raises(IndexCorrupt, match="not the name of a block file"):
            ask(BlockFile(name, 1, 1))
    assert not store.exists(BlockFile(name, 1, 1))


def test_a_full_disk_changes_nothing(
    catalog: CatalogWriter, store: BlockFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(catalog, 20)
    update(catalog, store)
    append(catalog, 20, seed=1)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(IndexStoreError, match="is there room left"):
            update(catalog, store)
    assert catalog.manifest().block == BlockFile("vectors.000001.f32", 20, 20)
    assert_same(catalog, store)


def test_present_vectors_come_from_the_block_and_the_tail(catalog: CatalogWriter, store: BlockFolder) -> None:
    ids = append(catalog, 20)
    expected = catalog.vectors()
    update(catalog, store)
    append(catalog, 5, seed=1)
    stored = catalog.vectors()
    assert len(stored.ids) == 25
    np.testing.assert_array_equal(stored.vectors[:20], expected.vectors)
    np.testing.assert_array_equal(stored.content_ids[:20], expected.content_ids)
    vanish(catalog, ids[:3])
    assert catalog.vectors().ids.tolist() == list(range(4, 26))
    assert catalog.vectors(after_id=10).ids.tolist() == list(range(11, 26))
    damage(store, HEADER.size + 7 * ROW + 32, b"\x00\x00\xc0\x7f")
    assert catalog.vectors().ids.tolist() == list(range(4, 26)), "the tables are the truth"


def test_no_vector_of_a_block_is_read_by_rows(
    catalog: CatalogWriter, store: BlockFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many vectors there are: the statements of a read give rows of what is new only."""
    append(catalog, 50)
    update(catalog, store)
    append(catalog, 2, seed=1)
    fetched: list[int] = []
    rows: Callable[..., list[object]] = catalog._db.rows

    def counted(sql: str, parameters: tuple[object, ...] = ()) -> list[object]:
        found = rows(sql, parameters)
        if "vector" in sql:
            fetched.append(len(found))
        return found

    monkeypatch.setattr(catalog._db, "rows", counted)
    assert len(catalog.vectors().ids) == 52
    assert fetched == [2]


def test_rows_are_found_by_their_ids(store: BlockFolder) -> None:
    layout = row_type(DIM)
    rows = np.zeros(500, layout)
    rows["id"] = np.sort(np.random.default_rng(2).choice(np.arange(1, 2_000), 500, replace=False))
    block = VectorBlock(store.folder / "vectors.000001.f32", rows)
    wanted = np.array([0, int(rows["id"][0]), int(rows["id"][-1]), 2_000, *rows["id"][100:200].tolist()])
    found = block.rows_with(np.append(wanted, np.setdiff1d(np.arange(1, 2_000), rows["id"])[:50]))
    assert found.tolist() == [0, *range(100, 200), 499]
    assert block.rows_with(np.empty(0, np.int64)).tolist() == []


def test_searches_are_those_of_exact_search(catalog: CatalogWriter, store: BlockFolder) -> None:
    append(catalog, 200)
    rows = update(catalog, store)
    assert rows is not None
    stored = catalog.all_vectors()
    expected = ExactIndex.from_arrays(stored.ids, stored.vectors).search(stored.vectors[:30], 7)
    found = rows.search(stored.vectors[:30], 7)
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.distances, expected.distances)
    rough = Neighbors(expected.ids[:, ::-1].copy(), expected.distances + np.float32(1e-6))
    measured = rows.measured(rough, stored.vectors[:30])
    np.testing.assert_array_equal(measured.ids, expected.ids)
    np.testing.assert_array_equal(measured.distances, expected.distances)
    with pytest.raises(IndexCorrupt, match="lacks vectors"):
        rows.measured(Neighbors(expected.ids + 300, expected.distances), stored.vectors[:30])


STEP = st.sampled_from(["append", "update", "crash", "forget", "lose", "damage", "rebuild"])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(STEP, st.integers(1, 12)), max_size=12))
def test_whatever_happens_the_next_update_is_right(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(catalog_in(Path(folder))) as catalog:
        store = BlockFolder(catalog.path.parent)
        images: list[int] = []
        for number, (step, count) in enumerate(steps):
            if step == "append":
                images += append(catalog, count, seed=number)
            elif step == "forget" and images:
                vanish(catalog, images[:count])
                catalog.prune()
                images = images[count:]
            elif step in ("update", "rebuild"):
                update_blocks(catalog, store, NoProgress(), rebuild=step == "rebuild")
            elif step == "crash":
                with pytest.MonkeyPatch.context() as patch, suppress(Crash):
                    patch.setattr(catalog, "set_block", _crash)
                    update_blocks(catalog, store, NoProgress())
            elif files(store):
                path = store.folder / files(store)[-1]
                path.unlink() if step == "lose" else path.write_bytes(path.read_bytes()[: 10 * count])
        images += append(catalog, 1, seed=99)
        assert_same(catalog, store)
        assert len(files(store)) == 1


def _crash(*_: object) -> None:
    raise Crash


class Growing:
    """A block file that takes vectors: each time it is appended to, and mapped anew."""

    def __init__(self, folder: Path, dim: int) -> None:
        self.dim = dim
        self._store = BlockFolder(folder)
        self._file: BlockFile | None = None

    def __len__(self) -> int:
        return self._file.vectors if self._file else 0

    def add(self, ids: VectorIds, vectors: Embeddings) -> None:
        vectors = check_vectors(vectors, self.dim)
        present = self._store.open(self._file, self.dim).ids if self._file else np.empty(0, np.int64)
        ids = check_ids(ids, len(vectors), present)
        order = np.argsort(ids)
        zeros = np.zeros(len(ids), np.int64)
        part = StoredVectors(ids[order], zeros, zeros, vectors[order])
        self._file = self._store.append(self._file, [part], 1, self.dim) or self._file

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        if self._file is None:
            return ExactIndex(self.dim).search(queries, k)
        return self._store.open(self._file, self.dim).search(queries, k)


class TestVectorBlock(VectorIndexContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make(self, dim: int) -> VectorIndex:
        folder = self.folder / str(len(list(self.folder.iterdir())))
        folder.mkdir()
        return Growing(folder, dim)


def test_rows_are_not_added_to_another_name_of_a_file(
    catalog: CatalogWriter, store: BlockFolder, tmp_path: Path
) -> None:
    append(catalog, 5)
    update(catalog, store)
    (name,) = files(store)
    (tmp_path / "backup").hardlink_to(store.folder / name)
    before = (tmp_path / "backup").read_bytes()
    append(catalog, 9)
    assert_same(catalog, store)
    assert files(store) == [name], "rows were added, and no new file was made"
    assert (tmp_path / "backup").read_bytes() == before != (store.folder / name).read_bytes()
