"""One tone map for a whole picture: what brightness, contrast, curves, casts, saturation and grey do.

A map first mixes each pixel with its own luma (saturation), then sends each channel through a rising
curve. It cannot turn hues: a red thing does not become a blue one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)  # ITU-R BT.601
CHROMA = np.eye(3, dtype=np.float32) - LUMA  # takes a pixel to what is left of it without its luma
BINS = 24  # knots of a curve
LEVELS = 128  # of the target, in which medians are counted
RARE = 3  # pixels up to which a bin says nothing
TONED = 0.25  # chroma beside contrast up to which a picture counts as grey, sepia or the like
MOST_SATURATION = 2.6


def luma(pixels: Floats) -> Floats:
    """Return the luma of pixels, (..., 3).

    Not by numpy's product: its BLAS starts threads of its own in each of ours, for so little work.
    """
    columns = cv2.transform(pixels.reshape(-1, 1, 3), LUMA)
    return np.asarray(columns, np.float32).reshape(pixels.shape[:-1])


def chroma(pixels: Floats) -> Floats:
    """Return pixels, (..., 3), without their luma: the same shape."""
    columns = cv2.transform(pixels.reshape(-1, 1, 3), CHROMA)
    return np.asarray(columns, np.float32).reshape(pixels.shape)


def largest(values: Floats) -> Floats:
    """Return the largest of the three values of each pixel. NumPy's own reduction of so short an axis takes
    many times as long; so do those below."""
    return np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])


def total(values: Floats) -> Floats:
    """Return the sum of the three values of each pixel."""
    sums: Floats = values[..., 0] + values[..., 1] + values[..., 2]
    return sums


def mean(values: Floats) -> Floats:
    """Return the mean pixel, (3,), of pixels (n, 3)."""
    return np.array([values[:, channel].mean() for channel in range(3)], np.float32)


def correlation(a: Floats, b: Floats) -> float:
    """Return how alike two rows of values rise and fall, -1 to 1; 0 where either is flat."""
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt(float((a * a).sum()) * float((b * b).sum()) + 1e-9))


def saturated(pixels: Floats, saturation: float) -> Floats:
    """Return pixels, (n, 3), with so many times their colour."""
    mixed: Floats = pixels + np.float32(saturation - 1) * chroma(pixels)
    return mixed


@dataclass(frozen=True, slots=True)
class ToneMap:
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
        rising = _rising(medians[full], counts[full].astype(np.float64))
        curves.append((knots[full].astype(np.float32), rising.astype(np.float32)))
    return tuple(curves)


def _rising(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
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
