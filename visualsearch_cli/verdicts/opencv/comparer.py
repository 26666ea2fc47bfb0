"""Compares two pictures: whole frames laid onto each other first, then by matched features."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import (
    Agreement,
    Alignment,
    FullPicture,
    Inversion,
    Lens,
    LocalFeatures,
    Picture,
    Proof,
    Retouch,
)
from visualsearch_cli.verdicts.evidence import Box, Matrix, Rendition
from visualsearch_cli.verdicts.opencv import pages
from visualsearch_cli.verdicts.opencv.agreement import agreement
from visualsearch_cli.verdicts.opencv.alignment import Aligned, align, are_apart, is_sound
from visualsearch_cli.verdicts.opencv.full_size.proof import prove
from visualsearch_cli.verdicts.opencv.pixels import Grey, chroma, grey, inverted
from visualsearch_cli.verdicts.opencv.renditions.measured import renditions
from visualsearch_cli.verdicts.opencv.windows import are_strangers_at_a_glance, may_be_lit_otherwise
from visualsearch_cli.verdicts.rules import CORNERS, LEAST_INLIERS, is_copy

Array = npt.NDArray[np.float64]

SIDE = 384  # pixels of the longer side of a reduced picture
COARSE = 96  # grid cells along the longer side of the shared area, at a first look
GLANCE = 24  # cells of both sides of the frame that a first glance compares
ALIKE = 0.8  # correlation of two glances above which whole frames are laid onto each other
EQUAL = 0.5  # share of equal cells above which they are, too, whatever covers the rest
NEAR = 4.0  # levels, of 255, by which equal cells may differ
HELD = 0.51  # share of a picture that a frame holds, which is no part that two collages have in common
SEEN = 0.99  # share of a cell, from which a lens shows it
STRETCH = 1.6  # how much the aspect ratio may change between whole frames

MIRROR = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])
QUARTER = np.array([[0, -1.0, 1], [1, 0, 0], [0, 0, 1]])  # of a turn


class Way(NamedTuple):
    """One of the eight orientations that the whole frame of B may have in A."""

    matrix: Array  # from the unit square of B to that of A
    mirrored: bool
    quarter: int  # turns


WAYS = tuple(
    Way(np.linalg.matrix_power(QUARTER, quarter) @ (MIRROR if mirrored else np.eye(3)), mirrored, quarter)
    for mirrored in (False, True)
    for quarter in range(4)
)


def _place(way: Way) -> npt.NDArray[np.int64]:
    """Return from which cell of B each cell of A comes, (24 × 24,)."""
    cells = np.arange(GLANCE * GLANCE).reshape(GLANCE, GLANCE)
    return np.rot90(cells[:, ::-1] if way.mirrored else cells, -way.quarter).reshape(-1)


PLACES = np.stack([_place(way) for way in WAYS])


def reduced(pixels: Pixels) -> Pixels:
    """Shrink a picture until its longer side is `SIDE`; a smaller one stays as it is."""
    height, width = pixels.shape[:2]
    factor = SIDE / max(width, height)
    if factor >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


class Hypothesis(NamedTuple):
    """One way in which B may lie in A."""

    matrix: Array  # from the unit square of B, as it is, to that of A
    mirrored: bool
    inliers: int  # 0: whole frames; 4: the corners of a page
    inversion: Inversion = ""  # of B, before it is laid anywhere
    lens: Lens | None = None  # that moved what one of them shows


def whole_frames(a: Pixels, b: Pixels) -> Iterator[Hypothesis]:
    """Yield the likeliest way to lay the whole frame of B onto that of A, turned or mirrored."""
    shape, upright = a.shape[1] / a.shape[0], b.shape[1] / b.shape[0]
    stretches = [shape / (1 / upright if way.quarter % 2 else upright) for way in WAYS]
    possible = np.array([1 / STRETCH < stretch < STRETCH for stretch in stretches])
    if not possible.any():
        return
    cells_a, cells_b = _cells(a), _cells(b)
    correlations = (_glance(cells_b)[PLACES] * _glance(cells_a)).sum(axis=1)
    equal = (np.abs(cells_b[PLACES] - cells_a) <= NEAR).mean(axis=1)
    for shares, least in ((correlations, ALIKE), (equal, EQUAL)):
        best = int(np.where(possible, shares, -1).argmax())
        if shares[best] > least and possible[best]:
            yield Hypothesis(WAYS[best].matrix, WAYS[best].mirrored, 0)
            return
    shares = np.where(possible, correlations, 1)
    best = int(shares.argmin())
    if shares[best] < -ALIKE:
        yield Hypothesis(WAYS[best].matrix, WAYS[best].mirrored, 0, _inversion(a, b, PLACES[best]))


def _inversion(a: Pixels, b: Pixels, place: npt.NDArray[np.int64]) -> Inversion:
    """Tell how the light of B was turned around, by what leaves the least difference of color from A.

    `place` is from which cell of B each cell of A comes, (24 × 24,).
    """
    small_a, small_b = (
        cv2.resize(pixels, (GLANCE, GLANCE), interpolation=cv2.INTER_AREA) for pixels in (a, b)
    )
    colors_a = chroma(np.asarray(small_a, np.float32).reshape(-1, 3))

    def off(inversion: Inversion) -> float:
        turned = inverted(np.asarray(small_b, np.uint8), inversion)
        colors_b = chroma(np.asarray(turned, np.float32).reshape(-1, 3))[place]
        return float(np.abs(colors_b - colors_a).mean())

    ways: tuple[Inversion, ...] = ("negative", "lightness", "luma")
    return min(ways, key=off)


def by_features(
    a: Pixels, b: Pixels, features_a: LocalFeatures, features_b: LocalFeatures
) -> Iterator[Hypothesis]:
    """Yield the ways that enough matched features for a verdict speak for, as it is and mirrored, and last
    through a lens."""
    from visualsearch_cli.verdicts.opencv.hypotheses.homography import (
        fits,  # late: where whole frames fit, none is asked
    )
    from visualsearch_cli.verdicts.opencv.hypotheses.matching import match

    size_a, size_b = (a.shape[1], a.shape[0]), (b.shape[1], b.shape[0])
    matches = None
    for mirrored in (False, True):
        points_a, points_b = match(features_a, features_b, mirrored=mirrored)
        if len(points_a) < LEAST_INLIERS:
            continue
        for fit in fits(points_a, points_b, size_a, size_b):
            matrix = fit.matrix @ MIRROR if mirrored else fit.matrix
            if fit.inliers >= LEAST_INLIERS and is_sound(matrix):
                yield Hypothesis(matrix, mirrored, fit.inliers)
        if not mirrored:
            matches = points_a, points_b
    if matches is None:
        return
    from visualsearch_cli.verdicts.opencv.hypotheses.lens import fit_lens  # late: others mostly fit

    bent = fit_lens(*matches, size_a, size_b)
    if bent is not None and is_sound(bent.matrix):
        yield Hypothesis(bent.matrix, False, bent.inliers, lens=bent.lens)


def _cells(pixels: Pixels) -> npt.NDArray[np.float32]:
    """Return the luma of a few cells, float32 (24 × 24,), 0 to 255."""
    small = cv2.resize(pixels, (GLANCE, GLANCE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32).reshape(-1)


def _glance(cells: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return cells of mean 0 and length 1."""
    centered = cells - np.float32(cells.mean())
    length = np.sqrt(np.square(centered).sum())
    glance: npt.NDArray[np.float32] = centered / np.float32(length + 1e-6)
    return glance


