"""Is a picture paper or a screen, on which every mark is content, or a photograph?"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from visualsearch_cli.verdicts.comparison import Edges, Grounds, TwoTones
from visualsearch_cli.verdicts.opencv.full_size.residual import Colors, Floats, gaussian
from visualsearch_cli.verdicts.opencv.pixels import slope

SMOOTH = 1.0  # pixels: evens out noise and what a codec left
SLOPES = (0.8, 6.0)  # levels by pixel: what rises so is shaded; less is flat, more is an edge
STILL = 6.0  # levels: range in a window of 5 × 5 that counts as flat
STROKE = 13  # pixels: what is no wider is a stroke
STEP = 12  # levels of a plane, in one color
BINS = 256 // STEP + 1
BELOW = 1e-3  # levels: what is even begins a step, however it is rounded
RANGES = [low - BELOW + end for low in (0, -128, -128) for end in (0, BINS * STEP)]
COLORS = 4
FLAT, SHARP = 2.0, 48.0  # levels: range in a window of 5 × 5 of what hardly rises, and of what rises far
EDGE = 12.0  # levels by pixel: slope of an edge
BESIDE, NEAR = 4, 8  # pixels from an edge
WINDOW = 8  # pixels of a side, of windows that show one tone, two, or shades
BESIDE_GRID = 3  # pixels: cells of a drawing, and the blocks of a codec, often begin at eights
OUTLIERS = 2  # pixels of a window, of the lightest and of the darkest, that do not count for its range
ONE_TONE, CONTRASTY = 4.0, 24.0  # levels of that range: of one tone, and of two that are told from noise
NO_CONTRAST = 0.5  # share of the variance left, where no window has contrast: as of noise


def page_at_most(luma: Floats) -> Grounds:
    """Return what a picture is like that is as much like a page as one of this luma (h, w) can be.

    That takes a quarter of the time, and tells most photographs. A step of luma stands for a color, and all
    that is busy for strokes.
    """
    smooth = gaussian(luma, SMOOTH)
    steep = slope(smooth)
    shaded = int(np.count_nonzero((steep > SLOPES[0]) & (steep < SLOPES[1])))
    steps = np.asarray(cv2.calcHist([smooth], [0], None, [BINS], RANGES[:2]), np.float32)
    common = int(np.partition(steps.ravel(), -COLORS)[-COLORS:].sum())
    return Grounds(shaded / max(1, luma.size), 1.0, common / max(1, luma.size), luma.size)


def look_of(parts: Sequence[Colors], noise: float, *, edges: bool = False) -> Grounds:
    """Measure parts of a picture, planes (h, w) of luma, red and blue, with this much noise in luma.

    A page is flat, in few colors, but for strokes; a photograph is shaded everywhere. `edges` are looked at
    only if asked for: they tell only at full size.
    """
    shaded, thin, busy, total = 0, 0, 0, 0
    sums, windows = np.zeros(7), np.zeros(4)
    colors = np.zeros((BINS, BINS, BINS), np.float32)
    stroke = np.ones((STROKE, STROKE), np.uint8)
    five = np.ones((5, 5), np.uint8)
    most = STILL + 2 * noise
    for luma, red, blue in parts:
        smooth = gaussian(luma, SMOOTH)
        steep = slope(smooth)
        shaded += int(np.count_nonzero((steep > SLOPES[0]) & (steep < SLOPES[1])))
        span = cv2.dilate(smooth, five) - cv2.erode(smooth, five)
        still = span <= most
        thick = cv2.morphologyEx(cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, stroke), cv2.MORPH_OPEN, stroke)
        left = cv2.dilate(thick, five) - cv2.erode(thick, five)
        thin += int(np.count_nonzero(~still & (left <= most)))
        busy += int(np.count_nonzero(~still))
        total += luma.size
        if edges:
            sums += _edges_of(luma, steep, span, noise)
            windows += _windows_of(luma)
        shown = [smooth, *(gaussian(plane, SMOOTH) for plane in (red, blue))]
        # Told to accumulate, OpenCV does not where there are three dimensions.
        colors += cv2.calcHist(shown, [0, 1, 2], None, [BINS] * 3, RANGES)
    common = int(np.partition(colors.ravel(), -COLORS)[-COLORS:].sum())
    flat, still, sharp, apart, alone = (sums[:5] / max(1, total)).tolist()
    found = Edges(flat, still, sharp, apart, alone, float(sums[5] / max(1.0, sums[6]))) if edges else None
    tones = _two_tones(*windows.tolist()) if edges else None
    return Grounds(shaded / max(1, total), thin / max(1, busy), common / max(1, total), total, found, tones)


def _edges_of(luma: Floats, slopes: Floats, span: Floats, noise: float) -> tuple[float, ...]:
    """Return the sums of a part that `Edges` are shares of: five counts of pixels, and the slopes of edges
    and of all. Slopes and the range in windows are of luma that is smooth."""
    edge = (slopes > EDGE).view(np.uint8)
    beside, near = (
        cv2.dilate(edge, np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0 for by in (BESIDE, NEAR)
    )
    shaded = (slopes > SLOPES[0]) & (slopes < SLOPES[1])
    masks = (span <= FLAT + 2 * noise, span <= STILL + 2 * noise, span > SHARP, ~beside, shaded & ~near)
    sharp = slope(luma)
    counts = (float(np.count_nonzero(mask)) for mask in masks)
    return *counts, float(sharp[sharp > EDGE].sum()), float(sharp.sum())


def _windows_of(luma: Floats) -> tuple[float, ...]:
    """Return the sums of a part that `TwoTones` are shares of: all windows, those neither of one tone nor
    rich in contrast, those rich in it, and the shares of their variance that two tones leave."""
    below, beside = ((side - BESIDE_GRID) // WINDOW for side in luma.shape)
    if min(below, beside) < 1:
        return 0.0, 0.0, 0.0, 0.0
    part = luma[BESIDE_GRID : BESIDE_GRID + below * WINDOW, BESIDE_GRID : BESIDE_GRID + beside * WINDOW]
    cells = part.reshape(below, WINDOW, beside, WINDOW).transpose(0, 2, 1, 3).reshape(-1, WINDOW * WINDOW)
    ordered = np.partition(cells, (OUTLIERS, WINDOW * WINDOW - 1 - OUTLIERS), axis=1)
    low, high = ordered[:, OUTLIERS], ordered[:, -1 - OUTLIERS]
    contrasty = high - low > CONTRASTY
    between = (high - low > ONE_TONE) & ~contrasty
    some = cells[contrasty]
    light = some > (low + high)[contrasty, None] / np.float32(2)
    own = some - some.mean(axis=1, keepdims=True)
    count = light.sum(axis=1)
    # What two means explain: the sum over the light pixels is, but for its sign, that over the dark ones.
    explained = np.square((own * light).sum(axis=1)) * (1 / count + 1 / (WINDOW * WINDOW - count))
    mixed = 1 - explained / np.square(own).sum(axis=1)
    return float(len(cells)), float(np.count_nonzero(between)), float(len(some)), float(mixed.sum())


def _two_tones(windows: float, between: float, contrasty: float, mixed: float) -> TwoTones:
    return TwoTones(between / max(1.0, windows), mixed / contrasty if contrasty else NO_CONTRAST)
