from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from tests.contracts.embedder import EmbedderContract, embed
from tests.helpers.images import scene
from tests.helpers.pictures import photograph
from visualsearch_cli.embedders.bundled import PART, WEIGHTS, BundledEmbedder
from visualsearch_cli.embedders.specs import BUNDLED
from visualsearch_cli.errors import ModelUnavailable

SHARED = BundledEmbedder(threads=1)

CANONICAL = [-0.0249, 0.0607, 0.0091, -0.0593, 0.0947, 0.0532]
"""The first values for scene(320, 200)."""


class TestBundledEmbedder(EmbedderContract):
    channels = 4

    @pytest.fixture
    def embedder(self) -> BundledEmbedder:
        return SHARED

    def test_canonical_values(self, embedder: BundledEmbedder) -> None:
        (vector,) = embed(embedder, scene(320, 200))
        np.testing.assert_allclose(vector[:6], CANONICAL, atol=1e-3)


def test_weights_are_those_the_code_names() -> None:
    assert f"sha256:{hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()}" == BUNDLED.weights


def test_inputs_are_a_quarter_of_what_the_network_reads() -> None:
    prepared = SHARED.prepare(scene(300, 200))
    assert prepared.dtype == np.uint8
    assert prepared.shape == (128, 128, 4)


@pytest.mark.slow
def test_small_crops_are_nearer_to_their_originals_when_they_are_reduced() -> None:
    """Over some crops to 30 % of the area: 0.43 as they are, 0.48 reduced."""
    as_they_are, reduced = [], []
    for name in ("coffee", "chelsea", "astronaut", "rocket"):
        picture = np.asarray(photograph(name))
        height, width = (int(0.55 * length) for length in picture.shape[:2])
        (original,) = embed(SHARED, picture)
        for top in (0, picture.shape[0] - height):
            for left in (0, picture.shape[1] - width):
                crop = np.ascontiguousarray(picture[top : top + height, left : left + width])
                as_they_are += [*embed(SHARED, crop) @ original]
                reduced += [SHARED.embed_otherwise([crop])[0] @ original]
    assert np.mean(reduced) > np.mean(as_they_are) + 0.03


@pytest.mark.slow
def test_what_an_editor_brightened_or_equalized_is_nearer_when_it_is_darker() -> None:
    for name in ("coffee", "chelsea", "astronaut", "rocket"):
        picture = photograph(name)
        (original,) = embed(SHARED, np.asarray(picture))
        burnt_out = np.asarray(ImageEnhance.Brightness(picture).enhance(2.5))
        as_it_is, darker = embed(SHARED, burnt_out)[0], SHARED.embed_otherwise([burnt_out])[1]
        assert darker @ original > as_it_is @ original + 0.03, name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["coffee", "chelsea", "astronaut", "rocket"])
def test_large_pictures_are_asked_like_small_ones(name: str) -> None:
    """Where the reader of pictures cannot shrink them, as those with a palette."""
    picture = photograph(name)
    large = picture.resize((2311, 1733), Image.Resampling.BICUBIC)
    small, again = (SHARED.embed_otherwise([np.asarray(each)]) for each in (picture, large))
    assert (small * again).sum(axis=1).min() > 0.99


@pytest.mark.parametrize("name", ["coffee", "chelsea", "astronaut", "rocket"])
def test_grey_copies_of_vivid_pictures_are_near(name: str) -> None:
    """However strong the colours are: if these were not muted, the least similarity would be 0.62."""
    vivid = ImageEnhance.Color(photograph(name)).enhance(6)
    colored, grey = embed(SHARED, np.asarray(vivid), np.asarray(vivid.convert("L").convert("RGB")))
    assert colored @ grey > 0.75


def test_missing_weights(tmp_path: Path) -> None:
    embedder = BundledEmbedder(weights=tmp_path / "gone.onnx")  # making it costs nothing
    with pytest.raises(ModelUnavailable, match=r"gone\.onnx.*install visualsearch-cli again"):
        embedder.embed([])


def test_damaged_weights(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(WEIGHTS.read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelUnavailable, match="damaged or of another version"):
        BundledEmbedder(weights=damaged).embed([])


@pytest.mark.slow
def test_an_image_alone_gives_what_it_gives_among_many() -> None:
    """With pictures two of which a session that was made more quickly gave others: by 4e-5 of distance."""
    indexing = BundledEmbedder(threads=1)
    images = [indexing.prepare(scene(320, 200, phase)) for phase in range(8, 8 + 2 * PART)]
    many = indexing.embed(images)
    alone = np.concatenate([BundledEmbedder(threads=1).embed([image]) for image in images])
    distances = 1 - (many.astype(np.float64) * alone).sum(axis=1)
    assert np.abs(distances).max() < 1e-6
