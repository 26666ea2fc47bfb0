"""The sharper of two shots is called the sharper one, at the place that is looked at."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.helpers.photographs import originals
from visualsearch_cli.pages.sent.sharpness import SIDE, cut, sharpness


@pytest.mark.slow
def test_a_blurred_picture_is_less_sharp() -> None:
    for image in originals()[:4]:
        blurred = image.filter(ImageFilter.GaussianBlur(1.5))
        assert sharpness(np.asarray(blurred)) < 0.7 * sharpness(np.asarray(image))


def test_it_is_told_of_the_place_alone() -> None:
    image = originals()[0]
    half = image.copy()
    half.paste(image.crop((0, 0, image.width // 2, image.height)).filter(ImageFilter.GaussianBlur(3)))
    sharp, soft = (cut(np.asarray(half), x, 0.5).sharpness for x in (0.9, 0.1))
    assert soft < 0.5 * sharp


@pytest.mark.slow
def test_a_place_is_shown_pixel_for_pixel_and_never_leaves_the_picture() -> None:
    pixels = np.asarray(originals()[0])
    for x, y in ((0.5, 0.5), (0, 0), (1, 1), (-3, 9)):
        with Image.open(io.BytesIO(cut(pixels, x, y).data)) as shown:
            assert shown.size == (SIDE, SIDE)
    with Image.open(io.BytesIO(cut(pixels, 0, 0).data)) as corner:
        assert np.array_equal(np.asarray(corner), pixels[:SIDE, :SIDE])
    tiny = np.zeros((2, 5, 3), np.uint8)
    assert cut(tiny, 0.5, 0.5).sharpness == 0
