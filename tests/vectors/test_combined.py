"""Several indexes as one: the contract, and the same answers as one index of everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.vector_index import VectorIndexContract, ids_from
from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.errors import IndexCorrupt
from visualsearch_cli.vectors.combined import CombinedIndex, MeasuredIndex, ReplacedWhenDamaged
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.hnsw import HnswIndex
from visualsearch_cli.vectors.index import Embeddings, IndexParams, Neighbors, VectorIds, VectorIndex

DIM = 16


class Growing(CombinedIndex):
    """A graph that holds nothing yet, and what is added beside it."""

    def __init__(self, dim: int) -> None:
        self.beside = ExactIndex(dim)
        self.dim = dim
        super().__init__([HnswIndex(dim, IndexParams()), self.beside])

    def add(self, ids: VectorIds, vectors: Embeddings) -> None:
        self.beside.add(ids, vectors)


class TestCombinedIndex(VectorIndexContract):
    def make(self, dim: int) -> VectorIndex:
        return Growing(dim)


@pytest.mark.slow
@settings(max_examples=50)
@given(
    sizes=st.lists(st.integers(0, 30), min_size=1, max_size=4),
    kinds=st.integers(1, 20),
    k=st.integers(1, 60),
    seed=st.integers(0, 1000),
)
def test_parts_answer_as_one_index(sizes: list[int], kinds: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = realistic_vectors(kinds, DIM, seed)[rng.integers(0, kinds, sum(sizes))]
    ids = rng.permutation(ids_from(1, sum(sizes)))
    whole = ExactIndex.from_arrays(ids, vectors)
    parts, start = [], 0
    for size in sizes:
        part = slice(start, start + size)
        parts.append(ExactIndex.from_arrays(ids[part], vectors[part]))
        start += size
    combined = CombinedIndex(parts)
    queries = realistic_vectors(3, DIM, seed)
    found, expected = combined.search(queries, k), whole.search(queries, k)
    assert len(combined) == len(whole)
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.distances, expected.distances)
    assert (found.ids.dtype.name, found.distances.dtype.name) == ("int64", "float32")


def test_what_is_beside_the_graph_is_found_like_what_is_inside() -> None:
    vectors = realistic_vectors(300, DIM, 0)
    graph = HnswIndex(DIM, IndexParams())
    graph.add(ids_from(1, 250), vectors[:250])
    combined = CombinedIndex([graph, ExactIndex.from_arrays(ids_from(251, 50), vectors[250:])])
    found = combined.search(vectors, 5)
    expected = ExactIndex.from_arrays(ids_from(1, 300), vectors).search(vectors, 5)
    np.testing.assert_allclose(found.distances, expected.distances, atol=1e-6)


class Failing(ExactIndex):
    """Says that its file is damaged."""

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        raise IndexCorrupt(f"{len(queries)} queries, {k} neighbors: the file is damaged")


def test_a_damaged_index_is_replaced_once() -> None:
    vectors = realistic_vectors(30, 8, 0)
    made: list[ExactIndex] = []
    said: list[str] = []

    def replacement() -> ExactIndex:
        made.append(ExactIndex.from_arrays(ids_from(1, 30), vectors))
        return made[-1]

    index = ReplacedWhenDamaged(Failing(8), replacement, lambda error: said.append(str(error)))
    for _ in range(2):
        assert index.search(vectors[3:4], 1).distances[0, 0] < 1e-6
    assert (len(made), said) == (1, ["1 queries, 1 neighbors: the file is damaged"])
    assert len(index) == 30


class Measurer:
    """Finds that all distances are halved, or that it cannot tell."""

    def __init__(self, *, damaged: bool = False) -> None:
        self.damaged = damaged

    def measured(self, found: Neighbors, queries: Embeddings) -> Neighbors:
        del queries
        if self.damaged:
            raise IndexCorrupt("the file is damaged")
        return Neighbors(found.ids, found.distances * np.float32(0.5))


def test_distances_are_measured_again_where_that_can_be() -> None:
    vectors = realistic_vectors(30, 8, 0)
    index = ExactIndex.from_arrays(ids_from(1, 30), vectors)
    expected = index.search(vectors[:4], 5)
    np.testing.assert_array_equal(
        MeasuredIndex(index, Measurer()).search(vectors[:4], 5).distances, expected.distances / 2
    )
    as_found = MeasuredIndex(index, Measurer(damaged=True)).search(vectors[:4], 5)
    np.testing.assert_array_equal(as_found.distances, expected.distances)
    assert len(MeasuredIndex(index, Measurer())) == 30
