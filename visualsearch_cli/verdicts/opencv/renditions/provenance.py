"""Which of two pictures that lie on each other pixel by pixel was made of the other, by what JPEG did to one.

Whoever opens a JPEG gets the errors of its quantization with the picture, and hands them on to whatever is
made of it. Nobody who made that JPEG of something finer can know them.

And whether noise was added to one: that is white, and as strong at edges as beside them. What a blur, or a
filter against noise, takes from a picture is neither. What a JPEG takes of noise is both; but then rounding
to its steps is all that parts it from the noisy picture.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.generations import richer
from visualsearch_cli.pictures.quality.past import (
    is_rounding,
    known_steps,
    past_quality,
    quality_of,
    traces_of,
    unknown_loss,
)
from visualsearch_cli.pictures.quality.predicted import missed
from visualsearch_cli.pictures.quality.ranks import median
from visualsearch_cli.verdicts.comparison import FullPicture
from visualsearch_cli.verdicts.opencv.pixels import Floats, Mask, luma, slope, spectrum
from visualsearch_cli.verdicts.opencv.renditions.resizing import LEAST_SEEN, is_rounded, like

KNOWS, KNOWS_NOT = 0.45, 0.25  # of what a picture that was made of a JPEG knows of its steps
COARSER = 4  # of JPEG quality
TRACES, CLEARER = 0.25, 0.15  # of the steps of a JPEG in a picture; and beside those of its own in the other
KNOWN, LESS = 0.8, 0.75  # of the loss of a JPEG that is not in the other picture; beside that one's
KNOWN_TO_CODEC = 0.6  # the same in what a codec made that does not say how
FORETOLD, NOT_FORETOLD, LESS_FORETOLD = 0.3, 0.15, 3.0  # of the values of a JPEG, those that are missed
# beside chance: by what it was made of, and the other way round; and times as many of these
ROUNDED = 0.85, 1.7  # of its loss, if that is all that parts a JPEG from what it was made of
OWN = 0.8  # of that loss, if the other picture was not made with it
OF_OWN_STEPS = 2.2  # times what the other picture's own quantization leaves unknown
LEAST_LEFT = 0.25  # of the loss, that tones and rounding may leave unknown as well
OTHER_TONES = 1.5  # levels, on average
TONED = 0.03  # slope of a curve of tones, beside one
STEEPER = 1.2  # times the steps, to be coarser
CLIPPED = 3  # levels from black and white: what is toned stays there, and cannot be told from what it was
CLIPPED_NEAR = 3  # pixels around it, that a codec mixes with it
SMOOTH = 1.5  # pixels: sigma at which tones are compared
EACH = 7  # pixels: of these one is enough for a curve
FILTERED = 0.7  # levels, by which a filter changes a picture on average
LEAST_SPREAD = 2.0  # levels: a plain picture is like any other one
SEEN = 384  # pixels of both sides of the middle
BLOCK = 8  # pixels of a side of a JPEG's blocks
LEAST_NOISE = 2.0  # levels (RMS) that two pictures differ by, to ask what kind of noise that is
LEAST_BLOCKS = 32  # that are seen, to tell how even it is
WHITE = 0.75, 1.08  # times the power of the highest frequencies, that the octave below them has
WHITE_BELOW = 1.12  # the same of the next octave, at most
EVEN = 0.75, 1.25  # times the noise, where there is most to be seen beside where there is least
FILTERED = 1.1  # times that power, from which the highest frequencies were not noise alone
COARSE, EVEN_COARSE = 4.0, (0.9, 1.12)  # the same of grains of film, which are larger than a pixel
NOISE_BANDS = (0.125, 0.25, 0.354, 0.5)  # cycles per pixel


class Provenance(NamedTuple):
    """What two pictures that lie on each other pixel by pixel know of each other."""

    made: int | None = None  # which was made of the other: 0, 1, or None
    unknown: tuple[float, float] = (0.0, 0.0)  # the share of each one's own loss that the other does not know
    grained: tuple[bool, bool] | None = None  # whether noise was added; None: they hardly differ
    richer: float = 0.0  # the first one is than the second, by what codecs do that do not say what: see there

    @classmethod
    def of(cls, a: FullPicture, b: FullPicture, turn: tuple[int, bool]) -> Provenance:
        """Compare two pictures.

        turn: by how many quarters B is to be turned, counterclockwise, to lie as A does, and whether it is to
        be mirrored before.
        """
        b_as_a = as_turned(b.pixels, turn)  # not turned: the middle of either is all that is looked at
        a_as_b = as_turned(a.pixels, turned_back(turn))
        if b_as_a.shape != a.pixels.shape:
            return cls()
        compressions = a.compression, b.compression

        @cache
        def laid(side: int) -> _Laid | None:
            """The other picture, laid onto that of a side."""
            return _laid(*map(_middle, ((a.pixels, b_as_a), (b.pixels, a_as_b))[side]))

        @cache
        def rounds(side: int) -> bool:
            return _is_rounded(compressions[side], laid(side))

        on_a = laid(0)
        grained = None if on_a is None else _grained(on_a)
        if grained is not None and any(grained):
            smooth = 1 if grained[0] else 0
            if compressions[smooth].codec is Codec.OTHER:
                grained = None  # noise is what such codecs take first, and nothing tells how much of it
            elif rounds(smooth):
                grained = False, False
        if Codec.OTHER in (its.codec for its in compressions):  # then one loss is not known
            found = cls._of_codecs(compressions, laid, rounds, grained)
            if found is None:
                made = _by_traces(a, b, a_as_b, b_as_a)
                both = all(its.codec is Codec.OTHER for its in compressions)
                found = cls(made, grained=grained, richer=_richer(on_a, a.pixels, b_as_a) if both else 0.0)
            return found
        is_in_one_tone = on_a is not None and not on_a.toned
        foretold = _by_values(a, b, a_as_b, b_as_a) if is_in_one_tone else None
        of_a = _unknown(laid(0), a.compression, b.compression)
        of_b = _unknown(laid(1), b.compression, a.compression)
        shares = 0.0 if of_a is None else of_a.share, 0.0 if of_b is None else of_b.share
        if foretold is not None and _is_own((of_a, of_b)[foretold]):
            return cls(foretold, shares, grained)
        steps = [sum(its.luma) for its in compressions]
        if _is_known(of_a, of_b, coarser=steps[0] > STEEPER * steps[1]):
            return cls(1, shares, grained)
        if _is_known(of_b, of_a, coarser=steps[1] > STEEPER * steps[0]):
            return cls(0, shares, grained)
        for side in (0, 1):
            if compressions[1 - side].codec is Codec.NONE and rounds(side):
                return cls(side, shares, grained)  # of that file, or of what that was saved from
        made = _by_steps(
            _knows(laid(0), a.compression, b.compression), _knows(laid(1), b.compression, a.compression)
        )
        made = _by_traces(a, b, a_as_b, b_as_a) if made is None else made
        if made is None and is_in_one_tone:
            made = _by_filter(a, b, a_as_b, b_as_a)
        return cls(made, shares, grained)

    @classmethod
    def _of_codecs(
        cls,
        compressions: tuple[Compression, Compression],
        laid: Callable[[int], _Laid | None],
        rounds: Callable[[int], bool],
        grained: tuple[bool, bool] | None,
    ) -> Provenance | None:
        """Compare a JPEG with what a codec made that does not say how: WebP, AVIF, HEIC, JPEG XL. None: there
        is no JPEG, or too little to tell.

        If that knows what the JPEG lost, it was made of the JPEG. If the two differ by what rounding to the
        JPEG's steps does, and by nothing else, the JPEG was made of it.
        """
        jpeg = next((side for side, its in enumerate(compressions) if its.codec is Codec.JPEG), None)
        its = None if jpeg is None else _unknown(laid(jpeg), compressions[jpeg], Compression(Codec.OTHER))
        if jpeg is None or its is None:
            return None
        shares = (its.share, 0.0) if jpeg == 0 else (0.0, its.share)
        if its.share < KNOWN_TO_CODEC:
            return cls(1 - jpeg, shares, grained)
        is_made = ROUNDED[0] < its.share < ROUNDED[1] and rounds(jpeg)
        return cls(jpeg if is_made else None, shares, grained)


def _richer(laid: _Laid | None, its: Pixels, other: Pixels) -> float:
    """Return how much richer a picture is than another one, in its own tones if they differ.

    What is clipped in both of one tone is alike in both, and needs no curve of tones.
    """
    if laid is not None and laid.toned:
        return richer(laid.light, laid.theirs, laid.seen)
    return richer(_grey(its), _grey(other), np.ones(_middle(its).shape[:2], np.bool_))


def _by_values(a: FullPicture, b: FullPicture, a_as_b: Pixels, b_as_a: Pixels) -> int | None:
    """Return which of two JPEGs is just what its steps make of the other one, which is not so of it: 0, 1 or
    None.

    Whichever steps are finer: this asks for no loss that the one handed on.
    """
    if any(its.compression.codec is not Codec.JPEG or not its.compression.luma for its in (a, b)):
        return None
    of_a, of_b = _missed(a, b_as_a, b.compression), _missed(b, a_as_b, a.compression)
    if of_a is None or of_b is None or max(of_a, of_b) < max(NOT_FORETOLD, LESS_FORETOLD * min(of_a, of_b)):
        return None
    return None if min(of_a, of_b) > FORETOLD else int(of_b < of_a)


def _missed(jpeg: FullPicture, other: Pixels, others: Compression) -> float | None:
    """Return how many values of a JPEG another picture, turned as it is, does not foretell, beside chance."""
    light, theirs, seen = _unclipped_lights(jpeg, other)
    return missed(light, jpeg.compression.luma, theirs, others.luma, seen)


def _unclipped_lights(picture: FullPicture, other: Pixels) -> tuple[Floats, Floats, Mask]:
    """Return the luma of a picture and of another one, turned as it is, in their middle, and where neither is
    clipped."""
    its, other = _middle(picture.pixels), _middle(other)
    light, theirs = (luma(pixels.astype(np.float32)) for pixels in (its, other))
    return light, theirs, _unclipped(its) & _unclipped(other)


def _by_filter(a: FullPicture, b: FullPicture, a_as_b: Pixels, b_as_a: Pixels) -> int | None:
    """Return which of two pictures is a JPEG of what a filter made of the other one: it was sharpened or
    blurred, and rounding is all that is left. 0, 1 or None.

    Not the other way round: who filters a JPEG hands on what that lost, and what he saves is rounded again.
    """
    found = [_is_filtered(a, b_as_a), _is_filtered(b, a_as_b)]
    return None if found[0] is found[1] else found.index(True)


def _is_filtered(jpeg: FullPicture, other: Pixels) -> bool:
    """Tell whether a JPEG is the rounding of another picture, turned as it is, in some filter's view."""
    if jpeg.compression.codec is not Codec.JPEG or not jpeg.compression.luma:
        return False
    light, theirs, seen = _unclipped_lights(jpeg, other)
    if min(light.shape) < LEAST_SEEN or min(float(light.std()), float(theirs.std())) < LEAST_SPREAD:
        return False
    seen[:BLOCK] = seen[-BLOCK:] = False  # there, a filter ends
    seen[:, :BLOCK] = seen[:, -BLOCK:] = False
    view = like(theirs, light)
    if not seen.any() or float(np.abs(view - theirs)[seen].mean()) < FILTERED:
        return False  # both may have been saved of one picture, the other one more finely
    if not is_rounding(light, jpeg.compression.luma, view, seen):
        return False
    return is_rounded(light, jpeg.compression, view)


