"""What was laid over one of two pictures of one exposure is told by its outline."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.helpers.pictures import photograph
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size.laid_over.pasted import Pasted, pasted_in

Picture = Image.Image
SCENE = photograph("coffee").resize((300, 200), Image.Resampling.LANCZOS)
THING = photograph("chelsea").resize((90, 80), Image.Resampling.LANCZOS)
CORNER = 150, 70
PLACE = np.zeros((200, 300), np.bool_)
PLACE[66:154, 146:244] = True


def saved(picture: Picture) -> Pixels:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=90)
    with Image.open(stream) as image:
        return np.asarray(image.convert("RGB"))


def with_thing(thing: Picture = THING, *, soft: float = 0.0, off: tuple[int, int] = (0, 0)) -> Picture:
    mask = Image.new("L", thing.size)
    ImageDraw.Draw(mask).ellipse((8, 8, 82, 72), fill=255)
    whole = SCENE.copy()
    corner = CORNER[0] + off[0], CORNER[1] + off[1]
    whole.paste(thing, corner, mask.filter(ImageFilter.GaussianBlur(soft)))
    return whole


def told(a: Picture, b: Picture) -> Pasted:
    """Return what there is, which is the same of the two the other way round."""
    there, back = pasted_in([saved(a), saved(b)], PLACE), pasted_in([saved(b), saved(a)], PLACE)
    assert back.is_seen is there.is_seen
    assert back.side == (None if there.side is None else 1 - there.side)
    return there


def test_a_photograph_that_was_pasted_on() -> None:
    assert told(SCENE, with_thing()).side == 1


def test_a_half_transparent_dark_disc() -> None:
    layer = Image.new("RGBA", SCENE.size)
    ImageDraw.Draw(layer).ellipse((155, 72, 235, 148), (0, 0, 0, 150))
    disc = Image.alpha_composite(SCENE.convert("RGBA"), layer).convert("RGB")
    assert told(disc, SCENE).side == 0


@pytest.mark.parametrize("soft", [4.0, 6.0])
def test_other_content_without_an_outline(soft: float) -> None:
    assert told(SCENE, with_thing(soft=soft)).side is None


def test_another_thing_in_the_place_of_one() -> None:
    other = with_thing(THING.transpose(Image.Transpose.ROTATE_180), off=(6, 4))
    assert told(with_thing(), other).side is None


def test_a_thing_in_another_color() -> None:
    recolored = with_thing(Image.merge("RGB", THING.split()[::-1]))
    assert told(with_thing(), recolored).side is None


def test_nothing() -> None:
    assert told(SCENE, SCENE) == Pasted(None, is_seen=False)


def test_a_bar_of_the_color_that_most_of_its_outline_lies_on() -> None:
    ramp = np.clip((np.arange(300) - 190) / 60, 0, 1)[None, :, None]
    dark = Image.fromarray((np.asarray(SCENE) * ramp).astype(np.uint8))
    barred = dark.copy()
    ImageDraw.Draw(barred).rectangle((CORNER, (235, 150)), fill=(0, 0, 0))
    assert told(dark, barred).side == 1
