"""What a proof of two large pictures takes beside them: a few bytes a pixel, no plane of numbers of all."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.helpers.pictures import photograph
from tests.verdicts.test_words import IDENTITY, alignment
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.verdicts.comparison import Alignment, FullPicture
from visualsearch_cli.verdicts.evidence import Matrix
from visualsearch_cli.verdicts.opencv.full_size.light import Relight
from visualsearch_cli.verdicts.opencv.full_size.other_color import is_in_another_color
from visualsearch_cli.verdicts.opencv.full_size.proof import prove
from visualsearch_cli.verdicts.opencv.full_size.readouts import is_one_readout
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found
from visualsearch_cli.verdicts.opencv.full_size.residual import toning_of

SIZES = ((1600, 1200), (2400, 1800))  # of either, a proof looks at as many pixels in planes of numbers
MOST = 7.0  # bytes of a pixel: three of them a copy of the other picture, laid onto the one
CUT = 0.05

SHIFTED: Matrix = ((1 - CUT, 0.0, CUT), (0.0, 1 - CUT, CUT), (0.0, 0.0, 1.0))


def cropped(scene: Image.Image) -> Image.Image:
    width, height = scene.size
    return scene.crop((round(CUT * width), round(CUT * height), width, height))


def lit(scene: Image.Image) -> Image.Image:
    gain = np.linspace(1.0, 0.6, scene.width)[:, None]
    return Image.fromarray((np.asarray(scene) * gain).astype(np.uint8))


def bent(scene: Image.Image) -> Image.Image:
    """Return it as paper bends, which no homography explains, and hardly turned."""
    width, height = scene.size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = x + np.float32(height / 200) * np.cos(2 * np.pi * y / height).astype(np.float32)
    pixels = cv2.remap(
        np.asarray(scene), across, y + np.float32(0.004) * x, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    return Image.fromarray(np.asarray(pixels))


@pytest.mark.parametrize(
    ("edit", "matrix", "inliers"), [(cropped, SHIFTED, 50), (lit, IDENTITY, 0), (bent, IDENTITY, 50)]
)
@pytest.mark.slow
def test_a_proof_takes_few_bytes_a_pixel(
    edit: Callable[[Image.Image], Image.Image], matrix: Matrix, inliers: int
) -> None:
    way = Alignment(matrix, False, inliers, alignment(matrix, 1, 1).agreement)
    small, large = (_peak(size, edit, way) for size in SIZES)
    more = SIZES[1][0] * SIZES[1][1] - SIZES[0][0] * SIZES[0][1]
    print((large - small) / more)
    assert (large - small) / more < MOST


@pytest.mark.slow
def test_what_works_on_some_rows_at_a_time_takes_little_of_wide_ones() -> None:
    wide = np.asarray(photograph("coffee").resize((9000, 900), Image.Resampling.BICUBIC))
    cut = wide[:, 8:]  # a part of a picture, which lies in rows of the whole
    laid = lay_as_found(cut, cut, np.eye(3))
    relight = Relight(laid, np.full((9, 9, 1), 0.9, np.float32))
    compressions = (Compression(Codec.OTHER), Compression(Codec.OTHER))
    steps: list[tuple[float, Callable[[], object]]] = [  # times the bytes of the picture, and what takes them
        (0.1, lambda: is_in_another_color(laid)),
        (1.3, lambda: relight.all_of(laid._replace(fine=cut.copy(), copied=True))),  # one is this copy
        (2.0, lambda: toning_of(laid, relight)),
        (1.0, lambda: is_one_readout(laid, compressions, np.zeros((450, 4496), np.bool_))),
    ]
    for number, (most, step) in enumerate(steps):
        tracemalloc.start()
        try:
            step()
            assert tracemalloc.get_traced_memory()[1] < most * wide.nbytes, number
        finally:
            tracemalloc.stop()


def _peak(size: tuple[int, int], edit: Callable[[Image.Image], Image.Image], way: Alignment) -> int:
    scene = photograph("coffee").resize(size, Image.Resampling.BICUBIC)
    a, b = (
        FullPicture(key, np.asarray(picture), Compression(Codec.OTHER))
        for key, picture in (("a", scene), ("b", edit(scene)))
    )
    tracemalloc.start()
    try:
        assert prove(a, b, way) is not None
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
