"""Which contents of an index are like a picture, and in which way: in full, or by a region of either."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.catalog import FULL_FRAME, Source
from visualsearch_cli.embedder import Embeddings
from visualsearch_cli.index import VectorIndex

if TYPE_CHECKING:
    import numpy.typing as npt

MIN_REGION_WIDTH = 64  # neighbors: a picture like the query takes several places with its regions


@dataclass(frozen=True, slots=True)
class Likeness:
    """The way in which a content is nearest to a query."""

    rank: float  # what it is ordered by: the distance, and the margin if a region is in it
    distance: float
    region: int  # of the content; FULL_FRAME for all of it
    query_region: int  # of the query, likewise


@dataclass(frozen=True, slots=True)
class Found:
    """What one index has for some vectors of one query. The rows belong together."""

    ids: npt.NDArray[np.int64]  # (n, width)
    distances: npt.NDArray[np.float32]  # (n, width), rising
    query_regions: Sequence[int]  # (n,)
    margin: float
    horizon: float  # nothing of a smaller rank was left out; infinity: nothing at all was


def look_up(
    full: Sequence[Embeddings],
    parts: Sequence[Embeddings | None],
    index: VectorIndex,
    regions: VectorIndex | None,
    width: int,
    margin: float,
) -> list[list[Found]]:
    """Search for the vectors of some queries, all at once. Returns what was found for each.

    full, parts: for each query the vectors of its full frame in some orientations, (v, dim), and of its r
        regions in each of these, (v * r, dim), or None.
    index, regions: full frames, and regions. Regions of queries are not looked for among regions: that two
        parts look alike says little of the pictures around them.
    """
    found: list[list[Found]] = [[] for _ in full]

    def search(asked: Sequence[Embeddings | None], target: VectorIndex, width: int, margin: float) -> None:
        vectors = [rows for rows in asked if rows is not None]
        if not vectors or not len(target):
            return
        neighbors = target.search(np.concatenate(vectors), min(width, len(target)))
        complete = width >= len(target)
        start = 0
        for rows, whole, taken in zip(asked, full, found, strict=True):
            if rows is None:
                continue
            block = slice(start, start + len(rows))
            start = block.stop
            distances = neighbors.distances[block]
            horizon = math.inf if complete else float(distances[:, -1].min()) + margin
            numbers = range(1, len(rows) // len(whole) + 1)
            which = [FULL_FRAME] * len(rows) if rows is whole else [*numbers] * len(whole)
            taken.append(Found(neighbors.ids[block], distances, which, margin, horizon))

    search(full, index, width, 0.0)
    if regions is not None:
        search(full, regions, max(width, MIN_REGION_WIDTH), margin)
    search(parts, index, width, margin)
    return found


def nearest(found: Iterable[Found], sources: Mapping[int, Source]) -> dict[int, Likeness]:
    """Return the best likeness of each content; if a region is no better than the full frame, the latter."""
    best: dict[int, Likeness] = {}
    for part in found:
        rows = zip(part.ids.tolist(), part.distances.tolist(), part.query_regions, strict=True)
        for ids, distances, query_region in rows:
            for id, distance in zip(ids, distances, strict=True):
                source = sources.get(id)
                if source is None:
                    continue
                rank = distance + part.margin
                known = best.get(source.content_id)
                if known is None or rank < known.rank:
                    best[source.content_id] = Likeness(rank, distance, source.region, query_region)
    return best
