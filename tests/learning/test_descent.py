"""How batches are drawn for learning, and when what was learned from them is kept."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.embedders.arrays import unit_rows
from visualsearch_cli.learning import descent
from visualsearch_cli.learning.classes import Classed, Parts, parted
from visualsearch_cli.learning.descent import CLASSES, PICTURES, Learned, Settings, drawn, learn
from visualsearch_cli.learning.gains import found_first
from visualsearch_cli.progress import NoProgress

KINDS, SHOTS = 60, 8
TELLING, NOISY = 4, 28  # values of a vector that tell its class, and that do not


def classed(told_by: float, seed: int) -> Parts:
    """Return vectors in which most values are noise."""
    chance = np.random.default_rng(seed)
    kinds = told_by * chance.normal(size=(KINDS, 1, TELLING))
    shots = kinds + 0.1 * chance.normal(size=(KINDS, SHOTS, TELLING))
    values = np.concatenate([shots, chance.normal(size=(KINDS, SHOTS, NOISY))], axis=2)
    vectors = unit_rows(values.reshape(KINDS * SHOTS, -1).astype(np.float32))
    return parted(Classed(vectors, [str(number) for number in range(KINDS) for _ in range(SHOTS)]))


def learned(parts: Parts, settings: Settings) -> Learned:
    """Learn from two of the parts."""
    return learn(*parts.learned, *parts.ending, settings, NoProgress())


def found_of(parts: Parts, of: Learned) -> float:
    """Return the share of the third part that is found."""
    return float(found_first(of.projection(parts.judged.vectors), parts.judged.classes).mean())


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


@pytest.mark.slow
def test_the_descent_finds_what_its_start_does_not() -> None:
    parts = classed(1.0, seed=2)
    start = learned(parts, Settings(dim=8, rounds=0))
    descended = learned(parts, Settings(dim=8))
    assert start.batches == 0 < descended.batches
    assert found_of(parts, descended) > found_of(parts, start) + 0.3


@pytest.mark.slow
def test_what_chance_may_have_found_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = classed(0.0, seed=6)  # no value tells a class
    start = learned(nothing, Settings(dim=8, rounds=0))
    kept = learned(nothing, Settings(dim=8))
    assert kept.batches == 0
    np.testing.assert_array_equal(kept.projection.matrix, start.projection.matrix)
    monkeypatch.setattr(descent, "CHANCE", 1.0)
    assert learned(nothing, Settings(dim=8)).batches > 0, "the best of many looks is better than the start"