def _by_steps(b_knows: float | None, a_knows: float | None) -> int | None:
    """Return which of two pictures was made of the other, whose steps it knows: 0, 1 or None."""
    for made, knows, others in ((1, b_knows, a_knows), (0, a_knows, b_knows)):
        if knows is not None and knows > KNOWS and (others is None or others < KNOWS_NOT):
            return made
    return None


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


def _is_own(its: _Unknown | None) -> bool:
    """Tell whether the other picture does not know the loss of one: it was not made of it."""
    return its is None or its.share > KNOWN_TO_CODEC


def turned(pixels: Pixels, turn: tuple[int, bool]) -> Pixels:
    """Turn a picture: mirror it or not, then turn it by quarters, counterclockwise."""
    return np.ascontiguousarray(as_turned(pixels, turn))


def as_turned(pixels: Pixels, turn: tuple[int, bool]) -> Pixels:
    """Return the same as `turned`, without a copy."""
    quarters, mirrored = turn
    return np.rot90(pixels[:, ::-1] if mirrored else pixels, quarters)


def turned_back(turn: tuple[int, bool]) -> tuple[int, bool]:
    """Return the turn that takes one back: what is mirrored first turns the other way."""
    quarters, mirrored = turn
    return (quarters if mirrored else -quarters % 4), mirrored


