"""What edits find with regions and without: recall, and how near pictures of different things come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from visualsearch_cli.calibration.levels import RATES
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float32]

RATE = 1e-6  # of the pairs that are no copies, how many may pass for copies
BLOCK = 64  # queries compared at a time

FULL, INDEXED, ASKED = "full frames", "regions of the index", "regions of the query"
WAYS = (FULL, INDEXED, ASKED)
"""What is compared: full frames; the query's with the index's best region; the query's best region with the
index's full frames. Regions are never compared with regions."""

USED = {"full frames": 1, "regions of the index": 2, "regions of both": 3}
"""How many of WAYS a search uses."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Queries compared with an index that holds the original of each.

    own, best: float32 (ways, n), distances in each way of WAYS: to the original, and to the nearest other.
    levels: (ways, rates), the distance below which a share of RATES of the pairs of different pictures lies.
    thresholds: the same at RATE for each of USED, of distances with the margin added to those of regions.
    """

    own: Floats
    best: Floats
    levels: Floats
    thresholds: dict[str, float]
    margin: float

    def recall_at_1(self, used: int, rows: slice, margin: float | None = None) -> float:
        """The share of queries whose original is nearer than any other picture, regions with their margin."""
        own, best = (_merged(part[:used, rows], self._margin(margin)) for part in (self.own, self.best))
        return float((own < best).mean())

    def recall_at_rate(self, used: str, rows: slice) -> float:
        """The share of queries nearer to their original than the threshold."""
        own = _merged(self.own[: USED[used], rows], self.margin)
        return float((own < self.thresholds[used]).mean())

    def _margin(self, margin: float | None) -> float:
        return self.margin if margin is None else margin


def _merged(distances: Floats, margin: float) -> Floats:
    """Return the least of the ways, (ways, ...) to (...), what is not of full frames being held farther."""
    least: Floats = np.concatenate([distances[:1], distances[1:] + np.float32(margin)]).min(axis=0)
    return least


def compare(
    queries: Embeddings,
    originals: npt.NDArray[np.int64],
    index: Embeddings,
    margin: float,
    kinds: npt.NDArray[np.int64] | None = None,
) -> Comparison:
    """Compare every query with every picture of an index, in each of WAYS.

    queries: float32 (n, frames, dim), unit rows, the full frame first, then its regions.
    originals: int64 (n,), the row of each query's original in the index.
    index: float32 (m, frames, dim), likewise.
    kinds: int64 (m,). Pictures of one kind may show the same thing: apart from the original, a query is
        not compared with those of its kind. None: each picture is a kind of its own.
    """
    n, frames, dim = queries.shape
    kinds = np.arange(len(index)) if kinds is None else kinds
    pairs = int((len(index) - np.bincount(kinds)[kinds[originals]]).sum())
    full, parts = np.ascontiguousarray(index[:, 0]), index[:, 1:].reshape(-1, dim)
    own, best = (np.empty((len(WAYS), n), np.float32) for _ in range(2))
    lowest = [_Lowest(int(max(RATES) * pairs) + 1) for _ in WAYS]
    merged = {name: _Lowest(int(RATE * pairs) + 1) for name in USED}
    for start in range(0, n, BLOCK):
        block = slice(start, min(start + BLOCK, n))
        asked, truth = queries[block], originals[block]
        rows = np.arange(len(asked))
        distances = np.stack(
            [
                1 - asked[:, 0] @ full.T,
                1 - (asked[:, 0] @ parts.T).reshape(len(asked), len(index), -1).max(axis=2),
                1 - (asked[:, 1:].reshape(-1, dim) @ full.T).reshape(len(asked), frames - 1, -1).max(axis=1),
            ]
        )
        own[:, block] = distances[:, rows, truth]
        distances[:, kinds[truth][:, np.newaxis] == kinds] = np.inf
        best[:, block] = distances.min(axis=2)
        for way, found in enumerate(lowest):
            found.take(distances[way])
        for name, found in merged.items():
            found.take(_merged(distances[: USED[name]], margin))
    levels = np.array([[found.at(int(rate * pairs)) for rate in RATES] for found in lowest], np.float32)
    thresholds = {name: found.at(int(RATE * pairs)) for name, found in merged.items()}
    return Comparison(own, best, levels, thresholds, margin)


class _Lowest:
    """The smallest of many values."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._values = np.full(count, np.inf, np.float32)
        self._limit = np.float32(np.inf)

    def take(self, values: Floats) -> None:
        kept = values[values < self._limit]
        if len(kept):
            self._values = np.partition(np.concatenate([self._values, kept]), self._count - 1)[: self._count]
            self._limit = self._values.max()

    def at(self, rank: int) -> float:
        """Return the value that so many are smaller than."""
        return float(np.partition(self._values, rank)[rank])
