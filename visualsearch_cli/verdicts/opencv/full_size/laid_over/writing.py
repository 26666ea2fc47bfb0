"""Writing in the place of writing: the clock of a camera, a line of text below a picture, a score."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median, quantile
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut, cut_rows
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, gaussian, toned
from visualsearch_cli.verdicts.opencv.pixels import largest, luma
from visualsearch_cli.verdicts.opencv.tones import ToneMap

STRONGEST = 0.98  # quantile of what differs in a place
BESIDE = 4  # pixels around writing, that are its ground
FLAT, INK = (
    0.25,
    0.5,
)  # of its contrast, by which the ground may vary at most, and ink differs from it at least
OUTLINE = 2  # pixels beside ink, that are neither
MOSTLY_FLAT = 0.97  # share of that ground
FEW = 10  # pixels that may differ more than strokes do
LEAST_STROKES = 5  # pixels that one shows and the other does not
BOTH = 0.15  # times as many, the other way round
OF_INK = 0.06  # share of all ink there: less is an edge
LETTERS, LETTERS_BESIDE_EQUAL = (
    100.0,
    60.0,
)  # levels of contrast: less is seldom writing; where all else is equal
LARGE = 4  # times the strokes of its letters, a place of large ones is
THICK, MOST_THICK = 9, 0.1  # pixels that a stroke has not; share of the ink that may be as thick
OFF, SMALL = 2, 16  # pixels by which writing may lie off; half of it in a place that is narrower
ONE_INK, IN_IT = 0.35, 0.7  # of the contrast, up to which a color is one; share of the strokes that have it
EQUAL_BETWEEN = 0.9  # share of what lies between strokes, that does not differ
SAME_INK = 0.22  # of the contrast, by which the luma of both inks may differ
LEAST_DENSE = 0.015  # share of a place that strokes cover
GOES_ON = 0.4  # share of strokes below which the other picture goes on as beside them: letters lie there, too
GROUND = 6.0  # pixels: sigma of the window in which the ground beside strokes is taken
FAINTEST = 40.0  # levels of contrast of strokes in one ink
MOST_HIGH = 100  # pixels of a line of writing; what is higher is mostly something else


def is_rewritten(
    laid: LaidOut, box: Box, toning: ToneMap | None, *, exact: bool = False, faintest: float = FAINTEST
) -> bool:
    """Tell whether both pictures show writing at a place, each another, of so many levels of contrast at
    least."""
    left, top, right, bottom = box
    part = np.s_[max(0, top - BESIDE) : bottom + BESIDE, max(0, left - BESIDE) : right + BESIDE]
    if not laid.inside[part].all():
        return False
    views = laid.coarse[part], laid.fine[part] if toning is None else toned(laid.fine[part], toning)
    if _is_on_one_ground([_light(view) for view in views], exact=exact):
        return True
    is_line = min(views[0].shape[:2]) <= MOST_HIGH  # and small: the colors of both are held at once
    return is_line and _is_in_one_ink(views[0].astype(np.float32), views[1].astype(np.float32), faintest)


def _light(view: Pixels) -> Floats:
    """Return the luma of a view, (h, w): all colors of a large place would take three times that."""
    light = np.empty(view.shape[:2], np.float32)
    for rows in cut_rows(*view.shape[:2]):
        light[rows] = luma(view[rows].astype(np.float32))
    return light


def _is_in_one_ink(a: Floats, b: Floats, faintest: float) -> bool:
    """Tell whether each of two views of a place, (h, w, 3), has strokes of one color where the other one has
    none, both have the same color, and nothing else differs: whatever lies below.

    A mark over one of them has a color where the other one has any. What moved, or was painted in, differs
    between strokes as well. Light and dark marks over one look like strokes of both on a ground of black or
    white, but that is no ground of the one below them.
    """
    channel, contrast = contrast_of(a - b)
    if contrast < faintest:
        return False
    planes = [np.ascontiguousarray(view[..., channel]) for view in (a, b)]
    off = planes[0] - planes[1]
    lighter, darker = strokes_of(off, contrast)
    strokes = lighter | darker
    outline = cv2.dilate(strokes.view(np.uint8), np.ones((2 * BESIDE + 1, 2 * BESIDE + 1), np.uint8)) > 0
    thick = max(THICK, min(off.shape) // LARGE)  # as the strokes of large letters are not
    if strokes.mean() < LEAST_DENSE or outline.all() or not _is_thin(strokes, thick):
        return False
    if float((np.abs(off[~outline]) < FLAT * contrast).mean()) < EQUAL_BETWEEN:
        return False
    grounds = [_goes_on(plane, ~outline, INK * contrast) for plane in planes]
    return any(
        _lie_on(grounds, mine, its)
        and _have_each(mine, its)
        and _are_of_one_ink(a[mine], b[its], contrast)
        and all(  # writing that lies off a little differs in the same way
            _have_each(*strokes_of(planes[0] - np.roll(planes[1], shift, (0, 1)), sign * contrast))
            for shift in _shifts(a.shape)
        )
        for sign, mine, its in ((1, lighter, darker), (-1, darker, lighter))
    )


def _goes_on(plane: Floats, beside: Mask, most: float) -> Mask:
    """Return where a plane has about the level that it has around there, of pixels `beside` strokes."""
    weights = gaussian(beside.astype(np.float32), GROUND) + np.float32(1e-6)
    around = gaussian(np.where(beside, plane, np.float32(0)), GROUND) / weights
    return np.asarray(np.abs(plane - around) < most, np.bool_)


def _lie_on(grounds: Sequence[Mask], mine: Mask, its: Mask) -> bool:
    """Tell whether strokes of either of two views lie where the other one shows its ground."""
    return all(
        float(ground[strokes].mean()) > GOES_ON
        for ground, strokes in zip(grounds, (its, mine), strict=True)
        if strokes.any()
    )


def contrast_of(off: Floats) -> tuple[int, float]:
    """Return the channel in which two views differ most, by `off` (h, w, 3), and by how much strokes do."""
    strengths = [
        float(np.partition(np.abs(plane).reshape(-1), -FEW)[-FEW]) for plane in np.moveaxis(off, 2, 0)
    ]
    strongest = max(range(3), key=strengths.__getitem__)
    return strongest, strengths[strongest]


def strokes_of(off: Floats, contrast: float) -> tuple[Mask, Mask]:
    """Return where the first of two views has ink that the other one has not, and the other way round, by how
    much lighter the first is: ink is so much lighter than what it lies on; below zero, darker."""
    return off / np.float32(contrast) > INK, off / np.float32(contrast) < -INK


def _have_each(mine: Mask, its: Mask) -> bool:
    """Tell whether each of two views has strokes of its own."""
    counts = [int(np.count_nonzero(mask)) for mask in (mine, its)]
    return min(counts) >= max(LEAST_STROKES, BOTH * max(counts))


def _are_of_one_ink(one: Floats, other: Floats, contrast: float) -> bool:
    """Tell whether the strokes of two views, (n, 3) and (m, 3), each have one color, and the same one."""
    middles = [color_of(ink) for ink in (one, other)]
    near = np.float32(ONE_INK * contrast)
    apart = middles[0] - middles[1]
    if abs(luma(apart)) > SAME_INK * contrast or np.abs(apart).max() > near:  # codecs smear color
        return False
    return all(is_of(ink, middle, near) for ink, middle in zip((one, other), middles, strict=True))


def color_of(ink: Floats) -> Floats:
    """Return the median color of pixels, (n, 3)."""
    return np.array([median(ink[:, number]) for number in range(3)], np.float32)


def is_of(ink: Floats, color: Floats, near: np.float32) -> bool:
    """Tell whether most pixels, (n, 3), are of a color."""
    return float((largest(np.abs(ink - color)) < near).mean()) > IN_IT


def _shifts(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return by how much, down and to the right, writing of a place with a rim may lie off: that differs as
    other writing does."""
    off = OFF if min(shape[:2]) - 2 * BESIDE >= SMALL else OFF // 2
    return [(down, right) for down in range(-off, off + 1) for right in range(-off, off + 1)]


