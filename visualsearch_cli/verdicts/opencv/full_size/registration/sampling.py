"""Pixels of one picture on the grid of another one, by a map between them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.alignment import Array, Mask, project
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import (
    Floats,
    Inside,
    corners_of,
    cut_rows,
    runs_of,
)
from visualsearch_cli.verdicts.opencv.pixels import Grey

NEGLIGIBLE = 0.06  # pixels: a correction that is smaller everywhere is none
MARGIN = 2  # pixels at the border that are left out, where a warp has made them up
VIEWED = 4_000_000  # pixels of a picture of which a part is not copied


def is_nearly(a: Array, b: Array, pixels: Pixels, most: float = NEGLIGIBLE) -> bool:
    """Tell whether two maps take the corners of a picture to the same pixels."""
    if abs(np.linalg.det(b)) < 1e-6:
        return False
    corners = corners_of(pixels)
    return bool(np.abs(project(a, corners) - project(b, corners)).max() < most)


def warp(pixels: Pixels | Grey, matrix: Array, size: tuple[int, int]) -> Pixels:
    """Return for each pixel of a grid of (width, height) what lies there, by a map to pixels of a picture."""
    if np.array_equal(matrix, np.eye(3)) and size == pixels.shape[1::-1]:
        return pixels
    if pixels.size > 3 * VIEWED and np.array_equal(matrix[:, :2], np.eye(3)[:, :2]) and matrix[2, 2] == 1:
        left, top = matrix[:2, 2]
        if left.is_integer() and top.is_integer() and min(left, top) >= 0:
            part = pixels[int(top) : int(top) + size[1], int(left) : int(left) + size[0]]
            if part.shape[1::-1] == size:
                return part  # as it is: another copy of a large picture is not made
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(pixels, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def homogeneous(matrix: Array) -> Callable[[Floats | Array, Floats | Array], tuple[Array, Array, Array]]:
    """Return what maps places, x and y of one shape, by a homography, before depth is divided by."""

    def mapped(x: Floats | Array, y: Floats | Array) -> tuple[Array, Array, Array]:
        across, down, depth = (row[0] * x + row[1] * y + row[2] for row in matrix)
        return across, down, depth

    return mapped


def inside_of(matrix: Array, pixels: Pixels, grid: Pixels) -> Inside:
    """Return which pixels of a grid a map takes into a picture, but for those at the very border."""
    height, width = grid.shape[:2]
    parts = cut_rows(height, width)
    return Inside(np.concatenate([runs_of(inside_rows(matrix, pixels, grid, part)) for part in parts]), width)


def inside_rows(matrix: Array, pixels: Pixels, grid: Pixels | Grey, rows: slice) -> Mask:
    """Return the same of some rows."""
    if np.array_equal(matrix, np.eye(3)) and grid.shape[:2] == pixels.shape[:2]:
        return np.ones((rows.stop - rows.start, grid.shape[1]), np.bool_)
    x = np.arange(grid.shape[1], dtype=np.float64)
    y = np.arange(rows.start, rows.stop, dtype=np.float64)[:, None]
    across, down, depth = (row[0] * x + (row[1] * y + row[2]) for row in matrix)
    return within(across, down, depth, pixels)


def within(across: Array, down: Array, depth: Array, pixels: Pixels) -> Mask:
    """Return which places, in homogeneous coordinates (h, w), are in a picture, but for its very border."""
    high, wide = pixels.shape[:2]
    near = MARGIN - 0.5
    inside: Mask = (
        (across >= near * depth)
        & (across <= (wide - 1 - near) * depth)
        & (down >= near * depth)
        & (down <= (high - 1 - near) * depth)
    )
    return inside


def resized(pixels: Pixels, factor: float) -> Pixels:
    if factor >= 1:
        return pixels
    height, width = pixels.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def scaled(pixels: Pixels, smaller: Pixels | Grey) -> Array:
    """Return the map from pixels of a picture to those of a reduced one."""
    y, x = (small / large for small, large in zip(smaller.shape[:2], pixels.shape[:2], strict=True))
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], np.float64)
