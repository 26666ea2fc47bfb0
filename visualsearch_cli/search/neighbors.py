"""Answer a query: the images of the index that are nearest to a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.index.records import EVERYTHING, Filter
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.regions import CORNERS, RegionScheme
from visualsearch_cli.search.likeness import Likeness, Margins, Parts, look_up, nearest
from visualsearch_cli.search.matches import NOT_LOOKED_AT, Match, QueryResult
from visualsearch_cli.search.opening import FilteredIndex
from visualsearch_cli.search.plan import FEW
from visualsearch_cli.vectors.index import Embeddings, Searchable
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.detectors.parts import Part
    from visualsearch_cli.index.catalog import Catalog


NO_MARGINS = Margins()

MOST_AFTER = 1_000  # neighbors to which a filter is applied after the search: more are slow to look up


class Query(NamedTuple):
    """A picture to look for."""

    path: Path
    vectors: Embeddings  # shape (v, dim): as it is, then each way to turn it; (0, 0) for a look by hash
    content_hash: str | None = None  # hexadecimal
    image_id: int | None = None  # if it is in the index: it is no neighbor of itself
    parts: Parts | None = None  # of it, of each way to turn it
    image: ImageRecord | None = None  # what it is, if it was decoded
    part: Part | None = None  # the part of the picture that it is, if not all


class SearchOptions(NamedTuple):
    """What counts as an answer.

    The best of a picture's regions is nearer to anything than its full frame is, by chance alone, and so is
    the best of eight ways to turn a query, or of its windows. So `margins` are added to the distance before
    it is ranked, held against a limit, or called similar. The distance that is shown stays what it is.
    """

    k: int = 10
    max_distance: float | None = None
    filter: Filter = EVERYTHING  # which images count
    share: float = 1.0  # about how much of all passes the filter
    similar_distance: float | None = None  # at or below it, two pictures look alike to this model
    margins: Margins = NO_MARGINS
    counts: Callable[[ImageRecord], bool] | None = None  # None: every image does


def find_neighbors(
    queries: Sequence[Query],
    index: Searchable,
    catalog: Catalog,
    options: SearchOptions,
    regions: Searchable | None = None,
    scheme: RegionScheme = CORNERS,
) -> list[QueryResult]:
    """Return the k nearest images of each query, without the query itself, ties by path.

    `index` holds full frames; `regions`, if it is given, the regions of the same contents. Both may hold
    vectors whose files are missing, and the nearest vector of a content counts: the search widens until k
    images are found or there are no more.
    """
    searches = [_Search(query, options, scheme) for query in queries]
    # A query of the index finds itself, and one more shows that no tie was cut. Where a filter comes after
    # the search, so many more are looked at that enough pass it, as a rule.
    least = width = options.k + 2
    wide = [each for each in (index, regions) if isinstance(each, FilteredIndex) and not each.is_narrow]
    if FEW <= options.share < 1:
        width = math.ceil(2 * width / options.share)
    while active := [search for search in searches if not search.done]:
        full = [search.query.vectors for search in active]
        parts = [search.query.parts for search in active]
        found = look_up(full, parts, index, regions, width, options.margins)
        ids = [part.ids.ravel() for query in found for part in query]
        if not ids:
            break
        sources = catalog.sources_of(set(np.concatenate(ids).tolist()))
        images = catalog.images_of({source.content_id for source in sources.values()}, options.filter)
        for search, own in zip(active, found, strict=True):
            search.take(nearest(own, sources), images, min(part.horizon for part in own))
        width *= 4
        if wide and width > MOST_AFTER:  # what is near does not pass
            for each in wide:
                each.narrow()
            wide, width = [], least
    return [
        QueryResult(query.path, tuple(search.matches), image=query.image, part=query.part)
        for search in searches
        for query in [search.query]
    ]


def find_identical(queries: Sequence[Query], catalog: Catalog, options: SearchOptions) -> list[QueryResult]:
    """Return the first k images with the same bytes as each query, by path, without the query itself.

    The content hash finds them: no vector is compared, and no index need be read.
    """
    return [QueryResult(query.path, tuple(_identical(query, catalog, options))) for query in queries]


def _identical(query: Query, catalog: Catalog, options: SearchOptions) -> list[Match]:
    content = None if query.content_hash is None else catalog.content_id(bytes.fromhex(query.content_hash))
    images = [] if content is None else catalog.images_of([content], options.filter).get(content, [])
    matches = [_same_bytes(image) for image in images if _is_answer(image, query, options)]
    return matches[: options.k]


def _is_answer(image: ImageRecord, query: Query, options: SearchOptions) -> bool:
    return image.id != query.image_id and (options.counts is None or options.counts(image))


def _same_bytes(image: ImageRecord) -> Match:
    return Match(image, 0.0, Verdict.IDENTICAL, reason="same bytes")


class _Search:
    """One query on its way to enough matches."""

    def __init__(self, query: Query, options: SearchOptions, scheme: RegionScheme) -> None:
        self.query = query
        self.options = options
        self.scheme = scheme
        self.matches: list[Match] = []
        self.done = False

    def take(
        self, found: Mapping[int, Likeness], images: Mapping[int, Sequence[ImageRecord]], horizon: float
    ) -> None:
        """Use what a search of some width found. Nothing of a smaller rank than `horizon` was left out."""
        ranked = sorted(self._ranked(found, images), key=lambda item: (item[0], str(item[1].image.path)))
        k = self.options.k
        limit = self.options.max_distance
        enough = len(ranked) >= k and ranked[k - 1][0] < _rounded(horizon)
        beyond = limit is not None and _rounded(horizon) > limit
        self.done = math.isinf(horizon) or enough or beyond
        self.matches = [match for rank, match in ranked if limit is None or rank <= limit][:k]

    def _ranked(
        self, found: Mapping[int, Likeness], images: Mapping[int, Sequence[ImageRecord]]
    ) -> Iterator[tuple[float, Match]]:
        for content, likeness in found.items():
            for image in images.get(content, ()):
                if not _is_answer(image, self.query, self.options):
                    continue
                if image.content_hash == self.query.content_hash:
                    yield 0.0, _same_bytes(image)
                else:
                    rank = _rounded(likeness.rank)
                    yield rank, self._match(image, likeness, rank)

    def _match(self, image: ImageRecord, likeness: Likeness, rank: float) -> Match:
        near = self.options.similar_distance
        is_near = near is not None and rank <= near
        return Match(
            image,
            _rounded(likeness.distance),
            Verdict.SIMILAR if is_near else None,
            self.scheme.name_of(likeness.region),
            self.scheme.name_of(likeness.query_region),
            is_far=near is not None and not is_near,
            reason=NOT_LOOKED_AT if is_near else "",
            rank=rank,
        )


def _rounded(distance: float) -> float:
    """Float32 products are good to about 1e-7: without rounding, noise would order what is equal."""
    return round(distance, 6)
