"""A place that differs in a photograph: a mark drawn over it, or another thing in its place?"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.verdicts.comparison import Box
from visualsearch_cli.verdicts.opencv.overlays import Side, has_letters, is_shape
from visualsearch_cli.verdicts.opencv.registration import LaidOut

AROUND = 0.5  # times its own side, that is looked at around a place
LEAST_AROUND = 10  # pixels
CELLS = 192  # of the longer side, at most
SMALLEST = 24  # pixels of a side, to which a small place is enlarged: outlines need room


def is_drawn_over(laid: LaidOut, box: Box, differs: npt.NDArray[np.uint8]) -> bool:
    """Tell whether one picture alone has a mark of its own there: letters, or a plain shape with an outline.

    `differs` says of the whole grid which pixels differ, (h, w).
    """
    left, top, right, bottom = box
    pad = max(LEAST_AROUND, round(AROUND * max(right - left, bottom - top)))
    height, width = laid.inside.shape
    part = np.s_[max(0, top - pad) : min(height, bottom + pad), max(0, left - pad) : min(width, right + pad)]
    mask = differs[part]
    factor = min(1.0, CELLS / max(mask.shape))
    size = (max(1, round(mask.shape[1] * factor)), max(1, round(mask.shape[0] * factor)))
    sides = [
        Side(cv2.resize(pixels[part], size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255))
        for pixels in (laid.coarse, laid.fine)
    ]
    region = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
    whole = cv2.dilate(cv2.morphologyEx(region, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.ones((3, 3), np.uint8))
    frame = np.s_[:, :]
    ways = [
        has_letters(over, under, frame, region > 0) or is_shape(over, under, frame, whole, False)
        for over, under in (sides, sides[::-1])
    ]
    return ways[0] != ways[1]
