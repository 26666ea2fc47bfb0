"""Lay one reduced picture onto the other: the shared area of both, on one small grid."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels

SIDE = 192  # grid cells along the longer side of the shared area, at most
LEAST = 12  # grid cells along either side
BLUR = 1.0  # cells: evens out what recompression, noise and sharpening did to single pixels
SAME_FRAME = 0.8  # share of both pictures that the other one shows: whole frames, in which things may differ
MARGIN = 2  # cells at the border of the shared area that are left out

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

Corners = list[tuple[float, float]]

UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)


class Aligned(NamedTuple):
    """The shared area of two pictures, cell by cell."""

    a: Floats  # (h, w, 3), RGB from 0 to 1; (h, w) of grey pictures
    b: Floats  # the same places of the other picture
    sharp_a: Floats  # A before it was blurred
    sharp_b: Floats
    inside: Mask  # (h, w), where both pictures are
    covered_a: float  # share of A's area that B shows
    covered_b: float


def project(matrix: Array, points: Array) -> Array:
    """Map points, (n, 2), by a homography."""
    homogeneous = points @ matrix[:, :2].T + matrix[:, 2]
    projected: Array = homogeneous[:, :2] / homogeneous[:, 2:]
    return projected


def is_sound(matrix: Array) -> bool:
    """Tell whether a homography keeps all of the unit square on this side of the horizon."""
    depth = UNIT @ matrix[2, :2] + matrix[2, 2]
    return bool(np.isfinite(matrix).all() and depth.min() > 0.25 * depth.max() > 0)


def overlap(matrix: Array) -> Array:
    """Return the part of the unit square that a homography maps another one onto, as a polygon (n, 2).

    Sutherland and Hodgman's clipping: OpenCV's own loses polygons that nearly coincide.
    """
    polygon: Corners = [(float(x), float(y)) for x, y in project(matrix, UNIT)]
    for axis in (0, 1):
        for sign, bound in ((1.0, 0.0), (-1.0, -1.0)):
            polygon = _clipped(polygon, [sign * corner[axis] - bound for corner in polygon])
    return np.array(polygon, np.float64).reshape(-1, 2)


def _clipped(polygon: Corners, depths: list[float]) -> Corners:
    """Return the part of a polygon where the depth, one for each corner, is not negative."""
    corners: Corners = []
    following, beyonds = polygon[1:] + polygon[:1], depths[1:] + depths[:1]
    for point, inside, after, beyond in zip(polygon, depths, following, beyonds, strict=True):
        if inside >= 0:
            corners.append(point)
        if (inside >= 0) != (beyond >= 0):
            share = inside / (inside - beyond)
            x, y = point
            corners.append((x + (after[0] - x) * share, y + (after[1] - y) * share))
    return corners


def align(a: Pixels, b: Pixels, matrix: Array, side: int = SIDE) -> Aligned | None:
    """Lay picture B onto picture A, on a grid of so many cells a side; both in colour, or both grey.

    `matrix` maps the unit square of B to that of A. Returns None if they share too little to look at.
    """
    inverse = np.asarray(np.linalg.inv(matrix), np.float64)
    shared_a, shared_b = overlap(matrix), overlap(inverse)
    if len(shared_a) < 3 or len(shared_b) < 3:
        return None
    covered_a, covered_b = area(shared_a), area(shared_b)
    low, high = shared_a.min(axis=0), shared_a.max(axis=0)
    size_a = np.array(a.shape[1::-1], np.float64)
    pixels_a = covered_a * size_a.prod()
    pixels_b = covered_b * b.shape[0] * b.shape[1]
    extent = (high - low) * size_a
    factor = min(1.0, side / extent.max(), np.sqrt(pixels_b / pixels_a))
    width, height = (max(1, round(side)) for side in extent * factor)
    if min(width, height) < LEAST:
        return None
    # From the middle of a cell to the unit square of A.
    to_a = np.array(
        [
            [(high[0] - low[0]) / width, 0, low[0] + (high[0] - low[0]) / (2 * width)],
            [0, (high[1] - low[1]) / height, low[1] + (high[1] - low[1]) / (2 * height)],
            [0, 0, 1],
        ]
    )
    to_b = inverse @ to_a
    grid_a = _sampled(a, to_a, factor, (width, height))
    grid_b = _sampled(b, to_b, factor * np.sqrt(pixels_a / pixels_b), (width, height))
    inside = _inner(_inside(to_b, (width, height)))
    return Aligned(_blurred(grid_a), _blurred(grid_b), grid_a, grid_b, inside, covered_a, covered_b)


def are_apart(aligned: Aligned) -> bool:
    """Tell whether two pictures are no two frames of one thing: each shows much that the other does not."""
    return min(aligned.covered_a, aligned.covered_b) <= SAME_FRAME


def area(polygon: Array) -> float:
    """Return the area of a polygon, (n, 2)."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def _sampled(pixels: Pixels, matrix: Array, factor: float, size: tuple[int, int]) -> Floats:
    """Sample a picture, at a resolution about that of the grid. `matrix` maps cells to its unit square."""
    height, width = pixels.shape[:2]
    small = pixels
    if factor < 0.8:
        small_size = (max(1, round(width * factor)), max(1, round(height * factor)))
        small = np.asarray(cv2.resize(pixels, small_size, interpolation=cv2.INTER_AREA), np.uint8)
    side = np.array([small.shape[1], small.shape[0]], np.float64)
    to_pixels = np.array([[side[0], 0, -0.5], [0, side[1], -0.5], [0, 0, 1]]) @ matrix
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    grid = cv2.warpPerspective(small, to_pixels, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    values: Floats = np.asarray(grid, np.float32) / np.float32(255)
    return values


def _inside(matrix: Array, size: tuple[int, int]) -> Mask:
    """Return which cells a matrix maps into the unit square."""
    x, y = np.arange(size[0], dtype=np.float64), np.arange(size[1], dtype=np.float64)[:, None]
    across, down, depth = (row[0] * x + (row[1] * y + row[2]) for row in matrix)
    inside: Mask = (across >= 0) & (across <= depth) & (down >= 0) & (down <= depth)
    return inside


def _inner(inside: Mask) -> Mask:
    """Return the cells that are not at the margin."""
    return cv2.erode(inside.view(np.uint8), np.ones((2 * MARGIN + 1,) * 2, np.uint8), borderValue=0) > 0


def _blurred(grid: Floats) -> Floats:
    return cv2.GaussianBlur(grid, (0, 0), BLUR).astype(np.float32)
