"""Synthetic images."""

from __future__ import annotations

import numpy as np

from visualsearch_cli.pictures.image import Pixels


def scene(width: int, height: int, phase: float = 0.0) -> Pixels:
    """Return a smooth picture, uint8 (height, width, 3): the same at every size, another for each phase."""
    y, x = np.mgrid[0:height, 0:width]
    u, v = (x + 0.5) / width, (y + 0.5) / height
    channels = [
        np.sin(9 * u + 4 * v + phase) * np.cos(5 * v * (1 + phase)),
        np.sin(3 * u * (1 + phase) - 7 * v),
        np.cos(11 * u * v + 2 * phase),
    ]
    return np.rint(127.5 + 120 * np.stack(channels, axis=-1)).astype(np.uint8)


def noise(width: int, height: int) -> Pixels:
    """Return an image without any structure."""
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def flat(value: int, width: int = 40, height: int = 30) -> Pixels:
    """Return an image of one grey."""
    return np.full((height, width, 3), value, np.uint8)
