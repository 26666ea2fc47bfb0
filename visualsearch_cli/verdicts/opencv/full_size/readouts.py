"""Whether two pictures show one exposure to the last level: all that parts them is what a JPEG rounds off.

Rounding leaves a coefficient within half a step of where it was. Noise of a second exposure, light that
changed by a hundredth, or a shift by a tenth of a pixel do not stop there.

Or whether each has white noise of its own, as sensors make it. The finest structure of a small picture, or of
a coarser JPEG, is mostly lost to its codec, but JPEG keeps slow changes of a block. If little beside noise
differs there, it is as strong in each block and each frequency, whatever the block shows. What codecs did
before grows with what there is to see, and what was added to one of two makes that one the stronger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.dct import BLOCK, DCT
from visualsearch_cli.pictures.quality.ranks import median, quantiles
from visualsearch_cli.verdicts.comparison import WhiteNoise
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, Part, doubled
from visualsearch_cli.verdicts.opencv.pixels import correlation, grey, largest, luma, smallest

TOLERANCE = 1.0  # levels: what the way through RGB rounds off
MOST_STEP = 16.0  # levels: a coarser one would hide the noise of a second exposure
DARKEST, LIGHTEST = 2, 253  # levels: what is beyond may be clipped, which is no rounding
BESIDE = 2  # pixels around what differs, that are left out too
LEAST_TOLD = 300  # coefficients
MOST_BEYOND = 0.015  # share of them, further away than rounding takes them
ROWS = 64  # blocks of 8 pixels, that are transformed at once
MOST_FINE = 4.0  # levels: what is kept in coarser steps has lost its noise
LEAST_FREQUENCIES, LEAST_BLOCKS = 5, 20
MOST_BLOCKS = 96  # along a side, whose noise is measured
ROUNDING = 0.1  # levels squared, that the way through RGB leaves of both
FAINT = 0.5  # levels squared
SLOW = np.add.outer(np.arange(BLOCK), np.arange(BLOCK)) <= 4  # frequencies that sampling anew keeps
QUIETEST = 0.25  # of the blocks, in which noise tells whether it is shared
DECILES = (0.1, 0.9)
DECILE = 1.2816  # standard deviations of a normal distribution, from its middle to these
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
    views, whole = _blocks(laid, (rows, slice(0, width)), near)
    one, other = (coefficients(luma(view.astype(np.float32)), whole) for view in views)
    off, size = np.abs(one - other), np.maximum(np.abs(one), np.abs(other))
    found = []
    for steps in tables:
        tell = (steps <= MOST_STEP) & (size > steps / 2)  # what is rounded to nothing hides noise
        found.append(
            (int(np.count_nonzero(tell)), int(np.count_nonzero(tell & (off > steps / 2 + TOLERANCE))))
        )
    return found


def _blocks(
    laid: LaidOut, part: Part, near: Mask | None, *, by_light: bool = False
) -> tuple[list[Pixels], Mask]:
    """Return a part of both pictures, and which of its blocks, (h / 8, w / 8), show the same, unclipped.

    by_light: what has no light, or all of it, is clipped, and not what has none of one color.
    """
    views = [pixels[part] for pixels in (laid.coarse, laid.fine)]
    out = ~laid.inside[part]
    if near is not None:
        out |= doubled(near, part)
    for view in views:
        low, high = (grey(view),) * 2 if by_light else (smallest(view), largest(view))
        out |= (low <= DARKEST) | (high >= LIGHTEST)
    around = np.ones((2 * BESIDE + 1, 2 * BESIDE + 1), np.uint8)
    out = cv2.dilate(out.astype(np.uint8), around) > 0
    height, width = out.shape
    blocks = out.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return views, ~np.asarray(blocks.any(axis=(1, 3)), np.bool_)


def coefficients(light: Floats, whole: Mask) -> Floats:
    """Return those of the blocks of luma, (h, w), that are whole, (n, 8, 8)."""
    plane = light - np.float32(128)
    blocks = plane.reshape(whole.shape[0], BLOCK, whole.shape[1], BLOCK).swapaxes(1, 2)[whole]
    return np.asarray(DCT @ blocks @ DCT.T, np.float32)


def white_noise(
    laid: LaidOut,
    compressions: Sequence[Compression],
    near: Mask | None = None,
    toned: Callable[[Pixels], Floats] | None = None,
) -> WhiteNoise | None:
    """Measure what differs where two JPEGs show the same; None if they hold too little of it.

    compressions: of the coarser one and the finer one. near: what differs, at half the resolution. toned:
    makes of pixels of the finer one the luma that the coarser one would have; then, and if one was sampled
    anew, only the quieter half of the blocks is asked, since what fits badly leaves more where there is more
    to see.
    """
    rows, columns = (_middle(side) for side in laid.inside.shape)
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return None
    if any(compression.codec is not Codec.JPEG for compression in compressions):
        return None
    one, other = (
        np.array(compression.luma, np.float32).reshape(BLOCK, BLOCK) for compression in compressions
    )
    tell = np.maximum(one, other) <= MOST_FINE
    tell[0, 0] = False  # light may differ
    if laid.resampled:
        tell &= SLOW
    count = int(np.count_nonzero(tell))
    if count < LEAST_FREQUENCIES:
        return None
    views, whole = _blocks(laid, (rows, columns), near)
    if toned is not None and np.count_nonzero(whole) < 2 * LEAST_BLOCKS:  # bright colors often clip in one
        views, whole = _blocks(laid, (rows, columns), near, by_light=True)
    if np.count_nonzero(whole) < LEAST_BLOCKS:
        return None
    a, b = (coefficients(luma(view.astype(np.float32)), whole)[:, tell] for view in views)
    gain, before = 1.0, b
    if toned is not None:
        b = coefficients(toned(views[1]), whole)[:, tell]
    if toned is not None or laid.resampled:
        busy = np.square((a + b) / 2).mean(axis=1)
        quiet = np.argsort(busy, kind="stable")[: max(LEAST_BLOCKS, len(busy) // 2)]
        a, b, before = a[quiet], b[quiet], before[quiet]
        gain = float(np.square(b).sum() / max(float(np.square(before).sum()), 1e-6))
    lost = np.square(one[tell]) + np.float32(gain) * np.square(other[tell])
    expected = float(lost.mean()) / 12 + ROUNDING * (1 + gain) / 2
    return _measured(a, b, expected, gain, resampled=laid.resampled)


def _middle(side: int) -> slice:
    """Return whole blocks in the middle of a side, of which a large picture needs no more."""
    kept = min(side // BLOCK, MOST_BLOCKS)
    start = (side // BLOCK - kept) // 2 * BLOCK
    return slice(start, start + kept * BLOCK)


def _measured(a: Floats, b: Floats, expected: float, gain: float, *, resampled: bool) -> WhiteNoise:
    """Measure coefficients of blocks, (n, k) each, that codecs change by some levels squared.

    gain: times the energy that tones made of what is in B.
    """
    squares = np.square(a - b)
    off, there = squares.mean(axis=1), np.square((a + b) / 2).mean(axis=1)
    weights = 1 / (there + np.float32(median(off) + FAINT))  # what there is to see drowns noise
    weights /= weights.sum()
    energy = float((weights * off).sum())
    own_a, own_b = (float((weights * (side * (a - b)).mean(axis=1)).sum()) for side in (a, -b))
    own_b /= gain
    more = (
        _more_of_one((np.square(a) - np.square(b)).mean(axis=1), there, energy)
        if resampled
        else own_a - own_b
    )
    low, high = quantiles(off, DECILES)
    by_frequency = squares.mean(axis=0)
    return WhiteNoise(
        strength=energy / expected,
        one_sided=abs(more) / max(own_a + own_b, 1e-6),
        resampled=resampled,
        uneven=high / max(low, 1e-6) / _usual_range(a.shape[1]),
        colored=float(by_frequency.max() / max(float(by_frequency.min()), 1e-6)),
        growing=correlation(np.log(off + np.float32(ROUNDING)), np.log(there + np.float32(FAINT))),
        shared=_shared(a, b, there),
    )


def _more_of_one(more: Floats, there: Floats, energy: float) -> float:
    """Return by how much more energy one picture has in blocks, (n,), in which nothing but noise would be
    `there`: what samples a picture anew also takes a share of all that there is to see, which is no noise."""
    weights = 1 / (there + np.float32(median(there)))
    basis = np.stack([np.ones_like(there), there], axis=1) * weights[:, None]
    (of_all, of_each), *_ = np.linalg.lstsq(basis, more * weights, rcond=None)
    return float(of_all + of_each * energy / 4)


def _shared(a: Floats, b: Floats, there: Floats) -> float:
    """Return how far two pictures go together in the blocks, (n, k), in which least is `there`, (n,)."""
    quietest = np.argsort(there, kind="stable")[: max(LEAST_BLOCKS, round(QUIETEST * len(there)))]
    one, other = a[quietest], b[quietest]
    power = float(np.square(one).mean()) * float(np.square(other).mean())
    return float((one * other).mean() / np.sqrt(max(power, 1e-12)))


def _usual_range(count: int) -> float:
    """Return the last decile beside the first one, of means of so many squares of normal noise.

    By the cube roots of such sums, which are nearly normal (Wilson and Hilferty).
    """
    spread = 2 / (9 * count)
    above, below = (1 - spread + sign * DECILE * spread**0.5 for sign in (1, -1))
    return float((above / below) ** 3)
