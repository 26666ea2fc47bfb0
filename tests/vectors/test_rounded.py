"""Products of rounded vectors: nothing that is near is left out, and the pairs are those of float32."""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnxruntime import InferenceSession

from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.onnx_sessions import new_session
from visualsearch_cli.vectors import pairs, rounded
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.pairs import Pairs, pairs_between, pairs_within
from visualsearch_cli.vectors.product_graph import ZERO, product_graph
from visualsearch_cli.vectors.rounded import (
    BLOCK,
    LEFT_LARGEST,
    PIECE,
    RIGHT_LARGEST,
    Rounded,
    least_product,
    round_left,
    round_right,
    rounded_products,
)


def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare by rounded products, however few vectors there are."""
    monkeypatch.setattr(rounded, "LEAST_WORK", 0)
    monkeypatch.setattr(rounded, "FEWEST", 0)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare few vectors by rounded products, in many blocks."""
    always(monkeypatch)
    monkeypatch.setattr(rounded.RoundedProducts, "rows", 56)
    monkeypatch.setattr(rounded, "PIECE", 14)
    monkeypatch.setattr(rounded, "PART", 9)
    monkeypatch.setattr(rounded, "BLOCK", 33)


def by_float(left: Embeddings, right: Embeddings | None, limit: float) -> Pairs:
    """Return the pairs as they are found without rounding: all of one, or between two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "rounded_products", lambda *_: None)
        return pairs_within(left, limit) if right is None else pairs_between(left, right, limit)


def assert_same(found: Pairs, wanted: Pairs) -> None:
    np.testing.assert_array_equal(found.a, wanted.a)
    np.testing.assert_array_equal(found.b, wanted.b)
    np.testing.assert_array_equal(found.distances.view(np.int32), wanted.distances.view(np.int32))


def unit(vectors: npt.NDArray[np.floating]) -> Embeddings:
    rows: Embeddings = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return rows


def around(limit: float, n: int, dim: int, seed: int) -> Embeddings:
    """Return vectors, many of them about as far from the first as a limit, two equal, one along an axis."""
    rng = np.random.default_rng(seed)
    center = unit(rng.normal(size=(1, dim)))
    drawn = rng.normal(size=(n, dim))
    aside = unit(drawn - (drawn @ center.T) * center)
    cosines = 1 - limit - rng.choice([0, 1e-7, -1e-7, 1e-5, -1e-5, 1e-3, -1e-3, 0.03, -0.03], (n, 1))
    cosines = np.clip(cosines, -1, 1)
    vectors = unit(cosines * center + np.sqrt(1 - cosines**2) * aside)
    vectors[0] = center
    vectors[n // 2] = vectors[n // 3]
    vectors[n // 4] = np.eye(dim, dtype=np.float32)[dim // 2]
    return vectors


@pytest.mark.slow
@pytest.mark.usefixtures("small_blocks")
@given(
    st.integers(1, 150),
    st.integers(2, 70),
    st.floats(0, 1.2),
    st.integers(0, 10_000),
    st.sampled_from([0.0, rounded.DENSE, 1.0]),
)
@settings(max_examples=100, deadline=None)
def test_the_pairs_are_those_of_float(n: int, dim: int, limit: float, seed: int, dense: float) -> None:
    vectors = around(limit, n, dim, seed)
    middle = n // 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounded, "DENSE", dense)  # never by integers, some blocks, and all
        assert_same(pairs_within(vectors, limit), by_float(vectors, None, limit))
        left, right = vectors[:middle], vectors[middle:]
        assert_same(pairs_between(left, right, limit), by_float(left, right, limit))


@pytest.mark.slow
@pytest.mark.usefixtures("small_blocks")
def test_a_pair_at_the_limit_is_found() -> None:
    vectors = realistic_vectors(300, 64, seed=5)
    for limit in by_float(vectors, None, 0.6).distances[::500].tolist():
        found = pairs_within(vectors, limit)
        assert limit in found.distances
        assert_same(found, by_float(vectors, None, limit))


@pytest.mark.slow
def test_blocks_of_their_usual_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than one piece, more columns than one block, and neither a multiple of it."""
    always(monkeypatch)
    monkeypatch.setattr(rounded, "_threads", lambda: 3)
    vectors = realistic_vectors(BLOCK + PIECE + 77, 48, seed=6)
    done: list[int] = []
    assert_same(pairs_within(vectors, 0.3, done.append), by_float(vectors, None, 0.3))
    assert sum(done) == len(vectors)
    left, right = vectors[: PIECE + 5], vectors[PIECE + 5 :]
    assert_same(pairs_between(left, right, 0.3), by_float(left, right, 0.3))


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("value", [np.nan, np.inf, 3.0, 0.0])
def test_vectors_that_are_not_of_unit_length_are_compared_as_they_were(value: float) -> None:
    vectors = realistic_vectors(120, 16, seed=7)
    vectors[50] = value
    assert_same(pairs_within(vectors, 0.4), by_float(vectors, None, 0.4))


def rows_of(kind: str, rng: np.random.Generator, dim: int) -> Embeddings:
    """Return 40 rows of unit length: drawn, or as far from drawn ones as can be."""
    rows = {
        "drawn": rng.normal(size=(40, dim)),
        "equal": np.ones((40, dim)),
        "opposite": np.where(np.arange(dim) % 2, 1.0, -1.0)
        * np.where(np.arange(40) % 2, 1, -1)[:, np.newaxis],
        "along axes": np.eye(dim)[np.arange(40) % dim] * np.where(np.arange(40) % 3, 1, -1)[:, np.newaxis],
        "heavy": rng.standard_t(1.5, size=(40, dim)),
    }
    return unit(rows[kind])


