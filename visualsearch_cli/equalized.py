"""Equalized pictures: an editor spread the values of each channel evenly ("equalize").

No photograph comes so from a camera, so one can tell. Its cast of colour and its contrast are gone, and with
them some of what an embedding goes by.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from visualsearch_cli.image import Pixels

GAMMAS = (0.55, 0.7, 1.4, 1.7)
"""Of the tones a query is shown in besides its own; chosen on held-out photographs (training/README.md)."""
_MOST_UNEVEN = 0.04
_SIDE = 512  # pixels of the shorter side that are looked at
_ONE_COLOR = 0.95  # of the pixels in the brightest value: of the few others nothing can be told


def is_equalized(pixels: Pixels) -> bool:
    """Whether the histograms of uint8 (height, width, 3) are those of an equalized picture.

    There a value says how many pixels are darker: all but the brightest ones are spread evenly from 0 to 255.
    """
    step = max(1, min(pixels.shape[:2]) // _SIDE)
    seen = pixels[::step, ::step]
    return all(_unevenness(seen[..., channel]) <= _MOST_UNEVEN for channel in range(3))


def other_tones(pixels: Pixels) -> Iterator[Pixels]:
    """Yield the picture darker and brighter, as its original may have been: one for each of `GAMMAS`."""
    for gamma in GAMMAS:
        yield (255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)[pixels]


def _unevenness(values: Pixels) -> float:
    """Return how far pixels are from the share of pixels that are darker: on average, from 0 to 1.

    Equalized: 0 to 0.005, and 0.02 when compressed again. Photographs: 0.03 to 0.6.
    """
    counts = np.bincount(values.ravel(), minlength=256)
    shares = counts / counts.sum()
    brightest = shares[np.flatnonzero(counts)[-1]]
    if brightest > _ONE_COLOR:
        return 1.0
    darker = (np.cumsum(shares) - shares) / (1 - brightest)
    return float(shares @ np.abs(np.arange(256) / 255 - darker))
