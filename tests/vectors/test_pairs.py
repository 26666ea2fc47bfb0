"""All pairs: none is missed, none is invented, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.vectors import products
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.pairs import Pairs, pairs_between, pairs_within

Distances = dict[tuple[int, int], float]


def plain(left: Embeddings, right: Embeddings, limit: float) -> Distances:
    """Return all pairs under a distance, one product in float64."""
    distances = np.clip(1.0 - left.astype(np.float64) @ right.T.astype(np.float64), 0, 2)
    a, b = np.nonzero(distances <= limit)
    return {(i, j): distances[i, j] for i, j in zip(a.tolist(), b.tolist(), strict=True)}


def as_dict(pairs: Pairs) -> Distances:
    keys = list(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))
    assert len(set(keys)) == len(keys) and keys == sorted(keys)
    return dict(zip(keys, pairs.distances.tolist(), strict=True))


def assert_equal(found: Distances, wanted: Distances, limit: float) -> None:
    """Compare, leaving out what is as near to the limit as rounding is large."""
    sure = {pair for pair, distance in wanted.items() if distance < limit - 1e-6}
    assert sure <= found.keys()
    for pair in found:
        assert found[pair] == pytest.approx(wanted.get(pair, limit), abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("memory", [1, 200_000, 10**8])
def test_every_pair_within_is_found(memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "MEMORY_BYTES", memory)
    vectors = realistic_vectors(500, 32, seed=3)
    done: list[int] = []
    found = as_dict(pairs_within(vectors, 0.4, done.append))
    wanted = {pair: d for pair, d in plain(vectors, vectors, 0.4).items() if pair[0] < pair[1]}
    assert len(found) > 1000
    assert_equal(found, wanted, 0.4)
    assert sum(done) == 500


@pytest.mark.slow
@pytest.mark.parametrize("memory", [1, 10**8])
def test_every_pair_between_is_found(memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "MEMORY_BYTES", memory)
    vectors = realistic_vectors(600, 32, seed=4)
    left, right = vectors[:150], vectors[150:]
    assert_equal(as_dict(pairs_between(left, right, 0.3)), plain(left, right, 0.3), 0.3)


@pytest.mark.slow
@given(st.integers(0, 130), st.floats(0, 2), st.integers(0, 10))
@settings(max_examples=40, deadline=None)
def test_any_number_of_vectors(n: int, limit: float, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    wanted = {pair: d for pair, d in plain(vectors, vectors, limit).items() if pair[0] < pair[1]}
    assert_equal(as_dict(pairs_within(vectors, limit)), wanted, limit)


def test_two_hundred_copies_are_all_pairs_of_each_other() -> None:
    """No number of neighbors cuts them short, and equal vectors are at distance 0."""
    one = np.zeros((200, 8), np.float32)
    one[:, 3] = 1.0
    found = pairs_within(one, 0.0)
    assert len(found) == 200 * 199 // 2
    assert not found.distances.any()


def test_no_vectors_have_no_pairs() -> None:
    assert len(pairs_within(np.empty((0, 4), np.float32), 1.0)) == 0
    assert len(pairs_between(np.empty((0, 4), np.float32), np.eye(4, dtype=np.float32), 1.0)) == 0
