"""How one picture was toned, filtered and lit beside the other one: light, color, sharpness, shading."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from visualsearch_cli.pictures.quality.ranks import median, quantile
from visualsearch_cli.verdicts.comparison import Toning
from visualsearch_cli.verdicts.opencv.full_size.residual import (
    BUSY,
    COARSE,
    Floats,
    Planes,
    Prediction,
    beside_codec,
    gaussian,
    response,
    shade,
)
from visualsearch_cli.verdicts.opencv.pixels import slope

STILL = 3.0  # levels: slope up to which a pixel tells its tone
TONE_BINS = 16
REDUCED, STILL_REDUCED = 4, 6.0  # pixels for one, and the slope up to which one of these tells its color
LEAST_TONE = 0.004  # share of the pixels that makes a tone
TURNED = 0.7  # share of the energy of colour that a turn explains
COLORLESS = 4.0  # levels squared: variance of colour up to which there is none to lose
FILTERED, FILTER_MAKES = 3.0, 0.72  # levels, RMS, that a filter makes; or that share of all that differs


def toning_beside(tiles: Sequence[Planes], prediction: Prediction, kept: float) -> Toning:
    """Return how the coarser picture was toned and filtered, beside the finer one."""
    seen: tuple[list[Floats], ...] = ([], [], [], [])
    for tile in tiles:
        coarse, fine = gaussian(tile.coarse[0], 1.5), gaussian(tile.fine[0], 1.5)
        steep = (
            np.abs(cv2.Laplacian(fine, cv2.CV_32F))
            + np.abs(cv2.Sobel(fine, cv2.CV_32F, 1, 0, scale=0.125))
            + np.abs(cv2.Sobel(fine, cv2.CV_32F, 0, 1, scale=0.125))
        )
        still = tile.inside & (steep < STILL)
        red, blue = (gaussian(tile.coarse[place], 3) - gaussian(tile.fine[place], 3) for place in (1, 2))
        for found, plane in zip(seen, (fine, coarse, red, blue), strict=True):
            found.append(plane[still][::4].copy())  # and not all of it
    source, target, *color = (np.concatenate(values) for values in seen)
    if not len(source):
        return Toning(0.0, 0.0, 1.0, 0.0, 0.0, 1.0, kept)
    luma, tint = _tone_changes(source, target, color)
    on_the_whole = _tone_changes(*_blurred(tiles))
    stops = _stops(source, target)
    saturation, hue = _color_change(tiles)
    return Toning(
        luma=luma,
        tint=max(tint, on_the_whole[1]),
        saturation=saturation,
        hue=hue,
        stops=stops,
        sharpness=_sharpness(tiles, prediction),
        kept=kept,
    )


def _tone_changes(source: Floats, target: Floats, color: Sequence[Floats]) -> tuple[float, float]:
    """Return by how much the luma of a tone changed, and its color, at most."""
    bins = np.minimum(source.astype(np.int64) * TONE_BINS // 256, TONE_BINS - 1)
    change = target - source
    lumas, tints = [0.0], [0.0]
    for number in range(TONE_BINS):
        chosen = np.flatnonzero(bins == number)
        if len(chosen) >= max(30, LEAST_TONE * len(source)):
            lumas.append(abs(median(change[chosen])))
            tints.append(math.hypot(*(median(values[chosen]) for values in color)))
    return max(lumas), max(tints)


def _blurred(tiles: Sequence[Planes]) -> tuple[Floats, Floats, list[Floats]]:
    """Return the luma of both pictures, and how their color differs, where they are still once they are
    reduced: noise, weave and patterns leave no single pixel still."""
    seen: tuple[list[Floats], ...] = ([], [], [], [])
    for tile in tiles:
        height, width = tile.inside.shape
        size = (max(1, width // REDUCED), max(1, height // REDUCED))
        inside = cv2.resize(tile.inside.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        coarse, fine = (
            [
                gaussian(np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA)), 1.5)
                for plane in side
            ]
            for side in (tile.coarse, tile.fine)
        )
        still = inside & (slope(fine[0]) < STILL_REDUCED)
        planes_of = (fine[0], coarse[0], coarse[1] - fine[1], coarse[2] - fine[2])
        for found, plane in zip(seen, planes_of, strict=True):
            found.append(plane[still])
    source, target, *color = (np.concatenate(values) for values in seen)
    return source, target, color


def _color_change(tiles: Sequence[Planes]) -> tuple[float, float]:
    """Return how many times as much colour the coarser picture has, and by how many degrees it is turned.

    0 degrees if no one turn explains its colours: of grey, of sepia.
    """
    fine, coarse = (
        np.concatenate([(plane[1] + 1j * plane[2])[tile.inside][::16].copy() for tile, plane in pairs])
        for pairs in ([(tile, tile.fine) for tile in tiles], [(tile, tile.coarse) for tile in tiles])
    )
    if not len(fine):
        return 1.0, 0.0
    fine, coarse = fine - fine.mean(), coarse - coarse.mean()
    energy, left = (float(np.square(np.abs(plane)).sum()) for plane in (fine, coarse))
    if energy < COLORLESS * len(fine):
        return 1.0, 0.0
    shared = complex((coarse * fine.conj()).sum())
    turned = abs(shared) ** 2 >= TURNED * energy * left
    return abs(shared) / energy, float(np.degrees(np.angle(shared))) if turned else 0.0


def _stops(source: Floats, target: Floats) -> float:
    """Return by how many steps of exposure the middle tones are lighter."""
    middle = (source > 25) & (source < 230) & (target > 5) & (target < 250)
    if middle.sum() < 30:
        return 0.0
    return 2.2 * median(np.log2((target[middle] + 1) / (source[middle] + 1)))


def _sharpness(tiles: Sequence[Planes], prediction: Prediction) -> float:
    """Return how much sharper a picture is than its codec explains. 1 if no filter explains what differs: of
    what is soft, a codec leaves hardly more than errors, and some filter always fits them a little."""
    beside = beside_codec(response(prediction.kernel), response(prediction.codec_kernel))
    return beside if beside == 1 or _is_filtered(tiles, prediction) else 1.0


def _is_filtered(tiles: Iterable[Planes], prediction: Prediction) -> bool:
    """Tell whether a filter makes much of what differs where there is something to filter."""
    made, changed = 0.0, 0.0
    count = 0
    for tile in tiles:
        toned = prediction.toned(tile.fine[0])
        busy = tile.inside & (np.abs(gaussian(toned, COARSE) - toned) > BUSY)
        effect, change = (
            plane[busy] - toned[busy] for plane in (prediction.luma(tile.fine[0]), tile.coarse[0])
        )
        made, changed = made + float(np.square(effect).sum()), changed + float(np.square(change).sum())
        count += len(effect)
    return made > count * FILTERED**2 or made > FILTER_MAKES**2 * changed


def shading_beside(tiles: Iterable[Planes], prediction: Prediction) -> float:
    """Return how much the light changed from place to place: levels, at the 99th of 100 places."""
    left = []
    for tile in tiles:
        residual = np.where(tile.inside, tile.coarse[0] - prediction.luma(tile.fine[0]), np.float32(0))
        left.append(np.abs(shade(residual))[::8, ::8].reshape(-1))
    return quantile(np.concatenate(left), 0.99)
