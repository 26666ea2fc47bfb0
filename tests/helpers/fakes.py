"""Stand-ins that make tests run in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from visualsearch_cli.embedders.embedder import ModelInput, ModelSpec
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings


class FakeEmbedder:
    """Embeds an image as the brightness of 2 × 4 cells. Needs no weights and no Pillow.

    A resized or slightly brightened picture gets nearly the same vector, another picture another.
    """

    spec = ModelSpec(name="fake", weights="none", preprocessing="cells2x4/1", dim=8)
    input_side = 4

    def __init__(self) -> None:
        self.embedded = 0  # images so far, for tests that nothing is embedded twice

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Return the mean brightness of each cell, float32 (8,)."""
        grey = pixels.mean(axis=2)
        rows = np.array_split(_at_least(grey, 2, 4), 2, axis=0)
        cells = [cell.mean() for row in rows for cell in np.array_split(row, 4, axis=1)]
        return np.array(cells, np.float32)

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, 8), rows of unit length."""
        self.embedded += len(batch)
        if not batch:
            return np.empty((0, self.spec.dim), np.float32)
        centered = np.stack(batch) - np.float32(127.5)
        centered[np.abs(centered).max(axis=1) < 1e-3] = 1.0  # middle grey has no direction
        units: Embeddings = centered / np.linalg.norm(centered, axis=1, keepdims=True)
        return units


def _at_least(grey: npt.NDArray[np.float64], height: int, width: int) -> npt.NDArray[np.float64]:
    """Repeat rows and columns of a tiny image until it can be cut into cells."""
    down, across = -(-height // grey.shape[0]), -(-width // grey.shape[1])
    return grey.repeat(down, axis=0).repeat(across, axis=1)
