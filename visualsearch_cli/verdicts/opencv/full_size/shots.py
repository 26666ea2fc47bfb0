"""Were two pictures read out of one exposure, or of two? Their finest structure tells.

What a codec leaves of one exposure is in both pictures. Two exposures have noise of their own each: energy
that the other picture does not share, beyond what quantization takes and adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.quality.ranks import quantiles
from visualsearch_cli.verdicts.comparison import FullPicture, Shots
from visualsearch_cli.verdicts.opencv.full_size.codecs import luma_loss
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import (
    Floats,
    Mask,
    Planes,
    Prediction,
    curve_of,
    gaussian,
)

FINEST = 1.0  # pixels: sigma of the blur that takes the finest structure away
STEADY = 2.5  # pixels: sigma of the blur in which noise no longer flattens a curve of tones
ACTIVITY = 3.0  # pixels: sigma of the window in which it is measured
CLIPPED = 10  # levels from black and white within which noise may be cut off
QUIET = (0.25, 0.5)  # shares of the pixels, those with the least activity, that are looked at
BUSY = (0.6, 0.9)  # of the pixels by activity: what a hidden codec did grows with it, and noise hardly does
LEAST_PIXELS = 2000
FAINT = 0.03  # levels squared, that rounding hides
MOST_COARSE = 36.0  # of a codec, beyond which no noise is left to tell by: JPEG below a quality of 78
MOST_REDUCED = 1.6  # times
FAINTEST = 0.02  # levels squared
RESAMPLED = 0.10  # of the finest energy, that sampling between pixels may change


class FineStructure(NamedTuple):
    """The finest structure of the quietest pixels of two pictures. Energies are in levels squared."""

    private: float  # energy that each has and the other has not, the lesser one
    own: float  # the same, beside that of the codecs
    uneven: float  # the larger of both beside the lesser
    unshared: float  # share of the energy that is not in both, beside what the codecs leave unshared
    kept: float  # energy of the coarser picture beside what is predicted of it
    energy: float  # predicted


def fine_structures(
    tiles: Iterable[Planes],
    equal: Sequence[Mask],
    prediction: Prediction,
    *,
    resampled: bool,
    is_large: bool = False,
) -> list[tuple[FineStructure, ...]]:
    """Return what the quietest quarter and half show, and busy pixels; nothing if there is too little to see.

    Twice: with the finer picture filtered as it predicts the coarser one, and as sharp as it is, since noise
    of two exposures, which does not agree, makes the filter that fits best a blur, and the curve a flat one.
    `equal` says of each part where nothing was drawn over or has moved. Of a large picture, parts are gone
    through twice rather than to hold 25 MB more.
    """
    predictions = [prediction]
    if prediction.is_fitted:
        predictions.append(prediction._replace(kernel=(0.0, 0.0), curve=curve_of(tiles, smooth=STEADY)))
    found: list[tuple[FineStructure, ...]] = []
    for together in [[each] for each in predictions] if is_large else [predictions]:
        parts: list[list[Finest]] = [[] for _ in together]
        for tile, where in zip(tiles, equal, strict=True):
            for some, part in zip(parts, _finest(tile, where, together), strict=True):
                if part is not None:
                    some.append(part)
        found += [_in_parts(some, prediction, resampled=resampled) for some in parts]
    return found


Finest = tuple[Floats, Floats, Floats, Floats]
"""Activity, and the finest of the coarser picture, of its prediction and of the codecs' error, (n,) each."""


def _in_parts(parts: list[Finest], prediction: Prediction, *, resampled: bool) -> tuple[FineStructure, ...]:
    """Return what the parts, which are used up, show."""
    if sum(len(part[0]) for part in parts) < LEAST_PIXELS:
        return ()
    columns = [list(column) for column in zip(*parts, strict=True)]
    parts.clear()
    activity, coarse, predicted, error = (_joined(column) for column in columns)
    parts_of = [(0.0, share) for share in QUIET] + [BUSY]
    shares = [0.0, *QUIET, *BUSY]
    at = dict(zip(shares, quantiles(activity, shares), strict=True))
    unknown = prediction.coarse.codec is Codec.OTHER  # such codecs take noise away, who knows how much
    found = []
    for low, high in parts_of:
        chosen = (activity >= at[low]) & (activity <= at[high])
        found.append(
            _measured(coarse[chosen], predicted[chosen], error[chosen], resampled=resampled, unknown=unknown)
        )
    return tuple(found)


