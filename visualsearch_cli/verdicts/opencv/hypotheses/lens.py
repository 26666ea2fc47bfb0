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
from visualsearch_cli.verdicts.opencv.lenses import TO_UNIT, factor_of, grown, is_sound, square_of

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LEAST_INLIERS = 24
LEAST_SHARE = 0.4  # of the matches, that an affine map roughly agrees with: a lens bends one scene
DRAWS = 400
WORTH = 0.6  # times the distance within which most matches lie, to which a lens must bring it
MOST = 0.75  # share of them
LOOKED, HARDLY_WORTH = 2, 0.9  # round after which the fit is given up if it brings them no nearer than that
LEAST_BENT = 0.02  # of the distance from the middle, by which a lens moves a corner beside the middle
FIRST = 6.0  # times the tolerance, within which features agree with an affine map if a lens bends them
REACHES = (3.0, 2.0, 1.0, 0.75, 0.5, 0.5)  # times the tolerance, of the rounds that follow
HOMOGRAPHY, ALL = 8, 11  # parameters: those of a homography beside the identity, and three of a lens
STEPS = 4  # of a round
DAMPING = 1e-4
LEAST_SPREAD = 0.05  # of half a side: deviation of matches along the axis where they are least apart
FLAT = 1e-6  # determinant of a map that takes everything to one line


class LensFit(NamedTuple):
    """A lens, and a map, that many matches agree with."""

    matrix: Array  # (3, 3), from the unit square of B to that of A, the lens taken off
    lens: Lens
    inliers: int  # different spots of A that agree


def fit_lens(
    points_a: Floats, points_b: Floats, size_a: tuple[int, int], size_b: tuple[int, int]
) -> LensFit | None:
    """Return the lens and the map that matches agree with, if they do so much better than with a homography.

    Points are (m, 2) in unit squares, sizes (width, height).
    """
    if len(points_a) < LEAST_INLIERS:
        return None
    to_b = _affine(points_a, points_b, size_b)
    if to_b is None:
        return None
    to_a = np.asarray(np.linalg.inv(to_b), np.float64)
    fits = [_fit(points_a, points_b, size_b, to_b), _fit(points_b, points_a, size_a, to_a)]
    off = [np.inf if fit is None else fit.off for fit in fits]
    is_of_a = off[1] < off[0]
    fit = fits[is_of_a]
    if fit is None:
        return None
    inliers = spots((points_a * np.array(size_a, np.float32))[fit.agree])
    if inliers < LEAST_INLIERS:
        return None
    matrix = fit.matrix if is_of_a else np.asarray(np.linalg.inv(fit.matrix), np.float64)
    return LensFit(matrix / matrix[2, 2], fit.lens._replace(is_of_a=is_of_a), inliers)


class _Fit(NamedTuple):
    matrix: Array  # from the unit square of the one without a lens to that of the other one
    lens: Lens
    agree: Mask  # (m,)
    off: float  # pixels, within which most matches lie


def _affine(points: Floats, others: Floats, size: tuple[int, int]) -> Array | None:
    """Return an affine map, (3, 3), from points to the others, in a picture of (width, height), that agrees
    roughly with enough of them, -1 to 1; None for most pictures of two things."""
    places, there = ((2 * side.astype(np.float64) - 1) for side in (points, others))
    half = np.array(size, np.float64) / 2
    affine, agree = cv2.estimateAffine2D(
        places * half,
        there * half,
        method=cv2.RANSAC,
        ransacReprojThreshold=FIRST * TOLERANCE,
        maxIters=DRAWS,
    )
    if affine is None or np.count_nonzero(agree) < max(LEAST_INLIERS, LEAST_SHARE * len(points)):
        return None
    start = np.diag([*(1 / half), 1]) @ np.vstack([affine, [0, 0, 1]]) @ np.diag([*half, 1])
    return None if abs(float(np.linalg.det(start))) < FLAT else np.asarray(start, np.float64)


def _fit(straight: Floats, shown: Floats, size: tuple[int, int], start: Array) -> _Fit | None:
    """Fit a lens that moved points of a picture of (width, height), beginning with an affine map to these."""
    places, seen = (2 * points.astype(np.float64) - 1 for points in (straight, shown))
    half = np.array(size, np.float64) / 2
    parameters = np.append((start - np.eye(3)).reshape(-1)[:HOMOGRAPHY], np.zeros(ALL - HOMOGRAPHY))
    agree = _off(parameters, places, seen, half) < FIRST * TOLERANCE
    for number, reach in enumerate(REACHES):
        if np.count_nonzero(agree) < LEAST_INLIERS:
            return None
        matches = places[agree], seen[agree], half
        parameters = _better(parameters, *matches, ALL)
        if number == LOOKED and _beside_none(parameters, *matches) > HARDLY_WORTH:
            return None
        agree = _off(parameters, places, seen, half) < reach * TOLERANCE
    lens = Lens(*parameters[HOMOGRAPHY:].tolist())
    if np.count_nonzero(agree) < LEAST_INLIERS or not _is_bent(lens) or not is_sound(lens):
        return None
    matches = places[agree], seen[agree], half
    if _beside_none(parameters, *matches) > WORTH:
        return None
    off = quantile(_off(parameters, *matches), MOST)
    matrix = np.asarray(TO_UNIT @ _homography(parameters) @ np.linalg.inv(TO_UNIT), np.float64)
    is_flat = abs(float(np.linalg.det(matrix))) < FLAT
    return None if is_flat or not _are_spread(places[agree]) else _Fit(matrix, lens, agree, off)


