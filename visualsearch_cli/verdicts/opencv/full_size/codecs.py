"""What a codec does to a picture: the error that quantization makes, found by quantizing."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.dct import BLOCK, DCT
from visualsearch_cli.pictures.quality.ranks import distinct, median

Floats = npt.NDArray[np.float32]
Colors = tuple[Floats, Floats, Floats]
"""Planes of luma, and of red and blue beside it, in levels, (h, w) each."""

WEBP_QUALITY = 50  # stands for all codecs whose settings are not known, and HEIC too
AVIF_QUALITY = 60
AVIF_SPEED = 9  # as browsers and scripts write it that are in a hurry: slower ones lose less
LEAST_STEP = 1.0

PALETTE = 256  # colors
LEAST_PALETTE = 64
MOST_PALETTE = 24.0  # levels, between neighbors of a palette of a photograph
FULL_PALETTE = 200  # colors from which on they were chosen, to stand for more
STEPS = (64, 32, 32)  # of luma, and of red and blue beside it, by which the nearest of a palette is looked up
MOST_CHANGED = 48.0  # levels of a plane: what changes further is no loss, but another color


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


class Palettes(NamedTuple):
    """What palettes of 256 colors at most did to the coarser and the finer one of two pictures."""

    gaps: Floats | None  # levels between neighbors, for each level of luma of the coarser one, (256,)
    became: tuple[Floats | None, Floats | None]
    """What the palette of either makes of every color, (64, 32, 32, 3): of one of both at most."""

    def squared_errors(self, coarse: Colors, predicted: Colors) -> tuple[Floats, ...]:
        """Return the squares of what a palette changes of luma, and of red and blue beside it; nothing if
        neither picture has one."""
        for became, planes in zip(self.became, (predicted, coarse), strict=True):
            if became is not None:
                return tuple(np.square(change) for change in _palette_error(planes, became))
        return ()


NO_PALETTES = Palettes(None, (None, None))


def palettes_of(coarse: Pixels, fine: Pixels) -> Palettes:
    """Return what palettes did to two pictures that lie on each other, uint8 (h, w, 3)."""
    sides = coarse, fine
    some = [distinct(_codes(_few(side))) for side in sides]
    full = [FULL_PALETTE <= len(codes) <= PALETTE for codes in some]
    tables: list[Floats | None] = [None, None]
    if sum(full) == 1:  # of two palettes, nobody knows which was there first
        number = full.index(True)
        codes = distinct(_codes(sides[number].reshape(-1, 3)))
        tables[number] = _table(_colors(codes)) if len(codes) <= PALETTE else None
    return Palettes(_gaps(coarse, *some), (tables[0], tables[1]))


def _table(colors: Pixels) -> Floats:
    """Return the nearest of some colors, (n, 3) in RGB, to every color: luma, and red and blue beside it, in
    levels, (64, 32, 32, 3). The axes are those planes, too."""
    axes = [
        (np.arange(count, dtype=np.float32) + np.float32(0.5)) * np.float32(256 / count) for count in STEPS
    ]
    planes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(STEPS[0], -1, 3)
    own = colors.astype(np.float32)
    # |x - y|², but for |x|², which is the same for all colors of the palette.
    lengths = np.square(own).sum(axis=1)
    nearest = [
        (lengths - np.float32(2) * (row.astype(np.float32) @ own.T)).argmin(axis=1)
        for row in cv2.cvtColor(planes.astype(np.uint8), cv2.COLOR_YCrCb2RGB)
    ]
    seen = cv2.cvtColor(colors[None], cv2.COLOR_RGB2YCrCb)[0].astype(np.float32)
    return np.asarray(seen[np.concatenate(nearest)].reshape(*STEPS, 3))


def _palette_error(planes: Colors, became: Floats) -> tuple[Floats, ...]:
    luma, red, blue = planes
    whole = luma, red + np.float32(128), blue + np.float32(128)
    places = tuple(
        np.clip(plane * np.float32(count / 256), 0, count - 1).astype(np.intp)
        for plane, count in zip(whole, STEPS, strict=True)
    )
    changed = became[places]
    return tuple(
        np.clip(changed[..., number] - plane, -MOST_CHANGED, MOST_CHANGED)
        for number, plane in enumerate(whole)
    )


def _gaps(coarse: Pixels, some: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> Floats | None:
    """Return how far apart neighboring colors of a photograph's palette are, for each level of luma."""
    if not LEAST_PALETTE <= len(some) <= PALETTE or len(other) < len(some) + LEAST_PALETTE:
        return None  # a drawing: few colors are its own
    rows = np.ascontiguousarray(coarse[:: max(1, len(coarse) // 200)])
    levels = distinct(cv2.cvtColor(rows, cv2.COLOR_RGB2GRAY))
    right = np.searchsorted(levels, np.arange(256)).clip(1, max(1, len(levels) - 1))
    gaps = np.diff(levels.astype(np.float32), prepend=levels[:1])
    wide = gaps[np.minimum(right, len(levels) - 1)]
    colors = _colors(some).astype(np.float32)
    apart = np.sqrt(np.square(colors[:, None] - colors[None]).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    return np.asarray(np.minimum(np.maximum(wide, median(apart.min(axis=1))), MOST_PALETTE), np.float32)


def _few(pixels: Pixels) -> Pixels:
    """Return some 20,000 pixels of a picture, (n, 3)."""
    height, width = pixels.shape[:2]
    places = np.arange(0, height * width, max(1, height * width // 20_000))
    return np.asarray(pixels[places // width, places % width], np.uint8)


def _codes(pixels: Pixels) -> npt.NDArray[np.int64]:
    """Return colors, (n, 3), as numbers."""
    values = pixels.astype(np.int64)
    codes: npt.NDArray[np.int64] = (values[:, 0] << 16) | (values[:, 1] << 8) | values[:, 2]
    return codes


def _colors(codes: npt.NDArray[np.int64]) -> Pixels:
    return np.stack([codes >> 16, (codes >> 8) & 255, codes & 255], axis=1).astype(np.uint8)
