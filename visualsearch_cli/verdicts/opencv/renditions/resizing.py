"""Which of two pictures of different sizes was made of the other, by what JPEG did to one of them.

Who enlarges a JPEG hands on the errors of its quantization with the picture. Who reduces a picture, and saves
that as a JPEG, makes errors which the larger file does not know. How sharp either is has no part in it, and
tells nothing of soft pictures: all that such a file has at its full size is what its codec leaves.

What an enlarged picture would lack is found by doing it again: the smaller one is enlarged, as the larger one
shows how, quantized with the steps of that file, and laid back onto the smaller one.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.dct import BLOCK
from visualsearch_cli.pictures.quality.past import left_of, quantized, waves_of
from visualsearch_cli.pictures.quality.resampling import part_at
from visualsearch_cli.verdicts.comparison import FullPicture
from visualsearch_cli.verdicts.opencv.pixels import Floats, luma

SEEN = 384  # pixels of both sides of the middle of the smaller picture
LEAST_SEEN = 64
RIM = 16  # pixels of it at each side, that are not measured: a filter ends there
LEAST_FACTOR, MOST_FACTOR = 1.15, 4.5  # along a side
ASPECT = 0.01  # by which the factors of both sides may differ
REACH = 2  # pixels at each side of one, of a filter
EACH = 5  # pixels, of which one is enough to find it
KNOWN = 0.7  # of the loss of the smaller one, that the larger one does not know
LOST = 0.85  # the same, at least, if that was made later
STEPS = 2.0, 3.0  # levels, of which it is asked whether rounding is all that parts the two
TOLD = 0.7  # the same of one that was enlarged: with more, nobody can tell
CLEARLY = 2.2  # times that
SHARED = 0.8  # of the frequencies that the smaller one can show
MOST_POWER = 2.6  # times that of rounding, in them: beyond, something else parts the two
WAVES = 0.02, 0.045  # mean cosine, below 0 where rounding is not known, and above 0 where it is
CHANCE = 2.1  # by the root of their number, that cosines may have by chance


class Window(NamedTuple):
    """A part of a picture, in its pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def scaled(self, across: float, down: float) -> Window:
        """Return the same part of a picture that is so many times as large."""
        return Window(self.left * across, self.top * down, self.right * across, self.bottom * down)

    def beside(self, left: float, top: float) -> Window:
        """Return the part as it lies beside a corner."""
        return Window(self.left - left, self.top - top, self.right - left, self.bottom - top)

    def on_blocks(self) -> Window:
        """Return the whole blocks in it."""
        near = (math.ceil(side / BLOCK) * BLOCK for side in self[:2])
        far = (math.floor(side / BLOCK) * BLOCK for side in self[2:])
        return Window(*near, *far)

    def within(self, pixels: Pixels, around: int) -> tuple[int, int, int, int]:
        """Return whole pixels that hold it, with some around it: left, top, right, bottom."""
        height, width = pixels.shape[:2]
        left, top = (max(0, math.floor(side) - around) for side in self[:2])
        return (
            left,
            top,
            min(width, math.ceil(self.right) + around),
            min(height, math.ceil(self.bottom) + around),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in whole pixels."""
        return round(self.right - self.left), round(self.bottom - self.top)


def made_larger(small: FullPicture, large: Pixels, steps: Compression) -> bool | None:
    """Tell whether a picture was made of a smaller one, or the smaller one of it. None: nobody can tell.

    large: turned as the smaller one is. steps: how it is compressed.
    """
    own = small.compression.luma if small.compression.codec is Codec.JPEG else ()
    if not own and not steps.luma:
        return None  # neither lost what could be known
    height, width = small.pixels.shape[:2]
    across, down = large.shape[1] / width, large.shape[0] / height
    if not LEAST_FACTOR <= across <= MOST_FACTOR or abs(across / down - 1) > ASPECT:
        return None
    left, top = (max(0, (side - SEEN) // 2) // BLOCK * BLOCK for side in (width, height))
    seen = Window(left, top, min(width, left + SEEN), min(height, top + SEEN)).on_blocks()
    if min(seen.size) < LEAST_SEEN:
        return None
    light = _light(small.pixels, seen)
    inner = light[RIM:-RIM, RIM:-RIM]
    on_small = like(_sampled(large, seen.scaled(across, down), seen.size), light)[RIM:-RIM, RIM:-RIM]
    left_over = left_of(inner, own, on_small) if own else None
    if left_over is not None and left_over < KNOWN:
        return True
    if steps.codec is Codec.OTHER:
        return None  # nobody knows what such a codec would have left
    inside = seen.scaled(across, down).on_blocks()
    their_light = _light(large, inside)
    enlarged = like(_sampled(small.pixels, inside.scaled(1 / across, 1 / down), inside.size), their_light)
    if steps.luma and (known := _knows_steps(their_light, steps, enlarged, max(across, down))) is not None:
        return not known
    if left_over is None:
        return None
    again = quantized(enlarged, steps.luma)
    middle = Window(seen.left + RIM, seen.top + RIM, seen.right - RIM, seen.bottom - RIM)
    back = part_at(again, middle.scaled(across, down).beside(inside.left, inside.top), middle.size)
    handed_on = left_of(inner, own, like(back, inner))
    if handed_on is None or handed_on > TOLD or left_over < max(LOST, CLEARLY * handed_on):
        return None
    return False if is_rounded(inner, small.compression, on_small) else None


def _knows_steps(light: Floats, steps: Compression, enlarged: Floats, factor: float) -> bool | None:
    """Tell whether the smaller picture knows how the larger one was rounded. None: nobody can tell.

    light, enlarged: (h, w), luma of the larger one, and what the smaller one knows of it.
    """
    found = waves_of(light, steps.luma, enlarged, below=BLOCK / factor * SHARED)
    if found is None or found[0] > MOST_POWER:
        return None
    _, wave, count = found
    if wave < -max(WAVES[0], CHANCE / math.sqrt(count)):
        return False
    return True if wave > max(WAVES[1], CHANCE / math.sqrt(count)) else None


def is_rounded(light: Floats, steps: Compression, reduced: Floats) -> bool:
    """Tell whether rounding is all that parts a JPEG from a picture, reduced or seen through a filter."""
    for least in STEPS:
        found = waves_of(light, steps.luma, reduced, least=least)
        if found is None or found[1] > -max(WAVES[0], CHANCE / math.sqrt(found[2])):
            return False
    return found is not None and found[0] < MOST_POWER


def _light(pixels: Pixels, window: Window) -> Floats:
    left, top, right, bottom = (round(side) for side in window)
    return luma(pixels[top:bottom, left:right].astype(np.float32))


def _sampled(pixels: Pixels, window: Window, size: tuple[int, int]) -> Floats:
    """Return the luma of a part of a picture at a size, (height, width)."""
    around = math.ceil(4 * max(1.0, (window.right - window.left) / size[0]))
    left, top, right, bottom = window.within(pixels, around)
    return part_at(luma(pixels[top:bottom, left:right].astype(np.float32)), window.beside(left, top), size)


def like(light: Floats, other: Floats) -> Floats:
    """Return a view through the filter that makes it most like another one: programs resize in many ways."""
    side = 2 * REACH + 1
    views = np.lib.stride_tricks.sliding_window_view(light, (side, side))[::EACH, ::EACH]
    rows = views.reshape(-1, side * side).astype(np.float64)
    goal = other[REACH:-REACH, REACH:-REACH][::EACH, ::EACH].reshape(-1).astype(np.float64)
    means = rows.mean(axis=0), goal.mean()
    rows, goal = rows - means[0], goal - means[1]
    power = rows.T @ rows
    power[np.diag_indices_from(power)] += 1e-6 * np.trace(power) / len(power)
    kernel = np.linalg.solve(power, rows.T @ goal)
    shift = float(means[1] - means[0] @ kernel)
    filtered = cv2.filter2D(light, cv2.CV_32F, kernel.reshape(side, side).astype(np.float32))
    return np.asarray(filtered + np.float32(shift), np.float32)
