"""Which of two pictures that lie on each other pixel by pixel was made of the other, by what JPEG did to one.

Whoever opens a JPEG gets the errors of its quantization with the picture, and hands them on to whatever is
made of it. Nobody who made that JPEG of something finer can know them.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.past import past_quality, quality_of, traces_of, unknown_loss
from visualsearch_cli.verdicts.comparison import FullPicture
from visualsearch_cli.verdicts.opencv.pixels import Floats, Mask, luma

COARSER = 4  # of JPEG quality
TRACES, CLEARER = 0.25, 0.15  # of the steps of a JPEG in a picture; and beside those of its own in the other
KNOWN, LESS = 0.8, 0.75  # of the loss of a JPEG that is not in the other picture; beside that one's
OWN = 0.8  # of that loss, if the other picture was not made with it
OF_OWN_STEPS = 2.2  # times what the other picture's own quantization leaves unknown
LEAST_LEFT = 0.25  # of the loss, that tones and rounding may leave unknown as well
TONED = 0.03  # slope of a curve of tones, beside one
STEEPER = 1.2  # times the steps, to be coarser
CLIPPED = 3  # levels from black and white: what is toned stays there, and cannot be told from what it was
CLIPPED_NEAR = 3  # pixels around it, that a codec mixes with it
SMOOTH = 1.5  # pixels: sigma at which tones are compared
EACH = 7  # pixels: of these one is enough for a curve
SEEN = 384  # pixels of both sides of the middle
BLOCK = 8  # pixels of a side of a JPEG's blocks


class Provenance(NamedTuple):
    """What two pictures that lie on each other pixel by pixel know of each other."""

    made: int | None = None  # which was made of the other: 0, 1, or None
    unknown: tuple[float, float] = (0.0, 0.0)  # the share of each one's own loss that the other does not know

    @classmethod
    def of(cls, a: FullPicture, b: FullPicture, turn: tuple[int, bool]) -> Provenance:
        """Compare two pictures.

        turn: by how many quarters B is to be turned, counterclockwise, to lie as A does, and whether it is to
        be mirrored before.
        """
        quarters, mirrored = turn
        b_as_a = _view(b.pixels, turn)  # not turned: the middle of either is all that is looked at
        a_as_b = np.rot90(a.pixels, -quarters)
        a_as_b = a_as_b[:, ::-1] if mirrored else a_as_b
        if b_as_a.shape != a.pixels.shape:
            return cls()
        if Codec.OTHER in (a.compression.codec, b.compression.codec):  # then one loss is not known
            return cls(_by_traces(a, b, a_as_b, b_as_a))
        of_a = _unknown(_middle(a.pixels), _middle(b_as_a), a.compression, b.compression)
        of_b = _unknown(_middle(b.pixels), _middle(a_as_b), b.compression, a.compression)
        shares = 0.0 if of_a is None else of_a.share, 0.0 if of_b is None else of_b.share
        steps = [sum(picture.compression.luma) for picture in (a, b)]
        if _is_known(of_a, of_b, coarser=steps[0] > STEEPER * steps[1]):
            return cls(1, shares)
        if _is_known(of_b, of_a, coarser=steps[1] > STEEPER * steps[0]):
            return cls(0, shares)
        return cls(_by_traces(a, b, a_as_b, b_as_a), shares)


def _by_traces(a: FullPicture, b: FullPicture, a_as_b: Pixels, b_as_a: Pixels) -> int | None:
    """Return which of two pictures shows the steps of the other one's JPEG: 0, 1 or None."""
    of_a = _traces(_grey(b_as_a), a.compression, b.compression)
    of_b = _traces(_grey(a_as_b), b.compression, a.compression)
    if max(of_a, of_b) < TRACES or abs(of_a - of_b) < CLEARER:
        return None
    return 1 if of_a > of_b else 0


class _Unknown(NamedTuple):
    """How much of the loss of a JPEG another picture does not know."""

    share: float  # about 1: all of it; much more: the other picture was changed
    expected: float  # if the other one was made of it: what its own steps blur


