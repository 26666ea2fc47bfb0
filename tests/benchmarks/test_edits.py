"""The edits do what they say, and the same every time."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image, ImageChops

from benchmarks.material.editing import (
    cropped,
    framed,
    letterboxed,
    leveled,
    meme,
    pasted_onto,
    saved,
    scaled,
    thumbnail,
    warmed,
    with_logo,
)
from benchmarks.material.edits import DIHEDRAL, UPRIGHT, edited

EDITS = (*UPRIGHT, *DIHEDRAL)


def picture(width: int, height: int, seed: int = 0) -> Image.Image:
    """Smooth patches with a little noise, so that edits have something to change."""
    random = np.random.default_rng(seed)
    patches = Image.fromarray(random.integers(0, 256, (5, 5, 3), np.uint8)).resize((width, height))
    noise = random.integers(-9, 10, (height, width, 3))
    return Image.fromarray((np.asarray(patches) + noise).clip(0, 255).astype(np.uint8))


def same(first: Image.Image, second: Image.Image) -> bool:
    """Whether two pictures have the same pixels; `==` compares more, such as the JPEG version."""
    return np.array_equal(np.asarray(first), np.asarray(second))


OTHER = picture(40, 30, seed=1)


def test_there_are_as_many_edits_as_the_documentation_says() -> None:
    assert len(EDITS) == len(set(EDITS)) == 45
    assert DIHEDRAL == ("rot90", "rot180", "mirror")


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_the_same_every_time_and_leaves_the_picture_alone(edit: str) -> None:
    original = picture(90, 60)
    first = edited(original, edit, OTHER, "0 a.jpg")
    for before in reversed(EDITS):  # the order of edits must not matter
        edited(original, before, OTHER, "0 a.jpg")
    assert same(first, edited(original, edit, OTHER, "0 a.jpg"))
    assert same(original, picture(90, 60))


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit not in ("squarecrop", "letterbox")])
def test_an_edit_changes_something(edit: str) -> None:
    original = picture(110, 110)
    assert not same(edited(original, edit, OTHER, "seed"), original)


@pytest.mark.parametrize(
    "edit",
    [
        "noise20",
        "crop10",
        "crop25",
        "crop50",
        "crop70",
        "persp",
        "logo10",
        "logo25",
        "overlay50",
        "combo",
    ],
)
def test_chance_depends_on_the_seed(edit: str) -> None:
    original = picture(200, 150)
    first, second = (edited(original, edit, OTHER, seed) for seed in ("0 a.jpg", "0 b.jpg"))
    assert not same(first, second)


@pytest.mark.parametrize("lost", [0.05, 0.5, 0.7])
def test_a_crop_keeps_the_share_of_the_area_and_the_aspect_ratio(lost: float) -> None:
    result = cropped(picture(400, 200), lost, Random(0))
    assert result.width * result.height == pytest.approx(400 * 200 * (1 - lost), rel=0.02)
    assert result.width / result.height == pytest.approx(2, rel=0.02)


def test_sizes() -> None:
    wide = picture(100, 40)
    assert scaled(wide, 0.5).size == (50, 20)
    assert thumbnail(wide, 25).size == (25, 10)
    assert thumbnail(wide, 96).size == (96, 38)
    assert framed(wide, 0.15, (0, 0, 0)).size == (112, 52)
    assert letterboxed(wide).size == (100, 100)
    assert meme(wide).size == (100, 50)
    assert edited(wide, "squarecrop", OTHER, "").size == (40, 40)
    assert edited(wide, "stretch4:3", OTHER, "").size == (100, 30)
    assert edited(wide, "rot90", OTHER, "").size == (40, 100)


def test_bars_surround_the_picture() -> None:
    wide = picture(100, 40)
    square = letterboxed(wide)
    assert same(square.crop((0, 30, 100, 70)), wide)
    assert square.crop((0, 0, 100, 30)).getbbox() is None  # all black


def test_a_leveled_picture_has_no_empty_corners() -> None:
    white = Image.new("RGB", (201, 149), (255, 255, 255))
    for degrees in (2, -5, 10):
        assert np.asarray(leveled(white, degrees)).min() == 255


def test_a_logo_covers_about_its_share() -> None:
    grey = Image.new("RGB", (200, 200), (128, 128, 128))
    changed = np.asarray(ImageChops.difference(grey, with_logo(grey, 0.25, Random(0)))).any(axis=2)
    assert changed.mean() == pytest.approx(0.25 * np.pi / 4, rel=0.05)  # a disc in the square


def test_a_pasted_picture_covers_half_of_the_background() -> None:
    white, black = Image.new("RGB", (200, 100), (255, 255, 255)), Image.new("RGB", (30, 30))
    result = pasted_onto(black, white, 0.5, Random(0))
    assert result.size == white.size
    assert np.asarray(result).mean() / 255 == pytest.approx(0.5, rel=0.03)


def test_saving_leaves_what_the_format_keeps() -> None:
    original = picture(32, 32)
    assert same(saved(original, "PNG"), original)
    few = original.quantize(64)
    assert same(saved(few, "GIF"), few.convert("RGB"))
    assert not same(saved(original, "JPEG", quality=8), saved(original, "JPEG", quality=30))


def test_warming_multiplies_red_and_blue() -> None:
    grey = Image.new("RGB", (2, 2), (100, 100, 100))
    assert warmed(grey, red=1.2, blue=0.75).getpixel((0, 0)) == (120, 100, 75)
