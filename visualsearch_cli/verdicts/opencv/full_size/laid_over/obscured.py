"""A place that was blurred or made a mosaic in one of two pictures: it shows less of what the other does."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, toned
from visualsearch_cli.verdicts.opencv.pixels import largest
from visualsearch_cli.verdicts.opencv.tones import ToneMap

AROUND = 0.5  # times its own side, that is looked at around a place
LEAST_AROUND = 24  # pixels
MOST_SIDE = 512  # pixels: a larger place is looked at in its middle
DIFFERS = 6.0  # levels
NEAR = 5  # pixels: what differs within that of each other is one place
SIGMAS = (2.0, 3.0, 4.5, 6.5, 9.0, 13.0)  # pixels, of blurs that are tried
LEAST_WIDE, LEAST_HALVED = 4.0, 128  # pixels: sigma and shorter side of what is blurred at half its size
RESIZED = 0.25 + 2 / 3  # pixels squared: variance of means of two by two, and of going back linearly
INSETS = (0, 2, 4)  # pixels
LEAST_CUT = 12  # pixels of a side
MOST_OF = 0.6  # of what differs, that must lie within
EDGES = cv2.BORDER_REPLICATE
LEAST_TAKEN = 3.0  # levels, RMS: less is not missed
SPECKS = 3  # pixels of a side: what a codec leaves of that size in a cell does not count
FLAT = 5.0  # levels between neighbors in a cell of a mosaic
LEAST_CELL = 9  # pixels
LEAST_CELLS = 6
CELLS_COVER = 0.5  # share of the place
ONE_SIDED = 0.4  # of what differs, that may be lighter throughout, or darker
OFF, OFF_ELSEWHERE = (
    0.5,
    0.4,
)  # of what was taken, by which a place may differ from what a blur or cells leave


def is_obscured(laid: LaidOut, box: Box, toning: ToneMap | None, *, exact: bool) -> bool:
    """Tell whether one of two pictures shows at a place what the other one does, blurred or as a mosaic.

    If all else is `exact`ly the same, no camera took the second one, so less proof is needed.
    """
    left, top, right, bottom = box
    pad = max(LEAST_AROUND, round(AROUND * max(right - left, bottom - top)))
    height, width = laid.inside.shape
    rows = _middle(max(0, top - pad), min(height, bottom + pad))
    columns = _middle(max(0, left - pad), min(width, right + pad))
    part = np.s_[rows, columns]
    fine = laid.fine[part] if toning is None else toned(laid.fine[part], toning)
    place = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.bool_)
    y, x = max(0, top - rows.start), max(0, left - columns.start)
    place[y : bottom - rows.start, x : right - columns.start] = True
    return obscured_side((laid.coarse[part], fine), place & laid.inside[part], exact=exact) is not None


def obscured_side(views: Sequence[Pixels], place: Mask, *, exact: bool = True) -> int | None:
    """Return which of two pictures, uint8 (h, w, 3), is blurred or a mosaic at a place: 0, 1, or None."""
    values = [np.asarray(view, np.float32) for view in views]
    off = (largest(np.abs(values[0] - values[1])) > DIFFERS) & place
    own = cv2.morphologyEx(off.view(np.uint8), cv2.MORPH_CLOSE, np.ones((NEAR, NEAR), np.uint8)) > 0
    if not own.any() or not _is_balanced(values[0][own] - values[1][own]):
        return None
    least = [min(_left_over(values[side], values[1 - side], own), default=1.0) for side in (0, 1)]
    side = 0 if least[0] < least[1] else 1
    return side if least[side] < (OFF if exact else OFF_ELSEWHERE) else None


def _is_balanced(off: Floats) -> bool:
    """Tell whether what differs is as light as it is dark: a blur and cells keep the mean, letters do not."""
    return _rms(off.mean(axis=0)) < ONE_SIDED * _rms(off)


def _middle(start: int, end: int) -> slice:
    if end - start <= MOST_SIDE:
        return slice(start, end)
    start = (start + end - MOST_SIDE) // 2
    return slice(start, start + MOST_SIDE)


def _left_over(over: Floats, under: Floats, place: Mask) -> Iterator[float]:
    """Yield by how much one picture differs from the other, obscured in some way, beside what that took."""
    rows, columns = (np.flatnonzero(place.any(axis=axis)) for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    over_box, under_box, own = over[box], under[box], place[box]
    for sigma in SIGMAS:
        around = _blurred(under, sigma)[box]
        taken = _rms((under_box - around)[own])
        if taken > LEAST_TAKEN:
            yield _rms((over_box - around)[own]) / taken
    # Cut out, blurred and put back: codecs smear what differs, so it was a little smaller.
    for inset in INSETS:
        smaller = np.s_[rows[0] + inset : rows[-1] + 1 - inset, columns[0] + inset : columns[-1] + 1 - inset]
        cut, inner = under[smaller], place[smaller]
        if min(inner.shape) < LEAST_CUT or np.count_nonzero(inner) < MOST_OF * np.count_nonzero(place):
            break
        for sigma in SIGMAS:
            alone = _blurred(cut, sigma, EDGES)
            taken = _rms((cut - alone)[inner])
            if taken > LEAST_TAKEN:
                yield _rms((over[smaller] - alone)[inner]) / taken
    yield from _left_of_mosaic(over_box, under_box, own)


def _blurred(view: Floats, sigma: float, border: int = cv2.BORDER_DEFAULT) -> Floats:
    """Return a view, (h, w, 3), blurred by a Gaussian: of a large one what is wide is made at half its size,
    which takes a third of the time and is less than half a level off, RMS."""
    height, width = view.shape[:2]
    if sigma < LEAST_WIDE or min(height, width) < LEAST_HALVED:
        return np.asarray(cv2.GaussianBlur(view, (0, 0), sigma, borderType=border), np.float32)
    pad = 2 * math.ceil(1.5 * sigma)  # so that what lies beside is repeated at full size
    even = cv2.copyMakeBorder(view, pad, pad + height % 2, pad, pad + width % 2, border)
    small = cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)
    wide = cv2.GaussianBlur(small, (0, 0), math.sqrt(sigma**2 - RESIZED) / 2)
    full = np.asarray(cv2.resize(wide, even.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    return full[pad : pad + height, pad : pad + width]


def _left_of_mosaic(over: Floats, under: Floats, place: Mask) -> Iterator[float]:
    """Yield by how much flat cells differ from the mean color of what is below, beside how that varies."""
    plain = cv2.medianBlur(over.astype(np.uint8), SPECKS).astype(np.float32)
    steps = np.zeros(place.shape, np.float32)
    for step, first, last in (
        (largest(np.abs(np.diff(plain, axis=0))), np.s_[:-1], np.s_[1:]),
        (largest(np.abs(np.diff(plain, axis=1))), np.s_[:, :-1], np.s_[:, 1:]),
    ):
        steps[first] = np.maximum(steps[first], step)
        steps[last] = np.maximum(steps[last], step)
    flat = ((steps < FLAT) & place).view(np.uint8)
    count, labels = cv2.connectedComponents(flat, connectivity=4)
    numbers = labels.reshape(-1)
    sizes = np.bincount(numbers, minlength=count)
    sizes[0] = 0
    cells = np.flatnonzero(sizes >= LEAST_CELL)
    if len(cells) < LEAST_CELLS or sizes[cells].sum() < CELLS_COVER * np.count_nonzero(place):
        return
    here, below = (
        np.stack(
            [np.bincount(numbers, view[..., channel].reshape(-1), count)[cells] for channel in range(3)],
            axis=1,
        )
        / sizes[cells, None]
        for view in (over, under)
    )
    if _rms((under - over)[place]) > LEAST_TAKEN:
        yield _rms(here - below) / max(_rms(below - below.mean(axis=0)), 1.0)


def _rms(values: npt.NDArray[np.floating[Any]]) -> float:
    return float(np.sqrt(np.mean(np.square(values)))) if values.size else 0.0
