"""What was laid over one of two pictures of one exposure: it has a sharp outline there, and there alone."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median, quantile
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, gaussian
from visualsearch_cli.verdicts.opencv.pixels import correlation, largest, luma

AROUND = 16  # pixels around a place
MOST_SIDE = 1024  # pixels, to which a larger place is reduced
LEAST_OFF = 10.0  # levels, by which what was laid over differs
PARTLY = 0.25  # times what differs most, likewise: codecs smear it
STRONGEST = 0.9  # quantile
GAP = 5  # pixels up to which it may have the color of what is below
LEAST_OUTLINE = 12  # pixels
DEEP = 5  # pixels up to which an outline is looked at
SHARP = 0.6  # of what differs within, that it grows by over two pixels
SOFT = 0.7  # pixels: sigma of a blur that takes single pixels' grain
INSIDE, OUTSIDE = 2.0, 2.5  # pixels from the outline, between which a picture steps
ALONG = 11  # pixels of the outline, over which steps are averaged: what is below has none in common
BESIDE = 7  # pixels, as far inside and outside, where steps tell what is usual below
STEEPER, STEEPER_BY = 1.25, 4.0  # times, and levels, by which the step is higher than below
ONE_SIDED = 0.72  # share of the outline that must be so in one picture
OUTLINED = 0.5  # share that must be so at all
HINT_OUTLINED, HINT_ONE_SIDED = 0.3, 0.6  # the same, of what may be laid over
CONTINUED, CONTINUED_BY = (
    0.25,
    6.0,
)  # quantile of the steps below, and levels beyond what is usual there: an outline
FINE, ALIKE = 2.0, 0.5  # pixels: sigma of a blur that leaves none of it; correlation of what goes on below
SOFTER, LEAST_CORE = 0.4, 60  # times the fine structure of what is below, that a blur would leave; pixels
VEILED = (0.15, 0.9)  # times the contrast of what is below, that a half-transparent mark leaves
ONE_COLOR = 2.0  # levels: standard deviation of what was filled
VARIED = 8.0  # levels: standard deviation of what is below, from which that shows
FITS, MOSTLY = 10.0, 0.6  # levels by which a veil may be off, and share of it: there may be letters on it


class Pasted(NamedTuple):
    """What there is at a place."""

    side: int | None  # in which picture something was laid over it: 0, 1; None: that does not show
    leaning: int | None = None  # in which picture most of an outline is: the same, or a hint
    is_seen: bool = True  # anything differs by as much as one sees
    own: tuple[float, float] = (0.0, 0.0)  # share of the outline along which only the one picture steps


def pasted_at(laid: LaidOut, box: Box) -> Pasted:
    """Look for what was laid over a place of two pictures of one exposure."""
    left, top, right, bottom = box
    above, before = max(0, top - AROUND), max(0, left - AROUND)
    part = slice(above, bottom + AROUND), slice(before, right + AROUND)
    views = [laid.coarse[part], laid.fine[part]]
    place: npt.NDArray[np.uint8] = np.zeros(views[0].shape[:2], np.uint8)
    y, x = top - above, left - before
    place[y : y + bottom - top, x : x + right - left] = 1
    factor = MOST_SIDE / max(place.shape)
    if factor < 1:
        size = round(place.shape[1] * factor), round(place.shape[0] * factor)
        views = [np.asarray(cv2.resize(view, size, interpolation=cv2.INTER_AREA), np.uint8) for view in views]
        place = np.asarray(cv2.resize(place, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return pasted_in(views, place > 0)


def pasted_in(views: Sequence[Pixels], place: Mask) -> Pasted:
    """Look for what was laid over a place of one of two views, uint8 (h, w, 3)."""
    values = [np.asarray(view, np.float32) for view in views]
    off = largest(np.abs(values[0] - values[1]))
    differs = off[place & (off > LEAST_OFF)]
    if differs.size < LEAST_OUTLINE:
        return Pasted(None, is_seen=False)
    least = max(LEAST_OFF, PARTLY * quantile(differs, STRONGEST))
    region, outline = _outlined((off > least).view(np.uint8), place)
    if len(outline) < LEAST_OUTLINE:
        return Pasted(None)
    inner, outer = (cv2.distanceTransform(mask, cv2.DIST_L2, 3) for mask in (region, 1 - region))
    depth = np.where(region > 0, inner - np.float32(0.5), np.float32(0.5) - outer)
    if not _is_sharp(off, depth):
        return Pasted(None)
    soft = [_soft(view) for view in values]
    normals = _normals(depth, outline)
    heights, usual = [], []
    for view in soft:
        heights.append(_heights(view, outline, normals, 0.0))
        usual.append(
            float(np.mean([_heights(view, outline, normals, by).mean() for by in (-BESIDE, BESIDE)]))
        )
    more = [
        int(np.count_nonzero(heights[side] > STEEPER * heights[1 - side] + STEEPER_BY)) for side in (0, 1)
    ]
    own = more[0] / len(outline), more[1] / len(outline)
    deep = depth > 1
    core = depth > 3 if np.count_nonzero(depth > 3) >= LEAST_CORE else deep
    fine = [light - gaussian(light, FINE) for light in (luma(view) for view in values)]
    goes_on = correlation(fine[0][deep], fine[1][deep]) > ALIKE
    for side in (0, 1):
        if quantile(heights[1 - side], CONTINUED) > usual[1 - side] + CONTINUED_BY:
            continue
        is_blurred = float(fine[side][core].std()) < SOFTER * float(fine[1 - side][core].std())
        if (
            not goes_on
            and not is_blurred
            and more[side] >= max(OUTLINED * len(outline), ONE_SIDED * sum(more))
        ):
            return Pasted(side, side, own=own)
        if _is_filled(values[side][core], values[1 - side][core]):
            return Pasted(side, side, own=own)
        if _is_veil(values[side][deep], values[1 - side][deep]):
            return Pasted(side, side, own=own)
    leaning = int(more[1] > more[0])
    is_hint = more[leaning] >= max(HINT_OUTLINED * len(outline), HINT_ONE_SIDED * sum(more))
    return Pasted(None, leaning if is_hint else None, own=own)


def _soft(values: Floats) -> Floats:
    """Blur the channels of a view, (h, w, 3)."""
    return np.stack(
        [gaussian(np.ascontiguousarray(values[..., channel]), SOFT) for channel in range(3)], axis=2
    )


def _outlined(
    differs: npt.NDArray[np.uint8], place: Mask
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return what differs at a place, closed and without holes, (h, w), and its outline, (n, 2), x and y in
    order along it."""
    gap = np.ones((GAP, GAP), np.uint8)
    closed = np.asarray(cv2.morphologyEx(differs, cv2.MORPH_CLOSE, gap), np.uint8)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(closed)
    height, width = closed.shape
    outlines = [np.zeros((0, 2), np.int64)]
    for contour in contours:
        points = contour[:, 0].astype(np.int64)
        if len(points) < LEAST_OUTLINE or not place[points[:, 1], points[:, 0]].any():
            continue
        cv2.drawContours(filled, [contour], -1, 1, cv2.FILLED)
        x, y = points[:, 0], points[:, 1]
        outlines.append(points[(x > 1) & (y > 1) & (x < width - 2) & (y < height - 2)])  # the frame is none
    return filled, np.concatenate(outlines)


