"""The fit of one picture onto another, from matched features: an affine map, then a homography."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

TOLERANCE = 4.0  # pixels of the reduced picture
LEAST_INLIERS = 6
REACHES = (4, 3, 2)  # times the tolerance, from which matches are taken for the next homography
MOST_SCALE = 12.0
MOST_STRETCH = 2.4  # the longer axis by the shorter, after the map


@dataclass(frozen=True, slots=True)
class FeatureFit:
    """A map that many matches agree with."""

    matrix: Array  # (3, 3), from the unit square of B to that of A
    inliers: int  # different spots of A that agree


def fits(
    points_a: Floats,
    points_b: Floats,
    size_a: tuple[int, int],
    size_b: tuple[int, int],
    robust: int = cv2.RANSAC,
) -> list[FeatureFit]:
    """Return the maps to try, likeliest first. Points are (m, 2) in unit squares, sizes (width, height).

    Robust estimators of OpenCV draw from a generator of their own with a fixed seed: no chance is left.
    """
    if len(points_a) < LEAST_INLIERS:
        return []
    to_a, to_b = np.array(size_a, np.float32), np.array(size_b, np.float32)
    a, b = points_a * to_a, points_b * to_b
    affine, _ = cv2.estimateAffine2D(
        b, a, method=robust, ransacReprojThreshold=TOLERANCE, maxIters=3000, confidence=0.999
    )
    if affine is None or not _is_plausible(np.asarray(affine[:, :2], np.float64)):
        return []
    matrix: Array = np.vstack([affine, [0.0, 0.0, 1.0]])
    inliers = spots(a[_agree(matrix, a, b, TOLERANCE)])
    if inliers < LEAST_INLIERS:
        return []
    found = [FeatureFit(_in_units(matrix, to_a, to_b), inliers)]
    for reach in REACHES:  # a homography may agree with matches beyond the affine map, and that with more
        near = _agree(matrix, a, b, reach * TOLERANCE)
        if near.sum() < 2 * LEAST_INLIERS:
            return found
        homography, _ = cv2.findHomography(b[near], a[near], robust, TOLERANCE / 2, maxIters=500)
        if homography is None:
            return found
        matrix = np.asarray(homography, np.float64)
        if not _is_plausible(_linear_at(matrix, to_b[0] / 2, to_b[1] / 2)):
            return found
    inliers = spots(a[_agree(matrix, a, b, TOLERANCE / 2)])
    if inliers >= LEAST_INLIERS:
        found.append(FeatureFit(_in_units(matrix, to_a, to_b), inliers))
    return found


def _agree(matrix: Array, a: Floats, b: Floats, tolerance: float) -> npt.NDArray[np.bool_]:
    homogeneous = b @ matrix[:, :2].T + matrix[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.linalg.norm(homogeneous[:, :2] / homogeneous[:, 2:] - a, axis=1)
    near: npt.NDArray[np.bool_] = away < tolerance
    return near


def spots(points: Floats) -> int:
    """Count points at different places: SIFT puts several features at one."""
    return len(set(map(tuple, np.round(points).tolist())))


def _is_plausible(linear: Array) -> bool:
    if not np.isfinite(linear).all():
        return False
    if np.linalg.det(linear) <= 0:  # mirrored pictures are matched as such: here it is chance
        return False
    longer, shorter = np.linalg.svd(linear, compute_uv=False)
    return bool(shorter > 1 / MOST_SCALE and longer < MOST_SCALE and longer < MOST_STRETCH * shorter)


def _linear_at(matrix: Array, x: float, y: float) -> Array:
    """Return the derivative of a homography at a point, (2, 2)."""
    x, y, depth = matrix @ np.array([x, y, 1.0])
    value = np.array([x, y]) / depth
    linear: Array = (matrix[:2, :2] - np.outer(value, matrix[2, :2])) / depth
    return linear


def _in_units(matrix: Array, size_a: Floats, size_b: Floats) -> Array:
    unit: Array = np.diag([1 / size_a[0], 1 / size_a[1], 1]) @ matrix @ np.diag([size_b[0], size_b[1], 1.0])
    unit /= unit[2, 2]
    return unit
