"""Whether one of two JPEGs was made of the very file of the other, whatever was put in the place of a part.

Who opens a JPEG and saves it again hands on what is left of it: outside of what was changed, each coefficient
of the new file is one of the old file, rounded to the new steps. If both were saved of a third picture, each
of them was rounded by itself, and a share of these differs that the steps of both tell. A second exposure
never comes near, so what differs was put there by a program, sharp outline or not.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.dct import BLOCK
from visualsearch_cli.pictures.quality.past import past_quality, usual_steps
from visualsearch_cli.verdicts.comparison import Agreement, Alignment, FullPicture, Proof
from visualsearch_cli.verdicts.opencv.full_size.readouts import DARKEST, LIGHTEST, coefficients
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask
from visualsearch_cli.verdicts.opencv.pixels import correlation, grey, largest, luma

LEAST_STEP = 2.0  # levels: of finer ones, the way through RGB leaves nothing
BEYOND = 1.5  # levels beyond half a step of both, from which something else is shown
ROUNDING = 1.0  # levels, by which a coefficient may lie off on the way through RGB
LEAST_EXPECTED = 30.0  # coefficients that rounding apart would have made different
MOST_OFF = 0.3  # times as many, that may be so
SEEN = 512  # rows of blocks of a large picture that are looked at, at most
ROWS = 64  # of them at once
SIDE = 384  # pixels of both sides of the middle, that tell an earlier JPEG

VARIED = 3.0  # levels: standard deviation of a block of a reduced picture that shows something
NEAR = 2.0  # levels that it may differ by, on average
LEAST_BLOCKS, LEAST_SHARE = 10, 0.03  # of these, and share of all
DIFFERS = 16.0  # levels, by which a pixel is another one
SAMPLES = 100_000  # pixels that tell how many are


def may_be_remade(a: Pixels, b: Pixels) -> bool:
    """Tell whether two reduced pictures are equal in parts: of others, files need not be looked at."""
    if a.shape != b.shape or min(a.shape[:2]) < BLOCK:
        return False
    one, other = (plane.astype(np.float32) for plane in (grey(a), grey(b)))
    off, mean, square = (_means(plane) for plane in (np.abs(one - other), one, np.square(one)))
    equal = int(np.count_nonzero((off < NEAR) & (square - np.square(mean) > VARIED**2)))
    return equal >= max(LEAST_BLOCKS, LEAST_SHARE * off.size)


def _means(plane: Floats) -> Floats:
    """Return the means of the whole blocks of a plane."""
    height, width = (side // BLOCK for side in plane.shape)
    whole = plane[: height * BLOCK, : width * BLOCK]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def remade(a: FullPicture, b: FullPicture) -> tuple[Alignment, Proof] | None:
    """Return how two pictures of one size lie on each other of which one was made of the other's file, and
    where they differ. None if that does not show."""
    made = made_of_the_other(a, b)
    if made is None:
        return None
    from visualsearch_cli.verdicts.opencv.full_size.fitted import as_found  # late: few come so far

    laid = lay_as_found(a.pixels, b.pixels, np.eye(3))
    proof = as_found(laid, a, b)._replace(made=made)
    step = max(1, round((laid.inside.size / SAMPLES) ** 0.5))
    one, other = (picture.pixels[::step, ::step].astype(np.float32) for picture in (a, b))
    off = np.abs(one - other)
    equal = largest(off) <= DIFFERS
    lights = luma(one)[equal], luma(other)[equal]
    agreement = Agreement(
        covered_a=1.0,
        covered_b=1.0,
        residual=float(off[equal].mean(axis=0).max()) / 255,
        correlation=correlation(*lights),
        shapes=float(1 - equal.mean()),
        letters=0.0,
        moved=0.0,
        recolored=0.0,
        hue_turned=0.0,
        miscolored=0.0,
        tint=0.0,
        peak=float(off.max()) / 255,
        change=float(off.mean(axis=(0, 1)).max()) / 255,
        faded=0.0,
        structure=min(float(light.std()) for light in lights) / 255,
        detail=0.0,
        exact=True,
    )
    identity = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    return Alignment(identity, mirrored=False, inliers=0, agreement=agreement), proof


def made_of_the_other(a: FullPicture, b: FullPicture) -> int | None:
    """Return which of two pictures was made of the file of the other one: 0, 1, or None if neither shows."""
    if a.pixels.shape != b.pixels.shape or min(a.pixels.shape[:2]) < BLOCK:
        return None
    pair = (a, b)
    if Codec.OTHER in (a.compression.codec, b.compression.codec):
        return None
    made = [_is_made(pair[1 - side], pair[side]) for side in (0, 1)]
    if all(made):  # where the finer one holds no more than the coarser one, it was made of that
        return int(sum(a.compression.luma) >= sum(b.compression.luma))
    return made.index(True) if any(made) else None


def _is_made(source: FullPicture, other: FullPicture) -> bool:
    """Tell whether a picture holds the coefficients of a JPEG, in steps of its own."""
    if source.compression.codec is not Codec.JPEG:
        return False  # it would have lost nothing by which it is known
    its, others = _steps(source.compression), _steps(other.compression)
    expected, off = 0.0, 0.0
    for rows in _rows(source.pixels.shape[0] // BLOCK):
        counts = _counted(source.pixels[rows], other.pixels[rows], its, others, [])
        expected, off = expected + counts[1], off + counts[0]
    if expected < LEAST_EXPECTED or off > MOST_OFF * expected:
        return False
    before = past_quality(_middle(source.pixels), source.compression.luma)
    if before is None:
        return True
    # What was a JPEG before may share that with the other one, and with it most coefficients.
    earlier = [usual_steps(max(1, min(100, before + by))).astype(np.float32) for by in (-1, 0, 1)]
    total = np.zeros(2 + len(earlier))
    for rows in _rows(source.pixels.shape[0] // BLOCK):
        total += _counted(source.pixels[rows], other.pixels[rows], its, others, earlier)
    return bool(total[2:].min() >= LEAST_EXPECTED and total[0] <= MOST_OFF * total[2:].min())


def _steps(compression: Compression) -> Floats:
    if compression.codec is Codec.JPEG:
        return np.array(compression.luma, np.float32).reshape(BLOCK, BLOCK)
    return np.ones((BLOCK, BLOCK), np.float32)


def _rows(count: int) -> list[slice]:
    """Return parts of a picture of so many rows of blocks, spread over it."""
    step = max(1, -(-count // SEEN))
    return [slice(top * BLOCK, min(count, top + ROWS) * BLOCK) for top in range(0, count, ROWS * step)]


def _counted(
    source: Pixels, other: Pixels, its: Floats, others: Floats, earlier: Sequence[Floats]
) -> npt.NDArray[np.float64]:
    """Return how many coefficients of some rows differ; how many would, if both had been rounded apart; and
    if both had been rounded from each of some earlier JPEGs."""
    width = source.shape[1] // BLOCK * BLOCK
    views = [pixels[:, :width] for pixels in (source, other)]
    clipped = np.zeros((source.shape[0] // BLOCK, width // BLOCK), np.bool_)
    for view in views:
        blocks = ((view <= DARKEST) | (view >= LIGHTEST)).reshape(-1, BLOCK, width // BLOCK, BLOCK * 3)
        clipped |= blocks.any(axis=(1, 3))
    if clipped.all():
        return np.zeros(2 + len(earlier))
    one, two = (coefficients(_rounded(view), ~clipped) for view in views)
    equal = (np.abs(one - two) <= its / 2 + others / 2 + np.float32(BEYOND)).all(axis=(1, 2))
    # Letters and drawn lines repeat: what is the same again tells nothing new.
    once = _different(two) & equal
    one, two = one[once], two[once]
    wanted, found = np.rint(one / others), np.rint(two / others)
    least = LEAST_STEP if others.max() > 1 else 0.0
    tell = ((wanted != 0) | (found != 0)) & (others >= least)
    counts = [float(np.count_nonzero((wanted != found) & tell)), float(_apart(one, its, others)[tell].sum())]
    for steps in earlier:
        there = np.rint(one / steps) * steps
        shared = tell & (np.abs(there - one) <= its / 2 + ROUNDING)
        counts.append(float(np.count_nonzero((np.rint(there / others) != wanted) & shared)))
    return np.array(counts)


def _different(blocks: Floats) -> Mask:
    """Tell which blocks, (n, 8, 8), are the first ones of their kind."""
    flat = np.ascontiguousarray(np.rint(blocks).astype(np.int16).reshape(len(blocks), -1))
    kinds = {row.tobytes(): number for number, row in reversed(list(enumerate(flat)))}
    first = np.zeros(len(blocks), np.bool_)
    first[list(kinds.values())] = True
    return first


def _rounded(pixels: Pixels) -> Floats:
    """Return luma in whole levels, as a JPEG is made of it."""
    return np.rint(luma(pixels.astype(np.float32)))


def _apart(coefficients: Floats, its: Floats, others: Floats) -> Floats:
    """Return how likely each coefficient of a JPEG is to become another one than its source, in other steps:
    that lay anywhere within half a step."""
    middle = np.rint(coefficients / its) * its
    rounded = np.rint(middle / others) * others
    low = np.maximum(middle - its / 2, rounded - others / 2)
    high = np.minimum(middle + its / 2, rounded + others / 2)
    likely: Floats = 1 - np.maximum(high - low, 0) / its
    return likely


def _middle(pixels: Pixels) -> Floats:
    """Return the luma of the middle of a picture, from the corner of a block on."""
    top, left = (max(0, (side - SIDE) // 2) // BLOCK * BLOCK for side in pixels.shape[:2])
    return luma(pixels[top : top + SIDE, left : left + SIDE].astype(np.float32))
