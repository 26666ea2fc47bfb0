"""Retrieval figures from embeddings: recall@1, recall at a rate of false pairs, micro average precision."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
FLOOR = 0.2  # similarities below are no candidates; a copy below counts as never found
BLOCK = 2048  # queries compared at a time


@dataclass(frozen=True, slots=True)
class Comparison:
    """Queries against an index that holds one copy of each.

    true: float32 (n,), similarity to the copy. first: bool (n,), whether no other picture is as similar.
    false: float32 (m,), every similarity to another picture above FLOOR, descending. pairs: how many other
    pairs there were.
    """

    true: npt.NDArray[np.float32]
    first: npt.NDArray[np.bool_]
    false: npt.NDArray[np.float32]
    pairs: int

    def threshold(self, rate: float) -> float:
        """The similarity above which that share of the false pairs lies."""
        return float(self.false[min(int(rate * self.pairs), len(self.false) - 1)])

    def average_precision(self) -> float:
        """Area under precision and recall over all pairs of all queries (micro-AP, arXiv 2106.09672)."""
        found = np.sort(self.true[self.true > FLOOR])[::-1]
        above = np.searchsorted(-self.false, -found, side="right")
        rank = np.arange(1, len(found) + 1)
        return float((rank / (rank + above)).sum() / len(self.true))


def compare(queries: Vectors, copies: npt.NDArray[np.int64], index: Vectors) -> Comparison:
    """Compare queries (n, dim) with index (m, dim), unit rows; index[copies[i]] is the copy of query i."""
    true, first, false = [], [], []
    for start in range(0, len(queries), BLOCK):
        similarity = queries[start : start + BLOCK] @ index.T
        rows, columns = np.arange(len(similarity)), copies[start : start + BLOCK]
        own = similarity[rows, columns]
        similarity[rows, columns] = -2
        true.append(own)
        first.append(own > similarity.max(axis=1))
        false.append(similarity[similarity > FLOOR])
    negative = np.sort(np.concatenate(false))[::-1]
    pairs = len(queries) * (len(index) - 1)
    return Comparison(np.concatenate(true), np.concatenate(first), negative, pairs)


def join(parts: Sequence[Comparison]) -> Comparison:
    """Count several sets of queries against one index as one."""
    true = np.concatenate([part.true for part in parts])
    first = np.concatenate([part.first for part in parts])
    false = np.sort(np.concatenate([part.false for part in parts]))[::-1]
    return Comparison(true, first, false, sum(part.pairs for part in parts))