KINDS = ["drawn", "equal", "opposite", "along axes", "heavy"]


@pytest.mark.slow
@pytest.mark.parametrize("left", KINDS)
@pytest.mark.parametrize("right", KINDS)
@pytest.mark.parametrize("dim", [1, 37, 256, 1_000])
def test_no_product_is_farther_from_that_of_integers_than_the_bound(left: str, right: str, dim: int) -> None:
    rng = np.random.default_rng(dim)
    x, y = rows_of(left, rng, dim), rows_of(right, rng, dim)
    a, b = round_left(x), round_right(y)
    assert a is not None and b is not None
    assert np.abs(a.integers.astype(int) - ZERO).max() <= LEFT_LARGEST
    assert np.abs(b.integers.astype(int)).max() <= RIGHT_LARGEST
    integers = (a.integers.astype(np.int64) - ZERO) @ b.integers.astype(np.int64)
    products = x.astype(np.float64) @ y.T.astype(np.float64)
    for least in (-1.0, 0.0, 0.3, 0.475, 0.9, 1.0, *products[:3, :3].ravel().tolist()):
        passed = integers >= least_product(a, b, least)
        assert passed[products >= least].all()
        # Nor is the bound so loose that it lets everything pass.
        assert (
            not passed[products < least - 0.1].any()
            or "heavy" in (left, right)
            or "along axes" in (left, right)
        )


def test_the_bound_is_as_tight_as_it_says() -> None:
    """Vectors that are rounded the wrong way are as far from their integers as the bound allows, nearly."""
    a = Rounded(np.empty((0, 0), np.uint8), 0.01, 1.0, 0.05)
    b = Rounded(np.empty((0, 0), np.int8), 0.02, 1.0, 0.1)
    assert least_product(a, b, 0.5) == np.ceil((0.5 - (0.05 + 1.05 * 0.1 + rounded.SLACK)) / 0.0002)


@pytest.fixture(scope="module")
def session() -> InferenceSession:
    return new_session(product_graph(), 1)


@pytest.mark.parametrize("dim", [1, 2, 3, 4, 31, 64, 65, 256, 1_023])
@pytest.mark.parametrize("rows", [1, 5, 64])
def test_no_processor_cuts_a_product_off(session: InferenceSession, rows: int, dim: int) -> None:
    """The largest values of both signs, in all ways in which two neighbors can be added in 16 bits."""
    rng = np.random.default_rng(dim)
    largest = RIGHT_LARGEST
    left = np.concatenate(
        [
            np.full((rows, dim), 255),
            np.full((rows, dim), ZERO - LEFT_LARGEST),
            np.where(np.arange(dim) % 2, 255, 1)[np.newaxis],
            np.full((1, dim), ZERO),
            np.where(np.arange(dim) == dim // 2, 255, ZERO)[np.newaxis],
            rng.integers(1, 256, (rows, dim)),
        ]
    ).astype(np.uint8)
    right = np.concatenate(
        [
            np.full((3, dim), largest),
            np.full((3, dim), -largest),
            np.where(np.arange(dim) % 2, largest, -largest)[np.newaxis],
            np.where(np.arange(dim) % 2, -largest, largest)[np.newaxis],
            np.zeros((1, dim)),
            rng.integers(-largest, largest + 1, (rows, dim)),
        ]
    ).astype(np.int8)
    wanted = (left.astype(np.int64) - ZERO) @ right.T.astype(np.int64)
    feed = {"left": left, "right": np.ascontiguousarray(right.T)}
    (found,) = session.run(None, feed)
    np.testing.assert_array_equal(found, wanted)


def test_two_products_fit_into_sixteen_bits() -> None:
    """Processors without instructions for it add them there. The one here may have some."""
    assert 2 * (ZERO + LEFT_LARGEST) * RIGHT_LARGEST < 2**15


def test_few_vectors_load_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "visualsearch_cli.onnx_sessions")
    assert rounded_products(4_000, 4_000, 256) is None  # too few pairs
    assert rounded_products(10, 10**8, 256) is None  # what would be rounded is asked too little
    assert "visualsearch_cli.onnx_sessions" not in sys.modules


def test_without_onnxruntime_float32_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    always(monkeypatch)
    monkeypatch.setitem(sys.modules, "visualsearch_cli.onnx_sessions", None)  # as if it could not be loaded
    assert rounded_products(10, 10, 8) is None
    vectors = realistic_vectors(50, 8, seed=8)
    assert_same(pairs_within(vectors, 0.4), by_float(vectors, None, 0.4))


def test_integers_are_really_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were all left to float32, the answers would be the same."""
    monkeypatch.setattr(rounded, "near_by_float", None)
    found = rounded_products(10**5, 10**5, 64)
    assert found is not None
    vectors = unit(np.random.default_rng(9).normal(size=(3_000, 64)))
    block = next(found.blocks(vectors[:1_000], vectors, 0.95, upper=True))
    ((a, b),) = block()
    assert (a == b).sum() == 1_000 <= len(a) < 1_100


@pytest.mark.parametrize(("asked", "threads"), [("3", 3), ("1", 1), ("", None), ("0", None), ("x", None)])
def test_as_many_threads_multiply_as_those_of_numpy(
    asked: str, threads: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    always(monkeypatch)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", asked)
    found = rounded_products(1, 1, 1)
    assert found is not None
    assert found.threads == threads or (threads is None and 1 <= found.threads <= rounded.MOST_THREADS)
