"""The ways to turn a picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.orientations import (
    FREE_TURNS,
    Transforms,
    orientations_of,
    turned_freely,
)


@pytest.fixture
def pixels() -> Pixels:
    return np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


def test_none_is_the_picture_alone(pixels: Pixels) -> None:
    (only,) = orientations_of(pixels, Transforms.NONE)
    np.testing.assert_array_equal(only, pixels)


def test_mirror_is_left_for_right(pixels: Pixels) -> None:
    first, second = orientations_of(pixels, Transforms.MIRROR)
    np.testing.assert_array_equal(first, pixels)
    np.testing.assert_array_equal(second[:, 0], pixels[:, 2])
    np.testing.assert_array_equal(second[0, :, 1], pixels[0, ::-1, 1])


def test_all_are_the_eight_orientations(pixels: Pixels) -> None:
    found = orientations_of(pixels, Transforms.ALL)
    quarter_turns = [np.rot90(pixels, n) for n in range(4)]
    expected = quarter_turns + [np.fliplr(turn) for turn in quarter_turns]
    assert {way.tobytes() + bytes(way.shape) for way in found} == {
        way.tobytes() + bytes(way.shape) for way in expected
    }
    assert len({way.tobytes() + bytes(way.shape) for way in found}) == len(found) == 8
    np.testing.assert_array_equal(found[0], pixels)


def test_colors_stay_together(pixels: Pixels) -> None:
    colors = {tuple(color) for color in pixels.reshape(-1, 3).tolist()}
    for way in orientations_of(pixels, Transforms.ALL):
        assert {tuple(color) for color in way.reshape(-1, 3).tolist()} == colors


def smooth(height: int, width: int) -> Pixels:
    """A picture that turning changes little: soft bars, light that grows to the right, and a dark disc."""
    y, x = np.mgrid[0:height, 0:width]
    disc = np.hypot(y - height / 3, x - width / 3) < height / 8
    light = np.where(disc, 20, 80 + 90 * x / width + 50 * np.sin(y / 9))
    return np.repeat(light[..., np.newaxis], 3, axis=2).astype(np.uint8)


def differ_by(one: Pixels, other: Pixels) -> float:
    """Mean difference of two pictures, in levels, each reduced to the same size."""
    small = [
        np.asarray(Image.fromarray(each).resize((40, 30), Image.Resampling.BOX), int) for each in (one, other)
    ]
    return float(np.abs(small[0] - small[1]).mean())


@pytest.mark.slow
@pytest.mark.parametrize("degrees", FREE_TURNS)
def test_what_was_turned_on_a_plain_ground_is_found_without_it(degrees: int) -> None:
    picture = smooth(150, 200)
    turned = Image.fromarray(picture).rotate(
        degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white"
    )
    back = turned_freely(np.asarray(turned))[FREE_TURNS.index(-degrees)]
    assert abs(back.shape[0] - 150) <= 4
    assert abs(back.shape[1] - 200) <= 4
    assert differ_by(back, picture) < 6


@pytest.mark.parametrize("degrees", FREE_TURNS)
def test_of_others_nothing_is_shown_that_is_empty(degrees: int) -> None:
    picture = np.random.default_rng(0).integers(100, 256, (150, 200, 3), np.uint8)
    seen = turned_freely(picture)[FREE_TURNS.index(degrees)]
    assert seen.min() > 60  # the ground that is turned into view is black
    assert seen.shape[1] / seen.shape[0] == pytest.approx(200 / 150, rel=0.05)


@pytest.mark.slow
def test_large_pictures_are_reduced_before_they_are_turned() -> None:
    assert all(max(seen.shape) <= 512 for seen in turned_freely(smooth(1500, 2000)))
