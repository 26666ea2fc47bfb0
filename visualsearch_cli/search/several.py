"""Answers from several indexes of one model, as if they were one.

Each is asked by itself, and what is nearest of all of them counts. Nothing is copied, as a query has no use
for most of what they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.search.answering import (
    Answering,
    Answers,
    Looking,
    QueryOptions,
    at_least_looked_at,
    distances_of,
    thinning,
)
from visualsearch_cli.search.filtering import NotInIndex
from visualsearch_cli.search.limits import PROVED, Looks
from visualsearch_cli.search.matches import QueryResult
from visualsearch_cli.search.queries import SharedVectors

if TYPE_CHECKING:
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.vectors.index import Embeddings


class AnsweringFromSeveral:
    """Answers queries from several indexes, all asked in the same way."""

    def __init__(
        self,
        indexes: Sequence[OpenIndex],
        options: QueryOptions,
        expected: int = 1,
        *,
        arranged: Callable[[QueryResult], QueryResult] = lambda result: result,
    ) -> None:
        """The levels of the first index count for all. Of a file that several know, so does what the first of
        these says. `expected` and `arranged` are those of Answering.

        Raises NotInIndex if no index knows the place that neighbors must be in, and NotCalibrated as
        Answering does.
        """
        distances = distances_of(indexes, options)
        self._thinning = thinning(options, indexes[0].catalog.manifest())
        # Copies may lie in different indexes: each tells of more, and what is shown is chosen from all.
        pool = max(options.k, self._thinning.pool)
        alone = options._replace(looks=Looks.NONE, k=pool, distinct=False, diverse=None)
        self._k = options.k
        self._pool = at_least_looked_at(options.k, options)
        self._arranged = arranged
        self._is_proved = options.level in PROVED
        self._looking = Looking(indexes[0], options, None if self._is_proved else distances.look)
        self._shared = SharedVectors()
        self._each: list[Answering] = []
        refused: NotInIndex | None = None
        for index in indexes:
            try:
                self._each.append(
                    Answering(
                        index, alone, expected, distances=distances._replace(look=None), shared=self._shared
                    )
                )
            except NotInIndex as error:
                refused = refused or error
        if refused is not None and not self._each:
            raise refused

    def of_files(self, paths: Sequence[Path]) -> Iterator[Answers]:
        """Yield what is near to some files, in order, many of them at a time."""
        for answers in zip(*(answering.all_of_files(paths) for answering in self._each), strict=True):
            self._shared.made.clear()
            self._shared.cut.clear()
            of_each_file = zip(*(each.results for each in answers), strict=True)
            skipped = dict.fromkeys(item for each in answers for item in each.skipped)
            yield Answers([self._joined(results) for results in of_each_file], list(skipped))

    def of_vector(self, vector: Embeddings) -> QueryResult:
        """Return what is near to a unit vector, shape (dim,)."""
        return self._joined([each.of_vector(vector) for each in self._each])

    def _joined(self, results: Sequence[QueryResult]) -> QueryResult:
        found = {match.image.path: match for result in reversed(results) for match in result.matches}
        nearest = sorted(found.values(), key=lambda match: (match.rank, str(match.image.path)))
        if self._thinning.is_asked_for:
            vectors = {
                content_hash: vector
                for answering, result in zip(self._each, results, strict=True)
                for content_hash, vector in answering.vectors_of(result.matches).items()
            }
            nearest = list(self._thinning.of(nearest, vectors))
        if self._is_proved:  # the best original may be anywhere among them
            joined = self._arranged(results[0]._replace(matches=tuple(nearest)))
            return joined._replace(matches=joined.matches[: self._k])
        joined = results[0]._replace(matches=tuple(nearest[: self._pool]))
        looked_at = self._arranged(self._looking.looked_at(joined))
        return looked_at._replace(matches=looked_at.matches[: self._k])
