from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.contracts.embedder import EmbedderContract, embed
from tests.helpers.images import flat, noise
from tests.helpers.pictures import photograph
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.local_features import MODELS, LocalFeatures, read_vocabulary
from visualsearch_cli.embedders.specs import BUILT_IN, ORB, SIFT
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.pictures.image import Pixels

CANONICAL = {
    "sift": {49: 0.1581, 10: -0.1480, 134: -0.1461, 89: -0.1419},
    "orb": {343: -0.1446, 328: 0.1383, 24: -0.1342, 228: 0.1329},
}
"""Some of the largest values for the photograph of a cup, by place."""


def picture(name: str, size: tuple[int, int] = (300, 200)) -> Pixels:
    return np.asarray(photograph(name).resize(size, Image.Resampling.LANCZOS))


@pytest.fixture(params=["sift", "orb"])
def features(request: pytest.FixtureRequest) -> LocalFeatures:
    return LocalFeatures(BUILT_IN[request.param])


class TestLocalFeatures(EmbedderContract):
    @pytest.fixture(params=[pytest.param("sift", marks=pytest.mark.slow), "orb"])
    def embedder(self, request: pytest.FixtureRequest) -> LocalFeatures:
        return LocalFeatures(BUILT_IN[request.param])

    @pytest.mark.slow
    def test_the_same_picture_at_another_size_is_nearer_than_another(self, embedder: Embedder) -> None:
        cup, smaller, cat = embed(
            embedder, picture("coffee"), picture("coffee", (210, 140)), picture("chelsea")
        )
        assert cup @ smaller > 0.55
        assert cup @ cat < 0.3


def test_canonical_values(features: LocalFeatures) -> None:
    (vector,) = embed(features, picture("coffee"))
    expected = CANONICAL[features.spec.name]
    np.testing.assert_allclose(vector[list(expected)], list(expected.values()), atol=0.02)


@pytest.mark.slow
def test_a_part_of_a_picture_is_near_to_it(features: LocalFeatures) -> None:
    whole = picture("coffee")
    part, cup, cat, noisy = embed(features, whole[30:180, 40:270], whole, picture("chelsea"), noise(300, 200))
    assert part @ cup > max(part @ cat, part @ noisy) + 0.3


@pytest.mark.slow
def test_pictures_without_features_are_all_alike(features: LocalFeatures) -> None:
    black, odd, cup = embed(features, flat(0), flat(137), picture("coffee"))
    np.testing.assert_array_equal(black, odd)
    assert abs(black @ cup) < 0.2


def test_a_vocabulary_is_small_and_not_that_of_the_other(features: LocalFeatures, tmp_path: Path) -> None:
    name = features.spec.name
    content = (MODELS / f"{name}.npz").read_bytes()
    assert len(content) < 1_000_000
    vocabulary = read_vocabulary(content)
    assert vocabulary.words.shape == (16, 32) and vocabulary.projection.shape == (16 * 32, features.spec.dim)
    other = MODELS / ("orb.npz" if name == "sift" else "sift.npz")
    with pytest.raises(ModelUnavailable, match=f"and {name} of this version is sha256:"):
        LocalFeatures(features.spec, other).prepare(picture("coffee"))
    with pytest.raises(ModelUnavailable, match="cannot read the vocabulary"):
        LocalFeatures(features.spec, tmp_path / "gone.npz").prepare(picture("coffee"))


def test_their_vectors_cannot_be_compared() -> None:
    assert SIFT.weights != ORB.weights and SIFT.dim == ORB.dim
