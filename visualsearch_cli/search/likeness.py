"""Which contents of an index are like a picture, and in which way: in full, or by a region of either."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.index.records import Source
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.regions import FULL_FRAME
from visualsearch_cli.vectors.index import Embeddings, Searchable

if TYPE_CHECKING:
    import numpy.typing as npt

MIN_REGION_WIDTH = 64  # neighbors: a picture like the query takes several places with its regions


class Likeness(NamedTuple):
    """The way in which a content is nearest to a query."""

    rank: float  # what it is ordered by: the distance, and the margins unless both are seen as they are
    distance: float  # what is shown: without the margin of chance, nor that of a region if one is in it
    region: int  # of the content; FULL_FRAME for all of it
    query_region: int  # of the query, likewise


class Chance(IntEnum):
    """One of how many ways to see a query something is: the best of many comes near to others by chance."""

    AS_IS = 0
    TURNED = 1  # the query was turned, mirrored, or made a negative of
    WINDOW = 2  # a small part of it


def chances_of_ways(count: int) -> list[Chance]:
    """Return the chances of so many ways to see a query, as it is first."""
    return [Chance.TURNED if way else Chance.AS_IS for way in range(count)]


class Parts(NamedTuple):
    """Ways to see one query: all of it, or regions of it, what lies within its border, and so on."""

    vectors: Embeddings  # (n, dim)
    numbers: Sequence[int]  # (n,), of the region that each row is of
    chances: Sequence[Chance] = ()  # (n,); none: all as they are


class Margins(NamedTuple):
    """What is added to distances before they are ranked. Not negative."""

    region: float = 0.0  # of parts and regions
    turn: float = 0.0  # of turned ways
    window: float = 0.0  # of windows, which are parts too

    def of(self, chances: Sequence[Chance], count: int) -> npt.NDArray[np.float64]:
        """Return those of so many rows, (n,), for being one of many."""
        by_chance = np.array([0.0, self.turn, self.window])
        return by_chance[np.asarray(chances)] if len(chances) else np.zeros(count)


class Found(NamedTuple):
    """What one index has for some vectors of one query. The rows belong together."""

    ids: npt.NDArray[np.int64]  # (n, width)
    distances: npt.NDArray[np.float32]  # (n, width), rising
    query_regions: Sequence[int]  # (n,)
    margin: float  # of all rows
    chance_margins: npt.NDArray[np.float64]  # (n,), on top of it
    horizon: float  # nothing of a smaller rank was left out; infinity: nothing at all was


def look_up(
    full: Sequence[Embeddings],
    parts: Sequence[Parts | None],
    index: Searchable,
    regions: Searchable | None,
    width: int,
    margins: Margins,
) -> list[list[Found]]:
    """Search for the vectors of some queries, all at once. Returns what was found for each.

    full, parts: for each query the vectors of its full frame in v ways to see it, (v, dim), as it is first,
        and its parts.
    index, regions: full frames, and regions. Parts of queries are not looked for among regions: that two
        parts look alike says little of the pictures around them.
    """
    found: list[list[Found]] = [[] for _ in full]
    whole = [Parts(each, [FULL_FRAME] * len(each), chances_of_ways(len(each))) for each in full]
    # Together, since what takes time in a large index is to pass over its vectors.
    asked = [*zip(whole, repeat(0.0), found), *zip(parts, repeat(margins.region), found)]
    _search(asked, index, width, margins)
    if regions is not None:
        most = max(width, MIN_REGION_WIDTH)
        _search([*zip(whole, repeat(margins.region), found)], regions, most, margins)
    return found


def _search(
    asked: Sequence[tuple[Parts | None, float, list[Found]]],
    target: Searchable,
    width: int,
    margins: Margins,
) -> None:
    """Search for parts of queries at once, each with its margin, and put what is found into its list."""
    vectors = [part.vectors for part, _, _ in asked if part is not None]
    if not vectors or not len(target):
        return
    neighbors = target.search(np.concatenate(vectors), min(width, len(target)))
    complete = width >= len(target)
    start = 0
    for part, margin, taken in asked:
        if part is None:
            continue
        block = slice(start, start + len(part.vectors))
        start = block.stop
        distances = neighbors.distances[block]
        more = margins.of(part.chances, len(part.vectors))
        horizon = math.inf if complete else float((distances[:, -1] + more).min()) + margin
        taken.append(Found(neighbors.ids[block], distances, part.numbers, margin, more, horizon))


def nearest(found: Iterable[Found], sources: Mapping[int, Source]) -> dict[int, Likeness]:
    """Return the best likeness of each content; if a region is no better than the full frame, the latter."""
    best: dict[int, Likeness] = {}
    for part in found:
        margins = part.chance_margins.tolist()
        rows = zip(part.ids.tolist(), part.distances.tolist(), part.query_regions, margins, strict=True)
        for ids, distances, query_region, margin in rows:
            for id, distance in zip(ids, distances, strict=True):
                source = sources.get(id)
                if source is None:
                    continue
                rank = distance + part.margin + margin
                known = best.get(source.content_id)
                if known is None or rank < known.rank:
                    in_full = source.region == query_region == FULL_FRAME
                    shown = distance + part.margin if in_full else distance
                    best[source.content_id] = Likeness(rank, shown, source.region, query_region)
    return best
