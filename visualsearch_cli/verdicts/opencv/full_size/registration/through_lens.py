"""Lay two pictures onto each other of which a lens, or a program that corrects one, bent what one shows."""

from __future__ import annotations

import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median, quantile
from visualsearch_cli.verdicts.comparison import Lens
from visualsearch_cli.verdicts.opencv.alignment import Array
from visualsearch_cli.verdicts.opencv.full_size.registration.bends import Between, sample, unbend
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import Floats, LaidOut
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import ENLARGED
from visualsearch_cli.verdicts.opencv.full_size.registration.sampling import homogeneous, resized, scaled
from visualsearch_cli.verdicts.opencv.full_size.registration.tile_shifts import MOST_TILES, tile_shifts
from visualsearch_cli.verdicts.opencv.lenses import TO_UNIT, centered, grown, in_pixels, straight

LEAST_TILES = 12
MOST_SLACK = 0.6  # pixels that most tiles may still lie off: more is no lens
SAMPLES = 9  # of a side, at which the scale is told


def lay_through(
    coarse: Pixels, fine: Pixels, matrix: Array, lens: Lens, *, is_of_coarse: bool
) -> LaidOut | None:
    """Lay `fine` onto `coarse`, of which one shows what it does through a lens. None if they do not fit.

    `matrix` maps the unit square of the coarse one to that of the fine one, where both are without a lens.
    """
    between = _between(coarse, fine, matrix, lens, is_of_coarse=is_of_coarse)
    scale = _scale(between, coarse)
    source = resized(fine, 1 / scale) if scale > ENLARGED else fine
    if source is not fine:
        between = _between(coarse, source, matrix, lens, is_of_coarse=is_of_coarse)
    laid, inside = sample(coarse, source, between)
    centers, shifts = tile_shifts(coarse, laid, np.eye(3))
    if len(centers) < LEAST_TILES:
        return None
    slack = quantile(np.linalg.norm(shifts, axis=1), MOST_TILES)
    bent, slack = unbend(coarse, source, between, laid, slack)
    if slack > MOST_SLACK:
        return None
    to_fine = np.linalg.inv(scaled(fine, source)) @ _nearest(between, coarse)
    return LaidOut(coarse, laid, bent or inside, scale, to_fine, slack, warped=True, bent=True, copied=True)


def _between(coarse: Pixels, fine: Pixels, matrix: Array, lens: Lens, *, is_of_coarse: bool) -> Between:
    """Return the map from pixels of the coarser picture to those of the finer one."""
    (height, width), (high, wide) = coarse.shape[:2], fine.shape[:2]
    mapped = homogeneous(np.asarray(np.linalg.inv(TO_UNIT) @ matrix @ TO_UNIT, np.float64))

    def between(x: Floats, y: Floats) -> tuple[Array, Array, Array]:
        across, down = centered(x.astype(np.float64), width), centered(y.astype(np.float64), height)
        if is_of_coarse:
            across, down = straight(lens, across, down)
        across, down, depth = mapped(across, down)
        across, down = across / depth, down / depth
        if not is_of_coarse:
            factor = grown(lens, across, down)
            across, down = across * factor, down * factor
        return in_pixels(across, wide), in_pixels(down, high), np.ones_like(depth)

    return between


def _places(coarse: Pixels) -> tuple[Floats, Floats]:
    """Return some places of pixels, evenly spread, x and y of one shape."""
    height, width = coarse.shape[:2]
    x, y = np.meshgrid(np.linspace(0, width - 1, SAMPLES), np.linspace(0, height - 1, SAMPLES))
    return x.astype(np.float32), y.astype(np.float32)


def _scale(between: Between, coarse: Pixels) -> float:
    """Return how many pixels one pixel becomes, along a side: at most places about that."""
    x, y = _places(coarse)
    (left, top, _), (right, upper, _), (lower, bottom, _) = (
        between(x + np.float32(across), y + np.float32(down)) for across, down in ((0, 0), (1, 0), (0, 1))
    )
    areas = np.abs((right - left) * (bottom - top) - (upper - top) * (lower - left))
    return float(np.sqrt(max(1e-9, median(areas.reshape(-1)))))


def _nearest(between: Between, coarse: Pixels) -> Array:
    """Return the affine map that is nearest to another one, by which places are named."""
    x, y = (side.reshape(-1) for side in _places(coarse))
    across, down, _ = between(x, y)
    basis = np.stack([x, y, np.ones_like(x)], axis=1).astype(np.float64)
    rows = np.linalg.lstsq(basis, np.stack([across, down], axis=1), rcond=None)[0].T
    return np.vstack([rows, [0.0, 0.0, 1.0]])
