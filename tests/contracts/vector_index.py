"""What every VectorIndex must do. A test class inherits the suite and says how to make an index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.vectors.index import Embeddings, VectorIds, VectorIndex

DIM = 16


def ids_from(start: int, n: int) -> VectorIds:
    return np.arange(start, start + n, dtype=np.int64)


class VectorIndexContract:
    """The suite. Small indexes, which an approximate search answers exactly too."""

    def make(self, dim: int) -> VectorIndex:
        """Return an empty index."""
        raise NotImplementedError

    def filled(self, n: int, seed: int = 0) -> tuple[VectorIndex, Embeddings]:
        """Return an index of n vectors with the ids 1 to n, and the vectors."""
        index, vectors = self.make(DIM), realistic_vectors(n, DIM, seed)
        index.add(ids_from(1, n), vectors)
        return index, vectors

    def test_an_empty_index_has_no_neighbors(self) -> None:
        index = self.make(DIM)
        found = index.search(realistic_vectors(3, DIM, 0), 5)
        assert (index.dim, len(index)) == (DIM, 0)
        assert found.ids.shape == found.distances.shape == (3, 0)

    def test_nothing_can_be_added(self) -> None:
        index = self.make(DIM)
        index.add(ids_from(1, 0), np.empty((0, DIM), dtype=np.float32))
        assert len(index) == 0

    def test_no_queries_have_no_answers(self) -> None:
        index, _ = self.filled(20)
        found = index.search(np.empty((0, DIM), dtype=np.float32), 5)
        assert found.ids.shape == found.distances.shape == (0, 5)

    def test_every_vector_finds_itself(self) -> None:
        index, vectors = self.filled(200)
        found = index.search(vectors, 1)
        assert found.distances.max() < 1e-6

    def test_neighbors_are_the_nearest_in_order(self) -> None:
        index, vectors = self.filled(200)
        found = index.search(vectors[:20], 10)
        expected = np.sort(1.0 - vectors[:20].astype(np.float64) @ vectors.T, axis=1)[:, :10]
        np.testing.assert_allclose(found.distances, np.clip(expected, 0, 2), atol=1e-6)
        assert (np.diff(found.distances, axis=1) >= 0).all()
        assert [found.ids.dtype.name, found.distances.dtype.name] == ["int64", "float32"]

    def test_distances_belong_to_their_ids(self) -> None:
        index, vectors = self.filled(200)
        found = index.search(vectors[:20], 10)
        dots = np.einsum("qd,qkd->qk", vectors[:20], vectors[found.ids - 1])
        np.testing.assert_allclose(found.distances, 1.0 - dots, atol=1e-6)

    def test_distances_lie_between_0_and_2(self) -> None:
        index = self.make(DIM)
        vector = realistic_vectors(1, DIM, 0)
        index.add(ids_from(1, 2), np.concatenate([vector, -vector]))
        found = index.search(vector, 2)
        assert found.ids.tolist() == [[1, 2]]
        assert found.distances.min() >= 0
        assert found.distances.max() <= 2
        np.testing.assert_allclose(found.distances, [[0, 2]], atol=1e-6)

    def test_ties_are_ordered_by_id(self) -> None:
        index, ids = self.make(DIM), np.array([7, 3, 9, 5], dtype=np.int64)
        vector = realistic_vectors(1, DIM, 0)
        index.add(ids, np.repeat(vector, 4, axis=0))
        assert index.search(vector, 4).ids.tolist() == [[3, 5, 7, 9]]

    def test_k_is_clamped_to_the_size_of_the_index(self) -> None:
        index, vectors = self.filled(30)
        found = index.search(vectors[:3], 1000)
        assert found.ids.shape == (3, 30)
        assert [sorted(row) for row in found.ids.tolist()] == [list(range(1, 31))] * 3

    def test_all_of_a_larger_index_can_be_asked_for(self) -> None:
        index, vectors = self.filled(600)
        found = index.search(vectors[:2], 600)
        assert [sorted(row) for row in found.ids.tolist()] == [list(range(1, 601))] * 2

    def test_vectors_can_be_added_in_several_steps(self) -> None:
        whole, vectors = self.filled(150)
        steps = self.make(DIM)
        for start in range(0, 150, 40):
            part = vectors[start : start + 40]
            steps.add(ids_from(start + 1, len(part)), part)
        assert len(steps) == len(whole) == 150
        np.testing.assert_allclose(
            steps.search(vectors[:10], 5).distances, whole.search(vectors[:10], 5).distances, atol=1e-6
        )

    def test_ids_may_be_large_and_in_any_order(self) -> None:
        index, vectors = self.make(DIM), realistic_vectors(3, DIM, 0)
        ids = np.array([2**62, 1, 2**40], dtype=np.int64)
        index.add(ids, vectors)
        assert index.search(vectors, 1).ids[:, 0].tolist() == ids.tolist()

    def test_vectors_need_not_be_contiguous(self) -> None:
        index, vectors = self.make(DIM), realistic_vectors(40, DIM, 0)
        index.add(ids_from(1, 80)[::2], np.asfortranarray(vectors))
        found = index.search(vectors[::-1], 1)
        assert found.distances.max() < 1e-6
        assert (found.ids % 2 == 1).all()

    def test_vectors_may_be_read_only(self) -> None:
        index, vectors = self.make(DIM), realistic_vectors(5, DIM, 0)
        vectors.flags.writeable = False
        index.add(ids_from(1, 5), vectors)
        assert index.search(vectors, 1).ids.shape == (5, 1)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda v: v.astype(np.float64), "float64, expected float32"),
            (lambda v: v.ravel(), r"\(64,\), expected \(n, 16\)"),
            (lambda v: v[:, :8], r"\(4, 8\), expected \(n, 16\)"),
            (lambda v: _with(v, np.nan), "vector 2 of 4 .* not finite"),
            (lambda v: _with(v, np.inf), "vector 2 of 4 .* not finite"),
            (lambda v: v * np.float32(1.01), "length 1.01, expected 1"),
            (lambda v: v * np.float32(0), "length 0, expected 1"),
            (lambda v: v * np.float32(1e30), "expected 1"),
        ],
    )
    def test_wrong_vectors_are_refused(
        self, change: Callable[[Embeddings], npt.NDArray[Any]], message: str
    ) -> None:
        index, vectors = self.filled(20)
        wrong = change(vectors[:4])
        with pytest.raises(ValueError, match=message):
            index.add(ids_from(100, 4), wrong)
        with pytest.raises(ValueError, match=message):
            index.search(wrong, 3)
        assert len(index) == 20
        assert len(index.search(vectors[:1], 20).ids[0]) == 20

    @pytest.mark.parametrize(
        ("ids", "message"),
        [
            (np.array([100, 101], dtype=np.int32), "int32, expected int64"),
            (ids_from(100, 3), r"\(3,\), expected \(2,\)"),
            (ids_from(0, 2), "id 0 is not positive"),
            (ids_from(-5, 2), "id -5 is not positive"),
            (np.array([100, 100]), "id 100 is given 2 times"),
            (ids_from(20, 2), "id 20 is already among the 20"),
        ],
    )
    def test_wrong_ids_are_refused(self, ids: npt.NDArray[Any], message: str) -> None:
        index, vectors = self.filled(20)
        with pytest.raises(ValueError, match=message):
            index.add(ids, vectors[:2])
        assert len(index) == 20

    @pytest.mark.parametrize("k", [0, -1])
    def test_k_must_be_positive(self, k: int) -> None:
        index, vectors = self.filled(20)
        with pytest.raises(ValueError, match=f"k is {k}"):
            index.search(vectors[:1], k)


def _with(vectors: Embeddings, value: float) -> Embeddings:
    changed: Embeddings = vectors.copy()
    changed[2, 5] = value
    return changed
