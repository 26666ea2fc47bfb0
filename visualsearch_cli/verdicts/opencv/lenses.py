"""Where a lens, or a program that corrects one, moved what a picture shows."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import Lens
from visualsearch_cli.verdicts.opencv.alignment import Array

REACH = 3.0  # the largest sum of squares of a place that may be straightened; 2 is a corner
ROWS = 64  # of a picture, that are straightened at once
STEPS = 1024  # of the table by which places are straightened


def grown(lens: Lens, x: Array, y: Array) -> Array:
    """Return how many times as far from the middle a lens shows what lies at places from -1 to 1."""
    square = lens.across * x**2 + lens.down * y**2
    factor: Array = 1 + square + lens.fourth * square**2
    return factor


def is_sound(lens: Lens) -> bool:
    """Tell whether a lens keeps what lies farther out farther out, beyond the corners of a picture too."""
    return lens.across * lens.down >= 0 and bool((np.diff(_table(lens)[0]) > 0).all())


def straight(lens: Lens, x: Array, y: Array) -> tuple[Array, Array]:
    """Return where what a lens shows at places from -1 to 1 would lie without it."""
    shown, factor = _table(lens)
    squares = lens.across * x**2 + lens.down * y**2
    if lens.across + lens.down < 0:
        squares = -squares
    by = np.interp(squares, shown, factor)
    return x / by, y / by


def _table(lens: Lens) -> tuple[Array, Array]:
    """Return the weighted squares of places as a lens shows them, and how many times as far out it does."""
    sign = -1.0 if lens.across + lens.down < 0 else 1.0
    squares = np.linspace(0, REACH * max(abs(lens.across), abs(lens.down)), STEPS)
    factor = 1 + sign * squares + lens.fourth * squares**2
    return squares * factor**2, factor


def straightened(pixels: Pixels, lens: Lens) -> tuple[Pixels, npt.NDArray[np.uint8]]:
    """Return a picture as it would be without a lens, in its own frame, and where there is something of it,
    (h, w): 255 there, else 0."""
    height, width = pixels.shape[:2]
    shown, seen = np.empty_like(pixels), np.empty((height, width), np.uint8)
    x = (2 * np.arange(width) + 1) / width - 1
    for top in range(0, height, ROWS):  # places of all of a large picture take ten times its bytes
        rows = slice(top, min(height, top + ROWS))
        y = (2 * np.arange(rows.start, rows.stop) + 1)[:, None] / height - 1
        factor = grown(lens, x, y)
        across, down = x * factor, y * factor
        seen[rows] = 255 * ((np.abs(across) <= 1) & (np.abs(down) <= 1))
        columns, lines = (
            (((place + 1) * side - 1) / 2).astype(np.float32)
            for place, side in ((across, width), (down, height))
        )
        shown[rows] = cv2.remap(pixels, columns, lines, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return shown, seen
