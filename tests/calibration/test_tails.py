"""Tails of known distributions, and of vectors whose tail is known from far more pairs than the fit sees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.calibration.levels import RATES, Levels
from visualsearch_cli.calibration.tails import Tail, fit_excesses, fitted_levels, nearest_pairs, quantiles


def power_law(pictures: int, exponent: float, seed: int, share: float = 0.05) -> Tail:
    """Return a tail of pairs of which a share of d to the power of `exponent` are at distance d or nearer."""
    pairs = pictures * (pictures - 1) // 2
    rng = np.random.default_rng(seed)
    distances = np.sort(rng.random(pairs))[: int(share * pairs)] ** (1 / exponent)
    rows, columns = np.triu_indices(pictures, 1)
    drawn = rng.choice(pairs, len(distances), replace=False)
    return Tail(distances, rows[drawn].astype(np.int64), columns[drawn].astype(np.int64), pictures, pairs)


@pytest.mark.slow
@pytest.mark.parametrize("exponent", [4.0, 12.0, 30.0])
def test_rates_of_a_power_law_are_found(exponent: float) -> None:
    found = np.array(
        [fitted_levels(power_law(600, exponent, seed), repeats=0).distances for seed in range(8)]
    )
    decades = np.log10(found) * exponent  # of the true rate at the distance that was found
    assert np.abs(decades.mean(axis=0) - np.log10(RATES)).max() < 0.3
    assert np.abs(decades[:, 1] + 5).max() < 0.6


@pytest.mark.slow
def test_the_interval_holds_the_truth_and_narrows_with_more_pictures() -> None:
    true = np.array(RATES) ** (1 / 10)
    few, many = (fitted_levels(power_law(n, 10, 1), repeats=60) for n in (200, 900))
    for levels in (few, many):
        assert all(
            low <= distance <= high for (low, high), distance in zip(levels.intervals, true, strict=True)
        )
    widths = [np.diff(levels.intervals, axis=1).ravel()[:3] for levels in (few, many)]
    assert (widths[0] > widths[1]).all()


def test_what_was_cut_off_is_restored() -> None:
    tail = power_law(900, 10, 3)
    cut = float(3e-5 ** (1 / 10))
    far = tail.distances > cut
    rest = replace(
        tail, distances=tail.distances[far], first=tail.first[far], second=tail.second[far], cut=cut
    )
    decades = np.log10(fitted_levels(rest, repeats=0).distances) * 10
    assert np.abs(decades - np.log10(RATES)).max() < 0.6
    unaware = fitted_levels(replace(rest, cut=0.0), repeats=0)
    assert unaware.distances[2] > fitted_levels(rest, repeats=0).distances[2]


@pytest.mark.slow
def test_levels_of_vectors_hold_for_far_more_pairs() -> None:
    """The singles of a realistic collection: 600 of them predict the pairs of 6,000."""
    rng = np.random.default_rng(5)
    scales = np.exp(-5.0 * np.arange(64) / 64)
    rows = rng.standard_normal((6000, 64)) * scales + 0.1
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    levels = fitted_levels(nearest_pairs(vectors[:600]), repeats=0)
    whole = nearest_pairs(vectors, share=1e-3)
    rates = [float(np.searchsorted(whole.distances, distance)) / whole.pairs for distance in levels.distances]
    assert rates[0] == pytest.approx(1e-4, rel=0.5)
    assert 2e-6 < rates[1] < 5e-5
    assert rates[2] < 1e-5


def test_nearest_pairs_are_the_nearest() -> None:
    vectors = realistic_vectors(300, 16, 1)
    tail = nearest_pairs(vectors, share=0.1)
    distances = 1 - vectors @ vectors.T
    every = np.sort(distances[np.triu_indices(300, 1)])
    assert tail.pairs == len(every) == 44850 and len(tail.distances) == 4485
    np.testing.assert_allclose(tail.distances, np.maximum(every[:4485], 1e-6), atol=1e-6)
    np.testing.assert_allclose(
        tail.distances, np.maximum(distances[tail.first, tail.second], 1e-6), atol=1e-6
    )
    assert (tail.first < tail.second).all()


def test_regions_are_compared_in_both_directions() -> None:
    vectors = realistic_vectors(40 * 3, 16, 2).reshape(40, 3, 16)
    frames = np.ascontiguousarray(vectors[:, 0])
    tail = nearest_pairs(frames, vectors, share=1.0)
    assert tail.pairs == 40 * 39 == len(tail.distances)
    best = (1 - np.einsum("id,jrd->ijr", frames, vectors)).min(axis=2)
    np.testing.assert_allclose(tail.distances, np.maximum(best[tail.first, tail.second], 1e-6), atol=1e-6)
    assert len(set(zip(tail.first.tolist(), tail.second.tolist(), strict=True))) == tail.pairs


def test_a_picture_drawn_twice_counts_twice_and_is_no_pair_with_itself() -> None:
    tail = nearest_pairs(realistic_vectors(30, 8, 3), share=1.0)
    assert tail.weights(np.ones(30, np.int64)).sum() == pytest.approx(1)
    counts = np.random.default_rng(0).multinomial(30, np.full(30, 1 / 30))
    assert tail.weights(counts).sum() == pytest.approx(1)
    absent = np.isin(tail.first, np.flatnonzero(counts == 0))
    assert not tail.weights(counts)[absent].any()


def test_no_excesses() -> None:
    none = np.empty(0)
    assert fit_excesses(none, none) == (0.0, 0.0)
    assert fit_excesses(np.zeros(5), np.ones(5)) == (0.0, 0.0)


def test_equal_distances_are_no_reason_to_fail() -> None:
    same = np.tile(np.array([1, 0], np.float32), (100, 1))
    levels = fitted_levels(nearest_pairs(same), repeats=3)
    assert levels.distances == (1e-6,) * 4


def test_too_few_pairs() -> None:
    with pytest.raises(ValueError, match="45 pairs are too few"):
        fitted_levels(nearest_pairs(realistic_vectors(10, 8, 0)))


def test_levels_fall() -> None:
    levels: Levels = fitted_levels(nearest_pairs(realistic_vectors(400, 32, 4)), repeats=5)
    assert list(levels.distances) == sorted(levels.distances, reverse=True)
    tail = nearest_pairs(realistic_vectors(400, 32, 4))
    wide = quantiles(tail, [1e-2, 1e-3, 1e-4], np.ones(400, np.int64))
    assert (np.diff(wide) <= 0).all()
