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
import numpy.typing as npt

from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.enlarging import period_of
from visualsearch_cli.pictures.quality.past import past_quality, quality_of
from visualsearch_cli.pictures.quality.ranks import quantile, quantiles
from visualsearch_cli.verdicts.comparison import Alignment, Difference, FullPicture, Proof
from visualsearch_cli.verdicts.detail import LOSSLESS_QUALITY, lost_detail
from visualsearch_cli.verdicts.evidence import Box, Rendition
from visualsearch_cli.verdicts.opencv.alignment import Array, overlap, project
from visualsearch_cli.verdicts.opencv.pixels import Floats, Mask, chroma, luma, spectrum
from visualsearch_cli.verdicts.rules import CHANGED_IN_TONED, is_toned

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
PLACES = 8  # that differ, looked at for marks
PLACE_SIDE, LEAST_PLACE = 160, 4  # pixels, of a place that is looked at
PAD = 0.25  # of its own side, that is seen around a place
DIFFERS = 12.0  # levels by which a mark differs from what it lies on
LEAST_CELLS = 12  # pixels of a mark
BARE = 1.5  # levels of curvature: both are flat there
COVERED = 0.33  # times as much structure inside a place: that picture is covered there
ONE_COLOR, VARIED = 1.0, 6.0  # levels: standard deviation of a bar, and of what it hides
PEN, ONE_PEN = 16.0, 0.65  # levels from its color, and share of what differs that is as near
LETTERS, LEAST_LETTER, OF_LARGEST = 3, 12, 0.15  # parts; pixels of one, and of the largest one
OUTLINED = 1.3  # times the edges around a place: that picture has the mark
PLAIN = 3.0  # levels of curvature: what covers a place leaves less, and pictures have more
SHARP_LETTERS, SHARP_ON_TEXTURE, LETTER_CONTRAST = 100.0, 60.0, 50.0  # of curvature, and of light and dark
PLAIN_COLORS = 2  # that a border, or the ground of a page, has
EVEN = 0.02  # of the width, by which the margins at both sides of a border differ
RIM, GOES_ON = 2, 0.5  # pixels inside the edge of a picture; share of them in the colors around it
NEAR_COLOR = 10  # levels, of each channel
LEANING, PLAIN_CORNERS = 0.7, 0.8  # degrees; share of the corners
SEAM = (3, 6)  # pixels: of a step that is looked at, and beside the edge of a box
PASTED, ANY_SEAM = (
    2.0,
    1.25,
)  # times the step beside an edge, that one at the edge is: at most sides, and at all


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
    marks, places = _marks(a.pixels, b.pixels, proof, turn) if proof.differences else ((0.0, 0.0), [])
    hidden = [place.box_a for place in places], [place.box_b for place in places]
    seen = [
        _without(p.pixels, middle, boxes) for p, middle, boxes in zip((a, b), middles, hidden, strict=True)
    ]
    made: int | None = None
    unknown: tuple[float, float] = (0.0, 0.0)
    grained: tuple[bool, bool] | None = None
    # One that lies exactly as the other may have been made of that very JPEG.
    if origins and alignment.inliers == 0 and max(scales) < EXACT:
        from visualsearch_cli.verdicts.opencv.provenance import Provenance  # late: queries do not ask

        made, unknown, grained = Provenance.of(a, b, turn)
    made = made if proof.made is None else proof.made  # which all of both tells, and not their middle alone
    leaning = _leans_within(to_a, a.pixels, b.pixels), _leans_within(to_b, b.pixels, a.pixels)

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

    shown = rendition(0), rendition(1)
    if max(scales) >= LEAST_LARGER:
        large = 0 if scales[0] > 1 else 1
        boxes = (box_a, box_b) if large == 0 else (box_b, box_a)
        clear = _period((a, b)[large].pixels, boxes, turn[0] % 2 == 1)
        its = shown[large]._replace(enlarged=clear)
        shown = (its, shown[1]) if large == 0 else (shown[0], its)
    # Where all else is equal, it takes both to tell detail from what a codec leaves: rarely, and so late.
    if alignment.inliers or max(scales) >= EXACT or lost_detail(*shown) is None:
        return shown
    from visualsearch_cli.verdicts.opencv.provenance import turned

    common = _common(seen[0], turned(seen[1], turn))
    return shown[0]._replace(common=common), shown[1]._replace(common=common)


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
    count = 1 + int(np.count_nonzero(np.diff(np.sort(codes))))  # np.unique loads numpy.ma
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
        bordered=_bordered(picture.pixels, box),
        pasted=_is_pasted(picture.pixels, box),
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


