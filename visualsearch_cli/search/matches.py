"""Answers: how near a picture of the index is to a query, and what the match is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from visualsearch_cli.pictures.image import ImageRecord


class Verdict(str, Enum):
    """What a match is, strongest first.

    `identical`: same bytes. `pixels`: same decoded pixels, other metadata or a lossless container.
    `same`: the same picture, re-encoded, resized or lightly toned. `edited`: a crop, a turned, covered or
    strongly toned copy. `similar`: looks alike, by distance only; never offered for removal.
    """

    IDENTICAL = "identical"
    PIXELS = "pixels"
    SAME = "same"
    EDITED = "edited"
    SIMILAR = "similar"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return list(Verdict).index(self)

    def reaches(self, level: Verdict) -> bool:
        """Tell whether this verdict is `level` or stronger."""
        return self.rank <= level.rank


@dataclass(frozen=True, slots=True)
class Match:
    """A neighbor of a query image."""

    image: ImageRecord
    distance: float  # cosine distance, 0 (same direction) to 2
    verdict: Verdict | None  # None: too far away to say anything
    region: str | None = None  # of this image, if only that part of it is near: "top left"
    query_region: str | None = None  # of the query, if only that part of it is near

    @property
    def similarity(self) -> float:
        """1 - distance, for display only."""
        return 1.0 - self.distance


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The neighbors of one query image, nearest first."""

    query: Path
    matches: tuple[Match, ...]
