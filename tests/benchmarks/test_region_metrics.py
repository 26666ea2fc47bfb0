"""What regions find, against brute force over the pairs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.models.region_metrics import USED, WAYS, compare
from tests.benchmarks.test_metrics import random_units

FRAMES, DIM = 6, 4
QUERIES, PICTURES = 40, 90


@pytest.mark.parametrize("kinds", [None, np.arange(PICTURES) // 3])
@pytest.mark.parametrize("margin", [0.0, 0.1])
def test_all_three_ways_are_compared(margin: float, kinds: npt.NDArray[np.int64] | None) -> None:
    index = random_units(1, PICTURES, FRAMES, DIM)
    originals = np.arange(QUERIES) * 2
    queries = index[originals] + random_units(2, QUERIES, FRAMES, DIM) * np.float32(0.3)
    queries = np.ascontiguousarray(queries / np.linalg.norm(queries, axis=-1, keepdims=True))
    found = compare(queries, originals, index, margin, kinds)
    groups = np.arange(PICTURES) if kinds is None else kinds
    away = 1 - np.einsum("qad,ibd->qiab", queries, index)  # each frame of a query, of a picture
    ways = np.stack([away[:, :, 0, 0], away[:, :, 0, 1:].min(axis=2), away[:, :, 1:, 0].min(axis=2)])
    rows = np.arange(QUERIES)
    others = groups[originals][:, np.newaxis] != groups
    np.testing.assert_allclose(found.own, ways[:, rows, originals], atol=1e-6)
    np.testing.assert_allclose(found.best, np.where(others, ways, np.inf).min(axis=2), atol=1e-6)
    for way in range(len(WAYS)):
        values = np.sort(ways[way][others])
        assert found.levels[way, 0] == pytest.approx(values[int(1e-4 * len(values))], abs=1e-6)
    for name, used in USED.items():
        ranks = np.concatenate([ways[:1], ways[1:used] + margin]).min(axis=0)
        assert found.thresholds[name] == pytest.approx(ranks[others].min(), abs=1e-6)
        nearest = np.where(others, ranks, np.inf).min(axis=1)
        first = (ranks[rows, originals] < nearest).mean()
        assert found.recall_at_1(used, slice(None)) == pytest.approx(first)
        passed = (ranks[rows, originals] < found.thresholds[name]).mean()
        assert found.recall_at_rate(name, slice(None)) == pytest.approx(passed)