def _joined(column: list[Floats]) -> Floats:
    """Return in one what is in pieces, which are given back: those of a large picture take 25 MB."""
    joined = np.concatenate(column)
    column.clear()
    return joined


def _finest(tile: Planes, equal: Mask, predictions: Sequence[Prediction]) -> list[Finest | None]:
    """Return the finest structure of a part by each of some predictions; None if there is nothing to see."""
    coarse, fine = tile.coarse[0], tile.fine[0]
    inside = cv2.erode(tile.inside.view(np.uint8), np.ones((7, 7), np.uint8), borderValue=0) > 0
    inside &= equal & _unclipped(coarse)
    found: list[Finest | None] = [None] * len(predictions)
    if not inside.any():
        return found
    fine_coarse = _fine(coarse)
    activity = gaussian(np.square(fine_coarse), ACTIVITY)
    lost = _fine_loss(coarse, predictions[0].fine, predictions[0].scale)
    for number, prediction in enumerate(predictions):
        predicted = prediction.luma(fine)
        where = inside & _unclipped(predicted)
        if not where.any():
            continue
        fine_predicted = _fine(predicted)
        both = activity + gaussian(np.square(fine_predicted), ACTIVITY)
        errors = [_fine_loss(predicted, prediction.coarse, 1.0), lost]
        there = [error for error in errors if error is not None]
        error = max(there, key=lambda plane: float(np.square(plane).mean()), default=np.zeros_like(coarse))
        found[number] = both[where], fine_coarse[where], fine_predicted[where], error[where]
    return found


def _fine_loss(plane: Floats, compression: Compression, scale: float) -> Floats | None:
    """Return the finest of the error that a codec makes; None if it makes none."""
    error = luma_loss(plane, compression, scale)
    return None if error is None else _fine(error)


def _unclipped(plane: Floats) -> Mask:
    if plane.min() > CLIPPED and plane.max() < 255 - CLIPPED:  # nor is any mean of it
        return np.ones(plane.shape, np.bool_)
    smooth = gaussian(plane, 2.0)
    inner: Mask = (smooth > CLIPPED) & (smooth < 255 - CLIPPED)
    return inner


def _fine(plane: Floats) -> Floats:
    return plane - gaussian(plane, FINEST)


def _measured(
    coarse: Floats, predicted: Floats, error: Floats, *, resampled: bool, unknown: bool
) -> FineStructure:
    energy_coarse, energy = float(np.square(coarse).mean()), float(np.square(predicted).mean())
    shared = float((coarse * predicted).mean())
    lost = float(np.square(error).mean()) + FAINT + (RESAMPLED * energy if resampled else 0.0)
    through = predicted + error
    energy_through, shared_through = float(np.square(through).mean()), float((through * predicted).mean())
    owned = sorted((energy - shared, energy_coarse - shared))
    correlation = _correlation(shared, energy_coarse, energy)
    expected = _correlation(shared_through, energy_through, energy)
    return FineStructure(
        private=owned[0],
        own=owned[0] / lost,
        uneven=owned[1] / max(owned[0], 1e-6),
        unshared=(1 - correlation**2) / (1 - expected**2 + 0.01),
        kept=1.0 if unknown else (energy_coarse + FAINT) / (energy_through + FAINT),
        energy=energy_through,
    )


def _correlation(shared: float, one: float, other: float) -> float:
    return float(np.clip(shared / np.sqrt(one * other + 1e-9), 0, 1))


def may_tell_shots(laid: LaidOut, *files: FullPicture) -> bool:
    """Tell whether both files may still have the noise that they were read out with."""
    # Cameras write lossy files; what is lossless now was worked on, and that looks like noise, too.
    kept = all(
        file.compression.codec is not Codec.NONE and file.compression.coarseness <= MOST_COARSE
        for file in files
    )
    # Converted from one profile to another, one exposure is rounded twice, and that looks like noise.
    converted = len({file.profile for file in files}) > 1
    return kept and not converted and laid.scale < MOST_REDUCED


def least_of(structure: Sequence[FineStructure]) -> Shots:
    """Return what all quiet parts of the fine structure have at least of two shots."""
    *quiet, busy = structure
    return Shots(
        own=min(part.own for part in quiet),
        uneven=max(part.uneven for part in quiet),
        unshared=min(part.unshared for part in quiet),
        growing=busy.private / max(quiet[0].private, FAINTEST),
    )
