"""Which of two pictures of different sizes was made of the other, sharp or soft."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.helpers.photographs import originals
from tests.helpers.sweeps import sweep
from tests.verdicts.opencv.test_renditions import full, measured
from visualsearch_cli.duplicates.renditions import fidelity_of
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.evidence import Evidence
from visualsearch_cli.verdicts.opencv.renditions.resizing import made_larger

RESAMPLING = Image.Resampling


def saved(image: Image.Image, quality: int) -> Image.Image:
    """Return a picture as a JPEG shows it: what programs work on."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


def resized(image: Image.Image, factor: float, how: RESAMPLING) -> Image.Image:
    return image.resize((round(image.width * factor), round(image.height * factor)), how)


def told(small: Image.Image, large: Image.Image, qualities: tuple[int, int]) -> bool | None:
    """Return what is told of two pictures that are saved with these qualities."""
    files = full(small, "JPEG", qualities[0]), full(large, "JPEG", qualities[1])
    return made_larger(files[0], files[1].pixels, files[1].compression)


PHOTOGRAPHS = sweep([1, 0, 8, 9], quick=2)
SOFT = [0, 1.2]  # pixels: sigma of a blur, as of a lens


@pytest.mark.slow
@pytest.mark.parametrize("number", PHOTOGRAPHS)
@pytest.mark.parametrize("sigma", SOFT)
@pytest.mark.parametrize(
    ("factor", "how"), [(2, RESAMPLING.BICUBIC), (1.5, RESAMPLING.LANCZOS), (2.7, RESAMPLING.BILINEAR)]
)
def test_an_enlarged_copy_knows_what_the_original_lost(
    number: int, sigma: float, factor: float, how: RESAMPLING
) -> None:
    photograph = originals()[number].filter(ImageFilter.GaussianBlur(sigma))
    copy = resized(saved(photograph, 85), factor, how)
    assert told(photograph, copy, (85, 90)) is True
    assert told(photograph, copy, (85, 75)) is not False, "of coarser steps it is not always told"


@pytest.mark.slow
@pytest.mark.parametrize("number", PHOTOGRAPHS)
@pytest.mark.parametrize("sigma", SOFT)
@pytest.mark.parametrize(("factor", "how"), [(0.5, RESAMPLING.LANCZOS), (0.6, RESAMPLING.BICUBIC)])
def test_a_photograph_does_not_know_what_its_reduced_copy_lost(
    number: int, sigma: float, factor: float, how: RESAMPLING
) -> None:
    photograph = originals()[number].filter(ImageFilter.GaussianBlur(sigma))
    copy = resized(saved(photograph, 92), factor, how)
    assert told(copy, photograph, (85, 92)) is not True
    files = full(photograph, "JPEG", 92), full(copy, "JPEG", 85)
    assert kept(*measured(*files)), "the photograph"
    assert not kept(*measured(*files[::-1]))


def kept(*shown: object) -> bool:
    """Tell whether A is kept, by what both show."""
    answer = fidelity_of(Evidence(None, None, renditions=shown), doubtful=False)  # type: ignore[arg-type]
    assert answer is not None
    return answer.a_wins


@pytest.mark.slow
def test_a_soft_photograph_is_kept_before_its_reduced_copy_and_before_its_enlarged_one() -> None:
    """At its full size it has next to nothing but what its codec leaves."""
    soft = originals()[8].filter(ImageFilter.GaussianBlur(1.2))
    photograph, half = full(soft, "JPEG", 92), resized(saved(soft, 92), 0.5, RESAMPLING.LANCZOS)
    assert kept(*measured(photograph, full(half, "JPEG", 80)))
    double = resized(saved(soft, 92), 2, RESAMPLING.BICUBIC)
    assert kept(*measured(photograph, full(double, "JPEG", 80)))
    assert not kept(*measured(full(double, "JPEG", 95), photograph))


TURNS = {
    "upside down": Image.Transpose.ROTATE_180,
    "to the left": Image.Transpose.ROTATE_90,
    "mirrored": Image.Transpose.FLIP_LEFT_RIGHT,
    "mirrored and turned": Image.Transpose.TRANSPOSE,
}


@pytest.mark.slow
@pytest.mark.parametrize("turn", sweep(TURNS, quick=2))
def test_it_is_told_of_what_was_turned(turn: str) -> None:
    soft = originals()[8].filter(ImageFilter.GaussianBlur(1))
    copy = resized(saved(soft, 85), 2, RESAMPLING.BICUBIC).transpose(TURNS[turn])
    files = full(soft, "JPEG", 85), full(copy, "JPEG", 90)
    for first, second in (files, files[::-1]):
        shown = measured(first, second)
        assert [its.is_made for its in shown] == [its.scale > 1 for its in shown]


def sharpened(image: Image.Image) -> Image.Image:
    """Do as programs that make pictures larger do: smooth, then sharpen edges."""
    large = resized(image, 2, RESAMPLING.LANCZOS)
    return large.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.UnsharpMask(2, 120, 2))


def noisy(image: Image.Image) -> Image.Image:
    large = np.asarray(resized(image, 2, RESAMPLING.BICUBIC), np.float32)
    noise = np.random.default_rng(1).normal(0, 2, (*large.shape[:2], 1))
    return Image.fromarray((large + noise).clip(0, 255).astype(np.uint8))


@pytest.mark.slow
@pytest.mark.parametrize("number", PHOTOGRAPHS)
def test_what_was_worked_on_when_it_was_enlarged_is_not_taken_for_what_the_original_was_made_of(
    number: int,
) -> None:
    for photograph in (originals()[number], originals()[number].filter(ImageFilter.GaussianBlur(1))):
        for work in (sharpened, noisy):
            for quality in (95, 85):
                copy = work(saved(photograph, quality))
                assert told(photograph, copy, (quality, 95)) is not False


def test_two_of_one_master_are_not_made_of_each_other() -> None:
    master = originals()[8]
    small, large = (resized(master, factor, RESAMPLING.LANCZOS) for factor in (0.5, 0.9))
    assert told(small, large, (85, 85)) is not True


@pytest.mark.slow
@pytest.mark.parametrize("number", PHOTOGRAPHS)
def test_a_lossless_picture_knows_how_the_larger_jpeg_was_rounded_or_not(number: int) -> None:
    soft = originals()[number].filter(ImageFilter.GaussianBlur(1.2))
    original = full(soft, "PNG", 0)
    enlarged = full(resized(soft, 2, RESAMPLING.BICUBIC), "JPEG", 80)
    assert made_larger(original, enlarged.pixels, enlarged.compression) is True
    large = full(soft, "JPEG", 80)
    reduced = full(resized(saved(soft, 80), 0.667, RESAMPLING.BICUBIC), "PNG", 0)
    assert made_larger(reduced, large.pixels, large.compression) is not True


@pytest.mark.slow
def test_nothing_is_told_of_what_is_lossless_small_or_of_another_shape() -> None:
    photograph = originals()[8]
    jpeg, png = full(photograph, "JPEG", 90), full(photograph, "PNG", 0)
    double = resized(photograph, 2, RESAMPLING.BICUBIC)
    large, lossless = full(double, "JPEG", 90), full(double, "PNG", 0)
    assert made_larger(png, lossless.pixels, lossless.compression) is None
    wide: Pixels = np.ascontiguousarray(large.pixels[: large.pixels.shape[0] * 3 // 4])
    assert made_larger(jpeg, wide, large.compression) is None
    tiny = full(photograph.resize((60, 40)), "JPEG", 90)
    assert made_larger(tiny, jpeg.pixels, jpeg.compression) is None
