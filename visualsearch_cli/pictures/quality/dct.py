"""The transform of JPEG: the discrete cosine transform of 8 × 8 samples. Source: ITU-T T.81, A.3.3."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLOCK = 8  # samples of a side that are transformed at once


def _transform() -> npt.NDArray[np.float32]:
    n = np.arange(BLOCK)
    waves = np.cos((2 * n[None] + 1) * n[:, None] * np.pi / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    waves[0] /= np.sqrt(2)
    return np.asarray(waves, np.float32)


DCT = _transform()
"""float32 (8, 8), orthogonal: `DCT @ block @ DCT.T` are the coefficients of a block."""
