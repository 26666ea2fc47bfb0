"""What shorter vectors are measured by."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.models.depth import Quantizer, distance_errors
from tests.helpers.vectors import realistic_vectors


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
