"""Which distances mean something: how often pictures of different things come that near to each other."""

from __future__ import annotations

from dataclasses import dataclass

RATES = (1e-4, 1e-5, 1e-6, 1e-7)
"""The expected false-positive rates per pair at which distances are stored."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The cosine distances that pairs of different pictures stay below at each rate of RATES, falling."""

    distances: tuple[float, ...]  # one for each rate of RATES


@dataclass(frozen=True, slots=True)
class Calibration:
    """The levels of one embedder, on pictures it was not trained on."""

    full: Levels  # full frame against full frame
    regions: Levels | None  # a full frame against the best of a picture's regions; None: not measured
    pictures: int  # how many different pictures the levels come from
    source: str  # where the pictures came from, in words: "1,000 photographs", "this index"
