"""Which contents may be copies of which: an undirected graph with distances, in arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visualsearch_cli.vectors.pairs import Nodes


@dataclass(frozen=True, slots=True)
class NearGraph:
    """Undirected edges between the nodes 0 to size - 1, each edge once, a < b, ordered by (a, b).

    a, b: int64 (n,). distances: float32 (n,).
    """

    size: int
    a: Nodes
    b: Nodes
    distances: npt.NDArray[np.float32]

    @classmethod
    def of(cls, size: int, a: Nodes, b: Nodes, distances: npt.NDArray[np.float32]) -> NearGraph:
        """Return the graph of edges in any order and direction: of equal ones the shortest, no loops."""
        low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
        order = np.lexsort((distances, high, low))
        low, high, distances = low[order], high[order], distances[order]
        kept = low != high
        kept[1:] &= (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        return cls(size, low[kept], high[kept], distances[kept].astype(np.float32))

    def within(self, distance: float) -> NearGraph:
        """Return the graph of the edges that are at most that long."""
        kept = self.distances <= distance
        return NearGraph(self.size, self.a[kept], self.b[kept], self.distances[kept])

    def among(self, alive: npt.NDArray[np.bool_]) -> NearGraph:
        """Return the graph of the edges between nodes that are alive, bool (size,)."""
        kept = alive[self.a] & alive[self.b]
        return NearGraph(self.size, self.a[kept], self.b[kept], self.distances[kept])

    def renamed(self, names: Nodes, size: int) -> NearGraph:
        """Return the graph with its nodes renamed, int64 (size,); those of one name become one."""
        return NearGraph.of(size, names[self.a], names[self.b], self.distances)

    def distance(self, a: int, b: int) -> float | None:
        """Return the length of an edge, or None if there is none."""
        a, b = min(a, b), max(a, b)
        first, last = np.searchsorted(self.a, [a, a + 1])
        position = first + np.searchsorted(self.b[first:last], b)
        return float(self.distances[position]) if position < last and self.b[position] == b else None

    def neighbors(self) -> Callable[[int], list[tuple[int, float]]]:
        """Return what gives the neighbors of a node, nearest first."""
        sources = np.concatenate([self.a, self.b])
        targets = np.concatenate([self.b, self.a])
        lengths = np.concatenate([self.distances, self.distances])
        order = np.lexsort((targets, lengths, sources))
        sources, targets, lengths = sources[order], targets[order], lengths[order]
        starts = np.searchsorted(sources, np.arange(self.size + 1))

        def of(node: int) -> list[tuple[int, float]]:
            part = slice(starts[node], starts[node + 1])
            return list(zip(targets[part].tolist(), lengths[part].tolist(), strict=True))

        return of

    def leaders(self) -> Nodes:
        """Return the nodes with edges that come before every node within two edges.

        Their neighborhoods share no node, so what is decided of one cannot change another: taking all of
        them at once gives what taking the nodes one by one, in order, would give.
        """
        lowest = np.arange(self.size)
        for _ in range(2):
            spread = lowest.copy()
            np.minimum.at(spread, self.a, lowest[self.b])
            np.minimum.at(spread, self.b, lowest[self.a])
            lowest = spread
        touched = np.zeros(self.size, bool)
        touched[self.a] = touched[self.b] = True
        return np.flatnonzero(touched & (lowest == np.arange(self.size)))
