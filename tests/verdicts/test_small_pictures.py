"""Icons, sprites and other small drawings: what differs is much of so small a picture, and no noise of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from tests.helpers.pictures import photograph
from visualsearch_cli.library import Evidence, Verdict, compare
from visualsearch_cli.pictures.whole import facts_of

pytestmark = pytest.mark.slow

Picture = Image.Image
Shape = tuple[str, tuple[float, ...], str, str]  # what ImageDraw calls it, where, and its colors

NO_COPY = (Verdict.SIMILAR, None)
SIDES = [48, 96, 256]
UNITS = 64  # of a side, in which things are drawn
FINER = 8  # pixels of a unit, before what is drawn is reduced

STAR = (44, 38, 47, 46, 55, 46, 49, 51, 51, 59, 44, 54, 37, 59, 39, 51, 33, 46, 41, 46)
FOLDER: list[Shape] = [
    ("rectangle", (8, 10, 28, 16), "#729fcf", "#204a87"),
    ("rectangle", (6, 14, 58, 54), "#729fcf", "#204a87"),
]
BADGES: dict[str, list[Shape]] = {
    "plain": [],
    "star": [("polygon", STAR, "#fce94f", "#8f7300")],
    "disc": [("ellipse", (34, 38, 56, 60), "#fce94f", "#8f7300")],
    "red disc": [("ellipse", (34, 38, 56, 60), "#ef2929", "#8f7300")],
    "lines": [("rectangle", (12, top, 40, top + 2), "#2e6da4", "#2e6da4") for top in (30, 36, 42)],
    "bricks": [
        ("rectangle", (left, top, left + 5, top + 3), "#86b0d6", "#86b0d6")
        for top in (26, 33, 40, 47)
        for left in range(10 + top % 2 * 3, 50, 9)
    ],
}
ARROW: list[Shape] = [
    ("polygon", (8, 26, 32, 26, 32, 12, 58, 32, 32, 52, 32, 38, 8, 38), "#73d216", "#4e9a06"),
]


def drawn(shapes: list[Shape], side: int) -> Picture:
    """Draw shapes on clear ground."""
    picture = Image.new("RGBA", (FINER * UNITS, FINER * UNITS))
    draw = ImageDraw.Draw(picture)
    for shape, places, fill, outline in shapes:
        getattr(draw, shape)([FINER * place for place in places], fill=fill, outline=outline, width=FINER)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def icon(side: int, badge: str) -> Picture:
    """Draw a folder with something on it."""
    return drawn(FOLDER + BADGES[badge], side)


def compared(folder: Path, one: Picture, other: Picture, file: str = "b.png") -> Evidence:
    one.save(folder / "a.png")
    other.save(folder / file, quality=80)
    return compare(folder / "a.png", folder / file)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("badge", "other"),
    [("plain", "star"), ("star", "disc"), ("disc", "red disc"), ("plain", "lines"), ("plain", "bricks")],
)  # fmt: skip
def test_another_icon_of_a_set_is_no_copy(tmp_path: Path, side: int, badge: str, other: str) -> None:
    found = compared(tmp_path, icon(side, badge), icon(side, other))
    assert found.verdict in NO_COPY, found.reason


@pytest.mark.parametrize("side", SIDES)
def test_an_icon_that_was_grayed_out_or_lightened_is_no_copy(tmp_path: Path, side: int) -> None:
    shown = icon(side, "star")
    alpha = shown.getchannel("A")
    gray = ImageOps.grayscale(shown.convert("RGB")).convert("RGBA")
    gray.putalpha(alpha)
    lighter = ImageEnhance.Brightness(shown.convert("RGB")).enhance(1.3).convert("RGBA")
    lighter.putalpha(alpha)
    for other in (gray, lighter):
        found = compared(tmp_path, shown, other)
        assert found.verdict in NO_COPY, found.reason


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    "way", [Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180]
)
def test_an_arrow_that_points_elsewhere_is_no_copy(tmp_path: Path, side: int, way: Image.Transpose) -> None:
    shown = drawn(ARROW, side)
    found = compared(tmp_path, shown, shown.transpose(way))
    assert found.verdict in NO_COPY, found.reason


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("pixels", [1, 3])
def test_a_drawing_that_moves_in_its_frame_is_another(tmp_path: Path, side: int, pixels: int) -> None:
    shown = icon(side, "star")
    moved = Image.new("RGBA", shown.size)
    moved.paste(shown, (pixels, 0))
    found = compared(tmp_path, shown, moved)
    assert found.verdict in NO_COPY, found.reason


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("badge", ["plain", "star", "lines", "bricks"])
@pytest.mark.parametrize(
    ("times", "file"),
    [
        (1.0, "b.webp"),
        (1.0, "b.avif"),
        (0.75, "b.png"),
        (2.0, "b.png"),
    ],
)
def test_a_copy_of_an_icon_is_the_same(
    tmp_path: Path,
    side: int,
    badge: str,
    times: float,
    file: str,
) -> None:
    shown = icon(side, badge)
    other = shown.resize((round(times * side), round(times * side)), Image.Resampling.LANCZOS)
    found = compared(tmp_path, shown, other, file)
    assert found.verdict is Verdict.SAME, found.reason


@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_a_mark_on_a_small_lossless_picture_is_no_noise(tmp_path: Path, name: str) -> None:
    shown = photograph(name).convert("RGB")
    shown.thumbnail((96, 96))
    marked = shown.copy()
    ImageDraw.Draw(marked).ellipse((40, 20, 54, 34), fill="white", outline="black")
    found = compared(tmp_path, shown, marked)
    assert found.verdict in (Verdict.EDITED, Verdict.SIMILAR), found.reason
    assert found.differences


def test_what_is_cut_out_is_told_of_small_pictures_alone(tmp_path: Path) -> None:
    for side, much, expected in ((256, True, True), (256, False, False), (1200, True, False)):
        picture = Image.new("RGBA", (side, side), "white")
        if much:
            picture.paste((0, 0, 0, 0), (0, 0, side // 2, side // 2))
        picture.save(tmp_path / "a.png")
        assert facts_of((tmp_path / "a.png").read_bytes()).cut_out is expected
