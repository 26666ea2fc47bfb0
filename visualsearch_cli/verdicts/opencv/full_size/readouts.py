"""Whether two pictures show one exposure to the last level: all that parts them is what a JPEG rounds off.

Rounding leaves a coefficient within half a step of where it was. Noise of a second exposure, light that
changed by a hundredth, or a shift by a tenth of a pixel do not stop there.
"""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.quality.dct import BLOCK, DCT
from visualsearch_cli.verdicts.opencv.full_size.registration import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, doubled
from visualsearch_cli.verdicts.opencv.pixels import luma

TOLERANCE = 1.0  # levels: what the way through RGB rounds off
MOST_STEP = 16.0  # levels: a coarser one would hide the noise of a second exposure
DARKEST, LIGHTEST = 2, 253  # levels: what is beyond may be clipped, which is no rounding
BESIDE = 2  # pixels around what differs, that are left out too
LEAST_TOLD = 300  # coefficients
MOST_BEYOND = 0.015  # share of them, further away than rounding takes them
ROWS = 64  # blocks of 8 pixels, that are transformed at once
MOST_AT_ONCE = 1 << 19  # pixels: each takes 50 bytes


def is_one_readout(laid: LaidOut, compressions: tuple[Compression, Compression], near: Mask) -> bool:
    """Tell whether two pictures of one size are the same exposure, but for what differs.

    compressions: of the coarser one and the finer one. near: what differs, at half the resolution.
    """
    if laid.resampled or laid.inside.shape[0] < BLOCK or laid.inside.shape[1] < BLOCK:
        return False
    tables = [_steps(compression) for compression in compressions]
    told, beyond = np.zeros(2), np.zeros(2)
    height = laid.inside.shape[0] // BLOCK * BLOCK
    tall = max(1, min(ROWS, MOST_AT_ONCE // (BLOCK * laid.inside.shape[1]))) * BLOCK
    for top in range(0, height, tall):
        rows = slice(top, min(height, top + tall))
        for number, counts in enumerate(_counted(laid, rows, near, tables)):
            told[number] += counts[0]
            beyond[number] += counts[1]
    return any(
        count >= LEAST_TOLD and off <= MOST_BEYOND * count for count, off in zip(told, beyond, strict=True)
    )


def _steps(compression: Compression) -> Floats:
    if compression.codec is Codec.JPEG:
        return np.array(compression.luma, np.float32).reshape(BLOCK, BLOCK)
    return np.ones((BLOCK, BLOCK), np.float32)


def _counted(laid: LaidOut, rows: slice, near: Mask, tables: list[Floats]) -> list[tuple[int, int]]:
    """Return how many coefficients of some rows tell, and how many of them lie further off, by each table."""
    width = laid.inside.shape[1] // BLOCK * BLOCK
    part = rows, slice(0, width)
    views = [pixels[part] for pixels in (laid.coarse, laid.fine)]
    out = doubled(near, part) | ~laid.inside[part]
    for view in views:
        out = out | (view.min(axis=2) <= DARKEST) | (view.max(axis=2) >= LIGHTEST)
    around = np.ones((2 * BESIDE + 1, 2 * BESIDE + 1), np.uint8)
    out = cv2.dilate(out.astype(np.uint8), around) > 0
    blocks = out.reshape(-1, BLOCK, width // BLOCK, BLOCK)
    whole = ~np.asarray(blocks.any(axis=(1, 3)), np.bool_)
    one, other = (coefficients(luma(view.astype(np.float32)), whole) for view in views)
    off, size = np.abs(one - other), np.maximum(np.abs(one), np.abs(other))
    found = []
    for steps in tables:
        tell = (steps <= MOST_STEP) & (size > steps / 2)  # what is rounded to nothing hides noise
        found.append(
            (int(np.count_nonzero(tell)), int(np.count_nonzero(tell & (off > steps / 2 + TOLERANCE))))
        )
    return found


def coefficients(light: Floats, whole: Mask) -> Floats:
    """Return those of the blocks of luma, (h, w), that are whole, (n, 8, 8)."""
    plane = light - np.float32(128)
    blocks = plane.reshape(whole.shape[0], BLOCK, whole.shape[1], BLOCK).swapaxes(1, 2)[whole]
    return np.asarray(DCT @ blocks @ DCT.T, np.float32)
