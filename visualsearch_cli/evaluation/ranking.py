"""How good a ranking is: precision, recall and average precision, as information retrieval defines them.

Equally near pictures have no order, and sorting would make one up. So each measure is its mean over all
orders of what ties (McSherry & Najork, ECIR 2008); without ties that is the measure of the textbooks
(Manning, Raghavan & Schütze, Introduction to Information Retrieval, chapter 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = "npt.NDArray[np.int64]"
Floats: TypeAlias = "npt.NDArray[np.float64]"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Where the relevant pictures of a query lie among all others, nearest first.

    Pictures that are equally near are a tie, a picture alone in its place being a tie of one. Only ties
    with a relevant picture in them are held, at least one; three arrays of shape (t,), nearest first.
    """

    before: Numbers  # pictures nearer than the tie
    size: Numbers  # pictures in the tie
    relevant: Numbers  # how many of them are relevant, at least 1

    @property
    def total(self) -> int:
        """The number of relevant pictures."""
        return int(self.relevant.sum())


def ranking_of(scores: Numbers, relevant: Numbers) -> Ranking:
    """Return the ranking of a query. Both arrays hold scores, larger is nearer: of all pictures that are
    ranked, and of the relevant ones among them (at least one)."""
    ordered = np.sort(scores)
    values, counts = np.unique(relevant, return_counts=True)
    first = np.searchsorted(ordered, values, side="left")
    end = np.searchsorted(ordered, values, side="right")
    return Ranking((len(scores) - end)[::-1], (end - first)[::-1], counts.astype(np.int64)[::-1])


def precision_at_k(ranking: Ranking, k: int) -> float:
    """Return the share of the k nearest that are relevant.

    Of k, also where fewer pictures are ranked, as trec_eval does it: with r relevant pictures no ranking
    gets above r / k.
    """
    return _found(ranking, k) / k


def recall_at_k(ranking: Ranking, k: int) -> float:
    """Return the share of the relevant pictures that are among the k nearest."""
    return _found(ranking, k) / ranking.total


def hit_rate_at_k(ranking: Ranking, k: int) -> float:
    """Return 1 if a relevant picture is among the k nearest, else 0; between them where ties decide.

    Its mean over queries is what papers on metric learning and copy detection call recall@k (Jégou, Douze
    & Schmid, TPAMI 2011; Oh Song et al., CVPR 2016).
    """
    size, relevant = int(ranking.size[0]), int(ranking.relevant[0])
    drawn = np.arange(_within(ranking, k)[0])  # from the first tie; a second is reached only after a hit
    misses = np.maximum(size - relevant - drawn, 0) / (size - drawn)
    return 1.0 - float(misses.prod())


def average_precision(ranking: Ranking, k: int | None = None) -> float:
    """Return the mean of the precision at the rank of each relevant picture.

    With k, only ranks up to k count and the sum is divided by min(k, number of relevant pictures), so
    that a perfect ranking still gets 1: AP@k as in mAP@100 of the Google Landmarks Dataset v2 (Weyand et
    al., arXiv 2004.01804).
    """
    size = ranking.size.astype(np.float64)
    relevant = ranking.relevant.astype(np.float64)
    before = ranking.before.astype(np.float64)
    counted = ranking.size if k is None else _within(ranking, k)
    # At the i-th place of a tie lies a relevant picture with probability relevant / size. If so, `first`
    # + (i - 1) * `rise` relevant ones are expected up to there, among before + i pictures.
    first = np.cumsum(relevant) - relevant + 1
    rise = (relevant - 1) / np.maximum(size - 1, 1)
    reciprocals = _reciprocals(ranking.before, counted)
    precision = rise * counted + (first - rise - rise * before) * reciprocals
    return float((relevant / size * precision).sum()) / min(ranking.total, k or ranking.total)


def _found(ranking: Ranking, k: int) -> float:
    return float((ranking.relevant * (_within(ranking, k) / ranking.size)).sum())


def _within(ranking: Ranking, k: int) -> Numbers:
    """Return how many places of each tie are among the first k."""
    return np.clip(k - ranking.before, 0, ranking.size)


_EXACT = 64  # reciprocals up to here are added, later ones integrated
_SUMS = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, _EXACT + 1))])


def _reciprocals(start: Numbers, count: Numbers) -> Floats:
    """Return 1 / (start + 1) + … + 1 / (start + count), elementwise, good to about 1e-13.

    The far part is a difference of harmonic numbers by their asymptotic series (DLMF 5.11.2).
    """
    end = start + count
    near: Floats = _SUMS[np.minimum(end, _EXACT)] - _SUMS[np.minimum(start, _EXACT)]
    a = np.maximum(start, _EXACT).astype(np.float64)
    b = np.maximum(end, _EXACT).astype(np.float64)
    far = np.log1p((b - a) / a) - (b - a) / (2 * a * b) + (a**-2 - b**-2) / 12 - (a**-4 - b**-4) / 120
    total: Floats = near + far
    return total
