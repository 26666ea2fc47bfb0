"""One thing in two colors, on a ground that nobody touched: goods of a shop, and no toning of a picture.

One curve of tones may send those of a dark cloth to those of a lighter one, and leave a white wall as it is.
Whoever tones a picture changes the wall as well, however little, unless it is clipped.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, gaussian
from visualsearch_cli.verdicts.opencv.pixels import chroma, largest, luma, slope, total

SIDE = 300  # pixels of the longer side, at most
WHOLE = 0.95  # share of the one picture, that the other one shows
EVENED = 1.5  # pixels: sigma that evens out noise
STILL = 2.0  # levels up to which nothing changed
CHANGED = 12.0  # levels by which a thing has another color
RING, KEPT = (
    0.03,
    0.9,
)  # of the shorter side, and the share of that ring around the picture that did not change
TONES, WHITE = 32, 31  # steps of luma, and the one that may be clipped
LEAST_TONE, SAME_TONE = 0.001, 1.0  # share of the picture, and levels up to which a tone did not change
LEAST_TONES = 2  # that did not, but for white
LEAST_THING = 0.02  # share of the picture
LEAST_PIXELS, COMPACT = 100, 0.5  # and the share of a thing that is more than two pixels from its outline
EDGE = 3.0  # levels by pixel
OUTLINED = 0.8  # share of the thing's outline that both pictures have
GRAY, COLORED = 6.0, 14.0  # levels of color that are none, and that are some
LEAST_TURNED = 30.0  # degrees between hues
MOSTLY = 0.5  # share of the thing that has another color
OTHER_LIGHT = 10.0  # levels of luma, that taking color away does not change
FLAT, BAR = 4.0, 0.75  # levels up to which a color is one, and share of a bar that has it
WITHIN = 11  # pixels: half of them from its outline, it is looked at whether a thing is a bar
FAR_LIGHTER = 60.0  # levels that lifting shadows does not change
AFAR = 32  # pixels of the longer side of a picture that is seen from afar


def is_in_another_color(laid: LaidOut) -> bool:
    """Tell whether both pictures show one thing, each in another color, on a ground that is the same."""
    height, width = laid.inside.shape
    factor = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    inside = laid.inside.reduced(size)
    if float(inside.mean()) < WHOLE:
        return False
    one, other = (_reduced(pixels, size) for pixels in (laid.coarse, laid.fine))
    other[~inside] = one[~inside]
    off = largest(np.abs(np.asarray(cv2.GaussianBlur(one - other, (0, 0), EVENED), np.float32)))
    rim = max(2, round(RING * min(size)))
    ring = np.ones(off.shape, np.bool_)
    ring[rim:-rim, rim:-rim] = False
    changed = off > CHANGED
    if float((off <= STILL)[ring].mean()) < KEPT or float(changed.mean()) < LEAST_THING:
        return False
    if _tones_kept(one, other) < LEAST_TONES or not _is_outlined(one, other, changed):
        return False
    return _is_other(one, other, changed)


def apart_from_afar(laid: LaidOut) -> float:
    """Return the levels by which two pictures differ where they do that most, as they are seen from afar."""
    height, width = laid.inside.shape
    factor = min(1.0, AFAR / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    one, other = (_reduced(pixels, size) for pixels in (laid.coarse, laid.fine))
    off = np.asarray(cv2.GaussianBlur(one - other, (0, 0), 1.0), np.float32)
    return float(np.abs(off)[laid.inside.reduced(size)].max(initial=0.0))


def _reduced(pixels: Pixels, size: tuple[int, int]) -> Floats:
    # A part of a picture stays where it lies: of 50 megapixels, to copy it would take 150 MB.
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)


def _tones_kept(one: Floats, other: Floats) -> int:
    """Return how many tones nobody changed, but for the lightest, which may be clipped."""
    tones = (luma(one) * np.float32(TONES / 256)).astype(np.int64)
    kept = 0
    for tone in range(WHITE):
        here = tones == tone
        if float(here.mean()) < LEAST_TONE:
            continue
        off = (other - one)[here]
        kept += all(abs(median(off[:, channel])) <= SAME_TONE for channel in range(3))
    return kept


def _is_outlined(one: Floats, other: Floats, changed: Mask) -> bool:
    """Tell whether what changed ends where both pictures have an edge: what was laid over one has its own."""
    outline = cv2.morphologyEx(changed.view(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    near = np.ones((5, 5), np.uint8)
    shares = [float((cv2.dilate(_steepest(side), near)[outline] > EDGE).mean()) for side in (one, other)]
    return min(shares) >= OUTLINED


def _steepest(side: Floats) -> Floats:
    """Return the steepest slope of all channels."""
    return largest(
        np.stack(
            [slope(gaussian(np.ascontiguousarray(side[..., number]), 1.0)) for number in range(3)], axis=2
        )
    )


def _plain(colors: Floats) -> float:
    """Return the share of pixels, (n, 3), that have their median color."""
    middle = np.array([median(colors[:, channel]) for channel in range(3)], np.float32)
    return float((largest(np.abs(colors - middle)) < FLAT).mean())


def _inner(changed: Mask, side: int) -> Mask:
    """Return what lies inside of what changed, half of so many pixels from its outline."""
    return cv2.erode(changed.view(np.uint8), np.ones((side, side), np.uint8)) > 0


def _is_other(one: Floats, other: Floats, changed: Mask) -> bool:
    """Tell whether what changed has another hue, lost or got its color, or is far lighter or darker."""
    inner = _inner(changed, 5)
    if np.count_nonzero(inner) < max(LEAST_PIXELS, COMPACT * np.count_nonzero(changed)):
        return False
    # A bar may have a rim of another color, and codecs ring beside it.
    within = _inner(changed, WITHIN)
    if np.count_nonzero(within) < LEAST_PIXELS:
        within = inner
    plain = [_plain(side[within]) for side in (one, other)]
    if max(plain) > BAR > min(plain):
        return False  # a bar hides the thing
    lights = [luma(side)[inner] for side in (one, other)]
    apart = median(np.abs(lights[0] - lights[1]))
    if apart > FAR_LIGHTER:
        return True
    colors = [chroma(side)[inner] for side in (one, other)]
    lengths = [np.sqrt(total(np.square(color))) for color in colors]
    least, most = np.minimum(*lengths), np.maximum(*lengths)
    turned = total(colors[0] * colors[1]) < np.float32(math.cos(math.radians(LEAST_TURNED))) * least * most
    others = (least >= COLORED) & turned
    if apart > OTHER_LIGHT:
        others |= (least <= GRAY) & (most >= COLORED)
    return float(others.mean()) > MOSTLY
