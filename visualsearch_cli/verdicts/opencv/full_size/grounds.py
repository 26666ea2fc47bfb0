"""Is a picture paper or a screen, on which every mark is content, or a photograph?"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from visualsearch_cli.verdicts.comparison import Grounds
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, gaussian

SOFT = 1.0  # pixels: evens out noise and what a codec left
STILL = 6.0  # levels: range in a window of 5 × 5 that counts as flat
SHARP = 40.0  # that counts as the edge of a mark
STROKE = 13  # pixels: what is no wider is a stroke
TONE = 6  # levels of a tone
TONES = 3
NEAR = 9  # pixels of a side, that an edge makes busy


def look_of(planes: Sequence[Floats], noise: float) -> Grounds:
    """Measure luma planes (h, w): a page is flat, in few tones, but for sharp marks; a photograph rises and
    falls everywhere."""
    flat, vague, thin, total = 0, 0, 0, 0
    tones = np.zeros(256 // TONE + 1, np.int64)
    stroke = np.ones((STROKE, STROKE), np.uint8)
    five = np.ones((5, 5), np.uint8)
    for plane in planes:
        smooth = gaussian(plane, SOFT)
        span = cv2.dilate(smooth, five) - cv2.erode(smooth, five)
        still = span <= STILL + 2 * noise
        edges = cv2.dilate((span > SHARP).astype(np.uint8), np.ones((NEAR, NEAR), np.uint8)) > 0
        flat += int(still.sum())
        vague += int((~still & ~edges).sum())
        total += plane.size
        thick = cv2.morphologyEx(cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, stroke), cv2.MORPH_OPEN, stroke)
        left = cv2.dilate(thick, five) - cv2.erode(thick, five)
        thin += int((~still & (left <= STILL + 2 * noise)).sum())
        tones += np.bincount((smooth[still] / TONE).astype(np.int64), minlength=len(tones))[: len(tones)]
    # A tone between two bins is in both.
    pairs = np.convolve(tones, [1, 1])
    common = 0
    for _ in range(TONES):
        best = int(pairs.argmax())
        common += int(pairs[best])
        pairs[max(0, best - 1) : best + 2] = 0
    return Grounds(
        flat / max(1, total),
        vague / max(1, total - flat),
        min(1.0, common / max(1, flat)),
        thin / max(1, total - flat),
        total,
    )
