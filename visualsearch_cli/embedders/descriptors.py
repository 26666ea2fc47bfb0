"""Classical descriptors, without weights: for comparison, and for tiny machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

from visualsearch_cli.embedders.arrays import squash, unit_rows
from visualsearch_cli.embedders.embedder import ModelInput, ModelSpec
from visualsearch_cli.embedders.specs import DCT, HISTOGRAM, HOG, PIXELS
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy.typing as npt

Features: TypeAlias = "npt.NDArray[np.float32]"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """An embedder that computes features of small pictures. Its methods are thread-safe.

    input_side: the pictures are this wide and high.
    mode: Pillow's name of their colours: "RGB", "L" or "HSV".
    features: from uint8 (n, side, side) for "L", else (n, side, side, 3), to float32 (n, dim).
    """

    spec: ModelSpec
    input_side: int
    mode: str
    features: Callable[[npt.NDArray[np.uint8]], Features]

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Resize one image. Returns uint8 (side, side) or (side, side, 3)."""
        small = squash(pixels, self.input_side, self.input_side)
        return np.asarray(Image.fromarray(small).convert(self.mode))

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, dim), rows of unit length.

        What an image of one colour gets is said at `unit_rows`.
        """
        if not batch:
            return np.empty((0, self.spec.dim), np.float32)
        return unit_rows(self.features(np.stack(batch)))


def centered_pixels(images: npt.NDArray[np.uint8]) -> Features:
    """The pixels, less the mean of all of an image's values."""
    rows: Features = images.reshape(len(images), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    return rows


DCT_SIDE = 64
_ORDERS = np.arange(23)  # waves that the 256 lowest pairs need, in each direction
_PAIRS = [(v, u) for v in _ORDERS for u in _ORDERS if v + u > 0]
_V, _U = np.array(sorted(_PAIRS, key=sum)[: DCT.dim]).T
_WAVES = np.cos(np.pi * np.outer(_ORDERS, np.arange(DCT_SIDE) + 0.5) / DCT_SIDE).astype(np.float32)


def cosine_coefficients(images: npt.NDArray[np.uint8]) -> Features:
    """The signed roots of the 256 lowest coefficients of the cosine transform, without the mean.

    The reduced grey picture and its low frequencies are PDQ's idea (facebook/ThreatExchange, pdq),
    which keeps one bit of each. Roots keep a few strong coefficients from deciding everything.
    """
    values = images.astype(np.float32)
    values -= values.mean(axis=(1, 2), keepdims=True)
    coefficients: Features = (_WAVES @ values @ _WAVES.T)[:, _V, _U] / DCT_SIDE
    coefficients[np.abs(coefficients) < 1e-4] = 0  # rounding errors, which a root would blow up
    return np.copysign(np.sqrt(np.abs(coefficients)), coefficients)


CELLS = 4
BINS = (6, 3, 3)  # of hue, saturation, value


def color_histograms(images: npt.NDArray[np.uint8]) -> Features:
    """The roots of the shares of 54 colours in each of 4 × 4 cells of HSV images.

    With roots, the dot product of two histograms is their Bhattacharyya coefficient.
    """
    n, side = images.shape[:2]
    colors = np.zeros((n, side, side), np.int64)
    for channel, bins in enumerate(BINS):
        colors = colors * bins + (images[..., channel].astype(np.int64) * bins >> 8)
    rows = np.arange(side) * CELLS // side
    cells = rows[:, None] * CELLS + rows
    places = (np.arange(n)[:, None, None] * CELLS**2 + cells) * np.prod(BINS) + colors
    counts = np.bincount(places.ravel(), minlength=n * HISTOGRAM.dim).reshape(n, HISTOGRAM.dim)
    roots: Features = np.sqrt(counts / side**2).astype(np.float32)
    return roots


CELL = 16  # pixels, both sides
ORIENTATIONS = 9  # over half a turn: an edge and its inverse are the same
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
    return np.hypot(dx, dy), (np.arctan2(dy, dx) % np.pi) * np.float32(ORIENTATIONS / np.pi)


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
    histograms = np.zeros(n * count * count * ORIENTATIONS)
    for bin_, votes in ((below, magnitude * (1 - share)), (below + 1, magnitude * share)):
        places = cells * ORIENTATIONS + bin_.astype(np.int64) % ORIENTATIONS
        histograms += np.bincount(places.ravel(), votes.ravel(), minlength=histograms.size)
    return histograms.reshape(n, count, count, ORIENTATIONS).astype(np.float32)


def _lengths(blocks: npt.NDArray[np.float32], floor: float) -> npt.NDArray[np.float32]:
    """The Euclidean lengths along the last axis, at least `floor`."""
    length: npt.NDArray[np.float32] = np.sqrt((blocks**2).sum(axis=-1, keepdims=True) + floor**2)
    return length


DESCRIPTORS = {
    descriptor.spec.name: descriptor
    for descriptor in (
        Descriptor(DCT, DCT_SIDE, "L", cosine_coefficients),
        Descriptor(PIXELS, 12, "RGB", centered_pixels),
        Descriptor(HISTOGRAM, 64, "HSV", color_histograms),
        Descriptor(HOG, 80, "L", oriented_gradients),
    )
}
