"""How each of two files shows what both show: their detail at the size of the smaller, noise, tones, marks.

All of it is measured of the same part of both, so what a picture is of does not matter. Energies are those of
bands of the spectrum in cycles per pixel of the coarser picture; none of the two need be resampled for that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np

from visualsearch_cli.ahead import beside
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.enlarging import period_of
from visualsearch_cli.pictures.quality.past import past_quality, quality_of
from visualsearch_cli.pictures.quality.ranks import distinct, quantile, quantiles
from visualsearch_cli.verdicts.comparison import Alignment, Difference, FullPicture, Proof
from visualsearch_cli.verdicts.detail import LOSSLESS_QUALITY, lost_detail
from visualsearch_cli.verdicts.evidence import Box, Rendition
from visualsearch_cli.verdicts.opencv.alignment import Array, overlap, project
from visualsearch_cli.verdicts.opencv.pixels import Floats, chroma, luma, spectrum
from visualsearch_cli.verdicts.opencv.renditions.around import bordered, is_pasted, leans_within

Value = TypeVar("Value", np.uint8, np.bool_)

SEEN = 384  # pixels of the coarser picture, both sides, of the middle of what both show
MOST_SEEN = 1024  # of the finer one
LEAST_LARGER, MOST_LARGER = 1.04, 4.0  # times, of which the period of an enlargement is looked for
PERIODS = 768  # pixels of both sides of the part in which it is
MOST_HIDDEN = 0.5  # share of that part
LEAST_SIDE = 16  # pixels: less is no spectrum
TOP, FINE, MIDDLE = (0.354, 0.5), (0.25, 0.354), (0.125, 0.25)  # cycles per pixel of the coarser picture
EXACT = 1.001  # times the size
GRID = 8  # pixels of a side of a JPEG's blocks; of those in which noise is looked for, too
CLIPPING = 16.0  # levels from black and from white
QUIET = 0.1  # share of the blocks, the quietest ones
NEAR_END = 4  # levels from the darkest or lightest tone that count as clipped there
ENDS = (0.001, 0.999)  # shares of the pixels, in the order of their luma
TONES, TONE = 16, 16.0  # bins of luma, levels of each
COUNTED = 16_384  # pixels of which colors are counted


def renditions(
    a: FullPicture, b: FullPicture, alignment: Alignment, proof: Proof, *, origins: bool = True
) -> tuple[Rendition, Rendition] | None:
    """Measure both pictures where they show the same, and tell whether one was made of the other.

    None if that is too little. Without `origins`, none is told to be made of the other, nor of another JPEG.
    """
    to_a = np.array(alignment.matrix, np.float64)
    to_b = np.asarray(np.linalg.inv(to_a), np.float64)
    box_a, box_b = _shared(to_a, a.pixels), _shared(to_b, b.pixels)
    if box_a is None or box_b is None:
        return None
    # How many pixels each has for one pixel of the coarser one, along a side.
    finer = float(np.sqrt(_area(box_a) / _area(box_b)))
    scales = max(1.0, finer), max(1.0, 1 / finer)
    middles = [_middle(box, scale) for box, scale in zip((box_a, box_b), scales, strict=True)]
    if min(min(right - left, bottom - top) for left, top, right, bottom in middles) < LEAST_SIDE:
        return None
    turn = _turn(to_a)
    marks: tuple[float, float] = (0.0, 0.0)
    places: list[Difference] = []
    if proof.differences:
        # Late: mostly nothing does.
        from visualsearch_cli.verdicts.opencv.renditions.marks import marks_of_both

        marks, places = marks_of_both(a.pixels, b.pixels, proof, turn)
    hidden = [place.box_a for place in places], [place.box_b for place in places]
    seen = [
        _without(p.pixels, middle, boxes) for p, middle, boxes in zip((a, b), middles, hidden, strict=True)
    ]
    made: int | None = None
    unknown: tuple[float, float] = (0.0, 0.0)
    grained: tuple[bool, bool] | None = None
    more = 0.0  # fine detail, that A has
    # One that lies exactly as the other may have been made of that very JPEG.
    if origins and alignment.inliers == 0 and max(scales) < EXACT:
        # Late: queries do not ask.
        from visualsearch_cli.verdicts.opencv.renditions.provenance import Provenance

        made, unknown, grained, more = Provenance.of(a, b, turn)
    made = made if proof.made is None else proof.made  # which all of both tells, and not their middle alone
    leaning = leans_within(to_a, a.pixels, b.pixels), leans_within(to_b, b.pixels, a.pixels)

    def rendition(side: int) -> Rendition:
        picture, other = ((a, b), (b, a))[side]
        return _rendition(
            picture,
            quality_of(other.compression.luma) if made == side else 0,
            origins,
            unknown[side],
            None if grained is None else grained[side],
            seen[side],
            scales[side],
            (box_a, box_b)[side],
            marks[side],
            leaning[side],
        )

    with beside(lambda: rendition(1)) as second:
        shown = rendition(0)._replace(richer=more), second()._replace(richer=-more)
    if max(scales) >= LEAST_LARGER:
        large = 0 if scales[0] > 1 else 1
        boxes = (box_a, box_b) if large == 0 else (box_b, box_a)
        clear = _period((a, b)[large].pixels, boxes, turn[0] % 2 == 1)
        is_enlarged = _is_enlarged((a, b)[large], (a, b)[1 - large], turn, large) if origins else None
        shown_large = shown[large]._replace(enlarged=clear, is_made=is_enlarged is True)
        shown_small = shown[1 - large]._replace(is_made=is_enlarged is False)
        shown = (shown_large, shown_small) if large == 0 else (shown_small, shown_large)
    # Where all else is equal, it takes both to tell detail from what a codec leaves: rarely, and so late.
    if alignment.inliers or max(scales) >= EXACT or lost_detail(*shown) is None:
        return shown
    from visualsearch_cli.verdicts.opencv.renditions.provenance import turned

    common = _common(seen[0], turned(seen[1], turn))
    return shown[0]._replace(common=common), shown[1]._replace(common=common)


def _is_enlarged(large: FullPicture, small: FullPicture, turn: tuple[int, bool], side: int) -> bool | None:
    """Tell whether the larger of two pictures was made of the smaller one, or that of it.

    None: nobody can tell.
    side: 0 if the larger one is A, 1 if it is B; turn: how B is turned to lie as A does.
    """
    from visualsearch_cli.verdicts.opencv.renditions.provenance import as_turned, turned_back
    from visualsearch_cli.verdicts.opencv.renditions.resizing import made_larger

    as_small = turn if side == 1 else turned_back(turn)
    return made_larger(small, as_turned(large.pixels, as_small), large.compression)


def _period(pixels: Pixels, boxes: tuple[Box, Box], is_on_its_side: bool) -> float:
    """Return how clearly a picture was enlarged, from its part of what both show and the other one's."""
    (left, top, right, bottom), other = boxes
    width, height = other[2] - other[0], other[3] - other[1]
    across, down = (height, width) if is_on_its_side else (width, height)
    factors = (right - left) / across, (bottom - top) / down
    if not LEAST_LARGER <= min(factors) <= max(factors) <= MOST_LARGER:
        return 0.0
    x, y = (max(start, (start + end - PERIODS) // 2) for start, end in ((left, right), (top, bottom)))
    part = pixels[y : min(bottom, y + PERIODS), x : min(right, x + PERIODS)]
    return period_of(luma(part.astype(np.float32)), *factors)


def _common(a: Pixels, b: Pixels) -> float:
    """Return the correlation of the finest octave's coarser half in two parts of one size, -1 to 1."""
    height, width = (min(part.shape[side] for part in (a, b)) for side in (0, 1))
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    lights = (luma(part[:height, :width].astype(np.float32)) for part in (a, b))
    one, other = (np.fft.rfft2((light - light.mean()) * window) for light in lights)
    frequencies = np.maximum(np.abs(np.fft.fftfreq(height))[:, np.newaxis], np.fft.rfftfreq(width))
    band = (frequencies >= FINE[0]) & (frequencies < FINE[1])
    one, other = one[band], other[band]
    power = float(np.square(np.abs(one)).sum()) * float(np.square(np.abs(other)).sum())
    return float((one * other.conj()).real.sum()) / math.sqrt(power + 1e-9)


def _shared(to_this: Array, pixels: Pixels) -> Box | None:
    """Return the box, in its own pixels, of what another picture shows of this one."""
    polygon = overlap(to_this)
    if len(polygon) < 3:
        return None
    height, width = pixels.shape[:2]
    (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    box = round(left * width), round(top * height), round(right * width), round(bottom * height)
    return None if min(box[2] - box[0], box[3] - box[1]) < LEAST_SIDE else box


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _middle(box: Box, scale: float) -> Box:
    """Return the middle of a box: as much of the scene of both pictures."""
    side = min(MOST_SEEN, round(SEEN * scale))
    left, top, right, bottom = box
    x, y = max(left, (left + right - side) // 2), max(top, (top + bottom - side) // 2)
    x, y = x // GRID * GRID, y // GRID * GRID  # of the blocks of a JPEG
    return x, y, x + _quick(min(right - x, side)), y + _quick(min(bottom - y, side))


def _without(pixels: Pixels, seen: Box, marks: Sequence[Box]) -> Pixels:
    """Return a part of a picture; what is marked in one of both is hidden, as it has edges of its own.

    Not if that is most of the part.
    """
    left, top, right, bottom = seen
    part: Pixels = pixels[top:bottom, left:right]
    hidden = np.zeros(part.shape[:2], np.bool_)
    for x, y, end, below in marks:
        hidden[max(0, y - top) : max(0, below - top), max(0, x - left) : max(0, end - left)] = True
    if not hidden.any() or hidden.mean() > MOST_HIDDEN:
        return part
    part, left_over = part.copy(), part[~hidden]
    light = luma(left_over.astype(np.float32))
    part[hidden] = left_over[np.abs(light - np.median(light)).argmin()]  # a color that it has
    return part


def _quick(side: int) -> int:
    """Return a length that is not much shorter, and of which a spectrum is quickly made."""
    return side // LEAST_SIDE * LEAST_SIDE if side >= LEAST_SIDE else side


def _rendition(
    picture: FullPicture,
    before: int,
    has_past: bool,
    unknown: float,
    grained: bool | None,
    part: Pixels,
    scale: float,
    box: Box,
    marked: float,
    leans: bool,
) -> Rendition:
    values = part.astype(np.float32)
    light = luma(values)
    top, fine, middle, beyond = _bands(light, scale)
    mean, (red, _, blue, _) = float(light.mean()), cv2.mean(part)
    tones = quantiles(light.reshape(-1), ENDS)
    clipped = (light <= tones[0] + NEAR_END) | (light >= tones[1] - NEAR_END)
    step = max(1, light.size // COUNTED)
    codes = part.reshape(-1, 3)[::step].astype(np.int32) @ np.array([65536, 256, 1], np.int32)
    count = len(distinct(codes))
    compression = picture.compression
    is_made = before > 0
    before = before or (past_quality(light, compression.luma) if has_past else None) or 0
    return Rendition(
        top=top,
        fine=fine,
        middle=middle,
        beyond=beyond,
        scale=scale,
        noise=_noise(light),
        clipped=float(clipped.mean()),
        tones=float(tones[1] - tones[0]),
        light=mean,
        red=red - mean,
        blue=blue - mean,
        color=_color(values[::3, ::3], light[::3, ::3]),
        colors=count,
        variety=count / len(codes),
        quality=_quality(compression, before),
        before=before,
        is_made=is_made,
        unknown=unknown,
        grained=grained,
        bordered=bordered(picture.pixels, box),
        pasted=is_pasted(picture.pixels, box),
        marked=marked,
        leans=leans,
    )


def _bands(light: Floats, scale: float) -> tuple[float, float, float, float]:
    """Return the RMS of three bands, finest first, and of what is finer than the coarser picture can show.

    Frequencies are the larger of both axes', so that the last band begins where a grid of pixels ends.
    """
    height, width = light.shape
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    power = spectrum((light - light.mean()) * window)
    whole: float = float(np.square(window).sum()) * height * width

    def below(bound: float) -> float:
        """Return the energy of lower frequencies; rows of the spectrum go up to the middle and down again."""
        rows, columns = (
            int(np.count_nonzero(np.arange(side // 2 + 1) * scale < bound * side)) for side in (height, width)
        )
        upper = power[height - rows + 1 :] if rows <= height // 2 else power[rows:]
        return float(power[:rows, :columns].sum() + upper[:, :columns].sum()) / whole

    bands = (TOP, FINE, MIDDLE, (TOP[1], np.inf))
    top, fine, middle, beyond = (math.sqrt(max(0.0, below(high) - below(low))) for low, high in bands)
    return top, fine, middle, beyond


def _noise(light: Floats) -> float:
    """Return the RMS of the finest structure in the quietest blocks, in levels."""
    fine = np.square(light - cv2.GaussianBlur(light, (0, 0), 1.0))
    energies, means = (_block_means(plane) for plane in (fine, light))
    unclipped = energies[(means > CLIPPING) & (means < 255 - CLIPPING)]  # there, noise is cut off
    return math.sqrt(quantile(unclipped if len(unclipped) else energies, QUIET))


def _block_means(plane: Floats) -> Floats:
    rows, columns = (side // GRID for side in plane.shape)
    blocks = plane[: rows * GRID, : columns * GRID]
    return np.asarray(cv2.resize(blocks, (columns, rows), interpolation=cv2.INTER_AREA), np.float32).reshape(
        -1
    )


def _color(values: Floats, light: Floats) -> float:
    """Return the RMS of what is no luma and does not follow from it, as it does in grey and in sepia."""
    left = chroma(values).reshape(-1, 3)
    bins = (light.reshape(-1) / TONE).astype(np.int64).clip(0, TONES - 1)
    counts = np.maximum(np.bincount(bins, minlength=TONES), 1)
    squares = 0.0
    for channel in range(3):
        column = left[:, channel]
        means = np.bincount(bins, column, minlength=TONES) / counts
        squares += float(np.square(column - means[bins]).mean())
    return float(np.sqrt(squares / 3))


def _quality(compression: Compression, before: int) -> int:
    """Return the quality of the coarsest JPEG that a picture has been, 1 to 100; 0 if nobody knows.

    101 for a lossless file that shows no trace of one.
    """
    if compression.codec is Codec.JPEG:
        own = quality_of(compression.luma)
        return min(own, before) if before else own
    if before:
        return before
    return LOSSLESS_QUALITY if compression.codec is Codec.NONE else 0


def _turn(to_a: Array) -> tuple[int, bool]:
    """Return by how many quarters B is to be turned, counterclockwise, to lie as A does.

    And whether it is to be mirrored before.
    """
    middle, across, down = project(to_a, np.array([[0.5, 0.5], [0.51, 0.5], [0.5, 0.51]]))
    x, y = across - middle, down - middle
    mirrored = float(x[0] * y[1] - x[1] * y[0]) < 0
    if mirrored:
        x = -x
    return round(float(np.degrees(np.arctan2(-x[1], x[0]))) / 90) % 4, mirrored
