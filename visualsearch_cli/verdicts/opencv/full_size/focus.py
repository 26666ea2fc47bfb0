"""Was a lens focused anew between two shots?"""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LARGE, LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Mask, gaussian, toned
from visualsearch_cli.verdicts.opencv.tones import ToneMap

ROWS = 64  # that are toned at once
FOCUS_SIDE = 640  # pixels of the longer side, at which focus is looked at: blur grows with the picture
FOCUS_CELL = 12  # pixels of a side
BAND = (0.7, 2.5)  # pixels: sigmas between which a lens out of focus takes most
FOCUSED = 6.0  # levels squared
SHARPER = 3.0  # times the energy
LEAST_FOCUSED = 40  # cells


def refocused(laid: LaidOut, drawn: Mask | None = None, toning: ToneMap | None = None) -> float:
    """Return the share of cells with something in them that are much sharper in the one picture, where there
    are as many that are much sharper in the other: no program does both, but a camera that focuses anew.

    What was `drawn`, a mask of half the resolution, is left out, and the finer picture is toned.
    """
    height, width = laid.inside.shape
    factor = min(1.0, FOCUS_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    inside = laid.inside.reduced(size)
    if drawn is not None:
        inside &= cv2.resize(drawn.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) == 0
    cells = (max(1, size[0] // FOCUS_CELL), max(1, size[1] // FOCUS_CELL))
    energies = []
    for pixels, tones in ((laid.coarse, None), (laid.fine, toning)):
        plane = np.asarray(cv2.resize(_light(pixels, tones), size, interpolation=cv2.INTER_AREA), np.float32)
        band = np.where(inside, np.square(gaussian(plane, BAND[0]) - gaussian(plane, BAND[1])), np.float32(0))
        energies.append(cv2.resize(band, cells, interpolation=cv2.INTER_AREA))
    there = np.maximum(energies[0], energies[1]) > FOCUSED
    total = int(np.count_nonzero(there))
    if total < LEAST_FOCUSED:
        return 0.0
    ratio = (energies[0] + 1) / (energies[1] + 1)
    sharper, softer = (int(np.count_nonzero(there & part)) for part in (ratio > SHARPER, ratio < 1 / SHARPER))
    return min(sharper, softer) / total


def _light(pixels: Pixels, toning: ToneMap | None) -> Pixels:
    """Return the luma of a picture, toned, (h, w), or of a large one at half the resolution: some rows at a
    time, so that no toned picture is made."""
    step = 2 if pixels.shape[0] * pixels.shape[1] > LARGE else 1
    height, width = (-(-side // step) for side in pixels.shape[:2])
    light = np.empty((height, width), np.uint8)
    for top in range(0, height, ROWS):
        rows = pixels[step * top : step * (top + ROWS)]
        lit = cv2.cvtColor(rows if toning is None else toned(rows, toning), cv2.COLOR_RGB2GRAY)
        size = (width, -(-len(rows) // step))
        light[top : top + ROWS] = cv2.resize(lit, size, interpolation=cv2.INTER_AREA) if step > 1 else lit
    return light