class OpenCvComparer:
    """A Comparer."""

    reduced_side = SIDE

    def __init__(self) -> None:
        """Pairs are compared in threads of the caller's, so OpenCV is told to start none of its own."""
        cv2.setNumThreads(1)

    def reduced(self, pixels: Pixels) -> Pixels:
        return reduced(pixels)

    def detect(self, pixels: Pixels) -> LocalFeatures:
        from visualsearch_cli.verdicts.opencv.features import detect  # late: at a glance, none are needed

        return detect(pixels)

    def is_page(self, pixels: Pixels) -> bool:
        return pages.is_page(pixels)

    def other_strokes(self, a: Pixels, b: Pixels) -> list[Box]:
        return pages.other_strokes(a, b)

    def alignments(self, a: Picture, b: Picture) -> Iterator[Alignment]:
        return compared(a.pixels, b.pixels, _hypotheses(a, b))

    def prove(self, a: FullPicture, b: FullPicture, alignment: Alignment) -> Proof | None:
        return prove(a, _inverted(b, alignment), alignment)

    def may_be_remade(self, a: Pixels, b: Pixels) -> bool:
        from visualsearch_cli.verdicts.opencv.full_size.remade import may_be_remade  # late: most pictures fit

        return may_be_remade(a, b)

    def remade(self, a: FullPicture, b: FullPicture) -> tuple[Alignment, Proof] | None:
        from visualsearch_cli.verdicts.opencv.full_size.remade import remade

        return remade(a, b)

    def retouch(self, a: FullPicture, b: FullPicture, alignment: Alignment) -> Retouch | None:
        from visualsearch_cli.verdicts.opencv.retouch import retouch  # late: few are toned

        return retouch(*_without_lens(a, _inverted(b, alignment), alignment), alignment)

    def renditions(
        self, a: FullPicture, b: FullPicture, alignment: Alignment, proof: Proof, *, origins: bool
    ) -> tuple[Rendition, Rendition] | None:
        pictures = _without_lens(a, _inverted(b, alignment), alignment)
        return renditions(*pictures, alignment, proof, origins=origins)


def _inverted(b: FullPicture, alignment: Alignment) -> FullPicture:
    return b._replace(pixels=inverted(b.pixels, alignment.inversion)) if alignment.inversion else b


def _without_lens(a: FullPicture, b: FullPicture, alignment: Alignment) -> tuple[FullPicture, FullPicture]:
    """Return both pictures as they would be if none showed what it does through a lens."""
    if alignment.lens is None:
        return a, b
    pixels_a, pixels_b, _ = _straightened(a.pixels, b.pixels, alignment.lens)
    return a._replace(pixels=pixels_a), b._replace(pixels=pixels_b)


