"""All pairs in partitions: each finds some of the pairs by itself, and together they find all of them.

Planes cut the space into cells, one a partition. Each cell is cut in two across the direction in which its
vectors differ most, until there are as many as are wanted, of about the same size.

Why no pair is missed. Take two vectors x and y at most r apart.

1. If both lie in one cell, the partition of that cell compares them.
2. If not, one of both cells *takes* from the other, say that of x. It lies on one side of each plane on the
   way to it, and x with it. If y lies beyond some of these planes, whose normals are u, by v(u), then
   (x - y)·u is at least v(u) for each of them. So the sum of v² is at most λ r², where λ bounds how much
   longer |x - y|² can seem through these normals together: 1 if they are at right angles, and never more
   than the largest row sum of their products (Gershgorin). A partition takes all y for which that holds.

For each two cells one alone takes from the other, so no pair of vectors is compared twice, and all partitions
together multiply at most as much as one machine would.

What each machine must know alike, the planes, is made of whole numbers from a sample of the vectors: it is
the same with every processor. Everything else may round: a vector nearer to a plane than `SLACK` counts as
lying on both sides of it. So a few pairs may be found twice, and none is missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.progress import Advance
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.pairs import Nodes, Pairs, pairs_between, pairs_within

SAMPLE = 4096
"""Vectors that planes are made of, at even steps among all: cells differ in size by some hundredths."""

UNIT = 1024
"""What a value of 1 is as a whole number: sums of products of 4,096 vectors of 65,536 such values, scaled as
they are, stay far below 2**53."""

TURNS = 24
"""Times that a direction is multiplied by how the vectors vary. The proof holds for any direction."""

SLACK = 1e-6
"""Above what float64 rounds where float32 vectors meet a plane, and float32 where distances are stored."""

MOST_PARTITIONS = 4096

Whole: TypeAlias = "npt.NDArray[np.float64]"
"""Whole numbers below 2**53 as float64: their sums and products are exact, and quickly made."""

_AT_ONCE = 2**22  # distances to planes that are held together: 32 MB


class Plane(NamedTuple):
    """Where a cell is cut in two: x lies beyond it if x·normal is `offset` or more."""

    normal: npt.NDArray[np.float64]  # (dim,), of unit length
    offset: float


class Cuts(NamedTuple):
    """Cells, numbered from 0, and the planes between them.

    planes: the first cuts all of the space. ways: for each cell, the numbers of the planes on the way to it,
    and whether it lies beyond each.
    """

    planes: tuple[Plane, ...]
    ways: tuple[tuple[tuple[int, bool], ...], ...]


class PartitionRows(NamedTuple):
    """The rows that one partition compares.

    home: those of its cell, compared with each other. border: those of other cells that may be near to them,
    compared with `home` alone. int64, rising.
    """

    home: Nodes
    border: Nodes


def cuts_of(vectors: Embeddings, count: int) -> Cuts:
    """Return `count` cells of about as many vectors each, the same on every machine.

    vectors: float32 (n, dim), rows of about unit length, in an order that all machines share.
    """
    step = max(1, -(-len(vectors) // SAMPLE))
    sample = np.rint(vectors[::step].astype(np.float64) * UNIT)
    planes: list[Plane] = []
    ways: list[tuple[tuple[int, bool], ...]] = []

    def cut(rows: Whole, count: int, way: tuple[tuple[int, bool], ...]) -> None:
        if count == 1:
            ways.append(way)
            return
        direction = _direction(rows)
        along = rows @ direction
        before = count // 2
        middle = float(np.sort(along)[len(along) * before // count]) if len(along) else 0.0
        length = float(np.sqrt(direction @ direction))
        number = len(planes)
        planes.append(Plane(direction / length, middle / (UNIT * length)))
        cut(rows[along < middle], before, (*way, (number, False)))
        cut(rows[along >= middle], count - before, (*way, (number, True)))

    cut(sample, count, ())
    return Cuts(tuple(planes), tuple(ways))


def _direction(rows: Whole) -> Whole:
    """Return about the direction in which rows (n, dim) differ most, with values up to UNIT, (dim,).

    By the power method on what they differ from their mean by. All sums are whole and below 2**53, so they do
    not depend on the order in which a processor adds.
    """
    any_direction = np.zeros(rows.shape[1])
    any_direction[0] = UNIT
    if not len(rows):
        return any_direction
    rest = rows - np.rint(rows.sum(axis=0) / len(rows))
    direction = _scaled(rest[np.argmax((rest * rest).sum(axis=1))], UNIT)
    for _ in range(TURNS if direction.any() else 0):
        direction = _scaled(_scaled(rest @ direction, UNIT**2) @ rest, UNIT)
    return direction if direction.any() else any_direction


def _scaled(values: Whole, most: int) -> Whole:
    """Return whole numbers up to `most` in about the same proportions, or the same if they are small."""
    largest = float(np.abs(values).max())
    return values if largest <= most else np.rint(values * (most / largest))


def rows_of_partition(vectors: Embeddings, cuts: Cuts, cell: int, max_distance: float) -> PartitionRows:
    """Return the rows that the partition of a cell compares, to find pairs at most `max_distance` apart.

    vectors: those that the cuts were made of, or others. A cosine distance.
    """
    reach = _reach(vectors, max_distance)
    way = cuts.ways[cell]
    numbers = [number for number, _ in way]
    normals = np.array([cuts.planes[number].normal for number in numbers]).reshape(-1, vectors.shape[1])
    seeming = float(np.abs(normals @ normals.T).sum(axis=1).max()) + SLACK if numbers else 1.0
    beyond = np.array([1.0 if is_beyond else -1.0 for _, is_beyond in way])
    taken_from = np.array([_takes(cell, other, len(cuts.ways)) for other in range(len(cuts.ways))])
    home, border = [], []
    for start, sides in _sides(vectors, cuts):
        lacking = np.maximum(-sides[:, numbers] * beyond - SLACK, 0.0)  # how far beyond the planes of its way
        is_home = ~lacking.any(axis=1)
        is_near = np.einsum("ij,ij->i", lacking, lacking) <= seeming * reach**2
        cells, is_unsure = _cells(sides, cuts)
        home.append(start + np.flatnonzero(is_home))
        border.append(start + np.flatnonzero(is_near & ~is_home & (taken_from[cells] | is_unsure)))
    none = np.empty(0, np.int64)
    return PartitionRows(np.concatenate([none, *home]), np.concatenate([none, *border]))


def _reach(vectors: Embeddings, max_distance: float) -> float:
    """Return how far apart, by Euclid, two of the vectors can be at most whose cosine distance is that."""
    squares = max((float(np.einsum("ij,ij->i", part, part).max()) for part in _chunks(vectors)), default=1.0)
    # |x - y|² = |x|² + |y|² - 2 x·y. float32 sums of squares are a little off.
    apart = 2 * squares * (1 + vectors.shape[1] * 2.0**-23) - 2.0 * (1.0 - max_distance - SLACK)
    return float(np.sqrt(max(apart, 0.0))) + SLACK


def _chunks(vectors: Embeddings, size: int = 65_536) -> Iterator[Embeddings]:
    return (vectors[start : start + size] for start in range(0, len(vectors), size))


def _takes(cell: int, other: int, count: int) -> bool:
    """Tell whether a cell takes from another: one of both does, and each from about half of them."""
    ahead = (other - cell) % count
    return 0 < 2 * ahead < count or (2 * ahead == count and cell < other)


def _sides(vectors: Embeddings, cuts: Cuts) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    """Yield the number of a first row, and how far beyond each plane rows from there on lie."""
    normals = np.array([plane.normal for plane in cuts.planes]).reshape(-1, vectors.shape[1])
    offsets = np.array([plane.offset for plane in cuts.planes])
    size = max(1, _AT_ONCE // (len(cuts.planes) + vectors.shape[1]))
    for number, rows in enumerate(_chunks(vectors, size)):
        yield number * size, rows.astype(np.float64) @ normals.T - offsets


def _cells(sides: npt.NDArray[np.float64], cuts: Cuts) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the cell of each row, (n,), and whether it may be another one, so near is a plane."""
    cells = np.zeros(len(sides), np.int64)
    is_unsure = np.zeros(len(sides), bool)
    for cell, way in enumerate(cuts.ways):
        inside = np.ones(len(sides), bool)
        for number, is_beyond in way:
            inside &= (sides[:, number] >= 0) == is_beyond
        cells[inside] = cell
        for number, _ in way:
            is_unsure |= inside & (np.abs(sides[:, number]) <= SLACK)
    return cells, is_unsure


