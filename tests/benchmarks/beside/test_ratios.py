"""The interval of a ratio holds the true median as often as it says, and rounding only widens it."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.beside.ratios import Measured, ranks, ratio_of


@pytest.mark.parametrize(
    ("count", "rank", "confidence"),
    [(2, 1, 0.5), (3, 1, 0.75), (5, 1, 0.9375), (6, 1, 0.96875), (9, 2, 0.9609375), (12, 3, 0.96142578125)],
)
def test_the_ranks_are_those_of_published_tables(count: int, rank: int, confidence: float) -> None:
    found, sure = ranks(count)
    assert found == rank
    assert sure == pytest.approx(confidence, abs=1e-12)


def test_no_values_have_no_interval() -> None:
    with pytest.raises(ValueError, match="no values"):
        ranks(0)


def test_the_interval_misses_as_seldom_as_it_says() -> None:
    random, missed, trials = Random(0), 0, 4000
    for _ in range(trials):
        this = [
            Measured(random.lognormvariate(0, 0.5)) for _ in range(9)
        ]  # the true median of the ratios is 1
        ratio = ratio_of(this, [Measured(1.0)] * 9)
        missed += not ratio.low <= 1 <= ratio.high
    assert missed / trials == pytest.approx(1 - 0.9609375, abs=0.01)


def test_ratios_are_taken_round_by_round() -> None:
    base = [Measured(value) for value in (1.0, 10.0, 100.0)]
    this = [Measured(value) for value in (2.0, 20.0, 200.0)]
    assert ratio_of(this, base).median == 2.0
    assert (ratio_of(this, base).low, ratio_of(this, base).high) == (2.0, 2.0)


def test_what_rounding_hides_is_in_the_interval() -> None:
    tenths = ratio_of([Measured(0.8, 0.05)] * 6, [Measured(0.7, 0.05)] * 6)  # both may have been 0.75
    assert tenths.low <= 1 <= tenths.high
    hundredths = ratio_of([Measured(0.8, 0.005)] * 6, [Measured(0.7, 0.005)] * 6)
    assert hundredths.low > 1
    nothing = ratio_of([Measured(1.0, 0.5)] * 6, [Measured(0.0, 0.5)] * 6)
    assert (nothing.low, nothing.high) == (0.5 / 0.5, float("inf"))
