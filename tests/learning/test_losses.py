from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.learning.losses import LOSSES, MARGIN, Floats, Pairs, positive_negative, triplet


def similarities_of(classes: list[int], seed: int = 0) -> tuple[Floats, Pairs]:
    """Similarities of pictures by chance, and which are of one class."""
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(len(classes), 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    same = np.equal.outer(classes, classes)
    np.fill_diagonal(same, False)
    return vectors @ vectors.T, same


@pytest.mark.parametrize("name", ["triplet", "pn", "multi-similarity"])
def test_gradients_are_those_of_the_loss(name: str) -> None:
    similarities, same = similarities_of([0, 0, 0, 1, 1, 2, 2, 2])
    loss, gradient = LOSSES[name](similarities, same)
    step = 1e-6
    for place in np.ndindex(similarities.shape):
        moved = similarities.copy()
        moved[place] += step
        assert (LOSSES[name](moved, same)[0] - loss) / step == pytest.approx(gradient[place], abs=1e-4)


@pytest.mark.parametrize("name", LOSSES)
def test_following_the_gradient_parts_the_classes(name: str) -> None:
    similarities, same = similarities_of([0, 0, 1, 1, 2, 2], seed=3)
    _, gradient = LOSSES[name](similarities, same)
    other = ~same & ~np.eye(len(same), dtype=bool)
    assert gradient[same].sum() < 0 < gradient[other].sum()


@pytest.mark.parametrize("name", LOSSES)
def test_without_two_classes_there_is_nothing_to_part(name: str) -> None:
    similarities, same = similarities_of([0, 0, 0])
    _, gradient = LOSSES[name](similarities, same)
    assert np.isfinite(gradient).all() and (gradient >= 0).sum() + (gradient <= 0).sum() > 0
    alone, nothing = similarities_of([0, 1, 2])
    assert LOSSES["triplet"](alone, nothing)[0] == LOSSES["circle"](alone, nothing)[0] == 0


def test_a_negative_near_the_positive_counts_in_pn_alone() -> None:
    """The picture 2 is far from 0, and near to 1, which is of the class of 0."""
    similarities = np.array([[1, 0.9, 0.1], [0.9, 1, 0.8], [0.1, 0.8, 1]])
    same = np.array([[False, True, False], [True, False, False], [False, False, False]])
    assert triplet(similarities, same)[0] == pytest.approx((0.8 + MARGIN - 0.9) / 2)
    loss, gradient = positive_negative(similarities, same)
    assert loss == pytest.approx(0.8 + MARGIN - 0.9)
    assert gradient[0, 2] == 0 and gradient[1, 2] == pytest.approx(1)
