"""Borders: bars of a letterbox, a passe-partout, the margins of a page. Copies often lie within one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.pictures.image import Pixels

if TYPE_CHECKING:
    import numpy.typing as npt

_SIDE = 256  # pixels of the shorter side that are looked at: enough to see a border, and quick
_TOLERANCE = 16  # of 255, of each channel: compression leaves more noise than a plain colour has
_STRAY = 0.02  # of a line may be of another colour, a date in a corner say
_LEAST_BORDER = 0.02  # of the area; less changes no vector
_LEAST_INSIDE = 0.15  # of the area; less is a small thing on a plain ground, not a picture with a border
_LEAST_PIXELS = 16  # of a side


def without_border(pixels: Pixels) -> Pixels | None:
    """Return what lies within the plain border of a picture, in memory of its own; None if it has none.

    Each side of the border has one colour of its own, and may be missing.
    """
    height, width = pixels.shape[:2]
    step = max(1, min(height, width) // _SIDE)
    rest = pixels[::step, ::step].astype(np.int16)
    ends = [[0, len(rest)], [0, rest.shape[1]]]  # of the rows and columns inside
    for axis in (0, 1, 0, 1):  # twice: bars above and below may lie between bars at the sides
        lines = rest.swapaxes(0, axis)
        first = _plain_lines(lines)
        last = len(lines) - _plain_lines(lines[::-1])
        if first >= last:
            return None  # one colour all over, or two that meet, as in a flag: there is nothing within
        ends[axis] = [ends[axis][0] + first, ends[axis][0] + last]
        rest = lines[first:last].swapaxes(0, axis)
    rows, columns = (slice(start * step, end * step) for start, end in ends)
    inside = pixels[rows, columns]
    share = inside.shape[0] * inside.shape[1] / (height * width)
    if not _LEAST_INSIDE <= share <= 1 - _LEAST_BORDER or min(inside.shape[:2]) < _LEAST_PIXELS:
        return None
    copied: Pixels = inside.copy()
    return copied


def _plain_lines(lines: npt.NDArray[np.int16]) -> int:
    """Return how many lines, from the first on, have the colour of the first: of (n, length, 3)."""
    color = np.median(lines[0], axis=0).astype(np.int16)
    if not _are_plain(lines[:1], color)[0]:
        return 0  # most pictures end here, so the others need not be quick
    plain = _are_plain(lines, color)
    return len(lines) if plain.all() else int(plain.argmin())


def _are_plain(lines: npt.NDArray[np.int16], color: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    """Tell of each line whether it has that colour, strays aside."""
    strays = (np.abs(lines - color) > _TOLERANCE).any(axis=2).mean(axis=1)
    plain: npt.NDArray[np.bool_] = strays <= _STRAY
    return plain
