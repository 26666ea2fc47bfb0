"""How far tiles of two pictures lie off, each by itself, and the map that takes most of that back."""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median, medians, quantile
from visualsearch_cli.verdicts.opencv.alignment import Array, project
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import Floats
from visualsearch_cli.verdicts.opencv.full_size.registration.sampling import is_nearly, warp
from visualsearch_cli.verdicts.opencv.pixels import Grey, even_transform, grey

TILE = 96  # pixels of a side, that are laid onto each other by themselves
LEAST_TILE = 32
TILES = 8  # along either side, at most
LEAST_TEXTURE = 3.0  # levels, of 255: standard deviation of a tile that tells where it lies
LEAST_RESPONSE = 0.12  # of the phase correlation
MOST_SHIFT = 0.25  # of a tile, that it may lie off
ONE_WAY = 0.03  # of the energy of slopes along the one axis, up to which a tile is bars along the other
LEAST_CROSSED = 8  # tiles that are more than bars, for which the others are left out
MOST_TILES = 0.75  # share
TERMS = (2, 6, 8)  # of a translation, an affine map, a homography
NEARLY = 1.25  # times the least distance, and
WORTH = 0.03  # pixels more, for which a simpler map is taken
ROUNDS = 4  # of corrections at one size


def corrected(a: Grey, b: Grey, matrix: Array) -> tuple[Array, float]:
    """Return a map from pixels of A to those of B made better by tiles, and how far these lie off still."""
    slack = 0.0
    for _ in range(ROUNDS):
        centers, shifts = tile_shifts(a, b, matrix)
        if len(centers) < 2 * TERMS[0]:
            return matrix, slack
        correction = _fitted(centers, shifts, np.array(a.shape[::-1], np.float64))
        left = shifts - (project(correction, centers) - centers)
        slack = quantile(np.linalg.norm(left, axis=1), MOST_TILES)
        if is_nearly(correction, np.eye(3), a):
            return matrix, slack
        matrix = matrix @ correction
    return matrix, slack


def tile_shifts(a: Pixels | Grey, b: Pixels | Grey, matrix: Array) -> tuple[Array, Array]:
    """Return the centres of tiles of A that tell where they lie, and how far they lie off, (n, 2) each."""
    height, width = a.shape[:2]
    tile = even_transform(max(LEAST_TILE, min(TILE, min(height, width) // 4)))
    if tile > min(height, width):
        return np.empty((0, 2)), np.empty((0, 2))
    window = cv2.createHanningWindow((tile, tile), cv2.CV_32F)
    centers, shifts, crossed = [], [], []
    for top in _starts(height, tile):
        for left in _starts(width, tile):
            part = _centered(_as_grey(a[top : top + tile, left : left + tile]))
            if part is None:
                continue
            there = matrix @ np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], np.float64)
            other = _centered(_as_grey(warp(b, there, (tile, tile))))
            if other is None:
                continue
            (x, y), response = cv2.phaseCorrelate(part, other, window)
            if response >= LEAST_RESPONSE and max(abs(x), abs(y)) <= MOST_SHIFT * tile:
                centers.append((left + tile / 2 - 0.5, top + tile / 2 - 0.5))
                shifts.append((x, y))
                crossed.append(_is_crossed(part))
    found = np.array(centers, np.float64).reshape(-1, 2), np.array(shifts, np.float64).reshape(-1, 2)
    chosen = np.array(crossed, np.bool_)
    if np.count_nonzero(chosen) < LEAST_CROSSED:
        return found
    return found[0][chosen], found[1][chosen]


def _as_grey(tile: Pixels | Grey) -> Grey:
    """Return the luma of a tile, of which there may be nothing else: that of all of a large picture would lie
    beside it."""
    return grey(np.ascontiguousarray(tile)) if tile.ndim == 3 else tile


def _is_crossed(tile: Floats) -> bool:
    """Tell whether a tile rises along both axes: bars and ruled lines do not tell how far they lie along
    themselves."""
    across, down = (float(np.square(np.diff(tile, axis=axis)).mean()) for axis in (1, 0))
    return min(across, down) >= ONE_WAY * max(across, down)


def _centered(tile: Grey | Pixels) -> Floats | None:
    """Return a tile around its mean; None if there is too little in it."""
    mean, deviation = cv2.meanStdDev(tile)
    return None if deviation[0, 0] < LEAST_TEXTURE else tile.astype(np.float32) - np.float32(mean[0, 0])


def _starts(side: int, tile: int) -> list[int]:
    count = min(TILES, max(1, 2 * side // tile - 1))
    return [round(start) for start in np.linspace(0, side - tile, count)]


def _fitted(centers: Array, shifts: Array, size: Array) -> Array:
    """Return the map that moves pixels as most tiles lie off.

    Of a translation, an affine map and a homography, the simplest that fits about as well as the best one.
    """
    fits = [_solved(centers, shifts, size, terms) for terms in TERMS if len(centers) >= 2 * terms]
    best = min(left for _, left, _ in fits)
    return next(matrix for matrix, left, _ in fits if left <= NEARLY * best + WORTH)


def _solved(centers: Array, shifts: Array, size: Array, terms: int) -> tuple[Array, float, Array]:
    """Return the map of so many terms that fits best by reweighted least squares, the distance within which
    most tiles are left, and that of each tile.

    To first order, a homography near the identity moves (x, y) by an affine map of them, and by both times a
    linear one: so all terms are linear. Weights begin around the median shift, and fall with the square of
    the distance: what has moved by itself does not bend the map.
    """
    x, y = (2 * centers / size - 1).T
    nothing, one = np.zeros_like(x), np.ones_like(x)
    across = np.stack([one, nothing, x, y, nothing, nothing, x * x, x * y], axis=1)[:, :terms]
    down = np.stack([nothing, one, nothing, nothing, x, y, x * y, y * y], axis=1)[:, :terms]
    # In halves of a side along each axis, so that the last two terms are the same for both.
    half = size / 2
    rows, wanted = np.concatenate([across * half[0], down * half[1]]), shifts.T.reshape(-1)
    off = np.hypot(*(shifts - medians(shifts)).T)
    solution = np.zeros(terms)
    for _ in range(8):
        spread = max(0.15, 2 * median(off))
        weights = np.tile(1 / (1 + np.square(off / spread)), 2)
        solution = np.linalg.lstsq(rows * weights[:, None], wanted * weights, rcond=1e-6)[0]
        off = np.hypot(*(wanted - rows @ solution).reshape(2, -1))
    a, b, xx, xy, yx, yy, g, h = np.pad(solution, (0, 8 - terms))
    to_unit = np.array([[1 / half[0], 0, -1], [0, 1 / half[1], -1], [0, 0, 1]])
    unit = np.array([[1 + xx, xy, a], [yx, 1 + yy, b], [-g, -h, 1]])
    return np.linalg.inv(to_unit) @ unit @ to_unit, quantile(off, MOST_TILES), off
