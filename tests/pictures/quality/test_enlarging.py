"""That a picture was enlarged by a known factor, told from its pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.helpers.photographs import originals
from visualsearch_cli.pictures.quality.enlarging import period_of

CLEAR = 20.0
SHARPER = ImageFilter.UnsharpMask(1.2, 80, 2)


def saved(image: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


def clear(large: Image.Image, small: Image.Image) -> float:
    light = np.asarray(large.convert("L"), np.float32)
    return period_of(light, large.width / small.width, large.height / small.height)


@pytest.mark.slow
@pytest.mark.parametrize("factor", [1.05, 1.15, 1.3, 1.5])
@pytest.mark.parametrize("number", [1, 2, 8])
def test_an_enlarged_picture_has_a_period_and_what_was_reduced_has_none(number: int, factor: float) -> None:
    image = originals()[number]
    sides = round(image.width / factor), round(image.height / factor)
    small = saved(image.resize(sides, Image.Resampling.LANCZOS), 90)
    enlarged = small.resize(image.size, Image.Resampling.BICUBIC)
    assert clear(saved(enlarged, 95), small) > CLEAR
    assert clear(saved(enlarged.filter(SHARPER), 95), small) > CLEAR
    for quality in (80, 95):
        assert clear(saved(image, quality), small) < CLEAR


def test_what_is_too_small_or_has_the_period_of_blocks_says_nothing() -> None:
    image = originals()[0]
    small = image.resize((60, 40))
    assert clear(small.resize((90, 60)), small) == 0
    half = image.resize((image.width // 2, image.height // 2))
    assert clear(saved(half.resize((2 * half.width, 2 * half.height)), 95), half) < CLEAR
