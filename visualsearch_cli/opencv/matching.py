"""Which features of two pictures show the same spot."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.comparison import LocalFeatures

RATIO = 0.8  # Lowe's test: the best match must be that much nearer than the second best

Floats = npt.NDArray[np.float32]


def match(a: LocalFeatures, b: LocalFeatures, *, mirrored: bool = False) -> tuple[Floats, Floats]:
    """Return the points of A and of B that match, float32 (m, 2) each, in the unit square.

    With `mirrored`, B is seen in a mirror (left and right exchanged), and so are the points returned.
    Descriptors are compared as RootSIFT (Arandjelović and Zisserman, CVPR 2012).
    """
    if len(a) < 2 or len(b) < 2:
        return np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)
    points = b.points
    descriptors = b.descriptors
    if mirrored:
        points = np.stack([1 - points[:, 0], points[:, 1]], axis=1)
        descriptors = descriptors[:, MIRROR]
    # Not numpy's product: its BLAS would start threads of its own in each of ours.
    distances, neighbors = cv2.batchDistance(
        _rooted(descriptors), _rooted(a.descriptors), cv2.CV_32F, normType=cv2.NORM_L2SQR, K=2
    )
    good = distances[:, 0] < RATIO**2 * distances[:, 1]
    best = neighbors[:, 0]
    return a.points[best[good]], np.ascontiguousarray(points[good], np.float32)


def _rooted(descriptors: npt.NDArray[np.uint8]) -> Floats:
    values = descriptors.astype(np.float32)
    values /= values.sum(axis=1, keepdims=True) + np.float32(1e-7)
    return np.sqrt(values)


def _mirror() -> npt.NDArray[np.int64]:
    """A descriptor is 4 rows × 4 columns × 8 directions around the keypoint's own direction. In a mirror
    the rows change sides and the directions turn the other way."""
    values = np.arange(128).reshape(4, 4, 8)
    return values[::-1, :, (-np.arange(8)) % 8].reshape(128)


MIRROR = _mirror()