class _Laid(NamedTuple):
    """Two pictures in the tones of the first."""

    light: Floats  # (h, w): luma of the first, in levels
    theirs: Floats  # that of the other one
    seen: Mask  # where neither is clipped
    slope: float  # levels of the first for one of the other
    toned: bool  # the other one has other tones, of itself


def _laid(its: Pixels, other: Pixels) -> _Laid | None:
    """Lay another picture onto one in its tones. None: there is nothing to see."""
    light, theirs = luma(its.astype(np.float32)), luma(other.astype(np.float32))
    seen = _unclipped(its) & _unclipped(other)
    if not seen.any():
        return None
    as_toned = _as_toned(theirs, light, seen)
    change = float(np.abs(as_toned - theirs)[seen][::EACH].mean())
    slant = float(as_toned[seen].std() / max(1.0, float(theirs[seen].std())))
    return _Laid(light, as_toned, seen, slant, change > OTHER_TONES)


def _unknown(laid: _Laid | None, compression: Compression, others: Compression) -> _Unknown | None:
    """Compare a JPEG with another picture, however that is toned. None: there is too little to tell."""
    if laid is None or not compression.luma or compression.codec is not Codec.JPEG:
        return None
    steps = _steps(others, len(compression.luma), _factor(laid))
    if steps is None:
        return None
    share = unknown_loss(laid.light, compression.luma, laid.theirs, laid.seen, steps)
    if share is None:
        return None
    return _Unknown(share, max(LEAST_LEFT, (sum(steps) / sum(compression.luma)) ** 2))


