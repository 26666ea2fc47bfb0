"""Brightness, color and sums over the cells of pictures."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import Inversion

Floats = npt.NDArray[np.float32]

Grey = npt.NDArray[np.uint8]

Mask = npt.NDArray[np.bool_]

ROWS = 256  # of a large picture, that are worked on at once

LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)  # ITU-R BT.601

CHROMA = np.eye(3, dtype=np.float32) - LUMA  # takes a pixel to what is left of it without its luma


def grey(pixels: Pixels) -> Grey:
    """Return the luma of pixels (h, w, 3), rounded to levels, (h, w)."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def luma(pixels: Floats) -> Floats:
    """Return the luma of pixels, (..., 3).

    Not by numpy's product: its BLAS starts threads of its own in each of ours, for so little work.
    """
    columns = cv2.transform(pixels.reshape(-1, 1, 3), LUMA)
    return np.asarray(columns, np.float32).reshape(pixels.shape[:-1])


def slope(plane: Floats) -> Floats:
    """Return how steeply a plane, (h, w), rises or falls, in its own unit by pixel."""
    across, down = (cv2.Sobel(plane, cv2.CV_32F, x, 1 - x, scale=0.125) for x in (1, 0))
    return np.asarray(cv2.magnitude(across, down), np.float32)


def chroma(pixels: Floats) -> Floats:
    """Return pixels, (..., 3), without their luma: the same shape."""
    columns = cv2.transform(pixels.reshape(-1, 1, 3), CHROMA)
    return np.asarray(columns, np.float32).reshape(pixels.shape)


Levels = TypeVar("Levels", Floats, Pixels)


def largest(values: Levels) -> Levels:
    """Return the largest of the three values of each pixel. NumPy's own reduction of so short an axis takes
    many times as long; so do those below."""
    return np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])


def smallest(values: Levels) -> Levels:
    """Return the smallest of the three values of each pixel."""
    return np.minimum(np.minimum(values[..., 0], values[..., 1]), values[..., 2])


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


def inverted(pixels: Pixels, inversion: Inversion) -> Pixels:
    """Return a picture (h, w, 3) with light and dark turned around; clipped where that has no color."""
    if not inversion:
        return pixels
    if inversion == "negative":
        return np.asarray(cv2.bitwise_not(pixels), np.uint8)
    turned = np.empty_like(pixels)
    for top in range(0, len(pixels), ROWS):
        part = pixels[top : top + ROWS]
        if inversion == "luma":
            twice = 2 * cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.int16)
        else:
            channels = [np.asarray(plane, np.int16) for plane in cv2.split(part)]
            twice = np.maximum(np.maximum(channels[0], channels[1]), channels[2])
            twice = twice + np.minimum(np.minimum(channels[0], channels[1]), channels[2])
        turned[top : top + ROWS] = np.clip(part + (255 - twice)[..., None], 0, 255)
    return turned


def spectrum(plane: Floats) -> Floats:
    """Return the energies of the frequencies of a plane (h, w) of even sides: (h, w / 2 + 1).

    Those of the half that mirrors it are added to them. OpenCV's own layout of a real plane's transform takes
    a sixth of the time that NumPy's takes.
    """
    height, width = plane.shape
    squares = np.square(cv2.dft(plane))
    power = np.empty((height, width // 2 + 1), np.float32)
    power[:, 1:-1] = 2 * (squares[:, 1:-1:2] + squares[:, 2:-1:2])
    for column, packed in ((0, squares[:, 0]), (-1, squares[:, -1])):
        pairs = packed[1:-1:2] + packed[2:-1:2]
        power[:, column] = np.concatenate([packed[:1], pairs, packed[-1:], pairs[::-1]])
    return power


def even_transform(side: int) -> int:
    """Return the largest even side up to one, of at least 2, that a Fourier transform need not pad.

    OpenCV 5.0 finds a shift of half a pixel too much where what it pads to is odd, as 75 is for 73 to 75.
    """
    return next(size for size in range(side, 1, -1) if size % 2 == 0 and cv2.getOptimalDFTSize(size) == size)
