"""The second look, at full size: does one picture show something that is not in the other?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from visualsearch_cli.ahead import beside
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import (
    Alignment,
    Difference,
    Frame,
    FullPicture,
    Lens,
    Proof,
    are_cut_out,
)
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.alignment import Array, overlap, project
from visualsearch_cli.verdicts.opencv.full_size.fine_marks import lost_marks
from visualsearch_cli.verdicts.opencv.full_size.focus import refocused
from visualsearch_cli.verdicts.opencv.full_size.grounds import look_of
from visualsearch_cli.verdicts.opencv.full_size.plain import PLAIN, Windows, few_planes, is_as_sharp
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import SCALE_TIE, LaidOut, corners_of
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found, lay_out
from visualsearch_cli.verdicts.opencv.full_size.residual import (
    Floats,
    Planes,
    Prediction,
    unfitted,
)
from visualsearch_cli.verdicts.opencv.full_size.shots import (
    fine_structures,
    least_of,
    may_tell_shots,
)
from visualsearch_cli.verdicts.rules import (
    MOST_REFOCUSED,
    SHOT_PIXELS,
    are_noisy_apart,
    go_on_apart,
    is_illegible,
    is_like_a_page,
    is_of_two_shots,
)

SOME_NOISE = 1.5  # levels, before it is known
LEAST_SIDE = 4  # pixels
MOST_OFF = 0.06  # of the longer side, by which a corner of a frame may lie off, for it to be the same frame
LEAST_OFF = 0.12  # pixels, by which one lies off at least where a camera moved
MOST_BENT = 0.5  # pixels, by which corners lie off, but for a shift of all, of what was only saved again
COARSEST = 120.0  # as JPEG 25: what is coarser is none of what a camera, or a program that cuts films, writes
COPIED = 4_000_000  # pixels of a part that is copied to lie in one piece, which is quicker to work on


def prove(a: FullPicture, b: FullPicture, alignment: Alignment) -> Proof | None:
    """Lay B onto A at full size, and say what differs. None if they share too little to look at."""
    return _prove(a, b, alignment, turned=False)


def _prove(
    a: FullPicture,
    b: FullPicture,
    alignment: Alignment,
    *,
    turned: bool,
    unexplained: float | None = None,
) -> Proof | None:
    """Prove; of two equally large ones, `turned` takes the other one for the coarser.

    What tones leave `unexplained` the other way is known then: where this way leaves as much, it is none.
    """
    to_a = np.array(alignment.matrix, np.float64)
    between = _in_pixels(to_a, a, b)
    if 1 / SCALE_TIE < between < SCALE_TIE:
        # The better one predicts the worse one; which is named first must not matter.
        a_is_coarse = (-a.compression.coarseness, a.key) < (-b.compression.coarseness, b.key)
        a_is_coarse ^= turned
    else:
        a_is_coarse = between < 1
    coarse, fine = (a, b) if a_is_coarse else (b, a)
    to_fine = np.asarray(np.linalg.inv(to_a), np.float64) if a_is_coarse else to_a
    window = _shared(to_fine, coarse)
    frame = alignment.frame and (alignment if a_is_coarse else alignment.turned()).frame
    if window is not None and frame is not None:
        window = _within(window, frame, coarse)
    if window is None:
        return None
    lens = alignment.lens
    if lens is not None:  # which moves what both share: all of the coarser one is looked at
        window = 0, 0, coarse.pixels.shape[1], coarse.pixels.shape[0]
    left, top, right, bottom = window
    part = coarse.pixels[top:bottom, left:right]
    if part.size <= 3 * COPIED:
        part = np.ascontiguousarray(part)
    height, width = coarse.pixels.shape[:2]
    inner = np.array(
        [
            [(right - left) / width, 0, left / width],
            [0, (bottom - top) / height, top / height],
            [0, 0, 1],
        ]
    )
    exact = alignment.inliers == 0
    may_be_plain = lens is None and not go_on_apart(
        alignment.agreement
    )  # else it counts whether they are pages
    as_found: Array | None = None
    if exact:
        found = lay_as_found(part, fine.pixels, to_fine @ inner)
        if may_be_plain and _is_plain(found, coarse, fine):
            return _plain(found, coarse, fine)
        as_found = found.matrix
        del found  # of large pictures, two that are laid out do not fit beside both
    laid = _laid(part, fine.pixels, to_fine @ inner, lens, exact=exact, a_is_coarse=a_is_coarse)
    if laid is None:
        return None
    is_new = as_found is None or not np.array_equal(laid.matrix, as_found)
    if may_be_plain and is_new and _is_plain(laid, coarse, fine):
        return _plain(laid, coarse, fine)
    from visualsearch_cli.verdicts.opencv.full_size.fitted import (  # late: few are not plain
        proved,
        seen,
        toned_and_lit,
    )
    from visualsearch_cli.verdicts.opencv.full_size.other_color import apart_from_afar, is_in_another_color

    first = alignment.agreement
    grounds = seen(laid) if first.lit or alignment.inversion else None
    other_color = not (first.lit or first.veiled or first.opened) and is_in_another_color(laid)
    apart = apart_from_afar(laid) if are_cut_out(a, b) else None
    laid, fitted, shade, patched = toned_and_lit(laid, first)
    if turned and unexplained is not None and fitted.there >= unexplained:
        return None
    if fitted.backwards and not turned and unexplained is None and 1 / SCALE_TIE < laid.scale < SCALE_TIE:
        del laid
        other = _prove(a, b, alignment, turned=True, unexplained=fitted.there)
        return other or _prove(a, b, alignment, turned=False, unexplained=fitted.there)
    proof = proved(laid, coarse, fine, fitted.tones, first, one_frame=_are_one_frame(laid, coarse, fine))
    differences = tuple(
        _placed(place, laid, (left, top), a_is_coarse=a_is_coarse) for place in proof.differences
    )
    return proof._replace(
        differences=differences,
        shade=max(proof.shade, shade),
        patched=patched,
        grounds=grounds or proof.grounds,
        other_color=other_color,
        apart=apart,
        slack=laid.slack if lens is None and _tells_slack(laid, coarse, fine) else 0.0,
        bent=lens is not None or _is_bent(laid, coarse, fine),
        displaced=_are_displaced(laid, coarse, fine),
    )


def _laid(
    coarse: Pixels, fine: Pixels, to_fine: Array, lens: Lens | None, *, exact: bool, a_is_coarse: bool
) -> LaidOut | None:
    """Lay two pictures onto each other, of which one may show what it does through a lens. None if no such
    lens fits."""
    if lens is None:
        return lay_out(coarse, fine, to_fine, exact=exact)
    from visualsearch_cli.verdicts.opencv.full_size.registration.through_lens import lay_through  # late: few

    return lay_through(coarse, fine, to_fine, lens, is_of_coarse=lens.is_of_a == a_is_coarse)


def _are_one_frame(laid: LaidOut, coarse: FullPicture, fine: FullPicture) -> bool:
    """Tell whether two pictures are of one size, and all lies about where it does in the other one."""
    return coarse.pixels.shape == fine.pixels.shape and _most_off(laid) <= MOST_OFF * max(laid.inside.shape)


def _tells_slack(laid: LaidOut, coarse: FullPicture, fine: FullPicture) -> bool:
    """Tell whether tiles that lie off say that something moved: coarse codecs move them, too."""
    coarsest = max(coarse.compression.coarseness, fine.compression.coarseness)
    is_told = laid.warped and coarsest <= COARSEST and _most_off(laid) >= LEAST_OFF
    return is_told and _are_one_frame(laid, coarse, fine)


def _is_bent(laid: LaidOut, coarse: FullPicture, fine: FullPicture) -> bool:
    """Tell whether a frame was sampled anew to lie on the other one, by more than a shift of all of it: who
    saves a picture again, in its size, does not do that."""
    if not (laid.warped and _are_one_frame(laid, coarse, fine)):
        return False
    off = _corners_off(laid)
    return laid.bent or float(np.abs(off - off.mean(axis=0)).max()) > MOST_BENT


def _are_displaced(laid: LaidOut, coarse: FullPicture, fine: FullPicture) -> bool:
    """Tell whether two cut-outs of one size lie elsewhere in their frames, as those of an animation do."""
    return are_cut_out(coarse, fine) and _are_one_frame(laid, coarse, fine) and _most_off(laid) > MOST_BENT


def _most_off(laid: LaidOut) -> float:
    """Return by how many pixels the corner lies off that does so most."""
    return float(np.abs(_corners_off(laid)).max())


def _corners_off(laid: LaidOut) -> Array:
    corners = corners_of(laid.coarse)
    return project(laid.matrix, corners) - corners


def _in_pixels(to_a: Array, a: FullPicture, b: FullPicture) -> float:
    """Return how many pixels of A one pixel of B is, along a side, in the middle of B."""
    middle, across, down = project(to_a, np.array([[0.5, 0.5], [0.501, 0.5], [0.5, 0.501]]))
    size_a, size_b = (np.array(picture.pixels.shape[1::-1], np.float64) for picture in (a, b))
    x, y = ((end - middle) * size_a / 0.001 / side for end, side in ((across, size_b[0]), (down, size_b[1])))
    return float(np.sqrt(max(1e-12, abs(x[0] * y[1] - x[1] * y[0]))))


def _shared(to_fine: Array, coarse: FullPicture) -> Box | None:
    """Return the box of pixels of the coarser picture that the finer one shows, on the grid of its blocks."""
    polygon = overlap(np.asarray(np.linalg.inv(to_fine), np.float64))
    if len(polygon) < 3:
        return None
    height, width = coarse.pixels.shape[:2]
    size = np.array([width, height])
    low, high = np.floor(polygon.min(axis=0) * size), np.ceil(polygon.max(axis=0) * size)
    left, top = (int(max(0, start)) // 8 * 8 for start in low)
    right, bottom = int(min(width, high[0])), int(min(height, high[1]))
    return None if min(right - left, bottom - top) < LEAST_SIDE else (left, top, right, bottom)


def _within(window: Box, frame: Frame, picture: FullPicture) -> Box | None:
    """Return what of a box of pixels lies in a frame, on the grid of blocks."""
    height, width = picture.pixels.shape[:2]
    left, top = (math.ceil(side) + 7 for side in (frame.left * width, frame.top * height))
    left, top = max(window[0], left // 8 * 8), max(window[1], top // 8 * 8)
    right, bottom = min(window[2], int(frame.right * width)), min(window[3], int(frame.bottom * height))
    return None if min(right - left, bottom - top) < LEAST_SIDE else (left, top, right, bottom)


def _plain(laid: LaidOut, coarse: FullPicture, fine: FullPicture) -> Proof:
    """Return the proof of what is plainly one picture."""
    bent = _is_bent(laid, coarse, fine)
    if are_cut_out(coarse, fine):
        return PLAIN._replace(bent=bent, apart=0.0, displaced=_are_displaced(laid, coarse, fine))
    return PLAIN._replace(bent=bent) if bent else PLAIN


def _is_plain(laid: LaidOut, coarse: FullPicture, fine: FullPicture) -> bool:
    """Tell whether both are one picture so plainly that the rest of a proof would say nothing else.

    Of most that are not, windows tell that, and all else waits for them if it is not done beside.
    """
    as_it_is = unfitted(laid, coarse.compression, fine.compression)
    windows = Windows(laid, as_it_is)
    with beside(
        lambda: _is_of_one_shot(laid, coarse, fine, as_it_is) and windows.are_equal()
    ) as is_of_one_shot:
        are_equal = windows.are_equal()
    return are_equal and is_of_one_shot() and not _may_be_faint_pages(laid, as_it_is, windows.left)


def _is_of_one_shot(laid: LaidOut, coarse: FullPicture, fine: FullPicture, as_it_is: Prediction) -> bool:
    """Tell whether two pictures are as sharp, and have the same fine marks, focus and noise."""
    tiles = few_planes(laid)
    if not is_as_sharp(tiles, as_it_is) or is_illegible(lost_marks(laid, fine.pixels)):
        return False
    is_small = laid.inside.size < SHOT_PIXELS
    if is_small or laid.resampled:
        from visualsearch_cli.verdicts.opencv.full_size.readouts import white_noise  # late: of some

        noise = white_noise(laid, (coarse.compression, fine.compression))
        if noise is not None and is_of_two_shots(noise):
            return False
    if is_small:
        return True
    if may_tell_shots(laid, coarse, fine):
        everywhere = [np.ones_like(tile.inside) for tile in tiles]
        structures = fine_structures(tiles, everywhere, as_it_is, resampled=laid.resampled)
        if any(are_noisy_apart(least_of(structure)) for structure in structures if structure):
            return False
    return refocused(laid) <= MOST_REFOCUSED


def _may_be_faint_pages(laid: LaidOut, as_it_is: Prediction, left: Floats | None) -> bool:
    """Tell whether two pictures are like pages, and may have other faint strokes.

    left: (h / 2, w / 2), levels squared, what is left of luma in windows of a small picture.
    """
    from visualsearch_cli.verdicts.opencv.full_size.laid_over.faint import (
        LEAST_HINT,
        faint_differences,
        may_differ_faintly,
    )

    if left is not None and not may_differ_faintly(laid, left):  # a small picture costs less than its look
        return False
    return _are_like_pages(few_planes(laid)) and bool(faint_differences(laid, as_it_is, LEAST_HINT))


def _are_like_pages(tiles: Sequence[Planes]) -> bool:
    """Tell whether some parts of two pictures are like pages: most photographs are not."""
    sides = [tile.coarse for tile in tiles], [tile.fine for tile in tiles]
    return all(is_like_a_page(look_of(side, SOME_NOISE, edges=True)) for side in sides)


def _placed(place: Difference, laid: LaidOut, corner: tuple[int, int], *, a_is_coarse: bool) -> Difference:
    """Return a place in pixels of both whole pictures."""
    left, top, right, bottom = place.box_a
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64) - 0.5
    there = project(laid.matrix, corners) + 0.5
    low, high = np.floor(there.min(axis=0)), np.ceil(there.max(axis=0))
    other = (max(0, int(low[0])), max(0, int(low[1])), max(0, int(high[0])), max(0, int(high[1])))
    here = (left + corner[0], top + corner[1], right + corner[0], bottom + corner[1])
    box_a, box_b = (here, other) if a_is_coarse else (other, here)
    return place._replace(box_a=box_a, box_b=box_b)
