"""What lies around what another picture shows of this one: a border, a page, plain corners, a picture?"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median, medians
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.alignment import Array, overlap, project
from visualsearch_cli.verdicts.opencv.pixels import Floats

PLAIN_COLORS = 2  # that a border, or the ground of a page, has
EVEN = 0.02  # of the width, by which the margins at both sides of a border differ
RIM, GOES_ON = 2, 0.5  # pixels inside the edge of a picture; share of them in the colors around it
NEAR_COLOR = 10  # levels, of each channel
LEANING, PLAIN_CORNERS = 0.7, 0.8  # degrees; share of the corners
SEAM = (3, 6)  # pixels: of a step that is looked at, and beside the edge of a box
PASTED, ANY_SEAM = (
    2.0,
    1.25,
)  # times the step beside an edge, that one at the edge is: at most sides, and at all
LEAST_CELLS = 12  # pixels, to tell colors of


def bordered(pixels: Pixels, box: Box) -> float:
    """Return how much of what lies outside a box has one of two colors, 0 to 1.

    0 if nothing lies there, or if it goes on inside and is wider at one side.
    """
    height, width = pixels.shape[:2]
    step = max(1, min(height, width) // 192)
    outside = np.ones(((height + step - 1) // step, (width + step - 1) // step), np.bool_)
    left, top, right, bottom = (-(-side // step) for side in box)
    outside[top:bottom, left:right] = False
    ring = pixels[::step, ::step][outside].astype(np.int64)
    if len(ring) < LEAST_CELLS:
        return 0.0
    share, colors = _in_two_colors(ring)
    inner = np.zeros_like(outside)
    inner[top:bottom, left:right] = True
    inner[top + RIM : bottom - RIM, left + RIM : right - RIM] = False
    rim = pixels[::step, ::step][inner].astype(np.int64)
    goes_on = np.zeros(len(rim), np.bool_)
    for color in colors:
        goes_on |= (np.abs(rim - color) <= NEAR_COLOR).all(axis=1)
    uneven = abs(left - (outside.shape[1] - right)) > max(1, EVEN * outside.shape[1])
    if uneven and len(rim) and goes_on.mean() > GOES_ON:
        return 0.0  # it was cut out of its ground
    return share


def _in_two_colors(ring: npt.NDArray[np.int64]) -> tuple[float, list[Floats]]:
    """Return the share of some pixels, (n, 3), that has one of two colors, and these colors."""
    left_over = np.ones(len(ring), np.bool_)
    colors: list[Floats] = []
    for _ in range(PLAIN_COLORS):
        if not left_over.any():
            break
        rest = ring[left_over]
        codes = rest // 16 @ np.array([256, 16, 1])
        color = medians(rest[codes == np.bincount(codes).argmax()]).astype(np.float32)
        left_over &= (np.abs(ring - color) > NEAR_COLOR).any(axis=1)
        colors.append(color)
    return float(1 - left_over.mean()), colors


def leans_within(to_this: Array, pixels: Pixels, other: Pixels) -> bool:
    """Tell whether a picture leans in this one, and what is left at the corners has one of two colors."""
    size = np.array(pixels.shape[1::-1], np.float64)
    middle, across = project(to_this, np.array([[0.5, 0.5], [0.5 + 1 / other.shape[1], 0.5]])) * size
    angle = math.degrees(math.atan2(across[1] - middle[1], across[0] - middle[0]))
    if abs((angle + 45) % 90 - 45) < LEANING:
        return False
    polygon = overlap(to_this) * size
    inside = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, polygon.round().astype(np.int32), (1,))
    inside = np.asarray(cv2.dilate(inside, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)), np.uint8)
    ring = pixels[inside == 0].astype(np.int64)
    return len(ring) >= LEAST_CELLS and _in_two_colors(ring)[0] >= PLAIN_CORNERS


def is_pasted(pixels: Pixels, box: Box) -> bool:
    """Tell whether a picture changes at every edge of a box more than it does beside it."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    beside = SEAM[-1]
    upright = pixels[:, left:right], pixels[top:bottom].transpose(1, 0, 2)  # edges run along the rows
    sides = [
        (upright[0], top, False, height),
        (upright[0], bottom, True, height),
        (upright[1], left, False, width),
        (upright[1], right, True, width),
    ]
    found = []
    for rows, edge, ends, count in sides:
        if min(edge, count - edge) < beside:
            continue  # the edge of the whole picture
        seam = np.ascontiguousarray(rows[edge - beside : edge + beside])
        lines = cv2.cvtColor(seam, cv2.COLOR_RGB2GRAY).astype(np.float32)
        # A step of the same length at the edge, and on both sides of it.
        across, outside, inside = (
            float(np.abs(lines[first] - lines[first + SEAM[0]]).mean())
            for first in ((beside - 2, beside + 2, 0) if ends else (beside - 2, 0, beside + 2))
        )
        found.append(across / (max(outside, inside) + 1))
    return bool(found) and median(np.array(found)) > PASTED and min(found) > ANY_SEAM
