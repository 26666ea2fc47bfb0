"""Where a lens, or a program that corrects one, moved what a picture shows."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import Lens
from visualsearch_cli.verdicts.opencv.alignment import Array

TO_UNIT = np.array([[0.5, 0, 0.5], [0, 0.5, 0.5], [0, 0, 1]])  # from places between -1 and 1
REACH = 3.0  # the largest sum of squares of a place that may be straightened; 2 is a corner
ROWS = 64  # of a picture, that are straightened at once
STEPS = 1024  # of the table by which places are straightened


def centered(pixels: Array, side: int) -> Array:
    """Return places of pixels along a side of a picture, between -1 and 1."""
    return np.asarray((2 * pixels + 1) / side - 1, np.float64)


def in_pixels(places: Array, side: int) -> Array:
    """Return places between -1 and 1 as those of pixels along a side of a picture."""
    return np.asarray(((places + 1) * side - 1) / 2, np.float64)


def square_of(lens: Lens, x: Array, y: Array) -> Array:
    """Return the square of how far from the middle places from -1 to 1 lie, as a lens weighs it."""
    return np.asarray(lens.across * x**2 + lens.down * y**2, np.float64)


def factor_of(lens: Lens, squares: Array) -> Array:
    """Return how many times as far from the middle a lens shows what lies there, by `square_of`."""
    return np.asarray(1 + squares + lens.fourth * squares**2, np.float64)


def grown(lens: Lens, x: Array, y: Array) -> Array:
    """Return how many times as far from the middle a lens shows what lies at places from -1 to 1."""
    return factor_of(lens, square_of(lens, x, y))


def is_sound(lens: Lens) -> bool:
    """Tell whether a lens keeps what lies farther out farther out, beyond the corners of a picture too."""
    return lens.across * lens.down >= 0 and bool((np.diff(_table(lens)[0]) > 0).all())


def straight(lens: Lens, x: Array, y: Array) -> tuple[Array, Array]:
    """Return where what a lens shows at places from -1 to 1 would lie without it."""
    shown, factor = _table(lens)
    by = np.interp(np.abs(square_of(lens, x, y)), shown, factor)
    return x / by, y / by


def _table(lens: Lens) -> tuple[Array, Array]:
    """Return the squares of places as a lens shows them, without their sign, and how many times as far out it
    does."""
    most = lens.across if abs(lens.across) > abs(lens.down) else lens.down
    squares = np.linspace(0, REACH * most, STEPS)
    factor = factor_of(lens, squares)
    return np.abs(squares) * factor**2, factor


def straightened(pixels: Pixels, lens: Lens) -> tuple[Pixels, npt.NDArray[np.uint8]]:
    """Return a picture as it would be without a lens, in its own frame, and where there is something of it,
    (h, w): 255 there, else 0."""
    height, width = pixels.shape[:2]
    shown, seen = np.empty_like(pixels), np.empty((height, width), np.uint8)
    x = centered(np.arange(width, dtype=np.float64), width)
    for top in range(0, height, ROWS):  # places of all of a large picture take ten times its bytes
        rows = slice(top, min(height, top + ROWS))
        y = centered(np.arange(rows.start, rows.stop, dtype=np.float64), height)[:, None]
        factor = grown(lens, x, y)
        across, down = x * factor, y * factor
        seen[rows] = 255 * ((np.abs(across) <= 1) & (np.abs(down) <= 1))
        columns, lines = (
            in_pixels(places, side).astype(np.float32) for places, side in ((across, width), (down, height))
        )
        shown[rows] = cv2.remap(pixels, columns, lines, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return shown, seen