def _is_known(its: _Unknown | None, others: _Unknown | None, *, coarser: bool) -> bool:
    """Tell whether the loss of one picture is in the other one, and more so than the other way round.

    Where both know what the other one lost, the steps of the one are multiples of the other's, if they are
    coarser; if they are not, both files have the same values, and nothing was lost between them.
    """
    if its is None or its.share >= min(KNOWN, OF_OWN_STEPS * its.expected):
        return False
    return others is None or ((coarser or others.share > OWN) and its.share < LESS * others.share)


def turned(pixels: Pixels, turn: tuple[int, bool]) -> Pixels:
    """Turn a picture, as `made_of_the_other` says."""
    return np.ascontiguousarray(_view(pixels, turn))


def _view(pixels: Pixels, turn: tuple[int, bool]) -> Pixels:
    quarters, mirrored = turn
    return np.rot90(pixels[:, ::-1] if mirrored else pixels, quarters)


def _unknown(its: Pixels, other: Pixels, compression: Compression, others: Compression) -> _Unknown | None:
    """Compare a JPEG with another picture, however that is toned. None: there is too little to tell."""
    if not compression.luma or compression.codec is not Codec.JPEG:
        return None
    light, theirs = luma(its.astype(np.float32)), luma(other.astype(np.float32))
    seen = _unclipped(its) & _unclipped(other)
    if not seen.any():
        return None
    as_toned = _as_toned(theirs, light, seen)
    slope = float(as_toned[seen].std() / max(1.0, float(theirs[seen].std())))
    slope = slope if abs(slope - 1) > TONED else 1.0  # of steps that divide each other, a little is much
    steps = [slope * step for step in others.luma or (1,) * len(compression.luma)]
    share = unknown_loss(light, compression.luma, as_toned, seen, steps)
    if share is None:
        return None
    return _Unknown(share, max(LEAST_LEFT, (sum(steps) / sum(compression.luma)) ** 2))


def _unclipped(pixels: Pixels) -> Mask:
    inner = cv2.inRange(pixels, (CLIPPED,) * 3, (255 - CLIPPED,) * 3)
    side = 2 * CLIPPED_NEAR + 1
    return np.asarray(cv2.erode(inner, np.ones((side, side), np.uint8)) > 0, np.bool_)


def _as_toned(light: Floats, like: Floats, seen: Mask) -> Floats:
    """Return luma with the tones of another picture's, by the best curve of the third degree."""
    x, y = (cv2.GaussianBlur(plane, (0, 0), SMOOTH)[seen][::EACH] for plane in (light, like))
    powers = np.arange(4)
    unit = np.float32(255)
    curve = np.linalg.lstsq((x[:, None] / unit) ** powers, y, rcond=None)[0]
    found = np.full_like(light, curve[3])
    for factor in curve[2::-1]:
        found = found * (light / unit) + np.float32(factor)
    return found.astype(np.float32)


def _traces(light: Floats, jpeg: Compression, own: Compression) -> float:
    """Return how clearly a picture shows the steps of a JPEG.

    0 in a lossless picture that was a coarser JPEG: multiples of its steps may be those of finer ones, too.

    What codecs leave of steps whose own loss is not known is not clear enough.
    """
    if not jpeg.luma or own.codec is Codec.OTHER:
        return 0.0
    found = traces_of(light, jpeg.luma, own.luma)
    before = past_quality(light) if found >= TRACES and not own.luma else None
    return 0.0 if before is not None and before < quality_of(jpeg.luma) - COARSER else found


def _grey(pixels: Pixels) -> Floats:
    """Return the luma of the middle of a whole picture, on the grid of its blocks."""
    return luma(_middle(pixels).astype(np.float32))


def _middle(pixels: Pixels) -> Pixels:
    """Return the middle of a whole picture, from the corner of a block on."""
    top, left = (max(0, (side - SEEN) // 2) // BLOCK * BLOCK for side in pixels.shape[:2])
    return pixels[top : top + SEEN, left : left + SEEN]
