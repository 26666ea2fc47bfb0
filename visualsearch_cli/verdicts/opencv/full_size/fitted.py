"""The proof of two pictures of which one predicts the other: what differs, and what lies over one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import cv2
import numpy as np

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.pillow import give_back
from visualsearch_cli.verdicts.comparison import Agreement, Difference, FullPicture, Grounds, Proof
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.full_size.fields import lights_of
from visualsearch_cli.verdicts.opencv.full_size.fine_marks import lost_marks
from visualsearch_cli.verdicts.opencv.full_size.focus import refocused
from visualsearch_cli.verdicts.opencv.full_size.grounds import look_of
from visualsearch_cli.verdicts.opencv.full_size.laid_over.elsewhere import elsewhere
from visualsearch_cli.verdicts.opencv.full_size.laid_over.faint import faint_differences
from visualsearch_cli.verdicts.opencv.full_size.laid_over.marks import is_moved
from visualsearch_cli.verdicts.opencv.full_size.laid_over.obscured import is_obscured
from visualsearch_cli.verdicts.opencv.full_size.laid_over.pasted import pasted_at
from visualsearch_cli.verdicts.opencv.full_size.laid_over.places import parts_of, places_of
from visualsearch_cli.verdicts.opencv.full_size.laid_over.shifted import share_shifted
from visualsearch_cli.verdicts.opencv.full_size.laid_over.strokes import is_written_on
from visualsearch_cli.verdicts.opencv.full_size.laid_over.veils import of_one_mark, veil_at
from visualsearch_cli.verdicts.opencv.full_size.laid_over.writing import is_rewritten
from visualsearch_cli.verdicts.opencv.full_size.light import light_of
from visualsearch_cli.verdicts.opencv.full_size.plain import PLAIN
from visualsearch_cli.verdicts.opencv.full_size.readouts import is_one_readout, white_noise
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LARGE, SCALE_TIE, LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import (
    UNTONED,
    FittedTones,
    Floats,
    Mask,
    Part,
    Planes,
    Prediction,
    Smoothed,
    curve_of,
    doubled,
    half,
    left_of,
    planes,
    predict,
    samples,
    smoothed,
    split,
    strips,
    toning_of,
    unfitted,
    windows,
)
from visualsearch_cli.verdicts.opencv.full_size.residual import toned as through
from visualsearch_cli.verdicts.opencv.full_size.shots import (
    STEADY,
    FineStructure,
    fine_structures,
    least_of,
    may_tell_shots,
)
from visualsearch_cli.verdicts.opencv.full_size.toning import shading_beside, toning_beside
from visualsearch_cli.verdicts.opencv.pixels import Grey, correlation
from visualsearch_cli.verdicts.opencv.tones import ToneMap
from visualsearch_cli.verdicts.rules import (
    CHANGED_ON_PAPER,
    MOST_SHIFTED,
    SHOT_PIXELS,
    is_like_a_page,
    is_toned,
)

SEEN = 1.0  # how far a window may differ before its pixels are collected; what counts is decided later
STRENGTH_STEPS = 16  # by unit
LETTER = 5  # of every other pixel: what differs within that of each other is one place
RIM = 0.012  # of the shorter side: what a rescan may show of what lies beside the page
LEAST_RIM = 8  # pixels
MOST_PLACES = 200
FAINT = 6.0  # levels of contrast of writing that is known to differ
LARGE_SHARE = 0.004  # share of what both show: a dozen cells of the first look along either side
NEAR = 0.02  # of the longer side
MOST_LOOKED_AT = 40  # of them, for whether they show another thing
COUNTS = 0.2  # times the pixels of the largest place, from which another counts beside it
LEAST_OPEN = 4.0  # strength of a large place, from which something must be seen to lie over it
OWN_OUTLINE = (
    0.2  # share of an outline along which only the one picture steps, and only the other one: two marks
)
BOTH, HALF = (
    0.15,
    0.5,
)  # of what is told, that is over the other picture; of all that differs, that is two marks
DRAWN = 0.002  # share of the picture, from which a place counts
LARGE_PLACE, ROWS = 4_000_000, 128  # pixels of what is looked at in parts, and rows of one part
ALIKE = 0.6  # correlation from which a place shows the same thing, if in another color
UNEXPLAINED = 0.06  # cost of the best tones, from which light may have fallen unevenly
WORTH_LIGHT = 0.7  # times what is left unexplained without, for which light is told to fall unevenly
SOME_NOISE = 1.5  # levels, before it is known
MIDTONE = 128.0  # levels, of which light changes so many


class Lit(NamedTuple):
    """Two laid-out pictures in one light, and the tones that take the finer one to the coarser one then."""

    laid: LaidOut
    fitted: FittedTones
    shade: float = 0.0  # levels by which light was changed from place to place
    patched: bool = False  # by more than light falls unevenly


def toned_and_lit(laid: LaidOut, first: Agreement) -> Lit:
    """Fit tones, and where these leave much, light that fell unevenly."""
    if laid.inside.size > LARGE:
        give_back()  # what it took to lay them out

    def left_by(tones: FittedTones) -> float:
        """Return what is unexplained: of two that are equally large, the way back may be the better one."""
        return tones.cost if laid.scale < SCALE_TIE else tones.there

    # A curve would explain a part of what was drawn over a picture that nobody toned.
    fitted = UNTONED if first.exact or first.lit else toning_of(laid)
    light = light_of(laid) if first.lit or left_by(fitted) > UNEXPLAINED else None
    if light is not None:
        relight = light.on(laid)
        better = toning_of(laid, relight)
        if left_by(better) < (UNEXPLAINED if first.lit else WORTH_LIGHT * left_by(fitted)):
            return Lit(relight.all_of(laid), better, MIDTONE * light.range)
    if not first.lit:
        return Lit(laid, fitted)
    lights = lights_of(laid)
    lit = lights.on(laid).all_of(laid)
    tones = toning_of(lit).tones
    changed = float(np.abs(lights.gain * np.float32(MIDTONE) + lights.offset - np.float32(MIDTONE)).max())
    return Lit(lit, FittedTones(tones, min(lights.there, lights.back), lights.there), changed, patched=True)


def proved(
    laid: LaidOut,
    coarse: FullPicture,
    fine: FullPicture,
    toning: ToneMap | None,
    first: Agreement,
    *,
    one_frame: bool,
) -> Proof:
    """Return the proof of two pictures, laid out, of which the finer one was toned so. Its places are in
    pixels of the part of the coarser picture that both show. What moved is asked of `one_frame` alone."""
    parts = samples(laid)
    tiles = [planes(laid, part, toning) for part in parts]
    prediction, measured = predict(laid, tiles, coarse.compression, fine.compression, toning)
    is_large = laid.inside.size > LARGE
    curve = curve_of(tiles, smooth=STEADY) if prediction.is_fitted or toning is not None else None
    if is_large:  # they would lie beside all that follows, a hundred megabytes
        del tiles, measured[:]
        give_back()
    strength = _strengths(laid, prediction, measured)
    del measured
    shifted = share_shifted(laid, strength, toning) if one_frame else 0.0
    differences, near, is_open = _differences(
        laid, prediction, strength, first, is_settled=shifted > MOST_SHIFTED
    )
    del strength
    if is_large:
        give_back()
    drawn = _drawn(laid, near)
    seen: Iterable[Planes] = _Tiles(laid, parts, toning) if is_large else tiles
    structures: list[tuple[FineStructure, ...]] = []
    if may_tell_shots(laid, coarse, fine):
        equal = [~doubled(near, part) for part in parts]
        structures = fine_structures(seen, equal, prediction, resampled=laid.resampled, is_large=is_large)
        if is_large:
            give_back()
    structure = structures[0] if structures else ()
    shading = shading_beside(seen, prediction)
    if toning is not None:
        seen = _Tiles(laid, parts)
    undrawn = [
        tile._replace(inside=tile.inside & ~doubled(drawn, part))
        for tile, part in zip(seen, parts, strict=True)
    ]
    noise = prediction.noise[0]
    grounds = (
        look_of([tile.coarse for tile in undrawn], noise, edges=True),
        look_of([tile.fine for tile in undrawn], noise, edges=True),
    )
    if all(is_like_a_page(look) for look in grounds):
        differences += _faint(laid, prediction)
    toned = toning_beside(undrawn, prediction, structure[0].kept if structure else 1.0)
    if is_large:
        del undrawn
        give_back()  # what the allocator keeps of the samples, for each thread
    is_small = laid.inside.size < SHOT_PIXELS
    codecs = coarse.compression, fine.compression
    in_tones = None if curve is None or not is_toned(toned) else _tones_of(toning, curve)
    return Proof(
        differences=tuple(differences),
        grounds=grounds,
        shots=tuple(least_of(structure) for structure in structures if structure),
        noise=prediction.grain,
        toning=toned,
        lost=lost_marks(laid, fine.pixels),
        shade=shading,
        resampled=laid.resampled,
        is_open=is_open,
        shifted=shifted,
        refocused=refocused(laid, drawn, toning),
        white=white_noise(laid, codecs, near) if is_small or laid.resampled else None,
        white_toned=white_noise(laid, codecs, near, in_tones) if in_tones is not None else None,
    )


def _tones_of(toning: ToneMap | None, curve: Floats) -> Callable[[Pixels], Floats]:
    """Return what makes of the finer picture the luma that the coarser one would have, as sharp as it is.

    The filter that fits best is a blur where each of two exposures has noise of its own.
    """

    def in_tones(fine: Pixels) -> Floats:
        light = split(fine if toning is None else through(fine, toning))[0]
        return np.asarray(cv2.LUT(light.astype(np.uint8), curve), np.float32)

    return in_tones


def seen(laid: LaidOut) -> tuple[Grounds, Grounds]:
    """Return what two laid-out pictures look like, before light is taken off that may be a page's own."""
    tiles = _Tiles(laid, samples(laid))
    return (
        look_of([tile.coarse for tile in tiles], SOME_NOISE, edges=True),
        look_of([tile.fine for tile in tiles], SOME_NOISE, edges=True),
    )


