"""Two frames of one size between which something moved, or the camera did: two moments, and no edit.

Films are the hard case: their codecs take the noise by which two exposures can be told.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.helpers.pictures import noisy, photograph
from visualsearch_cli.library import Verdict, compare

pytestmark = pytest.mark.slow

Picture = Image.Image
Field = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def displaced(picture: Picture, field: Field) -> Picture:
    """Return a picture of which each place, of x and y from 0 to 1, lies so many pixels right and further
    down."""
    pixels = np.asarray(picture)
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    right, down = field(x / width, y / height)
    maps = (x - right).astype(np.float32), (y - down).astype(np.float32)
    return Image.fromarray(cv2.remap(pixels, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))


def turned_head(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A thing in the middle moves by a pixel, and nothing else."""
    there = np.exp(-((((x - 0.5) / 0.22) ** 2 + ((y - 0.45) / 0.22) ** 2) ** 2))
    return there, 0.5 * there


def seen_from_aside(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The camera moves: what is near moves by three pixels, what is far by less than one."""
    near = 1 / (1 + np.exp(-(y - 0.5) * 40))
    right = 0.7 + 2.3 * near + 0.7 * np.sin(9 * x)
    return right, 0.3 * right


def compared(folder: Path, one: Picture, other: Picture) -> tuple[Verdict | None, str]:
    one.save(folder / "one.jpg", quality=92)
    other.save(folder / "other.jpg", quality=90)
    evidence = compare(folder / "one.jpg", folder / "other.jpg")
    return evidence.verdict, evidence.reason


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
@pytest.mark.parametrize("field", [turned_head, seen_from_aside])
def test_what_moved_a_little_is_another_moment(tmp_path: Path, name: str, field: Field) -> None:
    picture = photograph(name)
    verdict, reason = compared(tmp_path, picture, displaced(picture, field))
    assert verdict is Verdict.SIMILAR
    assert reason.startswith("another moment: things moved a little")


@pytest.mark.parametrize("name", ["astronaut"])
def test_a_camera_that_moved_by_less_than_a_pixel_took_no_copy(tmp_path: Path, name: str) -> None:
    def hardly(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        right, down = seen_from_aside(x, y)
        return 0.4 * right, 0.4 * down

    picture = photograph(name)
    verdict, reason = compared(tmp_path, picture, displaced(picture, hardly))
    assert verdict is Verdict.SIMILAR
    assert reason == "another moment: things moved a little"


def test_a_mark_beside_what_moved_does_not_make_it_an_edit(tmp_path: Path) -> None:
    picture = photograph("astronaut")
    later = displaced(picture, seen_from_aside)
    ImageDraw.Draw(later).rectangle((20, 20, 120, 60), fill="white", outline="black", width=3)
    verdict, _ = compared(tmp_path, picture, later)
    assert verdict is Verdict.SIMILAR


def leveled(picture: Picture) -> Picture:
    """Turned by a degree, without what is then empty, and as large as before."""
    turned = picture.rotate(1, Image.Resampling.BICUBIC)
    width, height = picture.size
    cut = round(0.03 * width), round(0.03 * height)
    part = turned.crop((cut[0], cut[1], width - cut[0], height - cut[1]))
    return part.resize(picture.size, Image.Resampling.LANCZOS)


def halved_and_back(picture: Picture) -> Picture:
    width, height = picture.size
    return picture.resize((width // 2, height // 2), Image.Resampling.LANCZOS).resize(picture.size)


def barrel(picture: Picture) -> Picture:
    """A lens is corrected: the corners move outwards by one percent."""

    def outwards(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        away = 0.01 * ((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.5
        return away * (x - 0.5) * picture.width, away * (y - 0.5) * picture.height

    return displaced(picture, outwards)


def drawn_over(picture: Picture) -> Picture:
    marked = picture.copy()
    ImageDraw.Draw(marked).rectangle((20, 20, 120, 60), fill="white", outline="black", width=3)
    return marked


def softened(picture: Picture) -> Picture:
    return picture.filter(ImageFilter.GaussianBlur(1.5))


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
@pytest.mark.parametrize("change", [leveled, halved_and_back, barrel, drawn_over, softened])
def test_who_moves_nothing_makes_an_edit(
    tmp_path: Path, name: str, change: Callable[[Picture], Picture]
) -> None:
    picture = photograph(name)
    verdict, reason = compared(tmp_path, picture, change(picture))
    assert verdict in {Verdict.EDITED, Verdict.SAME}, reason


def cut_by_half_a_pixel(picture: Picture) -> Picture:
    width, height = picture.size
    return picture.resize(picture.size, Image.Resampling.BICUBIC, box=(1.5, 1.5, width - 1, height - 1))


def reduced(picture: Picture) -> Picture:
    size = round(0.8 * picture.width), round(0.8 * picture.height)
    return picture.resize(size, Image.Resampling.LANCZOS)


def turned(picture: Picture) -> Picture:
    width, height = picture.size
    return picture.rotate(1.5, Image.Resampling.BICUBIC).crop((16, 16, width - 16, height - 16))


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
@pytest.mark.parametrize("edit", [cut_by_half_a_pixel, reduced, turned])
def test_noise_tells_two_shots_of_which_one_was_sampled_anew(
    tmp_path: Path, name: str, edit: Callable[[Picture], Picture]
) -> None:
    scene = photograph(name, 480)
    first = noisy(scene, 4.0, 1)
    verdict, reason = compared(tmp_path, first, edit(noisy(scene, 4.0, 2)))
    assert verdict is Verdict.SIMILAR
    assert reason == "two shots: each has noise of its own"
    with Image.open(tmp_path / "one.jpg") as saved:
        copy = edit(saved.convert("RGB"))
    verdict, reason = compared(tmp_path, first, copy)
    assert verdict in (Verdict.SAME, Verdict.EDITED), reason
