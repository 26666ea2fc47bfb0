"""Exact search: the contract, and its answers against a naive sort."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.vector_index import VectorIndexContract, ids_from
from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.search.matches import Match
from visualsearch_cli.vectors import checks, exact
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.index import VectorIndex


class TestExactIndex(VectorIndexContract):
    def make(self, dim: int) -> VectorIndex:
        return ExactIndex(dim)


def test_neighbors_by_euclidean_distance_are_the_same() -> None:
    vectors = realistic_vectors(200, 32, 0)
    found = ExactIndex.from_arrays(ids_from(1, 200), vectors).search(vectors[:20], 10)
    between = np.linalg.norm(vectors[:20, None].astype(np.float64) - vectors, axis=2)
    assert found.ids.tolist() == (np.argsort(between, axis=1, kind="stable")[:, :10] + 1).tolist()
    match = Match(
        ImageRecord(1, 1, Path("a.jpg"), 1, 1, "00", 1, 1, "JPEG"), float(found.distances[0, 5]), None
    )
    assert match.euclidean == pytest.approx(np.sort(between[0])[5], abs=1e-4)
    assert match.euclidean == pytest.approx(np.sqrt(2 * match.distance), abs=1e-6)


def test_arrays_are_searched_where_they_lie() -> None:
    ids, vectors = ids_from(1, 50), realistic_vectors(50, 32, 0)
    index = ExactIndex.from_arrays(ids, vectors)
    vectors[:] = -vectors
    assert index.search(vectors[:1], 1).ids.tolist() == [[1]]
    assert index.search(vectors[:1], 1).distances[0, 0] < 1e-6


def test_arrays_from_outside_are_checked() -> None:
    vectors = realistic_vectors(50, 32, 0)
    with pytest.raises(ValueError, match="length 2"):
        ExactIndex.from_arrays(ids_from(1, 50), vectors * np.float32(2))
    with pytest.raises(ValueError, match=r"\(32,\), expected \(n, dim\)"):
        ExactIndex.from_arrays(ids_from(1, 1), vectors[0])


def test_more_can_be_added_to_arrays() -> None:
    vectors = realistic_vectors(60, 32, 0)
    index = ExactIndex.from_arrays(ids_from(1, 50), vectors[:50])
    index.add(ids_from(51, 10), vectors[50:])
    assert len(index) == 60
    assert index.search(vectors[50:], 60).ids.shape == (10, 60)


@pytest.mark.slow
def test_queries_are_answered_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = realistic_vectors(300, 32, 0)
    index = ExactIndex.from_arrays(ids_from(1, 300), vectors)
    at_once = index.search(vectors, 7)
    monkeypatch.setattr(exact, "_COLUMNS", (5, 13))
    monkeypatch.setattr(exact, "_BLOCK_BYTES", 4 * 5 * 11)
    monkeypatch.setattr(exact, "_MOST_CANDIDATES", 20)
    monkeypatch.setattr(checks, "_MEASURED_ROWS", 3)
    in_blocks = index.search(vectors, 7)
    np.testing.assert_array_equal(at_once.ids, in_blocks.ids)
    np.testing.assert_array_equal(at_once.distances, in_blocks.distances)


def test_what_was_compared_is_not_compared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ids, vectors = ids_from(1, 300), realistic_vectors(300, 32, 0)
    mask = np.arange(300) % 7 == 0
    monkeypatch.setattr(exact, "_COLUMNS", (50, 50))
    kept = exact.Products()
    found = exact.nearest(ids, vectors, vectors[:3], 5, kept=kept)
    expected = exact.nearest(ids, vectors, vectors[:3], 9, mask)
    with monkeypatch.context() as patch:
        patch.setattr(exact, "_products", None)  # no product is made anew, nor were any changed by a mask
        for _ in range(2):
            again = exact.nearest(ids, vectors, vectors[:3], 9, mask, kept)
            np.testing.assert_array_equal(again.ids, expected.ids)
        np.testing.assert_array_equal(exact.nearest(ids, vectors, vectors[:3], 5, kept=kept).ids, found.ids)
    others = exact.nearest(ids, vectors, vectors[3:5], 9, mask, kept)
    np.testing.assert_array_equal(others.ids, exact.nearest(ids, vectors, vectors[3:5], 9, mask).ids)
    monkeypatch.setattr(exact, "_MOST_KEPT", 4 * 2 * 300 - 1)
    exact.nearest(ids, vectors, vectors[5:7], 5, kept=kept)
    assert not kept


def test_of_many_copies_the_smallest_ids_are_found() -> None:
    # The product of a large matrix may round the same row differently at its edges.
    rng = np.random.default_rng(0)
    vectors = np.repeat(realistic_vectors(7, 61, 0), 143, axis=0)
    ids = rng.permutation(ids_from(1, 1001))
    found = ExactIndex.from_arrays(ids, vectors).search(vectors[::143], 10)
    for row, start in enumerate(range(0, 1001, 143)):
        assert found.ids[row].tolist() == sorted(ids[start : start + 143].tolist())[:10]


@pytest.mark.slow
@given(
    n=st.integers(1, 60),
    kinds=st.integers(1, 8),
    k=st.integers(1, 70),
    seed=st.integers(0, 2**32 - 1),
)
def test_answers_equal_those_of_a_naive_sort(n: int, kinds: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = realistic_vectors(kinds, 5, seed)[rng.integers(0, kinds, n)]
    ids = rng.choice(10_000, n, replace=False).astype(np.int64) + 1
    queries = realistic_vectors(4, 5, seed + 1)
    found = ExactIndex.from_arrays(ids, vectors).search(queries, k)

    for row, query in enumerate(queries.astype(np.float64)):
        naive = sorted(
            (max(0.0, float(np.float32(1.0 - np.dot(vector, query)))), int(id_))
            for id_, vector in zip(ids, vectors.astype(np.float64), strict=True)
        )[:k]
        assert found.ids[row].tolist() == [id_ for _, id_ in naive]
        np.testing.assert_allclose(found.distances[row], [distance for distance, _ in naive], atol=1e-7)
