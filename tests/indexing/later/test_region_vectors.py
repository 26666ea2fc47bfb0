"""A thorough index: new contents come with their regions, and known ones get them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.doubles import FakeReader, InterruptedEmbedder, Loader, toy, write_toy
from tests.helpers.fakes import FakeEmbedder
from tests.indexing.test_build import Photos
from visualsearch_cli.index.records import Frames
from visualsearch_cli.index.roots import find_targets
from visualsearch_cli.indexing.build import index_files
from visualsearch_cli.indexing.embedding import BATCH
from visualsearch_cli.indexing.later import region_vectors as region_indexing
from visualsearch_cli.indexing.later.region_vectors import add_regions
from visualsearch_cli.indexing.scanner import Scanner
from visualsearch_cli.indexing.summary import IndexReport
from visualsearch_cli.pictures.image import DecodedImage
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.index import Embeddings

PARTS = len(CORNERS)


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[Photos]:
    photos = Photos(Path(os.path.realpath(tmp_path)))
    with closing(photos.catalog):
        yield photos


def index_thoroughly(photos: Photos, loader: Loader | None = None) -> IndexReport:
    """Index the folder as a thorough index does it."""
    loader = loader or photos.loader
    targets, _ = find_targets(photos.catalog, [str(photos.path)])
    reader = FakeReader()
    report = index_files(targets, photos.catalog, Scanner(), reader, loader, 2, NoProgress(), scheme=CORNERS)
    add_regions(photos.catalog, reader, loader, 2, CORNERS, report, NoProgress())
    return report


def regions_of(photos: Photos, seed: int) -> Embeddings:
    vectors = photos.catalog.content_regions(hash_content(toy(seed)))
    assert vectors is not None
    return vectors


def expected(seed: int) -> Embeddings:
    embedder = FakeEmbedder()
    pixels = FakeReader().read(toy(seed)).pixels
    return embedder.embed([embedder.prepare(part) for part in CORNERS.parts(pixels)])


def test_new_contents_come_with_their_regions(photos: Photos) -> None:
    for name, seed in (("a.jpg", 1), ("b.jpg", 2), ("copy of a.jpg", 1)):
        photos.add(name, seed)
    report = index_thoroughly(photos)
    assert (report.embedded, report.reused, report.lacking_regions.added) == (2, 1, 0)
    assert photos.loader.embedded == 2 * (1 + PARTS)
    np.testing.assert_allclose(regions_of(photos, 1), expected(1), atol=1e-6)
    np.testing.assert_allclose(regions_of(photos, 2), expected(2), atol=1e-6)
    vector = photos.catalog.content_vector(hash_content(toy(1)))
    assert vector is not None
    embedder = FakeEmbedder()
    full = embedder.embed([embedder.prepare(FakeReader().read(toy(1)).pixels)])
    np.testing.assert_allclose(vector, full, atol=1e-6)


def test_the_least_side_lets_a_region_fill_the_input_of_the_model(photos: Photos) -> None:
    sides: list[int | None] = []

    class Noting(FakeReader):
        def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
            sides.append(min_side)
            return super().read(data, min_side)

    photos.add("a.jpg", 1)
    targets, _ = find_targets(photos.catalog, [str(photos.path)])
    index_files(
        targets,
        photos.catalog,
        Scanner(),
        Noting(),
        photos.loader,
        1,
        NoProgress(),
        scheme=CORNERS,
    )
    assert sides == [CORNERS.min_side(FakeEmbedder.input_side)]


def test_known_contents_get_their_regions(photos: Photos) -> None:
    for name, seed in (("a.jpg", 1), ("copy of a.jpg", 1), ("b.jpg", 2)):
        photos.add(name, seed)
    photos.index()
    before = photos.catalog.all_vectors().vectors
    photos.add("c.jpg", 3)
    report = index_thoroughly(photos)
    assert (report.embedded, report.unchanged, report.lacking_regions.added) == (1, 3, 2)
    assert report.lacking_regions.left == []
    for seed in (1, 2, 3):
        np.testing.assert_allclose(regions_of(photos, seed), expected(seed), atol=1e-6)
    np.testing.assert_array_equal(photos.catalog.all_vectors().vectors[:2], before)
    again = Loader()
    assert index_thoroughly(photos, again).lacking_regions.added == 0
    assert again.calls == 0


def test_another_copy_will_do(photos: Photos) -> None:
    paths = [photos.add(name, 1) for name in ("a.jpg", "b.jpg", "c.jpg")]
    photos.index()
    paths[0].unlink()
    os.utime(paths[1], ns=(1, 1))
    report = IndexReport()
    add_regions(photos.catalog, FakeReader(), photos.loader, 1, CORNERS, report, NoProgress())
    assert (report.lacking_regions.added, report.lacking_regions.left) == (1, [])


def test_what_is_not_there_is_left_and_named(photos: Photos) -> None:
    there, gone, changed, secretly = (photos.add(f"{seed}.jpg", seed) for seed in (1, 2, 3, 4))
    photos.index()
    gone.unlink()  # as on a disk that is not mounted
    write_toy(changed, 7)
    os.utime(changed, ns=(1, 1))
    state = secretly.stat()
    write_toy(secretly, 8)  # of the same size and, as it seems, the same time
    os.utime(secretly, ns=(state.st_atime_ns, state.st_mtime_ns))
    report = IndexReport()
    add_regions(photos.catalog, FakeReader(), photos.loader, 2, CORNERS, report, NoProgress())
    assert report.lacking_regions.added == 1
    assert [item.path for item in report.lacking_regions.left] == [str(gone), str(changed), str(secretly)]
    assert there.exists()
    np.testing.assert_allclose(regions_of(photos, 1), expected(1), atol=1e-6)
    assert photos.catalog.vector_count(frames=Frames.REGIONS) == PARTS
    assert photos.catalog.content_regions(hash_content(toy(8))) is None


@pytest.mark.slow
def test_missing_files_are_counted(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    gone = photos.add("c.jpg", 3)
    photos.index()
    gone.unlink()
    report = index_thoroughly(photos)
    assert (report.missing, report.lacking_regions.missing) == (1, 1)
    write_toy(gone, 3)
    report = index_thoroughly(photos)  # it is back
    assert (report.lacking_regions.added, report.lacking_regions.missing) == (1, 0)


@pytest.mark.slow
def test_an_interruption_keeps_what_is_done_and_the_next_run_goes_on(
    photos: Photos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "visualsearch_cli.index.committing.COMMIT_SECONDS", 1e9
    )  # the last commit is the one that counts
    count = 3 * BATCH
    for seed in range(count):
        photos.add(f"{seed:03}.jpg", seed)
    photos.index()
    report = IndexReport()
    with pytest.raises(KeyboardInterrupt):
        add_regions(
            photos.catalog, FakeReader(), Loader(InterruptedEmbedder(2)), 2, CORNERS, report, NoProgress()
        )
    done = photos.catalog.vector_count(frames=Frames.REGIONS)
    assert done == 2 * BATCH * PARTS
    photos.catalog.set_regions(CORNERS.name)
    assert photos.catalog.problems() == []
    report = index_thoroughly(photos)
    assert report.lacking_regions.added == BATCH
    assert photos.catalog.contents_without(Frames.REGIONS) == []


@pytest.mark.slow
def test_many_contents_are_looked_up_in_parts(photos: Photos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(region_indexing, "LOOK_UP", 3)
    for seed in range(10):
        photos.add(f"{seed}.jpg", seed)
    photos.index()
    report = IndexReport()
    add_regions(photos.catalog, FakeReader(), photos.loader, 2, CORNERS, report, NoProgress())
    assert report.lacking_regions.added == 10
    for seed in range(10):
        np.testing.assert_allclose(regions_of(photos, seed), expected(seed), atol=1e-6)
