"""Smooth bends beside any homography: of paper, of lenses, of programs that tilt pictures by other maps."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median, medians, quantile
from visualsearch_cli.verdicts.opencv.alignment import Array
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import (
    Floats,
    Inside,
    LaidOut,
    cut_rows,
    runs_of,
)
from visualsearch_cli.verdicts.opencv.full_size.registration.sampling import within
from visualsearch_cli.verdicts.opencv.full_size.registration.tile_shifts import MOST_TILES, tile_shifts

BENDS = 3
WORTH_BENDING = 0.7  # times that, to which it must bring them
POWERS = tuple((i, j) for i in range(4) for j in range(4 - i))  # of x and y, in a bend
NODES = 17  # of a side, between which a bend is drawn out


class Drawn:
    """A field of a few nodes (n, n) or (n, n, k), drawn out to a picture of some size, a few rows at a time.

    That is the same if it is done down first, and then across some rows: a whole field of 50 megapixels would
    take 200 MB.
    """

    def __init__(self, nodes: Floats, size: tuple[int, int]) -> None:
        height, self._width = size
        self._down = self._resized(nodes, (nodes.shape[1], height))

    def __getitem__(self, rows: slice) -> Floats:
        """Return some rows of the field, (rows, w) or (rows, w, k)."""
        some = self._down[rows]
        return self._resized(some, (self._width, len(some)))

    @staticmethod
    def _resized(nodes: Floats, size: tuple[int, int]) -> Floats:
        drawn = np.asarray(cv2.resize(nodes, size, interpolation=cv2.INTER_CUBIC), np.float32)
        return drawn.reshape(*drawn.shape[:2], *nodes.shape[2:])


def unbend(
    coarse: Pixels, source: Pixels, between: Array, laid: Pixels, slack: float
) -> tuple[Inside | None, float]:
    """Take back, in a picture that was warped to be laid out, what no homography explains, if that is smooth:
    paper bends, and programs tilt pictures by other maps. `slack` is what tiles lie off without that.

    Returns where both pictures are then, if anything was taken back, and what tiles still lie off.
    """
    inside = None
    height, width = coarse.shape[:2]
    bend = np.zeros((2, len(POWERS)))
    nodes = np.stack(np.meshgrid(np.linspace(-1, 1, NODES), np.linspace(-1, 1, NODES)), axis=-1)
    for _ in range(BENDS):
        told = _bend(coarse, laid)
        if told is None:
            break
        found, left = told
        if left > WORTH_BENDING * slack:
            break
        bend, slack = bend + found, left
        field = _powers(nodes.reshape(-1, 2)) @ bend.T
        moves = [Drawn(part.reshape(NODES, NODES).astype(np.float32), (height, width)) for part in field.T]
        runs = []
        for part in cut_rows(height, width):  # in place: another copy would lie beside it
            rows, columns = np.mgrid[part, 0:width].astype(np.float32)
            x, y = (place + move[part] for place, move in zip((columns, rows), moves, strict=True))
            across, down, depth = (row[0] * x + row[1] * y + row[2] for row in between)
            runs.append(runs_of(within(across, down, depth, source)))
            there = [(value / depth).astype(np.float32) for value in (across, down)]
            laid[part] = cv2.remap(
                source, there[0], there[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
            )
        inside = Inside(np.concatenate(runs), width)
    return inside, slack


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
