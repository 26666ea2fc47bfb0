"""Half-transparent letters over a photograph: an edit, unless both pictures have some, or it is a page."""

from __future__ import annotations

from pathlib import Path

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
