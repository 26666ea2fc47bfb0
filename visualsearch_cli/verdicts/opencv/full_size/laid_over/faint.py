"""Faint writing, as thermal paper, pencils and gray type leave it: does one of two pages show another stroke?

A codec may leave as much of faint strokes as there is of them, so what it leaves at most tells nothing. But a
page has many strokes that are as faint. Where one of two pages shows another one, more is left than of those.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.verdicts.comparison import Difference
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.full_size.laid_over.places import places_of
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import (
    LUMA_WINDOW,
    Floats,
    Mask,
    Part,
    Prediction,
    eroded,
    gaussian,
    half,
    halved,
    left_of_luma,
    place_of,
    samples,
    strips,
    toned,
    variance,
)
from visualsearch_cli.verdicts.opencv.pixels import grey

SPREAD = 0.66  # pixels of half the resolution: sigma, that makes windows of the size of a digit
NEAR = 7  # of these pixels: as far from a stroke lies what a codec leaves of it
CONTRASTS, BY_OCTAVE, LEAST_CONTRAST = 40, 2, 0.25  # bins of variance, and levels squared of the first one
POWERS, FINELY, LEAST = 80, 4, -6  # bins of what is left, for an octave, and the octave of the first one
ENOUGH = 75  # windows that tell what is usual
USUAL = 0.95  # quantile
ROUNDING = 0.15  # levels squared, that are left anyway
GROUND = 2.0  # levels squared: contrast that is none
LEAST_LEFT = 6.0  # levels squared, of another stroke
STRONG = 1000.0  # levels squared: contrast of what is not faint, and is told otherwise
COUNTS_MORE = 0.6  # weight of how much more is left than usual, beside its share of the contrast
LEAST_OTHER = 3.1  # geometric mean of both
LEAST_HINT = 2.5  # the same, from which it is worth while to fit what tones and filters explain
LEAST_GUESS, GUESSED_BY = 2.0, 3  # the same, guessed of small pictures, by one window of three
RIM = 2  # windows at the rim of a picture: they are but halves
STROKE = 3  # pixels around what differs most
LETTER = 5  # of every other pixel: what differs within that of each other is one place

Counts = npt.NDArray[np.int64]


class Strokes(NamedTuple):
    """Windows of a part, (h / 2, w / 2): levels squared."""

    power: Floats  # of what a prediction leaves
    contrast: Floats  # of the strongest thing near
    inner: Mask  # not at the rim of what both pictures show


def faint_differences(laid: LaidOut, prediction: Prediction, least: float = LEAST_OTHER) -> list[Difference]:
    """Return where one of two pages, laid out, has faint strokes that the other one has not, the most telling
    first; in pixels of the coarser one. Windows count that differ by `least`."""
    height, width = laid.inside.shape
    parts = samples(laid)
    measured = [_strokes_of(laid, part, prediction) for part in parts]
    usual = _usual_of(measured)
    if len(parts) == 1:
        places = _places(_strengths_of(measured[0], usual), least, (0, 0), (width, height))
        return sorted(places, key=_most_telling)
    del measured
    places = []
    for part, own in strips(height, width):
        strength = _strengths_of(_strokes_of(laid, part, prediction), usual)
        rows, columns = half(own[0]), half(own[1])
        top, left = part[0].start + own[0].start, part[1].start + own[1].start
        places += _places(strength[rows, columns], least, (left, top), (width, height))
    return sorted(places, key=_most_telling)


def may_differ_faintly(laid: LaidOut, left: Floats) -> bool:
    """Tell whether faint differences of two small pictures are worth a look, as they are: by the contrast of
    the coarser one alone. That takes a third of the time, and where hardly anything is left, a sixth.

    left: (h / 2, w / 2), levels squared, what is left of luma in windows: others have measured it.
    """
    power = gaussian(left, SPREAD)
    inner = _inner(laid, np.s_[0 : laid.inside.shape[0], 0 : laid.inside.shape[1]])
    if not (inner & (power > LEAST_LEFT)).any():
        return False
    contrast = np.empty_like(left)
    for part, own in strips(*laid.inside.shape):  # they fit into a cache
        luma = grey(laid.coarse[part]).astype(np.float32)
        near = _near(variance(halved(luma), halved(np.square(luma)), LUMA_WINDOW))
        contrast[place_of(part, own)] = near[half(own[0]), half(own[1])]
    strokes = Strokes(power, contrast, inner)
    usual = _usual_of([strokes], GUESSED_BY)
    return bool((_strengths_of(strokes, usual) > LEAST_GUESS).any())


def _most_telling(place: Difference) -> tuple[float, Box]:
    return -place.strength, place.box_a


def _strokes_of(laid: LaidOut, part: Part, prediction: Prediction) -> Strokes:
    """Return what a prediction leaves of a part, beside how strong its strokes are."""
    inside = laid.inside[part]
    fine = laid.fine[part] if prediction.toning is None else toned(laid.fine[part], prediction.toning)
    coarse, predicted = grey(laid.coarse[part]), prediction.luma(grey(fine).astype(np.float32))
    left = left_of_luma(coarse.astype(np.float32), predicted, inside)
    return Strokes(gaussian(left.power, SPREAD), _near(left.contrast), _inner(laid, part))


def _near(contrast: Floats) -> Floats:
    near = cv2.dilate(np.maximum(contrast, np.float32(0)), np.ones((NEAR, NEAR), np.uint8))
    return np.asarray(near, np.float32)


def _inner(laid: LaidOut, part: Part) -> Mask:
    """Return which windows of a part lie not at the rim of what both pictures show."""
    inner: Mask = eroded(laid.inside[part])[::2, ::2].copy()
    for axis, (side, whole) in enumerate(zip(part, laid.inside.shape, strict=True)):
        along = np.moveaxis(inner, axis, 0)
        if side.start == 0:
            along[:RIM] = False
        if side.stop >= whole:
            along[-RIM:] = False
    return inner


def _usual_of(parts: Iterable[Strokes], step: int = 1) -> Floats:
    """Return how much is left of most strokes of each contrast: levels squared, (CONTRASTS,). Of so many
    windows one is looked at."""
    table = np.zeros((CONTRASTS, POWERS), np.int64)
    for part in parts:
        power = part.power[part.inner][::step]
        column = FINELY * (np.log2(power + np.float32(1e-6)) - np.float32(LEAST))
        column = np.clip(column.astype(np.int64), 0, POWERS - 1)
        codes = _bins(part.contrast[part.inner][::step]) * POWERS + column
        table += np.bincount(codes, minlength=table.size).reshape(table.shape)
    alike = table.copy()  # what is nearly as strong counts, too
    alike[1:] += table[:-1]
    alike[:-1] += table[1:]
    counts = alike.sum(axis=1)
    known = np.flatnonzero(counts >= ENOUGH // step)
    if not len(known):
        return np.full(CONTRASTS, np.inf, np.float32)
    places = (alike.cumsum(axis=1) >= USUAL * counts[:, None]).argmax(axis=1)
    levels = np.exp2((places + 0.5) / FINELY + LEAST)
    usual: Floats = np.interp(np.arange(CONTRASTS), known, levels[known]).astype(np.float32)
    return usual


def _strengths_of(part: Strokes, usual: Floats) -> Floats:
    """Return how far windows differ: the geometric mean of how much more is left than usual, and of how much
    that is beside the contrast; 0 where nothing is faint, or too little is left to be seen."""
    found = np.zeros_like(part.power)
    other = part.inner & (part.power > LEAST_LEFT) & (part.contrast < STRONG)
    power, contrast = part.power[other], part.contrast[other]
    more = power / (usual[_bins(contrast)] + np.float32(ROUNDING))
    share = power / (contrast + np.float32(GROUND))
    found[other] = more**COUNTS_MORE * share ** (1 - COUNTS_MORE)
    return found


def _bins(contrast: Floats) -> Counts:
    octaves = BY_OCTAVE * (np.log2(contrast + np.float32(LEAST_CONTRAST)) - np.log2(LEAST_CONTRAST))
    bins: Counts = np.clip(octaves.astype(np.int64), 0, CONTRASTS - 1)
    return bins


def _places(
    strength: Floats, least: float, corner: tuple[int, int], size: tuple[int, int]
) -> list[Difference]:
    """Return the places that differ of a part of a picture of (width, height), from every other pixel."""
    differ = strength > least
    if not differ.any():
        return []
    near = cv2.dilate(differ.view(np.uint8), np.ones((LETTER, LETTER), np.uint8)).view(np.bool_)
    return places_of(strength, differ, near, size, unit=LEAST_OTHER, corner=corner, rim=STROKE, faint=True)
