"""Two pages of one form are told apart at a glance, and copies never."""

from __future__ import annotations

from io import BytesIO
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.helpers.pictures import photograph
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.comparer import reduced
from visualsearch_cli.verdicts.opencv.pages import is_page, other_strokes

Picture = Image.Image
NAMES = ("Anna Berg", "Ole Dahl", "Ines Ruiz", "Tom Marsh", "Lea Novak", "Paul Conti")


def form(seed: int) -> Picture:
    """Draw a form of 1000 by 1400 pixels; what is filled in depends on the seed, what is printed does not."""
    page = Image.new("RGB", (1000, 1400), "white")
    draw = ImageDraw.Draw(page)
    large, small = ImageFont.load_default(44), ImageFont.load_default(24)
    draw.text((80, 60), "Application for a parking permit", "black", large)
    chance = Random(seed)
    for row in range(24):
        top = 170 + 48 * row
        draw.text(
            (80, top),
            f"{row + 1}. Field {Random(row).choice(['name', 'street', 'city', 'plate'])}",
            "black",
            small,
        )
        draw.line((380, top + 32, 920, top + 32), "gray", 2)
        filled = f"{chance.choice(NAMES)} {chance.randrange(10_000, 99_999)}"
        draw.text((390, top), filled, (20, 30, 120), small)
    return page


def written(page: Picture, format_: str = "PNG", **options: int) -> Pixels:
    """Return a page as a file of it is reduced."""
    file = BytesIO()
    page.save(file, format_, **options)
    with Image.open(file) as image:
        return reduced(np.asarray(image.convert("RGB")))


def scanned(page: Picture, skew: float) -> Picture:
    turned = page.rotate(skew, Image.Resampling.BICUBIC, fillcolor="white")
    tones = (
        30
        + np.asarray(turned, np.float64) / 255 * 215
        + np.random.default_rng(1).normal(0, 3, (1400, 1000, 1))
    )
    return Image.fromarray(np.clip(np.rint(tones), 0, 255).astype(np.uint8))


@pytest.mark.slow
def test_forms_that_two_people_filled_in_differ() -> None:
    first, second = written(form(1)), written(form(2), "JPEG", quality=60)
    boxes = other_strokes(first, second)
    assert boxes and len(boxes) == len(other_strokes(second, first))
    # All of them where something was filled in: the printed columns end at 380 of 1000 pixels.
    assert min(left for left, *_ in boxes) > 0.37 * first.shape[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "copy",
    [
        lambda page: written(page, "JPEG", quality=25),
        lambda page: written(page, "WEBP", quality=40),
        lambda page: written(page.quantize(16).convert("RGB")),
        lambda page: written(page.resize((800, 1120), Image.Resampling.LANCZOS), "JPEG", quality=60),
        lambda page: written(scanned(page, 0.0), "JPEG", quality=75),
        lambda page: written(scanned(page, 0.4), "JPEG", quality=75),
        lambda page: written(page.crop((20, 30, 1000, 1400))),
    ],
)
def test_a_copy_of_a_page_may_be_one(copy: object) -> None:
    assert callable(copy)
    assert not other_strokes(written(form(1)), copy(form(1)))


@pytest.mark.slow
def test_pages_of_other_shapes_are_left_to_the_proof() -> None:
    wide = form(2).resize((1400, 1400))
    assert not other_strokes(written(form(1)), written(wide))


@pytest.mark.slow
def test_forms_are_pages_and_photographs_are_not() -> None:
    assert is_page(written(form(3))) and is_page(written(scanned(form(3), 0.3)))
    assert not is_page(reduced(np.asarray(photograph("rocket", 640))))
