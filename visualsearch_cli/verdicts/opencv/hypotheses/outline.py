"""A page, a print or a screen that lies whole in a photograph: its four corners say how.

Features cannot tell lines of small type apart in a reduced picture, but paper on a table has an outline.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.alignment import UNIT, Array
from visualsearch_cli.verdicts.opencv.pixels import Grey
from visualsearch_cli.verdicts.rules import CORNERS

Floats = npt.NDArray[np.float32]

GLANCE = 64  # pixels of both sides, at which most pictures are seen to have none
LEAST_RIM = 0.97  # share of its rim that is lighter than the rest, or darker
EVEN = 5  # pixels of a side of a median: what lies on a page and is smaller does not part it
CLOSED = 9  # pixels: writing at its edge is no edge
LEAST_AREA = 0.2  # share of the picture
CLEAR = 0.005  # share of a side, from which a corner lies inside the picture
SIMPLE = 0.03  # share of the perimeter, by which an outline may stray from four lines
LEAST_SOLID = 0.93  # share of the area within these lines
ENDS = 0.1  # share of a side at either end, where corners are worn or rounded
LEAST_POINTS = 8  # of a side
NEAR = 4.0  # pixels from a side, within which points of the outline are its own


def corners_in(pixels: Pixels) -> Array | None:
    """Return the corners, (4, 2) in the unit square, clockwise from the upper left, of the one lighter or
    darker quadrilateral that lies whole in a reduced picture (h, w, 3); None if there is none."""
    luma = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    small = cv2.resize(luma, (GLANCE, GLANCE), interpolation=cv2.INTER_AREA)
    level, light = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    rim = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    lighter = np.count_nonzero(rim) / len(rim)
    if LEAST_RIM > lighter > 1 - LEAST_RIM:  # nothing lies on an even ground, as in most photographs
        return None
    even = cv2.medianBlur(luma, EVEN)
    found = _quadrilateral((even > level if lighter < 0.5 else even <= level).view(np.uint8))
    if found is None:
        return None
    height, width = luma.shape
    return (found + 0.5) / np.array([width, height], np.float64)


def between_outlines(a: Pixels, b: Pixels) -> list[Array]:
    """Return the maps from the unit square of B to that of A by which the page in either lies on the page in
    the other, which may be all of it: upright first. None if no page lies whole in either."""
    found = corners_in(a), corners_in(b)
    if found[0] is None and found[1] is None:
        return []
    to_a, to_b = (np.eye(3) if corners is None else _onto(corners) for corners in found)
    quarters = [_onto(np.roll(UNIT, turns, axis=0)) for turns in (0, 2, 1, 3)]
    return [np.asarray(to_a @ quarter @ np.linalg.inv(to_b), np.float64) for quarter in quarters]


def _onto(corners: Array) -> Array:
    """Return the map that takes the corners of the unit square to these."""
    return np.asarray(
        cv2.getPerspectiveTransform(UNIT.astype(np.float32), corners.astype(np.float32)), np.float64
    )


def _quadrilateral(mask: Grey) -> Array | None:
    """Return the corners, in pixels, of the largest thing in a mask, if it is one."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((CLOSED, CLOSED), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    outline = max(contours, key=cv2.contourArea)
    area = cv2.contourArea(outline)
    if area < LEAST_AREA * mask.size:
        return None
    hull = cv2.convexHull(outline)
    rough = cv2.approxPolyDP(hull, SIMPLE * cv2.arcLength(hull, True), True).reshape(-1, 2).astype(np.float64)
    if len(rough) != CORNERS or area < LEAST_SOLID * cv2.contourArea(rough.astype(np.float32)):
        return None
    size = np.array(mask.shape[::-1], np.float64)
    if (rough < CLEAR * size).any() or (rough > (1 - CLEAR) * size - 1).any():
        return None
    corners = _crossed(_in_order(rough), outline.reshape(-1, 2).astype(np.float32))
    return None if corners is None or not (corners > -1).all() or not (corners < size).all() else corners


def _in_order(corners: Array) -> Array:
    """Return corners clockwise from the upper left."""
    around = corners - corners.mean(axis=0)
    ordered = corners[np.argsort(np.arctan2(around[:, 1], around[:, 0]))]
    return np.roll(ordered, -int(ordered.sum(axis=1).argmin()), axis=0)


def _crossed(rough: Array, outline: Floats) -> Array | None:
    """Return where the lines through the points of each side cross, to a fraction of a pixel."""
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        along = (end - start) / np.linalg.norm(end - start)
        place = (outline - start) @ along / np.linalg.norm(end - start)
        off = np.abs((outline - start) @ np.array([-along[1], along[0]]))
        side = outline[(place > ENDS) & (place < 1 - ENDS) & (off < NEAR)]
        if len(side) < LEAST_POINTS:
            return None
        x, y, left, top = cv2.fitLine(side, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().astype(np.float64)
        lines.append(np.array([-y, x, y * left - x * top]))  # normal, and what it leaves
    crossings = [np.cross(before, after) for before, after in zip([lines[-1], *lines], lines, strict=False)]
    if any(abs(crossing[2]) < 1e-9 for crossing in crossings):
        return None
    return np.array([crossing[:2] / crossing[2] for crossing in crossings])
