"""Two models in one index: a picture is decoded once for both, and what one lacks is made later."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.doubles import FakeReader, InterruptedEmbedder, Loader, toy, write_toy
from tests.indexing.test_build import Photos
from visualsearch_cli.embedders.embedder import Embedder, ModelInput, ModelSpec
from visualsearch_cli.index.records import Frames
from visualsearch_cli.index.roots import find_targets
from visualsearch_cli.indexing.build import run_index
from visualsearch_cli.indexing.embedding import BATCH
from visualsearch_cli.indexing.scanner import Scanner
from visualsearch_cli.indexing.summary import IndexReport
from visualsearch_cli.pictures.image import DecodedImage, Pixels
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.index import Embeddings


class MeanColor:
    """Embeds a picture as its mean color, and would like larger pictures than the other model."""

    spec = ModelSpec("color", "none", "mean/1", 3)
    input_side = 300

    def __init__(self) -> None:
        self.embedded = 0

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Return the mean of each channel, float32 (3,)."""
        mean: ModelInput = pixels.mean(axis=(0, 1)).astype(np.float32) + np.float32(1)
        return mean

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, 3), rows of unit length."""
        self.embedded += len(batch)
        rows = np.array(batch, np.float32).reshape(len(batch), 3)
        found: Embeddings = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return found


class SizedReader(FakeReader):
    """Notes how large pictures are to be at least."""

    def __init__(self) -> None:
        super().__init__()
        self.sides: list[int | None] = []

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        """Return the pixels of a toy image."""
        self.sides.append(min_side)
        return super().read(data, min_side)


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[Photos]:
    photos = Photos(Path(os.path.realpath(tmp_path)))
    with closing(photos.catalog):
        yield photos


def index(photos: Photos, reader: FakeReader, second: Embedder | None) -> IndexReport:
    """Index the folder with the first model, and with a second one if it is given."""
    targets, _ = find_targets(photos.catalog, [str(photos.path)])
    of_second = None if second is None else Loader(second)
    return run_index(
        targets,
        photos.catalog,
        photos.folder,
        Scanner(),
        reader,
        photos.loader,
        2,
        NoProgress(),
        second=of_second,
    )


def stored(photos: Photos, seed: int) -> Embeddings | None:
    return photos.catalog.seen(second=True).content_vector(hash_content(toy(seed)))


def expected(seed: int) -> Embeddings:
    color = MeanColor()
    return color.embed([color.prepare(FakeReader().read(toy(seed)).pixels)])


@pytest.mark.slow
def test_each_picture_is_decoded_once_for_both(photos: Photos) -> None:
    photos.catalog.set_second_model(MeanColor.spec, None)
    for name, seed in (("a.jpg", 1), ("b.jpg", 2), ("copy of a.jpg", 1)):
        photos.add(name, seed)
    reader, color = SizedReader(), MeanColor()
    report = index(photos, reader, color)
    assert len(reader.decoded) == 2 and reader.sides == [MeanColor.input_side] * 2
    assert (report.embedded, report.reused, report.lacking_second.added) == (2, 1, 0)
    assert (photos.loader.embedded, color.embedded) == (2, 2)
    for seed in (1, 2):
        found = stored(photos, seed)
        assert found is not None
        np.testing.assert_allclose(found, expected(seed), atol=1e-6)
    assert photos.catalog.content_vector(hash_content(toy(1))) is not None
    assert photos.catalog.problems() == []


@pytest.mark.slow
def test_what_was_there_before_gets_its_vectors(photos: Photos) -> None:
    for name, seed in (("a.jpg", 1), ("b.jpg", 2), ("gone.jpg", 3), ("changes.jpg", 4)):
        photos.add(name, seed)
    index(photos, FakeReader(), None)
    photos.catalog.set_second_model(MeanColor.spec, None)
    (photos.path / "gone.jpg").unlink()
    first = index(photos, FakeReader(), None)
    assert first.lacking_second.added == 0, "a run without the second model leaves it to a later one"

    color = MeanColor()
    write_toy(photos.path / "changes.jpg", 5)
    report = index(photos, FakeReader(), color)
    assert (report.embedded, report.lacking_second.added, color.embedded) == (1, 2, 3)
    assert report.lacking_second.missing == 2 and report.lacking_second.left == []
    assert [stored(photos, seed) is not None for seed in (1, 2, 3, 4, 5)] == [True, True, False, False, True]
    assert photos.catalog.seen(second=True).contents_without(Frames.FULL) != []
    photos.catalog.prune()
    assert photos.catalog.seen(second=True).contents_without(Frames.FULL) == []
    again = MeanColor()
    assert index(photos, FakeReader(), again).lacking_second.added == 0 and again.embedded == 0


@pytest.mark.slow
def test_an_interrupted_run_goes_on(photos: Photos) -> None:
    for number in range(3 * BATCH):
        photos.add(f"{number}.jpg", number)
    index(photos, FakeReader(), None)
    photos.catalog.set_second_model(InterruptedEmbedder(9).spec, None)
    with pytest.raises(KeyboardInterrupt):
        index(photos, FakeReader(), InterruptedEmbedder(1))
    seen = photos.catalog.seen(second=True)
    assert seen.vector_count() == BATCH
    assert index(photos, FakeReader(), InterruptedEmbedder(9)).lacking_second.added == 2 * BATCH
    assert seen.contents_without(Frames.FULL) == []


@pytest.mark.slow
def test_a_picture_that_cannot_be_read_again_is_named(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    index(photos, FakeReader(), None)
    photos.catalog.set_second_model(MeanColor.spec, None)

    def fail(_: bytes) -> None:
        raise MemoryError

    report = index(photos, FakeReader(fail), MeanColor())
    (left,) = report.lacking_second.left
    assert left.path == str(photos.path / "a.jpg") and report.lacking_second.added == 0