def _is_sharp(off: Floats, depth: Floats) -> bool:
    """Tell whether what differs begins all at once."""
    steps = np.arange(-DEEP, DEEP + 1)
    numbers = (np.clip(np.rint(depth), -DEEP - 1, DEEP + 1).astype(np.int64) + DEEP + 1).reshape(-1)
    counts = np.bincount(numbers, minlength=2 * DEEP + 3)[1:-1]
    sums = np.bincount(numbers, off.reshape(-1), 2 * DEEP + 3)[1:-1]
    profile = sums / np.maximum(counts, 1)
    thick = counts >= LEAST_OUTLINE
    if not thick[steps > 0].any():
        return False
    within = float(profile[(steps > 0) & thick].max())
    grown = [profile[k + 2] - profile[k] for k in range(len(steps) - 2) if thick[k] and thick[k + 2]]
    return bool(grown) and max(grown) >= SHARP * within


def _normals(depth: Floats, outline: npt.NDArray[np.int64]) -> Floats:
    """Return the directions from an outline inwards, (n, 2) of length 1."""
    soft = gaussian(depth, 1.5)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, x, 1 - x) for x in (1, 0))
    x, y = outline[:, 0], outline[:, 1]
    normals = np.stack([across[y, x], down[y, x]], axis=1)
    found: Floats = normals / np.maximum(np.hypot(normals[:, 0], normals[:, 1]), np.float32(1e-3))[:, None]
    return found


def _heights(view: Floats, outline: npt.NDArray[np.int64], normals: Floats, by: float) -> Floats:
    """Return how high a view steps across an outline, moved inwards by some pixels: levels, (n,)."""
    middle = outline.astype(np.float32) + np.float32(by) * normals
    sides = []
    for away in (INSIDE, -OUTSIDE):
        at = (middle + np.float32(away) * normals)[None]
        sides.append(
            cv2.remap(view, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
        )
    steps = cv2.blur(sides[0] - sides[1], (1, ALONG))  # along the outline
    return np.asarray(np.sqrt(np.square(steps.reshape(-1, 3)).sum(axis=1)), np.float32)


def _is_filled(over: Floats, under: Floats) -> bool:
    """Tell whether one picture has one color where the other one shows something, (n, 3 each)."""
    spread, below = (float(values.std(axis=0).max()) for values in (over, under))
    return spread < ONE_COLOR and below > VARIED


def _is_veil(over: Floats, under: Floats) -> bool:
    """Tell whether what is below goes on under a half-transparent mark, (n, 3 each)."""
    if len(over) < 4 * LEAST_OUTLINE or float(under.std(axis=0).min()) < VARIED:
        return False
    weights = np.ones(len(over), np.float32)
    left = np.zeros(len(over), np.float32)
    for _ in range(4):
        total = weights.sum()
        means = [(values * weights[:, None]).sum(axis=0) / total for values in (over, under)]
        here, below = over - means[0], under - means[1]
        share = float((weights[:, None] * here * below).sum() / (weights[:, None] * below * below).sum())
        left = largest(np.abs(here - np.float32(share) * below))
        weights = 1 / (1 + np.square(left / np.float32(2.5 * median(left) + 1)))
    return VEILED[0] < share < VEILED[1] and float((left < FITS).mean()) >= MOSTLY
