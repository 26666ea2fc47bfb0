"""A part of one picture within a straight frame in another, and beyond it nothing of that picture: as in a
collage, or a post on a screen.

Whoever cuts a photograph to fit a tile lays other things around it. So two pictures agree in a rectangle, and
show nothing of each other beyond it. The one that holds the frame has a straight edge where it ends; in the
other one, the photograph just goes on.
"""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.verdicts.comparison import Frame
from visualsearch_cli.verdicts.opencv.alignment import Aligned, Array, Floats, Mask, overlap
from visualsearch_cli.verdicts.opencv.pixels import luma
from visualsearch_cli.verdicts.opencv.windows import WINDOW, windows_of

ALIKE = 0.8  # correlation of windows that show the same
AS_LIGHT = 0.06  # of full scale, by which flat windows may differ
LITTLE = 0.3  # of a window that shows something, as which a flat one counts
STEP = 3  # cells for one, where a rectangle is looked for first
REACH = 8  # cells, within which its sides are then looked for
AT_THE_BORDER = 3  # cells from where either picture ends: nothing was cut there
LEAST_SHARE = 0.25  # of what both would show
LEAST_WITHIN, MOST_BEYOND = 0.9, 0.25  # shares of the windows that agree
LEAST_BEYOND = 40  # windows, with less of which nothing is said of what lies beyond
LEAST_STEP = 0.025  # of full scale: median, along a side that is a frame
ONE_SIDED = 2.5  # times that of the picture that goes on there
SPARED = 2  # cells inside of a frame, that are mixed with what lies beyond


class Rectangle(NamedTuple):
    """Some cells of a grid: those after the last are not in it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def cells(self) -> tuple[slice, slice]:
        return np.s_[self.top : self.bottom, self.left : self.right]


def framed(aligned: Aligned) -> Rectangle | None:
    """Return the cells in which two aligned pictures agree, if a frame of one ends there what it shows of the
    other. None if there is none."""
    scores = _scores(aligned)
    rough = _best(_thinned(scores))
    a, b = luma(aligned.sharp_a), luma(aligned.sharp_b)
    for container, other in ((b, a), (a, b)):
        found = _refined(rough, container, other, aligned.inside)
        if found is not None and _stands_alone(found, scores, aligned.inside):
            return found
    return None


def frame_of(rectangle: Rectangle, aligned: Aligned, matrix: Array) -> Frame:
    """Return where some cells of two pictures that a matrix, from B to A, aligned lie in A."""
    shared = overlap(matrix)
    low, extent = shared.min(axis=0), np.ptp(shared, axis=0)
    height, width = aligned.inside.shape
    left, top = low + extent * (rectangle.left / width, rectangle.top / height)
    right, bottom = low + extent * (rectangle.right / width, rectangle.bottom / height)
    return Frame(float(left), float(top), float(right), float(bottom))


def within(rectangle: Rectangle, frame: Frame, aligned: Aligned) -> Aligned:
    """Return two aligned pictures as if they showed nothing beyond some cells."""
    inside = np.zeros_like(aligned.inside)
    inside[rectangle.cells] = aligned.inside[rectangle.cells]
    covered = (frame.right - frame.left) * (frame.bottom - frame.top)
    covered_b = covered * aligned.covered_b / aligned.covered_a
    return aligned._replace(inside=inside, covered_a=covered, covered_b=covered_b)


def _scores(aligned: Aligned) -> Floats:
    """Return for each cell how far its window speaks for one picture, or against it, -1 to 1."""
    a, b = luma(aligned.a), luma(aligned.b)
    correlation, _, flat = windows_of(a, b)
    apart = np.abs(cv2.blur(a - b, (WINDOW, WINDOW)))
    equal = aligned.inside & np.where(flat, apart < AS_LIGHT, correlation > ALIKE)
    scores: Floats = np.where(equal, np.where(flat, np.float32(LITTLE), np.float32(1)), np.float32(-1))
    return scores


def _thinned(scores: Floats) -> Floats:
    height, width = scores.shape
    size = (max(1, width // STEP), max(1, height // STEP))
    return np.asarray(cv2.resize(scores, size, interpolation=cv2.INTER_AREA), np.float32)


def _best(scores: Floats) -> Rectangle:
    """Return the rectangle with the largest sum, in cells of the grid that was thinned.

    Kadane's algorithm along the columns, of all pairs of rows with one first row at once.
    """
    height, width = scores.shape
    best, found = -np.inf, Rectangle(0, 0, 1, 1)
    for top in range(height):
        sums = np.cumsum(scores[top:], axis=0)
        ending, start = np.zeros(len(sums), np.float32), np.zeros(len(sums), np.int64)
        for column in range(width):
            begins = ending <= 0
            start[begins] = column
            ending = np.where(begins, 0, ending) + sums[:, column]
            row = int(ending.argmax())
            if ending[row] > best:
                best = float(ending[row])
                found = Rectangle(int(start[row]), top, column + 1, top + row + 1)
    return Rectangle(*(STEP * side for side in found))


def _refined(rough: Rectangle, container: Floats, other: Floats, inside: Mask) -> Rectangle | None:
    """Return a rectangle whose sides lie where the container has its frame, or where either picture ends.

    None if no side is a frame, or if one is neither.
    """
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    borders = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    sides, has_frame = list(rough), False
    for number, (side, border) in enumerate(zip(rough, borders, strict=True)):
        edge = _edge(number, rough, container, other)
        is_near = abs(side - border) <= AT_THE_BORDER + STEP
        if is_near and (edge is None or abs(edge - border) <= AT_THE_BORDER):
            sides[number] = border
        elif edge is None:
            return None
        else:
            sides[number], has_frame = edge, True
    left, top, right, bottom = sides
    found = Rectangle(left + SPARED, top + SPARED, right - SPARED, bottom - SPARED)
    is_some = found.right > found.left and found.bottom > found.top
    return found if has_frame and is_some else None


def _edge(number: int, rough: Rectangle, container: Floats, other: Floats) -> int | None:
    """Return where near a side (0 to 3: left, top, right, bottom) the container steps along all of it, and
    the other picture does not. None: nowhere."""
    along = (slice(rough.top, rough.bottom), slice(rough.left, rough.right))
    planes = [plane[along[0], :] if number % 2 == 0 else plane[:, along[1]].T for plane in (container, other)]
    first, last = max(1, rough[number] - REACH), min(planes[0].shape[1] - 1, rough[number] + REACH)
    if last <= first or not len(planes[0]):
        return None
    places = np.arange(first, last)
    narrow, wide = (  # sampling spreads a step over two cells, and the steeper half is where it lies
        [np.median(np.abs(plane[:, places + after] - plane[:, places - 1]), axis=0) for plane in planes]
        for after in (0, 1)
    )
    best = int((narrow[0] - narrow[1] + wide[0] - wide[1]).argmax())
    if wide[0][best] < max(LEAST_STEP, ONE_SIDED * wide[1][best]):
        return None
    return int(places[best])


def _stands_alone(found: Rectangle, scores: Floats, inside: Mask) -> bool:
    """Tell whether two pictures agree within a rectangle, and show nothing of each other beyond it."""
    agrees = scores[found.cells] > 0
    if agrees.size < LEAST_SHARE * np.count_nonzero(inside) or agrees.mean() < LEAST_WITHIN:
        return False
    beyond = inside.copy()
    half = WINDOW // 2 + 1
    beyond[max(0, found.top - half) : found.bottom + half, max(0, found.left - half) : found.right + half] = (
        False
    )
    there = scores[beyond]
    return len(there) < LEAST_BEYOND or float((there > 0).mean()) <= MOST_BEYOND
