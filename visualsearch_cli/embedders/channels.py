"""What the bundled network sees of a picture: its colours, the strongest ones muted, and its levels.

A grey copy has lost the colours. Where these are strong and flat they are most of what a network sees of a
photograph, and the copy is not found; so no colour is farther from grey than `MOST_COLOR`.

The levels are the luma with its values spread evenly, a fourth channel. Whatever brightens, darkens, flattens
or stretches a whole picture, or takes its colours away, keeps the order of its brightnesses, and so these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from visualsearch_cli.pictures.image import Pixels

if TYPE_CHECKING:
    import numpy.typing as npt

MOST_COLOR = 60
"""How far a value may be from the luma. It costs nothing on held-out photographs: see training/README.md."""


def to_channels(pixels: Pixels) -> Pixels:
    """Turn uint8 (height, width, 3) RGB into (height, width, 4): muted RGB, and levels."""
    grey = Image.fromarray(pixels).convert("L")  # ITU-R BT.601
    luma = np.asarray(grey).ravel()
    channels = np.empty((luma.size, 4), np.uint8)
    for number, color in enumerate(_muted(pixels.reshape(-1, 3).T, luma)):
        channels[:, number] = color
    channels[:, 3] = _evened(np.array(grey.histogram()))[luma]
    return channels.reshape(*pixels.shape[:2], 4)


def _muted(colors: Pixels, luma: Pixels) -> Pixels:
    """Bring colours, uint8 (3, n), nearer to the luma, (n,), where they are far from it."""
    muted: Pixels = colors.copy(order="C")  # a row a colour: several times as fast as every third value
    # The luma is between the least and the largest, so that no difference is below 0.
    strength = np.maximum(muted.max(axis=0) - luma, luma - muted.min(axis=0))
    strong = np.flatnonzero(strength > MOST_COLOR)
    center = luma[strong].astype(np.float32)
    share = MOST_COLOR / strength[strong].astype(np.float32)
    for color in muted:
        color[strong] = np.rint(center + (color[strong] - center) * share)
    return muted


def _evened(counts: npt.NDArray[np.int64]) -> Pixels:
    """Return the values, uint8 (256,), that even out pixels so many of which have each value.

    The darkest that occurs becomes 0, the brightest 255. A picture of one brightness stays as it is.
    """
    darkest = counts[np.flatnonzero(counts)[0]]
    others = counts.sum() - darkest
    if not others:
        return np.arange(256, dtype=np.uint8)
    evened = np.maximum(np.rint((np.cumsum(counts) - darkest) * (255 / others)), 0)
    return np.asarray(evened, np.uint8)
