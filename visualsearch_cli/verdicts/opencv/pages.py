"""Two pages of one form: do they differ so plainly that a reduced picture shows it?

Folders hold hundreds of invoices of one supplier, and each of them nearly lies on each other. What lies on
each other to a fraction of a pixel, and has other strokes in places, is another page: nothing more is needed.
"""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import quantile
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.full_size.grounds import look_of, page_at_most
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, split
from visualsearch_cli.verdicts.opencv.pixels import even_transform
from visualsearch_cli.verdicts.rules import log_odds_of_page

STRETCHED = 0.01  # by which aspect ratios may differ
TILE = 96  # pixels of a side, of tiles that tell how one page lies on the other
LEAST_TEXTURE = 4.0  # levels: standard deviation of such a tile
LEAST_RESPONSE = 0.6  # of the phase correlation
LEAST_TILES = 2
HALF, MOST = (0.5, 0.25), (0.75, 0.4)  # share of these tiles, and pixels that they may lie off
STROKE = 40  # levels: range in a window of 3 × 3 that strokes make
OTHER = 56  # levels, beyond what lies beside, that only other strokes make
AROUND = (7, 7)  # pixels: fine patterns alias, and keep their mean
OTHER_INK = 16  # levels of that mean
EQUAL = 14  # levels up to which strokes are the same
LEAST_EQUAL = 0.5  # share of the strokes
LEAST_PIXELS = 16  # that are others, in one place
LEAST_PLACES = 2
JOINED = 5  # pixels
MOST_GAIN = 1.6


def is_page(pixels: Pixels) -> bool:
    """Tell whether a reduced picture (h, w, 3) is a page or a screen. Most photographs are far from it."""
    luma = cv2.extractChannel(cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb), 0).astype(np.float32)
    if log_odds_of_page(page_at_most(luma)) < 0:
        return False
    return log_odds_of_page(look_of([split(pixels)], 0.0)) >= 0


def other_strokes(a: Pixels, b: Pixels) -> list[Box]:
    """Return the boxes, in pixels of A, in which two reduced pages have other strokes, if they lie on each
    other and are equal elsewhere; none if that cannot be told."""
    if abs(a.shape[1] * b.shape[0] / (a.shape[0] * b.shape[1]) - 1) > STRETCHED:
        return []
    height, width = a.shape[:2]
    size = (width, height)
    if b.shape != a.shape:
        b = np.asarray(cv2.resize(b, size, interpolation=cv2.INTER_AREA), np.uint8)
    grey_a, grey_b = (cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) for pixels in (a, b))
    centered = grey_b - grey_b.mean()
    gain = float((centered * (grey_a - grey_a.mean())).sum() / (np.square(centered).sum() + 1))
    if not 1 / MOST_GAIN < gain < MOST_GAIN or not _lie_on_each_other(grey_a, grey_b):
        return []
    grey_b = np.clip(np.float32(gain) * centered + grey_a.mean(), 0, 255)
    three = np.ones((3, 3), np.uint8)
    low_a, high_a, low_b, high_b = (
        way(grey, three) for grey in (grey_a, grey_b) for way in (cv2.erode, cv2.dilate)
    )
    off = np.maximum(np.maximum(grey_a - high_b, low_b - grey_a), np.maximum(grey_b - high_a, low_a - grey_b))
    ink = np.abs(cv2.blur(grey_a, AROUND) - cv2.blur(grey_b, AROUND))
    strokes = np.maximum(high_a - low_a, high_b - low_b) > STROKE
    if np.count_nonzero(strokes & (off <= EQUAL)) < LEAST_EQUAL * np.count_nonzero(strokes):
        return []
    others = (off > OTHER) & (ink > OTHER_INK)
    joined = cv2.dilate(others.astype(np.uint8), np.ones((JOINED, JOINED), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    counts = np.bincount(labels[others], minlength=len(stats))
    boxes = [
        (int(x), int(y), int(x + w), int(y + h))
        for (x, y, w, h, _), count in zip(stats[1:], counts[1:], strict=True)
        if count >= LEAST_PIXELS
    ]
    return boxes if len(boxes) >= LEAST_PLACES else []


def _lie_on_each_other(a: Floats, b: Floats) -> bool:
    height, width = a.shape
    if min(height, width) < 2:
        return False
    tile = even_transform(min(TILE, height, width))
    window = cv2.createHanningWindow((tile, tile), cv2.CV_32F)
    shifts = []
    for top in _starts(height, tile):
        for left in _starts(width, tile):
            part = np.s_[top : top + tile, left : left + tile]
            if min(a[part].std(), b[part].std()) < LEAST_TEXTURE:
                continue
            (x, y), response = cv2.phaseCorrelate(a[part] - a[part].mean(), b[part] - b[part].mean(), window)
            if response >= LEAST_RESPONSE:
                shifts.append(max(abs(x), abs(y)))
    return len(shifts) >= LEAST_TILES and all(
        quantile(np.array(shifts), share) <= pixels for share, pixels in (HALF, MOST)
    )


def _starts(side: int, tile: int) -> list[int]:
    count = max(1, -(-side // tile))
    return [round(start) for start in np.linspace(0, side - tile, count)]
