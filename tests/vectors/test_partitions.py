"""All pairs in partitions: together they find what one machine finds, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.pairs import Pairs, pairs_within
from visualsearch_cli.vectors.partitions import (
    Cuts,
    Plane,
    cuts_of,
    merged_pairs,
    pairs_of_partition,
    rows_of_partition,
)


def partitioned(vectors: Embeddings, cuts: Cuts, limit: float) -> list[Pairs]:
    """Return what each partition finds, as machines do that know nothing of each other."""
    rows = (rows_of_partition(vectors, cuts, cell, limit) for cell in range(len(cuts.ways)))
    return [pairs_of_partition(vectors, each, limit) for each in rows]


def assert_same(found: Pairs, wanted: Pairs) -> None:
    np.testing.assert_array_equal(found.a, wanted.a)
    np.testing.assert_array_equal(found.b, wanted.b)
    np.testing.assert_array_equal(found.distances.view(np.int32), wanted.distances.view(np.int32))


@pytest.mark.slow
def test_four_partitions_of_a_hundred_thousand_find_what_one_machine_finds() -> None:
    vectors = realistic_vectors(100_000, 32, seed=8)
    wanted = pairs_within(vectors, 0.02)
    parts = partitioned(vectors, cuts_of(vectors, 4), 0.02)
    assert len(wanted) > 500_000 and all(len(part) < len(wanted) / 2 for part in parts)
    assert_same(merged_pairs(parts), wanted)


@pytest.mark.parametrize(
    ("count", "limit"), [(1, 0.3), (2, 0.3), (3, 0.02), (4, 0.45), (7, 0.1), (16, 1e-4), (5, 0.0), (3, 2.0)]
)
def test_any_number_of_partitions_finds_the_same(count: int, limit: float) -> None:
    vectors = realistic_vectors(400, 32, seed=count)
    assert_same(
        merged_pairs(partitioned(vectors, cuts_of(vectors, count), limit)), pairs_within(vectors, limit)
    )


@pytest.mark.slow
@given(st.integers(0, 60), st.integers(1, 9), st.floats(0, 2), st.integers(0, 10), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_any_vectors(n: int, count: int, limit: float, seed: int, dim: int) -> None:
    """Few dimensions, so that many lie on planes, or on each other."""
    values = np.random.default_rng(seed).integers(-2, 3, size=(n, dim)).astype(np.float32)
    values[~values.any(axis=1), 0] = 1
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    assert_same(merged_pairs(partitioned(values, cuts_of(values, count), limit)), pairs_within(values, limit))


def test_planes_at_any_angle_leave_no_pair_out() -> None:
    """What is at the far end of the reach, across two planes that are nearly parallel."""
    angles = np.linspace(0, np.pi / 2, 200)
    vectors = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1).astype(np.float32)
    normals = [np.array([np.cos(turn), np.sin(turn), 0]) for turn in (2.2, 2.3, 2.25)]
    planes = tuple(Plane(normal, -0.1 + 0.05 * number) for number, normal in enumerate(normals))
    cuts = Cuts(planes, (((0, False),), ((0, True), (1, False)), ((0, True), (1, True), (2, False))))
    last = (((0, True), (1, True), (2, True)),)
    for limit in (0.001, 0.01, 0.1):
        found = merged_pairs(partitioned(vectors, Cuts(planes, cuts.ways + last), limit))
        assert_same(found, pairs_within(vectors, limit))


def test_planes_do_not_depend_on_how_a_processor_adds() -> None:
    """Sums in another order, as other processors have them, make the same planes to the last bit."""
    vectors = realistic_vectors(3000, 256, seed=5)
    order = np.random.default_rng(0).permutation(256)
    planes = cuts_of(vectors, 8).planes
    others = cuts_of(np.ascontiguousarray(vectors[:, order]), 8).planes
    for plane, other in zip(planes, others, strict=True):
        assert plane.offset == other.offset
        np.testing.assert_array_equal(plane.normal[order], other.normal)


def test_what_lies_on_a_plane_is_on_both_sides_for_who_rounds_otherwise() -> None:
    vectors = np.eye(4, dtype=np.float32)
    plane = Plane(np.array([1.0, 0, 0, 0]), 5e-7)  # three of four lie nearer to it than float32 is sure of
    cuts = Cuts((plane,), (((0, False),), ((0, True),)))
    homes = [rows_of_partition(vectors, cuts, cell, 0.01).home.tolist() for cell in (0, 1)]
    assert homes == [[1, 2, 3], [0, 1, 2, 3]]


def test_no_pair_is_compared_twice_and_the_work_is_shared() -> None:
    vectors = realistic_vectors(2000, 256, seed=2)
    cuts = cuts_of(vectors, 5)
    rows = [rows_of_partition(vectors, cuts, cell, 2.0) for cell in range(5)]
    work = [len(each.home) * (len(each.home) - 1) // 2 + len(each.home) * len(each.border) for each in rows]
    assert sum(work) == 2000 * 1999 // 2
    assert max(work) < 1.2 * sum(work) / 5
    near = [rows_of_partition(vectors, cuts, cell, 1e-4) for cell in range(5)]
    assert sum(len(each.border) for each in near) < sum(len(each.border) for each in rows) / 4


def test_vectors_that_are_a_little_long_are_found_too() -> None:
    """An index takes lengths of up to 1.001: at one cosine distance, such vectors lie farther apart."""
    angles = np.linspace(0, 1, 300)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32) * np.float32(1.0009)
    plane = Plane(np.array([-np.sin(0.5), np.cos(0.5)]), 0.0)
    cuts = Cuts((plane,), (((0, False),), ((0, True),)))
    assert_same(merged_pairs(partitioned(vectors, cuts, 0.001)), pairs_within(vectors, 0.001))


def test_progress_counts_each_row_twice() -> None:
    vectors = realistic_vectors(300, 16, seed=6)
    done: list[int] = []
    rows = rows_of_partition(vectors, cuts_of(vectors, 3), 1, 0.3)
    pairs_of_partition(vectors, rows, 0.3, done.append)
    assert sum(done) == 2 * len(rows.home)
