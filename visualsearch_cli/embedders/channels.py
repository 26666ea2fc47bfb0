"""What the bundled network sees of a picture: its colours, the strongest ones muted, and its levels.

A grey copy has lost the colours. Where these are strong and flat they are most of what a network sees of a
photograph, and the copy is not found; so no colour is farther from grey than `MOST_COLOR`.

The levels are the luma with its values spread evenly, a fourth channel. Whatever brightens, darkens, flattens
or stretches a whole picture, or takes its colours away, keeps the order of its brightnesses, and so these.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from visualsearch_cli.image import Pixels

MOST_COLOR = 60
"""How far a value may be from the luma. It costs nothing on held-out photographs: see training/README.md."""


def to_channels(pixels: Pixels) -> Pixels:
    """Turn uint8 (height, width, 3) RGB into (height, width, 4): muted RGB, and levels."""
    image = Image.fromarray(pixels)
    luma = image.convert("L")  # ITU-R BT.601
    image.putalpha(luma.point(_evened(luma.histogram())))
    channels = np.array(image)
    _mute(channels, np.asarray(luma))
    return channels


def _mute(channels: Pixels, luma: Pixels) -> None:
    """Bring the colours of the first three channels nearer to the luma where they are far from it."""
    red, green, blue = channels[..., 0], channels[..., 1], channels[..., 2]
    above = np.maximum(np.maximum(red, green), blue) - luma  # the luma is between the least and the largest
    below = luma - np.minimum(np.minimum(red, green), blue)
    strength = np.maximum(above, below)
    rows, columns = np.nonzero(strength > MOST_COLOR)
    grey = luma[rows, columns, None].astype(np.float32)
    share = MOST_COLOR / strength[rows, columns, None].astype(np.float32)
    channels[rows, columns, :3] = np.rint(grey + (channels[rows, columns, :3] - grey) * share)


def _evened(counts: Sequence[int]) -> list[int]:
    """Return the values, 0 to 255, that even out pixels so many of which have each value.

    The darkest that occurs becomes 0, the brightest 255. A picture of one brightness stays as it is.
    """
    darkest = next(count for count in counts if count)
    others = sum(counts) - darkest
    if not others:
        return list(range(256))
    evened = np.rint((np.cumsum(counts) - darkest) * (255 / others))
    return np.maximum(evened, 0).astype(int).tolist()  # type: ignore[no-any-return]
