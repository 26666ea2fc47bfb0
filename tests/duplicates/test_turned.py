"""Turned copies: which ways are tried, and that they are found, kept and not made twice."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, nullcontext
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.doubles import TOY, FakeReader, Loader, toy
from visualsearch_cli.duplicates.turned import Turner, ways_of
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.index.records import FileKey, FileUpdate, Manifest, NewContent, Turned
from visualsearch_cli.index.sqlite.database import Database, create
from visualsearch_cli.index.sqlite.rows import manifest_rows
from visualsearch_cli.index.sqlite.turned import SqliteTurned
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.pictures.image import ImageRecord, Pixels
from visualsearch_cli.pictures.orientations import Transforms, orientations_of
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.index import Embeddings, IndexParams
from visualsearch_cli.vectors.pairs import Nodes


class MemoryStore:
    """Keeps vectors in a list."""

    def __init__(self) -> None:
        self.kept: list[Turned] = []

    def load(self, way: int) -> tuple[Nodes, Embeddings]:
        its = [(content, vector) for content, made, vector in self.kept if made == way]
        vectors = np.array([vector for _, vector in its], np.float32).reshape(-1, 8)
        return np.array([content for content, _ in its], np.int64), vectors

    def as_kept(self, vectors: Embeddings) -> Embeddings:
        return vectors

    def save(self, found: Sequence[Turned]) -> None:
        self.kept += found


def pixels_of(data: bytes) -> Pixels:
    return FakeReader().read(data).pixels


def toy_of(pixels: Pixels) -> bytes:
    return TOY + pixels.tobytes()


def embedded(embedder: Embedder, pictures: Iterable[bytes]) -> Embeddings:
    return embedder.embed([embedder.prepare(pixels_of(data)) for data in pictures])


@pytest.fixture
def pictures(tmp_path: Path) -> dict[int, ImageRecord]:
    """Three pictures: the second is the first upside down, the third its mirror image."""
    first = toy(1)
    ways = orientations_of(pixels_of(first), Transforms.ALL)
    records = {}
    for number, data in enumerate((first, toy_of(ways[2]), toy_of(ways[4])), start=1):
        path = tmp_path / f"{number}.toy"
        path.write_bytes(data)
        records[number] = ImageRecord(number, number, path, len(data), 1, f"{number:02}", 4, 2, "TOY")
    return records


def pairs(turner: Turner, pictures: Mapping[int, ImageRecord], loader: Loader) -> set[tuple[int, int]]:
    vectors = embedded(loader.fake, [record.path.read_bytes() for record in pictures.values()])
    found = turner.pairs(
        np.array(sorted(pictures), np.int64),
        vectors,
        lambda contents: {content: [pictures[content]] for content in contents},
        0.01,
    )
    ids = sorted(pictures)
    return {(ids[a], ids[b]) for a, b in zip(found.a.tolist(), found.b.tolist(), strict=True) if a != b}


def turner_of(ways: tuple[int, ...], store: MemoryStore | SqliteTurned, loader: Loader) -> Turner:
    return Turner(ways, store, loader, FakeReader(), 2, NoProgress())


@pytest.mark.parametrize(
    ("way", "expected"), [(2, {(1, 2), (2, 1)}), (4, {(1, 3), (3, 1)}), (6, {(2, 3), (3, 2)})]
)
def test_a_turned_copy_is_found_in_its_way(
    pictures: dict[int, ImageRecord], way: int, expected: set[tuple[int, int]]
) -> None:
    loader = Loader()
    assert pairs(turner_of((way,), MemoryStore(), loader), pictures, loader) == expected


def test_what_is_stored_is_not_embedded_again(pictures: dict[int, ImageRecord]) -> None:
    store, loader = MemoryStore(), Loader()
    first = pairs(turner_of((2, 4), store, loader), pictures, loader)
    assert len(store.kept) == 6
    again = Loader()
    reader = FakeReader()
    assert pairs(Turner((2, 4), store, again, reader, 2, NoProgress()), pictures, again) == first
    assert again.calls == 0 and not reader.decoded


def test_files_that_cannot_be_read_have_no_turns(pictures: dict[int, ImageRecord]) -> None:
    pictures[1].path.write_bytes(b"no picture")
    pictures[1].path.unlink()
    store, loader = MemoryStore(), Loader()
    vectors = np.eye(3, 8, dtype=np.float32)
    turner_of((2,), store, loader).pairs(
        np.array([1, 2, 3], np.int64), vectors, lambda ids: {id: [pictures[id]] for id in ids}, 0.01
    )
    assert sorted(content for content, *_ in store.kept) == [2, 3]


def test_every_turn_is_reached_by_turning_one_of_both() -> None:
    """Whatever the way from A to B is, one of the ways that are tried leads from A to B or from B to A."""
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    tried = ways_of(Transforms.ALL, mirror_invariant=False)
    for copy in orientations_of(pixels, Transforms.ALL)[1:]:
        there = [orientations_of(pixels, Transforms.ALL)[way] for way in tried]
        back = [orientations_of(copy, Transforms.ALL)[way] for way in tried]
        assert any(np.array_equal(way, copy) for way in there) or any(
            np.array_equal(way, pixels) for way in back
        )


def test_a_model_that_does_not_see_mirrors_needs_fewer_turns() -> None:
    assert ways_of(Transforms.NONE, mirror_invariant=False) == ()
    assert ways_of(Transforms.MIRROR, mirror_invariant=True) == ()
    assert ways_of(Transforms.MIRROR, mirror_invariant=False) == (4,)
    assert set(ways_of(Transforms.ALL, mirror_invariant=True)) == {1, 2}


def test_turned_vectors_come_back_and_damaged_ones_do_not(tmp_path: Path) -> None:
    loader = Loader()
    path = tmp_path / "catalog.sqlite"
    create(path, manifest_rows(Manifest(1, "0", "now", loader.fake.spec, None, IndexParams(), None)))
    with closing(CatalogWriter(path)) as catalog:
        root = catalog.add_root(tmp_path)
        vector = np.eye(1, 8, dtype=np.float32)[0]
        for name in "ab":
            content = NewContent(name.encode() * 32, 4, 2, "TOY", vector)
            catalog.write([FileUpdate(FileKey(root.id, name), 1, 1, content)])
    database = Database(path, writable=True)
    store = SqliteTurned(path, 8, lambda: nullcontext(database))
    store.save([(1, 2, vector), (2, 2, -vector), (2, 4, vector), (99, 2, vector)])
    store.save([(1, 2, vector)])
    ids, vectors = store.load(2)
    assert dict(zip(ids.tolist(), vectors.tolist(), strict=True)) == {
        1: vector.tolist(),
        2: (-vector).tolist(),
    }
    database.run("UPDATE turned SET crc32 = 0 WHERE content_id = 1")
    assert store.load(2)[0].tolist() == [2]
    database.run("DELETE FROM images WHERE content_id = 2")
    database.run("DELETE FROM contents WHERE id = 2")
    assert store.load(2)[0].tolist() == [] and store.load(4)[0].tolist() == []
    database.close()
    SqliteTurned(path, 8, nullcontext).save([(1, 2, vector)])


@pytest.mark.parametrize("bits", [8, 16])
def test_turned_vectors_are_the_same_before_they_are_stored_and_after(
    pictures: dict[int, ImageRecord], tmp_path: Path, bits: int
) -> None:
    """Of an index that rounds: the first run compares fresh ones, the next those that were kept."""
    loader = Loader()
    path = tmp_path / "catalog.sqlite"
    create(path, manifest_rows(Manifest(8, "0", "now", loader.fake.spec, None, IndexParams(), None)))
    with closing(CatalogWriter(path)) as catalog:
        root = catalog.add_root(tmp_path)
        for name in "abc":
            content = NewContent(name.encode() * 32, 4, 2, "TOY", np.eye(1, 8, dtype=np.float32)[0])
            catalog.write([FileUpdate(FileKey(root.id, name), 1, 1, content)])
    with closing(Database(path, writable=True)) as database:
        store = SqliteTurned(path, 8, lambda: nullcontext(database), bits=bits)
        vectors = embedded(loader.fake, [record.path.read_bytes() for record in pictures.values()])
        ids = np.array(sorted(pictures), np.int64)
        found = []
        for _ in range(2):
            turner = turner_of((2, 4, 6), store, loader)
            found.append(turner.pairs(ids, vectors, lambda of: {id: [pictures[id]] for id in of}, 1.0))
        assert loader.calls and len(found[0].a) > 3
        for name in ("a", "b", "distances"):
            np.testing.assert_array_equal(getattr(found[0], name), getattr(found[1], name))
        blobs = database.rows("SELECT vector FROM turned")
        assert len(blobs) == 9 and {len(blob) for (blob,) in blobs} == {bits}  # 8 values
        database.run("UPDATE turned SET vector = zeroblob(?), crc32 = ?", (bits, zlib.crc32(bytes(bits))))
        assert not len(store.load(2)[0]), "what is no rounded vector is made again"
