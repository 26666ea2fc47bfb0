"""Light that falls unevenly: a page on a table, under a lamp, is brighter on one side."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut, cut_rows
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, gaussian
from visualsearch_cli.verdicts.opencv.pixels import slope

CELLS = 16  # of the longer side, in which light is measured
SMOOTH = 1.0  # pixels: evens out noise
STILL = 3.0  # levels by pixel: what is flatter tells its light
DARKEST = 40.0  # levels: what is darker tells little
LEAST_PIXELS = 12  # of a cell, at a quarter of the resolution
LEAST_CELLS = 12
NODES = 33  # of a side, between which a field is drawn out
POWERS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))  # of x and y
LEAST_RANGE = 0.06  # natural logarithm of the gain, from place to place: less is none
EXPLAINED = 0.6  # share of what differs from cell to cell that a smooth field must explain


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """How much lighter the coarser picture is, from place to place: a gain, as a smooth field."""

    coefficients: npt.NDArray[np.float64]  # of POWERS, for places between -1 and 1: of the logarithm
    range: float  # of the logarithm, over the whole picture

    def on(self, laid: LaidOut) -> Relight:
        """Return what gives the finer picture this light."""
        x, y = np.meshgrid(np.linspace(-1, 1, NODES), np.linspace(-1, 1, NODES))
        nodes = np.exp(_basis(x.ravel(), y.ravel()) @ self.coefficients).reshape(NODES, NODES, 1)
        return Relight(laid, nodes.astype(np.float32))


def light_of(laid: LaidOut) -> Light | None:
    """Return the light, if any falls unevenly on one of two laid-out pictures."""
    height, width = laid.inside.shape
    size = (max(8, width // 4), max(8, height // 4))
    coarse, other = (
        cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        for pixels in (laid.coarse, laid.fine)
    )
    inside = laid.inside.reduced(size)
    target, source = (np.asarray(plane, np.float32) for plane in (coarse, other))
    still = inside.copy()
    for plane in (target, source):
        still &= (plane > DARKEST) & (slope(gaussian(plane, SMOOTH)) < STILL)
    ratios = np.log(np.maximum(target, 1) / np.maximum(source, 1))
    side = max(4, -(-max(size) // CELLS))
    places, values = [], []
    for top in range(0, size[1], side):
        for left in range(0, size[0], side):
            cell = np.s_[top : top + side, left : left + side]
            chosen = still[cell]
            if np.count_nonzero(chosen) >= LEAST_PIXELS:
                values.append(median(ratios[cell][chosen]))
                places.append(((left + side / 2) / size[0] * 2 - 1, (top + side / 2) / size[1] * 2 - 1))
    if len(values) < LEAST_CELLS:
        return None
    basis, wanted = _basis(*np.array(places).T), np.array(values)
    weights = np.ones(len(wanted))
    for _ in range(6):
        solved = np.linalg.lstsq(basis * weights[:, None], wanted * weights, rcond=1e-6)[0]
        found = np.asarray(solved, np.float64)
        off = np.abs(wanted - basis @ found)
        weights = 1 / (1 + np.square(off / max(0.01, 2 * median(off))))
    total, left_over = (
        float((weights * np.square(values)).sum())
        for values in (wanted - np.average(wanted, weights=weights), wanted - basis @ found)
    )
    x, y = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9))
    field = _basis(x.ravel(), y.ravel()) @ found
    light = Light(found, float(np.ptp(field)))
    return light if light.range >= LEAST_RANGE and left_over <= (1 - EXPLAINED) * total else None


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


class Relight:
    """Gives the finer one of two laid-out pictures the light of the coarser one, some rows at a time."""

    def __init__(self, laid: LaidOut, gain: Floats, offset: Floats | None = None) -> None:
        """Take a gain and an offset in levels, as nodes (n, n, 1) or (n, n, 3)."""
        size = laid.inside.shape
        self._gain = Drawn(np.ascontiguousarray(gain), size)
        self._offset = None if offset is None else Drawn(np.ascontiguousarray(offset), size)

    def __call__(self, pixels: Pixels, rows: slice) -> Pixels:
        """Return some rows of the finer picture in that light, (rows, w, 3)."""
        shown = np.empty_like(pixels)
        for part in cut_rows(*pixels.shape[:2]):  # numbers for all of them would take 16 times as much
            there = slice(rows.start + part.start, rows.start + part.stop)
            lit = pixels[part] * self._gain[there]
            if self._offset is not None:
                lit += self._offset[there]
            shown[part] = np.clip(np.rint(lit), 0, 255)
        return shown

    def all_of(self, laid: LaidOut) -> LaidOut:
        """Return the pictures in one light. A finer one that lies in memory of its own is changed there: a
        second copy of 50 megapixels would take 150 MB."""
        fine = laid.fine if laid.copied else np.empty_like(laid.fine)
        for rows in cut_rows(*laid.inside.shape):
            fine[rows] = self(laid.fine[rows], rows)
        return laid._replace(fine=fine, copied=True)


def _basis(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.stack([x**i * y**j for i, j in POWERS], axis=1)
