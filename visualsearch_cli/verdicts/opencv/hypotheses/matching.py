"""Which features of two pictures show the same spot."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visualsearch_cli.verdicts.comparison import LocalFeatures

RATIO = 0.8  # Lowe's test: the best match must be that much nearer than the second best
NOISE = 1e-6  # of a squared distance, in float32
BLOCK = 32  # descriptors of either side that are multiplied at once: with 64, OpenBLAS would start threads

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
    likeness = _products(_rooted(descriptors), _rooted(a.descriptors))
    rows = np.arange(len(likeness))
    best = likeness.argmax(axis=1)
    nearest = 2 - 2 * likeness[rows, best]  # the squared distance of vectors of length 1
    likeness[rows, best] = -1
    second = 2 - 2 * likeness.max(axis=1)
    good = nearest < RATIO**2 * second - NOISE
    return a.points[best[good]], np.ascontiguousarray(points[good], np.float32)


def _products(a: Floats, b: Floats) -> Floats:
    """Return the inner products of all rows, (n, 128) and (m, 128), as (n, m).

    BLAS starts no threads of its own in each of ours for products of small blocks, and is three times as
    fast as OpenCV's distances.
    """
    blocks_a, blocks_b = _blocks(a), _blocks(b)
    products: Floats = np.matmul(blocks_a[:, None], blocks_b.transpose(0, 2, 1))
    rows, columns = len(blocks_a) * BLOCK, len(blocks_b) * BLOCK
    table: Floats = products.transpose(0, 2, 1, 3).reshape(rows, columns)
    return table[: len(a), : len(b)]


def _blocks(rows: Floats) -> Floats:
    """Return rows, (n, 128), in blocks, the last one filled up with zeros: (blocks, 32, 128)."""
    blocks = np.zeros((-(-len(rows) // BLOCK), BLOCK, rows.shape[1]), np.float32)
    blocks.reshape(-1, rows.shape[1])[: len(rows)] = rows
    return blocks


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