def as_found(laid: LaidOut, coarse: FullPicture, fine: FullPicture) -> Proof:
    """Return where two pictures differ, and what they look like, as they are: nothing is fitted."""
    strength = _strengths(laid, unfitted(laid, coarse.compression, fine.compression), [])
    height, width = laid.inside.shape
    places = _places(strength, _near(strength), (width, height))
    places.sort(key=lambda place: (-place.strength, place.box_a))
    differences = [
        place._replace(rewritten=is_rewritten(laid, place.box_a, None, exact=True))
        for place in places[:MOST_LOOKED_AT]
    ]
    return PLAIN._replace(
        differences=(*differences, *places[MOST_LOOKED_AT:MOST_PLACES]),
        grounds=seen(laid),
        is_open=_has_each_its_own(laid, places),
    )


def _has_each_its_own(laid: LaidOut, places: Sequence[Difference]) -> bool:
    """Tell whether each of two pictures shows outlines of its own where they differ: both were drawn over."""
    told, pixels, mixed = [0, 0], 0, 0
    most = max((place.pixels for place in places), default=0)
    for place in places[:MOST_LOOKED_AT]:
        if place.pixels < COUNTS * most:
            continue
        found = pasted_at(laid, place.box_a)
        if found.side is not None:
            told[found.side] += place.pixels
        pixels += place.pixels
        mixed += place.pixels if min(found.own) >= OWN_OUTLINE else 0
    return min(told) > BOTH * sum(told) or mixed > HALF * pixels


