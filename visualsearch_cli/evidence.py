"""Why two pictures are called copies: the fit of one onto the other, and what is left over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from visualsearch_cli.match import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.image import Pixels

Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
"""A homography in rows, between coordinates of unit squares: (0, 0) top left, (1, 1) bottom right."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How picture B lies in picture A, by matched local features."""

    matrix: Matrix  # maps points of B (mirrored first, if `mirrored`) to points of A
    mirrored: bool
    inliers: int  # matched features that agree with the matrix
    covered_a: float  # share of A's area that B shows, 0 to 1
    covered_b: float  # share of B's area that comes from A, 0 to 1
    residual: float  # mean absolute difference over the overlap after one tone map, 0 to 1, worst channel
    correlation: float  # of the aligned overlap, -1 to 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found about a pair of pictures."""

    verdict: Verdict | None  # None: nothing speaks for a copy, not even the distance
    distance: float | None  # cosine distance of the embeddings, if they were compared
    fit: Fit | None = None  # None: decided without one, or there is none
    reason: str = ""  # in words: "same bytes", "crop of 62 %, scaled 0.50, no rotation"


@dataclass(frozen=True, slots=True)
class Picture:
    """One side of a comparison, decoded as far as the comparison needs it."""

    pixels: Pixels  # upright, at most a few hundred pixels a side
    width: int  # of the full picture, upright
    height: int


class Verifier(Protocol):
    """Decides what a pair is by looking at the pictures."""

    def fit(self, a: Picture, b: Picture) -> Fit | None:
        """Return how B lies in A, the mirrored B tried too, or None if nothing fits."""
