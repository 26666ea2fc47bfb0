"""Compares two pictures: whole frames laid onto each other first, then by matched features."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.comparison import Alignment, LocalFeatures, Picture
from visualsearch_cli.evidence import Matrix
from visualsearch_cli.image import Pixels
from visualsearch_cli.opencv.agreement import agreement
from visualsearch_cli.opencv.alignment import align, is_sound
from visualsearch_cli.opencv.features import VERSION, detect
from visualsearch_cli.opencv.fit import fits
from visualsearch_cli.opencv.matching import match
from visualsearch_cli.verdicts import LEAST_INLIERS

Array = npt.NDArray[np.float64]

SIDE = 384  # pixels of the longer side of a reduced picture
GLANCE = 24  # cells of both sides of the frame that a first glance compares
ALIKE = 0.8  # correlation of two glances above which whole frames are laid onto each other
EQUAL = 0.5  # share of equal cells above which they are, too, whatever covers the rest
NEAR = 4.0  # levels, of 255, by which equal cells may differ
STRETCH = 1.6  # how much the aspect ratio may change between whole frames

MIRROR = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])
QUARTER = np.array([[0, -1.0, 1], [1, 0, 0], [0, 0, 1]])  # of a turn


def reduced(pixels: Pixels) -> Pixels:
    """Shrink a picture until its longer side is `SIDE`; a smaller one stays as it is."""
    height, width = pixels.shape[:2]
    factor = SIDE / max(width, height)
    if factor >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way in which B may lie in A."""

    matrix: Array  # from the unit square of B, as it is, to that of A
    mirrored: bool
    inliers: int  # 0: whole frames


def whole_frames(a: Pixels, b: Pixels) -> Iterator[Hypothesis]:
    """Yield the likeliest way to lay the whole frame of B onto that of A, turned or mirrored."""
    cells_a, cells_b = _cells(a), _cells(b)
    glance_a, glance_b = _glance(cells_a), _glance(cells_b)
    best, found = ALIKE, None
    most, covered = EQUAL, None
    shape = a.shape[1] / a.shape[0]
    for mirrored in (False, True):
        seen, cells = (values[:, ::-1] if mirrored else values for values in (glance_b, cells_b))
        matrix = MIRROR if mirrored else np.eye(3)
        for quarter in range(4):
            aspect = b.shape[1] / b.shape[0] if quarter % 2 == 0 else b.shape[0] / b.shape[1]
            correlation = float((glance_a * np.rot90(seen, -quarter)).sum())
            equal = float((np.abs(cells_a - np.rot90(cells, -quarter)) <= NEAR).mean())
            if correlation > best and 1 / STRETCH < shape / aspect < STRETCH:
                best, found = correlation, Hypothesis(matrix, mirrored, 0)
            if equal > most and 1 / STRETCH < shape / aspect < STRETCH:
                most, covered = equal, Hypothesis(matrix, mirrored, 0)
            matrix = QUARTER @ matrix
    likeliest = found or covered
    if likeliest is not None:
        yield likeliest


def by_features(
    a: Pixels, b: Pixels, features_a: LocalFeatures, features_b: LocalFeatures
) -> Iterator[Hypothesis]:
    """Yield the ways that enough matched features for a verdict speak for, as it is and mirrored."""
    size_a, size_b = (a.shape[1], a.shape[0]), (b.shape[1], b.shape[0])
    for mirrored in (False, True):
        points_a, points_b = match(features_a, features_b, mirrored=mirrored)
        if len(points_a) < LEAST_INLIERS:
            continue
        for fit in fits(points_a, points_b, size_a, size_b):
            matrix = fit.matrix @ MIRROR if mirrored else fit.matrix
            if fit.inliers >= LEAST_INLIERS and is_sound(matrix):
                yield Hypothesis(matrix, mirrored, fit.inliers)


def _cells(pixels: Pixels) -> npt.NDArray[np.float32]:
    """Return the luma of a few cells, float32 (24, 24), 0 to 255."""
    small = cv2.resize(pixels, (GLANCE, GLANCE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _glance(cells: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return cells of mean 0 and length 1."""
    centered = cells - np.float32(cells.mean())
    glance: npt.NDArray[np.float32] = centered / np.float32(np.linalg.norm(centered) + 1e-6)
    return glance


class OpenCvComparer:
    """A Comparer."""

    version = VERSION
    input_side = 288  # of a reduced picture that is 4 by 3

    def __init__(self) -> None:
        """Pairs are compared in threads of the caller's, so OpenCV is told to start none of its own."""
        cv2.setNumThreads(1)

    def reduced(self, pixels: Pixels) -> Pixels:
        return reduced(pixels)

    def detect(self, pixels: Pixels) -> LocalFeatures:
        return detect(pixels)

    def alignments(self, a: Picture, b: Picture) -> Iterator[Alignment]:
        return compared(a.pixels, b.pixels, _hypotheses(a, b))


def compared(a: Pixels, b: Pixels, hypotheses: Iterable[Hypothesis]) -> Iterator[Alignment]:
    """Yield what speaks for each hypothesis; one that leaves nothing to compare is dropped."""
    for hypothesis in hypotheses:
        aligned = align(a, b, hypothesis.matrix)
        found = None if aligned is None else agreement(aligned, loose=hypothesis.inliers > 0)
        if found is not None:
            matrix = tuple(tuple(row) for row in hypothesis.matrix.tolist())
            yield Alignment(cast(Matrix, matrix), hypothesis.mirrored, hypothesis.inliers, found)


def _hypotheses(a: Picture, b: Picture) -> Iterator[Hypothesis]:
    yield from whole_frames(a.pixels, b.pixels)
    yield from by_features(a.pixels, b.pixels, a.features, b.features)
