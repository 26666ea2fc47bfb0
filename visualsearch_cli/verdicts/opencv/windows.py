"""Two aligned pictures correlated in small windows: the same thing correlates in any light or colour."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.verdicts.opencv.alignment import Aligned
from visualsearch_cli.verdicts.opencv.pixels import luma

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

WINDOW = 9  # cells of a side
FLAT = 0.012  # standard deviation in a window that has nothing to correlate
LEAST_WINDOWS = 50  # with something in them, without which they say nothing
LEAST_ALIKE = 0.6  # mean correlation, below which two pictures are strangers
LEAST_MEDIAN = 0.75  # so is the median: what was drawn over a copy is less than half of it
LEAST_TEXTURED = 0.55  # share of the windows that have something in them, for light to be told from color
LEAST_LIT, LEAST_LIT_MEDIAN = 0.75, 0.95  # mean and median correlation of pictures in other light
LEAST_AT_A_GLANCE = 0.8  # median on a coarse grid, which noise and a bad fit disturb less


def are_strangers(aligned: Aligned) -> bool:
    """Tell whether windows do not correlate, whatever the tones: two different pictures."""
    correlation = _correlation_inside(aligned)
    if len(correlation) < LEAST_WINDOWS:
        return False
    return float(correlation.mean()) < LEAST_ALIKE or _median_is_below(correlation, LEAST_MEDIAN)


def are_strangers_at_a_glance(coarse: Aligned) -> bool:
    """Tell the same of most strangers, from a coarse grid of grey pictures."""
    correlation = _correlation_inside(coarse)
    return len(correlation) >= LEAST_WINDOWS and _median_is_below(correlation, LEAST_AT_A_GLANCE)


def may_be_lit_otherwise(aligned: Aligned) -> bool:
    """Tell whether nearly all windows show the same, and light may explain the rest.

    A thing on a plain ground has too few: another color of it would be other light, too.
    """
    correlation = _correlation_inside(aligned)
    return (
        len(correlation) >= max(LEAST_WINDOWS, LEAST_TEXTURED * np.count_nonzero(aligned.inside))
        and float(correlation.mean()) >= LEAST_LIT
        and not _median_is_below(correlation, LEAST_LIT_MEDIAN)
    )


def local_correlation(a: Floats, b: Floats) -> Floats:
    """Return the correlation in the window around each cell; 0 where either picture, (h, w), is flat."""
    correlation, textured, _ = windows_of(a, b)
    return np.where(textured, correlation, np.float32(0))


def _correlation_inside(aligned: Aligned) -> Floats:
    """Return the correlation of the windows in which both pictures have something to correlate, (n,)."""
    a, b = (grid if grid.ndim == 2 else luma(grid) for grid in (aligned.a, aligned.b))
    correlation, textured, _ = windows_of(a, b)
    return correlation[textured & aligned.inside]


def _median_is_below(values: Floats, bound: float) -> bool:
    return 2 * int(np.count_nonzero(values < bound)) > len(values)


def windows_of(a: Floats, b: Floats) -> tuple[Floats, Mask, Mask]:
    """Return the correlation in the window around each cell, where neither is flat, and where both are.

    a, b: (h, w), luma of full scale.
    """
    mean_a, mean_b, square_a, square_b, product = (
        cv2.boxFilter(values, cv2.CV_32F, (WINDOW, WINDOW)) for values in (a, b, a * a, b * b, a * b)
    )
    variance_a, variance_b = square_a - mean_a * mean_a, square_b - mean_b * mean_b
    textured: Mask = np.minimum(variance_a, variance_b) > FLAT**2
    flat: Mask = np.maximum(variance_a, variance_b) <= FLAT**2
    root = np.sqrt(np.maximum(variance_a * variance_b, np.float32(1e-12)))
    return ((product - mean_a * mean_b) / root).astype(np.float32, copy=False), textured, flat
