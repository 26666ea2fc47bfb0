"""A picture that a program bent as a lens does, or as one that corrects a lens: nothing else bends so."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.helpers.pictures import photograph, stereo
from visualsearch_cli.library import Verdict, compare

pytestmark = pytest.mark.slow

LENSES = {"barrel straightened": -0.2, "slightly bent": 0.05, "bent": 0.3, "fish eye": 0.8}
"""What is shown at a distance from the middle, 1 in a corner, lies 1 + so many times its square as far."""


def through(picture: Image.Image, strength: float) -> Image.Image:
    """Return a picture as a lens bends it along the radius, in pixels, with no place from outside."""
    pixels = np.asarray(picture)
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    square = (x * x + y * y) / np.hypot(width / 2, height / 2) ** 2
    factor = (1 + strength * square) / max(1.0, 1 + strength)
    maps = [(place * factor + (side - 1) / 2).astype(np.float32) for place, side in ((x, width), (y, height))]
    bent = cv2.remap(pixels, maps[0], maps[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return Image.fromarray(np.asarray(bent, np.uint8))


def compared(folder: Path, one: Image.Image, other: Image.Image) -> tuple[Verdict | None, str]:
    """Judge two files, the same whichever is named first."""
    one.save(folder / "one.jpg", quality=95)
    other.save(folder / "other.jpg", quality=90)
    evidence = compare(folder / "one.jpg", folder / "other.jpg")
    assert compare(folder / "other.jpg", folder / "one.jpg").verdict == evidence.verdict
    return evidence.verdict, evidence.reason


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
@pytest.mark.parametrize("lens", LENSES)
def test_what_a_lens_bends_is_edited(tmp_path: Path, name: str, lens: str) -> None:
    verdict, reason = compared(tmp_path, photograph(name), through(photograph(name), LENSES[lens]))
    assert verdict is Verdict.EDITED, reason
    assert "bent" in reason


def test_a_large_photograph_is_laid_out_through_a_lens_too(tmp_path: Path) -> None:
    picture = photograph("coffee", 600).resize((1800, 1200), Image.Resampling.LANCZOS)
    verdict, reason = compared(tmp_path, picture, through(picture, 0.3).resize((900, 600)))
    assert verdict is Verdict.EDITED and "bent as by a lens" in reason


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_another_thing_beside_the_lens_is_no_edit(tmp_path: Path, name: str) -> None:
    picture, other = photograph(name), photograph("chelsea")
    changed = picture.copy()
    side = picture.width // 4
    changed.paste(other.resize((side, side)), (picture.width // 2, picture.height // 2))
    changed_too = picture.copy()
    changed_too.paste(other.rotate(180).resize((side, side)), (picture.width // 2, picture.height // 2))
    verdict, reason = compared(tmp_path, changed, through(changed_too, 0.3))
    assert verdict in (Verdict.SIMILAR, None), reason


def test_a_camera_that_moved_is_no_lens(tmp_path: Path) -> None:
    left, right = stereo()
    for side in (left, right):
        side.thumbnail((700, 700))
    verdict, reason = compared(tmp_path, left, right)
    assert verdict in (Verdict.SIMILAR, None), reason


def test_a_mark_through_a_lens_is_named(tmp_path: Path) -> None:
    picture = photograph("chelsea")
    marked = through(picture, 0.3)
    ImageDraw.Draw(marked).rectangle((150, 100, 210, 130), fill=(250, 220, 20), outline=(0, 0, 0), width=3)
    verdict, reason = compared(tmp_path, picture, marked)
    assert verdict is Verdict.EDITED and "drawn over" in reason
    places = compare(tmp_path / "one.jpg", tmp_path / "other.jpg").differences
    left, top, right, bottom = places[0].b
    assert left < 180 < right and top < 115 < bottom
