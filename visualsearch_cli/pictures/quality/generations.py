"""Which of two pictures, that lie on each other pixel by pixel, has been through a lossy codec once more?

Codecs that predict (WebP, AVIF, HEIC) leave no steps behind that could be looked for: what they quantize is
what their prediction misses, in blocks of any size. But what they round to zero is gone, and what they keep
they make no larger. So who saves a picture again has less detail than it, wherever the two differ,
however fine the new setting is. And the finer one of two that were made of one picture has more than the
coarser one.

What was sharpened, toned or made noisy has more as well: that is to be asked before.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.quality.dct import BLOCK
from visualsearch_cli.pictures.quality.past import Floats, blocks_of, coefficients_of

BAND = 1, 4  # row or column of the coefficients: of faster ones, a second WebP often has more than the first
LEAST_BLOCKS = 64  # that differ
DIFFERS = 0.05  # levels, of the coefficients of a block, on average
GRIDS = 0, BLOCK // 2  # where blocks begin: codecs have blocks of many sizes, and no grid is theirs

_FASTEST = np.maximum(np.arange(BLOCK)[:, None], np.arange(BLOCK))
_SEEN = (BAND[0] <= _FASTEST) & (BAND[1] > _FASTEST)


def richer(light: Floats, other: Floats, seen: npt.NDArray[np.bool_]) -> float:
    """Return how much more detail a picture has than another one, in standard errors of that mean.

    light, other: (h, w), luma in levels, the other one's at the same places and in the tones of the first.
    seen: (h, w), where it counts. Below 0: the other one has more. 0.0: there is too little to tell.
    """
    parts = [_more(light[at:, at:], other[at:, at:], seen[at:, at:]) for at in GRIDS]
    more = np.concatenate(parts)
    count = len(more) / len(GRIDS)  # each pixel is in a block of every grid
    spread = float(more.std()) if len(more) else 0.0
    return float(more.mean()) / spread * math.sqrt(count) if spread and count >= LEAST_BLOCKS else 0.0


def _more(light: Floats, other: Floats, seen: npt.NDArray[np.bool_]) -> Floats:
    """Return by how much larger coefficients are of each block that differs from the other picture's."""
    whole = blocks_of(seen).all(axis=(1, 2))
    one, two = (coefficients_of(plane)[whole][:, _SEEN] for plane in (light, other))
    differ = np.sqrt(np.square(one - two).mean(axis=1)) > DIFFERS
    sizes = [np.sqrt(np.square(its[differ]).sum(axis=1)) for its in (one, two)]
    return np.asarray(sizes[0] - sizes[1], np.float32)
