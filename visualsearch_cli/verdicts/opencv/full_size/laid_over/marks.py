"""A place that differs in a photograph: a mark drawn over it, or another thing in its place?

The question is that of the first look, and so is the answer, of a cutting at full size.
"""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.alignment import BLUR, Aligned
from visualsearch_cli.verdicts.opencv.full_size.laid_over.obscured import is_obscured
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, toned
from visualsearch_cli.verdicts.opencv.overlays import drawings
from visualsearch_cli.verdicts.opencv.pixels import largest, luma, slope
from visualsearch_cli.verdicts.opencv.tones import STEP, ToneMap
from visualsearch_cli.verdicts.opencv.windows import local_correlation

AROUND = 0.5  # times its own side, that is looked at around a place
LEAST_AROUND = 24  # pixels
CELLS = 192  # of the longer side, at most
LEAST_STEP = 0.035  # of full scale, by which a cell differs in a flat place
CONTRAST = 0.6  # of the contrast of the place, by which it differs elsewhere
ALIKE = 0.75  # correlation from which a cell shows the same thing, if in another colour
MOST_BESIDE = 0.1  # of the cells that differ, beside a mark: its rim
STRONGEST = 0.98  # quantile of what differs in a place
LEAST_INK = 40.0  # levels
CORE = 0.6  # times as much as differs most: what is mixed with nothing
ONE_COLOR = 36.0  # levels
MOSTLY = 0.65  # share of the strokes
OWN = 1.5  # times the edges of what is below
BLACK, WHITE = 4, 252  # levels of the strongest channel
CLIPPED = 0.5  # share of a place
LEAST_MOVED = 16  # cells that show another thing: less is an edge a little off


def is_moved(laid: LaidOut, box: Box, toning: ToneMap | None, *, exact: bool) -> bool:
    """Tell whether a place shows two things, neither of which is a mark over the other.

    If all else is `exact`ly the same, no camera took the second one: what differs was put there.
    """
    left, top, right, bottom = box
    pad = max(LEAST_AROUND, round(AROUND * max(right - left, bottom - top)))
    height, width = laid.inside.shape
    part = np.s_[max(0, top - pad) : min(height, bottom + pad), max(0, left - pad) : min(width, right + pad)]
    sharp = [
        _cells(pixels)
        for pixels in (
            laid.coarse[part],
            laid.fine[part] if toning is None else toned(laid.fine[part], toning),
        )
    ]
    if toning is not None and _is_clipped(laid, box):
        return False
    if exact and _is_ink(laid, box):
        return False
    soft = [np.asarray(cv2.GaussianBlur(grid, (0, 0), BLUR), np.float32) for grid in sharp]
    shape = sharp[0].shape[:2]
    size = (shape[1], shape[0])
    inside = cv2.resize(laid.inside[part].view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    aligned = Aligned(soft[0], soft[1], sharp[0], sharp[1], inside, 1.0, 1.0)
    light = [luma(grid) for grid in soft]
    step = min(STEP, max(LEAST_STEP, CONTRAST * float(light[0].std())))
    off = (largest(np.abs(soft[0] - soft[1])) > step) & inside
    differs = cv2.morphologyEx(off.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)) > 0
    moves = differs & (local_correlation(light[0], light[1]) <= ALIKE)
    most = max(LEAST_MOVED, MOST_BESIDE * float(np.count_nonzero(differs)))
    is_drawn = drawings(aligned, differs, moves, most, exact=exact) is not None
    return not is_drawn and not is_obscured(laid, box, toning, exact=exact)


def _is_ink(laid: LaidOut, box: Box) -> bool:
    """Tell whether all that differs is strokes of one color in one of two pictures, with edges of their own:
    letters without an outline are too thin for cells."""
    left, top, right, bottom = box
    coarse, fine = (pixels[top:bottom, left:right].astype(np.float32) for pixels in (laid.coarse, laid.fine))
    off = largest(np.abs(coarse - fine))
    most = float(np.quantile(off, STRONGEST))
    stroke = off > max(LEAST_INK, CORE * most)
    rim = cv2.morphologyEx(stroke.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    if np.count_nonzero(stroke) < LEAST_MOVED or not rim.any():
        return False
    for over, under in ((coarse, fine), (fine, coarse)):
        shares = [
            float((largest(np.abs(pixels[stroke] - np.median(pixels[stroke], axis=0))) < ONE_COLOR).mean())
            for pixels in (over, under)
        ]
        own, other = (float(slope(luma(pixels))[rim].mean()) for pixels in (over, under))
        if shares[0] > MOSTLY > shares[1] and own > OWN * other:
            return True
    return False


def _is_clipped(laid: LaidOut, box: Box) -> bool:
    """Tell whether a curve of tones made most of a place all white or all black in one of two pictures: what
    was there is lost, and nothing else is in its place."""
    left, top, right, bottom = box
    for pixels in (laid.coarse, laid.fine):
        lightest = largest(pixels[top:bottom, left:right])
        extreme = (lightest <= BLACK) | (lightest >= WHITE)
        if extreme.mean() >= CLIPPED:
            return True
    return False


def _cells(pixels: Pixels) -> Floats:
    height, width = pixels.shape[:2]
    factor = min(1.0, CELLS / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = pixels if factor == 1 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(np.asarray(small, np.float32) / np.float32(255), np.float32)
