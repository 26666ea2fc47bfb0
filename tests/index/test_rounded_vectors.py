"""An index that keeps fewer bits of a value: its tables, blocks and checks, and what it takes over."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.catalog import DIM, MANIFEST, content
from tests.helpers.catalogs import new_catalog
from tests.index.test_graphs import append
from visualsearch_cli.errors import IndexCorrupt
from visualsearch_cli.index import derived
from visualsearch_cli.index.block_files import HEADER, BlockFolder
from visualsearch_cli.index.block_rows import HEAD, VectorBlock, row_type
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.derived import block_problems, update_blocks
from visualsearch_cli.index.joined.merging import merge
from visualsearch_cli.index.records import FileKey, FileUpdate, Frames
from visualsearch_cli.index.sqlite.rows import manifest_rows
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.stored_values import to_stored, values_of

KINDS = {8: "i8", 16: "i16"}


@pytest.fixture(params=KINDS)
def bits(request: pytest.FixtureRequest) -> int:
    assert isinstance(request.param, int)
    return request.param


@pytest.fixture
def catalog(tmp_path: Path, bits: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[CatalogWriter]:
    monkeypatch.setattr(derived, "WORTH_WRITING", 1)
    with closing(made(tmp_path, "here", bits)) as catalog:
        yield catalog


def made(folder: Path, name: str, bits: int) -> CatalogWriter:
    catalog = new_catalog(folder / name, MANIFEST._replace(bits=bits))
    catalog.add_root(Path(os.path.realpath(folder)))
    return catalog


def full_vectors(count: int) -> Embeddings:
    """Return the vectors that `append` writes, before they are rounded."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(count):
        vector = rng.standard_normal(DIM)
        found.append(vector / np.linalg.norm(vector))
        rng.bytes(32)
    return np.array(found, np.float32)


def block_of(catalog: CatalogWriter) -> VectorBlock:
    update_blocks(catalog, BlockFolder(catalog.path.parent), NoProgress())
    manifest = catalog.manifest()
    assert manifest.block is not None
    return BlockFolder(catalog.path.parent).open(manifest.block, DIM, manifest.bits)


def test_the_manifest_says_so_only_where_it_rounds(catalog: CatalogWriter, bits: int) -> None:
    assert catalog.manifest().bits == bits and manifest_rows(catalog.manifest())["bits"] == str(bits)
    assert "bits" not in manifest_rows(MANIFEST)
    for wrong in ("4", '"8"', "null", "8.0", "true"):
        with catalog._db.transaction():
            catalog._put("bits", wrong)
        with pytest.raises(IndexCorrupt, match="bits is "):
            catalog.manifest()


def test_tables_hold_the_numbers(catalog: CatalogWriter, bits: int) -> None:
    append(catalog, 20)
    vectors = full_vectors(20)
    rows = catalog._db.rows("SELECT vector, crc32 FROM embeddings ORDER BY id")
    for (blob, crc32), numbers in zip(rows, to_stored(vectors, bits), strict=True):
        assert len(blob) == DIM * bits // 8 and blob == numbers.tobytes() and zlib.crc32(blob) == crc32
    np.testing.assert_array_equal(catalog.all_vectors().vectors, values_of(to_stored(vectors, bits)))
    assert catalog.problems() == []


