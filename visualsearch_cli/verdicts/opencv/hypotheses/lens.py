"""A lens between two pictures: what both show lies off along the radius, which no homography explains.

Programs correct lenses, and draw fish eyes. A camera that moved shifts what is near, so nothing of it lies
off along the radius alone: features of a scene do not agree with any lens better than with none.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.quality.ranks import quantile
from visualsearch_cli.verdicts.comparison import Lens
from visualsearch_cli.verdicts.opencv.hypotheses.homography import TOLERANCE, spots
from visualsearch_cli.verdicts.opencv.lenses import grown, is_sound

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LEAST_INLIERS = 24
WORTH = 0.6  # times the distance within which most matches lie, to which a lens must bring it
MOST = 0.75  # share of them
LEAST_BENT = 0.02  # of the distance from the middle, by which a lens moves a corner beside the middle
FIRST = 6.0  # times the tolerance, within which features agree with an affine map if a lens bends them
REACHES = (3.0, 2.0, 1.0, 0.75, 0.5, 0.5)  # times the tolerance, of the rounds that follow
HOMOGRAPHY, ALL = 8, 11  # parameters: those of a homography beside the identity, and three of a lens
SMALL = 1e-6  # step of a parameter, of which the effect is measured
DAMPING = 1e-4
LEAST_SPREAD = 0.05  # of half a side: deviation of matches along the axis where they are least apart
FLAT = 1e-6  # determinant of a map that takes everything to one line


class LensFit(NamedTuple):
    """A lens, and a map, that many matches agree with."""

    matrix: Array  # (3, 3), from the unit square of B to that of A, the lens taken off
    lens: Lens
    is_of_a: bool  # the lens moved what A shows, else what B does
    inliers: int  # different spots of A that agree


def fit_lens(
    points_a: Floats, points_b: Floats, size_a: tuple[int, int], size_b: tuple[int, int]
) -> LensFit | None:
    """Return the lens and the map that matches agree with, if they do so much better than with a homography.

    Points are (m, 2) in unit squares, sizes (width, height).
    """
    if len(points_a) < LEAST_INLIERS:
        return None
    fits = [_fit(points_a, points_b, size_b), _fit(points_b, points_a, size_a)]
    off = [np.inf if fit is None else fit.off for fit in fits]
    is_of_a = off[1] < off[0]
    fit = fits[is_of_a]
    if fit is None:
        return None
    inliers = spots((points_a * np.array(size_a, np.float32))[fit.agree])
    if inliers < LEAST_INLIERS:
        return None
    matrix = fit.matrix if is_of_a else np.asarray(np.linalg.inv(fit.matrix), np.float64)
    return LensFit(matrix / matrix[2, 2], fit.lens, is_of_a, inliers)


class _Fit(NamedTuple):
    matrix: Array  # from the unit square of the one without a lens to that of the other one
    lens: Lens
    agree: Mask  # (m,)
    off: float  # pixels, within which most matches lie


def _fit(straight: Floats, shown: Floats, size: tuple[int, int]) -> _Fit | None:
    """Fit a lens that moved the points `shown`, in a picture of (width, height)."""
    places, seen = (2 * points.astype(np.float64) - 1 for points in (straight, shown))
    half = np.array(size, np.float64) / 2
    affine, _ = cv2.estimateAffine2D(
        places * half, seen * half, method=cv2.RANSAC, ransacReprojThreshold=FIRST * TOLERANCE
    )
    if affine is None:
        return None
    start = np.diag([*(1 / half), 1]) @ np.vstack([affine, [0, 0, 1]]) @ np.diag([*half, 1])
    parameters = np.append((start - np.eye(3)).reshape(-1)[:HOMOGRAPHY], np.zeros(ALL - HOMOGRAPHY))
    agree = _off(parameters, places, seen, half) < FIRST * TOLERANCE
    for reach in REACHES:
        if np.count_nonzero(agree) < LEAST_INLIERS:
            return None
        parameters = _better(parameters, places[agree], seen[agree], half, ALL)
        agree = _off(parameters, places, seen, half) < reach * TOLERANCE
    lens = Lens(*(float(value) for value in parameters[HOMOGRAPHY:]))
    if np.count_nonzero(agree) < LEAST_INLIERS or not _is_bent(lens) or not is_sound(lens):
        return None
    matches = places[agree], seen[agree], half
    flat = np.append(parameters[:HOMOGRAPHY], np.zeros(ALL - HOMOGRAPHY))
    without = quantile(_off(_better(flat, *matches, HOMOGRAPHY), *matches), MOST)
    with_lens = quantile(_off(parameters, *matches), MOST)
    if with_lens > WORTH * without:
        return None
    to_unit = np.array([[0.5, 0, 0.5], [0, 0.5, 0.5], [0, 0, 1]])  # from -1 to 1
    matrix = np.asarray(to_unit @ _homography(parameters) @ np.linalg.inv(to_unit), np.float64)
    is_flat = abs(float(np.linalg.det(matrix))) < FLAT
    return None if is_flat or not _are_spread(places[agree]) else _Fit(matrix, lens, agree, with_lens)


def _are_spread(places: Array) -> bool:
    """Tell whether places, (n, 2), are on more than one line, along which any lens may seem to lie."""
    centered = places - places.mean(axis=0)
    return bool(np.linalg.svd(centered, compute_uv=False)[-1] >= LEAST_SPREAD * np.sqrt(len(places)))


def _is_bent(lens: Lens) -> bool:
    corner = np.ones(1)
    return abs(float(grown(lens, corner, corner)[0]) - 1) >= LEAST_BENT


def _homography(parameters: Array) -> Array:
    return np.asarray(np.eye(3) + np.append(parameters[:HOMOGRAPHY], 0.0).reshape(3, 3), np.float64)


def _mapped(parameters: Array, places: Array) -> Array:
    """Return where places, (n, 2), -1 to 1, are shown; what is no number, where a bad guess shows nothing."""
    matrix = _homography(parameters)
    homogeneous = places @ matrix[:, :2].T + matrix[:, 2]
    with np.errstate(all="ignore"):
        there = homogeneous[:, :2] / homogeneous[:, 2:]
        factor = grown(Lens(*parameters[HOMOGRAPHY:]), there[:, 0], there[:, 1])
        return np.asarray(there * factor[:, None], np.float64)


def _off(parameters: Array, places: Array, seen: Array, half: Array) -> Array:
    """Return by how many pixels each match lies off."""
    with np.errstate(all="ignore"):
        off = np.linalg.norm((_mapped(parameters, places) - seen) * half, axis=1)
    return np.where(np.isfinite(off), off, np.inf)


def _better(parameters: Array, places: Array, seen: Array, half: Array, count: int) -> Array:
    """Return parameters that leave less, the first so many, by damped steps of Gauss and Newton's method."""
    for _ in range(4):
        found = _mapped(parameters, places)
        left = ((seen - found) * half).reshape(-1)
        columns = []
        for number in range(count):
            moved = parameters.copy()
            moved[number] += SMALL
            columns.append(((_mapped(moved, places) - found) * half).reshape(-1) / SMALL)
        jacobian = np.stack(columns, axis=1)
        normal = jacobian.T @ jacobian
        damped = normal + DAMPING * np.diag(np.diag(normal) + 1e-9)
        if not np.isfinite(damped).all():
            break
        step = np.linalg.solve(damped, jacobian.T @ left)
        parameters = parameters + np.append(step, np.zeros(len(parameters) - count))
    return parameters