def compared(a: Pixels, b: Pixels, hypotheses: Iterable[Hypothesis]) -> Iterator[Alignment]:
    """Yield what speaks for each hypothesis; one that leaves nothing to compare is dropped."""
    grey_a, grey_b = grey(a), grey(b)
    for hypothesis in hypotheses:
        shown_a, shown_b, seen = _shown(a, b, hypothesis)
        light_a = grey_a if shown_a is a else grey(shown_a)
        light_b = grey_b if shown_b is b else grey(shown_b)
        coarse = align(light_a, light_b, hypothesis.matrix, COARSE)
        may_be_framed = hypothesis.inliers >= LEAST_INLIERS and not hypothesis.lens
        if coarse is not None and are_strangers_at_a_glance(coarse):
            if may_be_framed and are_apart(coarse):
                yield from _within_a_frame(align(shown_a, shown_b, hypothesis.matrix), hypothesis)
            continue
        aligned = align(shown_a, shown_b, hypothesis.matrix)
        if aligned is not None and seen is not None:
            aligned = _where_seen(aligned, seen, hypothesis.matrix)
        if aligned is None:
            continue
        loose = hypothesis.inliers > 0
        found = agreement(aligned, loose=loose)
        is_plain = found is not None and is_copy(found) and not found.veiled and not found.opened
        # What lies on a table is lit by a lamp or a window beside it.
        if not is_plain and (hypothesis.inliers == CORNERS or may_be_lit_otherwise(aligned)):
            lit = agreement(aligned, loose=loose, lit=True)
            found = lit if lit is not None and is_copy(lit) else found
        if may_be_framed and are_apart(aligned) and not (found is not None and is_copy(found)):
            yield from _within_a_frame(aligned, hypothesis)
        if found is not None:
            yield _alignment(hypothesis, found)


def _within_a_frame(aligned: Aligned | None, hypothesis: Hypothesis) -> Iterator[Alignment]:
    """Yield what speaks for a hypothesis within a frame that one of both pictures has, if it has any."""
    from visualsearch_cli.verdicts.opencv.framed import frame_of, framed, within  # late: few have one

    rectangle = framed(aligned) if aligned is not None else None
    if aligned is None or rectangle is None:
        return
    frame = frame_of(rectangle, aligned, hypothesis.matrix)
    found = agreement(within(rectangle, frame, aligned), loose=True)
    if found is not None and is_copy(found) and max(found.covered_a, found.covered_b) > HELD:
        yield _alignment(hypothesis, found)._replace(frame=frame)


def _alignment(hypothesis: Hypothesis, found: Agreement) -> Alignment:
    matrix = tuple(tuple(row) for row in hypothesis.matrix.tolist())
    return Alignment(
        cast(Matrix, matrix),
        hypothesis.mirrored,
        hypothesis.inliers,
        found,
        hypothesis.inversion,
        hypothesis.lens,
    )


def _shown(a: Pixels, b: Pixels, hypothesis: Hypothesis) -> tuple[Pixels, Pixels, tuple[Grey, Grey] | None]:
    """Return both pictures as a hypothesis lays them onto each other; and 255 where each shows something,
    else 0, if a lens keeps one of them from doing so everywhere."""
    if hypothesis.inversion:
        return a, inverted(b, hypothesis.inversion), None
    if hypothesis.lens is None:
        return a, b, None
    shown_a, shown_b, seen = _straightened(a, b, hypothesis.lens)
    everywhere = np.full((b if hypothesis.lens.is_of_a else a).shape[:2], 255, np.uint8)
    return shown_a, shown_b, (seen, everywhere) if hypothesis.lens.is_of_a else (everywhere, seen)


def _straightened(a: Pixels, b: Pixels, lens: Lens) -> tuple[Pixels, Pixels, Grey]:
    """Return both pictures, the lens taken off the one that it moved; and where that one shows something."""
    from visualsearch_cli.verdicts.opencv.lenses import straightened  # late: few show one

    shown, seen = straightened(a if lens.is_of_a else b, lens)
    return (shown, b, seen) if lens.is_of_a else (a, shown, seen)


def _where_seen(aligned: Aligned, seen: tuple[Grey, Grey], matrix: Array) -> Aligned | None:
    """Return what is aligned without what a lens did not show."""
    shown = align(*seen, matrix)
    if shown is None:
        return None
    return aligned._replace(inside=aligned.inside & (shown.a > SEEN) & (shown.b > SEEN))


def _hypotheses(a: Picture, b: Picture) -> Iterator[Hypothesis]:
    yield from whole_frames(a.pixels, b.pixels)
    yield from by_features(a.pixels, b.pixels, a.features, b.features)
    from visualsearch_cli.verdicts.opencv.hypotheses.outline import (
        between_outlines,  # late: others mostly fit
    )

    for matrix in between_outlines(a.pixels, b.pixels):
        if is_sound(matrix):
            yield Hypothesis(matrix, False, CORNERS)
