"""A photograph that was cut to fit a tile of a collage, or a post: other things begin beyond it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageOps

from tests.helpers.pictures import photograph
from visualsearch_cli.library import Verdict, compare

pytestmark = pytest.mark.slow

Picture = Image.Image
SIDE = 300
NAMES = ["astronaut", "coffee", "chelsea", "rocket"]


def collage(names: list[str], columns: int, rim: int = 6) -> Picture:
    """Lay squares that were cut out of photographs beside and below each other."""
    tiles = [ImageOps.fit(photograph(name, 600), (SIDE, SIDE)) for name in names]
    rows = -(-len(tiles) // columns)
    step = SIDE + rim
    whole = Image.new("RGB", (columns * step + rim, rows * step + rim), "white")
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        whole.paste(tile, (rim + column * step, rim + row * step))
    return whole


def post(name: str) -> Picture:
    """Show a photograph, cut to a square, on the screen of a telephone, below a name and above an answer."""
    screen = Image.new("RGB", (480, 900), "white")
    screen.paste(ImageOps.fit(photograph(name, 900), (480, 480)), (0, 120))
    draw = ImageDraw.Draw(screen)
    draw.ellipse((16, 40, 72, 96), fill="#4a6fa5")
    for top in (50, 76, 640, 670, 700):
        draw.rectangle((90, top, 90 + 2 * (top % 170), top + 8), fill="#333333")
    return screen


def compared(folder: Path, one: Picture, other: Picture) -> tuple[Verdict | None, Verdict | None, str]:
    one.save(folder / "one.jpg", quality=92)
    other.save(folder / "other.jpg", quality=88)
    found = compare(folder / "one.jpg", folder / "other.jpg")
    turned = compare(folder / "other.jpg", folder / "one.jpg")
    return found.verdict, turned.verdict, found.reason


@pytest.mark.parametrize("name", ["coffee", "chelsea"])
@pytest.mark.parametrize(("count", "columns", "rim"), [(4, 2, 6), (4, 2, 0), (3, 3, 6), (2, 1, 0)])
def test_a_tile_of_a_collage_is_an_edit(
    tmp_path: Path, name: str, count: int, columns: int, rim: int
) -> None:
    names = [name, *(other for other in NAMES if other != name)][:count]
    verdict, turned, reason = compared(tmp_path, photograph(name, 600), collage(names, columns, rim))
    assert verdict is turned is Verdict.EDITED, reason
    assert " % of it, on " in reason


@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_so_is_a_post(tmp_path: Path, name: str) -> None:
    verdict, turned, reason = compared(tmp_path, photograph(name, 900), post(name))
    assert verdict is turned is Verdict.EDITED, reason


@pytest.mark.parametrize("rim", [0, 6])
def test_two_collages_with_one_photograph_in_common_are_none(tmp_path: Path, rim: int) -> None:
    one = collage(["rocket", "coffee", "astronaut"], 3, rim)
    other = collage(["coffee", "chelsea", "chelsea", "rocket"], 2, rim)
    verdict, turned, reason = compared(tmp_path, one, other)
    assert verdict not in (Verdict.SAME, Verdict.EDITED), reason
    assert turned not in (Verdict.SAME, Verdict.EDITED)


@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_other_content_in_a_tile_is_no_edit(tmp_path: Path, name: str) -> None:
    picture = photograph(name, 600)
    changed = picture.copy()
    width, height = picture.size
    part = ImageOps.fit(photograph("rocket", 600), (width // 6, height // 6))
    changed.paste(part, (width // 2 - width // 12, height // 2 - height // 12))
    tiles = collage([name, "astronaut", "rocket", "astronaut"], 2)
    tiles.paste(ImageOps.fit(changed, (SIDE, SIDE)), (6, 6))
    verdict, _, reason = compared(tmp_path, picture, tiles)
    assert verdict is not Verdict.SAME, reason
    assert verdict is not Verdict.EDITED or "drawn over" in reason, reason


@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_half_of_a_frame_that_changed_is_no_frame(tmp_path: Path, name: str) -> None:
    """A camera on a tripod, before a wall beside which all moved."""
    picture = photograph(name, 600)
    width, height = picture.size
    other = picture.copy()
    other.paste(ImageOps.fit(photograph("rocket", 600), (width, height // 2)), (0, height // 2))
    verdict, turned, reason = compared(tmp_path, picture, other)
    assert verdict not in (Verdict.SAME, Verdict.EDITED), reason
    assert turned not in (Verdict.SAME, Verdict.EDITED)
