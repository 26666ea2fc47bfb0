"""Which way to search: the choice follows the two numbers in the expected direction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.search.plan import Method
from visualsearch_cli.search.plan import cheaper_method as planned
from visualsearch_cli.vectors.index import IndexParams

vectors = st.integers(0, 50_000_000)
queries = st.integers(1, 100_000)


def cheaper_method(vectors: int, queries: int, unmapped: int = 0) -> Method:
    """Plan for a graph with the default parameters."""
    return planned(vectors, queries, IndexParams().for_search(vectors).ef_search, unmapped)


def test_one_query_never_pays_for_reading_a_graph() -> None:
    assert {cheaper_method(10**n, 1) for n in range(8)} == {Method.EXACT}


def test_many_queries_of_many_vectors_do() -> None:
    assert cheaper_method(20_000_000, 5_000) is Method.HNSW


def test_fewer_candidates_speak_for_the_graph() -> None:
    assert planned(1_000_000, 5_000, candidates=2_000) is Method.EXACT
    assert planned(1_000_000, 5_000, candidates=256) is Method.HNSW


def test_a_block_of_a_hundred_thousand_is_compared_for_any_common_batch() -> None:
    assert cheaper_method(100_000, 1_000) is Method.EXACT


@pytest.mark.slow
@given(vectors=vectors, queries=queries, unmapped=vectors)
def test_vectors_that_must_be_read_speak_for_the_graph(vectors: int, queries: int, unmapped: int) -> None:
    if cheaper_method(vectors, queries) is Method.HNSW:
        assert cheaper_method(vectors, queries, min(unmapped, vectors)) is Method.HNSW


def test_small_indexes_are_compared_whatever_the_queries() -> None:
    assert cheaper_method(0, 100_000) is Method.EXACT
    assert cheaper_method(100, 100_000) is Method.EXACT


@pytest.mark.slow
@given(vectors=vectors, fewer=queries, more=queries)
def test_more_queries_never_speak_against_the_graph_of_a_large_index(
    vectors: int, fewer: int, more: int
) -> None:
    fewer, more = sorted((fewer, more))
    if cheaper_method(vectors, fewer) is Method.HNSW:
        assert cheaper_method(vectors, more) is Method.HNSW


def test_who_stays_turns_to_the_graph_of_a_large_index_after_some_queries() -> None:
    def planned_after(queries: int, vectors: int) -> Method:
        return planned(vectors, queries, IndexParams().for_search(vectors).ef_search, one_by_one=True)

    assert {planned_after(queries, 1_000_000) for queries in (1, 10, 20)} == {Method.EXACT}
    assert {planned_after(queries, 1_000_000) for queries in (30, 100, 1000)} == {Method.HNSW}
    assert planned_after(30, 100_000) is Method.EXACT
    assert planned_after(50, 100_000) is Method.HNSW
    assert {planned_after(queries, 5_000) for queries in (1, 100, 10_000)} == {Method.EXACT}


@pytest.mark.slow
@given(vectors=vectors, queries=queries)
def test_the_choice_is_never_to_choose_later(vectors: int, queries: int) -> None:
    assert cheaper_method(vectors, queries) in (Method.EXACT, Method.HNSW)