class _Tiles:
    """Parts of two laid-out pictures, made anew whenever they are gone through: of large pictures, nothing is
    held for long beside what was laid out."""

    def __init__(self, laid: LaidOut, parts: Sequence[Part], toning: ToneMap | None = None) -> None:
        self._laid = laid
        self._parts = parts
        self._toning = toning

    def __iter__(self) -> Iterator[Planes]:
        return (planes(self._laid, part, self._toning) for part in self._parts)


def _differences(
    laid: LaidOut, prediction: Prediction, strength: Grey, first: Agreement, *, is_settled: bool
) -> tuple[list[Difference], Mask, bool]:
    """Return what differs, the strongest first, in pixels of the coarser picture; all pixels near it, as a
    mask of half the resolution; and whether what the first look left open was not told.

    strength: of each window, as `_strengths` returns it. If it `is_settled` that no mark, veil or blur makes
    two photographs one, they are not looked for: of frames of a film that takes most of a proof.
    """
    height, width = laid.inside.shape
    near = _near(strength)
    if not near.any():
        return [], near, first.opened > 0
    places = _places(strength, near, (width, height))
    places = _within(places, laid)
    places.sort(key=lambda place: (-place.strength, place.box_a))
    drawn = _seen_before(places, laid, first)
    looked_at = [
        place._replace(
            moved=place.strength > CHANGED_ON_PAPER  # the weakest that counts
            and not (is_settled or is_drawn)
            and is_moved(laid, place.box_a, prediction.toning, exact=first.exact),
            rewritten=is_rewritten(laid, place.box_a, prediction.toning, exact=first.exact),
        )
        for place, is_drawn in zip(places[:MOST_LOOKED_AT], drawn, strict=False)
    ]
    is_open = False
    has_marks = first.veiled or first.opened or first.exact or any(place.moved for place in looked_at)
    if has_marks and not is_settled:
        looked_at, is_open = _left_open(looked_at, laid, prediction, first, near)
    looked_at = _beside_others(looked_at, laid, prediction.toning)
    return looked_at + places[MOST_LOOKED_AT:MOST_PLACES], near, is_open


