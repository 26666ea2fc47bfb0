"""One exposure is told from two by what quantization rounds off."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.helpers.pictures import noisy, photograph
from visualsearch_cli.pictures.formats import LOSSLESS, Codec, Compression
from visualsearch_cli.verdicts.opencv.full_size.readouts import is_one_readout, white_noise
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import Inside, LaidOut
from visualsearch_cli.verdicts.rules import is_of_two_shots

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


def are_two_shots(a: Image.Image, b: Image.Image, quality: int = 90) -> bool:
    first, fine = saved(a, 95)
    second, coarse = saved(b, quality)
    noise = white_noise(laid(second, first), (coarse, fine))
    assert noise is not None
    return is_of_two_shots(noise)


@pytest.mark.parametrize(("sigma", "quality"), [(2.0, 95), (2.5, 90), (3.0, 85)])
def test_white_noise_of_each_makes_two_shots(sigma: float, quality: int) -> None:
    assert are_two_shots(noisy(SCENE, sigma, 1), noisy(SCENE, sigma, 2), quality)


def test_noise_of_one_alone_was_added() -> None:
    assert not are_two_shots(SCENE, noisy(SCENE, 2.5, 2))


@pytest.mark.parametrize("radius", [0.5, 1.0])
def test_what_a_filter_takes_is_no_noise(radius: float) -> None:
    assert not are_two_shots(SCENE, SCENE.filter(ImageFilter.GaussianBlur(radius)))


@pytest.mark.parametrize(("before", "quality"), [(("JPEG", 60), 95), (("WEBP", 80), 90)])
def test_what_two_codecs_took_before_is_no_noise(before: tuple[str, int], quality: int) -> None:
    stream = BytesIO()
    SCENE.save(stream, before[0], quality=before[1])
    with Image.open(stream) as image:
        shared = image.convert("RGB")
    assert not are_two_shots(SCENE, shared, quality)
    assert not are_two_shots(saved(SCENE, 70)[0], shared, quality)


def test_coarse_tables_and_other_codecs_keep_too_little() -> None:
    first, fine = saved(noisy(SCENE, 2.5, 1), 95)
    second, coarse = saved(noisy(SCENE, 2.5, 2), 60)
    assert white_noise(laid(second, first), (coarse, fine)) is None
    assert white_noise(laid(second, first), (LOSSLESS, fine)) is None
