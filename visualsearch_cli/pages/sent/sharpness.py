"""The same place of several pictures at 1:1, and which of them is the sharpest there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from visualsearch_cli.pictures.image import Pixels

SIDE = 256  # pixels of the place that is shown, both sides
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


class Cut(NamedTuple):
    """A place of a picture."""

    data: bytes  # PNG, at 1:1
    sharpness: float  # RMS of the Laplacian of the luma, in levels


def cut(pixels: Pixels, x: float, y: float) -> Cut:
    """Return the place around a point, given in the unit square, of pixels of shape (h, w, 3)."""
    from PIL import Image

    height, width = pixels.shape[:2]
    side_x, side_y = min(SIDE, width), min(SIDE, height)
    left = round(min(max(x * width - side_x / 2, 0), width - side_x))
    top = round(min(max(y * height - side_y / 2, 0), height - side_y))
    place = np.ascontiguousarray(pixels[top : top + side_y, left : left + side_x])
    stream = io.BytesIO()
    Image.fromarray(place).save(stream, "PNG", compress_level=1)
    return Cut(stream.getvalue(), sharpness(place))


def sharpness(pixels: Pixels) -> float:
    """Return the RMS of the Laplacian of the luma: of two shots of one thing, the sharper has more of it.

    Pertuz et al. 2013 (doi:10.1016/j.patcog.2012.11.011) compare it with other measures of focus. Noise
    counts as well, so shots at another sensitivity are not to be compared by it.
    """
    if min(pixels.shape[:2]) < 3:
        return 0.0
    luma = pixels.astype(np.float32) @ LUMA
    inner = luma[1:-1, 1:-1]
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * inner
    return float(np.sqrt(np.mean(np.square(laplacian))))
