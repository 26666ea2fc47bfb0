"""One exposure is told from two by what quantization rounds off."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.helpers.pictures import photograph
from visualsearch_cli.pictures.formats import LOSSLESS, Codec, Compression
from visualsearch_cli.verdicts.opencv.full_size.readouts import is_one_readout
from visualsearch_cli.verdicts.opencv.full_size.registration import Inside, LaidOut

SCENE = photograph("astronaut", 256)
NOTHING = np.zeros((128, 128), np.bool_)


def saved(picture: Image.Image, quality: int) -> tuple[Image.Image, Compression]:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    with Image.open(stream) as image:
        tables = image.quantization
        return image.convert("RGB"), Compression(Codec.JPEG, tuple(tables[0]), tuple(tables[1]))


def laid(a: Image.Image, b: Image.Image, *, warped: bool = False) -> LaidOut:
    coarse, fine = np.asarray(a), np.asarray(b)
    return LaidOut(coarse, fine, Inside.everywhere(*coarse.shape[:2]), 1.0, np.eye(3), 0.0, warped)


def noisy(picture: Image.Image, sigma: float, seed: int) -> Image.Image:
    grain = np.random.default_rng(seed).normal(0, sigma, (picture.height, picture.width, 3))
    return Image.fromarray(np.clip(np.rint(np.asarray(picture) + grain), 0, 255).astype(np.uint8))


@pytest.mark.parametrize("quality", [90, 75, 60])
def test_a_copy_shows_one_exposure(quality: int) -> None:
    first, fine = saved(SCENE, 95)
    second, coarse = saved(first, quality)
    assert is_one_readout(laid(second, first), (coarse, fine), NOTHING)


def test_so_does_a_lossless_one() -> None:
    assert is_one_readout(laid(SCENE, SCENE), (LOSSLESS, LOSSLESS), NOTHING)


@pytest.mark.parametrize("quality", [90, 75, 60])
def test_noise_of_a_level_makes_two(quality: int) -> None:
    first, fine = saved(noisy(SCENE, 1.0, 1), 95)
    second, coarse = saved(noisy(SCENE, 1.0, 2), quality)
    assert not is_one_readout(laid(second, first), (coarse, fine), NOTHING)


def test_so_does_light_that_changed_by_two_hundredths() -> None:
    first, fine = saved(SCENE, 95)
    second, coarse = saved(first.point([min(255, round(level * 1.02)) for level in range(256)] * 3), 90)
    assert not is_one_readout(laid(second, first), (coarse, fine), NOTHING)


def test_what_differs_is_left_out() -> None:
    first, fine = saved(SCENE, 95)
    marked = first.copy()
    marked.paste((250, 30, 30), (64, 64, 192, 192))
    second, coarse = saved(marked, 90)
    near = NOTHING.copy()
    near[30:98, 30:98] = True
    assert not is_one_readout(laid(second, first), (coarse, fine), NOTHING)
    assert is_one_readout(laid(second, first), (coarse, fine), near)


def test_what_was_resampled_or_coarsely_saved_does_not_tell() -> None:
    first, fine = saved(SCENE, 95)
    assert not is_one_readout(laid(first, first, warped=True), (fine, fine), NOTHING)
    second, coarse = saved(first, 5)
    assert not is_one_readout(laid(second, first), (coarse, coarse), NOTHING)
