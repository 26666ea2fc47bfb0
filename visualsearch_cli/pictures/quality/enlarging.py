"""Was a picture enlarged, by a factor that is known? Interpolation leaves its period in it.

What lies between two pixels of the smaller picture is smoother than what lies on them, so the second
differences of an enlarged picture rise and fall with the period of the smaller one's pixels. Source:
Gallagher, Detection of linear and cubic interpolation in JPEG compressed images (CRV 2005).
"""

from __future__ import annotations

import math

import numpy as np

from visualsearch_cli.pictures.quality.dct import BLOCK
from visualsearch_cli.pictures.quality.past import Floats
from visualsearch_cli.pictures.quality.ranks import median

LEAST_PIXELS = 128  # along a side
SLOW = 33  # pixels: what changes more slowly is of the scene
NEAR = 2.5  # steps of frequency, by which the factor may be told wrongly
AROUND = 0.04  # of frequency, beside it, that tell what is usual


def period_of(light: Floats, across: float, down: float) -> float:
    """Return how much clearer the period of an enlargement is than chance: about 1 if there is none.

    light: (h, w), luma. across, down: by how much either side would have been enlarged, more than 1.
    0.0 if the picture is too small, or the period is one of the blocks of a JPEG.
    """
    return math.sqrt(_clear(light, across) * _clear(np.ascontiguousarray(light.T), down))


def _clear(light: Floats, factor: float) -> float:
    if min(light.shape) < LEAST_PIXELS:
        return 0.0
    rough = np.abs(2 * light[:, 1:-1] - light[:, :-2] - light[:, 2:]).mean(axis=0)
    rough = rough[: len(rough) // BLOCK * BLOCK].reshape(-1, BLOCK)
    even = (rough / (rough.mean(axis=0) + 1e-6)).reshape(-1)  # without what the blocks of a JPEG do
    padded = np.pad(even, SLOW // 2, "edge")
    even = even / (np.convolve(padded, np.full(SLOW, 1 / SLOW), "valid") + 1e-6) - 1
    power = np.square(np.abs(np.fft.rfft(even * np.hanning(len(even)))))
    steps = np.arange(len(power))
    place = 1 / factor % 1
    away = np.abs(steps - min(place, 1 - place) * len(even))
    of_blocks = np.abs(steps - np.round(steps * BLOCK / len(even)) * len(even) / BLOCK) < 2
    usual = power[(away > NEAR) & (away < AROUND * len(even)) & ~of_blocks]
    here = power[(away <= NEAR) & ~of_blocks]
    return float(here.max()) / (median(usual) + 1e-9) if len(usual) and len(here) else 0.0
