"""Two pictures that lie on each other, pixel by pixel of the coarser one, and where both are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.alignment import Array, Mask, project
from visualsearch_cli.verdicts.opencv.pixels import Grey

Floats = npt.NDArray[np.float32]

SCALE_TIE = 1.001  # times as large, up to which two pictures are of one size
LARGE = 16_000_000  # pixels of a picture beside which little else is held: parts of it are worked on in turn
CUT = 1 << 17  # pixels of a picture that are worked on at once, where each takes many bytes


class Inside:
    """Where two laid-out pictures both are: one run of pixels in each row, for their outlines are convex.

    A mask of 50 megapixels would take 50 MB beside them.
    """

    def __init__(self, runs: npt.NDArray[np.int32], width: int) -> None:
        """Take the first pixel of each row, and the one after the last, (h, 2)."""
        self._runs = runs
        self._is_everywhere = bool((runs == (0, width)).all())
        self.shape = (len(runs), width)
        self.size = len(runs) * width

    @classmethod
    def everywhere(cls, height: int, width: int) -> Inside:
        return cls(np.tile(np.array([0, width], np.int32), (height, 1)), width)

    def __getitem__(self, part: slice | tuple[slice, slice]) -> Mask:
        """Return the mask of some rows, or of a part."""
        rows, columns = (part, slice(None)) if isinstance(part, slice) else part
        runs, across = self._runs[rows], np.arange(self.shape[1], dtype=np.int32)[columns]
        return np.ones((len(runs), len(across)), np.bool_) if self._is_everywhere else _in_runs(runs, across)

    def reduced(self, size: tuple[int, int]) -> Mask:
        """Return the mask of a reduced picture of (width, height), of the nearest pixels."""
        rows, columns = (
            np.arange(count) * side // count for count, side in zip(size[::-1], self.shape, strict=True)
        )
        return _in_runs(self._runs[rows], columns)


def _in_runs(runs: npt.NDArray[np.int32], columns: npt.NDArray[np.integer]) -> Mask:
    inside: Mask = (columns >= runs[:, :1]) & (columns < runs[:, 1:])
    return inside


def runs_of(inside: Mask) -> npt.NDArray[np.int32]:
    """Return from where to where there is something in each row of a mask, (h, 2)."""
    first, last = inside.argmax(axis=1), inside.shape[1] - inside[:, ::-1].argmax(axis=1)
    runs = np.stack([first, last], axis=1).astype(np.int32)
    runs[~inside.any(axis=1)] = 0
    return runs


def longest_runs_of(inside: Mask) -> npt.NDArray[np.int32]:
    """Return the longest run of each row of a mask, (h, 2): a lens may leave two of them."""
    places = np.arange(inside.shape[1])
    lengths = places - np.maximum.accumulate(np.where(inside, -1, places), axis=1)
    last = lengths.argmax(axis=1)
    longest = lengths[np.arange(len(inside)), last]
    return np.stack([last + 1 - longest, last + 1], axis=1).astype(np.int32)


class LaidOut(NamedTuple):
    """What two pictures share, pixel by pixel of the coarser one."""

    coarse: Pixels  # (h, w, 3), as it is
    fine: Pixels  # the same places of the other picture
    inside: Inside  # (h, w), where both pictures are
    scale: float  # pixels of the finer picture for one of the coarser, along a side
    matrix: Array  # from pixels of the coarser one to those of the finer one; pixel centres are whole numbers
    slack: float  # pixels by which tiles still lie off
    warped: bool  # the finer one was sampled between its pixels
    bent: bool = False  # by more than a homography
    copied: bool = False  # `fine` lies in memory of its own, and may be changed there

    @property
    def resampled(self) -> bool:
        """Whether pixels of the one are not pixels of the other."""
        return self.warped or self.scale > SCALE_TIE


def cut_rows(height: int, width: int) -> Iterator[slice]:
    """Yield the rows of a picture, some at a time."""
    count = max(1, CUT // width)
    return (slice(top, min(height, top + count)) for top in range(0, height, count))


def corners_of(pixels: Pixels | Grey) -> Array:
    """Return the middles of the pixels in the corners of a picture, (4, 2): x and y."""
    height, width = pixels.shape[:2]
    return np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float64)


def scale_of(matrix: Array, pixels: Pixels | Grey) -> float:
    """Return how many pixels one pixel in the middle becomes, along a side."""
    height, width = pixels.shape[:2]
    center = np.array([[width / 2, height / 2]])
    x, y = (
        project(matrix, center + step) - project(matrix, center - step) for step in ([[0.5, 0]], [[0, 0.5]])
    )
    return float(np.sqrt(max(1e-9, abs(x[0, 0] * y[0, 1] - x[0, 1] * y[0, 0]))))
