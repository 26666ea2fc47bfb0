"""A picture of 256 colors at most: what its palette made of the others is expected, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.helpers.pictures import photograph
from visualsearch_cli.library import Verdict, compare
from visualsearch_cli.verdicts.opencv.full_size.codecs import palettes_of
from visualsearch_cli.verdicts.opencv.full_size.residual import split

Picture = Image.Image


def screen(number: str = "1.250") -> Picture:
    """A window with photographs, colored icons and settings: more colors than a palette holds."""
    shown = Image.new("RGB", (620, 300), (236, 236, 236))
    pen = ImageDraw.Draw(shown)
    for place, name in enumerate(("coffee", "astronaut", "chelsea")):
        shown.paste(photograph(name).resize((300, 90)), (310, 10 + 95 * place))
    for place, hue in enumerate(range(0, 250, 25)):
        color = Image.new("HSV", (1, 1), (hue, 200, 220)).convert("RGB").getpixel((0, 0))
        pen.ellipse((14 + 28 * place, 262, 34 + 28 * place, 282), fill=color, outline=(40, 40, 40))
    for row, name in enumerate(("Brightness", "Contrast", "Saturation", "Temperature", "Opacity")):
        top = 40 + 42 * row
        pen.rectangle((12, top, 290, top + 30), fill=(222, 222, 226), outline=(150, 150, 160))
        pen.text((20, top + 8), name, (30, 30, 34), ImageFont.load_default(14))
        value = number if row == 2 else f"{0.1 * row:.3f}"
        pen.text((230, top + 8), value, (30, 30, 34), ImageFont.load_default(14))
    return shown


def reduced(picture: Picture, *, dithered: bool) -> Picture:
    palette = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) if dithered else palette


@pytest.mark.slow
@pytest.mark.parametrize("original", ["screen.png", "screen.jpg"])
@pytest.mark.parametrize("dithered", [False, True])
def test_a_gif_of_a_screen_is_a_copy_of_it(tmp_path: Path, original: str, dithered: bool) -> None:
    screen().save(tmp_path / original, quality=90)
    reduced(screen(), dithered=dithered).save(tmp_path / "screen.gif")
    evidence = compare(tmp_path / original, tmp_path / "screen.gif")
    assert evidence.verdict is Verdict.SAME, evidence.reason


@pytest.mark.slow
@pytest.mark.parametrize("original", ["screen.png", "screen.jpg"])
@pytest.mark.parametrize("dithered", [False, True])
def test_a_gif_with_another_digit_is_none(tmp_path: Path, original: str, dithered: bool) -> None:
    screen().save(tmp_path / original, quality=90)
    reduced(screen("1.280"), dithered=dithered).save(tmp_path / "screen.gif")
    evidence = compare(tmp_path / original, tmp_path / "screen.gif")
    assert evidence.verdict is Verdict.SIMILAR, evidence.reason


def test_what_a_palette_changes_is_told_by_its_colors() -> None:
    picture = photograph("coffee")
    fine = np.asarray(picture)
    coarse = np.asarray(reduced(picture, dithered=False).convert("RGB"))
    planes = split(coarse), split(fine)
    expected = palettes_of(coarse, fine).squared_errors(*planes)
    changed = [np.square(one - other) for one, other in zip(*planes, strict=True)]
    # It is looked up by steps of 4 levels of luma, and of 8 of color: their own variance comes on top.
    for plane, own, most in zip(expected, changed, (3.0, 8.0, 8.0), strict=True):
        assert 0.8 * own.mean() < np.asarray(plane).mean() < own.mean() + most


def test_a_drawing_of_few_colors_has_no_palette() -> None:
    drawn = np.zeros((64, 64, 3), np.uint8)
    drawn[8:24, 8:24] = 200
    assert palettes_of(drawn, np.asarray(photograph("coffee").resize((64, 64)))).became == (None, None)
