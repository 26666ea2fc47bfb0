"""How often pairs of different pictures come very near: the lower tail of their distances, and beyond it.

A rate of 1e-7 needs more pairs than anyone has labelled, so the tail is fitted. Near zero, distances between
points of a smooth distribution follow a power law, whose exponent is their local intrinsic dimension
(Amsaleg et al., "Estimating Local Intrinsic Dimensionality", KDD 2015): -ln(distance) then has an exponential
tail, Hill's model (Annals of Statistics 3, 1975). The excesses of -ln(distance) over a threshold are fitted
by a generalized Pareto distribution (peaks over threshold: Pickands, Annals of Statistics 3, 1975), of which
Hill's is the one of shape 0. Some hundred pairs say little about the shape, so it is drawn towards 0 by a
normal prior: a penalized likelihood (Coles and Dixon, Extremes 2, 1999).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from visualsearch_cli.calibration.levels import RATES, Levels

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]
    Numbers: TypeAlias = npt.NDArray[np.int64]

THRESHOLD_RATE = 1e-3  # the share of pairs that the fit is made of…
FEWEST, MOST = 100, 1000  # … but no fewer and no more pairs than these
BAND_RATE = 5e-3  # that share where the nearest pairs were taken out, which leaves a band
KEPT_SHARE = 0.02  # of all pairs are kept, so that a resample still reaches the threshold
SHAPE_DEVIATION = 0.1  # of the prior: chosen on training photographs, see docs/calibration.md
NEAREST = 1e-6  # distances below are rounding errors
REPEATS = 200  # of the bootstrap
BLOCK = 1024  # rows compared at a time
BINS = 64

_SHAPES = np.linspace(-0.45, 0.45, 37)
_SCALES = np.exp(np.linspace(-0.8, 0.8, 41))  # of the mean excess
_BAND_SCALES = np.exp(np.linspace(-0.8, 2.0, 71))  # the mean excess of a band is far below the scale
_PRIOR = -0.5 * (_SHAPES / SHAPE_DEVIATION) ** 2


@dataclass(frozen=True, slots=True)
class Tail:
    """The nearest of all pairs of some pictures, nearest first.

    distances: float64 (k,), cosine distances. first, second: int64 (k,), the pictures of each pair.
    cut: at and below this distance there are none, because one picture of each such pair was left out.
    """

    distances: Floats
    first: Numbers
    second: Numbers
    pictures: int
    pairs: int  # how many there are in all
    cut: float = 0.0

    def weights(self, counts: Numbers) -> Floats:
        """Return how much of all pairs each kept one is, if picture i is there counts[i] times. Float64 (k,).

        Two copies of one picture are no pair.
        """
        total = float(counts.sum()) ** 2 - float((counts.astype(np.float64) ** 2).sum())
        ordered = self.pictures * (self.pictures - 1)
        there = (counts[self.first] * counts[self.second]).astype(np.float64)
        return there * (ordered / (self.pairs * total))


def nearest_pairs(
    frames: npt.NDArray[np.float32], regions: npt.NDArray[np.float32] | None = None, share: float = KEPT_SHARE
) -> Tail:
    """Return the tail of the distances between pictures: that share of their pairs, the nearest.

    frames: float32 (n, dim), unit rows, the full frame of each picture; every pair is compared once.
    regions: float32 (n, r, dim), unit rows: each frame is compared with the nearest region of every other
    picture instead, in both directions.
    """
    n = len(frames)
    pairs = n * (n - 1) if regions is not None else n * (n - 1) // 2
    keep = min(pairs, max(2 * FEWEST, round(share * pairs)))
    kept = np.empty(0, np.float32)
    rows, columns = np.empty(0, np.int64), np.empty(0, np.int64)
    for start in range(0, n, BLOCK):
        block = slice(start, min(start + BLOCK, n))
        distances = _distances(frames, regions, block)
        numbers = np.arange(block.start, block.stop)[:, np.newaxis]
        wanted = np.arange(n) != numbers if regions is not None else np.arange(n) > numbers
        if len(kept) == keep:
            wanted &= distances < kept.max()
        row, column = np.nonzero(wanted)
        kept = np.concatenate([kept, distances[row, column]])
        rows, columns = np.concatenate([rows, row + start]), np.concatenate([columns, column])
        if len(kept) > keep:
            nearest = np.argpartition(kept, keep - 1)[:keep]
            kept, rows, columns = kept[nearest], rows[nearest], columns[nearest]
    order = np.argsort(kept, kind="stable")
    distances64 = np.maximum(kept[order].astype(np.float64), NEAREST)
    return Tail(distances64, rows[order], columns[order], n, pairs)


def _distances(
    frames: npt.NDArray[np.float32], regions: npt.NDArray[np.float32] | None, block: slice
) -> npt.NDArray[np.float32]:
    """Return the distances of some frames to all pictures, float32 (b, n)."""
    best: npt.NDArray[np.float32] = frames[block] @ (frames if regions is None else regions[:, 0]).T
    if regions is None:
        return 1 - best
    for number in range(1, regions.shape[1]):
        np.maximum(best, frames[block] @ regions[:, number].T, out=best)
    return 1 - best


def fitted_levels(tail: Tail, repeats: int = REPEATS, seed: int = 0) -> Levels:
    """Return the distances at each rate of RATES, with 90 % intervals from a bootstrap of `repeats`.

    The bootstrap draws pictures, not pairs: the pairs of one picture are near or far together.
    Raises ValueError for fewer pairs than a fit needs.
    """
    if tail.pairs < 2 * FEWEST:
        raise ValueError(f"{tail.pairs} pairs are too few, {2 * FEWEST} are needed")
    ones = np.ones(tail.pictures, np.int64)
    distances = quantiles(tail, RATES, ones)
    rng = np.random.default_rng(seed)
    drawn = [
        quantiles(
            tail, RATES, np.bincount(rng.integers(0, tail.pictures, tail.pictures), minlength=len(ones))
        )
        for _ in range(repeats)
    ]
    if not drawn:
        return Levels(tuple(distances.tolist()))
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    intervals = [(float(a), float(b)) for a, b in zip(low, high, strict=True)]
    return Levels(tuple(distances.tolist()), tuple(intervals))


def quantiles(tail: Tail, rates: Sequence[float], counts: Numbers) -> Floats:
    """Return the distances that a share of the pairs lies below, for rates of any size, float64 (r,).

    counts: how often each picture is there. Above the threshold shares are counted, below it they are fitted.
    """
    weights = tail.weights(counts)
    shares = np.cumsum(weights)
    used = min(MOST, round(THRESHOLD_RATE * tail.pairs)) if not tail.cut else round(BAND_RATE * tail.pairs)
    used = max(FEWEST, used)
    position = min(int(np.searchsorted(shares, used / tail.pairs)), len(shares) - 1)
    threshold, share = tail.distances[position], shares[position]
    excesses = np.log(threshold / tail.distances[:position])
    limit = float(np.log(threshold / tail.cut)) if 0 < tail.cut < threshold else None
    shape, scale = fit_excesses(excesses, weights[:position], limit)
    if limit is not None and scale > 0:
        share /= 1 - float(_survival(np.float64(limit / scale), np.float64(shape)))
    decades = np.log(share / np.asarray(rates, np.float64))
    beyond = decades if abs(shape) < 1e-6 else np.expm1(shape * decades) / shape
    fitted = threshold * np.exp(-scale * np.maximum(beyond, 0))
    counted = tail.distances[np.minimum(np.searchsorted(shares, rates), len(shares) - 1)]
    found: Floats = np.where(decades > 0, fitted, counted)
    return found


def fit_excesses(excesses: Floats, weights: Floats, limit: float | None = None) -> tuple[float, float]:
    """Return shape and scale of the generalized Pareto distribution of some weighted excesses, float64 (k,).

    They are the posterior means over a grid, of binned excesses: no optimizer can fail. With a `limit`,
    larger excesses were taken out, and the distribution is that of the smaller ones, truncated.
    """
    if not len(excesses) or weights.sum() <= 0:
        return 0.0, 0.0
    mean = float(np.average(excesses, weights=weights))
    if mean <= 0:
        return 0.0, 0.0
    top = float(excesses.max()) * (1 + 1e-6) if limit is None else limit
    grid = _SCALES if limit is None else _BAND_SCALES
    counts, edges = np.histogram(excesses, BINS, (0, top), weights=weights)
    counts *= len(excesses) / weights.sum()
    survival = _survival(edges / (mean * grid[:, np.newaxis]), _SHAPES[:, np.newaxis, np.newaxis])
    chances = survival[..., :-1] - survival[..., 1:]
    if limit is not None:
        chances = chances / (1 - survival[..., -1:])
    posterior = np.log(np.maximum(chances, 1e-300)) @ counts + _PRIOR[:, np.newaxis]
    weight = np.exp(posterior - posterior.max())
    weight /= weight.sum()
    return float(weight.sum(axis=1) @ _SHAPES), mean * float(np.exp(weight.sum(axis=0) @ np.log(grid)))


def _survival(excess: Floats | np.float64, shape: Floats | np.float64) -> Floats:
    """Return the chance of a larger excess, of a generalized Pareto distribution of scale 1."""
    safe = np.where(np.abs(shape) < 1e-9, 1.0, shape)
    base = np.maximum(1 + safe * excess, 0)
    with np.errstate(divide="ignore"):
        general = np.where(base > 0, np.maximum(base, 1e-300) ** (-1 / safe), 0.0)
    survival: Floats = np.where(np.abs(shape) < 1e-9, np.exp(-excess), general)
    return survival
