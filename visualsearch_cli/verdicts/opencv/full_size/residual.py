"""What encoding, scale and one toning of the whole picture leave unexplained, window by window.

The finer of two laid-out pictures predicts the coarser one: toned by one rising curve, filtered by one small
kernel, as resizing, blurring and sharpening do. What quantization may destroy is found by quantizing the
prediction. A window the size of a stroke differs where its residual is beyond that, beyond the noise of the
whole picture, and large beside the contrast that is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median
from visualsearch_cli.verdicts.opencv.full_size.codecs import (
    NO_PALETTES,
    UNKNOWN_TABLE,
    Palettes,
    chroma_loss,
    luma_loss,
    palettes_of,
    quantization_error,
)
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import Inside, LaidOut
from visualsearch_cli.verdicts.opencv.pixels import CHROMA
from visualsearch_cli.verdicts.opencv.tones import ToneMap, best_tone_map, cost_of, is_untoned, rising
from visualsearch_cli.verdicts.rules import SMALL

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Colors = tuple[Floats, Floats, Floats]
Part = tuple[slice, slice]
Values = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Relighting = Callable[[Any, slice], Pixels]  # gives some rows of a picture, which are told, another light

SAMPLED = 24  # tiles that the prediction of a large picture is fitted on
TILE = 256  # pixels of a side, of these
STRIP = 384  # pixels of a side that are looked at at once: JPEG's blocks fit into them, a plane into a cache
MARGIN = 32  # pixels around, so that windows are whole
BINS = 64  # of a tone curve
FITTED = 30_000  # pixels that colors and filters are fitted on
TONE_SAMPLES = 12_000  # pixels that a tone map of colours is fitted on
LEAST_SPAN = 0.1  # of full scale, of a curve that tells how steep it is
LEAST_BETTER = 0.85  # times what the way there leaves unexplained, that the way back must leave
RARE = 8  # pixels up to which a bin says nothing
UNTOUCHED, TYPICALLY = 6.0, 4.0  # levels, and times the usual difference, up to which a pixel is as it was
STILL = 0.05  # share of a bin that must be so, for the rest to lie below something
CODEC_TILES = 6  # of a large picture, that tell what its codec does
FINE, COARSE = 0.7, 1.4  # pixels: sigmas of the kernels that a filter is mixed of
BUSY = 2.0  # levels that the coarser of them changes where there is something to filter
MIDDLE = 0.25  # cycles per pixel, at which sharpness is told
SOFT = 0.6  # pixels: evens out single pixels of a residual
LUMA_WINDOW, COLOR_WINDOW = 0.75, 1.5  # pixels of half the resolution: sigmas, a stroke's size
SHADE = 16  # pixels of a side of the cells in which light may fall unevenly
MOST_SHADE = 16  # levels of a pixel that count for it
NO_SHADE = 0.5  # levels that need not be taken off
TEXTURED = 100.0  # variance, levels squared, from which a window has something in it
DEVIATION = 1.4826  # standard deviation of a normal distribution beside its median deviation
ROUNDING = 0.5  # levels squared, that rounding alone leaves
FLAT = 25.0  # levels squared: contrast below which nothing is seen
GRADIENT = 0.08  # pixels by which any place may lie off
CHROMA_GRADIENT = 0.3  # codecs keep colour at half the resolution, and do not agree on where
KNOWN_LOSS = 0.8  # times the predicted loss at least, where the codec is known to have been there
LEAST_LOSS = 0.35  # where it is not
MOST_LOSS = 1.6  # at most: what is more is no loss
MEDIAN_LOSS = 1.5  # times the median window's, that windows stray
# What differs may be most of a small picture. Of two lossless ones, neither codec nor sensor is blamed.
SMALL_NOISE, SMALL_LOSS = 1.0, 0.8  # levels, and times the predicted loss, at most


class Planes(NamedTuple):
    """A part of two laid-out pictures, in planes of levels (h, w)."""

    coarse: Colors  # luma, and red and blue beside it
    fine: Colors
    inside: Mask


class Windows(NamedTuple):
    """How far every other window of a part differs, (h / 2, w / 2); from 1 on, that is seen."""

    luma: Floats
    chroma: Floats


def gaussian(plane: Floats, sigma: float) -> Floats:
    """Blur a plane, to 2.6 sigmas: what is beyond would take half as long again."""
    side = 2 * int(np.ceil(2.6 * sigma)) + 1
    return np.asarray(cv2.GaussianBlur(plane, (side, side), sigma), np.float32)


def halved(plane: Floats) -> Floats:
    """Return the means of 2 by 2 pixels: windows are smooth, so one of four is enough."""
    height, width = plane.shape
    if height % 2 or width % 2:
        padded = cv2.copyMakeBorder(plane, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        plane = np.asarray(padded, np.float32)
    size = ((width + 1) // 2, (height + 1) // 2)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def planes(laid: LaidOut, part: Part, toning: ToneMap | None = None) -> Planes:
    """Return a part in luma and colour, the finer picture toned."""
    fine = laid.fine[part]
    return Planes(
        split(laid.coarse[part]), split(fine if toning is None else toned(fine, toning)), laid.inside[part]
    )


def toned(pixels: Pixels, toning: ToneMap) -> Pixels:
    """Return pixels (h, w, 3) through a tone map."""
    mixing = np.eye(3, dtype=np.float32) + np.float32(toning.saturation - 1) * CHROMA
    levels = np.arange(256, dtype=np.float32) / np.float32(255)
    curves = np.stack([_drawn_on(levels, *curve) for curve in toning.curves], axis=1)
    table = np.clip(np.rint(255 * curves), 0, 255).astype(np.uint8).reshape(1, 256, 3)
    return np.asarray(cv2.LUT(cv2.transform(pixels, mixing), table), np.uint8)


def _drawn_on(levels: Floats, knots: Floats, heights: Floats) -> Floats:
    """Return a curve at some levels, drawn on beyond its ends as steeply as it rises on the whole.

    It was fitted on blurred pixels: strokes of one pixel are darker than any of them.
    """
    span = float(knots[-1] - knots[0])
    slope = float(heights[-1] - heights[0]) / span if span > LEAST_SPAN else 1.0
    below, above = np.minimum(levels - knots[0], 0), np.maximum(levels - knots[-1], 0)
    drawn: Floats = np.interp(levels, knots, heights) + np.float32(slope) * (below + above)
    return drawn


class FittedTones(NamedTuple):
    """How the tones of the finer picture become those of the coarser one."""

    tones: ToneMap | None  # None: none is needed
    cost: float  # what the better of both ways leaves unexplained, beside the contrast
    there: float  # what this way leaves

    @property
    def backwards(self) -> bool:
        """Whether the way back leaves less: what a curve has clipped cannot be mapped back."""
        return self.cost < LEAST_BETTER * self.there


def toning_of(laid: LaidOut, light: Relighting | None = None) -> FittedTones:
    """Fit the tone map that takes the finer of two laid-out pictures to the coarser one, as it is or, if some
    rows of it at a time are given another light, in that."""
    step = max(1, round((laid.inside.size / TONE_SAMPLES) ** 0.5))
    soft = [
        _thinned(pixels, step, lambda part: cv2.GaussianBlur(part, (0, 0), 1.5), falling)
        for pixels, falling in ((laid.coarse, None), (laid.fine, light))
    ]
    inner = np.ones((7, 7), np.uint8)
    chosen = (
        _thinned(laid.inside, step, lambda part: cv2.erode(part.view(np.uint8), inner, borderValue=0)) > 0
    )
    target, source = (pixels[chosen].astype(np.float32) / np.float32(255) for pixels in soft)
    if len(source) < 200:
        return UNTONED
    if is_untoned(source, target):
        left = cost_of(source, target)
        return FittedTones(None, left, left)
    forwards, backwards = best_tone_map(source, target), best_tone_map(target, source)
    return FittedTones(forwards[1], min(forwards[0], backwards[0]), forwards[0])


def _thinned(
    plane: Pixels | Inside, step: int, filtered: Callable[[Any], Any], light: Relighting | None = None
) -> Pixels:
    """Return every so many pixels along both sides of a picture that is lit and filtered, some rows at a
    time."""
    found, height = [], plane.shape[0]
    for start in range(0, height, STRIP):
        top = -(-start // step) * step  # the first row of the strip that is taken
        above = max(0, start - MARGIN)
        rows = slice(above, min(height, start + STRIP + MARGIN))
        part = filtered(plane[rows] if light is None else light(plane[rows], rows))
        found.append(part[top - above : start + STRIP - above : step, ::step].copy())  # and not all of it
    return np.concatenate(found)


UNTONED = FittedTones(None, 0.0, 0.0)


def split(pixels: Pixels) -> Colors:
    y, red, blue = (
        np.asarray(plane, np.float32) for plane in cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb))
    )
    return y, red - np.float32(128), blue - np.float32(128)


def samples(laid: LaidOut, count: int = SAMPLED, side: int = TILE) -> list[Part]:
    """Return parts that stand for a picture: all of a small one, else about `count` tiles of some pixels a
    side, spread over it."""
    height, width = laid.inside.shape
    if height * width <= count * side * side:
        return [np.s_[0:height, 0:width]]
    rows = max(1, round((count * height / width) ** 0.5))
    columns = max(1, count // rows)
    tops = np.linspace(0, max(0, height - side), rows).astype(int) // 8 * 8
    lefts = np.linspace(0, max(0, width - side), columns).astype(int) // 8 * 8
    return [np.s_[top : top + side, left : left + side] for top in tops.tolist() for left in lefts.tolist()]


class Prediction(NamedTuple):
    """How the finer picture predicts the coarser one."""

    curve: Floats  # levels of luma, (256,), for each level of the finer one
    kernel: tuple[float, float]  # weights of the finer and the coarser blur, beside the picture itself
    codec_kernel: tuple[float, float]  # the same, of what the codec of the coarser one does by itself
    color: Floats  # (2, 4): red and blue beside luma, from these two, luma and 1
    noise: tuple[float, float]  # levels: standard deviation of what is left of luma and of colour
    grain: float  # levels: the same of luma, where nothing is but the ground
    loss: tuple[float, float]  # times the predicted loss of the codecs
    slack: float  # pixels
    scale: float
    coarse: Compression
    fine: Compression
    toning: ToneMap | None  # of colours, before all else
    palettes: Palettes

    @property
    def is_fitted(self) -> bool:
        """Whether luma is more than taken over."""
        return any(self.kernel) or not np.array_equal(self.curve, np.arange(256))

    def luma(self, fine: Floats) -> Floats:
        """Return the predicted luma."""
        toned = self.toned(fine)
        first, second = self.kernel
        if not first and not second:
            return toned
        filtered = np.float32(1 - first - second) * toned
        filtered += np.float32(first) * gaussian(toned, FINE) + np.float32(second) * gaussian(toned, COARSE)
        return np.asarray(np.clip(filtered, 0, 255), np.float32)

    def toned(self, fine: Floats) -> Floats:
        """Return luma through the curve."""
        return np.asarray(cv2.LUT(fine.astype(np.uint8), self.curve), np.float32)

    def chroma(self, fine: Colors, number: int) -> Floats:
        """Return the predicted red or blue beside luma, 0 or 1."""
        red, blue, luma, offset = (np.float32(weight) for weight in self.color[number])
        predicted: Floats = red * fine[1] + blue * fine[2] + luma * fine[0] + offset
        return predicted

    def luma_loss(self, coarse: Floats, predicted: Floats) -> Floats:
        """Return the squared error that the codecs are expected to leave of luma, smoothed over a block."""
        known = luma_loss(predicted, self.coarse, 1.0)
        total = np.zeros_like(predicted) if known is None else np.square(known)
        other = luma_loss(coarse, self.fine, self.scale)
        if other is not None:
            total += np.square(other)
        if known is None and other is None:
            total += np.square(quantization_error(predicted, UNKNOWN_TABLE))
        if self.palettes.gaps is not None:
            total += np.square(cv2.LUT(coarse.astype(np.uint8), self.palettes.gaps))
        return total

    def chroma_loss(self, coarse: Floats, predicted: Floats) -> Floats:
        """Return the same of a plane of colour."""
        total = np.zeros_like(predicted)
        for plane, compression, scale in ((predicted, self.coarse, 1.0), (coarse, self.fine, self.scale)):
            error = chroma_loss(plane, compression, scale)
            if error is not None:
                total += np.square(error)
        return total

    def palette_loss(self, coarse: Colors, predicted: Colors) -> Iterator[Floats]:
        """Yield the squared error that palettes leave of luma, and of red and blue beside it, if any did."""
        # These are no guesses: less than that is never left, whatever else is expected at least.
        sure = np.float32((KNOWN_LOSS / self.least_loss) ** 2)
        for error in self.palettes.squared_errors(coarse, predicted):
            yield sure * error

    @property
    def least_loss(self) -> float:
        """How many times the predicted loss there is at least.

        Where both files are lossless, nothing is destroyed for sure; but who knows what they were before.
        """
        is_lossy = self.coarse.codec is not Codec.NONE or self.fine.codec is not Codec.NONE
        return KNOWN_LOSS if is_lossy else LEAST_LOSS


def unfitted(laid: LaidOut, coarse: Compression, fine: Compression) -> Prediction:
    """Return the prediction that the coarser picture is as the finer one is."""
    return Prediction(
        curve=np.arange(256, dtype=np.float32),
        kernel=(0.0, 0.0),
        codec_kernel=(0.0, 0.0),
        color=np.array([[1, 0, 0, 0], [0, 1, 0, 0]], np.float32),
        noise=(0.0, 0.0),
        grain=0.0,
        loss=(1.0, 1.0),
        slack=laid.slack,
        scale=laid.scale,
        coarse=coarse,
        fine=fine,
        toning=None,
        palettes=NO_PALETTES,
    )


def predict(
    laid: LaidOut, tiles: list[Planes], coarse: Compression, fine: Compression, toning: ToneMap | None
) -> tuple[Prediction, list[Smoothed]]:
    """Fit how the finer picture predicts the coarser one, on these parts, toned, and what it leaves."""
    draft = unfitted(laid, coarse, fine)._replace(
        curve=curve_of(tiles),
        color=_color(tiles),
        toning=toning,
        palettes=palettes_of(laid.coarse, laid.fine),
    )
    draft = draft._replace(kernel=kernel_of(tiles, draft), codec_kernel=codec_kernel_of(tiles, draft))
    parts = [smoothed(tile, draft) for tile in tiles]
    calibrated = _calibrated(parts, draft)
    if laid.inside.size < SMALL and coarse.codec is fine.codec is Codec.NONE:
        calibrated = _hardly_noisy(calibrated)
    return calibrated, parts


def curve_of(tiles: Iterable[Planes], *, smooth: float = 0.0) -> Floats:
    """Return the rising curve from luma to luma: medians of bins, made to rise.

    smooth: pixels, sigma of a blur beforehand. Noise of its own in the finer picture flattens the curve.
    """

    def seen(luma: Floats, inside: Mask) -> Floats:
        return (gaussian(luma, smooth) if smooth else luma)[inside]

    table, totals = np.zeros((BINS, 256), np.int64), np.zeros(BINS)
    for tile in tiles:  # of all at once, numbers of 64 bits would take half as much as a picture
        source, target = (seen(plane[0], tile.inside) for plane in (tile.fine, tile.coarse))
        bins = (source * np.float32(BINS / 256)).astype(np.int64)
        codes = bins * 256 + target.astype(np.int64)
        table += np.bincount(codes, minlength=BINS * 256).reshape(BINS, 256)
        totals += np.bincount(bins, source, BINS)
    knots = totals / np.maximum(table.sum(axis=1), 1)
    table, still, most = _unhidden(table, knots)
    counts = table.sum(axis=1)
    full = np.flatnonzero(counts >= RARE)
    if len(full) < 2:
        return np.arange(256, dtype=np.float32)
    sums = np.cumsum(table, axis=1)
    half = counts[:, None] / 2
    level = (sums >= half).argmax(axis=1)
    rows = np.arange(BINS)
    before = sums[rows, level] - table[rows, level]
    # Half a level below what the share of the bin's own level says: levels are whole numbers.
    medians = level - 0.5 + (half[:, 0] - before) / np.maximum(table[rows, level], 1)
    changes = _continuous((medians - knots)[full], still[full], most)
    values = rising(knots[full] + changes, counts[full].astype(np.float64))
    levels = np.arange(256)
    known = np.clip(levels, knots[full[0]], knots[full[-1]])
    # Of lighter and darker levels, too few were seen: they change as the last ones do.
    curve = np.interp(known, knots[full], values) + levels - known
    return np.clip(curve, 0, 255).astype(np.float32)


def _unhidden(table: Counts, knots: Values) -> tuple[Counts, npt.NDArray[np.bool_], float]:
    """Return how often bins of levels, of these means, (BINS,), became each level of the other picture,
    (BINS, 256), without what lies over either; which bins still hold pixels that are as they were, (BINS,),
    and by how many levels such a pixel differs at most.

    Most pixels of a bin may lie below a bar. If some are still as they were, as most of the picture is, these
    alone tell what became of it.
    """
    off = np.abs(np.arange(256) - knots[:, None])
    seen = np.cumsum(np.bincount(off.astype(np.int64).reshape(-1), table.reshape(-1)))
    most = UNTOUCHED + TYPICALLY * float(np.searchsorted(seen, seen[-1] / 2))
    as_it_was = np.where(off <= most, table, 0)
    still = as_it_was.sum(axis=1) >= np.maximum(RARE, STILL * table.sum(axis=1))
    return np.where(still[:, None], as_it_was, table), still, most


def _continuous(changes: Values, still: npt.NDArray[np.bool_], most: float) -> Values:
    """Return the changes of levels, (n,), but for those that begin all at once beside what did not change: no
    tone became those, but a bar has them."""
    found: Values = changes.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[True], still, [True]]).astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):  # of what changed
        ends = ((start, start - 1), (end - 1, end))
        beside = [(own, other) for own, other in ends if 0 <= other < len(still)]
        if any(abs(changes[own] - changes[other]) > most for own, other in beside):
            found[start:end] = 0.0
    return found


def _color(tiles: list[Planes]) -> Floats:
    """Return the linear map of colour that explains most of it, by reweighted least squares."""
    step = max(1, sum(tile.inside.size for tile in tiles) // FITTED)
    rows = np.concatenate([_features(tile, step) for tile in tiles])
    same = np.array([[1, 0, 0, 0], [0, 1, 0, 0]], np.float32)
    if len(rows) < 50:
        return same
    found = []
    for number in (0, 1):
        target = np.concatenate([tile.coarse[1 + number][tile.inside][::step] for tile in tiles])
        weights = np.ones(len(target), np.float32)
        solution = same[number].astype(np.float64)
        for _ in range(3):
            scaled = rows * weights[:, None]
            gram = (scaled.T @ rows).astype(np.float64)
            # A little of what was there before holds what the picture does not determine: one without colour.
            prior = np.diag([1.0, 1.0, 0.02, 1.0]) * len(target)
            moment = (scaled.T @ target).astype(np.float64) + prior @ same[number]
            solution = np.linalg.solve(gram + prior, moment)
            left = np.abs(target - rows @ solution.astype(np.float32))
            spread = 2.5 * median(left) + 1
            weights = 1 / (1 + np.square(left / spread))
        found.append(solution.astype(np.float32))
    return np.stack(found)


def _features(tile: Planes, step: int) -> Floats:
    luma, red, blue = (plane[tile.inside][::step] for plane in tile.fine)
    return np.stack([red, blue, luma, np.ones_like(luma)], axis=1)


def kernel_of(tiles: list[Planes], draft: Prediction) -> tuple[float, float]:
    """Return the mixture of blurs that explains most of what differs where there is something to blur."""
    toned = [draft.toned(tile.fine[0]) for tile in tiles]
    changes = [tile.coarse[0] - plane for tile, plane in zip(tiles, toned, strict=True)]
    return mixture(toned, changes, [tile.inside for tile in tiles])


def codec_kernel_of(tiles: list[Planes], draft: Prediction) -> tuple[float, float]:
    """Return the same of what the codec of the coarser picture does by itself: it takes detail, too."""
    some = tiles[:: max(1, len(tiles) // CODEC_TILES)]
    toned = [draft.toned(tile.fine[0]) for tile in some]
    changes = [luma_loss(plane, draft.coarse, 1.0) for plane in toned]
    lost = [change for change in changes if change is not None]
    return mixture(toned, lost, [tile.inside for tile in some]) if lost else (0.0, 0.0)


def mixture(planes: list[Floats], changes: list[Floats], insides: list[Mask]) -> tuple[float, float]:
    """Return the weights of two blurs, FINE and COARSE, that explain most of what was changed of planes."""
    step = max(1, sum(plane.size for plane in planes) // FITTED)
    rows, targets = [], []
    for plane, change, inside in zip(planes, changes, insides, strict=True):
        differences = [gaussian(plane, FINE) - plane, gaussian(plane, COARSE) - plane]
        busy = inside & (np.abs(differences[1]) > BUSY)
        rows.append(np.stack([blurred[busy][::step] for blurred in differences], axis=1))
        targets.append(change[busy][::step])
    basis, target = np.concatenate(rows), np.concatenate(targets)
    if len(target) < 200:
        return 0.0, 0.0
    weights = np.ones(len(target), np.float32)
    solution = np.zeros(2)
    for _ in range(3):
        scaled = basis * weights[:, None]
        gram = (scaled.T @ basis).astype(np.float64) + 1e-3 * len(target) * np.eye(2)
        solution = np.linalg.solve(gram, (scaled.T @ target).astype(np.float64))
        left = np.abs(target - basis @ solution.astype(np.float32))
        spread = 2.5 * median(left) + 1
        weights = 1 / (1 + np.square(left / spread))
    return float(solution[0]), float(solution[1])


def response(kernel: tuple[float, float]) -> float:
    """Return how much of the middle frequencies a mixture of blurs leaves."""
    gains = [np.exp(-2 * (np.pi * sigma * MIDDLE) ** 2) for sigma in (FINE, COARSE)]
    return float(1 + sum(weight * (gain - 1) for weight, gain in zip(kernel, gains, strict=True)))


def beside_codec(sharper: float, codec: float) -> float:
    """Return how much sharper a picture is than its codec explains, which may take detail, or has taken it
    from both."""
    return sharper / min(1.0, codec) if sharper < codec else max(1.0, sharper)


def _calibrated(parts: list[Smoothed], draft: Prediction) -> Prediction:
    """Measure the noise of luma and colour, and how much of the predicted loss there is."""
    noises: list[list[Floats]] = [[], []]
    ratios: list[list[Floats]] = [[], []]
    grounds: list[Floats] = []
    for both in parts:
        chosen = both.inner
        if not chosen.any():
            continue
        for number, part in enumerate((both.luma, both.chroma)):
            amplitude = np.abs(part.residual)
            noises[number].append(amplitude[chosen])
            textured = chosen & (part.contrast > TEXTURED)
            ratios[number].append(np.sqrt(part.power / (part.loss + 1))[textured])
            if number == 0:
                grounds.append(amplitude[chosen & (part.contrast < FLAT)])
    loss = [float(np.clip(MEDIAN_LOSS * _median(values), draft.least_loss, MOST_LOSS)) for values in ratios]
    return draft._replace(
        noise=(DEVIATION * _median(noises[0]), DEVIATION * _median(noises[1])),
        grain=DEVIATION * _median(grounds),
        loss=(loss[0], loss[1]),
    )


def _hardly_noisy(found: Prediction) -> Prediction:
    """Return a prediction of a small picture that lets little differ."""
    return found._replace(
        noise=(min(found.noise[0], SMALL_NOISE), min(found.noise[1], SMALL_NOISE)),
        grain=min(found.grain, SMALL_NOISE),
        loss=(min(found.loss[0], SMALL_LOSS), min(found.loss[1], SMALL_LOSS)),
    )


def _median(values: list[Floats]) -> float:
    together = np.concatenate(values) if values else np.empty(0, np.float32)
    return median(together) if len(together) >= 50 else 0.0


class PlaneLeft(NamedTuple):
    """What a prediction leaves of a plane, in windows at half the resolution: (h / 2, w / 2)."""

    residual: Floats  # levels, evened out a little, of one pixel of four
    power: Floats  # squared levels
    contrast: Floats  # squared levels, of what is there


class _Plane(NamedTuple):
    """The same, beside what explains it: squared levels."""

    residual: Floats
    power: Floats
    contrast: Floats
    loss: Floats
    slope: Floats


class Left(NamedTuple):
    """What a prediction leaves of a part, in windows of a stroke's size."""

    luma: PlaneLeft
    colors: tuple[PlaneLeft, PlaneLeft]
    predicted: Colors

    def may_differ(self, prediction: Prediction) -> bool:
        """Tell whether any window may differ. Mostly none does, and then it need not be found out what codecs
        and slopes explain besides: that is most of the work."""
        return any(
            float(_seen(part, prediction, number, np.float32(0)).max()) > 1
            for part, number in ((self.luma, 0), *((color, 1) for color in self.colors))
        )


