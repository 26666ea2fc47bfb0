"""Lay two pictures onto each other at full size: on the grid of the coarser one, to a fraction of a pixel."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.alignment import Array
from visualsearch_cli.verdicts.opencv.full_size.registration.bends import unbend
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut, cut_rows, scale_of
from visualsearch_cli.verdicts.opencv.full_size.registration.sampling import (
    homogeneous,
    inside_of,
    inside_rows,
    is_nearly,
    resized,
    scaled,
    warp,
)
from visualsearch_cli.verdicts.opencv.full_size.registration.tile_shifts import corrected
from visualsearch_cli.verdicts.opencv.pixels import Grey, grey

FIRST = 400  # pixels of the longer side at which a fit of reduced pictures is made better first
STEP = 2.5  # times as large, the next one
EVEN = 1.0  # pixels: sigma of a blur beside which that of sampling between pixels is little
HARDLY_ANYTHING = 2.0  # levels: mean difference; what is bent has more, and would be taken for straight
ON_PIXELS = 1.0  # pixels: a map that is nearer to whole pixels may be one to these
BENT = 0.3  # pixels that most tiles lie off, from which a smooth bend is looked for
ENLARGED = 1.05  # pixels of the finer picture for one of the coarser, from which it is reduced first


def lay_out(coarse: Pixels, fine: Pixels, matrix: Array, *, exact: bool) -> LaidOut:
    """Lay `fine` onto `coarse`. `matrix` maps the unit square of the coarse one to that of the fine one.

    If the matrix is `exact`, whole frames lie on each other but for a few pixels.
    """
    given = _in_pixels(matrix, coarse, fine)
    return _at_full_size(coarse, fine, given, given if exact else _refined(coarse, fine, given))


def lay_as_found(coarse: Pixels, fine: Pixels, matrix: Array) -> LaidOut:
    """Lay `fine` onto `coarse` as an exact matrix says, to whole pixels where it is near them."""
    source, reduced, between, scale = _at_one_scale(coarse, fine, _in_pixels(matrix, coarse, fine))
    if is_nearly(between, np.round(between), coarse, ON_PIXELS):
        between = np.round(between)
    return _laid(coarse, source, reduced, between, scale, slack=0.0)


def _in_pixels(matrix: Array, a: Pixels, b: Pixels) -> Array:
    """Return a map between unit squares as one between pixels whose centres are whole numbers."""
    return _to_pixels(b) @ matrix @ np.linalg.inv(_to_pixels(a))


def _to_pixels(pixels: Pixels) -> Array:
    height, width = pixels.shape[:2]
    return np.array([[width, 0, -0.5], [0, height, -0.5], [0, 0, 1]], np.float64)


def _refined(coarse: Pixels, fine: Pixels, to_fine: Array) -> Array:
    """Make a fit of reduced pictures better, at growing sizes below the full one."""
    side = float(FIRST)
    while side < 0.8 * max(coarse.shape[:2]):
        factor = side / max(coarse.shape[:2])
        small = grey(resized(coarse, factor))
        other = grey(resized(fine, min(1.0, factor / scale_of(to_fine, coarse))))
        between = scaled(fine, other) @ to_fine @ np.linalg.inv(scaled(coarse, small))
        between, _ = corrected(small, other, between)
        to_fine = np.linalg.inv(scaled(fine, other)) @ between @ scaled(coarse, small)
        side *= STEP
    return to_fine


def _at_full_size(coarse: Pixels, fine: Pixels, given: Array, to_fine: Array) -> LaidOut:
    source, reduced, found, scale = _at_one_scale(coarse, fine, to_fine)
    between, slack = corrected(grey(coarse), grey(source), found)
    # Where there is little but noise, what differs would pull a picture away from where it lies.
    plain = _plainly_on_pixels(coarse, source, between, (between, found, reduced @ given))
    if plain is None:
        between = _on_pixels(coarse, source, between)
    else:
        between, slack = plain, min(slack, BENT)  # what lies further off shows something else
    return _laid(coarse, source, reduced, between, scale, slack)


def _at_one_scale(coarse: Pixels, fine: Pixels, to_fine: Array) -> tuple[Pixels, Array, Array, float]:
    """Return the finer picture reduced to the coarser one's scale, the maps to its pixels from those of the
    whole one and of the coarser one, and how many times as large it was."""
    scale = scale_of(to_fine, coarse)
    source = resized(fine, 1 / scale) if scale > ENLARGED else fine
    reduced = scaled(fine, source)
    between = reduced @ to_fine
    return source, reduced, np.eye(3) if is_nearly(between, np.eye(3), coarse) else between, scale


def _laid(
    coarse: Pixels, source: Pixels, reduced: Array, between: Array, scale: float, slack: float
) -> LaidOut:
    warped = not is_nearly(between, np.round(between), coarse)
    laid = warp(source, between, coarse.shape[1::-1])
    inside, bent = inside_of(between, source, coarse), None
    if warped and slack > BENT:
        bent, slack = unbend(coarse, source, homogeneous(between), laid, slack)
    copied = scale > ENLARGED or not np.may_share_memory(laid, source)
    matrix = np.linalg.inv(reduced) @ between
    return LaidOut(coarse, laid, bent or inside, scale, matrix, slack, warped, bent is not None, copied)


def _on_pixels(coarse: Pixels, source: Pixels, between: Array) -> Array:
    """Return the map to whole pixels, if that is near and explains as much.

    What was cut, pasted or given a border was not resampled, and sampling it would soften it.
    """
    whole = np.round(between)
    if not is_nearly(between, whole, coarse, ON_PIXELS):
        return between
    as_found, as_whole = _left_by(grey(coarse), grey(source), (between, whole), source)
    return whole if as_whole <= as_found and as_found >= 0 else between


def _plainly_on_pixels(
    coarse: Pixels, source: Pixels, between: Array, candidates: Sequence[Array]
) -> Array | None:
    """Return a map to whole pixels near a candidate that leaves hardly anything, and no more than a map."""
    near: dict[tuple[float, ...], Array] = {}  # each once: where nothing was refined, they are one map
    for candidate in candidates:
        whole = np.round(candidate)
        if is_nearly(candidate, whole, coarse, ON_PIXELS):
            near[tuple(whole.flat)] = whole
    if not near:
        return None
    # Evened out first: to sample between pixels takes noise, and would seem to explain it.
    light, other = (
        np.asarray(cv2.GaussianBlur(grey(side), (0, 0), EVEN), np.uint8) for side in (coarse, source)
    )
    for whole in near.values():
        as_found, as_whole = _left_by(light, other, (between, whole), source)
        if 0 <= as_whole <= min(as_found, int(HARDLY_ANYTHING * light.size)):
            return whole
    return None


def _left_by(light: Grey, other: Grey, maps: tuple[Array, Array], source: Pixels) -> tuple[int, int]:
    """Return how much each of two maps leaves, of the same pixels; -1 if nothing lies in both."""
    size = light.shape[1::-1]
    one, two = (_difference(light, warp(other, matrix, size), maps, source) for matrix in maps)
    return one, two


def _difference(a: Pixels | Grey, b: Pixels | Grey, maps: tuple[Array, Array], source: Pixels) -> int:
    """Return how much two pictures differ where both maps lie in the source; -1 if that is nowhere."""
    total, count = 0, 0
    for rows in cut_rows(*a.shape[:2]):
        one, other = (inside_rows(matrix, source, a, rows) for matrix in maps)
        inside = one & other
        total += int(cv2.absdiff(a[rows], b[rows])[inside].sum(dtype=np.int64))
        count += int(np.count_nonzero(inside))
    return total if count else -1