def _beside_others(places: Sequence[Difference], laid: LaidOut, toning: ToneMap | None) -> list[Difference]:
    """Return places of which what else there is tells that they show no mark: a thing that was taken from one
    place to another, or a stroke more in writing that both show."""
    taken = elsewhere(places, laid, toning)
    places = [place._replace(moved=place.moved or was) for place, was in zip(places, taken, strict=True)]
    return [
        place._replace(rewritten=True)
        if place.strength >= CHANGED_ON_PAPER
        and not (place.moved or place.rewritten)
        and is_written_on(laid, place.box_a, toning)
        else place
        for place in places
    ]


def _faint(laid: LaidOut, prediction: Prediction) -> list[Difference]:
    """Return the places where faint strokes differ, and whether that is other writing."""
    places = _within(faint_differences(laid, prediction), laid)
    return [
        place._replace(rewritten=is_rewritten(laid, place.box_a, prediction.toning, faintest=FAINT))
        for place in places[:MOST_LOOKED_AT]
    ] + places[MOST_LOOKED_AT:MOST_PLACES]


def _strengths(laid: LaidOut, prediction: Prediction, measured: Sequence[Smoothed]) -> Grey:
    """Return how far each window differs, in steps of a byte, at half the resolution: a float for each would
    be four times as much. Where no window of a part differs far enough to be seen, it is 0.

    `measured` is of the parts that the prediction was fitted on.
    """
    height, width = laid.inside.shape
    strength = np.zeros(((height + 1) // 2, (width + 1) // 2), np.uint8)
    is_whole = len(measured) == 1 and measured[0].luma.power.shape == strength.shape  # of a small picture
    everything = np.s_[0:height, 0:width]
    for part, own in [(everything, everything)] if is_whole else strips(height, width):
        if is_whole:
            both = measured[0]
        else:
            tile = planes(laid, part, prediction.toning)
            left = left_of(tile, prediction)
            if not left.may_differ(prediction):
                continue
            both = smoothed(tile, prediction, left)
        found = windows(both, prediction)
        rows, columns = (
            half(slice(whole.start + mine.start, whole.start + mine.stop))
            for whole, mine in zip(part, own, strict=True)
        )
        worse = np.maximum(found.luma, found.chroma)[half(own[0]), half(own[1])]
        strength[rows, columns] = np.minimum(worse * STRENGTH_STEPS, 255).astype(np.uint8)
    return strength


def _left_open(
    places: Sequence[Difference],
    laid: LaidOut,
    prediction: Prediction,
    first: Agreement,
    near: Mask,
) -> tuple[list[Difference], bool]:
    """Return places of which those are not moved that a veil, or something with an outline, was laid over.

    What the first look left open is drawn over only if that shows; also returned is whether it does not.
    """
    veils = of_one_mark([veil_at(laid, place.box_a, prediction.toning) for place in places])
    moved = [
        (place.moved or first.veiled > 0) and not veiled for place, veiled in zip(places, veils, strict=True)
    ]
    is_open = first.opened > 0
    compressions = prediction.coarse, prediction.fine
    if (any(moved) or is_open or len(places) > 1) and is_one_readout(laid, compressions, near):
        found = [pasted_at(laid, place.box_a) for place in places]
        large = [place.pixels >= COUNTS * max(other.pixels for other in places) for place in places]
        leaning = {one.leaning for one, counts in zip(found, large, strict=True) if counts} - {None}
        if len(leaning) > 1:  # each picture hides what the other one shows
            return [place._replace(moved=was) for place, was in zip(places, moved, strict=True)], True
        told = [
            one.side is not None or is_obscured(laid, place.box_a, prediction.toning, exact=False)
            for place, one in zip(places, found, strict=True)
        ]
        told = _told_together(places, told, laid, prediction.toning)
        # Beside what was laid over, codecs leave what is hardly seen.
        relies_on_it = is_open or any(was and over for was, over in zip(moved, told, strict=True))
        is_open = relies_on_it and any(
            counts and place.strength > LEAST_OPEN and not was
            for place, counts, was in zip(places, large, told, strict=True)
        )
        moved = [
            was and not over and (place.moved or one.is_seen)
            for place, was, over, one in zip(places, moved, told, found, strict=True)
        ]
    return [place._replace(moved=was) for place, was in zip(places, moved, strict=True)], is_open


def _told_together(
    places: Sequence[Difference], told: Sequence[bool], laid: LaidOut, toning: ToneMap | None
) -> list[bool]:
    """Return the same of places, of which those are told, too, that are parts of one that was obscured: a
    blur changes nothing of what is plain."""
    groups = _groups(places, laid)
    found = list(told)
    for group in {group for group, was in zip(groups, told, strict=True) if not was}:
        boxes = np.array([place.box_a for place, its in zip(places, groups, strict=True) if its == group])
        left, top = (int(side) for side in boxes[:, :2].min(axis=0))
        right, bottom = (int(side) for side in boxes[:, 2:].max(axis=0))
        if len(boxes) > 1 and is_obscured(laid, (left, top, right, bottom), toning, exact=False):
            found = [was or its == group for was, its in zip(found, groups, strict=True)]
    return found


def _near(strength: Grey) -> Mask:
    """Return what differs, and what is so near that it is part of one place, (h / 2, w / 2)."""
    seen = (strength > SEEN * STRENGTH_STEPS).astype(np.uint8)
    return np.asarray(cv2.dilate(seen, np.ones((LETTER, LETTER), np.uint8)), np.uint8).view(np.bool_)


def _places(strength: Grey, near: Mask, size: tuple[int, int]) -> list[Difference]:
    """Return the places that differ of a picture of (width, height), from both at half the resolution."""
    return places_of(strength, strength > SEEN * STRENGTH_STEPS, near, size, unit=STRENGTH_STEPS)


def _seen_before(places: Sequence[Difference], laid: LaidOut, first: Agreement) -> list[bool]:
    """Tell of each place whether the first look saw all of it, and around it, and found it drawn.

    That look has cells: what lies near each other, as letters do, is one place for it.
    """
    groups = _groups(places, laid)
    shares = dict.fromkeys(groups, 0.0)
    for place, group in zip(places, groups, strict=True):
        shares[group] += place.pixels / laid.inside.size
    return [
        shares[group] >= LARGE_SHARE and first.drawn >= shares[group] / 2 and first.moved <= shares[group] / 5
        for group in groups
    ]


def _groups(places: Sequence[Difference], laid: LaidOut) -> list[int]:
    """Return a number for each place that those have, too, that lie near it."""
    height, width = laid.inside.shape
    near = max(1, round(NEAR * max(height, width)))
    step = 8 if laid.inside.size > LARGE else 2
    around = near // (2 * step)
    boxes = np.zeros((-(-height // step), -(-width // step)), np.uint8)
    for place in places:
        left, top, right, bottom = (side // step for side in place.box_a)
        boxes[max(0, top - around) : bottom + around, max(0, left - around) : right + around] = 1
    # Boxes are wide where pictures are large, so there are never more than 16 bits can count.
    _, labels = cv2.connectedComponents(boxes, ltype=cv2.CV_16U)
    middles = [
        ((top + bottom) // (2 * step), (left + right) // (2 * step))
        for left, top, right, bottom in (place.box_a for place in places)
    ]
    return [
        int(labels[min(row, labels.shape[0] - 1), min(column, labels.shape[1] - 1)])
        for row, column in middles
    ]


def _within(places: list[Difference], laid: LaidOut) -> list[Difference]:
    """Return the places that are not at the rim of a picture that was warped."""
    if not laid.warped:
        return places
    height, width = laid.inside.shape
    rim = max(LEAST_RIM, RIM * min(width, height))
    return [place for place in places if not _is_at_rim(place.box_a, width, height, rim)]


def _is_at_rim(box: Box, width: int, height: int, rim: float) -> bool:
    """Tell whether a box lies within the rim of a frame, where a warp and a scanner make things up."""
    left, top, right, bottom = box
    return right <= rim or bottom <= rim or left >= width - rim or top >= height - rim


def _drawn(laid: LaidOut, near: Mask) -> Mask:
    """Return where something was drawn over a picture: what differs, and is no thing in another color.

    Both masks are of half the resolution.
    """
    least = DRAWN * laid.inside.size
    height, width = laid.inside.shape
    drawn = np.zeros_like(near)
    for box, here in parts_of(near):
        if 4 * np.count_nonzero(here) < least:
            continue
        rows, columns = (
            slice(2 * part.start, min(side, 2 * part.stop))
            for part, side in zip(box, (height, width), strict=True)
        )
        place = doubled(here, np.s_[0 : rows.stop - rows.start, 0 : columns.stop - columns.start])
        if np.count_nonzero(place) < least:
            continue
        if abs(_alike(laid.coarse[rows, columns], laid.fine[rows, columns], place)) < ALIKE:
            drawn[box] |= here
    return drawn


def _alike(coarse: Pixels, fine: Pixels, place: Mask) -> float:
    """Return how the luma of two pictures rises and falls together at a place."""
    if place.size <= LARGE_PLACE:
        one, other = (
            cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)[place].astype(np.float32)
            for pixels in (coarse, fine)
        )
        return correlation(one, other)
    sums = np.zeros(6)  # numbers for each pixel would take more than the pictures
    for top in range(0, len(place), ROWS):
        rows = slice(top, top + ROWS)
        a, b = (
            cv2.cvtColor(np.ascontiguousarray(pixels[rows]), cv2.COLOR_RGB2GRAY)[place[rows]].astype(float)
            for pixels in (coarse, fine)
        )
        sums += (len(a), a.sum(), b.sum(), a @ b, a @ a, b @ b)
    count, of_a, of_b, both, squares_a, squares_b = sums.tolist()
    varied = (squares_a - of_a * of_a / count) * (squares_b - of_b * of_b / count)
    return float(both - of_a * of_b / count) / math.sqrt(max(0.0, varied) + 1e-9)
