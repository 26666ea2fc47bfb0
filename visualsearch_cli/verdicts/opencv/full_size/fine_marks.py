"""Writing that the larger of two pictures has, and that the smaller one is too small to show.

A thumbnail of an invoice is a copy of any invoice like it. Letters keep a grey of their own when they are
reduced, so contrast does not tell whether they can still be read. What tells is how much of what there is to
see, in windows of the size of a letter, lies between the pixels of the smaller picture.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import distinct
from visualsearch_cli.verdicts.comparison import NOTHING_LOST, Grounds, LostMarks
from visualsearch_cli.verdicts.opencv.alignment import project
from visualsearch_cli.verdicts.opencv.full_size.grounds import look_of
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import gaussian, split
from visualsearch_cli.verdicts.opencv.pixels import Floats, Grey, grey

LEAST_SCALE = 1.3  # pixels of the larger for one of the smaller: what is nearly as large shows all
WINDOW = 1.5  # pixels of the smaller picture: sigma of a window
ROWS = 32  # of the smaller picture, that are looked at at once
MOST_SEEN = 2_000_000  # pixels of the larger picture: of more, some rows stand for all
MARK, FLOOR = 400.0, 20.0  # levels squared: variance of a window with marks, and what is nothing beside it
LOST = 0.55  # share of that variance
CROSSED = 0.2  # times as steep across as along: a ruled line is nothing to read
# The same on a flat ground
STRONG = 1500.0
LOST_ON_FLAT = 0.5
STILL, FLAT = 8, 0.4  # levels: range in 3 × 3 pixels of what is flat, and the share of a window that is
LEAST_MARKS = 50  # windows
LOOKED_AT, TILE = 4, 192  # tiles along a side, and their pixels, that tell what the larger picture looks like
SOME_NOISE = 1.5  # levels


def lost_marks(laid: LaidOut, fine: Pixels) -> LostMarks:
    """Return which share of the marks of the finer picture, where both are, the coarser one cannot show."""
    if laid.scale < LEAST_SCALE:
        return NOTHING_LOST
    shown = _shown(laid, fine)
    counts = np.zeros(3)
    for strip, rows in _strips(shown, laid.scale):
        counts += _counts(grey(strip), (max(1, round(shown.shape[1] / laid.scale)), rows))
    marks, lost, on_flat = counts.tolist()
    if marks < LEAST_MARKS:
        return NOTHING_LOST
    return LostMarks(lost / marks, on_flat / marks, _look(shown) if lost else None)


def _shown(laid: LaidOut, fine: Pixels) -> Pixels:
    """Return the part of the finer picture that the coarser one shows."""
    height, width = laid.inside.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64) - 0.5
    there = project(laid.matrix, corners) + 0.5
    left, top = (int(max(0, side)) for side in np.floor(there.min(axis=0)))
    right, bottom = (int(max(0, side)) for side in np.ceil(there.max(axis=0)))
    return fine[top:bottom, left:right]


def _strips(shown: Pixels, scale: float) -> Iterator[tuple[Pixels, int]]:
    """Yield rows of the larger picture, spread over it, and how many rows of the smaller one they are."""
    height, width = shown.shape[:2]
    tall = max(1, round(ROWS * scale))
    count = -(-height // tall)
    wanted = max(1, min(count, MOST_SEEN // max(1, tall * width)))
    for number in range(wanted):
        top = number * count // wanted * tall
        strip = shown[top : top + tall]
        if strip.size:
            yield np.ascontiguousarray(strip), max(1, round(len(strip) / scale))


def _counts(light: Grey, size: tuple[int, int]) -> tuple[int, int, int]:
    """Return how many windows have marks, how many of these lose them at a size of (width, height), and how
    many lose strong ones on a flat ground."""

    def windows(plane: Floats) -> Floats:
        small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
        return gaussian(np.asarray(small, np.float32), WINDOW)

    exact = light.astype(np.float32)
    variance = windows(np.square(exact)) - np.square(windows(exact))
    marks = variance > MARK
    found = int(np.count_nonzero(marks))
    if not found:
        return 0, 0, 0
    small = cv2.resize(exact, size, interpolation=cv2.INTER_AREA)
    between = exact - cv2.resize(small, exact.shape[::-1], interpolation=cv2.INTER_CUBIC)
    share = windows(np.square(between)) / (variance + np.float32(FLOOR))
    if not (marks & (share > LOST_ON_FLAT)).any():
        return found, 0, 0
    across, down = (cv2.Sobel(between, cv2.CV_32F, x, 1 - x, scale=0.125) for x in (1, 0))
    xx, yy, xy = (windows(product) for product in (np.square(across), np.square(down), across * down))
    root = np.sqrt(np.square(xx - yy) + 4 * np.square(xy))
    crossed = xx + yy - root > np.float32(CROSSED) * (xx + yy + root)
    still = cv2.morphologyEx(light, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) <= STILL
    flat = windows(still.astype(np.float32)) > FLAT
    lost = np.count_nonzero(marks & (share > LOST) & crossed)
    on_flat = np.count_nonzero((variance > STRONG) & (share > LOST_ON_FLAT) & crossed & flat)
    return found, int(lost), int(on_flat)


def _look(shown: Pixels) -> Grounds:
    """Return what the larger picture looks like: at its own size, for reduced strokes are no strokes."""
    height, width = shown.shape[:2]
    tops, lefts = (
        distinct(np.linspace(0, max(0, side - TILE), min(LOOKED_AT, -(-side // TILE))).astype(int))
        for side in (height, width)
    )
    tiles = [shown[top : top + TILE, left : left + TILE] for top in tops for left in lefts]
    look = look_of([split(np.ascontiguousarray(tile)) for tile in tiles], SOME_NOISE, edges=True)
    return look._replace(pixels=height * width)
