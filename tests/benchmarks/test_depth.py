"""What shorter vectors are measured by."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.models.depth import Quantizer, distance_errors, recall_at_1, recall_at_fpr
from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.embedders.arrays import unit_rows


def test_product_quantization_is_near_to_the_products() -> None:
    learned_from, vectors = realistic_vectors(600, 64, 0), realistic_vectors(50, 64, 1)
    quantizer = Quantizer(learned_from)
    codes = quantizer.codes(vectors)
    assert codes.shape == (50, 32) and codes.dtype == np.uint8
    for row in vectors[:5]:
        found = quantizer.similarities(row, codes)
        assert np.abs(found - vectors @ row).mean() < 0.05 and (vectors @ row)[found.argmax()] > 0.9


def test_distances_lose_more_with_fewer_bits() -> None:
    vectors = realistic_vectors(40, 64, 0)
    mean_16, most_16 = distance_errors(vectors, vectors[None], 16)
    mean_8, most_8 = distance_errors(vectors, vectors[None], 8)
    assert 0 < mean_16 < most_16 < most_8 and mean_16 < mean_8 < 0.01
    assert distance_errors(vectors, vectors[None], 32)[1] == pytest.approx(0, abs=1e-7)


@pytest.fixture
def index() -> np.ndarray:
    return unit_rows(np.random.default_rng(3).normal(size=(200, 32)).astype(np.float32))


def test_what_is_equal_is_nearer_than_strangers(index: np.ndarray) -> None:
    assert recall_at_1(index, index[None]) == recall_at_fpr(index, index[None]) == 1.0


def test_one_pair_of_strangers_sets_the_bound_for_all(index: np.ndarray) -> None:
    chance = np.random.default_rng(4)
    edits = np.stack([unit_rows(index + 0.1 * chance.normal(size=index.shape).astype(np.float32))] * 2)
    nearly = edits.copy()
    nearly[1, 7] = unit_rows(index[8:9] + np.float32(0.001))[0]  # the edit of one looks just like another one
    assert recall_at_fpr(index, edits) == 1.0
    assert recall_at_fpr(index, nearly) < 0.05 < 0.99 < recall_at_1(index, nearly)


def test_others_find_nothing(index: np.ndarray) -> None:
    assert recall_at_fpr(index, index[None, ::-1]) == 0.0