class Smoothed(NamedTuple):
    """What a prediction leaves of a part, beside what is there, in windows of a stroke's size."""

    luma: _Plane
    chroma: _Plane
    inner: Mask  # (h / 2, w / 2): not at the border of what both pictures show


def left_of(tile: Planes, prediction: Prediction) -> Left:
    """Measure what a prediction leaves of a part."""
    luma = prediction.luma(tile.fine[0])
    red, blue = (prediction.chroma(tile.fine, number) for number in (0, 1))
    return Left(
        left_of_luma(tile.coarse[0], luma, tile.inside),
        (_left_of_color(tile, 0, red), _left_of_color(tile, 1, blue)),
        (luma, red, blue),
    )


def smoothed(tile: Planes, prediction: Prediction, left: Left | None = None) -> Smoothed:
    """Measure what a prediction leaves of a part, and what explains it: by all of it but for its noise and
    loss."""
    left = left or left_of(tile, prediction)
    luma, *colors = left.predicted
    losses = [prediction.luma_loss(tile.coarse[0], luma)]
    losses += [prediction.chroma_loss(*both) for both in zip(tile.coarse[1:], colors, strict=True)]
    for loss, by_palette in zip(losses, prediction.palette_loss(tile.coarse, left.predicted), strict=False):
        loss += by_palette
    slope = halved(_slope(luma))
    explained = _Plane(*left.luma, *_spread(halved(losses[0]), slope, LUMA_WINDOW))
    parts = []
    for number, predicted in enumerate(colors):
        slope = _slope(halved(predicted)) / np.float32(4)  # by pixel of the whole resolution
        parts.append(_Plane(*left.colors[number], *_spread(halved(losses[1 + number]), slope, COLOR_WINDOW)))
    red, blue = parts
    worse = red.power >= blue.power
    chroma = _Plane(*(np.where(worse, *both) for both in zip(red, blue, strict=True)))
    return Smoothed(explained, chroma, eroded(tile.inside)[::2, ::2])