def _is_on_one_ground(views: Sequence[Floats], *, exact: bool) -> bool:
    """Tell whether each of two views of a place, (h, w) in levels, has writing of one color on a flat ground,
    each another."""
    off = np.stack(views) - np.float32(median(np.concatenate([view.reshape(-1) for view in views])))
    sign = 1.0 if off.max() > -off.min() else -1.0
    off *= np.float32(sign)
    contrast = min(quantile(view.reshape(-1), STRONGEST) for view in off)
    if contrast < (LETTERS_BESIDE_EQUAL if exact else LETTERS):
        return False
    inks, grounds = off > INK * contrast, np.abs(off) < FLAT * contrast
    if not _differ(inks, grounds) or not all(_is_thin(ink) for ink in inks):
        return False
    own = (inks[0] & grounds[1]) | (inks[1] & grounds[0])
    outline, around = (np.ones((2 * reach + 1, 2 * reach + 1), np.uint8) for reach in (OUTLINE, BESIDE))
    ink = cv2.dilate((inks[0] | inks[1]).view(np.uint8), outline)
    beside = cv2.dilate(own.view(np.uint8), around) > ink
    if not beside.any() or float((grounds[0] & grounds[1])[beside].mean()) < MOSTLY_FLAT:
        return False
    return all(
        _differ((inks[0], np.roll(inks[1], shift, (0, 1))), (grounds[0], np.roll(grounds[1], shift, (0, 1))))
        for shift in _shifts(off.shape[1:])
    )


def _is_thin(ink: Mask, thick_from: int = THICK) -> bool:
    thick = cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_OPEN, np.ones((thick_from, thick_from), np.uint8))
    return bool(np.count_nonzero(thick) <= MOST_THICK * np.count_nonzero(ink))


def _differ(inks: Sequence[Mask], grounds: Sequence[Mask]) -> bool:
    """Tell whether each of two has strokes where the other one has none."""
    strokes = [int(np.count_nonzero(inks[number] & grounds[1 - number])) for number in (0, 1)]
    most = max(int(np.count_nonzero(ink)) for ink in inks)
    return min(strokes) >= max(LEAST_STROKES, BOTH * max(strokes), OF_INK * most)
