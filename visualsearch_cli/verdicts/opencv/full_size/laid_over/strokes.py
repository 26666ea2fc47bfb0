"""A stroke more in writing that both of two pictures show, as makes a 6 of a 5."""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.full_size.laid_over.writing import (
    color_of,
    contrast_of,
    is_of,
    strokes_of,
)
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, toned
from visualsearch_cli.verdicts.opencv.tones import ToneMap

LEAST_INK = 40.0  # levels of contrast
MOST_HIGH, LONGEST = 100, 400  # pixels of a line of writing, and of a place
LEAST_STROKES = 5  # pixels that one picture shows and the other does not
ONE_SIDED = 0.15  # times as many, the other way round, at most
AROUND, LEAST_AROUND, MOST_AROUND = 1.5, 14, 80  # times the longer side, and pixels: so letters lie
ONE_INK, SAME_INK = 0.3, 0.15  # of the contrast, up to which a color is one, and others are of that ink
LONG = 1.3  # times the square of its width, that a stroke covers at least: a disc or a square covers less
KEPT = 2.0  # times the pixels of the stroke, that both pictures show of that ink beside it
BESIDE = 3  # pixels from the stroke, where its ink may have run
THINNER, THICKER = 0.5, 1.8  # times as wide as the stroke, that other strokes are
AS_WIDE, WIDER = 0.5, 0.25  # share of them that is so, at least and at most
OUTLINED = 0.6  # share of what lies beside them, that has not their color


def is_written_on(laid: LaidOut, box: Box, toning: ToneMap | None) -> bool:
    """Tell whether what one picture has more at a place is a stroke like those beside it that both have.

    A mark that was drawn over a photograph has a color and a width of its own.
    """
    left, top, right, bottom = box
    sides = right - left, bottom - top
    if min(sides) > MOST_HIGH or max(sides) > LONGEST:
        return False
    around = int(min(MOST_AROUND, max(LEAST_AROUND, AROUND * max(sides))))
    above, before = max(0, top - around), max(0, left - around)
    part = np.s_[above : bottom + around, before : right + around]
    if not laid.inside[part].all():
        return False
    fine = laid.fine[part] if toning is None else toned(laid.fine[part], toning)
    a, b = laid.coarse[part].astype(np.float32), fine.astype(np.float32)
    place = np.zeros(a.shape[:2], np.bool_)
    place[top - above : bottom - above, left - before : right - before] = True
    channel, contrast = contrast_of(np.where(place[..., None], a - b, np.float32(0)))
    if contrast < LEAST_INK:
        return False
    lighter, darker = (mask & place for mask in strokes_of((a - b)[..., channel], contrast))
    less, more = sorted((lighter, darker), key=np.count_nonzero)
    if np.count_nonzero(more) < LEAST_STROKES or np.count_nonzero(less) > ONE_SIDED * np.count_nonzero(more):
        return False
    return any(_has_more_of_it(over, under, more, contrast) for over, under in ((a, b), (b, a)))


def _has_more_of_it(over: Floats, under: Floats, stroke: Mask, contrast: float) -> bool:
    """Tell whether strokes of one view's color and width lie in both views, (h, w, 3), beside them."""
    near = np.float32(ONE_INK * contrast)
    ink, ground = color_of(over[stroke]), color_of(under[stroke])
    if not is_of(over[stroke], ink, near):
        return False
    size = int(np.count_nonzero(stroke))
    width = 2 * float(cv2.distanceTransform(stroke.view(np.uint8), cv2.DIST_L2, 3).max()) - 1
    if size < LONG * width * width:
        return False
    grown = cv2.dilate(stroke.view(np.uint8), np.ones((2 * BESIDE + 1, 2 * BESIDE + 1), np.uint8)) > 0
    of_ink = [np.abs(view - ink).max(axis=2) < SAME_INK * contrast for view in (over, under)]
    kept = of_ink[0] & of_ink[1] & ~grown
    count = int(np.count_nonzero(kept))
    if count < KEPT * size:
        return False
    if np.count_nonzero(_opened(of_ink[1] & ~grown, THINNER * width) & kept) < AS_WIDE * count:
        return False
    if np.count_nonzero(_opened(kept, THICKER * width + 2) & kept) > WIDER * count:
        return False
    ring = (cv2.dilate(kept.view(np.uint8), np.ones((5, 5), np.uint8)) > 0) & ~kept
    way = ink - ground
    towards = (under[ring] - ground) @ way / np.float32(max(1.0, float(way @ way)))
    return bool((towards < 0.5).mean() > OUTLINED)


def _opened(mask: Mask, width: float) -> Mask:
    """Return what of a mask is at least so wide everywhere."""
    square = np.ones((max(1, round(width)),) * 2, np.uint8)
    return np.asarray(cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_OPEN, square), np.uint8) > 0
