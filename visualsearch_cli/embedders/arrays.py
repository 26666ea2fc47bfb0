"""Array helpers that embedders share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy.typing as npt

FLAT = 1e-3
"""Rows shorter than this hold only rounding errors; those of real pictures are far longer."""


def squash(
    pixels: Pixels,
    width: int,
    height: int,
    resample: Image.Resampling = Image.Resampling.BILINEAR,
) -> Pixels:
    """Resize to width × height, whatever the aspect ratio. Returns uint8 (height, width, 3).

    Pillow widens its filters when it shrinks, so BILINEAR weighs all the pixels that fall
    together, and there is no aliasing. BOX, their plain mean, moves edges by half a pixel when the
    ratio is not whole: a picture shrunk to 90 % was then 0.006 from its original under `bundled`,
    instead of 0.0002.
    """
    return np.asarray(Image.fromarray(pixels).resize((width, height), resample))


def unit_rows(rows: npt.NDArray[np.float32]) -> Embeddings:
    """Scale each row of (n, dim) to unit length, float32.

    A row of (nearly) zeros comes from an image of one colour. It becomes ±1, alternating, over
    √dim: a direction almost at right angles to those of photographs, the same for all such images.
    """
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units = rows / np.maximum(lengths, FLAT)
    dim = rows.shape[1]
    alternating = np.where(np.arange(dim) % 2, -1.0, 1.0) / np.sqrt(dim)
    return np.ascontiguousarray(np.where(lengths < FLAT, alternating, units), dtype=np.float32)