def _factor(laid: _Laid) -> float:
    """Return by how much steps of the other picture grow in the tones of the first: 0 if all is one tone."""
    # Of steps that divide each other, a little is much.
    return laid.slope if abs(laid.slope - 1) > TONED else 1.0


def _steps(compression: Compression, count: int, factor: float) -> list[float] | None:
    """Return the steps of a picture, so many times as large; None if nothing would be left of them."""
    return [factor * step for step in compression.luma or (1,) * count] if factor else None


def _knows(laid: _Laid | None, compression: Compression, others: Compression) -> float | None:
    """Tell how clearly another picture, however that is toned, knows the steps of a JPEG."""
    if laid is None or not laid.toned or not compression.luma or compression.codec is not Codec.JPEG:
        return None  # where tones are equal, what is lost tells
    factor = _factor(laid)
    steps = _steps(others, len(compression.luma), factor)
    if steps is None:
        return None
    return known_steps(laid.theirs, laid.seen, compression.luma, steps, factor)


def _grained(laid: _Laid) -> tuple[bool, bool] | None:
    """Tell whether noise was added to one of two pictures; None if they hardly differ, or nobody can tell."""
    left = np.where(laid.seen, laid.light - laid.theirs, 0).astype(np.float32)
    if float(left[laid.seen].std()) < LEAST_NOISE:
        return None
    middle, high, top = _densities(left)
    if not top:  # what differs lies at the very edge, where nothing is looked at
        return None
    is_white = WHITE[0] < high / top < WHITE[1] and middle < WHITE_BELOW * top
    bounds = EVEN_COARSE if middle > COARSE * top else EVEN if is_white else None
    if bounds and bounds[0] < _evenness(left, laid) < bounds[1]:
        rough = [_roughness(plane) for plane in (laid.light, laid.theirs)]
        return rough[0] > rough[1], rough[1] >= rough[0]
    return (False, False) if high > FILTERED * top else None  # codecs leave white noise, too


def _is_rounded(compression: Compression, laid: _Laid | None) -> bool:
    """Tell whether rounding to its steps is all that parts a JPEG from the other picture, laid onto it. Then
    noise that the other one has was not added to it, but taken from the JPEG."""
    if laid is None or laid.toned or compression.codec is not Codec.JPEG or not compression.luma:
        return False
    return is_rounding(laid.light, compression.luma, laid.theirs, laid.seen)


def _evenness(left: Floats, laid: _Laid) -> float:
    """Return how strong the noise is where there is most to be seen, beside where there is least."""
    fine = left - cv2.GaussianBlur(left, (0, 0), 1.0)
    shared = np.asarray(cv2.GaussianBlur((laid.light + laid.theirs) / 2, (0, 0), SMOOTH), np.float32)
    whole = _means(laid.seen.astype(np.float32)) == 1
    energies, steepness = (_means(plane)[whole] for plane in (np.square(fine), slope(shared)))
    if len(energies) < LEAST_BLOCKS:
        return math.inf
    order, part = np.argsort(steepness), len(energies) // 4
    flat, steep = (median(energies[some]) for some in (order[:part], order[-part:]))
    return math.sqrt(steep / max(flat, 1e-6))


def _roughness(light: Floats) -> float:
    return float(np.square(cv2.Laplacian(light, cv2.CV_32F)).mean())


def _means(plane: Floats) -> Floats:
    """Return the means of the whole blocks of a plane, (n,)."""
    rows, columns = (side // BLOCK for side in plane.shape)
    blocks = plane[: rows * BLOCK, : columns * BLOCK]
    return np.asarray(cv2.resize(blocks, (columns, rows), interpolation=cv2.INTER_AREA), np.float32).reshape(
        -1
    )


def _densities(left: Floats) -> list[float]:
    """Return the power for one frequency in three bands, the highest one last."""
    height, width = (side // 2 * 2 for side in left.shape)
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    power = spectrum(left[:height, :width] * window)
    upright = np.abs(np.fft.fftfreq(height)).astype(np.float32)[:, None]
    frequency = np.maximum(upright, np.arange(width // 2 + 1, dtype=np.float32) / width)
    found = []
    for low, high in itertools.pairwise(NOISE_BANDS):
        band = (frequency >= low) & (frequency < high)
        found.append(float(power[band].mean()))
    return found


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
