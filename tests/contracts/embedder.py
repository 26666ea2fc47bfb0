"""What every embedder keeps to. A test class derives from this and says which one it is about."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.helpers.images import flat, noise, scene
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

ODD_IMAGES = {
    "black": flat(0),
    "white": flat(255),
    "grey": flat(137),
    "noise": noise(80, 60),
    "one pixel": noise(1, 1),
    "panorama": noise(3000, 10),
    "tower": noise(3, 900),
    "scene": scene(320, 200),
}


def embed(embedder: Embedder, *images: Pixels) -> Embeddings:
    return embedder.embed([embedder.prepare(image) for image in images])


class EmbedderContract:
    channels = 3  # bytes a pixel of an input, at most

    @pytest.fixture
    def embedder(self) -> Embedder:
        raise NotImplementedError

    def test_unit_rows(self, embedder: Embedder) -> None:
        vectors = embed(embedder, *ODD_IMAGES.values())
        assert vectors.shape == (len(ODD_IMAGES), embedder.spec.dim)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)

    def test_empty_batch(self, embedder: Embedder) -> None:
        vectors = embedder.embed([])
        assert vectors.shape == (0, embedder.spec.dim)
        assert vectors.dtype == np.float32

    def test_a_batch_is_the_sum_of_its_images(self, embedder: Embedder) -> None:
        images = [*ODD_IMAGES.values()] * 5  # more than one run of most models
        together = embed(embedder, *images)
        for image, row in zip(ODD_IMAGES.values(), together, strict=False):
            np.testing.assert_allclose(embed(embedder, image)[0], row, atol=1e-5)

    def test_repeats_itself(self, embedder: Embedder) -> None:
        image = ODD_IMAGES["scene"]
        np.testing.assert_array_equal(embed(embedder, image), embed(embedder, image))

    def test_inputs_are_small_and_alike(self, embedder: Embedder) -> None:
        inputs = [embedder.prepare(image) for image in ODD_IMAGES.values()]
        assert {(array.shape, array.dtype) for array in inputs} == {(inputs[0].shape, inputs[0].dtype)}
        assert inputs[0].nbytes <= self.channels * max(embedder.input_side, 4) ** 2

    def test_leaves_its_arguments_alone(self, embedder: Embedder) -> None:
        image = scene(50, 40)
        prepared = embedder.prepare(image)
        copies = image.copy(), prepared.copy()
        embedder.embed([prepared])
        np.testing.assert_array_equal(image, copies[0])
        np.testing.assert_array_equal(prepared, copies[1])

    def test_prepares_in_threads(self, embedder: Embedder) -> None:
        images = [scene(90 + i, 70, phase=i / 10) for i in range(24)]
        expected = [embedder.prepare(image) for image in images]
        with ThreadPoolExecutor(8) as threads:
            for found, wanted in zip(threads.map(embedder.prepare, images), expected, strict=True):
                np.testing.assert_array_equal(found, wanted)

    def test_the_same_picture_at_another_size_is_nearer_than_another(self, embedder: Embedder) -> None:
        picture, smaller, other = embed(
            embedder, scene(320, 240), scene(200, 150), scene(320, 240, phase=1.0)
        )
        assert picture @ smaller > 0.99
        assert picture @ smaller > picture @ other + 0.01
