"""The hard negatives run on every kind of picture, are the same every time, and are what they say."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image
from skimage import data

from benchmarks.accuracy.hard_negatives import HARD_NEGATIVES, burst, parts, recolored

ASTRONAUT = Image.fromarray(data.astronaut())  # type: ignore[no-untyped-call]
CAT = Image.fromarray(data.chelsea())  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("name", HARD_NEGATIVES)
def test_the_same_seed_gives_the_same_pair(name: str) -> None:
    first = HARD_NEGATIVES[name](ASTRONAUT, Random("a"), CAT)
    again = HARD_NEGATIVES[name](ASTRONAUT, Random("a"), CAT)
    assert first and again
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(np.asarray(one), np.asarray(other))


def test_frames_of_a_burst_have_one_size_and_differ_where_something_moved() -> None:
    a, b = burst(ASTRONAUT, Random("b"), CAT)
    assert a.size == b.size
    difference = np.abs(np.asarray(a, float) - np.asarray(b, float)).mean(axis=2)
    assert (difference > 40).mean() > 0.05


def test_parts_share_nothing() -> None:
    number = np.arange(200 * 120).reshape(120, 200)
    marked = Image.fromarray(np.stack([number % 256, number // 256, 0 * number], axis=2).astype(np.uint8))
    for seed in range(8):
        a, b = (np.asarray(part).reshape(-1, 3).tolist() for part in parts(marked, Random(seed), CAT))
        assert not {tuple(pixel) for pixel in a} & {tuple(pixel) for pixel in b}


def test_another_colour_leaves_the_light_as_it_was() -> None:
    pair = recolored(ASTRONAUT, Random("c"), CAT)
    assert pair
    a, b = pair
    brightest = [np.asarray(picture.convert("HSV"))[..., 2].astype(int) for picture in (a, b)]
    assert np.abs(brightest[0] - brightest[1]).max() <= 3
    assert (np.abs(np.asarray(a, int) - np.asarray(b, int)).max(axis=2) > 30).mean() > 0.05


def test_a_grey_picture_has_no_colour_to_change() -> None:
    assert recolored(ASTRONAUT.convert("L").convert("RGB"), Random("d"), CAT) is None
