"""Are two laid-out pictures one so plainly that nothing has to be explained? Most copies are.

What differs is measured as in a proof, but no tone is fitted and no filter, and what codecs may have
destroyed counts as little as it does at the very least. What passes in this way would pass with all of that,
too, which takes many times as long; what does not is proved.
"""

from __future__ import annotations

from functools import cached_property
from threading import Lock

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median
from visualsearch_cli.verdicts.comparison import NOTHING_LOST, Grounds, Proof, Toning
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import (
    COLOR_WINDOW,
    DEVIATION,
    FLAT,
    LUMA_WINDOW,
    ROUNDING,
    SHADE,
    SOFT,
    Colors,
    Floats,
    Mask,
    Part,
    Planes,
    Prediction,
    beside_codec,
    codec_kernel_of,
    eroded,
    gaussian,
    half,
    halved,
    kernel_of,
    place_of,
    planes,
    power_of_luma,
    response,
    samples,
    split,
    strips,
    variance,
    without_shade,
)
from visualsearch_cli.verdicts.opencv.pixels import Grey, grey

MOST_DIFFERENT = 1.2  # strength of a window, as a proof measures it
MOST_NOISE = 1.5  # levels that are believed to be noise
MOST_SHADE = 2.5  # levels by which light or color may differ anywhere
MOST_SHARPENED = 1.3  # times as much of the middle frequencies
LEAST_BESIDE_CODEC = 0.93  # the same, of what a codec alone would leave
TILES, TILE = 16, 96  # of a large picture, pixels of a side: they tell how sharp it is, and what its noise is
SPARSE = 4  # of so many pixels along both sides, one tells the noise

_UNSEEN = Grounds(0.0, 0.0, 0.0, 0)

PLAIN = Proof(
    differences=(),
    grounds=(_UNSEEN, _UNSEEN),
    shots=(),
    noise=0.0,
    toning=Toning(0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0),
    lost=NOTHING_LOST,
    shade=0.0,
)
"""The proof of two pictures that are plainly one, whatever they are of."""