def _beside_none(parameters: Array, places: Array, seen: Array, half: Array) -> float:
    """Return how far off most matches lie with a lens, beside what a homography alone leaves."""
    flat = np.append(parameters[:HOMOGRAPHY], np.zeros(ALL - HOMOGRAPHY))
    without = _off(_better(flat, places, seen, half, HOMOGRAPHY), places, seen, half)
    return quantile(_off(parameters, places, seen, half), MOST) / max(1e-9, quantile(without, MOST))


def _are_spread(places: Array) -> bool:
    """Tell whether places, (n, 2), are on more than one line, along which any lens may seem to lie."""
    centered = places - places.mean(axis=0)
    return bool(np.linalg.svd(centered, compute_uv=False)[-1] >= LEAST_SPREAD * np.sqrt(len(places)))


def _is_bent(lens: Lens) -> bool:
    corner = np.ones(1)
    return abs(float(grown(lens, corner, corner)[0]) - 1) >= LEAST_BENT


def _homography(parameters: Array) -> Array:
    return np.asarray(np.eye(3) + np.append(parameters[:HOMOGRAPHY], 0.0).reshape(3, 3), np.float64)


def _straight(parameters: Array, places: Array) -> tuple[Array, Array, Array]:
    """Return where a homography takes places, (n, 2), -1 to 1: x, y and depth, (n,) each."""
    matrix = _homography(parameters)
    x, y, depth = matrix[:, :2] @ places.T + matrix[:, 2:]
    return x / depth, y / depth, depth


def _off(parameters: Array, places: Array, seen: Array, half: Array) -> Array:
    """Return by how many pixels each match lies off; infinity where a bad guess shows nothing."""
    with np.errstate(all="ignore"):
        x, y, _ = _straight(parameters, places)
        factor = grown(Lens(*parameters[HOMOGRAPHY:]), x, y)
        off = np.hypot((x * factor - seen[:, 0]) * half[0], (y * factor - seen[:, 1]) * half[1])
    return np.where(np.isfinite(off), off, np.inf)


def _better(parameters: Array, places: Array, seen: Array, half: Array, count: int) -> Array:
    """Return parameters that leave less, the first so many, by damped steps of Gauss and Newton's method."""
    for _ in range(STEPS):
        with np.errstate(all="ignore"):
            left, jacobian = _linear(parameters, places, seen)
            scaled = jacobian[:, :, :count] * half[:, None, None]
            rows, wanted = scaled.reshape(-1, count), (left * half[:, None]).reshape(-1)
            normal = rows.T @ rows
            damped = normal + DAMPING * np.diag(np.diag(normal) + 1e-9)
        if not (np.isfinite(damped).all() and np.isfinite(wanted).all()):
            break
        step = np.linalg.solve(damped, rows.T @ wanted)
        parameters = parameters + np.append(step, np.zeros(len(parameters) - count))
    return parameters


def _linear(parameters: Array, places: Array, seen: Array) -> tuple[Array, Array]:
    """Return by how much places are shown elsewhere than they are seen, (2, n), and how fast what is shown
    moves with each parameter, (2, n, 11)."""
    lens = Lens(*parameters[HOMOGRAPHY:])
    x, y, depth = _straight(parameters, places)
    square = square_of(lens, x, y)
    factor, growth = factor_of(lens, square), 1 + 2 * lens.fourth * square
    nothing = np.zeros_like(x)
    ones = np.stack([*places.T, np.ones_like(x)]) / depth  # how fast a row of the homography moves x, or y
    far = ones[:2]
    x_moves = np.stack([*ones, nothing, nothing, nothing, *(-x * far)])  # (8, n)
    y_moves = np.stack([nothing, nothing, nothing, *ones, *(-y * far)])
    factor_moves = 2 * growth * (lens.across * x * x_moves + lens.down * y * y_moves)
    lens_moves = np.stack([growth * x**2, growth * y**2, square**2])
    jacobian = [
        np.concatenate([factor * moves + place * factor_moves, place * lens_moves]).T
        for place, moves in ((x, x_moves), (y, y_moves))
    ]
    return seen.T - np.stack([x, y]) * factor, np.stack(jacobian)