def pairs_of_partition(
    vectors: Embeddings, rows: PartitionRows, max_distance: float, advance: Advance = lambda _: None
) -> Pairs:
    """Return the pairs a < b of rows that one partition finds, each as far apart as `pairs_within` says,
    to the last bit. `advance` is told the rows of its cell that are done, twice each."""
    home = vectors[rows.home]
    inside = pairs_within(home, max_distance, advance)
    across = pairs_between(home, vectors[rows.border], max_distance, advance)
    a = np.concatenate([rows.home[inside.a], rows.home[across.a]])
    b = np.concatenate([rows.home[inside.b], rows.border[across.b]])
    return _each_once(a, b, np.concatenate([inside.distances, across.distances]))


def merged_pairs(parts: Sequence[Pairs]) -> Pairs:
    """Return the pairs that partitions found, each once: of all partitions, what `pairs_within` returns."""
    pairs = Pairs.joined(parts)
    return _each_once(pairs.a, pairs.b, pairs.distances)


def _each_once(
    a: npt.NDArray[np.integer], b: npt.NDArray[np.integer], distances: npt.NDArray[np.float32]
) -> Pairs:
    low, high = np.minimum(a, b).astype(np.int32), np.maximum(a, b).astype(np.int32)
    order = np.lexsort((high, low))
    low, high, distances = low[order], high[order], distances[order]
    kept = np.ones(len(low), bool)
    kept[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return Pairs(low[kept], high[kept], distances[kept])
