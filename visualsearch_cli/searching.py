"""Answer a query: the images of the index that are nearest to a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visualsearch_cli.catalog import Catalog, FileKey
from visualsearch_cli.embedder import Embeddings
from visualsearch_cli.image import ImageRecord
from visualsearch_cli.index import VectorIndex
from visualsearch_cli.match import Match, QueryResult, Verdict


@dataclass(frozen=True, slots=True)
class Query:
    """A picture to look for."""

    path: Path
    vectors: Embeddings  # shape (v, dim): one for each way to turn the picture; (0, 0) for a look by hash
    content_hash: str | None = None  # hexadecimal
    image_id: int | None = None  # if it is in the index: it is no neighbor of itself


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What counts as an answer."""

    k: int = 10
    max_distance: float | None = None
    within: FileKey | None = None
    similar_distance: float | None = None  # at or below it, two pictures look alike to this model


def find_neighbors(
    queries: Sequence[Query], index: VectorIndex, catalog: Catalog, options: SearchOptions
) -> list[QueryResult]:
    """Return the k nearest images of each query by (distance, path), without the query itself.

    The index may hold vectors whose files are missing, and several vectors of one content: the nearest
    one counts, and the search widens until k images are found or there are no more.
    """
    searches = [_Search(query, options) for query in queries]
    width = options.k + 2  # a query of the index finds itself, and one more shows that no tie was cut
    while active := [search for search in searches if not search.done]:
        width = min(width, len(index))
        if width == 0:
            break
        stacked = np.concatenate([search.query.vectors for search in active])
        neighbors = index.search(stacked, width)
        sources = catalog.sources_of(np.unique(neighbors.ids).tolist())
        contents = {id: source.content_id for id, source in sources.items()}
        images = catalog.images_of(set(contents.values()), options.within)
        start = 0
        for search in active:
            rows = slice(start, start + len(search.query.vectors))
            start = rows.stop
            found = _nearest(neighbors.ids[rows], neighbors.distances[rows], contents)
            horizon = float(neighbors.distances[rows, -1].min())
            search.take(found, images, horizon, complete=width == len(index))
        width *= 4
    return [QueryResult(search.query.path, tuple(search.matches)) for search in searches]


def find_identical(queries: Sequence[Query], catalog: Catalog, options: SearchOptions) -> list[QueryResult]:
    """Return the first k images with the same bytes as each query, by path, without the query itself.

    The content hash finds them: no vector is compared, and no index need be read.
    """
    return [QueryResult(query.path, tuple(_identical(query, catalog, options))) for query in queries]


def _identical(query: Query, catalog: Catalog, options: SearchOptions) -> list[Match]:
    content = None if query.content_hash is None else catalog.content_id(bytes.fromhex(query.content_hash))
    images = [] if content is None else catalog.images_of([content], options.within).get(content, [])
    matches = [Match(image, 0.0, Verdict.IDENTICAL) for image in images if image.id != query.image_id]
    return matches[: options.k]


def _nearest(
    ids: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    distances: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    contents: Mapping[int, int],
) -> dict[int, float]:
    """Return the smallest distance of each content over the variants of a query, shape (v, k) each."""
    found: dict[int, float] = {}
    for id, distance in zip(ids.ravel().tolist(), distances.ravel().tolist(), strict=True):
        content = contents.get(id)
        if content is not None and distance < found.get(content, 3.0):
            found[content] = distance
    return found


class _Search:
    """One query on its way to enough matches."""

    def __init__(self, query: Query, options: SearchOptions) -> None:
        self.query = query
        self.options = options
        self.matches: list[Match] = []
        self.done = False

    def take(
        self,
        found: Mapping[int, float],
        images: Mapping[int, Sequence[ImageRecord]],
        horizon: float,
        *,
        complete: bool,
    ) -> None:
        """Use what a search of some width found. Nothing nearer than `horizon` was left out."""
        matches = sorted(self._matches(found, images), key=lambda m: (m.distance, str(m.image.path)))
        k = self.options.k
        limit = self.options.max_distance
        enough = len(matches) >= k and matches[k - 1].distance < _rounded(horizon)
        beyond = limit is not None and _rounded(horizon) > limit
        self.done = complete or enough or beyond
        self.matches = [m for m in matches if limit is None or m.distance <= limit][:k]

    def _matches(
        self, found: Mapping[int, float], images: Mapping[int, Sequence[ImageRecord]]
    ) -> Iterator[Match]:
        for content, distance in found.items():
            for image in images.get(content, ()):
                if image.id == self.query.image_id:
                    continue
                identical = image.content_hash == self.query.content_hash
                yield self._match(image, 0.0 if identical else _rounded(distance), identical)

    def _match(self, image: ImageRecord, distance: float, identical: bool) -> Match:
        near = self.options.similar_distance
        if identical:
            return Match(image, distance, Verdict.IDENTICAL)
        similar = near is not None and distance <= near
        return Match(image, distance, Verdict.SIMILAR if similar else None)


def _rounded(distance: float) -> float:
    """Float32 products are good to about 1e-7: without rounding, noise would order what is equal."""
    return round(distance, 6)
