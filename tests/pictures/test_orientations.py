"""The ways to turn a picture."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.orientations import Transforms, orientations_of


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
