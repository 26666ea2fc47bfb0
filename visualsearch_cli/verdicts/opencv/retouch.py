"""What was done to all of one picture to get the other: light, contrast, color, sharpness.

It is measured for the words alone; what still counts as the same picture is decided by the proof.
"""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median
from visualsearch_cli.verdicts.comparison import Alignment, FullPicture, Retouch
from visualsearch_cli.verdicts.opencv.alignment import Array, align, overlap
from visualsearch_cli.verdicts.opencv.pixels import Floats, Mask, chroma, largest, luma, mean
from visualsearch_cli.verdicts.opencv.tones import is_monochrome

CLIPPED = 0.03  # from black and from white, within which a channel may have lost its value
NEAR = 5  # cells
LEAST_UNCLIPPED = 0.1  # share of the cells; if fewer are left, all of them count
MIDDLE = (0.1, 0.9)  # lumas between which exposure is told
OUTLIER = 3.0  # times the median deviation: what was drawn over says nothing of the rest
FLAT = 1e-5  # variance below which there is nothing to compare
COLORLESS = 0.1  # times the color, up to which it is gone
GAMMA = 2.2
ROWS = 4  # of which one is looked at, for sharpness


def retouch(a: FullPicture, b: FullPicture, alignment: Alignment) -> Retouch | None:
    """Say how B was made of A. None if they share too little to tell."""
    matrix = np.array(alignment.matrix, np.float64)
    aligned = align(a.pixels, b.pixels, matrix)
    if aligned is None or not aligned.inside.any():
        return None
    stops, contrast = _light(luma(aligned.a[aligned.inside]), luma(aligned.b[aligned.inside]))
    colored = aligned.inside & ~_near_clipped(aligned.sharp_a) & ~_near_clipped(aligned.sharp_b)
    if colored.sum() < LEAST_UNCLIPPED * aligned.inside.sum():
        colored = aligned.inside
    cells_a, cells_b = aligned.a[colored], aligned.b[colored]
    luma_a, luma_b = luma(cells_a), luma(cells_b)
    slope = _slope(luma_a, luma_b)
    color_a, color_b = chroma(cells_a), chroma(cells_b)
    gain = _gain(color_a, color_b, luma_a, slope)
    saturation, cast = gain / slope, mean(color_b) - gain * mean(color_a)
    if saturation < COLORLESS and is_monochrome(cells_b):
        saturation = 0.0
    elif _gain(color_b, color_a, luma_b, 1 / slope) * slope < COLORLESS and is_monochrome(cells_a):
        saturation = float("inf")
    return Retouch(
        stops=stops,
        contrast=contrast,
        saturation=saturation,
        warmth=float(255 * (cast[0] - cast[2]) / 2),
        green=float(255 * cast[1]),
        finer=_finer(a.pixels, b.pixels, matrix) / slope,
    )


def _near_clipped(grid: Floats) -> Mask:
    """Return the cells that have taken something, when they were blurred, from one without a value."""
    clipped = largest(np.abs(grid - np.float32(0.5))) > 0.5 - CLIPPED
    return cv2.dilate(clipped.view(np.uint8), np.ones((NEAR, NEAR), np.uint8)) > 0


def _light(luma_a: Floats, luma_b: Floats) -> tuple[float, float]:
    """Return by how many steps of exposure the middle tones of B are lighter, and its contrast beside A."""
    low, high = MIDDLE
    middle = (luma_a > low) & (luma_a < high) & (luma_b > CLIPPED) & (luma_b < 1 - CLIPPED)
    if not middle.any():
        return 0.0, 1.0
    luma_a, luma_b = luma_a[middle], luma_b[middle]
    stops = float(np.median(np.log2(_linear(luma_b) / _linear(luma_a))))
    return stops, _slope(luma_a, luma_b) / 2 ** (stops / GAMMA)


def _linear(values: Floats) -> Floats:
    """Return the light that values of sRGB stand for."""
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return np.asarray(light, np.float32)


def _slope(luma_a: Floats, luma_b: Floats) -> float:
    """Return how many times as far apart the tones of B are, leaving out what fits least."""
    centered_a, centered_b = luma_a - luma_a.mean(), luma_b - luma_b.mean()
    slope = _regression(centered_a, centered_b)
    off = np.abs(centered_b - slope * centered_a)
    fits = off <= OUTLIER * median(off) + 1 / 255
    centered_a, centered_b = (values[fits] - values[fits].mean() for values in (luma_a, luma_b))
    return max(COLORLESS, _regression(centered_a, centered_b, slope))


def _gain(color_a: Floats, color_b: Floats, luma_a: Floats, unknown: float) -> float:
    """Return how many times as much color B has, in the colors of A; `unknown` if A has none.

    What goes with the luma is left out: a cast that multiplies channels is stronger where there is light.
    """
    centered = luma_a - luma_a.mean()
    return _regression(_apart(color_a, centered), _apart(color_b, centered), unknown)


def _apart(color: Floats, luma: Floats) -> Floats:
    """Return what of color, (n, 3), does not go with a luma of mean 0, (n,)."""
    energy = float(np.square(luma).mean()) + FLAT
    along = np.array([(color[:, channel] * luma).mean() for channel in range(3)], np.float32) / energy
    rest: Floats = color - mean(color) - luma[:, None] * along.astype(np.float32)
    return rest


def _regression(a: Floats, b: Floats, unknown: float = 1.0) -> float:
    energy = float(np.square(a).mean())
    return float((a * b).mean()) / energy if energy > FLAT else unknown


def _finer(a: Pixels, b: Pixels, matrix: Array) -> float:
    """Return how many times as steep the edges of B are, in the pixels of each, where both are."""
    steep_a = _steepness(a, overlap(matrix))
    steep_b = _steepness(b, overlap(np.asarray(np.linalg.inv(matrix), np.float64)))
    return steep_b / max(steep_a, 1e-6)


def _steepness(pixels: Pixels, polygon: Array) -> float:
    height, width = pixels.shape[:2]
    size = np.array([width, height])
    (left, top), (right, bottom) = np.floor(polygon.min(axis=0) * size), np.ceil(polygon.max(axis=0) * size)
    part = pixels[int(top) : int(bottom) : ROWS, int(left) : int(right)]
    if part.shape[1] < 2 or not len(part):
        return 0.0
    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(np.square(np.diff(grey, axis=1)).mean() ** 0.5)
