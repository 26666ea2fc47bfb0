"""What is laid over a photograph is an edit, unless both have something, or there are two exposures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.helpers import documents
from tests.helpers.compared import found, is_copy
from tests.helpers.pictures import photograph
from visualsearch_cli.library import Verdict

pytestmark = pytest.mark.slow

Picture = Image.Image


def stamped(picture: Picture, text: str, size: int, place: tuple[int, int], alpha: int = 140) -> Picture:
    layer = Image.new("RGBA", picture.size)
    ImageDraw.Draw(layer).text(place, text, (255, 255, 255, alpha), ImageFont.load_default(size))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


STAMPS = {"small": ("© J. Weber 2019", 14, (20, 300)), "large": ("PREVIEW", 70, (40, 140))}


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_half_transparent_letters_are_drawn_over(tmp_path: Path, name: str, stamp: str) -> None:
    picture = photograph(name)
    text, size, (x, y) = STAMPS[stamp]
    place = x, min(y, picture.height - 2 * size)
    evidence = found(picture, stamped(picture, text, size, place), tmp_path)
    assert evidence.verdict is Verdict.EDITED, evidence.reason


def test_two_stamps_in_one_place_are_no_copies_of_each_other(tmp_path: Path) -> None:
    picture = photograph("astronaut")
    one = stamped(picture, "© J. Weber 2019", 30, (60, 180), 150)
    other = stamped(picture, "For M. Lindqvist", 30, (60, 180), 150)
    evidence = found(one, other, tmp_path)
    assert not is_copy(evidence), evidence.reason


@pytest.mark.parametrize(
    ("text", "other"),
    [("18:24:56", "18:27:56"), ("SCORE 104", "SCORE 107"), ("See you soon", "At noon, then")],
)
@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_other_writing_over_one_photograph_is_another_moment(
    tmp_path: Path, name: str, text: str, other: str
) -> None:
    """A frame of a film or a game with other subtitles, another time, another score."""
    shown = [photograph(name).copy(), photograph(name).copy()]
    for picture, words in zip(shown, (text, other), strict=True):
        pen = ImageDraw.Draw(picture)
        pen.text((60, 140), words, "white", ImageFont.load_default(26), stroke_width=2, stroke_fill="black")
    evidence = found(shown[0], shown[1], tmp_path)
    assert not is_copy(evidence), evidence.reason


@pytest.mark.parametrize("alpha", [110, 160])
def test_a_stamp_on_a_page_is_content(tmp_path: Path, alpha: int) -> None:
    page = documents.certificate("Ingrid Sommerfeld")
    dark = Image.eval(page, lambda level: level * 2 // 3)
    evidence = found(dark, stamped(dark, "VOID", 80, (60, 120), alpha), tmp_path)
    assert not is_copy(evidence), evidence.reason


def test_a_paler_thing_in_the_place_of_another_is_none(tmp_path: Path) -> None:
    picture = photograph("astronaut")
    other = picture.copy()
    thing = photograph("chelsea").resize((90, 70)).point([96 + level * 5 // 8 for level in range(256)] * 3)
    other.paste(thing, (150, 60))
    assert not is_copy(found(picture, other, tmp_path))


def with_face(picture: Picture, place: tuple[int, int]) -> Picture:
    """Draw a shaded yellow face on it."""
    x, y = np.meshgrid(np.linspace(-1, 1, 80), np.linspace(-1, 1, 80))
    light = np.clip(1.05 - 0.35 * np.hypot(x + 0.3, y + 0.4), 0, 1)[..., None]
    alpha = 255.0 * (np.hypot(x, y) < 0.97)[..., None]
    values = np.concatenate([light * np.array([255, 214, 60]), alpha], axis=2).astype(np.uint8)
    face = Image.fromarray(values, "RGBA")
    draw = ImageDraw.Draw(face)
    draw.ellipse((22, 24, 32, 42), (70, 40, 10, 255))
    draw.ellipse((48, 24, 58, 42), (70, 40, 10, 255))
    whole = picture.convert("RGBA")
    whole.alpha_composite(face, place)
    return whole.convert("RGB")


def with_photograph(picture: Picture, place: tuple[int, int]) -> Picture:
    whole = picture.copy()
    whole.paste(photograph("rocket").resize((90, 70)), place)
    return whole


def with_button(picture: Picture, place: tuple[int, int]) -> Picture:
    """Lay a half-transparent dark disc with a triangle over it, as on films."""
    x, y = place
    layer = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(layer)
    draw.ellipse((x, y, x + 80, y + 80), (0, 0, 0, 150))
    draw.polygon(((x + 28, y + 20), (x + 28, y + 60), (x + 60, y + 40)), (255, 255, 255, 255))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def as_file(picture: Picture) -> Picture:
    """Return it as a JPEG has it: who edits has no other."""
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=92)
    with Image.open(stream) as image:
        opened: Picture = image.convert("RGB")
        return opened


LAID_OVER = {"face": with_face, "photograph": with_photograph, "button": with_button}


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
@pytest.mark.parametrize("mark", LAID_OVER)
def test_what_is_pasted_on_is_drawn_over(tmp_path: Path, mark: str, name: str) -> None:
    picture = as_file(photograph(name))
    evidence = found(picture, LAID_OVER[mark](picture, (200, 120)), tmp_path)
    assert evidence.verdict is Verdict.EDITED, evidence.reason


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
@pytest.mark.parametrize("fill", ["white", "black", "red", "yellow"])
def test_a_plain_mark_with_a_rim_is_no_thing_in_another_color(tmp_path: Path, name: str, fill: str) -> None:
    picture = photograph(name)
    rim = "white" if fill == "black" else "black"
    bar, disc = picture.copy(), picture.copy()
    ImageDraw.Draw(bar).rectangle((20, 20, 120, 60), fill=fill, outline=rim, width=3)
    ImageDraw.Draw(disc).ellipse((60, 60, 140, 140), fill=fill, outline=rim, width=4)
    for marked in (bar, disc):
        evidence = found(picture, marked, tmp_path)
        assert evidence.verdict is Verdict.EDITED, evidence.reason


def test_it_is_none_where_noise_tells_two_exposures(tmp_path: Path) -> None:
    picture = photograph("coffee")

    def exposed(scene: Picture, seed: int) -> Picture:
        grain = np.random.default_rng(seed).normal(0, 2.5, (*scene.size[::-1], 3))
        return Image.fromarray(np.clip(np.rint(np.asarray(scene) + grain), 0, 255).astype(np.uint8))

    evidence = found(exposed(picture, 1), exposed(with_photograph(picture, (200, 120)), 2), tmp_path)
    assert not is_copy(evidence), evidence.reason


def test_it_is_none_where_each_picture_has_something_laid_over(tmp_path: Path) -> None:
    picture = as_file(photograph("coffee"))
    one, other = with_photograph(picture, (40, 150)), with_photograph(picture, (240, 60))
    evidence = found(one, other, tmp_path)
    assert not is_copy(evidence), evidence.reason
