"""How batches are drawn for learning."""

from __future__ import annotations

import numpy as np

from visualsearch_cli.learning.descent import CLASSES, PICTURES, drawn


def test_batches_are_balanced() -> None:
    sizes = [100, 3, *[20] * 30]  # of classes: one is large, one small
    classes = np.repeat(np.arange(len(sizes)), sizes)
    by_class = [np.flatnonzero(classes == each) for each in range(len(sizes))]
    chance = np.random.default_rng(1)
    met = np.zeros(len(sizes), int)
    for _ in range(200):
        rows = drawn(by_class, chance)
        found, counts = np.unique(classes[rows], return_counts=True)
        assert len(found) == CLASSES and len(np.unique(rows)) == len(rows)
        assert all(count == min(PICTURES, sizes[each]) for each, count in zip(found, counts, strict=True))
        met[found] += 1
    assert met.min() > 60, "a class is met as often as any other, whatever its size"
