"""Answers: how near a picture of the index is to a query, and what the match is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.detectors.parts import Part

NOT_LOOKED_AT = "looks alike, not looked at"


class Match(NamedTuple):
    """A neighbor of a query image."""

    image: ImageRecord
    distance: float  # cosine distance, 0 (same direction) to 2
    verdict: Verdict | None  # None: too far away to say anything
    region: str | None = None  # of this image, if only that part of it is near: "top left"
    query_region: str | None = None  # of the query, if only that part of it is near
    is_far: bool = False  # farther away than pictures that look alike to the model; False: nobody knows
    looked_at: bool = False  # the pictures were compared; the verdict is more than distance and hash say
    reason: str = ""  # for the verdict, in words
    offline: bool = False  # its disk is not there: what is said of it is what the index remembers
    missing: bool = False  # it is no longer there, though its disk is
    copies: tuple[ImageRecord, ...] = ()  # other files of the same picture, where they are shown as one
    rank: float = 0.0  # the distance with the margins of regions and turned queries: the smallest comes first

    @property
    def similarity(self) -> float:
        """1 - distance, for display only."""
        return 1.0 - self.distance

    @property
    def euclidean(self) -> float:
        """The distance of the ends of the two unit vectors, 0 to 2. It gives the same order."""
        return math.sqrt(max(0.0, 2.0 * self.distance))

    @property
    def is_stranger(self) -> bool:
        """Whether nothing speaks for this one: it is listed for being the nearest there is."""
        return self.is_far and self.verdict is None

    def is_worth_a_look(self, distance: float) -> bool:
        """Tell whether it is as near as that, and a look at its picture can be had and would tell more."""
        is_known = self.verdict is Verdict.IDENTICAL or self.offline or self.missing
        return not is_known and self.distance <= distance

    @property
    def is_proved(self) -> bool:
        """Whether it is a copy, by its bytes or by a look at both pictures."""
        return self.verdict is not None and self.verdict.reaches(Verdict.EDITED)


class QueryResult(NamedTuple):
    """The neighbors of one query image: those that are proved, the best first, then the nearest first."""

    query: Path
    matches: tuple[Match, ...]
    error: str | None = None  # why the query could not be read
    words: str | None = None  # what was asked for, where that is not a picture
    image: ImageRecord | None = None  # what the query image is, if it was decoded
    part: Part | None = None  # the part of it that was looked for, if not all of it


def neighbor_record(rank: int, match: Match) -> dict[str, Any]:
    """Return a neighbor as JSON has it."""
    image = match.image
    return {
        "rank": rank,
        "path": str(image.path),
        "distance": match.distance,
        "similarity": round(match.similarity, 6),
        "verdict": match.verdict.value if match.verdict else None,
        "width": image.width,
        "height": image.height,
        "bytes": image.size,
        "mtime": image.mtime_ns / 1e9,
        "region": match.region,
        "query_region": match.query_region,
        "reason": match.reason,
        "looked_at": match.looked_at,
        "stranger": match.is_stranger,
        "offline": match.offline,
        "missing": match.missing,
        "copies": [str(copy.path) for copy in match.copies],
    }