def _bordered(pixels: Pixels, box: Box) -> float:
    """Return how much of what lies outside a box has one of two colors, 0 to 1.

    0 if nothing lies there, or if it goes on inside and is wider at one side.
    """
    height, width = pixels.shape[:2]
    step = max(1, min(height, width) // 192)
    outside = np.ones(((height + step - 1) // step, (width + step - 1) // step), np.bool_)
    left, top, right, bottom = (-(-side // step) for side in box)
    outside[top:bottom, left:right] = False
    ring = pixels[::step, ::step][outside].astype(np.int64)
    if len(ring) < LEAST_CELLS:
        return 0.0
    share, colors = _in_two_colors(ring)
    inner = np.zeros_like(outside)
    inner[top:bottom, left:right] = True
    inner[top + RIM : bottom - RIM, left + RIM : right - RIM] = False
    rim = pixels[::step, ::step][inner].astype(np.int64)
    goes_on = np.zeros(len(rim), np.bool_)
    for color in colors:
        goes_on |= (np.abs(rim - color) <= NEAR_COLOR).all(axis=1)
    uneven = abs(left - (outside.shape[1] - right)) > max(1, EVEN * outside.shape[1])
    if uneven and len(rim) and goes_on.mean() > GOES_ON:
        return 0.0  # it was cut out of its ground
    return share


def _in_two_colors(ring: npt.NDArray[np.int64]) -> tuple[float, list[Floats]]:
    """Return the share of some pixels, (n, 3), that has one of two colors, and these colors."""
    left_over = np.ones(len(ring), np.bool_)
    colors: list[Floats] = []
    for _ in range(PLAIN_COLORS):
        if not left_over.any():
            break
        rest = ring[left_over]
        codes = rest // 16 @ np.array([256, 16, 1])
        color = np.median(rest[codes == np.bincount(codes).argmax()], axis=0)
        left_over &= (np.abs(ring - color) > NEAR_COLOR).any(axis=1)
        colors.append(color)
    return float(1 - left_over.mean()), colors


def _leans_within(to_this: Array, pixels: Pixels, other: Pixels) -> bool:
    """Tell whether a picture leans in this one, and what is left at the corners has one of two colors."""
    size = np.array(pixels.shape[1::-1], np.float64)
    middle, across = project(to_this, np.array([[0.5, 0.5], [0.5 + 1 / other.shape[1], 0.5]])) * size
    angle = math.degrees(math.atan2(across[1] - middle[1], across[0] - middle[0]))
    if abs((angle + 45) % 90 - 45) < LEANING:
        return False
    polygon = overlap(to_this) * size
    inside = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, polygon.round().astype(np.int32), (1,))
    inside = np.asarray(cv2.dilate(inside, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)), np.uint8)
    ring = pixels[inside == 0].astype(np.int64)
    return len(ring) >= LEAST_CELLS and _in_two_colors(ring)[0] >= PLAIN_CORNERS


def _is_pasted(pixels: Pixels, box: Box) -> bool:
    """Tell whether a picture changes at every edge of a box more than it does beside it."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    beside = SEAM[-1]
    upright = pixels[:, left:right], pixels[top:bottom].transpose(1, 0, 2)  # edges run along the rows
    sides = [
        (upright[0], top, False, height),
        (upright[0], bottom, True, height),
        (upright[1], left, False, width),
        (upright[1], right, True, width),
    ]
    found = []
    for rows, edge, ends, count in sides:
        if min(edge, count - edge) < beside:
            continue  # the edge of the whole picture
        seam = np.ascontiguousarray(rows[edge - beside : edge + beside])
        lines = cv2.cvtColor(seam, cv2.COLOR_RGB2GRAY).astype(np.float32)
        # A step of the same length at the edge, and on both sides of it.
        across, outside, inside = (
            float(np.abs(lines[first] - lines[first + SEAM[0]]).mean())
            for first in ((beside - 2, beside + 2, 0) if ends else (beside - 2, 0, beside + 2))
        )
        found.append(across / (max(outside, inside) + 1))
    return bool(found) and float(np.median(found)) > PASTED and min(found) > ANY_SEAM


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


def _marks(
    a: Pixels, b: Pixels, proof: Proof, turn: tuple[int, bool]
) -> tuple[tuple[float, float], list[Difference]]:
    """Return how much of what differs was put over each of two pictures, in shares of one, and all of it."""
    from visualsearch_cli.verdicts.opencv.full_size.laid_over.obscured import obscured_side  # late: mostly
    from visualsearch_cli.verdicts.opencv.provenance import turned  # nothing differs

    weights = [0.0, 0.0]
    found: list[Difference] = []
    # What a curve leaves unexplained was not put there.
    toned = is_toned(proof.toning)
    least = CHANGED_IN_TONED if toned else 0.0
    for place in (place for place in proof.differences[:PLACES] if place.strength > least):
        parts = _cut(a, place.box_a), turned(_cut(b, place.box_b), turn)
        height, width = (min(part.shape[side] for part in parts) for side in (0, 1))
        if min(height, width) < LEAST_PLACE:
            continue
        views = [_sized(part, (width, height)) for part in parts]
        middles = [_center(view) for view in views]
        lights = [luma(view.astype(np.float32)) for view in middles]
        side = _marked_side(*lights)
        # What was sharpened or blurred as a whole is obscured everywhere, and what is below letters looks so.
        if not toned and not _is_lettered(*lights):
            obscured = obscured_side(middles, _center(_without_pad(height, width)))
            side = side if obscured is None else obscured
        if side is None and max(height, width) > PLACE_SIDE:
            factor = PLACE_SIDE / max(height, width)
            size = max(LEAST_PLACE, round(width * factor)), max(LEAST_PLACE, round(height * factor))
            side = _marked_side(*(luma(_sized(part, size).astype(np.float32)) for part in parts))
        if side is not None:
            weights[side] += place.pixels
            found.append(place)
    whole = sum(weights)
    return ((weights[0] / whole, weights[1] / whole) if whole else (0.0, 0.0)), found


def _sized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return a part at a size."""
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _center(part: npt.NDArray[Value]) -> npt.NDArray[Value]:
    """Return the middle of a place: what was blurred there shows at full size alone."""
    top, left = (max(0, (side - PLACE_SIDE) // 2) for side in part.shape[:2])
    return part[top : top + PLACE_SIDE, left : left + PLACE_SIDE]


def _without_pad(height: int, width: int) -> Mask:
    """Return which pixels of a part that was cut are of the place itself."""
    mask = np.zeros((height, width), np.bool_)
    y, x = (round(side * PAD / (1 + 2 * PAD)) for side in (height, width))
    mask[y : height - y, x : width - x] = True
    return mask


def _cut(pixels: Pixels, box: Box) -> Pixels:
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    x, y = (max(2, round(PAD * (end - start))) for start, end in ((left, right), (top, bottom)))
    return pixels[max(0, top - y) : min(height, bottom + y), max(0, left - x) : min(width, right + x)]


def _marked_side(a: Floats, b: Floats) -> int | None:
    """Tell which of two views of a place, in levels, has something over it: 0, 1, or None.

    Bars, mosaics, blurs and logos have less structure inside than what they hide; captions and lines have
    edges around them that the other picture has not.
    """
    differs = _differs(a, b)
    if differs.sum() < LEAST_CELLS:
        return None
    spreads = [float(side[differs].std()) for side in (a, b)]
    if min(spreads) < ONE_COLOR and max(spreads) > VARIED:
        return int(np.argmin(spreads))
    inside = _structure(a, b, differs)
    rich = int(np.argmax(inside))
    if _is_written((a, b)[rich], differs):
        return rich
    if max(inside) > BARE and min(inside) < COVERED * max(inside):
        return rich if _is_lettered(a, b) else 1 - rich
    rim = _rim(differs)
    if not rim.any():
        return None
    edges = [
        float(np.hypot(cv2.Sobel(side, cv2.CV_32F, 1, 0), cv2.Sobel(side, cv2.CV_32F, 0, 1))[rim].mean())
        for side in (a, b)
    ]
    return int(np.argmax(edges)) if max(edges) > OUTLINED * min(edges) else None


def _is_written(view: Floats, differs: Mask) -> bool:
    """Tell whether what a view has where two differ is strokes of one color: letters, side by side.

    On a plain ground, their edges are structure that the ground lacks, as if that had been laid over it.
    """
    color = np.float32(np.median(view[differs]))
    pen = differs & (np.abs(view - color) < PEN)
    if np.count_nonzero(pen) < ONE_PEN * np.count_nonzero(differs):
        return False
    count, _, stats, _ = cv2.connectedComponentsWithStats(pen.view(np.uint8))
    sizes = stats[1:count, cv2.CC_STAT_AREA]
    letters = int(np.count_nonzero(sizes >= max(LEAST_LETTER, OF_LARGEST * sizes.max())))
    return letters >= LETTERS


def _is_lettered(a: Floats, b: Floats) -> bool:
    """Tell whether one of two views of a place has letters where the other one has little structure."""
    differs = _differs(a, b)
    if differs.sum() < LEAST_CELLS:
        return False
    inside = _structure(a, b, differs)
    rich = int(np.argmax(inside))
    if _is_written((a, b)[rich], differs):
        return True
    sharp = SHARP_LETTERS if min(inside) < PLAIN else SHARP_ON_TEXTURE
    return max(inside) > sharp and float((a, b)[rich][differs].std()) > LETTER_CONTRAST


def _differs(a: Floats, b: Floats) -> Mask:
    return np.asarray(np.abs(a - b - np.float32(np.median(a - b))) > DIFFERS, np.bool_)


def _structure(a: Floats, b: Floats, where: Mask) -> list[float]:
    """Return how much structure each of two views has somewhere, in levels of curvature."""
    return [float(np.median(np.abs(cv2.Laplacian(side, cv2.CV_32F))[where])) for side in (a, b)]


def _rim(mask: Mask) -> npt.NDArray[np.bool_]:
    """Return the pixels along the outline of a mask."""
    grid = mask.astype(np.uint8)
    return cv2.morphologyEx(grid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
