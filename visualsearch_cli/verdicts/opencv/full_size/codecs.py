"""What a codec does to a picture: the error that quantization makes, found by quantizing."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.quality.dct import BLOCK, DCT

Floats = npt.NDArray[np.float32]

WEBP_QUALITY = 50  # stands for all codecs whose settings are not known, and HEIC too
AVIF_QUALITY = 60
AVIF_SPEED = 9  # as browsers and scripts write it that are in a hurry: slower ones lose less
LEAST_STEP = 1.0


def jpeg_table(quality: int) -> Floats:
    """Return the steps of luma, (8, 8), that the Independent JPEG Group gives a quality.

    Near table K.1 of ITU-T T.81: what is predicted with it is scaled to what is seen.
    """
    y, x = np.mgrid[:BLOCK, :BLOCK].astype(np.float32)
    base = np.clip(10 + 0.75 * (x + y) ** 2, 10, 121)
    factor = 50 / quality if quality < 50 else 2 - quality / 50
    return np.asarray(np.maximum(LEAST_STEP, np.round(base * factor)), np.float32)


UNKNOWN_TABLE = jpeg_table(50)


def quantization_error(plane: Floats, table: Floats) -> Floats:
    """Return what JPEG changes of a plane (h, w), in levels, with these steps, (8, 8)."""
    height, width = plane.shape
    below, beside = -height % BLOCK, -width % BLOCK
    padded = cv2.copyMakeBorder(plane, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    # In strips of eight rows: products of so few numbers that BLAS starts no threads of its own for them.
    strips = (padded - np.float32(128)).reshape(-1, BLOCK, padded.shape[1])
    steps = np.tile(table, (1, padded.shape[1] // BLOCK))
    coefficients = _by_rows(DCT @ strips, DCT.T)
    lost = np.rint(coefficients / steps) * steps - coefficients
    error: Floats = (DCT.T @ _by_rows(lost, DCT)).reshape(padded.shape)
    return np.ascontiguousarray(error[:height, :width])


def _by_rows(strips: Floats, matrix: Floats) -> Floats:
    """Return strips, (n, 8, w), of which every eight numbers beside each other are multiplied by a matrix."""
    count, _, width = strips.shape
    product: Floats = strips.reshape(count, width, BLOCK) @ matrix
    return product.reshape(strips.shape)


def halving_error(plane: Floats) -> Floats:
    """Return what is lost of a plane of colour at half its resolution."""
    height, width = plane.shape
    size = (max(1, (width + 1) // 2), max(1, (height + 1) // 2))
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large - plane, np.float32)


def webp_error(plane: Floats) -> Floats:
    """Return what WebP at an ordinary quality changes of a plane of luma, in levels."""
    if max(plane.shape) > 16_000:  # more than the format holds
        return quantization_error(plane, UNKNOWN_TABLE)
    return _error_of(plane, ".webp", [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY])


@cache
def _writes_avif() -> bool:
    return bool(cv2.haveImageWriter(".avif"))  # as its wheels do; a build of a distribution may not


def avif_error(plane: Floats) -> Floats:
    """Return what AVIF at an ordinary quality changes of a plane of luma, in levels."""
    settings = [cv2.IMWRITE_AVIF_QUALITY, AVIF_QUALITY, cv2.IMWRITE_AVIF_SPEED, AVIF_SPEED]
    return _error_of(plane, ".avif", settings)


def _error_of(plane: Floats, suffix: str, settings: list[int]) -> Floats:
    grey = np.clip(np.rint(plane), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(suffix, cv2.merge([grey] * 3), settings)
    back = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    return np.asarray(back, np.float32) - plane


def luma_loss(plane: Floats, compression: Compression, scale: float) -> Floats | None:
    """Return the error of luma, (h, w), that a codec makes of it, at `scale` pixels for one of the plane.

    None: nothing is lost.
    """
    if compression.codec is Codec.JPEG:
        steps = np.array(compression.luma, np.float32).reshape(BLOCK, BLOCK) / np.float32(scale)
        return quantization_error(plane, np.maximum(steps, LEAST_STEP))
    if compression.codec is Codec.OTHER:
        # Neither is the codec that it was: together they cover what such codecs do.
        error = avif_error(plane) if compression.avif and _writes_avif() else webp_error(plane)
        both = np.hypot(error, quantization_error(plane, UNKNOWN_TABLE))
        return np.asarray(both / np.float32(scale), np.float32)
    return None


def chroma_loss(plane: Floats, compression: Compression, scale: float) -> Floats | None:
    """Return the same of a plane of colour."""
    if compression.codec is Codec.NONE:
        return None
    halved = compression.halved and scale < 1.5
    loss = halving_error(plane) if halved else np.zeros_like(plane)
    if compression.codec is Codec.JPEG:
        steps = np.array(compression.chroma, np.float32).reshape(BLOCK, BLOCK) / np.float32(scale)
    else:
        steps = UNKNOWN_TABLE / np.float32(scale)
    if not halved:
        return loss + quantization_error(plane, np.maximum(steps, LEAST_STEP))
    height, width = plane.shape
    size = (max(1, (width + 1) // 2), max(1, (height + 1) // 2))
    small = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
    error = quantization_error(small, np.maximum(steps, LEAST_STEP))
    return loss + np.asarray(cv2.resize(error, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
