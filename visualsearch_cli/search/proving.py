"""Looks at the neighbors of a query: which of them are copies of it, and why."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from visualsearch_cli.errors import ImageError
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import ImageReader, ImageRecord, SkippedImage
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.search.matches import Match, QueryResult
from visualsearch_cli.verdicts.evidence import CandidatePair, Evidence, Judge
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.verdicts.words import told_of_b

LEAST_CANDIDATES = 200  # neighbors that are looked at for a level, if so many are near enough
MOST_LOOKS = 3
PATIENCE = 0.1  # seconds after the first look began, after which no further one begins


class Limits(NamedTuple):
    """When enough was looked at."""

    distance: float  # no farther neighbor is looked at, by cosine distance
    looks: int | None = MOST_LOOKS  # None: however many there are
    seconds: float | None = PATIENCE  # None: however long it takes
    until: Verdict | None = Verdict.SAME  # nothing is looked at behind the first of at least this one


def proved(
    results: Sequence[QueryResult], judge: Judge, reader: ImageReader, level: Verdict
) -> tuple[list[QueryResult], list[SkippedImage]]:
    """Return of each query the matches whose verdict reaches a level, in their order, and the files that
    could not be compared."""
    found: list[QueryResult] = []
    skipped: list[SkippedImage] = []
    for result in results:
        try:
            query = record_of(result, reader) if result.matches else None
        except ImageError as error:
            skipped.append(SkippedImage(str(result.query), str(error)))
            found.append(result._replace(matches=(), error=str(error)))
            continue
        if query is None:
            found.append(result)
            continue
        pairs = [CandidatePair(query, match.image, match.distance) for match in result.matches]
        kept = []
        for match, evidence in zip(result.matches, judge.judge(pairs), strict=True):
            if evidence.failure is not None:
                skipped.append(SkippedImage(str(match.image.path), evidence.failure))
            if evidence.verdict is not None and evidence.verdict.reaches(level):
                kept.append(_told(match, evidence))
        found.append(result._replace(matches=tuple(kept)))
    return found, skipped


def looked_at(
    result: QueryResult,
    query: Callable[[], ImageRecord],
    judge: Callable[[], Judge],
    limits: Limits,
    clock: Callable[[], float] = time.monotonic,
) -> QueryResult:
    """Return the matches of a query with the verdicts of those that were looked at, nearest first.

    What has the same bytes, or is not there, needs no look, and ends none. `query` and `judge` are called if
    there is anything to look at. A query that cannot be read any more is not looked at.
    """
    matches = list(result.matches)
    told: dict[str, Evidence] = {}  # by content: what one look tells holds for every file with these bytes
    is_enough = False
    start = clock()
    for number, match in enumerate(matches):
        if not match.is_worth_a_look(limits.distance):
            continue
        content = match.image.content_hash
        late = limits.seconds is not None and bool(told) and clock() - start >= limits.seconds
        is_enough = is_enough or (content not in told and (late or len(told) == limits.looks))
        if content not in told and not is_enough:
            try:
                pair = CandidatePair(query(), match.image, match.distance)
            except ImageError:
                break
            (told[content],) = judge().judge([pair])
        if content in told:
            matches[number] = _told(match, told[content])
            verdict = told[content].verdict
            is_enough = is_enough or bool(limits.until and verdict and verdict.reaches(limits.until))
    return result._replace(matches=tuple(matches))


def record_of(result: QueryResult, reader: ImageReader) -> ImageRecord:
    """Return the query as what the judge compares.

    Raises ImageError if it has to be read, and cannot be.
    """
    if result.image is not None:
        return result.image
    read = read_file(result.query)
    return read.record(0, read.decoded(reader, 1))


def _told(match: Match, evidence: Evidence) -> Match:
    """Return a match with what a look at it told. One that failed tells nothing but why."""
    if evidence.failure is not None:
        return match._replace(reason=f"not compared: {evidence.failure}")
    reason = told_of_b(evidence.reason, "the query")
    told = match._replace(verdict=evidence.verdict, looked_at=True, reason=reason)
    # A PNG of a JPEG's pixels is reduced otherwise before it is embedded, and its vector lies near by.
    return told._replace(distance=0.0) if evidence.verdict is Verdict.PIXELS else told