def test_regions_and_a_second_model_are_kept_so(catalog: CatalogWriter, bits: int) -> None:
    catalog.set_regions(CORNERS.name)
    model = MANIFEST.model._replace(name="other", dim=3)
    catalog.set_second_model(model, None)
    regions = full_vectors(5)
    second = np.array([0.6, 0.0, -0.8], np.float32)
    new = content("a", 3, 4)._replace(regions=regions, second=second)
    catalog.write([FileUpdate(FileKey(1, "a.jpg"), 1, 1, new)])
    stored = catalog.all_vectors(frames=Frames.REGIONS)
    np.testing.assert_array_equal(stored.vectors, values_of(to_stored(regions, bits)))
    seen = catalog.seen(second=True)
    assert seen.manifest().bits == bits
    np.testing.assert_array_equal(seen.all_vectors().vectors, values_of(to_stored(second[np.newaxis], bits)))
    assert catalog.problems() == []
    sizes = {
        (table, len(blob))
        for table in ("embeddings", "second_embeddings")
        for (blob,) in catalog._db.rows(f"SELECT vector FROM {table}")
    }
    assert sizes == {("embeddings", DIM * bits // 8), ("second_embeddings", 3 * bits // 8)}


def test_the_block_has_the_numbers_and_finds_what_exact_search_does(
    catalog: CatalogWriter, bits: int
) -> None:
    append(catalog, 60)
    rows = block_of(catalog)
    append(catalog, 7, seed=1)
    rows = block_of(catalog)
    stored = catalog.all_vectors()
    name = f"vectors.000001.{KINDS[bits]}"
    file = catalog.path.parent / name
    assert rows.path.name == name and file.read_bytes()[:16] == f"visualsearch {KINDS[bits]}".encode().ljust(
        16
    )
    assert file.stat().st_size == HEADER.size + 67 * row_type(DIM, bits).itemsize
    assert row_type(DIM, bits).itemsize == 40  # 32, and 4 numbers, in eights
    np.testing.assert_array_equal(rows.vectors[np.arange(67)], stored.vectors)
    np.testing.assert_array_equal(rows.part(slice(None)).vectors, stored.vectors)
    np.testing.assert_array_equal(catalog.vectors().vectors, stored.vectors)
    queries = full_vectors(30)
    expected = ExactIndex.from_arrays(stored.ids, stored.vectors).search(queries, 7)
    found = rows.search(queries, 7)
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.distances, expected.distances)
    np.testing.assert_array_equal(rows.measured(found, queries).distances, expected.distances)
    assert block_problems(catalog, BlockFolder(catalog.path.parent)) == []


def test_a_block_of_other_bits_is_not_mapped(catalog: CatalogWriter, bits: int) -> None:
    append(catalog, 20)
    block_of(catalog)
    block = catalog.manifest().block
    assert block is not None
    with pytest.raises(IndexCorrupt, match=r"4 values per vector, of 32 bits|bytes, expected"):
        BlockFolder(catalog.path.parent).open(block, DIM)
    with pytest.raises(IndexCorrupt, match=r"of [0-9]+ bits|bytes, expected"):
        BlockFolder(catalog.path.parent).open(block, DIM, 24 - bits)


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (HEAD, b"\x03", "does not match its checksum"),
        (24, b"\x00\x00\xc0\x7f", "larger than 1"),
        (24, b"\x01", "is not what is written"),
    ],
)
def test_damage_of_the_block_is_found(
    catalog: CatalogWriter, bits: int, at: int, value: bytes, message: str
) -> None:
    append(catalog, 20)
    rows = block_of(catalog)
    vectors = catalog.all_vectors().vectors
    with rows.path.open("r+b") as file:
        file.seek(HEADER.size + 7 * row_type(DIM, bits).itemsize + at)
        file.write(value)
    with pytest.raises(IndexCorrupt, match=message):
        block_of(catalog).search(vectors[7:8], 1)
    assert block_problems(catalog, BlockFolder(catalog.path.parent))
    assert catalog.vectors().ids.tolist() == list(range(1, 21)), "the tables are the truth"
    update_blocks(catalog, BlockFolder(catalog.path.parent), NoProgress(), rebuild=True)
    assert block_problems(catalog, BlockFolder(catalog.path.parent)) == []
    np.testing.assert_array_equal(catalog.vectors().vectors, vectors)


def test_damage_of_the_tables_is_found(catalog: CatalogWriter, bits: int) -> None:
    append(catalog, 5)
    half = b"\1" * (DIM * bits // 8)
    for id, blob, crc32 in (
        (1, half, zlib.crc32(half)),
        (2, half, 0),
        (3, half + b"\0", 0),
    ):
        with catalog._db.transaction():
            catalog._db.run("UPDATE embeddings SET vector = ?, crc32 = ? WHERE id = ?", (blob, crc32, id))
    wrong, checksum, length = catalog.problems()
    assert "vector 1 is no rounded one: the largest number of vector 0 of 1 is" in wrong
    assert checksum == "vector 2 does not match its checksum"
    assert length == f"vector 3 has {len(half) + 1} bytes, expected {len(half)}"
    with pytest.raises(IndexCorrupt, match=f"not {DIM} int{bits} values long"):
        catalog.all_vectors()
    catalog._db.run("DELETE FROM embeddings WHERE id = 3")
    with pytest.raises(IndexCorrupt, match="the largest number of vector 0 of 4"):
        catalog.all_vectors()


@pytest.mark.parametrize("before", [8, 16, 32])
@pytest.mark.parametrize("after", [8, 16, 32])
def test_an_index_takes_over_vectors_with_other_bits(tmp_path: Path, before: int, after: int) -> None:
    """Those of full frames, of regions and of a second model. Equal bits are taken as they are."""
    source, target = made(tmp_path, "source", before), made(tmp_path, "target", after)
    with closing(source), closing(target):
        for each in (source, target):
            each.set_regions(CORNERS.name)
            each.set_second_model(MANIFEST.model._replace(name="other", dim=3), None)
        second = np.array([0.36, 0.48, -0.8], np.float32)
        for name, regions in (("a", full_vectors(5)), ("b", full_vectors(10)[5:])):
            new = content(name, 3, 4, -1)._replace(regions=regions, second=second)
            source.write([FileUpdate(FileKey(1, f"{name}.jpg"), 1, 1, new)])
        append(source, 20)
        with closing(Catalog(source.path)) as read:
            merge(read, target)
        for theirs, ours in zip(source.models(), target.models(), strict=True):
            for frames in Frames:
                vectors = theirs.all_vectors(frames=frames).vectors
                assert len(vectors) or (theirs.is_second and frames is Frames.REGIONS)
                expected = vectors if before == after else values_of(to_stored(vectors, after))
                np.testing.assert_array_equal(ours.all_vectors(frames=frames).vectors, expected)
        assert len(target.seen(second=True).all_vectors().ids) == 2
        assert target.problems() == []
