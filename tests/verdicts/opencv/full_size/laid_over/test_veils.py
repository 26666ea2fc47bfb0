"""Half-transparent white marks are told by what goes on below them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.helpers.pictures import photograph
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size.laid_over.veils import Veil, of_one_mark, veil_of

GROUND = photograph("astronaut", 200)


def stamped(alpha: int, color: str = "white", text: str = "PROOF") -> Pixels:
    """Write letters over it, half-transparent."""
    layer = Image.new("RGBA", GROUND.size)
    red, green, blue = Image.new("RGB", (1, 1), color).getpixel((0, 0))  # type: ignore[misc]
    ImageDraw.Draw(layer).text((20, 70), text, (red, green, blue, alpha), ImageFont.load_default(48))
    return np.asarray(Image.alpha_composite(GROUND.convert("RGBA"), layer).convert("RGB"))


PLAIN = np.asarray(GROUND)


@pytest.mark.parametrize("alpha", [60, 110, 160])
def test_the_side_and_the_share_of_white_are_told(alpha: int) -> None:
    first, second = veil_of((stamped(alpha), PLAIN)), veil_of((PLAIN, stamped(alpha)))
    assert first and second
    assert (first.side, second.side) == (0, 1)
    assert first.is_told
    assert first.share == pytest.approx(alpha / 255, abs=0.05)


def test_nothing_opaque_or_dark_is_a_veil() -> None:
    assert veil_of((stamped(255), PLAIN)) is None
    assert veil_of((stamped(110, "black"), PLAIN)) is None


def test_other_content_is_no_veil() -> None:
    """A paler thing in the place of another one hides what was there."""
    other = np.asarray(photograph("chelsea", 200).resize(GROUND.size))
    mixed = PLAIN.copy()
    mixed[60:120, 40:120] = 128 + other[60:120, 40:120] // 2
    found = [veil_of((mixed, PLAIN)), veil_of((PLAIN, mixed))]
    assert not any(veil is not None and veil.is_told for veil in found)


def test_a_shadow_is_no_veil() -> None:
    shaded = PLAIN.copy()
    shaded[60:120, 40:120] //= 2
    assert veil_of((shaded, PLAIN)) is None


def test_marks_of_both_pictures_are_none() -> None:
    told, faint, other = Veil(0, 0.4, True), Veil(0, 0.42, False), Veil(1, 0.4, True)
    assert of_one_mark([told, faint, None]) == [True, True, False]
    assert of_one_mark([faint, None]) == [False, False]
    assert of_one_mark([told, Veil(0, 0.7, False)]) == [True, False]
    assert of_one_mark([told, other]) == [False, False]
