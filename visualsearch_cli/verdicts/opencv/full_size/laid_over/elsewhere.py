"""A thing that each of two pictures shows, and in another place: a stone on a board, a fish, a ship."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import cv2
import numpy as np

from visualsearch_cli.verdicts.comparison import Difference
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, toned
from visualsearch_cli.verdicts.opencv.pixels import largest
from visualsearch_cli.verdicts.opencv.tones import ToneMap
from visualsearch_cli.verdicts.rules import CHANGED_ON_PAPER

LARGEST = 8  # places that are compared, each with each
LEAST_PIXELS = 24  # that differ
SIZED, SIZED_BY = 0.35, 4  # of the longer of two sides, and pixels, by which those of places may differ
PAD = 2  # pixels around a place
OFF = 5  # pixels, by which a thing may lie off the middle of its place
MOST_SIDE = 256  # pixels, to which a larger place is reduced
SOFT = 1.0  # pixels: sigma of a blur that takes single pixels' grain
LEAST_OFF, PARTLY, STRONGEST = 10.0, 0.25, 0.9  # levels, and times a quantile, by which a thing differs
GAP = 5  # pixels up to which a thing may have the color of what it hides
ALIKE = 0.93  # cosine of what the one picture shows here and the other one shows there
AS_STRONG = 0.5  # of its energy
MOSTLY = 0.5  # of what differs, that is so


def elsewhere(places: Sequence[Difference], laid: LaidOut, toning: ToneMap | None) -> list[bool]:
    """Tell of each place whether one picture shows a thing there that the other one shows in another place.

    What was drawn over one of two pictures, or over both, is not taken off one place and put at another. It
    counts only if most of what differs is so: marks may happen to look alike.
    """
    found = [False] * len(places)
    if all(place.moved for place in places):
        return found
    by_size = sorted(range(len(places)), key=lambda number: (-places[number].pixels, places[number].box_a))
    large = [
        number
        for number in by_size[:LARGEST]
        if places[number].strength >= CHANGED_ON_PAPER and places[number].pixels >= LEAST_PIXELS
    ]
    for one, other in combinations(large, 2):
        if _shows_one_thing(laid, places[one].box_a, places[other].box_a, toning):
            found[one] = found[other] = True
    pixels = [place.pixels for place in places]
    matched = sum(count for count, was in zip(pixels, found, strict=True) if was)
    return found if matched > MOSTLY * sum(pixels) else [False] * len(places)


def _shows_one_thing(laid: LaidOut, here: Box, there: Box, toning: ToneMap | None) -> bool:
    """Tell whether what one picture has at a place, and the other has not, is what that has elsewhere."""
    sizes = [(box[2] - box[0], box[3] - box[1]) for box in (here, there)]
    for one, other in zip(*sizes, strict=True):
        if abs(one - other) > max(SIZED_BY, SIZED * max(one, other)):
            return False
    size = max(sizes[0][0], sizes[1][0]) + 2 * PAD, max(sizes[0][1], sizes[1][1]) + 2 * PAD
    cuts = _cut(laid, here, size, 0, toning), _cut(laid, there, size, OFF, toning)
    if not all(differs.any() for _, differs in cuts):
        return False
    return any(_is_same(*_things(cuts, side)) for side in (0, 1))


def _things(cuts: Sequence[tuple[list[Floats], Mask]], side: int) -> list[Floats]:
    """Return what one picture shows at the first of two places, and the other one at the second, where they
    differ, beside the mean of both grounds: whatever it hides of them is none of it. (h, w, 3) each."""
    shown = [views[of] for of, (views, _) in zip((side, 1 - side), cuts, strict=True)]
    hidden = [views[1 - of][differs] for of, (views, differs) in zip((side, 1 - side), cuts, strict=True)]
    ground = (hidden[0].mean(axis=0) + hidden[1].mean(axis=0)) / np.float32(2)
    return [
        np.asarray(np.where(differs[..., None], view - ground, np.float32(0)), np.float32)
        for view, (_, differs) in zip(shown, cuts, strict=True)
    ]


def _is_same(pattern: Floats, wanted: Floats) -> bool:
    """Tell whether a thing of (h, w, 3) lies anywhere in a wider part."""
    energy = [float(np.square(thing).sum()) for thing in (pattern, wanted)]
    if min(energy) < AS_STRONG * max(energy):
        return False
    return float(cv2.matchTemplate(wanted, pattern, cv2.TM_CCORR_NORMED).max()) >= ALIKE


def _cut(
    laid: LaidOut, box: Box, size: tuple[int, int], rim: int, toning: ToneMap | None
) -> tuple[list[Floats], Mask]:
    """Return both pictures in a part of (width, height) and a rim around it, about the middle of a box, in
    levels (h, w, 3), and where they differ. Beyond the frame they do not."""
    width, height = size[0] + 2 * rim, size[1] + 2 * rim
    left, top = (box[0] + box[2] - width) // 2, (box[1] + box[3] - height) // 2
    rows, columns = (
        slice(max(0, start), min(side, start + length))
        for start, length, side in ((top, height, laid.inside.shape[0]), (left, width, laid.inside.shape[1]))
    )
    fine = laid.fine[rows, columns]
    beyond = (
        rows.start - top,
        top + height - rows.stop,
        columns.start - left,
        left + width - columns.stop,
    )
    factor = min(1.0, MOST_SIDE / max(size))
    views = []
    for pixels in (laid.coarse[rows, columns], fine if toning is None else toned(fine, toning)):
        framed = cv2.copyMakeBorder(pixels, *beyond, cv2.BORDER_CONSTANT)
        if factor < 1:  # before there are floats of it: a place may be half of a large picture
            framed = cv2.resize(framed, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        views.append(np.asarray(cv2.GaussianBlur(framed.astype(np.float32), (0, 0), SOFT), np.float32))
    off = largest(np.abs(views[0] - views[1]))
    least = max(LEAST_OFF, PARTLY * float(np.quantile(off, STRONGEST)))
    differs = cv2.morphologyEx((off > least).view(np.uint8), cv2.MORPH_CLOSE, np.ones((GAP, GAP), np.uint8))
    return views, differs > 0