class Windows:
    """Those of two pictures of which nothing is fitted. Threads may look at them together, strip by strip."""

    def __init__(self, laid: LaidOut, as_it_is: Prediction) -> None:
        height, width = laid.inside.shape
        is_small = len(samples(laid)) == 1
        self.left = np.empty(((height + 1) // 2, (width + 1) // 2), np.float32) if is_small else None
        """Of luma, in each window, levels squared, as far as was looked; None of pictures that are large."""
        self._laid = laid
        self._as_it_is = as_it_is
        self._strips = strips(height, width)
        self._lock = Lock()
        self._differ = False

    def are_equal(self) -> bool:
        """Look at strips until there are no more, or one differs: in light, in colors, or in a window."""
        while not self._differ:
            with self._lock:
                strip = next(self._strips, None)
            if strip is None:
                return True
            part, own = strip
            left = None if self.left is None else self.left[place_of(part, own)]
            if not _Strip(self._laid, part, (half(own[0]), half(own[1])), self._as_it_is).is_equal(left):
                self._differ = True
        return False


def few_planes(laid: LaidOut) -> list[Planes]:
    """Return some parts of both pictures: all of small ones."""
    return [planes(laid, part) for part in samples(laid, TILES, TILE)]


class _Strip:
    """A part of two pictures. What costs time is made when a window is not equal without it.

    Windows are (h / 2, w / 2); of these, `own` are looked at.
    """

    def __init__(self, laid: LaidOut, part: Part, own: Part, as_it_is: Prediction) -> None:
        self._sides = [np.ascontiguousarray(side[part]) for side in (laid.coarse, laid.fine)]
        self._inside: Mask = laid.inside[part]
        self._whole = bool(self._inside.all())
        self._own = own
        self._inner: Mask = eroded(self._inside)[::2, ::2][own]
        self._as_it_is = as_it_is

    def is_equal(self, left: Floats | None) -> bool:
        """Tell whether no window differs, and light and colors are the same."""
        residual = self._residual(*self._light, self._inside, SHADE)
        if residual is None:
            return False
        residual = gaussian(residual, SOFT)
        power = power_of_luma(residual)
        if left is not None:
            left[:] = power[self._own]
        if self._differs(power, 0, self._noise(residual[::2, ::2])):
            return False
        for number in (1, 2):
            residual = self._residual(*self._halves[number], self._inside[::2, ::2], SHADE // 2)
            if residual is None:
                return False
            residual = gaussian(residual, 0.5)
            power = gaussian(np.square(residual), COLOR_WINDOW)
            if self._differs(power, number, self._noise(residual)):
                return False
        return True

    def _residual(self, coarse: Pixels, fine: Pixels, inside: Mask, cells: int) -> Floats | None:
        """Return what differs, in levels, without what changes but slowly; None if that is too much."""
        residual = np.asarray(cv2.subtract(coarse, fine, dtype=cv2.CV_32F), np.float32)
        if not self._whole:
            residual[~inside] = 0
        left, most = without_shade(residual, cells)
        return None if most > MOST_SHADE else left

    def _noise(self, residual: Floats) -> float:
        some = np.abs(residual[self._own][::SPARSE, ::SPARSE][self._inner[::SPARSE, ::SPARSE]])
        return min(DEVIATION * median(some), MOST_NOISE) if len(some) else 0.0

    def _differs(self, power: Floats, number: int, noise: float) -> bool:
        """Tell whether a window of a plane differs, by the power of its residual, in levels squared.

        That has to be more than noise and, asked only then, than the least that codecs take, and much beside
        the contrast there.

        A strength is the fourth root of what is compared here.
        """
        found = np.square(power[self._own])
        flat = np.float32(FLAT if number == 0 else 4 * FLAT)
        expected = np.float32(noise**2 + ROUNDING)
        most = np.float32(MOST_DIFFERENT**4)
        beyond = (found > most * expected * flat) & self._inner
        if not beyond.any():
            return False
        found = found[beyond]
        # Both have about as much contrast, and that of whichever has more counts: mostly one is enough.
        there = self._contrast(number, 0)[self._own][beyond]
        if not (found > most * expected * (there + flat)).any():
            return False
        there = np.maximum(there, self._contrast(number, 1)[self._own][beyond]) + flat
        if not (found > most * expected * there).any():
            return False
        return bool((found > most * (expected + self._loss(number)[self._own][beyond]) * there).any())

    @cached_property
    def _light(self) -> tuple[Grey, Grey]:
        return grey(self._sides[0]), grey(self._sides[1])

    @cached_property
    def _colors(self) -> tuple[Colors, Colors]:
        return split(self._sides[0]), split(self._sides[1])

    @cached_property
    def _halves(self) -> tuple[tuple[Grey, Grey], ...]:
        """Luma, and red and blue beside it, of both at half the resolution."""
        one, other = (cv2.split(cv2.cvtColor(_halved(side), cv2.COLOR_RGB2YCrCb)) for side in self._sides)
        return tuple(
            (np.asarray(a, np.uint8), np.asarray(b, np.uint8)) for a, b in zip(one, other, strict=True)
        )

    def _contrast(self, number: int, side: int) -> Floats:
        """Return the variance in windows, of a plane of one side."""
        plane = np.asarray((self._halves[number] if number else self._light)[side], np.float32)
        if number:
            return variance(plane, np.square(plane), COLOR_WINDOW)
        return variance(halved(plane), halved(np.square(plane)), LUMA_WINDOW)

    def _loss(self, number: int) -> Floats:
        if number:
            lost = self._as_it_is.chroma_loss(self._colors[0][number], self._colors[1][number])
        else:
            lost = self._as_it_is.luma_loss(*_as_floats(self._light))
        spread = gaussian(halved(lost), 2.4 * (COLOR_WINDOW if number else LUMA_WINDOW))
        return np.asarray(np.float32(self._as_it_is.least_loss**2) * spread, np.float32)


def _as_floats(pair: tuple[Grey, Grey]) -> tuple[Floats, Floats]:
    return np.asarray(pair[0], np.float32), np.asarray(pair[1], np.float32)


def _halved(pixels: Pixels) -> Pixels:
    """Return the means of 2 by 2 pixels (h, w, 3), in whole levels."""
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        pixels = np.asarray(
            cv2.copyMakeBorder(pixels, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE), np.uint8
        )
    size = ((width + 1) // 2, (height + 1) // 2)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def is_as_sharp(tiles: list[Planes], as_it_is: Prediction) -> bool:
    """Tell whether both pictures are as sharp, on some parts of them, but for what its codec took of one."""
    sharper = response(kernel_of(tiles, as_it_is))
    if 1 / MOST_SHARPENED < sharper < MOST_SHARPENED:
        return True
    # Where there is grain, codecs take most of it. A blur that is hardly seen leaves less than they do.
    beside = beside_codec(sharper, response(codec_kernel_of(tiles, as_it_is)))
    return LEAST_BESIDE_CODEC < beside < MOST_SHARPENED
