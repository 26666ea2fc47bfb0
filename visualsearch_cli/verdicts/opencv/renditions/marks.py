"""Which of two pictures has something over it where they differ: a bar, a mosaic, a blur, writing, a logo?"""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import Difference, Proof
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.pixels import Floats, Mask, luma
from visualsearch_cli.verdicts.rules import CHANGED_IN_TONED, is_toned

Value = TypeVar("Value", np.uint8, np.bool_)

PLACES = 8  # that differ, looked at for marks
PLACE_SIDE, LEAST_PLACE = 160, 4  # pixels, of a place that is looked at
PAD = 0.25  # of its own side, that is seen around a place
DIFFERS = 12.0  # levels by which a mark differs from what it lies on
LEAST_CELLS = 12  # pixels of a mark
BARE = 1.5  # levels of curvature: both are flat there
COVERED = 0.33  # times as much structure inside a place: that picture is covered there
ONE_COLOR, VARIED = 1.0, 6.0  # levels: standard deviation of a bar, and of what it hides
PEN, ONE_PEN = 16.0, 0.65  # levels from its color, and share of what differs that is as near
LETTERS, LEAST_LETTER, OF_LARGEST = 3, 12, 0.15  # parts; pixels of one, and of the largest one
OUTLINED = 1.3  # times the edges around a place: that picture has the mark
PLAIN = 3.0  # levels of curvature: what covers a place leaves less, and pictures have more
SHARP_LETTERS, SHARP_ON_TEXTURE, LETTER_CONTRAST = 100.0, 60.0, 50.0  # of curvature, and of light and dark


def marks_of_both(
    a: Pixels, b: Pixels, proof: Proof, turn: tuple[int, bool]
) -> tuple[tuple[float, float], list[Difference]]:
    """Return how much of what differs was put over each of two pictures, in shares of one, and all of it."""
    from visualsearch_cli.verdicts.opencv.full_size.laid_over.obscured import obscured_side  # late: mostly
    from visualsearch_cli.verdicts.opencv.renditions.provenance import turned  # nothing differs

    weights = [0.0, 0.0]
    found: list[Difference] = []
    # What a curve leaves unexplained was not put there.
    toned = is_toned(proof.toning)
    least = CHANGED_IN_TONED if toned else 0.0
    for place in (place for place in proof.differences[:PLACES] if place.strength > least):
        parts = _cut(a, place.box_a), turned(_cut(b, place.box_b), turn)
        height, width = (min(part.shape[side] for part in parts) for side in (0, 1))
        if min(height, width) < LEAST_PLACE:
            continue
        views = [_sized(part, (width, height)) for part in parts]
        middles = [_center(view) for view in views]
        lights = [luma(view.astype(np.float32)) for view in middles]
        side = _marked_side(*lights)
        # What was sharpened or blurred as a whole is obscured everywhere, and what is below letters looks so.
        if not toned and not _is_lettered(*lights):
            obscured = obscured_side(middles, _center(_without_pad(height, width)))
            side = side if obscured is None else obscured
        if side is None and max(height, width) > PLACE_SIDE:
            factor = PLACE_SIDE / max(height, width)
            size = max(LEAST_PLACE, round(width * factor)), max(LEAST_PLACE, round(height * factor))
            side = _marked_side(*(luma(_sized(part, size).astype(np.float32)) for part in parts))
        if side is not None:
            weights[side] += place.pixels
            found.append(place)
    whole = sum(weights)
    return ((weights[0] / whole, weights[1] / whole) if whole else (0.0, 0.0)), found


def _sized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return a part at a size."""
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _center(part: npt.NDArray[Value]) -> npt.NDArray[Value]:
    """Return the middle of a place: what was blurred there shows at full size alone."""
    top, left = (max(0, (side - PLACE_SIDE) // 2) for side in part.shape[:2])
    return part[top : top + PLACE_SIDE, left : left + PLACE_SIDE]


def _without_pad(height: int, width: int) -> Mask:
    """Return which pixels of a part that was cut are of the place itself."""
    mask = np.zeros((height, width), np.bool_)
    y, x = (round(side * PAD / (1 + 2 * PAD)) for side in (height, width))
    mask[y : height - y, x : width - x] = True
    return mask


def _cut(pixels: Pixels, box: Box) -> Pixels:
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    x, y = (max(2, round(PAD * (end - start))) for start, end in ((left, right), (top, bottom)))
    return pixels[max(0, top - y) : min(height, bottom + y), max(0, left - x) : min(width, right + x)]


def _marked_side(a: Floats, b: Floats) -> int | None:
    """Tell which of two views of a place, in levels, has something over it: 0, 1, or None.

    Bars, mosaics, blurs and logos have less structure inside than what they hide; captions and lines have
    edges around them that the other picture has not.
    """
    differs = _differs(a, b)
    if differs.sum() < LEAST_CELLS:
        return None
    spreads = [float(side[differs].std()) for side in (a, b)]
    if min(spreads) < ONE_COLOR and max(spreads) > VARIED:
        return int(np.argmin(spreads))
    inside = _structure(a, b, differs)
    rich = int(np.argmax(inside))
    if _is_written((a, b)[rich], differs):
        return rich
    if max(inside) > BARE and min(inside) < COVERED * max(inside):
        return rich if _is_lettered(a, b) else 1 - rich
    rim = _rim(differs)
    if not rim.any():
        return None
    edges = [
        float(np.hypot(cv2.Sobel(side, cv2.CV_32F, 1, 0), cv2.Sobel(side, cv2.CV_32F, 0, 1))[rim].mean())
        for side in (a, b)
    ]
    return int(np.argmax(edges)) if max(edges) > OUTLINED * min(edges) else None


def _is_written(view: Floats, differs: Mask) -> bool:
    """Tell whether what a view has where two differ is strokes of one color: letters, side by side.

    On a plain ground, their edges are structure that the ground lacks, as if that had been laid over it.
    """
    color = np.float32(np.median(view[differs]))
    pen = differs & (np.abs(view - color) < PEN)
    if np.count_nonzero(pen) < ONE_PEN * np.count_nonzero(differs):
        return False
    count, _, stats, _ = cv2.connectedComponentsWithStats(pen.view(np.uint8))
    sizes = stats[1:count, cv2.CC_STAT_AREA]
    letters = int(np.count_nonzero(sizes >= max(LEAST_LETTER, OF_LARGEST * sizes.max())))
    return letters >= LETTERS


def _is_lettered(a: Floats, b: Floats) -> bool:
    """Tell whether one of two views of a place has letters where the other one has little structure."""
    differs = _differs(a, b)
    if differs.sum() < LEAST_CELLS:
        return False
    inside = _structure(a, b, differs)
    rich = int(np.argmax(inside))
    if _is_written((a, b)[rich], differs):
        return True
    sharp = SHARP_LETTERS if min(inside) < PLAIN else SHARP_ON_TEXTURE
    return max(inside) > sharp and float((a, b)[rich][differs].std()) > LETTER_CONTRAST


def _differs(a: Floats, b: Floats) -> Mask:
    return np.asarray(np.abs(a - b - np.float32(np.median(a - b))) > DIFFERS, np.bool_)


def _structure(a: Floats, b: Floats, where: Mask) -> list[float]:
    """Return how much structure each of two views has somewhere, in levels of curvature."""
    return [float(np.median(np.abs(cv2.Laplacian(side, cv2.CV_32F))[where])) for side in (a, b)]


def _rim(mask: Mask) -> npt.NDArray[np.bool_]:
    """Return the pixels along the outline of a mask."""
    grid = mask.astype(np.uint8)
    return cv2.morphologyEx(grid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
