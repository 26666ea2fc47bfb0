"""What a proof of two large pictures takes beside them: a few bytes a pixel, no plane of numbers of all."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.helpers.pictures import photograph
from tests.verdicts.test_words import IDENTITY, alignment
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.verdicts.comparison import Alignment, FullPicture
from visualsearch_cli.verdicts.evidence import Matrix
from visualsearch_cli.verdicts.opencv.full_size.proof import prove

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


@pytest.mark.parametrize(("edit", "matrix", "inliers"), [(cropped, SHIFTED, 50), (lit, IDENTITY, 0)])
@pytest.mark.slow
def test_a_proof_takes_few_bytes_a_pixel(
    edit: Callable[[Image.Image], Image.Image], matrix: Matrix, inliers: int
) -> None:
    way = Alignment(matrix, False, inliers, alignment(matrix, 1, 1).agreement)
    small, large = (_peak(size, edit, way) for size in SIZES)
    more = SIZES[1][0] * SIZES[1][1] - SIZES[0][0] * SIZES[0][1]
    assert (large - small) / more < MOST


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
