"""One tone map for a whole picture: what brightness, contrast, curves, casts, saturation and grey do.

A map first mixes each pixel with its own luma (saturation), then sends each channel through a rising
curve. It cannot turn hues: a red thing does not become a blue one.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.quality.ranks import median
from visualsearch_cli.verdicts.opencv.pixels import (
    Floats,
    chroma,
    largest,
    luma,
    mean,
    total,
)

BINS = 24  # knots of a curve
LEVELS = 128  # of the target, in which medians are counted
RARE = 3  # pixels up to which a bin says nothing
TONED = 0.25  # chroma beside contrast up to which a picture counts as grey, sepia or the like
MOST_SATURATION = 2.6


def saturated(pixels: Floats, saturation: float) -> Floats:
    """Return pixels, (n, 3), with so many times their colour."""
    mixed: Floats = pixels + np.float32(saturation - 1) * chroma(pixels)
    return mixed


class ToneMap(NamedTuple):
    """How to tone a picture."""

    saturation: float = 1.0
    curves: tuple[tuple[Floats, Floats], ...] = ()  # knots and values, of each channel; none: as it is

    @classmethod
    def of_saturation(cls, saturation: float) -> ToneMap:
        """Change nothing but the saturation; what is then too light or too dark is clipped."""
        ends = np.array([0, 1], np.float32)
        return cls(saturation, ((ends, ends),) * 3)

    def __call__(self, pixels: Floats) -> Floats:
        """Return pixels, (n, 3), toned."""
        if not self.curves:
            return pixels
        mixed = pixels
        if self.saturation != 1.0:
            mixed = saturated(pixels, self.saturation)
        channels = [np.interp(mixed[:, k], *curve) for k, curve in enumerate(self.curves)]
        return np.stack(channels, axis=1).astype(np.float32)


def tone_maps(source: Floats, target: Floats) -> list[ToneMap]:
    """Return maps that may make the source look like the target, (n, 3) each: by curves, and with more or
    less colour too."""
    values = dict.fromkeys((1.0, *saturations(source, target)))
    return [_fitted(source, target, saturation) for saturation in values]


def is_monochrome(pixels: Floats) -> bool:
    """Tell whether pixels, (n, 3), are grey, or tinted all alike."""
    contrast = float(luma(pixels).std())
    middle = mean(pixels)
    colors = np.abs(pixels - total(pixels)[:, None] / 3 - (middle - middle.mean()))
    return float(largest(colors).mean()) <= max(TONED * contrast, 0.008)


def saturations(source: Floats, target: Floats) -> list[float]:
    """Return how much of the source's colour the target may keep: 0 for grey, 1 for all of it."""
    chroma_a, chroma_b = chroma(source), chroma(target)
    chroma_a, chroma_b = chroma_a - mean(chroma_a), chroma_b - mean(chroma_b)
    kept = float((chroma_a * chroma_b).sum()) / (float((chroma_a * chroma_a).sum()) + 1e-6)
    contrast = float(luma(target).std()) / (float(luma(source).std()) + 1e-6)
    relative = kept / (contrast + 1e-6)
    found = [0.0] if is_monochrome(target) else []
    if not 0.75 < relative < 1.33:
        found.append(float(np.clip(relative, 0.3, MOST_SATURATION)))
    return found or [1.0]


def _fitted(source: Floats, target: Floats, saturation: float) -> ToneMap:
    return ToneMap(saturation, _curves(saturated(source, saturation), target))


def _curves(source: Floats, target: Floats) -> tuple[tuple[Floats, Floats], ...]:
    """Return for each channel the rising curve that best sends the source to the target, (n, 3) each: medians
    of bins, made to rise."""
    values, wanted = np.ascontiguousarray(source.T), np.ascontiguousarray(target.T)
    low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    scale = (BINS / (high.astype(np.float64) - low + 1e-6)).astype(np.float32)
    bins = np.minimum((values - low) * scale, np.float32(BINS - 1)).astype(np.int64)
    bins += np.arange(0, 3 * BINS, BINS)[:, None]
    levels = np.clip(wanted * LEVELS, 0, LEVELS - 1).astype(np.int64)
    codes = (bins * LEVELS + levels).reshape(-1)
    table = np.bincount(codes, minlength=3 * BINS * LEVELS).reshape(3 * BINS, LEVELS)
    cumulated = np.cumsum(table, axis=1)
    counts = cumulated[:, -1]
    half = counts[:, None] / 2
    level = (cumulated >= half).argmax(axis=1)
    rows = np.arange(3 * BINS)
    before = cumulated[rows, level] - table[rows, level]
    medians = (level + (half[:, 0] - before) / np.maximum(table[rows, level], 1)) / LEVELS
    knots = np.bincount(bins.reshape(-1), values.reshape(-1), 3 * BINS) / np.maximum(counts, 1)
    curves = []
    for first in range(0, 3 * BINS, BINS):
        part = slice(first, first + BINS)
        full = np.flatnonzero(counts[part] > min(RARE, int(counts[part].max()) - 1)) + first
        heights = rising(medians[full], counts[full].astype(np.float64))
        curves.append((knots[full].astype(np.float32), heights.astype(np.float32)))
    return tuple(curves)


