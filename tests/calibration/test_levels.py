from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.calibration.levels import (
    RATES,
    SHARES,
    Calibration,
    Copies,
    Levels,
    of_document,
    to_document,
)
from visualsearch_cli.fields import Fields, Malformed

LEVELS = Levels((0.5, 0.4, 0.3, 0.2))
COPIES = Copies(tuple(0.6 * share for share in SHARES), 1000)
MEASURED = Calibration(LEVELS, None, 600, "600 photographs", COPIES)

# Whole ten-thousandths: levels that differ by the last bit of a float have no distances between them.
falling = st.lists(st.integers(10, 10_000), min_size=4, max_size=4, unique=True).map(
    lambda values: Levels(tuple(value / 10_000 for value in sorted(values, reverse=True)))
)


@pytest.mark.parametrize(
    ("rate", "distance"),
    [(1e-4, 0.5), (1e-5, 0.4), (10**-5.5, 0.35), (1e-7, 0.2), (1e-8, 0.1), (1e-10, -0.1), (0.5, 0.5)],
)
def test_distances_between_levels(rate: float, distance: float) -> None:
    assert LEVELS.distance_at(rate) == pytest.approx(distance)


@pytest.mark.parametrize(
    ("distance", "rate"), [(0.5, 1e-4), (0.45, 10**-4.5), (0.1, 1e-8), (0.6, 1e-3), (2, 1)]
)
def test_rates_between_levels(distance: float, rate: float) -> None:
    assert LEVELS.rate_at(distance) == pytest.approx(rate)


@pytest.mark.slow
@given(falling, st.floats(-9, -4))
def test_rate_and_distance_are_inverse(levels: Levels, exponent: float) -> None:
    rate = 10**exponent
    assert math.log10(levels.rate_at(levels.distance_at(rate))) == pytest.approx(exponent, abs=0.01)


@pytest.mark.slow
@given(falling, st.floats(0, 2), st.floats(0, 2))
def test_farther_is_more_often_wrong(levels: Levels, a: float, b: float) -> None:
    assert levels.rate_at(min(a, b)) <= levels.rate_at(max(a, b)) * (1 + 1e-9)


def test_a_model_that_tells_nothing_apart_still_has_rates() -> None:
    same = Levels((0.1,) * 4)
    assert same.rate_at(0.05) <= RATES[-1] and same.rate_at(0.2) >= RATES[-1]
    assert same.distance_at(1e-6) == 0.1


def test_recall() -> None:
    assert COPIES.recall_at(-0.1) == 0
    assert COPIES.recall_at(0.3) == pytest.approx(0.5)
    assert COPIES.recall_at(0.6) == 1
    assert Copies((0.0,) * 8 + (0.2,) * 9, 10).recall_at(0.1) == pytest.approx(SHARES[7] + 0.05)


@pytest.mark.slow
@given(st.floats(0.01, 0.9999), st.integers(1, 10_000_000))
def test_a_precision_is_met_at_its_distance_and_not_beyond(precision: float, pictures: int) -> None:
    """By the formula itself, written another way."""
    distance = MEASURED.at_precision(precision, pictures)
    assert 0 <= distance <= LEVELS.distances[0]

    def wrong(at: float) -> float:
        return pictures * LEVELS.rate_at(at) / (0.1 * COPIES.recall_at(at))

    odds = (1 - precision) / precision
    if distance > 1e-6:
        assert wrong(distance) <= odds * 1.001
    if 1e-6 < distance < LEVELS.distances[0] - 1e-6:
        assert wrong(distance + 1e-4) > odds


def test_precision_asks_for_more_in_larger_folders() -> None:
    distances = [MEASURED.at_precision(0.99, 10**n) for n in range(7)]
    assert distances == sorted(distances, reverse=True) and distances[0] > distances[-1]
    assert MEASURED.at_precision(0.9, 10_000) > MEASURED.at_precision(0.999, 10_000)
    assert MEASURED.at_precision(0.5, 1) == LEVELS.distances[0]


def test_similar() -> None:
    assert MEASURED.similar == 0.4


@pytest.mark.parametrize("copies", [COPIES, None])
@pytest.mark.parametrize("regions", [None, Levels((0.4, 0.3, 0.2, 0.1), ((0.3, 0.5),) * 4)])
def test_through_json(copies: Copies | None, regions: Levels | None) -> None:
    whole = MEASURED._replace(copies=copies, regions=regions)
    back = of_document(Fields(to_document(whole)))
    assert (back.full, back.regions, back.pictures, back.source) == (LEVELS, regions, 600, "600 photographs")
    assert (back.copies is None) == (copies is None)
    assert copies is None or back.copies is None or back.copies.distances == pytest.approx(copies.distances)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"full": ...}, "full is missing"),
        ({"full": []}, r"full is \[\], expected a JSON object"),
        ({"full": {"distances": [0.1], "intervals": []}}, "full.distances has 1 values, expected 4"),
        ({"full": {"distances": [0.1] * 4, "intervals": [[1, 2, 3]]}}, r"intervals\[0\] has 3 values"),
        ({"full": {"distances": ["x"] * 4, "intervals": []}}, r"full.distances\[0\] is 'x'"),
        ({"regions": 5}, "regions is 5"),
        ({"pictures": "many"}, "pictures is 'many', expected a whole number"),
        ({"pictures": True}, "pictures is True"),
        ({"source": None}, "source is None, expected a text"),
        ({"copies": {"distances": [0.1], "edits": 1}}, "copies.distances has 1 values, expected 17"),
        ({"copies": {"distances": [0.1] * 17}}, "copies.edits is missing"),
    ],
)
def test_what_is_no_calibration(changes: dict[str, object], message: str) -> None:
    document = {**to_document(MEASURED), **changes}
    with pytest.raises(Malformed, match=message):
        of_document(Fields({key: value for key, value in document.items() if value is not ...}))


@pytest.mark.parametrize(("similar", "of_use"), [(0.0, False), (0.001, False), (0.4, True)])
def test_levels_by_which_no_copy_is_similar_are_of_no_use(similar: float, of_use: bool) -> None:
    """Version 0.1.0 saved distances of 0, learned from a folder of copies."""
    copies = Copies(tuple(share / 2 for share in SHARES), 100)
    levels = Levels((similar + 0.1, similar, similar / 2, similar / 4))
    assert Calibration(levels, None, 60, "this index", copies).is_of_use is of_use
    assert Calibration(levels, None, 60, "this index").is_of_use, "nobody knows"
