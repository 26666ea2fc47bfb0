"""Smooth bends beside any homography: of paper, of lenses, of programs that tilt pictures by other maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median, medians, quantile
from visualsearch_cli.verdicts.opencv.alignment import Array
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import (
    Floats,
    Inside,
    LaidOut,
    cut_rows,
    longest_runs_of,
)
from visualsearch_cli.verdicts.opencv.full_size.registration.sampling import within
from visualsearch_cli.verdicts.opencv.full_size.registration.tile_shifts import MOST_TILES, tile_shifts

BENDS = 3
WORTH_BENDING = 0.7  # times that, to which it must bring them
POWERS = tuple((i, j) for i in range(4) for j in range(4 - i))  # of x and y, in a bend

Between = Callable[[Floats, Floats], tuple[Array, Array, Array]]
"""From places of pixels, x and y, to homogeneous coordinates of those of another picture, of one shape."""


def unbend(
    coarse: Pixels, source: Pixels, between: Between, laid: Pixels, slack: float
) -> tuple[Inside | None, float]:
    """Take back, in a picture that was warped to be laid out, what the map `between` both does not explain,
    if that is smooth: paper bends, and programs tilt pictures by other maps. `slack` is what tiles lie off
    without that.

    Returns where both pictures are then, if anything was taken back, and what tiles still lie off.
    """
    inside = None
    width = coarse.shape[1]
    bend = np.zeros((2, len(POWERS)))
    for _ in range(BENDS):
        told = _bend(coarse, laid)
        if told is None:
            break
        found, left = told
        if left > WORTH_BENDING * slack:
            break
        bend, slack = bend + found, left
        inside = Inside(np.concatenate(list(_sample(coarse, source, between, laid, bend))), width)
    return inside, slack


def sample(coarse: Pixels, source: Pixels, between: Between) -> tuple[Pixels, Inside]:
    """Return for each pixel of a picture what lies there in another one, and where both are."""
    laid = np.empty_like(coarse)
    runs = list(_sample(coarse, source, between, laid, np.zeros((2, len(POWERS)))))
    return laid, Inside(np.concatenate(runs), coarse.shape[1])


def _sample(
    coarse: Pixels, source: Pixels, between: Between, laid: Pixels, bend: Array
) -> Iterator[npt.NDArray[np.int32]]:
    """Fill `laid` with what lies there in the source, bent, and yield from where to where both pictures are
    in some rows: in place, since another copy would lie beside it."""
    height, width = coarse.shape[:2]
    for part in cut_rows(height, width):
        rows, columns = np.mgrid[part, 0:width].astype(np.float32)
        x, y = (place + move for place, move in zip((columns, rows), _moves(bend, part, coarse), strict=True))
        across, down, depth = between(x, y)
        yield longest_runs_of(within(across, down, depth, source))
        there = [(value / depth).astype(np.float32) for value in (across, down)]
        laid[part] = cv2.remap(source, there[0], there[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _moves(bend: Array, rows: slice, coarse: Pixels) -> Iterator[Floats]:
    """Yield by how many pixels a bend, (2, n), moves some rows of a picture, across and down: (rows, w)."""
    from numpy.polynomial.polynomial import polygrid2d  # late: few pictures are bent

    height, width = coarse.shape[:2]
    x, y = 2 * np.arange(width) / width - 1, 2 * np.arange(rows.start, rows.stop) / height - 1
    for coefficients in bend:
        table = np.zeros((4, 4))  # by the power of y, and of x
        table[tuple(zip(*((j, i) for i, j in POWERS), strict=True))] = coefficients
        yield polygrid2d(y, x, table).astype(np.float32)


def bend_of(laid: LaidOut, places: Sequence[tuple[float, float]]) -> Array:
    """Return by how many pixels, (n, 2), places (x, y) of two laid-out pictures lie off by a smooth bend that
    most tiles tell; nothing if there are too few."""
    told = _bend(laid.coarse, laid.fine)
    if told is None:
        return np.zeros((len(places), 2))
    size = np.array(laid.inside.shape[::-1], np.float64)
    return np.asarray(_powers(2 * np.array(places) / size - 1) @ told[0].T)


def _bend(coarse: Pixels, laid: Pixels) -> tuple[Array, float] | None:
    """Return the coefficients, (2, n), of the smooth field by which tiles of a laid-out picture lie off, and
    the distance within which most are left; None if too few tell."""
    centers, shifts = tile_shifts(coarse, laid, np.eye(3))
    if len(centers) < 2 * len(POWERS):
        return None
    size = np.array(coarse.shape[1::-1], np.float64)
    return _polynomial(2 * centers / size - 1, shifts)


def _polynomial(places: Array, shifts: Array) -> tuple[Array, float]:
    """Return the coefficients, (2, n), of the smooth field nearest to shifts at places between -1 and 1, and
    the distance within which most are left."""
    basis = _powers(places)
    off = np.linalg.norm(shifts - medians(shifts), axis=1)
    solution = np.zeros((basis.shape[1], 2))
    for _ in range(8):
        weights = 1 / (1 + np.square(off / max(0.15, 2 * median(off))))
        solution = np.linalg.lstsq(basis * weights[:, None], shifts * weights[:, None], rcond=1e-6)[0]
        off = np.linalg.norm(shifts - basis @ solution, axis=1)
    return solution.T, quantile(off, MOST_TILES)


def _powers(places: Array) -> Array:
    x, y = places.T
    return np.stack([x**i * y**j for i, j in POWERS], axis=1)
