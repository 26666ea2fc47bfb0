"""Two pictures side by side, with the outline of what they share and lines between matched spots."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.evidence import Fit
from visualsearch_cli.verdicts.opencv.alignment import Array, overlap, project
from visualsearch_cli.verdicts.opencv.features import detect
from visualsearch_cli.verdicts.opencv.hypotheses.homography import TOLERANCE
from visualsearch_cli.verdicts.opencv.hypotheses.matching import match

HEIGHT = 480  # pixels
GAP = 12
LINES = 40
OUTLINE = (255, 140, 0)
LINE = (0, 200, 120)
DIFFERENT = (220, 30, 60)
AROUND = 4  # pixels, between a place and its box
UnitBox = tuple[float, float, float, float]
"""Left, top, right, bottom, in the unit square."""

BEHIND = (245, 245, 245)


def match_picture(
    a: Pixels,
    b: Pixels,
    fit: Fit | None,
    boxes_a: Sequence[UnitBox] = (),
    boxes_b: Sequence[UnitBox] = (),
) -> Pixels:
    """Draw A, and B at its right, with boxes around what differs. Without a fit, no lines are drawn."""
    left, right = _scaled(a), _scaled(b)
    canvas = np.full((HEIGHT, left.shape[1] + GAP + right.shape[1], 3), BEHIND, np.uint8)
    canvas[:, : left.shape[1]] = left
    canvas[:, left.shape[1] + GAP :] = right
    if fit is not None:
        matrix = np.array(fit.matrix)
        size_a, size_b = (np.array([side.shape[1], HEIGHT], np.float64) for side in (left, right))
        shift = np.array([left.shape[1] + GAP, 0], np.float64)
        _outline(canvas, overlap(matrix) * size_a)
        _outline(canvas, overlap(np.linalg.inv(matrix)) * size_b + shift)
        for point_a, point_b in _matches(left, right, matrix, mirrored=fit.mirrored):
            ends = [_pixel(point) for point in (point_a * size_a, point_b * size_b + shift)]
            cv2.line(canvas, ends[0], ends[1], LINE, 1, cv2.LINE_AA)
            for end in ends:
                cv2.circle(canvas, end, 3, LINE, 1, cv2.LINE_AA)
    for boxes, side, start in ((boxes_a, left, 0), (boxes_b, right, left.shape[1] + GAP)):
        for box in boxes:
            _mark(canvas, box, side.shape[1], start)
    return canvas


def _mark(canvas: Pixels, box: UnitBox, width: int, start: int) -> None:
    """Draw a box around a place, large enough to be seen, in the picture that begins at a column."""
    left, right = (round(box[side] * width) + start for side in (0, 2))
    top, bottom = (round(box[side] * HEIGHT) for side in (1, 3))
    cv2.rectangle(
        canvas, (left - AROUND, top - AROUND), (right + AROUND, bottom + AROUND), DIFFERENT, 2, cv2.LINE_AA
    )


def encoded(pixels: Pixels, suffix: str) -> bytes:
    """Return the contents of an image file, in the format of a suffix such as ".png"."""
    _, data = cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return data.tobytes()


def _scaled(pixels: Pixels) -> Pixels:
    factor = HEIGHT / pixels.shape[0]
    size = (max(1, round(pixels.shape[1] * factor)), HEIGHT)
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=way), np.uint8)


def _outline(canvas: Pixels, polygon: Array) -> None:
    if len(polygon):
        cv2.polylines(canvas, [np.round(polygon).astype(np.int32)], True, OUTLINE, 3, cv2.LINE_AA)


def _matches(a: Pixels, b: Pixels, matrix: Array, *, mirrored: bool) -> list[tuple[Array, Array]]:
    """Return some of the matched spots that agree with the fit, in unit squares."""
    points_a, points_b = (
        points.astype(np.float64) for points in match(detect(a), detect(b), mirrored=mirrored)
    )
    if mirrored:
        points_b = np.stack([1 - points_b[:, 0], points_b[:, 1]], axis=1)
    if not len(points_a):
        return []
    size = np.array([a.shape[1], a.shape[0]], np.float64)
    near = np.linalg.norm((project(matrix, points_b) - points_a) * size, axis=1) < 2 * TOLERANCE
    agreeing = np.flatnonzero(near)
    few = agreeing[:: max(1, len(agreeing) // LINES)]
    return [(points_a[number], points_b[number]) for number in few]


def _pixel(point: Array) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
