"""Why two pictures are called copies: the fit of one onto the other, and what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.verdicts.verdict import Verdict

Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
"""A homography in rows, between coordinates of unit squares: (0, 0) top left, (1, 1) bottom right."""


def inverse(matrix: Matrix) -> Matrix:
    """Return the way back, (0, 0) to (1, 1) as before."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    rows = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    scale = rows[2][2] or 1.0
    return tuple(tuple(value / scale for value in row) for row in rows)  # type: ignore[return-value]


Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels of an upright picture; right and bottom are not part of it."""


class Place(NamedTuple):
    """Where two pictures show different things."""

    a: Box
    b: Box


class Fit(NamedTuple):
    """How picture B lies in picture A, by matched local features."""

    matrix: Matrix  # maps points of B, as it is, to points of A; it mirrors them if `mirrored`
    mirrored: bool
    inliers: int  # matched features that agree with the matrix; 0: whole frames, 4: the corners of a page
    covered_a: float  # share of A's area that B shows, 0 to 1
    covered_b: float  # share of B's area that comes from A, 0 to 1
    residual: float  # mean absolute difference over the overlap after one tone map, 0 to 1, worst channel
    correlation: float  # of the aligned overlap, -1 to 1


class Rendition(NamedTuple):
    """How a file shows what another one shows too. Bands are of the spectrum of the luma, in levels (RMS)."""

    top: float  # the finer half of the finest octave that the coarser of both can show
    fine: float  # the other half of it
    middle: float  # the octave below
    beyond: float  # what is finer than the coarser of both can show
    scale: float  # pixels, along a side, for one of the coarser picture
    noise: float  # levels: RMS of the finest structure where it is quietest
    clipped: float  # share of the pixels at the darkest or the lightest tone
    tones: float  # levels from the darkest to the lightest
    light: float  # levels: mean luma
    red: float  # levels: mean of red beside the luma
    blue: float  # the same of blue
    color: float  # levels: RMS of color that does not follow from the luma, as it does in grey and sepia
    colors: int  # different ones, of 16,384 pixels or more
    variety: float  # that number by the number of pixels
    quality: int  # of the coarsest JPEG that it has been, 1 to 100; 101: none; 0: nobody knows
    before: int  # the quality of an earlier JPEG that is seen in it; 0: none is
    is_made: bool  # of the other file: it shows the steps of that very JPEG, or was resized from it
    unknown: float  # share of what its own JPEG lost that the other file does not know: about 1 for all of it
    grained: bool | None  # noise was added to it; None: they hardly differ, or nobody can tell
    bordered: float  # share of what lies around the shared part that has one of two colors; 0: nothing does
    pasted: bool  # an edge parts the shared part from what lies around it, as of a picture on another one
    leans: bool  # what the other one shows leans in this picture, whose corners have one of two colors
    marked: float  # share of what differs that was put over this picture; 0: nothing was, or nobody knows
    enlarged: float = 0.0  # how much clearer than chance the period of an enlargement of the other one is
    common: float | None = None  # correlation of `fine` with the other file's; None: it was not measured
    richer: float = 0.0  # in detail than the other one, in standard errors; 0: a codec says what is lost


class Evidence(NamedTuple):
    """What was found about a pair of pictures."""

    verdict: Verdict | None  # None: nothing speaks for a copy, not even the distance
    distance: float | None  # cosine distance of the embeddings, if they were compared
    fit: Fit | None = None  # None: decided without one, or there is none
    reason: str = ""  # in words: "same bytes", "crop of 62 %, scaled 0.50, no rotation"
    failure: str | None = None  # why the pictures could not be compared, the file named
    differences: tuple[Place, ...] = ()  # the most telling first, a few at most
    renditions: tuple[Rendition, Rendition] | None = None  # of A and of B; None: not measured


class Finding(NamedTuple):
    """What two contents are to each other, however near their embeddings are."""

    verdict: Verdict | None  # None: nothing of the one was found in the other
    fit: Fit | None = None
    reason: str = ""
    differences: tuple[Place, ...] = ()
    renditions: tuple[Rendition, Rendition] | None = None


class CandidatePair(NamedTuple):
    """Two images that may be copies. Cheap to name, costly to look at."""

    a: ImageRecord  # the one to measure against: the file to keep
    b: ImageRecord
    distance: float  # cosine distance of the embeddings, the best over regions and turns


class Judge(Protocol):
    """Says what pairs are, with proof: bytes, then pixels, then the fit."""

    def judge(self, pairs: Sequence[CandidatePair]) -> list[Evidence]:
        """Return the evidence of each pair, in order. A picture that cannot be read is `similar` at most."""
