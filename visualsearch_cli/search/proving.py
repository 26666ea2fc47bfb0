"""Of the neighbors of a query, those that are proved to be copies of it."""

from __future__ import annotations

from collections.abc import Sequence

from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.image import ImageReader, ImageRecord, SkippedImage
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.search.matches import QueryResult
from visualsearch_cli.verdicts.evidence import CandidatePair, Judge
from visualsearch_cli.verdicts.verdict import Verdict

LEAST_CANDIDATES = 200  # neighbors that are looked at, if so many are near enough


def proved(
    results: Sequence[QueryResult], judge: Judge, reader: ImageReader, level: Verdict, k: int
) -> tuple[list[QueryResult], list[SkippedImage]]:
    """Return of each query the first k matches whose verdict reaches a level, in their order, and the files
    that could not be compared."""
    found: list[QueryResult] = []
    skipped: list[SkippedImage] = []
    for result in results:
        try:
            query = _record(result, reader) if result.matches else None
        except ImageError as error:
            skipped.append(SkippedImage(str(result.query), str(error)))
            query = None
        if query is None:
            found.append(result._replace(matches=()))
            continue
        pairs = [CandidatePair(query, match.image, match.distance) for match in result.matches]
        kept = []
        for match, evidence in zip(result.matches, judge.judge(pairs), strict=True):
            if evidence.failure is not None:
                skipped.append(SkippedImage(str(match.image.path), evidence.failure))
            if evidence.verdict is not None and evidence.verdict.reaches(level):
                kept.append(match._replace(verdict=evidence.verdict))
        found.append(result._replace(matches=tuple(kept[:k])))
    return found, skipped


def _record(result: QueryResult, reader: ImageReader) -> ImageRecord:
    read = read_file(result.query)
    return read.record(0, reader.read(read.data, 1))
