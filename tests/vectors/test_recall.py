"""Recall, above all where neighbors tie."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.vectors.index import Neighbors
from visualsearch_cli.vectors.recall import recall_against_exact


def neighbors(*rows: list[float], start: int = 1) -> Neighbors:
    distances = np.array(rows, dtype=np.float32)
    ids = np.arange(start, start + distances.size, dtype=np.int64).reshape(distances.shape)
    return Neighbors(ids, distances)


EXACT = neighbors([0.0, 0.1, 0.2, 0.3], [0.0, 0.0, 0.0, 0.5])


def test_all_found() -> None:
    assert recall_against_exact(EXACT, EXACT, 4) == 1.0


def test_some_missed() -> None:
    found = neighbors([0.0, 0.2, 0.3, 0.4], [0.0, 0.0, 0.5, 0.6])
    assert recall_against_exact(found, EXACT, 3) == pytest.approx(4 / 6)


def test_other_copies_at_the_same_distance_are_right() -> None:
    assert recall_against_exact(neighbors([0.0, 0.1], [0.0, 0.0], start=500), EXACT, 2) == 1.0


def test_rounding_does_not_matter() -> None:
    found = neighbors([0.0, 0.1 + 5e-7], [0.0, 5e-7])
    assert recall_against_exact(found, EXACT, 2) == 1.0
    found = neighbors([0.0, 0.1 + 5e-6], [0.0, 5e-6])
    assert recall_against_exact(found, EXACT, 2) == 0.5


def test_too_few_found_are_missed() -> None:
    assert recall_against_exact(neighbors([0.0], [0.0]), EXACT, 4) == 0.25


def test_k_beyond_the_index_is_its_size() -> None:
    assert recall_against_exact(EXACT, EXACT, 100) == 1.0


def test_answers_to_different_questions_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="1 queries were answered, but 2"):
        recall_against_exact(neighbors([0.0]), EXACT, 1)
    with pytest.raises(ValueError, match="k is 0"):
        recall_against_exact(EXACT, EXACT, 0)
    empty = Neighbors(np.empty((0, 3), dtype=np.int64), np.empty((0, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="at least one"):
        recall_against_exact(empty, empty, 3)
