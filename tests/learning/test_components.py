"""Vectors made shorter along the axes of most variance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from visualsearch_cli.embedders.arrays import unit_rows
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.learning.components import principal_components


def flat(count: int = 500, noise: float = 1e-3) -> npt.NDArray[np.float32]:
    """Return unit vectors of 12 values that differ along three directions, and hardly elsewhere."""
    random = np.random.default_rng(5)
    axes = np.linalg.qr(random.normal(size=(12, 12)))[0]
    sizes = np.array([1.0, 0.6, 0.3, *[noise] * 9])
    return unit_rows((random.normal(size=(count, 12)) * sizes @ axes + axes[5]).astype(np.float32))


@pytest.mark.slow
def test_what_hardly_differs_is_left_out() -> None:
    vectors = flat()
    projection, kept = principal_components(vectors, 3, whiten=False)
    assert kept.pictures == kept.asked == 500 and not kept.whitened
    assert 0.9 < kept.variance < 1 and kept.neighbors > 0.4
    assert projection(vectors).shape == (500, 3)
    fewer = principal_components(vectors, 1, whiten=False)[1]
    assert fewer.variance < kept.variance and fewer.neighbors < kept.neighbors
    more = principal_components(vectors, 11, whiten=False)[1]
    assert more.variance > 0.9999 and more.neighbors > 0.8 and more.neighbors > kept.neighbors
    assert "of the variance of 500 pictures is kept" in kept.said()


@pytest.mark.slow
def test_whitened_axes_count_alike() -> None:
    vectors = flat()
    plain = (vectors - vectors.mean(axis=0)) @ principal_components(vectors, 3, whiten=False)[0].matrix
    white = (vectors - vectors.mean(axis=0)) @ principal_components(vectors, 3, whiten=True)[0].matrix
    assert plain.std(axis=0)[0] > 1.5 * plain.std(axis=0)[2]
    np.testing.assert_allclose(white.std(axis=0), 1, atol=0.01)
    still = flat(noise=0)
    assert np.isfinite(principal_components(still, 12, whiten=True)[0](still)).all()


def test_what_cannot_be_made_shorter() -> None:
    with pytest.raises(VisualSearchError, match="12 values, and --dim asks for 12"):
        principal_components(flat(), 12, whiten=False)
    with pytest.raises(VisualSearchError, match="5 pictures tell at most 4 directions"):
        principal_components(flat(5), 5, whiten=False)
    with pytest.raises(VisualSearchError, match="all pictures have one vector"):
        principal_components(np.repeat(flat(1), 30, axis=0), 3, whiten=False)
