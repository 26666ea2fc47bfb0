from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.calibration.edited_copies import EDITS, LARGEST, edited_copies


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(60, 90), (1, 1), (1, 400), (700, 3), (1500, 1200)])
def test_each_edit_makes_a_picture_of_any_other(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    before = pixels.copy()
    made = edited_copies(pixels, "seed")
    assert len(made) == len(EDITS)
    for copy in made:
        assert copy.dtype == np.uint8 and copy.ndim == 3 and copy.shape[2] == 3 and min(copy.shape) > 0
        assert max(copy.shape) < 2 * LARGEST
    assert (pixels == before).all()


def test_the_same_seed_makes_the_same_copies() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (80, 80, 3)).astype(np.uint8)
    first, again, other = (edited_copies(pixels, seed) for seed in ("a", "a", "b"))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
