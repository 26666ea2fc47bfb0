"""Histograms of oriented gradients (Dalal & Triggs, CVPR 2005), in numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

CELL = 16  # pixels, both sides
BINS = 9  # orientations over half a turn: an edge and its inverse are the same
FLOOR = 2.0  # grey levels a pixel: blocks of a smaller mean gradient fade out, being noise
CLIP = 0.2  # no orientation of a block counts for more: "L2-Hys" of the paper


def oriented_gradients(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return float32 (n, blocks * 36) for grey images (n, side, side).

    A block is 2 × 2 cells; blocks overlap by one cell.
    """
    grey = images.astype(np.float32)
    cells = _cell_histograms(*_gradients(grey))
    blocks = np.concatenate(
        [cells[:, :-1, :-1], cells[:, 1:, :-1], cells[:, :-1, 1:], cells[:, 1:, 1:]], axis=-1
    )
    blocks = np.minimum(blocks / _lengths(blocks, FLOOR * CELL * CELL), CLIP)
    blocks = blocks / _lengths(blocks, 0.1)
    return blocks.reshape(len(images), -1).astype(np.float32)


def _gradients(
    grey: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return magnitudes, and angles in bins: 0 to 9 is half a turn."""
    dy, dx = np.zeros_like(grey), np.zeros_like(grey)
    dy[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    dx[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    return np.hypot(dx, dy), (np.arctan2(dy, dx) % np.pi) * np.float32(BINS / np.pi)


def _cell_histograms(
    magnitude: npt.NDArray[np.float32], angle: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return float32 (n, rows, columns, 9). A pixel votes for the two bins nearest to its angle."""
    n, side, _ = magnitude.shape
    count = side // CELL
    rows = np.arange(side) // CELL
    cells = (np.arange(n)[:, None, None] * count + rows[:, None]) * count + rows
    below = np.floor(angle - 0.5)
    share = angle - 0.5 - below  # of the bin above
    histograms = np.zeros(n * count * count * BINS)
    for bin_, votes in ((below, magnitude * (1 - share)), (below + 1, magnitude * share)):
        places = cells * BINS + bin_.astype(np.int64) % BINS
        histograms += np.bincount(places.ravel(), votes.ravel(), minlength=histograms.size)
    return histograms.reshape(n, count, count, BINS).astype(np.float32)


def _lengths(blocks: npt.NDArray[np.float32], floor: float) -> npt.NDArray[np.float32]:
    """The Euclidean lengths along the last axis, at least `floor`."""
    length: npt.NDArray[np.float32] = np.sqrt((blocks**2).sum(axis=-1, keepdims=True) + floor**2)
    return length
