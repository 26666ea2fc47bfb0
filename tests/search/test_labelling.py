from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from visualsearch_cli.search.labelling import calibrated_cutoff, nearest_others, vote


def clusters(
    spread: float, *, each: int = 20, dim: int = 16
) -> tuple[npt.NDArray[np.float32], list[list[str]]]:
    """Return unit vectors around three directions at right angles, and the label of each."""
    random = np.random.default_rng(3)
    rows = np.repeat(np.eye(dim)[:3], each, axis=0) + random.normal(size=(3 * each, dim)) * spread
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return vectors, [[name] for name in ("cat", "dog", "horse") for _ in range(each)]


def test_neighbors_vote_with_their_similarity() -> None:
    label, distance, support = vote([0.1, 0.2, 0.3], [["cat"], ["dog"], ["dog"]], 0.5)
    assert (label, distance) == ("dog", 0.2) and support == pytest.approx(1.5 / 2.4)
    assert vote([0.1, 0.2, 0.3], [["cat"], ["dog"], ["dog"]], 0.25).label == "cat"
    assert vote([0.1], [["cat", "pet"]], 0.5) == ("cat", 0.1, 0.5), "both are equal, and named in order"


def test_none_is_an_answer() -> None:
    assert vote([0.6, 0.7], [["cat"], ["dog"]], 0.5) == (None, 0.6, 0.0)
    assert vote([], [], 0.5) == (None, 2.0, 0.0)


@pytest.mark.slow
def test_the_nearest_others_are_found_in_blocks() -> None:
    vectors, _ = clusters(0.3, each=700)
    rows, distances = nearest_others(vectors, 3)
    for row in (0, 1023, 1024, 2099):
        products = 1 - vectors @ vectors[row]
        products[row] = 9
        assert set(rows[row].tolist()) == set(np.argsort(products)[:3].tolist())
        np.testing.assert_allclose(distances[row], np.sort(products)[:3], atol=1e-5)


def test_a_cutoff_parts_what_is_known_from_what_is_not() -> None:
    vectors, names = clusters(0.1)
    cutoff = calibrated_cutoff(vectors, names)
    assert cutoff is not None
    assert (cutoff.precision, cutoff.recall, cutoff.pictures) == (1.0, 1.0, 60)
    within = 1 - vectors[:20] @ vectors[:20].T
    assert np.sort(within, axis=1)[:, 1].max() <= cutoff.distance < 0.5


def test_a_cutoff_is_where_f1_is_highest() -> None:
    """Brute force over all distances, every picture once known and once as of a kind without a name."""
    vectors, names = clusters(0.45)
    cutoff = calibrated_cutoff(vectors, names)
    assert cutoff is not None
    between = np.round(1 - vectors @ vectors.T, 6)
    np.fill_diagonal(between, np.inf)
    own = np.array([[a == b for b in names] for a in names])
    strangers = np.where(own, np.inf, between).min(axis=1)
    nearest = between.argmin(axis=1)
    right = np.array([names[int(nearest[n])] == names[n] for n in range(len(names))])
    distances = between.min(axis=1)
    best = 0.0
    for limit in np.unique(distances):
        taken = distances <= limit
        accepted = taken.sum() + (strangers <= limit).sum()
        best = max(best, 2 * (right & taken).sum() / (accepted + len(names)))
    assert 2 * cutoff.precision * cutoff.recall / (cutoff.precision + cutoff.recall) == pytest.approx(best)


def test_kinds_that_nobody_named_are_left_without_a_label() -> None:
    """Of the labelled ones nearly all are right, however far away: they alone would have all accepted."""
    random = np.random.default_rng(8)
    kinds = random.normal(size=(40, 12))
    rows = np.repeat(kinds, 10, axis=0) + random.normal(size=(400, 12)) * 0.6
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    labelled, unknown = vectors[:200], vectors[200:]
    names = [[str(row // 10)] for row in range(200)]
    cutoff = calibrated_cutoff(labelled, names)
    assert cutoff is not None and cutoff.recall > 0.8
    nearest = (1 - unknown @ labelled.T).min(axis=1)
    assert (nearest > cutoff.distance).mean() > 0.8


def test_labels_that_tell_nothing() -> None:
    vectors, _ = clusters(0.1)
    assert calibrated_cutoff(vectors[:3], [["a"], ["b"], ["c"]]) is None
    assert calibrated_cutoff(vectors[:1], [["a"]]) is None
