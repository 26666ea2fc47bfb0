"""A place that was blurred or made a mosaic is told from another thing in its place."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.helpers.photographs import originals
from tests.helpers.sweeps import sweep
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size.laid_over.obscured import obscured_side

BOX = (140, 90, 260, 190)


def saved(image: Image.Image) -> Pixels:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=88)
    return np.asarray(Image.open(stream).convert("RGB"))


def with_part(image: Image.Image, part: Image.Image) -> Image.Image:
    copy = image.copy()
    copy.paste(part, BOX)
    return copy


@pytest.fixture(params=sweep([1, 7, 8]))
def picture(request: pytest.FixtureRequest) -> Image.Image:
    """Return a photograph, 420 × 280, without a trace of a codec."""
    number: int = request.param
    return originals()[number].resize((420, 280), Image.Resampling.LANCZOS)


def side_of(a: Image.Image, b: Image.Image, *, exact: bool = False) -> int | None:
    place = np.zeros((280, 420), np.bool_)
    place[BOX[1] : BOX[3], BOX[0] : BOX[2]] = True
    forth = obscured_side([saved(a), saved(b)], place, exact=exact)
    back = obscured_side([saved(b), saved(a)], place, exact=exact)
    assert back == (None if forth is None else 1 - forth)
    return forth


@pytest.mark.slow
@pytest.mark.parametrize("radius", [3, 8])
def test_a_blurred_place(picture: Image.Image, radius: int) -> None:
    part = picture.crop(BOX).filter(ImageFilter.GaussianBlur(radius))
    assert side_of(picture, with_part(picture, part)) == 1
    around = picture.filter(ImageFilter.GaussianBlur(radius)).crop(BOX)  # as other programs blur a selection
    assert side_of(picture, with_part(picture, around)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("cells", [(5, 4), (12, 10)])
def test_a_mosaic(picture: Image.Image, cells: tuple[int, int]) -> None:
    part = picture.crop(BOX)
    part = part.resize(cells, Image.Resampling.BOX).resize(part.size, Image.Resampling.NEAREST)
    assert side_of(with_part(picture, part), picture) == 0


@pytest.mark.slow
@pytest.mark.parametrize("exact", [False, True])
def test_another_thing_is_none_though_it_is_blurred_or_a_mosaic(picture: Image.Image, exact: bool) -> None:
    part = picture.crop((10, 20, 130, 120))
    mosaic = part.resize((8, 6), Image.Resampling.BOX).resize(part.size, Image.Resampling.NEAREST)
    for other in (part, part.filter(ImageFilter.GaussianBlur(6)), mosaic):
        assert side_of(picture, with_part(picture, other), exact=exact) is None


def test_nothing_is_obscured_where_nothing_differs(picture: Image.Image) -> None:
    assert side_of(picture, picture.copy()) is None


def test_a_smooth_ground_below_letters_is_not_obscured(picture: Image.Image) -> None:
    under = with_part(picture, picture.crop(BOX).filter(ImageFilter.GaussianBlur(20)))
    over = under.copy()
    ImageDraw.Draw(over).text((BOX[0], 120), "HELLO", "white", font_size=34)
    assert side_of(under, over) is None
