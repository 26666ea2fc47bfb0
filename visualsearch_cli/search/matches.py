"""Answers: how near a picture of the index is to a query, and what the match is."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.verdicts.verdict import Verdict


class Match(NamedTuple):
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


class QueryResult(NamedTuple):
    """The neighbors of one query image, nearest first."""

    query: Path
    matches: tuple[Match, ...]
