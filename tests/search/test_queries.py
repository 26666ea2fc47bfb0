"""From a path to a query: what the index knows needs no model, and often no look at the file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.doubles import FakeReader, Loader, toy, write_toy
from tests.helpers.fakes import FakeEmbedder
from visualsearch_cli.errors import ImageTooLarge, ImageUnreadable
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.records import FileKey
from visualsearch_cli.index.roots import find_targets
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.indexing.build import index_files
from visualsearch_cli.indexing.scanner import Scanner
from visualsearch_cli.pictures.image import DecodedImage, ImageRecord, Pixels
from visualsearch_cli.pictures.orientations import FREE_TURNS, Transforms
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.pictures.regions import (
    CORNERS,
    FIRST_WINDOW,
    FULL_FRAME,
    WINDOWS,
    WITHIN_BORDER,
    RegionScheme,
)
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.search.likeness import Chance, Parts
from visualsearch_cli.search.queries import QueryReader
from visualsearch_cli.vectors.index import Embeddings, IndexParams


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a folder with two images in `photos`, both in an index."""
    base = Path(os.path.realpath(tmp_path))
    write_toy(base / "photos" / "a.jpg", 1)
    write_toy(base / "photos" / "b.jpg", 2)
    (base / "photos" / "bad.jpg").write_bytes(b"no image")
    folder = IndexFolder(base / "index")
    with folder.lock():
        folder.create(FakeEmbedder.spec, None, IndexParams())
        with closing(CatalogWriter(folder.catalog_path)) as catalog:
            targets, _ = find_targets(catalog, [str(base / "photos")])
            index_files(targets, catalog, Scanner(), FakeReader(), Loader(), 1, NoProgress())
    return base


@pytest.fixture
def catalog(base: Path) -> Iterator[Catalog]:
    with closing(Catalog(base / "index" / "catalog.sqlite")) as catalog:
        yield catalog


class Setup:
    """A query reader with watched parts."""

    def __init__(
        self,
        catalog: Catalog,
        transforms: Transforms = Transforms.NONE,
        scheme: RegionScheme | None = None,
        is_close: bool = False,
    ) -> None:
        self.loader = Loader()
        self.reader = FakeReader()
        self.queries = QueryReader(
            catalog, self.loader, self.reader, transforms, scheme=scheme, is_close=is_close
        )

    @property
    def worked(self) -> bool:
        """Tell whether anything was decoded or embedded."""
        return bool(self.loader.calls or self.reader.decoded)


def record_of(catalog: Catalog, name: str) -> ImageRecord:
    """Return the record of an image in `photos`."""
    record = catalog.image(FileKey(catalog.roots()[0].id, name))
    assert record is not None
    return record


def vector_of(*seeds: int) -> Embeddings:
    embedder = FakeEmbedder()
    return embedder.embed([embedder.prepare(FakeReader().read(toy(seed)).pixels) for seed in seeds])


