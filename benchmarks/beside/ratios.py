"""The median of some ratios, and an interval that holds the true one.

The interval goes from one of the sorted ratios to another: its confidence follows from the binomial
distribution alone, whatever the noise of the machine looks like (David and Nagaraja, Order Statistics, 7.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, inf
from statistics import median

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Measured:
    """A number as a benchmark wrote it: what it stands for lies within half a unit of its last digit."""

    value: float  # not negative; seconds, bytes or of no unit
    half: float = 0.0

    @property
    def low(self) -> float:
        """The least that is written so."""
        return max(0.0, self.value - self.half)

    @property
    def high(self) -> float:
        """The most that is written so."""
        return self.value + self.half


@dataclass(frozen=True, slots=True)
class Ratio:
    """How this tree compares with the base: the median of the ratios of all rounds, and its interval."""

    median: float
    low: float
    high: float


def ratio_of(this: Sequence[Measured], base: Sequence[Measured]) -> Ratio:
    """Return this by base, round by round. The interval is widened by what rounding may have hidden."""
    pairs = list(zip(this, base, strict=True))
    skipped = ranks(len(pairs))[0] - 1
    low = sorted(_divided(a.low, b.high) for a, b in pairs)[skipped]
    high = sorted(_divided(a.high, b.low) for a, b in pairs)[len(pairs) - 1 - skipped]
    return Ratio(median(_divided(a.value, b.value) for a, b in pairs), low, high)


def ranks(count: int) -> tuple[int, float]:
    """Return which of the sorted values, from either end, bound the interval, and its confidence.

    The narrowest interval of at least CONFIDENCE is taken; of few values, the widest there is, which is less
    sure: 0.75 for three.
    """
    if count < 1:
        raise ValueError("no values")
    rank, confidence = 1, 1 - 2 / 2**count
    outside = 1 / 2**count  # chance that the median lies below the value of this rank
    for number in range(2, count // 2 + 1):
        outside += comb(count, number - 1) / 2**count
        if 1 - 2 * outside < CONFIDENCE:
            break
        rank, confidence = number, 1 - 2 * outside
    return rank, confidence


def _divided(a: float, b: float) -> float:
    if b:
        return a / b
    return inf if a else 1.0
