"""How many pictures find one of their class first, and how often chance alone makes others find more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from visualsearch_cli.vectors.index import Embeddings

Found: TypeAlias = "npt.NDArray[np.bool_]"
"""Whether the nearest other picture is of the same class, (n,), of n pictures."""

CHANCE = 0.05  # a gain that comes about by chance this often is none


def found_first(vectors: Embeddings, classes: npt.NDArray[np.int64]) -> Found:
    """Tell of each of n pictures whether its nearest other one is of its class: bool (n,).

    vectors: float32 (n, dim), rows of unit length. classes: (n,).
    """
    found = np.empty(len(vectors), np.bool_)
    exact = vectors.astype(np.float64)  # vectors of an untrained network differ in their last digits alone
    for start in range(0, len(vectors), 1024):
        products = exact[start : start + 1024] @ exact.T
        own = np.arange(len(products))
        products[own, start + own] = -np.inf
        found[start : start + 1024] = classes[products.argmax(axis=1)] == classes[start : start + 1024]
    return found


def by_chance(before: Found, after: Found) -> float:
    """Return how often chance alone makes as many of the same pictures found, after as against before."""
    return chance_of(int((after & ~before).sum()), int((before & ~after).sum()))


def chance_of(gained: int, lost: int) -> float:
    """Return how often at least so many of all changes are gains where a coin decides (sign test,
    one-sided)."""
    total = gained + lost
    if total > 1000:  # as the normal distribution has it
        return 0.5 * math.erfc((gained - 0.5 - total / 2) / math.sqrt(total / 2))
    ways = sum(math.comb(total, count) for count in range(gained, total + 1))
    return ways / (1 << total)
