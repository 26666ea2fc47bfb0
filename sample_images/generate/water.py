"""A still or rough water surface that mirrors what stands above it."""

import numpy as np

from sample_images.generate.canvas import (
    grid,
)
from sample_images.generate.noise import Floats, fbm


def reflect(picture: Floats, row: int, seed: int, *, rough: float, drift: float = 0.0) -> Floats:
    """Mirror what is above a row into the rows below it, broken up by waves in perspective."""
    height, width = picture.shape[:2]
    x, y = grid(width, height)
    below = np.maximum(y[row:] - row / height, 0.5 / height)
    depth = (0.16 / below).astype(np.float32)
    across = ((x[row:] - width / height / 2) * depth * 5).astype(np.float32)
    waves = fbm(across + drift, depth * 26 + drift, 4, seed)
    swell = fbm(across * 0.3 + drift, depth * 7, 2, seed + 9)
    slope = rough * (waves + 0.6 * swell)
    source = row - 1 - (below * (1 + 1.5 * np.abs(slope)) + 0.35 * slope * below**0.6) * height
    source = np.clip(source, 0, row - 1).astype(np.int64)
    shift = (0.10 * slope * below**0.5 * height).astype(np.int64)
    columns = np.clip(np.arange(width) + shift, 0, width - 1)
    mirrored = picture[source, columns]
    facing = np.clip(0.25 + below * 0.9 + 0.3 * slope, 0, 1)
    result = picture.copy()
    result[row:] = mirrored * (1 - 0.65 * facing)[..., None]
    return np.asarray(result, np.float32)
