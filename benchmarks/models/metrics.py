"""Measures of search: recall@1, recall at a rate of false pairs, micro average precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float32]
    Numbers: TypeAlias = npt.NDArray[np.int64]
    Booleans: TypeAlias = npt.NDArray[np.bool_]

RATE = 1e-6  # of the pairs that are no copies, how many may pass for copies
CANDIDATES = 10  # nearest pictures of each query that count for the average precision
BLOCK = 512  # queries compared at a time


@dataclass(frozen=True, slots=True)
class Outcome:
    """What queries found in an index that holds the original of each.

    own: float32 (n,), similarity of a query and its original.
    first: float32 (n,), 1 if no other picture is as similar, 1 / (1 + t) if t others are just as
        similar and none is more so, otherwise 0.
    scores: float32 (n, k), similarities of the nearest pictures, in no order.
    correct: bool (n, k), which of these are the original.
    threshold: similarity above which at most `RATE` of the pairs of a query and another picture lie.
    """

    own: Floats
    first: Floats
    scores: Floats
    correct: Booleans
    threshold: float

    def recall_at_1(self) -> float:
        """The share of queries whose nearest picture is the original."""
        return float(self.first.mean())

    def recall_at_rate(self, threshold: float | None = None) -> float:
        """The share of queries more similar to their original than the threshold, by default our own."""
        return float((self.own > (self.threshold if threshold is None else threshold)).mean())

    def micro_average_precision(self) -> float:
        """See `average_precision`; the pairs are those of all queries with their candidates."""
        return average_precision(self.scores.ravel(), self.correct.ravel(), len(self.own))

    def part(self, rows: slice | Sequence[int]) -> Outcome:
        """The outcome of some of the queries, at the same threshold."""
        return Outcome(
            self.own[rows], self.first[rows], self.scores[rows], self.correct[rows], self.threshold
        )


def compare(
    queries: Floats, originals: Numbers, index: Floats, margins: Sequence[float] | None = None
) -> Outcome:
    """Look up every query among all pictures of an index.

    queries: float32 (n, turns, dim), unit rows. A query is as similar to a picture as its most similar turn.
    margins: of each turn, what is taken from its similarities first; nothing, by default.
    originals: int64 (n,), the row of each query's original in the index.
    index: float32 (m, dim), unit rows.
    """
    n, turns, dim = queries.shape
    k = min(CANDIDATES, len(index))
    own, first = np.empty(n, np.float32), np.empty(n, np.float32)
    scores, correct = np.empty((n, k), np.float32), np.empty((n, k), np.bool_)
    allowed = int(RATE * n * (len(index) - 1))  # false pairs above the threshold
    highest = np.full(allowed + 1, -np.inf, np.float32)  # similarities of false pairs
    for start in range(0, n, BLOCK):
        block = slice(start, min(start + BLOCK, n))
        truth = originals[block]
        rows = np.arange(len(truth))
        similarity = queries[block].reshape(-1, dim) @ index.T
        similarity = similarity.reshape(len(truth), turns, -1)
        if margins is not None:
            similarity -= np.asarray(margins, np.float32)[:, None]
        similarity = similarity.max(axis=1)
        nearest = np.argpartition(similarity, -k, axis=1)[:, -k:]
        scores[block] = np.take_along_axis(similarity, nearest, axis=1)
        correct[block] = nearest == truth[:, None]
        own[block] = similarity[rows, truth]
        similarity[rows, truth] = -np.inf
        first[block] = _first(own[block], similarity)
        strong = similarity[similarity > highest.min()]
        highest = np.partition(np.concatenate([highest, strong]), -allowed - 1)[-allowed - 1 :]
    return Outcome(own, first, scores, correct, float(highest.min()))


def _first(own: Floats, others: Floats) -> Floats:
    """Share the first place between the original (n,) and those of the others (n, m) that tie with it."""
    best = others.max(axis=1)
    first: Floats = (own > best).astype(np.float32)
    for row in np.flatnonzero(own == best):
        first[row] = 1 / (1 + (others[row] == best[row]).sum())
    return first


def average_precision(scores: Floats, correct: Booleans, positives: int) -> float:
    """Average the precision over the ranks of the true pairs, all pairs being ranked together by score.

    scores: float32 (n,). correct: bool (n,). positives: how many true pairs there are; those that are
    not among the n count as never found. Equal scores share the precision after the last of them.

    Micro average precision is the measure of DISC21 (Douze et al., arXiv 2106.09672) and SSCD (Pizzi
    et al., arXiv 2202.10261).
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    found = np.cumsum(correct[order])[ends]
    precision = found / (ends + 1)
    return float((np.diff(found, prepend=0) * precision).sum() / positives)
