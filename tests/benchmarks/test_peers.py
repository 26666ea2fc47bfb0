"""Peers and candidates look like embedders of our own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.accuracy.peers import HashEmbedder, NetworkFile, pdq, phash
from benchmarks.models.embedders import load_embedders
from visualsearch_cli.embedders.bundled import SIDE, WEIGHTS, BundledEmbedder
from visualsearch_cli.embedders.embedder import Embedder, ModelSpec
from visualsearch_cli.pictures.image import Pixels


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_the_distance_of_hashes_is_twice_the_share_of_bits_that_differ() -> None:
    embedder = HashEmbedder(ModelSpec("bits", "none", "none", 4), 1, lambda pixels: pixels.ravel()[:4] > 0)
    hashes = [np.array(bits, np.bool_) for bits in ([0, 0, 1, 1], [0, 1, 1, 1], [1, 1, 0, 0])]
    vectors = embedder.embed(hashes)
    assert vectors.dtype == np.float32
    assert (1 - vectors @ vectors.T)[0].tolist() == [0, 2 * 1 / 4, 2 * 4 / 4]
    assert embedder.embed([]).shape == (0, 4)


@pytest.mark.parametrize(("make", "package"), [(phash, "imagehash"), (pdq, "pdqhash")])
def test_hashes_of_other_projects(make: Callable[[], Embedder], package: str) -> None:
    pytest.importorskip(package)
    embedder = make()
    pictures = [noise(40, 60), noise(40, 60), noise(70, 50, seed=1)[:, ::-1]]
    vectors = embedder.embed([embedder.prepare(pixels) for pixels in pictures])
    assert vectors.shape == (3, embedder.spec.dim)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert np.array_equal(vectors[0], vectors[1])
    assert vectors[0] @ vectors[2] < 0.6


def test_a_network_file_does_what_the_bundled_embedder_does() -> None:
    candidate, bundled = NetworkFile(WEIGHTS, SIDE), BundledEmbedder(threads=1)
    pictures = [noise(40, 60), noise(300, 200, seed=1)]
    ours = bundled.embed([bundled.prepare(pixels) for pixels in pictures])
    theirs = candidate.embed([candidate.prepare(pixels) for pixels in pictures])
    assert np.allclose(ours, theirs, atol=1e-5)
    assert (candidate.spec.dim, candidate.spec.weights) == (bundled.spec.dim, bundled.spec.weights)


def test_what_is_missing_is_left_out_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    embedders, missing = load_embedders(["dct", "bundel"])
    assert list(embedders) == ["dct"]
    assert "did you mean bundled" in missing["bundel"]
    assert "bundel is left out" in capsys.readouterr().err