def rising(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the rising values that are nearest in weighted least squares (pool adjacent violators)."""
    blocks: list[list[float]] = []  # mean, weight, length
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, mass, length = blocks.pop()
            last = blocks[-1]
            last[0] = (last[0] * last[1] + mean * mass) / (last[1] + mass)
            last[1] += mass
            last[2] += length
    return np.repeat([block[0] for block in blocks], [int(block[2]) for block in blocks])


SAMPLE = 3000  # cells that tone maps are fitted on

WORTH_COLOR = 1.25  # times the least cost, up to which colors are kept as they are

NEGLIGIBLE = 0.03  # cost below which no tone map is looked for

STEP = 0.09  # residual above which a cell differs, in a picture of ordinary contrast

UNCHANGED = 0.02  # difference of a cell that nobody toned

DARK, LIGHT = 0.06, 0.95  # outside, most tone maps change nothing

TONES = 16  # from black to white, that are looked at apart

LEAST_CELLS = 20  # of a tone that is looked at

KEPT = 0.25  # share of a tone's cells that must be unchanged

MOST_TONES = 0.6  # share of the tones that must be so kept


class Toned(NamedTuple):
    """One picture toned like the other: float32 (n, 3) each."""

    toned: Floats
    target: Floats
    untoned: bool  # nobody has changed the tones of the whole picture


class _Toning(NamedTuple):
    """A tone map, and how much of the target it leaves unexplained."""

    cost: float
    tone: ToneMap
    residual: Floats


def _least(found: Iterable[_Toning]) -> _Toning:
    """Return the one that leaves least, the first of equals."""
    return min(found, key=lambda toning: toning.cost)


def best_toning(a: Floats, b: Floats) -> Toned:
    """Tone A like B, or B like A, whichever leaves less: what a curve has clipped cannot be mapped back.

    Where cells of most tones are unchanged, no curve was applied: what differs was changed for itself. A
    curve would explain a part of it, and call a thing in another colour the same one in another light.
    """
    step = max(1, len(a) // SAMPLE)
    sample_a, sample_b = np.ascontiguousarray(a[::step]), np.ascontiguousarray(b[::step])
    plain = _toned(sample_a, sample_b, ToneMap())
    untoned = is_untoned(sample_a, sample_b)
    if plain.cost <= NEGLIGIBLE:
        return Toned(a, b, untoned)
    find = _saturated if untoned else _tonings
    forwards, backwards = _least([plain, *find(sample_a, sample_b)]), _least(find(sample_b, sample_a))
    if backwards.cost < forwards.cost:
        return Toned(backwards.tone(b), a, untoned)
    return Toned(forwards.tone(a), b, untoned)


def best_tone_map(source: Floats, target: Floats) -> tuple[float, ToneMap | None]:
    """Return what the best tone map leaves unexplained, and the map; None if none is needed, (n, 3) each."""
    plain = _toned(source, target, ToneMap())
    if plain.cost <= NEGLIGIBLE:
        return plain.cost, None
    found = [plain, *_tonings(source, target)]
    best = _least(found)
    # Of a page, a signature is too little for its color to count: it stays, where that costs next to nothing.
    if best.tone.saturation != 1.0 and is_monochrome(source):
        colored = _least(toning for toning in found if toning.tone.saturation == 1.0)
        best = colored if colored.cost <= WORTH_COLOR * best.cost else best
    return best.cost, best.tone if best.tone.curves else None


def cost_of(source: Floats, target: Floats) -> float:
    """Return what is left unexplained without any tone map, beside the contrast, (n, 3) each."""
    return _toned(source, target, ToneMap()).cost


def is_untoned(a: Floats, b: Floats) -> bool:
    """Tell whether cells of most tones between black and white are unchanged, (n, 3) each."""
    tone = luma(a)
    unchanged = largest(np.abs(a - b)) < UNCHANGED
    between = (tone > DARK) & (tone < LIGHT)
    tones = (tone[between] * TONES).astype(np.int64)
    cells = np.bincount(tones, minlength=TONES)
    kept = np.bincount(tones, unchanged[between], minlength=TONES)
    there = cells >= LEAST_CELLS
    if not there.any():
        return False
    return float((kept[there] >= KEPT * cells[there]).mean()) >= MOST_TONES


def _saturated(source: Floats, target: Floats) -> list[_Toning]:
    """More or less colour, and nothing else."""
    return [_toned(source, target, ToneMap.of_saturation(value)) for value in saturations(source, target)]


def _tonings(source: Floats, target: Floats) -> list[_Toning]:
    """Fit tone maps, and once more without what does not fit."""
    fitted = [_toned(source, target, tone) for tone in tone_maps(source, target)]
    first = _least(fitted)
    trusted = first.residual <= max(3 * median(first.residual), 0.03)
    if trusted.sum() < 50:
        return fitted
    return [*fitted, *(_toned(source, target, tone) for tone in tone_maps(source[trusted], target[trusted]))]


def _toned(source: Floats, target: Floats, tone: ToneMap) -> _Toning:
    residual = largest(np.abs(tone(source) - target))
    cost = float(np.minimum(residual, STEP).mean()) / (float(luma(target).std()) + 0.02)
    return _Toning(cost, tone, residual)