def test_an_unchanged_image_of_the_index_is_not_even_opened(
    base: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("visualsearch_cli.pictures.reading.read_file", refuse)
    setup = Setup(catalog)
    path = base / "photos" / "a.jpg"
    query = setup.queries.read(path)
    np.testing.assert_array_equal(query.vectors, vector_of(1))
    image = record_of(catalog, "a.jpg")
    assert (query.path, query.content_hash, query.image_id) == (path, hash_content(toy(1)).hex(), image.id)
    assert not setup.worked


def test_a_copy_elsewhere_needs_no_model(base: Path, catalog: Catalog) -> None:
    write_toy(base / "elsewhere.jpg", 2)
    setup = Setup(catalog)
    query = setup.queries.read(base / "elsewhere.jpg")
    np.testing.assert_array_equal(query.vectors, vector_of(2))
    assert (query.content_hash, query.image_id) == (hash_content(toy(2)).hex(), None)
    assert not setup.worked


def test_a_new_picture_is_embedded(base: Path, catalog: Catalog) -> None:
    write_toy(base / "new.jpg", 3)
    setup = Setup(catalog)
    query = setup.queries.read(base / "new.jpg")
    np.testing.assert_allclose(query.vectors, vector_of(3), atol=1e-6)
    assert (query.content_hash, query.image_id) == (hash_content(toy(3)).hex(), None)
    assert (setup.loader.embedded, len(setup.reader.decoded)) == (1, 1)


def test_a_changed_image_of_the_index_is_read_anew(base: Path, catalog: Catalog) -> None:
    path = base / "photos" / "a.jpg"
    write_toy(path, 3)
    os.utime(path, ns=(1, 1))
    query = Setup(catalog).queries.read(path)
    np.testing.assert_allclose(query.vectors, vector_of(3), atol=1e-6)
    assert query.content_hash == hash_content(toy(3)).hex()
    image = record_of(catalog, "a.jpg")
    assert query.image_id == image.id  # what the index has at its place is no neighbor of it


def test_a_touched_image_of_the_index_is_known_by_its_content(base: Path, catalog: Catalog) -> None:
    path = base / "photos" / "a.jpg"
    os.utime(path, ns=(1, 1))
    setup = Setup(catalog)
    np.testing.assert_array_equal(setup.queries.read(path).vectors, vector_of(1))
    assert not setup.worked


@pytest.mark.parametrize(("transforms", "count"), [(Transforms.MIRROR, 2), (Transforms.ALL, 8)])
def test_other_orientations_are_embedded_too(
    transforms: Transforms, count: int, base: Path, catalog: Catalog
) -> None:
    setup = Setup(catalog, transforms)
    query = setup.queries.read(base / "photos" / "a.jpg")
    assert query.vectors.shape == (count, FakeEmbedder.spec.dim)
    np.testing.assert_allclose(query.vectors[0], vector_of(1)[0], atol=1e-6)
    assert len(np.unique(query.vectors.round(4), axis=0)) == count
    assert query.image_id is not None
    assert setup.loader.embedded == count


# Regions


def regions_of(*seeds: int) -> Embeddings:
    embedder = FakeEmbedder()
    pictures = [FakeReader().read(toy(seed)).pixels for seed in seeds]
    return embedder.embed([embedder.prepare(part) for pixels in pictures for part in CORNERS.parts(pixels)])


def test_regions_of_the_query_are_embedded(base: Path, catalog: Catalog) -> None:
    write_toy(base / "new.jpg", 3)
    setup = Setup(catalog, scheme=CORNERS)
    query = setup.queries.read(base / "new.jpg")
    np.testing.assert_allclose(query.vectors, vector_of(3), atol=1e-6)
    assert query.parts is not None
    np.testing.assert_allclose(query.parts.vectors, regions_of(3), atol=1e-6)
    assert Setup(catalog).queries.read(base / "new.jpg").parts is None


@pytest.mark.slow
def test_stored_regions_need_no_model(base: Path, catalog: Catalog) -> None:
    content_id = catalog.content_id(hash_content(toy(1)))
    assert content_id is not None
    with closing(CatalogWriter(catalog.path)) as writer:
        writer.add_regions([(content_id, regions_of(1))])
    setup = Setup(catalog, scheme=CORNERS)
    query = setup.queries.read(base / "photos" / "a.jpg")
    np.testing.assert_array_equal(query.vectors, vector_of(1))
    assert query.parts is not None
    np.testing.assert_array_equal(query.parts.vectors, regions_of(1))
    assert not setup.worked
    other = setup.queries.read(base / "photos" / "b.jpg")  # it has no regions yet
    assert other.parts is not None
    np.testing.assert_allclose(other.parts.vectors, regions_of(2), atol=1e-6)
    assert setup.worked


def window_numbers(parts: Parts) -> list[int]:
    return [
        number for number, chance in zip(parts.numbers, parts.chances, strict=True) if chance is Chance.WINDOW
    ]


def collage(*tiles: Pixels) -> Pixels:
    """Pictures side by side, each within a white rim."""
    return np.concatenate([np.pad(tile, ((3, 3), (3, 3), (0, 0)), constant_values=255) for tile in tiles], 1)


class Showing(FakeReader):
    """A reader of one picture, whatever is asked for."""

    def __init__(self, pixels: Pixels) -> None:
        super().__init__()
        self.pixels = pixels

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        return super().read(data, min_side)._replace(pixels=self.pixels)


@pytest.mark.slow
def test_a_close_look_finds_each_picture_of_a_collage(base: Path, catalog: Catalog) -> None:
    tiles = [np.random.default_rng(seed).integers(0, 256, (90, 90, 3), np.uint8) for seed in range(3)]
    write_toy(base / "new.jpg", 3)
    embedder = FakeEmbedder()
    queries = QueryReader(
        catalog, FakeEmbedder, Showing(collage(*tiles)), Transforms.NONE, scheme=CORNERS, is_close=True
    )
    query = queries.read(base / "new.jpg")
    assert query.parts is not None
    assert len(query.vectors) == 1 + len(FREE_TURNS) + 1  # as it is, turned, negative
    for tile in tiles:  # exactly, since the rim of its window is left out
        (vector,) = embedder.embed([embedder.prepare(tile)])
        near = np.flatnonzero(query.parts.vectors @ vector > 1 - 1e-6)
        assert CORNERS.name_of(query.parts.numbers[near[0]]) in {
            "0%,0%,33%,100%",
            "33%,0%,33%,100%",
            "67%,0%,33%,100%",
        }


@pytest.mark.slow
def test_a_window_that_shows_nothing_is_not_asked_for(base: Path, catalog: Catalog) -> None:
    pixels = np.full((180, 180, 3), 128, np.uint8)
    pixels[:60, :60] = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    write_toy(base / "new.jpg", 3)
    queries = QueryReader(catalog, FakeEmbedder, Showing(pixels), Transforms.NONE, is_close=True)
    parts = queries.read(base / "new.jpg").parts
    assert parts is not None
    boxes = [WINDOWS[number - FIRST_WINDOW] for number in window_numbers(parts)]
    assert boxes
    assert all(box.left < 1 / 3 and box.top < 1 / 3 for box in boxes)


def test_a_close_look_embeds_what_the_index_holds_too(base: Path, catalog: Catalog) -> None:
    setup = Setup(catalog, is_close=True)
    assert len(setup.queries.read(base / "photos" / "a.jpg").vectors) == 1 + len(FREE_TURNS) + 1
    assert setup.worked


def test_each_orientation_has_its_regions(base: Path, catalog: Catalog) -> None:
    setup = Setup(catalog, Transforms.MIRROR, CORNERS)
    query = setup.queries.read(base / "photos" / "a.jpg")
    assert query.vectors.shape == (2, FakeEmbedder.spec.dim)
    assert query.parts is not None
    assert query.parts.vectors.shape == (2 * len(CORNERS), FakeEmbedder.spec.dim)
    np.testing.assert_allclose(query.parts.vectors[: len(CORNERS)], regions_of(1), atol=1e-6)


class AskingFake(FakeEmbedder):
    """A model that shows queries inverted too, which gives the opposite vectors."""

    def embed_otherwise(self, pictures: Sequence[Pixels]) -> Embeddings:
        return self.embed([255 - self.prepare(pixels) for pixels in pictures])


def test_a_model_that_gains_by_it_is_shown_a_query_in_more_ways(base: Path, catalog: Catalog) -> None:
    write_toy(base / "new.jpg", 3)
    embedder = AskingFake()
    queries = QueryReader(catalog, lambda: embedder, FakeReader(), Transforms.MIRROR)
    query = queries.read(base / "new.jpg")
    assert query.vectors.shape == (2, FakeEmbedder.spec.dim)
    np.testing.assert_allclose(query.vectors[:1], vector_of(3), atol=1e-6)
    assert query.parts is not None
    assert query.parts.numbers == [FULL_FRAME] * 2
    np.testing.assert_allclose(query.parts.vectors, -query.vectors, atol=1e-6)


class FramingReader(FakeReader):
    """Reads the toys' pixels enlarged, with white bars above and below."""

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        image = super().read(data, min_side)
        large = image.pixels.repeat(30, axis=0).repeat(30, axis=1)
        return image._replace(pixels=np.pad(large, ((30, 45), (0, 0), (0, 0)), constant_values=255))


def test_a_query_with_a_border_is_asked_without_it_too(base: Path, catalog: Catalog) -> None:
    write_toy(base / "new.jpg", 3)
    queries = QueryReader(catalog, FakeEmbedder, FramingReader(), Transforms.MIRROR)
    query = queries.read(base / "new.jpg")
    assert query.vectors.shape == (2, FakeEmbedder.spec.dim)
    assert query.parts is not None
    assert query.parts.numbers == [WITHIN_BORDER] * 2
    np.testing.assert_allclose(query.parts.vectors[:1], vector_of(3), atol=1e-6)


def test_regions_and_what_is_within_a_border_go_together(base: Path, catalog: Catalog) -> None:
    write_toy(base / "new.jpg", 3)
    queries = QueryReader(catalog, FakeEmbedder, FramingReader(), Transforms.NONE, scheme=CORNERS)
    query = queries.read(base / "new.jpg")
    assert query.parts is not None
    assert query.parts.numbers == [1, 2, 3, 4, 5, WITHIN_BORDER]
    assert len(query.parts.vectors) == 6
    assert CORNERS.name_of(WITHIN_BORDER) == "inner picture"


@pytest.mark.parametrize("name", ["photos/bad.jpg", "photos/missing.jpg", "photos", "missing.jpg"])
def test_what_cannot_be_read_is_named(name: str, base: Path, catalog: Catalog) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        Setup(catalog).queries.read(base / name)
    assert str(caught.value).startswith(f"{base / name}: ")


def test_an_image_that_is_gone_is_not_answered_from_memory(base: Path, catalog: Catalog) -> None:
    (base / "photos" / "a.jpg").unlink()
    with pytest.raises(ImageUnreadable, match=r"a\.jpg"):
        Setup(catalog).queries.read(base / "photos" / "a.jpg")


def test_the_kind_of_failure_is_kept(base: Path, catalog: Catalog) -> None:
    class Strict(FakeReader):
        def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
            raise ImageTooLarge(f"{len(data)} bytes, limit {min_side}")

    write_toy(base / "new.jpg", 3)
    queries = QueryReader(catalog, Loader(), Strict(), Transforms.NONE)
    with pytest.raises(ImageTooLarge, match=r"new\.jpg: 28 bytes, limit 4"):
        queries.read(base / "new.jpg")
