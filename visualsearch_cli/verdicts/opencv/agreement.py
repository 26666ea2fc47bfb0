"""How equal two aligned pictures are after one tone map, and what was drawn over or has moved."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.quality.ranks import median
from visualsearch_cli.verdicts.comparison import Agreement
from visualsearch_cli.verdicts.opencv.alignment import Aligned
from visualsearch_cli.verdicts.opencv.overlays import drawings
from visualsearch_cli.verdicts.opencv.pixels import chroma, correlation, largest, luma, mean, slope, total
from visualsearch_cli.verdicts.opencv.tones import STEP, Toned, best_toning
from visualsearch_cli.verdicts.opencv.windows import WINDOW, are_strangers, local_correlation
from visualsearch_cli.verdicts.rules import MOST_MOVED

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LEAST_STEP = 0.035
CONTRAST = 0.6  # of a picture's contrast: what differs by more, differs in a flat picture too
ALIKE = 0.75  # correlation in a window above which it shows the same thing, if in another colour
COLORFUL = 0.06  # length of the chroma from which a cell has a hue
SAME_HUE = 0.5  # cosine of the angle between two chromas
LEAST_CHROMA = 0.06  # variation of the chroma below which coarse quantization misses much of it
GREY = 0.01  # mean chroma of a picture that has no colour to lose
EXACT = (
    0.004  # difference of the rest beside a drawing that was put on the very picture: no camera repeats it
)
ONE_EXPOSURE = 0.007  # the same, up to which a look at full size tells whether it is one exposure
RIM = 5  # cells: twice as far as the colour of a drawing runs into its surroundings
TINTED = 7  # cells of a side, in which noise and compression leave the colour nearly as it was
TYPICAL = 8  # one cell of so many is enough to tell how the whole picture's colour changed


def agreement(aligned: Aligned, *, loose: bool = False, lit: bool = False) -> Agreement | None:
    """Compare two aligned pictures. Returns None if there is too little to compare, or nothing in common.

    Most candidates are strangers, so what shows that comes first: windows that do not correlate, whatever
    the tones, and then things that are not in the other picture. The rest is measured of the others alone.

    If the alignment is `loose`, good to a cell, what differs must differ from all cells around a place: a
    warp that is no homography is off by about as much.

    With `lit`, light may have changed from place to place.
    """
    inside = aligned.inside
    if inside.sum() < 100:
        return None
    if are_strangers(aligned):
        return None
    places = np.flatnonzero(inside)
    grids = (aligned.a, aligned.b)
    if lit:
        from visualsearch_cli.verdicts.opencv.full_size.fields import best_lit  # late

        found = best_lit(aligned.a, aligned.b, inside)
        grids = (found.source, found.target)
    a, b = (np.take(grid.reshape(-1, 3), places, axis=0) for grid in grids)
    toning = best_toning(a, b)
    residual = largest(np.abs(toning.toned - toning.target))
    cells, light, light_toned, turned = (np.zeros(inside.shape, np.float32) for _ in range(4))
    cells[inside] = residual
    light[inside], light_toned[inside] = luma(toning.target), luma(toning.toned)
    off = _beyond_neighbors(toning, inside) if loose else cells
    differs = cv2.morphologyEx((off > _step(toning.target)).astype(np.uint8), cv2.MORPH_OPEN, _square(2))
    equal = inside & (cv2.dilate(differs, _square(3)) == 0)
    rest = equal if equal.sum() > 100 else inside
    left = float(cells[rest].mean())
    exact = not lit and toning.untoned and left <= EXACT
    may_be_one = not lit and toning.untoned and left <= ONE_EXPOSURE
    alike = (differs > 0) & (local_correlation(light, light_toned) > ALIKE)
    moves = (differs > 0) & ~alike
    total = float(inside.sum())
    drawing = drawings(
        aligned, differs > 0, moves, MOST_MOVED * total, exact=exact, veils=not lit, opened=may_be_one
    )
    if drawing is None:
        return None
    drawn = drawing.shapes | drawing.letters | drawing.veils | drawing.opened
    turned[inside] = _hue_turned(toning.toned, toning.target)
    colored = inside & (cv2.dilate(drawn.astype(np.uint8), _square(RIM)) == 0)
    return Agreement(
        covered_a=aligned.covered_a,
        covered_b=aligned.covered_b,
        residual=left,
        correlation=correlation(light[rest], light_toned[rest]),
        shapes=float(drawing.shapes.sum()) / total,
        letters=float(drawing.letters.sum()) / total,
        moved=float((moves & ~drawn).sum()) / total,
        recolored=float((alike & ~drawn).sum()) / total,
        hue_turned=float((cv2.morphologyEx(turned, cv2.MORPH_OPEN, _square(2)) > 0)[colored].sum()) / total,
        peak=float(residual.max()),
        change=float(mean(np.abs(a - b)).max()),
        miscolored=_miscolored(toning, inside, colored),
        tint=_tint(a, b, inside),
        faded=_faded(a, b),
        structure=min(float(luma(grid)[rest].std()) for grid in (aligned.a, aligned.b)),
        detail=_detail(aligned, rest),
        exact=exact,
        lit=lit,
        veiled=float(drawing.veils.sum()) / total,
        opened=float(drawing.opened.sum()) / total,
    )


def _beyond_neighbors(toning: Toned, inside: Mask) -> Floats:
    """Return how far each cell is outside the range of the cells around it in the other picture."""
    toned, target = _laid_out(toning.toned, inside), _laid_out(toning.target, inside)
    lowest, highest = cv2.erode(target, _square(3)), cv2.dilate(target, _square(3))
    beyond = cv2.max(cv2.subtract(lowest, toned), cv2.subtract(toned, highest))
    return np.where(inside, np.maximum(largest(np.asarray(beyond, np.float32)), 0), np.float32(0))


def _laid_out(pixels: Floats, inside: Mask) -> Floats:
    """Return pixels, (n, 3), at their places on the grid, (h, w, 3); 0 outside."""
    grid = np.zeros((*inside.shape, 3), np.float32)
    for channel in range(3):  # many times as fast as all three at once
        grid[..., channel][inside] = pixels[:, channel]
    return grid


def _hue_turned(toned: Floats, target: Floats) -> Mask:
    """Tell where both pictures, (n, 3), have a colour, and not the same one."""
    chroma_a, chroma_b = chroma(toned), chroma(target)
    length_a, length_b = _lengths(chroma_a), _lengths(chroma_b)
    apart = total(chroma_a * chroma_b) < SAME_HUE * length_a * length_b
    turned: Mask = apart & (np.minimum(length_a, length_b) > COLORFUL)
    return turned


def _lengths(colors: Floats) -> Floats:
    return np.sqrt(total(colors * colors))


def _miscolored(toning: Toned, inside: Mask, where: Mask) -> float:
    """Return how much of the chroma's variation the tone map leaves unexplained: 0, all is, to 1 or more.

    It is averaged over windows first: noise and compression miss the colour of cells, not of areas.
    """
    if not where.any():
        return 0.0
    mask = where.astype(np.uint8)
    share = cv2.boxFilter(mask, cv2.CV_32F, (WINDOW, WINDOW)) + np.float32(1e-6)
    averaged = []
    for pixels in (toning.toned, toning.target):
        colors = _laid_out(chroma(pixels), inside) * mask[..., None]
        summed = cv2.boxFilter(colors, cv2.CV_32F, (WINDOW, WINDOW))
        averaged.append(summed / share[..., None])
    toned, wanted = averaged
    middle = np.array(cv2.mean(wanted, mask)[:3], np.float32)
    varied = float(np.sqrt(sum(cv2.mean(np.square(wanted - middle), mask)[:3])))
    left = float(np.sqrt(sum(cv2.mean(np.square(toned - wanted), mask)[:3])))
    return left / max(varied, LEAST_CHROMA)


def _tint(a: Floats, b: Floats, inside: Mask) -> float:
    """Return how far the chroma of the window that changed most has moved from the picture's: 0 to 1."""
    change = chroma(a - b)
    typical = np.array([median(channel) for channel in change[::TYPICAL].T], np.float32)
    colors = _laid_out(change - typical, inside)
    averaged = np.asarray(cv2.boxFilter(colors, cv2.CV_32F, (TINTED, TINTED)), np.float32)
    return float(_lengths(averaged).max())


def _faded(a: Floats, b: Floats) -> float:
    """Return how much of the colour one picture has lost beside the other, 0 to 1."""
    less, more = sorted(float(np.abs(chroma(pixels)).mean()) for pixels in (a, b))
    return 0.0 if more < GREY else 1 - less / more


def _step(target: Floats) -> float:
    contrast = float(luma(target).std())
    return min(STEP, max(LEAST_STEP, CONTRAST * contrast))


def _detail(aligned: Aligned, where: Mask) -> float:
    shares = []
    for grid in (aligned.a, aligned.b):
        shares.append(float((slope(luma(grid))[where] > 0.01).mean()))
    return min(shares)


def _square(side: int) -> npt.NDArray[np.uint8]:
    return np.ones((side, side), np.uint8)
