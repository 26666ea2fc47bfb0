"""Light that changes from place to place, and negatives: edits, if nothing else differs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.helpers import documents
from tests.helpers.compared import found, is_copy
from tests.helpers.pictures import photograph
from visualsearch_cli.library import Verdict

pytestmark = pytest.mark.slow

Picture = Image.Image
Change = Callable[[Picture], Picture]


def levels(picture: Picture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the levels, and x and y from -1 to 1."""
    values = np.asarray(picture, np.float64)
    y, x = np.mgrid[-1 : 1 : values.shape[0] * 1j, -1 : 1 : values.shape[1] * 1j]
    return values, x[..., None], y[..., None]


def shown(values: np.ndarray) -> Picture:
    return Image.fromarray(np.rint(values).clip(0, 255).astype(np.uint8))


def dark_corners(picture: Picture) -> Picture:
    values, x, y = levels(picture)
    return shown(values * (1 - 0.4 * (x**2 + y**2)).clip(0.15))


def light_from_the_left(picture: Picture) -> Picture:
    values, x, y = levels(picture)
    light = np.exp(-((x + 1) ** 2) * 3 - y**2) * np.array([250, 120, 40])
    return shown(255 - (255 - values) * (255 - light) / 255)


def faded_with_dark_corners(picture: Picture) -> Picture:
    return dark_corners(shown(30 + 0.8 * np.asarray(picture) * np.array([1.1, 1.0, 0.8])))


def shadows_lifted(picture: Picture) -> Picture:
    values, x, y = levels(picture)
    return shown(values * (1 + 0.7 * np.cos(3 * x) * np.sin(2 * y + 1)))


def dark_mode(picture: Picture) -> Picture:
    values, _, _ = levels(picture)
    return shown(values + 255 - values.max(axis=2, keepdims=True) - values.min(axis=2, keepdims=True))


LIGHT: dict[str, Change] = {
    "dark corners": dark_corners,
    "light from the left": light_from_the_left,
    "faded, dark corners": faded_with_dark_corners,
    "shadows lifted": shadows_lifted,
}
TURNED: dict[str, Change] = {"negative": ImageOps.invert, "dark mode": dark_mode}


def with_another_face(picture: Picture) -> Picture:
    """Put other content into a round place: another moment, or another person."""
    face = photograph("chelsea").crop((100, 60, 190, 150))
    mask = (
        Image.radial_gradient("L")
        .resize(face.size)
        .point([255 if level < 120 else 0 for level in range(256)])
    )
    other = picture.copy()
    other.paste(face, (140, 40), mask)
    return other


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
@pytest.mark.parametrize("change", LIGHT)
def test_other_light_in_places_is_an_edit(tmp_path: Path, name: str, change: str) -> None:
    picture = photograph(name)
    evidence = found(picture, LIGHT[change](picture), tmp_path)
    assert evidence.verdict is Verdict.EDITED, evidence.reason


@pytest.mark.parametrize("change", TURNED)
def test_light_and_dark_turned_around_is_an_edit_and_named(tmp_path: Path, change: str) -> None:
    picture = photograph("astronaut")
    evidence = found(picture, TURNED[change](picture), tmp_path)
    assert evidence.verdict is Verdict.EDITED, evidence.reason
    assert "light and dark turned around" in evidence.reason


@pytest.mark.parametrize("way", Image.Transpose)
def test_a_negative_is_one_however_it_lies(tmp_path: Path, way: Image.Transpose) -> None:
    picture = photograph("astronaut")
    evidence = found(picture, ImageOps.invert(picture).transpose(way), tmp_path)
    assert evidence.verdict is Verdict.EDITED, evidence.reason


@pytest.mark.parametrize("change", [*LIGHT, *TURNED])
def test_other_content_in_other_light_is_none(tmp_path: Path, change: str) -> None:
    picture = photograph("astronaut")
    evidence = found(picture, {**LIGHT, **TURNED}[change](with_another_face(picture)), tmp_path)
    assert not is_copy(evidence), evidence.reason


@pytest.mark.parametrize("change", ["dark corners", "shadows lifted", *TURNED])
def test_a_page_with_another_number_in_other_light_is_another_page(tmp_path: Path, change: str) -> None:
    page, other = documents.bank("4,187.22"), documents.bank("4,781.22")
    evidence = found(page, {**LIGHT, **TURNED}[change](other), tmp_path)
    assert not is_copy(evidence), evidence.reason


@pytest.mark.parametrize("color", [(150, 40, 40), (40, 60, 150), (35, 35, 38)])
def test_a_thing_in_another_color_is_another_thing(tmp_path: Path, color: tuple[int, int, int]) -> None:
    """A cloth with folds on a white ground, light to dark: uneven light must not explain its color."""
    x, y = np.meshgrid(np.linspace(0, 1, 300), np.linspace(0, 1, 400))
    folds = 0.75 + 0.2 * np.sin(14 * x + 5 * np.sin(4 * y)) + 0.05 * np.sin(90 * x)
    cloth = ((np.abs(x - 0.5) < 0.3 - 0.12 * y) & (y > 0.1) & (y < 0.9))[..., None]
    goods = [
        shown(np.where(cloth, folds[..., None] * np.array(dye), 245.0)) for dye in ((205, 195, 180), color)
    ]
    evidence = found(goods[0], goods[1], tmp_path)
    assert not is_copy(evidence), evidence.reason
