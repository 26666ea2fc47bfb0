from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageOps

from tests.embedders.contract import EmbedderContract, embed
from tests.embedders.images import scene
from tests.pictures import photograph
from visualsearch_cli.embedders.bundled import FEW, WEIGHTS, BundledEmbedder
from visualsearch_cli.embedders.specs import BUNDLED
from visualsearch_cli.equalized import GAMMAS
from visualsearch_cli.errors import ModelUnavailable

SHARED = BundledEmbedder(threads=1)

CANONICAL = [-0.0112, 0.0150, -0.0382, -0.0467, 0.0736, -0.0088]
"""The first values for scene(320, 200)."""


class TestBundledEmbedder(EmbedderContract):
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
    assert prepared.shape == (128, 128, 3)


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
                reduced += [SHARED.embed_queries([crop])[1] @ original]
    assert np.mean(reduced) > np.mean(as_they_are) + 0.03


def test_equalized_pictures_are_asked_as_their_originals_may_have_been() -> None:
    originals = {name: np.asarray(photograph(name)) for name in ("coffee", "chelsea", "astronaut", "rocket")}
    index = np.concatenate([embed(SHARED, picture) for picture in originals.values()])
    for number, (name, picture) in enumerate(originals.items()):
        asked = SHARED.embed_queries([np.asarray(ImageOps.equalize(photograph(name))), picture])
        restored = asked[4:]  # after both as they are, and both reduced
        assert restored.shape == (1 + len(GAMMAS), 256)  # of the first alone
        np.testing.assert_allclose(np.linalg.norm(restored, axis=1), 1, atol=1e-3)
        similar = restored @ index.T
        assert (similar.argmax(axis=1) == number).all()
        assert similar[:, number].min() > 0.5


def test_what_takes_them_back_is_the_one_the_code_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualsearch_cli.embedders.bundled.RESTORING_CHECKSUM", "sha256:0")
    embedder = BundledEmbedder(threads=1)
    with pytest.raises(ModelUnavailable, match=r"equalized\.npy is damaged or of another version"):
        embedder.embed_queries([np.asarray(ImageOps.equalize(photograph("coffee")))])


def test_missing_weights(tmp_path: Path) -> None:
    embedder = BundledEmbedder(weights=tmp_path / "gone.onnx")  # making it costs nothing
    with pytest.raises(ModelUnavailable, match=r"gone\.onnx.*install visualsearch-cli again"):
        embedder.embed([])


def test_damaged_weights(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(WEIGHTS.read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelUnavailable, match="damaged or of another version"):
        BundledEmbedder(weights=damaged).embed([])


def test_few_images_give_what_many_give() -> None:
    embedder = BundledEmbedder()
    image = embedder.prepare(scene(320, 200))
    few = embedder.embed([image])
    quick = embedder._session
    many = embedder.embed([image] * FEW)
    assert embedder._session is not quick
    np.testing.assert_allclose(many, np.repeat(few, FEW, axis=0), atol=1e-6)
    assert embedder.embed([image]).shape == (1, 256) and embedder._session is not quick
