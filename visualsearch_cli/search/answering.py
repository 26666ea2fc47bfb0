"""From pictures to their neighbors in an index, in all the ways that can be asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.calibration.known import (
    candidate_distances,
    region_margin,
    turn_margin,
    window_margin,
)
from visualsearch_cli.errors import ImageError
from visualsearch_cli.index.open import calibration_of, region_scheme
from visualsearch_cli.index.records import EVERYTHING, Frames
from visualsearch_cli.index.roots import away_mounts, is_below, is_offline
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.search.filtering import ANYWHERE, Where, filter_of
from visualsearch_cli.search.likeness import Margins
from visualsearch_cli.search.limits import PROVED, Looks, furthest
from visualsearch_cli.search.matches import QueryResult
from visualsearch_cli.search.neighbors import Query, SearchOptions, find_identical, find_neighbors
from visualsearch_cli.search.opening import open_vectors, planned
from visualsearch_cli.search.plan import Method
from visualsearch_cli.search.queries import QueryReader, SharedVectors
from visualsearch_cli.search.thinning import Thinning, copy_distance
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.detectors.parts import Detector
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.index.records import Filter, Manifest
    from visualsearch_cli.pictures.image import ImageRecord
    from visualsearch_cli.pictures.regions import Cutting
    from visualsearch_cli.search.matches import Match
    from visualsearch_cli.vectors.index import Embeddings, Searchable
    from visualsearch_cli.verdicts.judge import PictureJudge

CLOSE_LOOKS = 20  # neighbors of a thorough query that are looked at, until one is a copy
CLOSE_PATIENCE = 2.0  # seconds after which no further look begins

CHUNK = 256  # queries answered together: one matrix product, and a first answer soon


class QueryOptions(NamedTuple):
    """What is asked about each picture."""

    k: int = 10  # neighbors, at most
    max_distance: float | None = None  # cosine distance
    level: Verdict | None = None  # only this verdict or a stronger one
    precision: float | None = None  # as far as this share of what is found is expected to be copies
    where: Where = ANYWHERE  # only such neighbors
    transforms: Transforms = Transforms.NONE
    thorough: bool = False  # also look for regions of the query
    method: Method = Method.AUTO
    ef_search: int | None = None  # candidates kept in a search of the graph
    looks: Looks = Looks.NEAREST  # where no level asks for proof
    distinct: bool = False  # copies of one picture are one answer
    diverse: float | None = None  # answers that differ from each other: how much nearness counts, 0 to 1
    cutting: Cutting | None = None  # the part of each picture that is looked for; None: all of it
    detector: Detector | None = None  # finds the parts of each picture that are looked for
    by_words: bool = False  # distances are not those of two pictures, of which levels tell something
    stays: bool = False  # more such questions are asked later on: what they are answered from stays open


class Answers(NamedTuple):
    """The neighbors of some pictures."""

    results: Sequence[QueryResult]  # of each picture, in order; with a detector of each part of it
    skipped: Sequence[SkippedImage]  # pictures that cannot be read, and neighbors that could not be compared


class Distances(NamedTuple):
    """Which cosine distances count, for all queries."""

    similar: float | None  # at or below it, two pictures look alike to the model; None: nobody knows
    furthest: float | None  # what is farther away is no match; None: everything may be one
    look: float | None  # what is farther away is not looked at; None: nothing is


def distances_of(indexes: Sequence[OpenIndex], options: QueryOptions) -> Distances:
    """Return the distances that count where some indexes of one model are asked: those of the first.

    Raises NotCalibrated where levels are asked for of a model of which nobody knows any.
    """
    manifest, catalogs = indexes[0].catalog.manifest(), [index.catalog for index in indexes]
    levels = calibration_of(manifest)
    similar = None if levels is None or options.by_words else levels.similar
    look = None if options.looks is Looks.NONE or options.level is Verdict.IDENTICAL else similar
    if look is not None:
        candidates = candidate_distances(manifest.model.name, look)
        if options.looks is Looks.ALL:
            look = candidates.edited
        elif options.thorough:
            look = candidates.close
    far = furthest(manifest, catalogs, options.level, options.max_distance, options.precision)
    return Distances(similar, far, look)


class Looking:
    """Looks at the matches of queries: at the nearest, or at all. What it needs is opened with the first."""

    def __init__(self, index: OpenIndex, options: QueryOptions, distance: float | None) -> None:
        """No match that is farther away is looked at; None: none at all."""
        self._index = index
        self._options = options
        self._distance = distance

    def looked_at(self, result: QueryResult) -> QueryResult:
        """Return a result with the verdicts of what was looked at."""
        limit, reader = self._distance, self._index.reader
        if limit is None or not any(match.is_worth_a_look(limit) for match in result.matches):
            return result
        from visualsearch_cli.search.proving import Limits, looked_at, record_of

        every = self._options.looks is Looks.ALL
        if every:
            limits = Limits(limit, None, None, None)
        elif self._options.thorough:
            limits = Limits(limit, CLOSE_LOOKS, CLOSE_PATIENCE, Verdict.EDITED)
        else:
            limits = Limits(limit)
        return looked_at(result, lambda: record_of(result, reader), lambda: self.judge, limits)

    @cached_property
    def judge(self) -> PictureJudge:
        """Who compares. Nothing is written for the nearest alone: a query is a reader."""
        from visualsearch_cli.index.open import open_judge

        keeps = self._options.level in PROVED or self._options.looks is Looks.ALL
        return open_judge(self._index, keeps=keeps)


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
        distances: Distances | None = None,
        shared: SharedVectors | None = None,
    ) -> None:
        """`expected` is how many queries are to come: the more, the sooner a graph is worth loading.

        arranged: puts the matches of a query into another order, before those beyond k are left out.
        counts: tells which images of the index may be matches; None: all.
        distances: which count; None: those of the index.
        shared: the vectors of queries that other indexes are asked for, too.

        Raises NotInIndex for a place that the index does not know, and NotCalibrated where levels are asked
        for of a model of which nobody knows any.
        """
        catalog, manifest = index.catalog, index.catalog.manifest()
        is_proved = options.level in PROVED
        distances = distances or distances_of([index], options)
        self._looking = Looking(index, options, distances.look)
        self._index = index
        self._options = options
        self._expected = expected
        self._asked = 0  # queries until now
        self._open: dict[Frames, tuple[Method, Searchable]] = {}
        self._arranged = arranged
        self._by_hash = options.level is Verdict.IDENTICAL
        self._proof = options.level if is_proved else None
        self._scheme = region_scheme(manifest)
        self._thinning = thinning(options, manifest)
        filter = filter_of(options.where, index)
        name = manifest.model.name
        closely = window_margin(name) if options.thorough else None
        pool = at_least_looked_at(self._thinning.pool, options)
        self._search = SearchOptions(
            k=_candidates(options.k) if is_proved else pool,
            max_distance=distances.furthest,
            filter=filter,
            share=_share(filter, catalog),
            similar_distance=distances.similar,
            margins=Margins(region_margin(name), turn_margin(name), closely or 0.0),
            counts=counts,
        )
        self._reader = QueryReader(
            catalog,
            index.embedder,
            index.reader,
            options.transforms,
            by_hash=self._by_hash,
            scheme=(self._scheme or CORNERS) if options.thorough else None,
            shared=shared,
            cutting=options.cutting,
            detector=options.detector,
            is_close=closely is not None,
        )

    def of_files(self, paths: Sequence[Path]) -> Iterator[Answers]:
        """Yield what is near to some files, in order, many of them at a time.

        The result of a file that cannot be read has no matches and says why.
        """
        for answers in self.all_of_files(paths):
            yield answers._replace(results=[self._cut(result) for result in answers.results])

    def all_of_files(self, paths: Sequence[Path]) -> Iterator[Answers]:
        """Yield what `of_files` does, nearest first, and where a level is proved, all that reach it."""
        for start in range(0, len(paths), CHUNK):
            chunk = paths[start : start + CHUNK]
            queries: list[Query] = []
            counts: list[int] = []  # of queries of each file
            unread: dict[Path, QueryResult] = {}
            for path in chunk:
                before = len(queries)
                try:
                    queries += self._reader.read_each(path)
                except ImageError as error:
                    unread[path] = QueryResult(path, (), str(error).removeprefix(f"{path}: "))
                counts.append(len(queries) - before)
            skipped = [SkippedImage(str(path), result.error or "") for path, result in unread.items()]
            results = [self._with_presence(result) for result in self._found(queries)]
            if self._proof is not None:  # not inside a snapshot: the judge writes to its cache
                from visualsearch_cli.search.proving import proved

                results, failed = proved(results, self._looking.judge, self._index.reader, self._proof)
                skipped += failed
                results = [self._thinned(result) for result in results]
            else:
                results = [self._looking.looked_at(result) for result in results]
            answered = iter(results)
            of_files = []
            for path, count in zip(chunk, counts, strict=True):
                nothing = unread.get(path) or QueryResult(path, ())
                of_files += list(islice(answered, count)) or [nothing]
            yield Answers(of_files, skipped)

    def of_vector(self, vector: Embeddings) -> QueryResult:
        """Return what is near to a unit vector, shape (dim,). There is no picture to prove anything with."""
        (result,) = self._found([Query(Path(), vector.reshape(1, -1))])
        return self._cut(self._with_presence(result))

    def vector_of_file(self, path: Path) -> tuple[Embeddings, str]:
        """Return the vector of a picture, shape (dim,), and its content hash.

        Raises ImageError if it cannot be read.
        """
        query = self._reader.read(path)
        assert query.content_hash is not None
        return query.vectors[0], query.content_hash

    def vectors_of(self, matches: Sequence[Match]) -> dict[str, Embeddings]:
        """Map the content hashes of matches to their vectors, each of shape (dim,)."""
        contents = {match.image.content_id: match.image.content_hash for match in matches}
        found = self._index.catalog.vectors_of(contents)
        return {contents[content]: vector for content, vector in found.items()}

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

    def _found(self, queries: Sequence[Query]) -> list[QueryResult]:
        """Search. Where answers are thinned out, more are looked for until enough are left."""
        results = self._searched(queries, self._search)
        if not self._thinning.is_asked_for or self._proof is not None:
            return results
        found = [self._thinned(result) for result in results]
        wider = self._search
        while short := [
            number
            for number, result in enumerate(results)
            if len(found[number].matches) < self._options.k and len(result.matches) == wider.k
        ]:
            wider = wider._replace(k=4 * wider.k)
            for number, result in zip(short, self._searched([queries[n] for n in short], wider), strict=True):
                results[number], found[number] = result, self._thinned(result)
        return found

    def _searched(self, queries: Sequence[Query], options: SearchOptions) -> list[QueryResult]:
        catalog = self._index.catalog
        self._asked += len(queries)
        with catalog.snapshot():
            if self._by_hash:
                return find_identical(queries, catalog, options)
            regions = self._vectors(Frames.REGIONS) if self._scheme is not None else None
            full = self._vectors(Frames.FULL)
            return find_neighbors(queries, full, catalog, options, regions, self._scheme or CORNERS)

    def _thinned(self, result: QueryResult) -> QueryResult:
        if not self._thinning.is_asked_for:
            return result
        return result._replace(matches=self._thinning.of(result.matches, self.vectors_of(result.matches)))

    def _vectors(self, frames: Frames) -> Searchable:
        """Return what to search, opened with the first query.

        Who stays turns to the graph when the queries until now, one by one, took as long as it would have
        taken to load it and to ask it: whether many more come, nobody knows.
        """
        index, options, filter = self._index, self._options, self._search.filter
        if index.engine is not None:
            return index.engine(filter)
        known = self._open.get(frames)
        if known is not None and (known[0] is Method.HNSW or not options.stays):
            return known[1]
        method = options.method
        if method is Method.AUTO:
            queries = self._asked if options.stays else self._expected
            one_by_one = options.stays
            method = planned(index.catalog, queries, options.ef_search, filter, frames, one_by_one=one_by_one)
        if known is not None and known[0] is method:
            return known[1]
        found = open_vectors(
            index.folder,
            index.catalog,
            method,
            options.ef_search,
            filter,
            frames,
            index.messages,
            self._search.share,
        )
        self._open[frames] = method, found
        return found


def at_least_looked_at(count: int, options: QueryOptions) -> int:
    """Return so many neighbors, or as many as are looked at before the best of them are shown."""
    return max(count, CLOSE_LOOKS) if options.thorough else count


def thinning(options: QueryOptions, manifest: Manifest) -> Thinning:
    """Return which answers are shown, as it is asked for."""
    return Thinning(options.k, options.distinct, options.diverse, copy_distance(calibration_of(manifest)))


def _share(filter: Filter, catalog: Catalog) -> float:
    """Return about which share of an index passes a filter. Of older formats nobody knows; a folder is taken
    for a small part there."""
    if filter == EVERYTHING:
        return 1.0
    return catalog.share_of(filter) if catalog.has_facts() else 0.0


def _candidates(k: int) -> int:
    """Return how many neighbors are looked at for k that are proved."""
    from visualsearch_cli.search.proving import LEAST_CANDIDATES  # late, as the proof is

    return max(k, LEAST_CANDIDATES)
