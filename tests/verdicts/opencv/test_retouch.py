"""How much a picture was toned, told from pictures of which that is known."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from tests.helpers.pictures import photograph
from tests.verdicts.test_words import IDENTITY, alignment
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.verdicts.comparison import FullPicture, Retouch
from visualsearch_cli.verdicts.evidence import Matrix
from visualsearch_cli.verdicts.opencv.retouch import retouch

Picture = Image.Image


def exposed(picture: Picture, stops: float) -> Picture:
    """Give a picture more or less light."""
    values = np.asarray(picture, np.float64) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4) * 2**stops
    shown = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(shown.clip(0, 1) * 255).astype(np.uint8))


def mixed(picture: Picture, *times: float) -> Picture:
    """Multiply red, green and blue."""
    values = np.asarray(picture, np.float64) * times
    return Image.fromarray(np.rint(values.clip(0, 255)).astype(np.uint8))


def measured(a: Picture, b: Picture, matrix: Matrix = IDENTITY) -> Retouch:
    full_a, full_b = (
        FullPicture(name, np.asarray(picture), Compression(Codec.NONE))
        for name, picture in (("a", a), ("b", b))
    )
    found = retouch(full_a, full_b, alignment(matrix, 1, 1))
    assert found is not None
    return found


@pytest.fixture(scope="module", params=["coffee", "cat"])
def picture(request: pytest.FixtureRequest) -> Picture:
    return photograph(request.param)


@pytest.mark.slow
@pytest.mark.parametrize("stops", [-1.0, -0.4, 0.3, 0.7])
def test_light_changes_neither_contrast_nor_color(picture: Picture, stops: float) -> None:
    other = exposed(picture, stops)
    for found, sign in ((measured(picture, other), 1), (measured(other, picture), -1)):
        assert found.stops == pytest.approx(sign * stops, abs=0.06)
        assert found.contrast == pytest.approx(1, abs=0.07)
        assert found.saturation == pytest.approx(1, abs=0.06)
        assert abs(found.warmth) < 3 and abs(found.green) < 3


@pytest.mark.parametrize("times", [0.7, 1.3])
def test_contrast_is_no_color(picture: Picture, times: float) -> None:
    found = measured(picture, ImageEnhance.Contrast(picture).enhance(times))
    assert found.contrast == pytest.approx(times, rel=0.08)
    assert found.saturation == pytest.approx(1, abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize("times", [0.6, 1.25])
def test_color_is_no_contrast(picture: Picture, times: float) -> None:
    more = ImageEnhance.Color(picture).enhance(times)
    assert measured(picture, more).saturation == pytest.approx(times, rel=0.05)
    assert measured(more, picture).saturation == pytest.approx(1 / times, rel=0.06)
    assert measured(picture, more).contrast == pytest.approx(1, abs=0.03)


@pytest.mark.slow
def test_a_cast_has_a_direction(picture: Picture) -> None:
    warm, green = mixed(picture, 1.12, 1, 0.88), mixed(picture, 0.95, 1.1, 0.95)
    assert measured(picture, warm).warmth > 4 > -4 > measured(warm, picture).warmth
    assert measured(picture, green).green > 4 > -4 > measured(green, picture).green


@pytest.mark.slow
def test_no_color_is_left_or_none_was_there(picture: Picture) -> None:
    grey = picture.convert("L").convert("RGB")
    brown = Image.merge(
        "RGB", [grey.getchannel(0).point([round(v * k) for v in range(256)]) for k in (1, 0.9, 0.7)]
    )
    for plain in (grey, brown):
        assert measured(picture, plain).saturation == 0
        assert measured(plain, picture).saturation == float("inf")
    assert abs(measured(picture, grey).warmth) < 1 and measured(picture, brown).warmth > 8
    assert measured(grey, exposed(grey, 0.5)).saturation == 1


@pytest.mark.slow
def test_edges_are_steeper_where_they_were_sharpened(picture: Picture) -> None:
    for sharp, soft in (
        (picture.filter(ImageFilter.UnsharpMask(2, 120, 0)), picture),
        (picture, picture.filter(ImageFilter.GaussianBlur(1.2))),
    ):
        assert measured(soft, sharp).finer > 1.1
        assert measured(sharp, soft).finer < 0.9
    assert measured(picture, exposed(picture, 0.5)).finer == pytest.approx(1, abs=0.12)


def test_a_crop_is_compared_with_what_it_shows(picture: Picture) -> None:
    width, height = picture.size
    crop = exposed(picture, 0.5).crop((width // 4, 0, width, height // 2))
    matrix: Matrix = ((0.75, 0, 0.25), (0, 0.5, 0), (0, 0, 1))
    found = measured(picture, crop, matrix)
    assert found.stops == pytest.approx(0.5, abs=0.06)
    assert found.saturation == pytest.approx(1, abs=0.06)


def test_a_sticker_changes_nothing_of_the_rest(picture: Picture) -> None:
    width, height = picture.size
    covered = exposed(picture, 0.4)
    ImageDraw.Draw(covered).rectangle((0, 0, width // 3, height // 3), fill=(250, 220, 10))
    found = measured(picture, covered)
    assert found.stops == pytest.approx(0.4, abs=0.08)
    assert found.contrast == pytest.approx(1, abs=0.1)
