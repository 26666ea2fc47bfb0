"""The border of a picture: found where there is one, and only there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch_cli.pictures.borders import without_border
from visualsearch_cli.pictures.image import Pixels


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    """A picture no line of which is plain."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def framed(picture: Pixels, top: int, bottom: int, left: int, right: int, color: int) -> Pixels:
    edges = ((top, bottom), (left, right), (0, 0))
    return np.pad(picture, edges, constant_values=color)


@pytest.mark.parametrize("turn", [lambda picture: picture, lambda picture: picture.swapaxes(0, 1)])
def test_two_colors_that_meet_leave_nothing_within(turn: Callable[[Pixels], Pixels]) -> None:
    flag = np.full((200, 300, 3), (255, 215, 0), np.uint8)
    flag[:100] = (0, 87, 183)
    assert without_border(np.ascontiguousarray(turn(flag))) is None


@pytest.mark.parametrize("turn", [lambda picture: picture, lambda picture: picture.swapaxes(0, 1)])
def test_a_letterbox_goes(turn: Callable[[Pixels], Pixels]) -> None:
    picture = noise(60, 120)
    inside = without_border(turn(framed(picture, 30, 30, 0, 0, 0)))
    assert inside is not None
    assert np.array_equal(inside, turn(picture))
    assert inside.flags.c_contiguous


def test_sides_may_differ_in_width_and_colour() -> None:
    picture = noise(80, 80)
    page = framed(framed(picture, 7, 20, 0, 0, 255), 0, 0, 31, 3, 128)
    inside = without_border(page)
    assert inside is not None
    assert np.array_equal(inside, picture)


def test_a_noisy_border_with_a_stray_mark_is_one() -> None:
    page = framed(noise(60, 120), 40, 40, 0, 0, 30)
    page[:40] += np.random.default_rng(1).integers(0, 9, (40, 120, 3), dtype=np.uint8)
    page[5:7, 5:7] = 255  # 2 of 120 pixels
    inside = without_border(page)
    assert inside is not None
    assert inside.shape == (60, 120, 3)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(noise(80, 80), id="no border"),
        pytest.param(np.full((80, 80, 3), 200, np.uint8), id="one colour"),
        pytest.param(framed(noise(30, 30), 40, 40, 40, 40, 255), id="a small thing on a ground"),
        pytest.param(framed(noise(400, 400), 1, 1, 0, 0, 255), id="a hair"),
        pytest.param(noise(1, 1), id="one pixel"),
    ],
)
def test_pictures_without_a_border(picture: Pixels) -> None:
    assert without_border(picture) is None


@settings(deadline=None, max_examples=50)
@given(st.tuples(*[st.integers(0, 300)] * 4), st.integers(300, 900), st.integers(0, 255))
@pytest.mark.slow
def test_of_large_pictures_no_border_stays_and_hardly_any_picture_goes(
    edges: tuple[int, int, int, int], side: int, color: int
) -> None:
    page = framed(noise(side, side), *edges, color)
    step = max(1, min(page.shape[:2]) // 256)
    inside = without_border(page)
    if inside is None:
        assert side * side >= 0.9 * page.shape[0] * page.shape[1] or side * side <= 0.2 * page.size / 3
    else:
        assert all(side - step <= length <= side + step for length in inside.shape[:2])
