"""A thing in another color on a ground that nobody touched, told from toned pictures and marks laid over."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size.other_color import is_in_another_color
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found

Color = tuple[int, int, int]
SIDE = 240


def goods(color: Color) -> Pixels:
    """A cloth with folds on a wall, with a shadow beside it."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    folds = 1 + 0.2 * np.sin(x / 9 + y / 30)[..., None]
    cloth = ((np.abs(x - 120) < 50) & (np.abs(y - 120) < 80)).astype(np.float32)
    shadow = cv2.GaussianBlur(np.roll(cloth, 8, 0), (0, 0), 8)[..., None]
    wall = 240 * (1 - 0.3 * shadow)
    soft = cv2.GaussianBlur(cloth, (0, 0), 1)[..., None]
    shown = wall + soft * (np.array(color, np.float32) * folds - wall)
    return np.asarray(np.clip(shown, 0, 255), np.uint8)


def told(one: Pixels, other: Pixels) -> bool:
    found = is_in_another_color(lay_as_found(one, other, np.eye(3)))
    assert found == is_in_another_color(lay_as_found(other, one, np.eye(3)))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("color", [(60, 150, 90), (190, 60, 40), (200, 200, 200)])
def test_a_dark_cloth_and_one_of_another_color(color: Color) -> None:
    assert told(goods((40, 40, 44)), goods(color))


@pytest.mark.slow
def test_toned_pictures_change_the_wall_too_or_keep_the_hue() -> None:
    cloth = goods((150, 60, 60))
    gray = cv2.cvtColor(cv2.cvtColor(cloth, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    lighter = (255 * (cloth / 255.0) ** 0.6).astype(np.uint8)
    warmer = np.clip(cloth * np.array([1.1, 1.0, 0.8]), 0, 255).astype(np.uint8)
    for toned in (gray, lighter, warmer, cloth):
        assert not told(cloth, np.asarray(toned, np.uint8))


def test_letters_are_no_thing() -> None:
    cloth = goods((60, 60, 64))
    lettered = cloth.copy()
    cv2.putText(lettered, "SALE", (72, 130), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (200, 60, 60), 3)
    assert not told(cloth, lettered)


def test_what_is_laid_over_has_an_outline_of_its_own() -> None:
    cloth = goods((60, 60, 64))
    marked = cloth.copy()
    marked[80:160, 90:150] = (200, 40, 40)
    assert not told(cloth, marked)


@pytest.mark.slow
@pytest.mark.parametrize("quality", [None, 50, 30])
@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (30, 120, 200)])
def test_a_bar_is_no_color_of_what_it_hides(color: Color, quality: int | None) -> None:
    woven = goods((150, 60, 60)).astype(np.float32)
    threads = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, (SIDE, SIDE, 1)), (0, 0), 2)
    woven[50:190, 80:160] += 300 * threads[50:190, 80:160, None] * (1, -0.5, -1)
    cloth = np.clip(woven, 0, 255).astype(np.uint8)
    barred = cloth.copy()
    barred[80:160, 90:150] = color
    if quality is not None:  # what a codec leaves of an outline rings within the bar
        _, packed = cv2.imencode(".jpg", barred[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        decoded = cv2.imdecode(packed, cv2.IMREAD_COLOR)
        assert decoded is not None
        barred = np.asarray(decoded[..., ::-1], np.uint8)
    assert not told(cloth, barred)
