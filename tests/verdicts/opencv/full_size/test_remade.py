"""What was made of the very file of another picture is told from what was saved apart, and from two shots."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.helpers.pictures import noisy, photograph
from visualsearch_cli.pictures.formats import LOSSLESS, Codec, Compression
from visualsearch_cli.verdicts.comparison import FullPicture
from visualsearch_cli.verdicts.opencv.full_size.remade import made_of_the_other, may_be_remade, remade
from visualsearch_cli.verdicts.rules import settle_remade
from visualsearch_cli.verdicts.verdict import Verdict

SCENE = photograph("astronaut", 320).resize((256, 256))
OTHER = photograph("coffee", 320).resize((256, 256))


def saved(picture: Image.Image, quality: int) -> FullPicture:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    with Image.open(stream) as image:
        tables = image.quantization
        compression = Compression(Codec.JPEG, tuple(tables[0]), tuple(tables[1]))
        return FullPicture("", np.asarray(image.convert("RGB")), compression)


def shown(picture: FullPicture) -> Image.Image:
    return Image.fromarray(picture.pixels)


def with_other_sky(picture: Image.Image, *, soft: float = 3.0, line: int = 100) -> Image.Image:
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).rectangle((0, 0, picture.width, line), fill=255)
    return Image.composite(OTHER, picture, mask.filter(ImageFilter.GaussianBlur(soft)))


@pytest.mark.parametrize(("first", "second"), [(80, 90), (93, 90), (95, 75), (90, 60)])
def test_a_sky_that_was_replaced_in_the_file_itself(first: int, second: int) -> None:
    source = saved(SCENE, first)
    edit = saved(with_other_sky(shown(source)), second)
    assert made_of_the_other(source, edit) == 1
    assert made_of_the_other(edit, source) == 0


def test_a_lossless_edit_of_a_jpeg() -> None:
    source = saved(SCENE, 90)
    edit = FullPicture("", np.asarray(with_other_sky(shown(source))), LOSSLESS)
    assert made_of_the_other(source, edit) == 1


@pytest.mark.parametrize(("first", "second"), [(80, 90), (93, 90), (95, 75), (90, 90)])
@pytest.mark.parametrize(
    "before", [lambda picture: picture, with_other_sky], ids=["as it is", "with another sky"]
)
def test_two_edits_of_one_picture_are_not_made_of_each_other(
    first: int, second: int, before: Callable[[Image.Image], Image.Image]
) -> None:
    one = saved(before(SCENE), first)
    other = saved(with_other_sky(SCENE, line=60), second)
    assert made_of_the_other(one, other) is None


def test_nor_are_two_edits_of_one_jpeg_that_was_coarser() -> None:
    scene = shown(saved(SCENE, 75))
    assert made_of_the_other(saved(scene, 95), saved(with_other_sky(scene), 90)) is None


def test_nor_are_two_shots() -> None:
    one, other = (noisy(SCENE, 1.0, seed) for seed in (1, 2))
    assert made_of_the_other(saved(one, 90), saved(with_other_sky(other), 85)) is None


def test_nor_is_what_was_toned() -> None:
    source = saved(SCENE, 90)
    lighter = shown(source).point([min(255, round(level * 1.03)) for level in range(256)] * 3)
    assert made_of_the_other(source, saved(lighter, 85)) is None


@pytest.mark.slow
def test_letters_that_repeat_tell_nothing_new() -> None:
    page = Image.new("RGB", (256, 256), "white")
    for row in range(0, 256, 16):
        for column in range(0, 256, 16):
            ImageDraw.Draw(page).text((column + 3, row + 2), "e", "black")
    changed = page.copy()
    ImageDraw.Draw(changed).text((131, 128), "8", "black")
    assert made_of_the_other(saved(page, 90), saved(changed, 75)) is None


def test_where_they_differ_is_told() -> None:
    source = saved(SCENE, 93)
    found = remade(source, saved(with_other_sky(shown(source)), 90))
    assert found is not None
    alignment, proof = found
    assert proof.made == 1 and proof.turned().made == 0
    assert proof.differences and proof.differences[0].box_a[3] <= 130
    assert 0.25 < alignment.agreement.drawn < 0.5
    assert alignment.agreement.correlation > 0.99


@pytest.mark.slow
def test_two_that_were_drawn_over_are_left_open_though_one_was_saved_as_before() -> None:
    """Outside of what was drawn, it is the file that both were made of."""
    scene = shown(saved(SCENE, 80))
    one, other = scene.copy(), scene.copy()
    one.paste(OTHER.resize((60, 50)), (20, 150))
    other.paste(OTHER.resize((60, 50)), (150, 40))
    found = remade(saved(one, 80), saved(other, 90))
    assert found is not None and found[1].is_open
    alone = remade(saved(scene, 80), saved(other, 90))
    assert alone is not None and not alone[1].is_open


def test_only_what_is_equal_in_parts_is_looked_at() -> None:
    pixels = np.asarray(SCENE)
    assert may_be_remade(pixels, np.asarray(with_other_sky(SCENE)))
    assert not may_be_remade(pixels, np.asarray(OTHER))
    assert not may_be_remade(pixels, pixels[:200])
    white = np.full((256, 256, 3), 255, np.uint8)
    assert not may_be_remade(white, white)


def with_number(picture: Image.Image, number: str) -> Image.Image:
    marked = picture.copy()
    draw = ImageDraw.Draw(marked)
    draw.rectangle((20, 20, 120, 50), fill=(20, 20, 20))
    draw.text((28, 22), number, fill=(240, 240, 240), font=ImageFont.load_default(22))
    return marked


@pytest.mark.slow
def test_another_number_in_the_place_of_one_is_no_edit() -> None:
    source = saved(with_number(SCENE, "41-7"), 80)
    found = [
        remade(source, saved(made, 90))
        for made in (with_number(shown(source), "41-2"), with_other_sky(shown(source)))
    ]
    assert all(one is not None for one in found)
    settled = [settle_remade(one[1]) for one in found if one is not None]
    assert settled[0] is None
    assert settled[1] is not None and settled[1].verdict is Verdict.EDITED
