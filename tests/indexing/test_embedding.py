"""From loaded files to vectors: batches, order, and repeated contents."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.helpers.doubles import FakeReader, Loader, toy
from tests.helpers.fakes import FakeEmbedder
from visualsearch_cli.index.records import NewContent
from visualsearch_cli.indexing.embedding import BATCH, EmbeddedFile, embed_images
from visualsearch_cli.indexing.loading import Decoded, LoadedFile
from visualsearch_cli.pictures.image import ScannedFile
from visualsearch_cli.pictures.reading import hash_content


def file(name: str) -> ScannedFile:
    return ScannedFile(f"/{name}", 1, 1)


def new(seed: int, name: str = "x") -> LoadedFile:
    """Return a file with a content that was decoded."""
    image = FakeReader().read(toy(seed))
    decoded = Decoded(FakeEmbedder().prepare(image.pixels), image.width, image.height, image.format)
    return LoadedFile(file(name), hash_content(toy(seed)), decoded)


def again(seed: int, name: str = "x") -> LoadedFile:
    """Return a file with a content that is known, or was met before."""
    return LoadedFile(file(name), hash_content(toy(seed)), None)


def embed(*items: LoadedFile) -> list[EmbeddedFile]:
    return [item for batch in embed_images(items, Loader()) for item in batch]


def test_each_file_gets_the_vector_of_its_own_content() -> None:
    embedder = FakeEmbedder()
    items = [new(0), again(7), new(1), LoadedFile(file("bad"), None, None, "gone"), new(2)]
    found = embed(*items)
    assert [item.file for item in found] == [item.file for item in items]
    for item, seed in ((found[0], 0), (found[2], 1), (found[4], 2)):
        assert isinstance(item.content, NewContent)
        assert item.content.hash == hash_content(toy(seed))
        assert (item.content.width, item.content.height, item.content.format) == (400, 200, "TOY")
        (expected,) = embedder.embed([embedder.prepare(FakeReader().read(toy(seed)).pixels)])
        np.testing.assert_allclose(item.content.vector, expected, atol=1e-6)
    assert found[1] == EmbeddedFile(items[1].file, hash_content(toy(7)))
    assert found[3] == EmbeddedFile(file("bad"), None, "gone")


def test_batches_are_bounded_and_in_order() -> None:
    items = [new(n, str(n)) for n in range(2 * BATCH + 5)]
    batches = list(embed_images(items, Loader()))
    assert [len(batch) for batch in batches] == [BATCH, BATCH, 5]
    assert [item.file for batch in batches for item in batch] == [item.file for item in items]


@pytest.mark.slow
def test_known_contents_fill_no_batch_but_do_not_wait_forever() -> None:
    items = [again(0, str(n)) for n in range(32 * BATCH + 1)]
    loader = Loader()
    assert [len(batch) for batch in embed_images(items, loader)] == [32 * BATCH, 1]
    assert loader.calls == 0


def test_a_slow_disk_gets_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is soon embedded and committed, so that an interruption costs little."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def slowly() -> Iterator[LoadedFile]:
        for n in range(6):
            now[0] += 1.5
            yield new(n)

    assert [len(batch) for batch in embed_images(slowly(), Loader())] == [2, 2, 2]


def test_copies_of_a_content_that_failed_fail_too() -> None:
    failed = LoadedFile(file("a"), hash_content(b"bad"), None, "not an image")
    found = embed(failed, LoadedFile(file("b"), hash_content(b"bad"), None), again(1))
    assert [item.error for item in found] == ["not an image", "not an image", None]
    assert [item.content for item in found] == [None, None, hash_content(toy(1))]


def test_copies_fail_also_in_a_later_batch() -> None:
    failed = LoadedFile(file("a"), hash_content(b"bad"), None, "not an image")
    later = LoadedFile(file("b"), hash_content(b"bad"), None)
    found = embed(failed, *(new(n) for n in range(BATCH)), later)
    assert found[-1] == EmbeddedFile(file("b"), None, "not an image")


def test_nothing_to_embed() -> None:
    assert embed() == []
