"""Which distances mean something: how often pictures of different things come that near to each other."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise
from typing import Any

from visualsearch_cli.fields import Fields
from visualsearch_cli.named_tuples import NamedTuple

RATES = (1e-4, 1e-5, 1e-6, 1e-7)
"""The expected false-positive rates per pair at which distances are stored."""

SIMILAR_RATE = 1e-5
"""At the distance of this rate and below, two pictures are called similar."""

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99, 1.0)
"""The shares of edited copies at which distances are stored."""

EXPECTED_COPIES = 0.1
"""How many edited copies of a picture are expected in a collection, where nothing else is known."""

FOUND = 0.25
"""The least share of edited copies that has to be similar, or levels are of no use. The poorest of the models
that come with the program finds 0.45 of them (docs/calibration-measured.md)."""

THIS_INDEX = "this index"
"""The source of a calibration that `calibrate` made."""


class Levels(NamedTuple):
    """The cosine distances that pairs of different pictures stay below at each rate of RATES, falling.

    `intervals` are the 90 % confidence intervals of the distances, or empty where nobody estimated them.
    """

    distances: tuple[float, ...]  # one for each rate of RATES
    intervals: tuple[tuple[float, float], ...] = ()

    def distance_at(self, rate: float) -> float:
        """Return the distance at a rate, by log-linear interpolation.

        Above the largest rate it is that rate's distance: no level was measured for more. Below the smallest
        one the last step is continued, which errs on the side of too small a distance: the tail of a bounded
        distance falls ever faster. It may be negative: then no distance at all is small enough.
        """
        points = [(math.log(rate), distance) for rate, distance in zip(RATES, self.distances, strict=True)]
        wanted = math.log(rate)
        if wanted >= points[0][0]:
            return points[0][1]
        for (high, upper), (low, lower) in pairwise(points):
            if wanted >= low or low == points[-1][0]:
                return lower + (upper - lower) * (wanted - low) / (high - low)
        raise AssertionError("RATES has at least two values")

    def rate_at(self, distance: float) -> float:
        """Return the expected rate of false pairs at a distance or below it: the inverse of `distance_at`.

        Beyond the distance of the largest rate the last step is continued, up to 1.
        """
        position = next(
            (n for n, lower in enumerate(self.distances[1:]) if distance >= lower), len(RATES) - 2
        )
        (high, low), (upper, lower) = RATES[position : position + 2], self.distances[position : position + 2]
        if upper <= lower:  # the levels of a model that cannot tell pictures apart
            return high if distance >= upper else low
        slope = math.log(high / low) / (upper - lower)
        return math.exp(min(0.0, math.log(low) + slope * (distance - lower)))


class Copies(NamedTuple):
    """How far copies come from their originals when they are edited, by a mix of common edits."""

    distances: tuple[float, ...]  # one for each share of SHARES, rising
    edits: int  # how many edited copies were measured

    def recall_at(self, distance: float) -> float:
        """Return the expected share of edited copies at a distance or nearer, by linear interpolation."""
        position = bisect_right(self.distances, distance)
        if position == 0:
            return 0.0
        if position == len(self.distances):
            return 1.0
        near, far = self.distances[position - 1], self.distances[position]
        share = (distance - near) / (far - near)
        return SHARES[position - 1] + share * (SHARES[position] - SHARES[position - 1])


def found_at(distance: float, copies: Copies) -> float:
    """Return the share of edited copies that are found at a distance; none where none is small enough."""
    return copies.recall_at(distance) if distance > 0 else 0.0


class Calibration(NamedTuple):
    """The levels of one embedder, on pictures it was not trained on."""

    full: Levels  # full frame against full frame
    regions: Levels | None  # a full frame against the best of a picture's regions; None: not measured
    pictures: int  # how many different pictures the levels come from
    source: str  # where the pictures came from, in words: "1,000 photographs", "this index"
    copies: Copies | None = None  # None: not measured

    @property
    def similar(self) -> float:
        """The distance at and below which two pictures are called similar."""
        return max(0.0, self.full.distance_at(SIMILAR_RATE))

    @property
    def is_of_use(self) -> bool:
        """Whether edited copies are similar by it, as far as is known. Version 0.1.0 saved others, too."""
        return self.copies is None or found_at(self.similar, self.copies) >= FOUND

    def at_precision(self, precision: float, pictures: int, copies: float = EXPECTED_COPIES) -> float:
        """Return the largest distance at which that share of what is found is expected to be copies.

        A picture has `copies` edited copies among `pictures` others: at distance d, copies · recall(d) of
        them are found, and pictures · rate(d) false ones. For all pairs of a folder the distance is the
        same: each pair counts once for both of its pictures. It is never larger than the distance of the
        largest rate of RATES. Where copies were not measured, all of them are taken to be found.
        """
        low, high = 0.0, self.full.distances[0]
        if self._precision(high, pictures, copies) >= precision:
            return high
        for _ in range(50):
            middle = (low + high) / 2
            if self._precision(middle, pictures, copies) >= precision:
                low = middle
            else:
                high = middle
        return low

    def _precision(self, distance: float, pictures: int, copies: float) -> float:
        true = copies * (self.copies.recall_at(distance) if self.copies else 1.0)
        false = pictures * self.full.rate_at(distance)
        return true / (true + false) if true + false else 1.0


def to_document(calibration: Calibration) -> dict[str, Any]:
    """Return a calibration as JSON has it."""
    copies = calibration.copies
    return {
        "full": _levels(calibration.full),
        "regions": None if calibration.regions is None else _levels(calibration.regions),
        "pictures": calibration.pictures,
        "source": calibration.source,
        "copies": copies and {"distances": [round(d, 5) for d in copies.distances], "edits": copies.edits},
    }


def of_document(document: Fields) -> Calibration:
    """Return the calibration of a document. Raises Malformed if it is none."""
    return Calibration(
        full=_levels_of(document.inner("full")),
        regions=document.optional(lambda name: _levels_of(document.inner(name)), "regions"),
        pictures=document.integer("pictures", least=0),
        source=document.text("source"),
        copies=document.optional(lambda name: _copies_of(document.inner(name)), "copies"),
    )


def _levels(levels: Levels) -> dict[str, Any]:
    return {
        "distances": [round(distance, 5) for distance in levels.distances],
        "intervals": [[round(low, 5), round(high, 5)] for low, high in levels.intervals],
    }


def _levels_of(document: Fields) -> Levels:
    intervals = tuple((low, high) for low, high in document.rows("intervals", 2))
    return Levels(document.numbers("distances", len(RATES)), intervals)


def _copies_of(document: Fields) -> Copies:
    return Copies(document.numbers("distances", len(SHARES)), document.integer("edits", least=0))
