"""Measure a model on labelled pictures: each is a query against all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visualsearch_cli.errors import GraphUnavailable
from visualsearch_cli.evaluation.measures import MeasuresAtK
from visualsearch_cli.evaluation.ranking import (
    Floats,
    Numbers,
    Ranking,
    average_precision,
    hit_rate_at_k,
    precision_at_k,
    ranking_of,
    recall_at_k,
)
from visualsearch_cli.progress import UNHEARD, Messages, Progress
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.index import Embeddings, IndexParams, Neighbors, Searchable
from visualsearch_cli.vectors.recall import recall_against_exact

SCALE = 1_000_000
"""Similarities count in millionths, as `query` rounds distances: closer ones are equal."""

_BLOCK_BYTES = 32 * 1024**2  # of similarities held at once
_GRAPH_BLOCK = 1024  # queries to an index between two signs of progress


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over the queries that have a relevant picture."""

    queries: int  # how many these are
    hit_at_1: float  # a relevant picture is the nearest
    mean_average_precision: float  # over the full rankings: mAP
    at: tuple[MeasuresAtK, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a model finds what belongs together."""

    overall: Measures
    micro_average_precision: float
    """Average precision of one ranking of all (query, picture) pairs by similarity, pictures without a
    relevant one included as queries: µAP of DISC21 (Douze et al., arXiv 2106.09672)."""
    parts: dict[str, Measures]  # by the part a query belongs to, sorted


def evaluate(
    oriented: npt.NDArray[np.float32],
    contents: Numbers,
    groups: Numbers,
    parts: Sequence[str | None],
    ks: Sequence[int],
    progress: Progress,
) -> Evaluation:
    """Rank all other pictures for each of n pictures, by the similarity of their vectors.

    oriented: float32 (c, t, dim), unit rows: c distinct contents in t orientations each, the untouched one
        first. A query is as similar to a picture as its most similar orientation.
    contents: int64 (n,), the row of each picture's content.
    groups: int64 (n,). Pictures of the same number are relevant to each other.
    parts: one name for each picture, or None, to average over queries of the same name.

    Raises ValueError if no picture has a relevant one.
    """
    values = np.full((len(contents), 2 + 4 * len(ks)), np.nan)
    all_pairs = np.zeros(2 * SCALE + 1, dtype=np.int64)
    relevant_pairs = np.zeros_like(all_pairs)
    with progress.step("Comparing", len(contents)) as advance:
        for rows, scores in scored_blocks(oriented, contents):
            same = groups[rows, np.newaxis] == groups
            others = np.ones_like(same)
            others[np.arange(len(rows)), rows] = False
            same &= others
            all_pairs += np.bincount(scores[others], minlength=len(all_pairs))
            relevant_pairs += np.bincount(scores[same], minlength=len(all_pairs))
            for row in np.flatnonzero(same.any(axis=1)):
                ranking = ranking_of(scores[row, others[row]], scores[row, same[row]])
                values[rows[row]] = _values_of(ranking, ks)
            advance(len(rows))
    named = np.array([part or "" for part in parts])
    asked = ~np.isnan(values[:, 0])
    return Evaluation(
        _means(values[asked], ks),
        average_precision(_pooled(all_pairs, relevant_pairs)),
        {str(n): _means(values[asked & (named == n)], ks) for n in np.unique(named[asked]) if n},
    )


def graph_recall(
    exact: Searchable, graph: Searchable, vectors: Embeddings, ks: Sequence[int], progress: Progress
) -> list[float]:
    """Return recall@k of a graph against exact search for each k.

    Both hold the vectors, at least two, under the ids 1, 2, …; each is a query and no neighbor of itself.
    """
    k = max(ks)
    with progress.step("Searching", 2 * len(vectors)) as advance:
        truth = _neighbors(exact, vectors, k, advance)
        found = _neighbors(graph, vectors, k, advance)
    return [recall_against_exact(found, truth, each) for each in ks]


def default_graph_recall(
    vectors: Embeddings, ks: Sequence[int], progress: Progress, messages: Messages = UNHEARD
) -> list[float] | None:
    """Return recall@k of a graph with the default parameters; None for one vector, or without hnswlib."""
    from visualsearch_cli.vectors.hnsw import HnswIndex

    if len(vectors) < 2:
        return None
    ids = np.arange(1, len(vectors) + 1)
    try:
        graph = HnswIndex(vectors.shape[1], IndexParams().for_search(len(vectors)))
    except GraphUnavailable as error:
        messages.note(f"the recall of a graph is not measured: {error}")
        return None
    graph.add(ids, vectors)
    return graph_recall(ExactIndex.from_arrays(ids, vectors), graph, vectors, ks, progress)


def _neighbors(index: Searchable, vectors: Embeddings, k: int, advance: Callable[[int], None]) -> Neighbors:
    """Return the k nearest of each vector, without itself."""
    parts: list[Neighbors] = []
    for start in range(0, len(vectors), _GRAPH_BLOCK):
        block = vectors[start : start + _GRAPH_BLOCK]
        found = index.search(block, k + 1)
        kept = found.ids != np.arange(start + 1, start + len(block) + 1)[:, np.newaxis]
        kept[kept.all(axis=1), -1] = False  # not itself, but as near: then the farthest is one too many
        shape = (len(block), found.ids.shape[1] - 1)
        parts.append(Neighbors(found.ids[kept].reshape(shape), found.distances[kept].reshape(shape)))
        advance(len(block))
    return Neighbors(np.concatenate([p.ids for p in parts]), np.concatenate([p.distances for p in parts]))


def scored_blocks(oriented: npt.NDArray[np.float32], contents: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield some pictures' numbers (b,), and their scores (b, n) against all pictures, 0 to 2 * SCALE."""
    _, turns, dim = oriented.shape
    vectors = oriented[:, 0]
    size = max(1, _BLOCK_BYTES // (8 * max(turns * len(vectors), len(contents))))
    for start in range(0, len(contents), size):
        rows = np.arange(start, min(start + size, len(contents)))
        similarity = oriented[contents[rows]].reshape(-1, dim) @ vectors.T
        similarity = similarity.reshape(len(rows), turns, -1).max(axis=1)
        scores = np.rint(np.clip(similarity, -1, 1) * np.float32(SCALE)).astype(np.int64) + SCALE
        yield rows, scores[:, contents]


def _values_of(ranking: Ranking, ks: Sequence[int]) -> list[float]:
    values = [hit_rate_at_k(ranking, 1), average_precision(ranking)]
    for k in ks:
        values += [precision_at_k(ranking, k), recall_at_k(ranking, k), hit_rate_at_k(ranking, k)]
        values.append(average_precision(ranking, k))
    return values


def _means(values: Floats, ks: Sequence[int]) -> Measures:
    if not len(values):
        raise ValueError("no two pictures belong together, so there is nothing to measure")
    hit, whole, *rest = values.mean(axis=0).tolist()
    at = tuple(MeasuresAtK(k, *rest[4 * i : 4 * i + 4]) for i, k in enumerate(ks))
    return Measures(len(values), hit, whole, at)


def _pooled(all_pairs: Numbers, relevant_pairs: Numbers) -> Ranking:
    """Return the ranking of all pairs, from how many of them have each score."""
    size, relevant = all_pairs[::-1], relevant_pairs[::-1]
    held = relevant > 0
    return Ranking((np.cumsum(size) - size)[held], size[held], relevant[held])
