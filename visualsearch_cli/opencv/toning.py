"""Which tone map leads from one of two aligned pictures to the other, and what it leaves unexplained."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from visualsearch_cli.verdicts.opencv.tones import Floats, ToneMap, largest, luma, saturations, tone_maps

SAMPLE = 3000  # cells that tone maps are fitted on
NEGLIGIBLE = 0.03  # cost below which no tone map is looked for
STEP = 0.09  # residual above which a cell differs, in a picture of ordinary contrast
UNCHANGED = 0.02  # difference of a cell that nobody toned
DARK, LIGHT = 0.06, 0.95  # outside, most tone maps change nothing
TONES = 16  # from black to white, that are looked at apart
LEAST_CELLS = 20  # of a tone that is looked at
KEPT = 0.25  # share of a tone's cells that must be unchanged
MOST_TONES = 0.6  # share of the tones that must be so kept


@dataclass(frozen=True, slots=True)
class Toned:
    """One picture toned like the other: float32 (n, 3) each."""

    toned: Floats
    target: Floats
    untoned: bool  # nobody has changed the tones of the whole picture


@dataclass(frozen=True, slots=True, order=True)
class _Toning:
    """A tone map, and how much of the target it leaves unexplained."""

    cost: float
    tone: ToneMap = field(compare=False)
    residual: Floats = field(compare=False)


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
    forwards, backwards = min([plain, *find(sample_a, sample_b)]), min(find(sample_b, sample_a))
    if backwards.cost < forwards.cost:
        return Toned(backwards.tone(b), a, untoned)
    return Toned(forwards.tone(a), b, untoned)


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
    first = min(_toned(source, target, tone) for tone in tone_maps(source, target))
    trusted = first.residual <= max(3 * float(np.median(first.residual)), 0.03)
    if trusted.sum() < 50:
        return [first]
    return [first, *(_toned(source, target, tone) for tone in tone_maps(source[trusted], target[trusted]))]


def _toned(source: Floats, target: Floats, tone: ToneMap) -> _Toning:
    residual = largest(np.abs(tone(source) - target))
    cost = float(np.minimum(residual, STEP).mean()) / (float(luma(target).std()) + 0.02)
    return _Toning(cost, tone, residual)
