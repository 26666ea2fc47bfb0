"""Equalized pictures are told from photographs, compressed again or not."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.pictures import photograph
from visualsearch_cli.equalized import GAMMAS, is_equalized, other_tones
from visualsearch_cli.image import Pixels

NAMES = ("coffee", "chelsea", "astronaut", "rocket")


def equalized(name: str) -> Image.Image:
    return ImageOps.equalize(photograph(name))


def compressed(image: Image.Image, quality: int) -> Image.Image:
    packed = BytesIO()
    image.save(packed, "JPEG", quality=quality)
    return Image.open(packed)


@pytest.mark.parametrize("name", NAMES)
def test_photographs_are_not_equalized(name: str) -> None:
    picture = photograph(name)
    assert not is_equalized(np.asarray(picture))
    assert not is_equalized(np.asarray(ImageOps.autocontrast(picture)))
    assert not is_equalized(np.asarray(ImageOps.invert(picture)))


@pytest.mark.parametrize("name", NAMES)
def test_what_was_equalized_is(name: str) -> None:
    assert is_equalized(np.asarray(equalized(name)))
    assert is_equalized(np.asarray(compressed(equalized(name), 75)))


def test_all_channels_must_be() -> None:
    red, green, _ = equalized("chelsea").split()
    assert not is_equalized(np.asarray(Image.merge("RGB", (red, green, photograph("chelsea").getchannel(2)))))


def test_a_white_ground_stays_white_and_the_rest_is_spread() -> None:
    framed = ImageOps.expand(photograph("coffee"), 200, (255, 255, 255))
    assert is_equalized(np.asarray(ImageOps.equalize(framed)))


@pytest.mark.parametrize("value", [0, 128, 255])
def test_one_color_tells_nothing(value: int) -> None:
    assert not is_equalized(np.full((64, 64, 3), value, np.uint8))
    assert not is_equalized(np.full((1, 1, 3), value, np.uint8))


def test_other_tones_keep_black_white_and_the_order_between() -> None:
    values: Pixels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    tones = list(other_tones(values))
    assert len(tones) == len(GAMMAS)
    for tone, gamma in zip(tones, GAMMAS, strict=True):
        assert tone.shape == values.shape and tone.dtype == np.uint8
        assert tone.min() == 0 and tone.max() == 255
        assert (np.diff(tone[..., 0].ravel().astype(int)) >= 0).all()
        assert (tone.mean() > values.mean()) == (gamma < 1)
