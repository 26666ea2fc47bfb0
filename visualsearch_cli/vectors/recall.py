"""How much of the truth an approximate search finds."""

from __future__ import annotations

import numpy as np

from visualsearch_cli.vectors.index import Neighbors

TIE_TOLERANCE = 1e-6
"""Distances that differ by less are equal: both searches round their products, each in its own way."""


def recall_against_exact(found: Neighbors, exact: Neighbors, k: int) -> float:
    """Return the share of the k nearest neighbors that were found, over all queries, in [0, 1].

    Ties count: of a hundred copies of a picture any ten are a right top 10, so a neighbor is right if it is
    no farther than the k-th exact one. Recall by ids would call nine tenths of such answers wrong.
    If the exact answer has fewer than k neighbors, it is the whole index and k is their number.
    Neighbors missing from `found` count as not found.

    Raises ValueError for k < 1, no neighbors at all, and answers to different numbers of queries.
    """
    if k < 1:
        raise ValueError(f"k is {k}, expected at least 1")
    if len(found.distances) != len(exact.distances):
        raise ValueError(f"{len(found.distances)} queries were answered, but {len(exact.distances)} exactly")
    k = min(k, exact.distances.shape[1])
    if exact.distances[:, :k].size == 0:
        raise ValueError("recall needs at least one query and one neighbor")
    farthest = exact.distances[:, k - 1 : k]
    right = found.distances[:, :k] <= farthest + np.float32(TIE_TOLERANCE)
    return float(right.sum()) / (len(right) * k)
