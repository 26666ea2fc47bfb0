"""What the bundled network sees: strong colours are muted, and changes of tone leave the levels alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from tests.helpers.pictures import photograph
from visualsearch_cli.embedders.channels import MOST_COLOR, to_channels
from visualsearch_cli.pictures.image import Pixels

NAMES = ("coffee", "chelsea", "astronaut", "rocket")


def small(name: str) -> Image.Image:
    return photograph(name).resize((128, 128), Image.Resampling.BILINEAR)


def levels(image: Image.Image) -> Pixels:
    return to_channels(np.asarray(image.convert("RGB")))[..., 3]


def apart(first: Pixels, second: Pixels) -> float:
    """How many levels two pictures are from each other, on average."""
    return float(np.abs(first.astype(int) - second).mean())


@pytest.mark.parametrize("name", NAMES)
def test_levels_are_those_of_equalized_luma(name: str) -> None:
    pixels = np.asarray(small(name))
    found = to_channels(pixels)
    assert found.dtype == np.uint8 and found.shape == (128, 128, 4)
    wanted = cv2.equalizeHist(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))  # another rounding of the luma
    assert apart(found[..., 3], np.asarray(wanted)) < 0.1


@pytest.mark.parametrize("name", NAMES)
def test_strong_colours_are_muted_and_others_stay(name: str) -> None:
    picture = small(name)
    luma = np.asarray(picture.convert("L")).astype(int)[..., None]
    before = np.asarray(picture) - luma
    after = to_channels(np.asarray(picture))[..., :3] - luma
    strength = np.abs(before).max(axis=2)
    weak = strength <= MOST_COLOR
    assert 0 < weak.mean() < 1
    np.testing.assert_array_equal(after[weak], before[weak])
    assert (np.abs(after[~weak]).max(axis=1) == MOST_COLOR).all()
    shares = MOST_COLOR / strength[~weak][:, None]
    assert np.abs(after[~weak] - before[~weak] * shares).max() < 0.51  # the same hue


@pytest.mark.parametrize("name", NAMES)
def test_changes_of_tone_leave_them_alone(name: str) -> None:
    picture = small(name)
    grey = picture.convert("L")
    own = levels(picture)
    np.testing.assert_array_equal(levels(grey), own)
    assert apart(levels(grey.point(lambda value: 40 + value * 0.6)), own) < 2  # flatter: some values meet
    assert apart(levels(grey.point(lambda value: 255 * (value / 255) ** 0.6)), own) < 2
    assert apart(levels(ImageOps.equalize(grey)), own) < 2
    assert apart(levels(ImageEnhance.Color(picture).enhance(0.3)), own) < 2
    assert apart(levels(ImageOps.mirror(picture)), own) > 20  # while another picture is far


def test_faint_light_and_dark_are_spread_over_all_levels() -> None:
    faint = np.full((64, 64, 3), 120, np.uint8)
    faint[:, 32:] = 122
    found = to_channels(faint)[..., 3]
    assert (found[:, :32] == 0).all() and (found[:, 32:] == 255).all()


def test_one_brightness_stays_as_it_is() -> None:
    assert (to_channels(np.full((8, 8, 3), 77, np.uint8))[..., 3] == 77).all()
