"""Two pictures laid onto each other: local features, alignments, and how well the aligned pixels agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.formats import UNKNOWN_CAPTURE, Capture, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.evidence import Box, Finding, Matrix, Rendition, inverse

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


FEATURES = "sift/2"
"""The version of local features, and of what is hashed of a picture: what another one stored is not used."""


class LocalFeatures(NamedTuple):
    """The local features of one picture, strongest first."""

    points: npt.NDArray[np.float32]  # (n, 2), x and y in the unit square
    descriptors: npt.NDArray[np.uint8]  # (n, 128), SIFT

    def __len__(self) -> int:
        return len(self.points)


class Agreement(NamedTuple):
    """How equal two aligned pictures are after one tone map. Shares are of the area that both show."""

    covered_a: float  # share of A's area that B shows
    covered_b: float
    residual: float  # mean absolute difference where nothing was drawn or has moved, 0 to 1, worst channel
    correlation: float  # of the luma there, -1 to 1
    shapes: float  # share that differs and is a plain shape in one of the two: a logo, a border
    letters: float  # share that differs and is text in one of the two
    moved: float  # share that shows different things
    recolored: float  # share that shows the same thing in a colour that the tone map does not explain
    hue_turned: float  # share that has another hue, after the tone map
    miscolored: float  # share of the variation of colour that the tone map does not explain
    tint: float  # the largest change of colour of an area beside that of the whole, without any tone map
    peak: float  # the largest difference of all places, 0 to 1
    change: float  # mean absolute difference without any tone map, worst channel
    faded: float  # how much of its colour one picture has lost beside the other, 0 to 1
    structure: float  # standard deviation of the luma where it agrees, of the flatter picture, 0 to 1
    detail: float  # share of that area with edges in both pictures
    exact: bool = False  # nobody toned the whole, and the rest is exactly the same: no camera repeats that
    veiled: float = 0.0  # share that may be mixed with white: a look at full size tells
    opened: float = 0.0  # share that may be laid over one exposure: it tells that, too
    lit: bool = False  # light changed from place to place, and that was taken off

    @property
    def drawn(self) -> float:
        """The share that was drawn over."""
        return self.shapes + self.letters


Inversion: TypeAlias = Literal["", "negative", "lightness", "luma"]
"""What turned light and dark around in one of two pictures: each channel by itself, and hues with it; the
middle between the strongest and the weakest channel; luma; nothing. Twice, each gives back what was there."""


class Lens(NamedTuple):
    """How a lens, or a program that corrects one, moved what a picture shows along the radius.

    What would lie at (x, y) without it, -1 to 1 along either side, lies at that times 1 + s + fourth * s**2,
    where s = across * x**2 + down * y**2.
    """

    across: float
    down: float
    fourth: float
    is_of_a: bool = False  # A shows what it does through it, else B


class Frame(NamedTuple):
    """An upright rectangle in the unit square of a picture."""

    left: float
    top: float
    right: float
    bottom: float

    def mapped(self, matrix: Matrix) -> Frame:
        """Return the upright rectangle within what a homography makes of it, which hardly leans."""
        (a, b, c), (d, e, f), (g, h, i) = matrix
        corners = [
            (x, y, g * x + h * y + i) for x in (self.left, self.right) for y in (self.top, self.bottom)
        ]
        across = sorted((a * x + b * y + c) / depth for x, y, depth in corners)
        down = sorted((d * x + e * y + f) / depth for x, y, depth in corners)
        return Frame(across[1], down[1], across[2], down[2])


class Alignment(NamedTuple):
    """One way in which B may lie in A, and what speaks for it."""

    matrix: Matrix  # from the unit square of B, as it is but for a lens, to that of A
    mirrored: bool
    inliers: int  # matched features that agree with the matrix; 0: whole frames, 4: the corners of a page
    agreement: Agreement
    inversion: Inversion = ""  # of B, before all else
    lens: Lens | None = None  # that moved what one of them shows
    frame: Frame | None = None  # of a tile or the like, beyond which they show nothing of each other

    def turned(self) -> Alignment:
        """Return the way in which A lies in B."""
        found = self.agreement
        agreement = found._replace(covered_a=found.covered_b, covered_b=found.covered_a)
        lens = self.lens and self.lens._replace(is_of_a=not self.lens.is_of_a)
        to_b = inverse(self.matrix)
        frame = self.frame and self.frame.mapped(to_b)
        return self._replace(matrix=to_b, agreement=agreement, lens=lens, frame=frame)


class FullPicture(NamedTuple):
    """A picture as it is, for a proof."""

    key: str  # of its content: which of two equally large ones comes first must not depend on their order
    pixels: Pixels  # at full size
    compression: Compression
    frames: int = 1  # or pages, of which the first is seen
    capture: Capture = UNKNOWN_CAPTURE
    profile: bytes = b""  # of its colors, which are in sRGB by now; nothing: it has none, or that of sRGB
    cut_out: bool = False  # an icon or another small drawing on clear ground: every mark is content


def are_cut_out(a: FullPicture, b: FullPicture) -> bool:
    """Tell whether two pictures are icons or other small drawings on clear ground."""
    return a.cut_out and b.cut_out


class Difference(NamedTuple):
    """A place where two pictures show different things."""

    box_a: Box  # in pixels of A, upright
    box_b: Box
    strength: float  # 1: as much as encoding may leave
    pixels: int  # of the coarser picture, that differ
    moved: bool = False  # as on a photograph: neither shows a mark over what the other shows
    rewritten: bool = False  # both show writing there, each another
    faint: bool = False  # of a page, on which less is left of other strokes that are as faint


class Shots(NamedTuple):
    """What speaks for two exposures, in the finest structure of two pictures where they are quiet."""

    own: float  # energy that each has for itself, the lesser one, beside what codecs make
    uneven: float  # the larger of both beside the lesser
    unshared: float  # share that is not in both, beside what codecs leave unshared
    growing: float  # that energy where there is more to see, beside where there is least


class WhiteNoise(NamedTuple):
    """What differs between two JPEGs where they show the same, in the frequencies that both keep best."""

    strength: float  # energy, beside what rounding to both tables leaves
    one_sided: float  # by how much one picture has more energy, beside that; 0 if each has noise of its own
    uneven: float  # how far its energy is spread over blocks, beside that of white noise
    colored: float  # the frequency with most of it beside the one with least
    growing: float  # how it rises with what there is to see: correlation over blocks
    shared: float  # correlation of both pictures in the quietest blocks: noise of one shot is in each copy
    resampled: bool = False  # one was sampled anew, which takes some of its noise


class Toning(NamedTuple):
    """What was done to all of a picture: the coarser one, beside the finer one."""

    luma: float  # levels, of 255: the largest change of a tone
    tint: float  # levels: the largest change of the colour of a tone
    saturation: float  # times as much colour
    hue: float  # degrees
    stops: float  # steps of exposure by which middle tones are lighter
    sharpness: float  # times as much of the middle frequencies
    kept: float  # energy of the finest structure where it is quiet, beside what the codecs would leave of it


class Retouch(NamedTuple):
    """How one picture was made of the other, whichever is the coarser: for words, not for verdicts."""

    stops: float  # steps of exposure by which its middle tones are lighter
    contrast: float  # times as far apart are its tones, beside what exposure makes of them
    saturation: float  # times as much color, beside what contrast makes of it; 0: none left, inf: none before
    warmth: float  # levels by which all of it is redder and less blue
    green: float  # levels by which all of it is greener
    finer: float  # times as steep are its edges, in pixels of its own


class Edges(NamedTuple):
    """How a picture is flat, and where it rises: shares of its area, but for `steep`."""

    flat: float  # hardly rises in a window of 5 × 5
    still: float  # rises little there
    sharp: float  # rises far there
    apart: float  # no edge within 4 pixels
    shaded_apart: float  # shaded, and no edge within 8 pixels
    steep: float  # share of all slopes that edges have


class TwoTones(NamedTuple):
    """What windows of 8 by 8 pixels show: things of one color each, or shades."""

    between: float  # share of the windows that are neither of one tone nor rich in contrast
    mixed: float  # share of the variance of those rich in contrast that two tones leave; 0.5 without such


class Grounds(NamedTuple):
    """What a picture looks like: a page or screen, or a photograph."""

    shaded: float  # share of the area that is neither flat nor at an edge
    thin: float  # share of what is not flat that strokes make
    plain: float  # share of the area that has one of its four commonest colors
    pixels: int  # of the coarser picture
    edges: Edges | None = None  # None: not looked at
    tones: TwoTones | None = None  # looked at with edges


class LostMarks(NamedTuple):
    """What is too fine for the smaller picture: shares of the windows with marks in the larger one."""

    share: float  # that lose most of what there is to see in them
    on_flat: float  # that lose it, strong and on a flat ground
    larger: Grounds | None  # what the larger picture looks like; None: not looked at, for nothing is lost


NOTHING_LOST = LostMarks(0.0, 0.0, None)


class Proof(NamedTuple):
    """What a look at full size shows of two pictures that lie on each other."""

    differences: tuple[Difference, ...]  # the strongest first
    grounds: tuple[Grounds, Grounds]  # of both pictures
    shots: tuple[Shots, ...]  # each a way to look at it; none: too little to tell
    noise: float  # levels: what is left of luma where there is nothing but the ground
    toning: Toning
    lost: LostMarks  # of what is fine in the larger picture
    shade: float  # levels by which the light changed from place to place
    patched: bool = False  # by more than a light that falls unevenly: that would explain much of a page
    resampled: bool = False  # one of both: between the pixels of the other, or smaller
    is_open: bool = False  # what the first look left open was not told
    refocused: float = 0.0  # share that is much sharper in the one picture, and as much in the other
    other_color: bool = False  # a thing has another one, on a ground that nobody touched
    white: WhiteNoise | None = None  # of small pictures; None: it was not measured
    white_toned: WhiteNoise | None = None  # of toned ones, in the tones of the coarser one; None: as above
    shifted: float = 0.0  # share of what differs most, in two frames of one size, that lies a little beside
    slack: float = 0.0  # pixels by which tiles of such frames lie off any smooth map between them
    bent: bool = False  # such a frame was sampled anew, by more than a shift of all of it
    displaced: bool = False  # cut-outs of one size, that lie elsewhere in their frames
    apart: float | None = None  # levels by which colors of cut-outs differ from afar; None: both are none
    made: int | None = None  # which was made of the other's very file, 0 or 1; None: that was not asked

    def turned(self) -> Proof:
        """Return the same of B and A."""
        places = tuple(place._replace(box_a=place.box_b, box_b=place.box_a) for place in self.differences)
        return self._replace(differences=places, made=None if self.made is None else 1 - self.made)


INPUT_SIDE = 288
"""Pixels: what is to be reduced may be decoded at a reduced scale, if neither side then falls below that.
So long is the shorter side of a reduced picture that is 4 by 3."""


class Picture(Protocol):
    """A picture to compare."""

    @property
    def pixels(self) -> Pixels:
        """Reduced by `Comparer.reduced`."""

    @property
    def features(self) -> LocalFeatures:
        """Found by `Comparer.detect`, when first asked for."""


class Comparer(Protocol):
    """Lays pictures onto each other. Thread-safe, and the same pictures give the same results."""

    reduced_side: int  # pixels: the longer side of a reduced picture, at most

    def reduced(self, pixels: Pixels) -> Pixels:
        """Shrink a picture to the size that is compared."""

    def detect(self, pixels: Pixels) -> LocalFeatures:
        """Find the local features of a reduced picture."""

    def is_page(self, pixels: Pixels) -> bool:
        """Tell whether a reduced picture is a page or a screen."""

    def other_strokes(self, a: Pixels, b: Pixels) -> list[Box]:
        """Return boxes, in pixels of A, in which two reduced pages of one form plainly differ.

        None if they may be copies, or that cannot be told at a glance. Both were twice as large at least.
        """

    def alignments(self, a: Picture, b: Picture) -> Iterator[Alignment]:
        """Yield the ways in which B may lie in A, cheap ones first; each costs time only when it is drawn."""

    def prove(self, a: FullPicture, b: FullPicture, alignment: Alignment) -> Proof | None:
        """Look once more, at full size, at what an alignment lays onto each other. None: it is too little."""

    def may_be_remade(self, a: Pixels, b: Pixels) -> bool:
        """Tell whether two reduced pictures are equal in parts, as they are if one was made of the other."""

    def remade(self, a: FullPicture, b: FullPicture) -> tuple[Alignment, Proof] | None:
        """Say where two pictures differ of which one was made of the other's file. None: neither shows it."""

    def retouch(self, a: FullPicture, b: FullPicture, alignment: Alignment) -> Retouch | None:
        """Say how all of B was made of A, where they lie on each other. None: it is too little to tell."""

    def renditions(
        self, a: FullPicture, b: FullPicture, alignment: Alignment, proof: Proof, *, origins: bool
    ) -> tuple[Rendition, Rendition] | None:
        """Measure how each shows what both show: which one is better? None: it is too little.

        origins: also whether one was made of the other, which takes as long as all the rest.
        """


class Traits(NamedTuple):
    """What is remembered of a content, so that it need not be looked at again."""

    pixel_hash: bytes | None = None  # 32 bytes; None: not known
    features: LocalFeatures | None = None


class FindingsCache(Protocol):
    """Remembers what pairs of contents are, by their hashes in hexadecimal. A best effort: it may forget."""

    def load(self, pairs: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Finding]:
        """Return what is known of pairs."""

    def store(self, findings: Mapping[tuple[str, str], Finding]) -> None:
        """Remember. Fails silently where it may not or cannot write."""


class TraitsCache(Protocol):
    """Remembers traits by content hash. A best effort: what it cannot keep, it forgets."""

    def load(self, hashes: Sequence[str]) -> Mapping[str, Traits]:
        """Return what is known of contents, by their hexadecimal hashes."""

    def store(self, traits: Mapping[str, Traits]) -> None:
        """Remember. Fails silently where it may not or cannot write."""
