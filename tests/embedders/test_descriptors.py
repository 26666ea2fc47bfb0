from __future__ import annotations

import numpy as np
import pytest

from tests.contracts.embedder import EmbedderContract, embed
from tests.helpers.images import flat, scene
from visualsearch_cli.embedders.descriptors import DESCRIPTORS, Descriptor
from visualsearch_cli.embedders.specs import BUILT_IN

CANONICAL = {
    "dct": {4: 0.4343, 8: 0.2773, 3: -0.2689, 12: 0.2604},
    "pixels": {286: -0.0834, 112: -0.0827, 115: -0.0821, 154: -0.0821},
    "histogram": {260: 0.2125, 719: 0.2108, 638: 0.1881, 44: 0.1855},
    "hog": {221: 0.0947, 232: 0.0947, 121: 0.0932, 140: 0.0932},
}
"""Some of the largest values for scene(320, 200), by place."""


class TestDescriptors(EmbedderContract):
    @pytest.fixture(params=DESCRIPTORS.values(), ids=list(DESCRIPTORS))
    def embedder(self, request: pytest.FixtureRequest) -> Descriptor:
        descriptor: Descriptor = request.param
        return descriptor

    def test_canonical_values(self, embedder: Descriptor) -> None:
        (vector,) = embed(embedder, scene(320, 200))
        expected = CANONICAL[embedder.spec.name]
        np.testing.assert_allclose(vector[list(expected)], list(expected.values()), atol=1e-3)

    def test_is_small(self, embedder: Descriptor) -> None:
        assert embedder.spec.dim <= 1024
        assert BUILT_IN[embedder.spec.name] is embedder.spec


@pytest.mark.parametrize("name", ["dct", "pixels", "hog"])
def test_images_of_one_colour_are_all_alike_and_unlike_others(name: str) -> None:
    descriptor = DESCRIPTORS[name]
    black, odd, picture = embed(descriptor, flat(0), flat(137), scene(200, 150))
    np.testing.assert_array_equal(black, odd)
    assert abs(black @ picture) < 0.2


def test_a_histogram_knows_one_colour_from_another() -> None:
    black, white = embed(DESCRIPTORS["histogram"], flat(0), flat(255))
    assert black @ white == pytest.approx(0.0, abs=1e-6)


def test_dct_ignores_brightness_and_contrast() -> None:
    picture = scene(200, 150)
    duller = (picture * 0.6 + 30).astype(np.uint8)
    first, second = embed(DESCRIPTORS["dct"], picture, duller)
    assert first @ second > 0.99
