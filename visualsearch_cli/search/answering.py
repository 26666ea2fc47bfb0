"""From pictures to their neighbors in an index, in all the ways that can be asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from visualsearch_cli.calibration.known import candidate_distances, region_margin, turn_margin
from visualsearch_cli.errors import ImageError, VisualSearchError
from visualsearch_cli.index.open import calibration_of, region_scheme
from visualsearch_cli.index.records import Frames
from visualsearch_cli.index.roots import away_mounts, is_below, is_offline, key_of
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.search.limits import PROVED, Looks, furthest
from visualsearch_cli.search.matches import QueryResult
from visualsearch_cli.search.neighbors import Query, SearchOptions, find_identical, find_neighbors
from visualsearch_cli.search.opening import open_vectors
from visualsearch_cli.search.plan import Method
from visualsearch_cli.search.queries import QueryReader
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.index.records import FileKey, Manifest
    from visualsearch_cli.pictures.image import ImageRecord
    from visualsearch_cli.search.matches import Match
    from visualsearch_cli.vectors.index import Embeddings, Searchable
    from visualsearch_cli.verdicts.judge import PictureJudge

CHUNK = 256  # queries answered together: one matrix product, and a first answer soon


class QueryOptions(NamedTuple):
    """What is asked about each picture."""

    k: int = 10  # neighbors, at most
    max_distance: float | None = None  # cosine distance
    level: Verdict | None = None  # only this verdict or a stronger one
    precision: float | None = None  # as far as this share of what is found is expected to be copies
    within: str | None = None  # absolute path: only neighbors at or below it
    transforms: Transforms = Transforms.NONE
    thorough: bool = False  # also look for regions of the query
    method: Method = Method.AUTO
    ef_search: int | None = None  # candidates kept in a search of the graph
    looks: Looks = Looks.NEAREST  # where no level asks for proof


class Answers(NamedTuple):
    """The neighbors of some pictures."""

    results: Sequence[QueryResult]  # of each picture, in order
    skipped: Sequence[SkippedImage]  # pictures that cannot be read, and neighbors that could not be compared


class Answering:
    """Answers queries, all asked in the same way. What is searched is opened with the first."""

    def __init__(
        self,
        index: OpenIndex,
        options: QueryOptions,
        expected: int = 1,
        *,
        arranged: Callable[[QueryResult], QueryResult] | None = None,
        counts: Callable[[ImageRecord], bool] | None = None,
    ) -> None:
        """`expected` is how many queries are to come: the more, the sooner a graph is worth loading.

        arranged: puts the matches of a query into another order, before those beyond k are left out.
        counts: tells which images of the index may be matches; None: all.

        Raises VisualSearchError for a place that the index does not know, and NotCalibrated where levels are
        asked for of a model of which nobody knows any.
        """
        catalog, manifest = index.catalog, index.catalog.manifest()
        levels = calibration_of(manifest)
        is_proved = options.level in PROVED
        self._index = index
        self._options = options
        self._expected = expected
        self._arranged = arranged
        self._by_hash = options.level is Verdict.IDENTICAL
        self._proof = options.level if is_proved else None
        self._scheme = region_scheme(manifest)
        self._search = SearchOptions(
            k=_candidates(options.k) if is_proved else options.k,
            max_distance=furthest(manifest, catalog, options.level, options.max_distance, options.precision),
            within=_place_within(options.within, index),
            similar_distance=None if levels is None else levels.similar,
            region_margin=region_margin(manifest.model.name),
            turn_margin=turn_margin(manifest.model.name),
            counts=counts,
        )
        self._look_distance = self._furthest_look(manifest)
        self._reader = QueryReader(
            catalog,
            index.embedder,
            index.reader,
            options.transforms,
            by_hash=self._by_hash,
            scheme=(self._scheme or CORNERS) if options.thorough else None,
        )

    def of_files(self, paths: Sequence[Path]) -> Iterator[Answers]:
        """Yield what is near to some files, in order, many of them at a time.

        The result of a file that cannot be read has no matches and says why.
        """
        for start in range(0, len(paths), CHUNK):
            chunk = paths[start : start + CHUNK]
            queries: list[Query] = []
            unread: dict[Path, QueryResult] = {}
            for path in chunk:
                try:
                    queries.append(self._reader.read(path))
                except ImageError as error:
                    unread[path] = QueryResult(path, (), str(error).removeprefix(f"{path}: "))
            skipped = [SkippedImage(str(path), result.error or "") for path, result in unread.items()]
            results = [self._with_presence(result) for result in self._found(queries)]
            if self._proof is not None:  # not inside a snapshot: the judge writes to its cache
                from visualsearch_cli.search.proving import proved

                results, failed = proved(results, self._judge, self._index.reader, self._proof)
                skipped += failed
            else:
                results = [self._looked_at(result) for result in results]
            answered = iter([self._cut(result) for result in results])
            yield Answers([unread.get(path) or next(answered) for path in chunk], skipped)

    def of_vector(self, vector: Embeddings) -> QueryResult:
        """Return what is near to a unit vector, shape (dim,). There is no picture to prove anything with."""
        (result,) = self._found([Query(Path(), vector.reshape(1, -1))])
        return result

    def _cut(self, result: QueryResult) -> QueryResult:
        if self._arranged is not None:
            result = self._arranged(result)
        return result._replace(matches=result.matches[: self._options.k])

    def _with_presence(self, result: QueryResult) -> QueryResult:
        """Say of each match whether its file is there."""
        if all(os.path.lexists(match.image.path) for match in result.matches):
            return result
        return result._replace(matches=tuple(self._present(match) for match in result.matches))

    def _present(self, match: Match) -> Match:
        path = str(match.image.path)
        if os.path.lexists(path):
            return match
        offline = any(is_below(path, folder) for folder in self._away)
        return match._replace(offline=offline, missing=not offline)

    @cached_property
    def _away(self) -> list[str]:
        """The folders of the index whose disks are not there."""
        catalog = self._index.catalog
        roots = [root.path for root in catalog.roots() if is_offline(root, catalog)]
        return [*roots, *away_mounts(catalog)]

    def _furthest_look(self, manifest: Manifest) -> float | None:
        """Return how far a neighbor may be to be looked at; None: nobody knows, or none is."""
        similar, looks = self._search.similar_distance, self._options.looks
        if similar is None or looks is Looks.NONE or self._by_hash:
            return None
        return candidate_distances(manifest.model.name, similar).edited if looks is Looks.ALL else similar

    def _looked_at(self, result: QueryResult) -> QueryResult:
        """Look at the nearest matches, or at all. Nothing is written: a query is a reader."""
        limit, reader = self._look_distance, self._index.reader
        if limit is None or not any(match.is_worth_a_look(limit) for match in result.matches):
            return result
        from visualsearch_cli.search.proving import Limits, looked_at, record_of

        every = self._options.looks is Looks.ALL
        limits = Limits(limit, None, None, None) if every else Limits(limit)
        return looked_at(result, lambda: record_of(result, reader), lambda: self._judge, limits)

    def _found(self, queries: Sequence[Query]) -> list[QueryResult]:
        catalog = self._index.catalog
        with catalog.snapshot():
            if self._by_hash:
                return find_identical(queries, catalog, self._search)
            regions = self._regions if self._scheme is not None else None
            return find_neighbors(
                queries, self._vectors, catalog, self._search, regions, self._scheme or CORNERS
            )

    @cached_property
    def _vectors(self) -> Searchable:
        return self._opened(Frames.FULL)

    @cached_property
    def _regions(self) -> Searchable:
        return self._opened(Frames.REGIONS)

    def _opened(self, frames: Frames) -> Searchable:
        index, options = self._index, self._options
        return open_vectors(
            index.folder,
            index.catalog,
            options.method,
            self._expected,
            options.ef_search,
            self._search.within,
            frames,
            index.messages,
        )

    @cached_property
    def _judge(self) -> PictureJudge:
        from visualsearch_cli.index.open import open_judge

        return open_judge(self._index, keeps=self._proof is not None or self._options.looks is Looks.ALL)


def _candidates(k: int) -> int:
    """Return how many neighbors are looked at for k that are proved."""
    from visualsearch_cli.search.proving import LEAST_CANDIDATES  # late, as the proof is

    return max(k, LEAST_CANDIDATES)


def _place_within(path: str | None, index: OpenIndex) -> FileKey | None:
    if path is None:
        return None
    roots = index.catalog.roots()
    key = key_of(path, roots)
    if key is None:
        covered = ", ".join(root.path for root in roots)
        raise VisualSearchError(f"--within {path}: not inside the index, which covers {covered}")
    if not os.path.lexists(path) and not index.catalog.has_files(key):
        raise VisualSearchError(
            f"--within {path} does not exist, and the index knows of nothing there: check the path"
        )
    return key