def left_of_luma(coarse: Floats, predicted: Floats, inside: Mask) -> PlaneLeft:
    """Measure what a prediction leaves of luma."""
    residual = np.where(inside, coarse - predicted, np.float32(0))
    residual = gaussian(residual - shade(residual, SHADE), SOFT)
    planes = coarse, predicted
    return PlaneLeft(
        residual[::2, ::2],
        power_of_luma(residual),
        contrast(
            (halved(coarse), halved(predicted)),
            tuple(halved(square) for square in _squares(planes)),
            LUMA_WINDOW,
        ),
    )


def power_of_luma(residual: Floats) -> Floats:
    """Return the power of a residual that was evened out a little, (h, w), in windows (h / 2, w / 2)."""
    return gaussian(halved(np.square(residual)), LUMA_WINDOW)


def _left_of_color(tile: Planes, number: int, predicted: Floats) -> PlaneLeft:
    """Return the same of red or blue, 0 or 1."""
    small = halved(tile.coarse[1 + number]), halved(predicted)
    residual = np.where(tile.inside[::2, ::2], small[0] - small[1], np.float32(0))
    residual = gaussian(residual - shade(residual, SHADE // 2), 0.5)
    power = gaussian(np.square(residual), COLOR_WINDOW)
    return PlaneLeft(residual, power, contrast(small, _squares(small), COLOR_WINDOW))


def _spread(loss: Floats, slope: Floats, sigma: float) -> tuple[Floats, Floats]:
    """Spread what explains a residual; `sigma`, that of its windows, is in pixels of half the resolution."""
    return gaussian(loss, 2.4 * sigma), gaussian(slope, 1.3 * sigma)


def _squares(planes: Sequence[Floats]) -> tuple[Floats, ...]:
    return tuple(np.square(plane) for plane in planes)


def _slope(plane: Floats) -> Floats:
    """Return the squared slope, in levels by pixel."""
    across = cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(np.square(across) + np.square(down), np.float32)


def contrast(planes: tuple[Floats, ...], squares: tuple[Floats, ...], sigma: float) -> Floats:
    """Return the variance in windows, of whichever of two planes has more."""
    one, other = (variance(*both, sigma) for both in zip(planes, squares, strict=True))
    return np.maximum(one, other)


def variance(plane: Floats, square: Floats, sigma: float) -> Floats:
    """Return the variance in windows, of a plane whose squares are evened out as it is."""
    return gaussian(square, 1.5 * sigma) - np.square(gaussian(plane, 1.5 * sigma))


def shade(residual: Floats, side: int = SHADE) -> Floats:
    """Return what changes but slowly, over cells of so many pixels: uneven light, not a thing."""
    height, width = residual.shape
    small = shade_of_cells(residual, side)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def without_shade(residual: Floats, side: int = SHADE) -> tuple[Floats, float]:
    """Return a residual without that, if it matters, and how much of it there is at most, in levels."""
    most = float(np.abs(shade_of_cells(residual, side)).max())
    return (residual if most < NO_SHADE else residual - shade(residual, side)), most


def shade_of_cells(residual: Floats, side: int) -> Floats:
    """Return the same for each cell."""
    height, width = residual.shape
    size = (max(1, round(width / side)), max(1, round(height / side)))
    # A thing that differs is no light: it must not spread.
    bounded = np.clip(residual, -MOST_SHADE, MOST_SHADE)
    small = cv2.resize(bounded, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.blur(small, (3, 3)), np.float32)


def eroded(inside: Mask) -> Mask:
    """Return the places that are not at the border of what both pictures show."""
    if inside.all():
        return inside
    return cv2.erode(inside.view(np.uint8), np.ones((9, 9), np.uint8), borderValue=1) > 0


def strips(height: int, width: int) -> Iterator[tuple[Part, Part]]:
    """Yield parts that cover a picture, each with a margin, and where in it the part itself lies."""
    for top in range(0, height, STRIP):
        for left in range(0, width, STRIP):
            above, before = min(top, MARGIN), min(left, MARGIN)
            rows = slice(top - above, min(height, top + STRIP + MARGIN))
            columns = slice(left - before, min(width, left + STRIP + MARGIN))
            own = np.s_[above : above + min(STRIP, height - top), before : before + min(STRIP, width - left)]
            yield (rows, columns), own


def place_of(part: Part, own: Part) -> Part:
    """Return where a strip without its margin lies in the whole picture, at half the resolution."""
    rows, columns = (
        half(slice(side.start + inner.start, side.start + inner.stop))
        for side, inner in zip(part, own, strict=True)
    )
    return rows, columns


def half(part: slice) -> slice:
    """Return the same part at half the resolution."""
    return slice(part.start // 2, (part.stop + 1) // 2)


def doubled(mask: Mask, part: Part) -> Mask:
    """Return a part of a mask of half the resolution at the whole one; the part begins at even places."""
    rows, columns = part
    some = mask[rows.start // 2 : (rows.stop + 1) // 2, columns.start // 2 : (columns.stop + 1) // 2]
    doubled = np.repeat(np.repeat(some, 2, axis=0), 2, axis=1)
    return doubled[: rows.stop - rows.start, : columns.stop - columns.start]


def windows(both: Smoothed, prediction: Prediction) -> Windows:
    """Return how far the windows of a part differ beyond what the prediction explains."""
    found = []
    for number, part in enumerate((both.luma, both.chroma)):
        off = (CHROMA_GRADIENT if number else GRADIENT) + prediction.slack / 2
        explained = np.float32(prediction.loss[number] ** 2) * part.loss + np.float32(off * off) * part.slope
        seen = _seen(part, prediction, number, explained)
        found.append(np.where(both.inner, np.sqrt(np.sqrt(seen)), np.float32(0)))
    return Windows(found[0], found[1])


def _seen(part: PlaneLeft | _Plane, prediction: Prediction, number: int, explained: Floats | float) -> Floats:
    """Return the product of what noise and what else explains it leave of luma or color, 0 or 1, and of what
    that is beside the contrast: neither alone tells a stroke from what a codec left of one."""
    unexplained = part.power / (explained + np.float32(prediction.noise[number] ** 2 + ROUNDING))
    beside = part.power / (part.contrast + np.float32(FLAT * (1 + 3 * number)))
    return np.asarray(unexplained * beside, np.float32)
