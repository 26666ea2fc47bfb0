"""Vectors with fewer bits: what is read is near, of unit length, and rounded to the same again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.vectors import stored_values
from visualsearch_cli.vectors.checks import VectorsRefused, check_vectors, distances_of
from visualsearch_cli.vectors.exact import ExactIndex, nearest
from visualsearch_cli.vectors.index import BITS, number_type
from visualsearch_cli.vectors.stored_values import (
    RoundedRows,
    problem_of,
    scales_of,
    to_stored,
    values_of,
)

ROUNDED = [bits for bits in BITS if bits != 32]


@st.composite
def unit_vectors(draw: st.DrawFn) -> npt.NDArray[np.float32]:
    """Draw vectors of unit length, with zeros, equal values and values of very different sizes."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 40)))
    values = draw(arrays(np.float64, shape, elements=st.floats(-1e6, 1e6, allow_subnormal=False)))
    values[:, 0] += np.where(np.abs(values).max(axis=1) > 1e-6, 0, 1)
    unit: npt.NDArray[np.float32] = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(
        np.float32
    )
    return unit


@pytest.mark.parametrize("bits", ROUNDED)
@given(vectors=unit_vectors())
def test_what_was_read_is_rounded_to_the_same(bits: int, vectors: npt.NDArray[np.float32]) -> None:
    numbers = to_stored(vectors, bits)
    assert numbers.dtype == number_type(bits) and numbers.itemsize == bits // 8
    read = values_of(numbers)
    assert check_vectors(read, vectors.shape[1]) is read
    again = to_stored(read, bits)
    np.testing.assert_array_equal(again, numbers)
    np.testing.assert_array_equal(values_of(again).view(np.int32), read.view(np.int32))


@pytest.mark.parametrize("bits", ROUNDED)
@given(vectors=unit_vectors())
def test_no_value_is_off_by_more_than_half_a_step(bits: int, vectors: npt.NDArray[np.float32]) -> None:
    steps = np.abs(vectors).max(axis=1, keepdims=True) / (2 ** (bits - 1) - 1)
    rounded = to_stored(vectors, bits) * steps.astype(np.float64)
    assert (np.abs(rounded - vectors) <= steps * (0.5 + 1e-2)).all()
    lengths = np.linalg.norm(rounded, axis=1, keepdims=True)
    np.testing.assert_allclose(values_of(to_stored(vectors, bits)), rounded / lengths, atol=3e-7)


@pytest.mark.parametrize("bits", BITS)
def test_a_row_is_read_alike_alone_and_among_many(bits: int) -> None:
    vectors = realistic_vectors(300, 48, seed=3)
    numbers = to_stored(vectors, bits)
    for row in (0, 17, 299):
        np.testing.assert_array_equal(to_stored(vectors[row : row + 1], bits)[0], numbers[row])
        np.testing.assert_array_equal(values_of(numbers[row : row + 1])[0], values_of(numbers)[row])


def test_all_bits_are_kept_as_they_are() -> None:
    vectors = realistic_vectors(20, 8, seed=1)
    assert to_stored(vectors, 32) is vectors and values_of(vectors) is vectors


@pytest.mark.parametrize("bits", ROUNDED)
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_what_cannot_be_rounded_is_refused(bits: int, value: float) -> None:
    vectors = np.eye(3, 4, dtype=np.float32)
    vectors[1] = value
    with pytest.raises(VectorsRefused, match="not finite, or none but zeros"):
        to_stored(vectors, bits)


@pytest.mark.parametrize(("bits", "least"), [(8, -128), (16, -32768)])
def test_numbers_that_were_not_rounded_are_refused(bits: int, least: int) -> None:
    numbers = to_stored(realistic_vectors(5, 8, seed=0), bits)
    assert problem_of(numbers) is None
    for wrong in (np.zeros(8), numbers[3] // 2, np.array([least, *range(7)])):
        damaged = numbers.copy()
        damaged[3] = wrong
        with pytest.raises(VectorsRefused, match=f"of vector 3 of 5 is [0-9]+, expected {-least - 1}"):
            values_of(damaged)


@pytest.mark.parametrize("bits", ROUNDED)
@pytest.mark.parametrize("count", [1, 5, 70])
def test_search_is_exact_search_of_what_is_read(
    bits: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_values, "_PIECE", 13)
    vectors = realistic_vectors(count, 24, seed=5)
    layout = np.dtype([("before", "<i8"), ("numbers", number_type(bits), 24)])  # rows that lie apart
    rows = np.zeros(count, layout)
    rows["numbers"] = to_stored(vectors, bits)
    read = values_of(rows["numbers"])
    held = RoundedRows(rows["numbers"], scales_of(rows["numbers"]))
    queries, ids = realistic_vectors(9, 24, seed=6), np.arange(1, count + 1)
    np.testing.assert_allclose(held.products(queries, 0, 1000), queries @ read.T, atol=3e-7)
    middle = count // 2
    part = queries @ read[middle : middle + 20].T
    np.testing.assert_allclose(held.products(queries, middle, 20), part, atol=3e-7)
    found, expected = nearest(ids, held, queries, 6), ExactIndex.from_arrays(ids, read).search(queries, 6)
    np.testing.assert_array_equal(found.ids, expected.ids)
    np.testing.assert_array_equal(found.distances, expected.distances)


def test_distances_are_hardly_off() -> None:
    """Docs say how much, of photographs; of vectors that are like theirs it is as little."""
    vectors = realistic_vectors(600, 256, seed=8)
    rows = np.arange(600)
    for bits, mean, most in ((8, 1.2e-3, 8e-3), (16, 1e-5, 1e-4)):
        read = values_of(to_stored(vectors, bits))
        off = np.abs(vectors @ read.T - vectors @ vectors.T)
        assert off.mean() < mean and off.max() < most
        own = distances_of(read, rows, vectors, rows)
        assert own.max() < most / 10, "a vector is much nearer to its own rounded one"
