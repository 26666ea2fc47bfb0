"""Answers: how near a picture of the index is to a query."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from visualsearch_cli.image import ImageRecord


class Verdict(str, Enum):
    """What a match is, strongest first. `identical`: same bytes, by content hash. `similar`: looks alike, by
    distance."""

    IDENTICAL = "identical"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Match:
    """A neighbor of a query image."""

    image: ImageRecord
    distance: float  # cosine distance, 0 (same direction) to 2
    verdict: Verdict | None  # None: too far away to say anything

    @property
    def similarity(self) -> float:
        """1 - distance, for display only."""
        return 1.0 - self.distance


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The neighbors of one query image, nearest first."""

    query: Path
    matches: tuple[Match, ...]
